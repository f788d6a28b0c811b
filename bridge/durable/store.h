/* store.h - the store as the rest of the bridge sees it: mail for it, and rooms out of it. Who
 * keeps them, and how, is an engine's: bridge/store/. */
#ifndef BRIDGE_DURABLE_STORE_H
#define BRIDGE_DURABLE_STORE_H

#include "bridge/core/mailbox.h"
#include "bridge/core/past.h"
#include "bridge/core/room_table.h"
#include "bridge/durable/erasing.h"
#include "bridge/durable/foreign_keeping.h"
#include "routes/room/room.h"

struct bridge;
struct lasting;
struct token_keeping;

/* What the store did so far. */
struct store_state {
	const char *engine; /* constant */
	const char *fault;  /* why the last transaction failed; NULL: it did not. Constant */
	uint64_t records, transactions; /* that were stored */
	uint64_t failures;              /* transactions that were not */
	uint64_t log_bytes;             /* in its log, until they are moved to its file */
	uint64_t retired;               /* messages that were deleted, kept too long */
	uint64_t damaged; /* rows that could not be used, and places where the file is broken */
};

struct store {
	struct mailbox box; /* POST_STORE; each comes back to its worker as POST_STORED, in order.
			     * POST_FOREIGN stays there */
	/* Makes entry->room, which nobody remembers anything of, as it is stored. False: it cannot
	 * be read. The thread of the room's owner, or the main thread before there is one. */
	bool (*load)(struct store *store, struct room_entry *entry, struct room_time now);
	/* Stores what lasts and is of no room (takes; lasting.h), each behind the one before. It
	 * comes back to the main thread as POST_KEPT; or is heard at once, where no server runs.
	 * Main thread. */
	void (*keep)(struct bridge *bridge, struct lasting *lasting);
	/* Stores that tokens were issued, or are none any more (token_keeping.h); keeping is the
	 * store's until it is done. Any thread, until the store's is over. */
	void (*keep_token)(struct store *store, struct token_keeping *keeping);
	/* Stores what an upstream calls messages (copies), in one transaction with what the same
	 * thread posted before, or in a later one. When that fails, it is logged, and lost. Any
	 * thread; a worker by release_keep_foreign(). */
	void (*keep_foreign)(struct store *store, const struct foreign_keeping *keeping);
	/* What was stored so of an upstream and a room, by their names: of the newest messages,
	 * at most most names, by id and those of one message in their order. *settled: as it was
	 * kept last; 0: never. False: it cannot be read, which is logged; what was given are not
	 * all. Any thread, but not from the sink. */
	bool (*load_foreign)(struct store *store, struct slice upstream, struct slice room,
			     size_t most, const struct foreign_sink *sink, uint64_t *settled);
	void (*look)(struct store *store, struct store_state *state); /* any thread */
	/* The room keeps what its configuration (room->conf) says from now on. Main thread. */
	void (*retain)(struct store *store, const struct room_entry *room);
	/* Reads it, some time; past is the store's until it is done. Any thread. */
	void (*read)(struct store *store, struct past *past);
	/* The same of who wrote under a name. It takes a second for each million messages. */
	void (*find)(struct store *store, struct finding *finding);
	/* Erases a person, some time, piece by piece between transactions, from the disk within the
	 * while that is configured; erasing is the store's until it is done. Any thread. */
	void (*erase)(struct store *store, struct erasing *erasing);
};

#endif
