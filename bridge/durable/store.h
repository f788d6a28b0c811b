/* store.h - the store as the rest of the bridge sees it: mail for it, and rooms out of it. Who
 * keeps them, and how, is an engine's: bridge/store/. */
#ifndef BRIDGE_DURABLE_STORE_H
#define BRIDGE_DURABLE_STORE_H

#include "bridge/core/mailbox.h"
#include "bridge/core/room_table.h"
#include "routes/room/room.h"

struct store {
	struct mailbox box; /* POST_STORE; each comes back to its worker as POST_STORED, in order */
	/* Makes entry->room, which nobody remembers anything of, as it is stored. False: it cannot
	 * be read. The thread of the room's owner, or the main thread before there is one. */
	bool (*load)(struct store *store, struct room_entry *entry, struct room_time now);
};

#endif
