/* keeper.h - the second thread of the store, with a connection of its own that only reads: moves
 * what is committed out of the write-ahead log, has what was taken away erased from the disk, finds
 * what is kept too long, and answers who wants to read what rooms do not remember. What it wants
 * written it has the store thread write. */
#ifndef BRIDGE_STORE_KEEPER_H
#define BRIDGE_STORE_KEEPER_H

#include <stdbool.h>
#include <stdint.h>

#include "bridge/store/retention.h"
#include "bridge/store/sqlite/database.h"
#include "bridge/store/store_thread.h"
#include "codecs/text/slice.h"

#define KEEPER_LOG_BYTES    (UINT64_C(64) << 20) /* then the log begins anew, */
#define KEEPER_PART_BYTES   (UINT64_C(4) << 20)  /* and each such part is moved out of it */
#define KEEPER_IDLE_MS      10000                /* as long at most it stays there */
#define KEEPER_RETENTION_MS 60000                /* between two looks at all rooms */

struct keeper;

struct keeper_options {
	enum durability durability;
	uint64_t erase_within_ms;   /* what is taken away is off the disk by then, when nobody reads
				     * for longer; at least 1 */
	struct retention retention; /* of rooms that have none of their own */
};

/* What somebody wants to read. */
struct store_query {
	struct store_query *next; /* the keeper's */
	/* Reads and answers; the query is its own from then on. The keeper's thread; others wait
	 * meanwhile. */
	void (*run)(struct store_query *, struct database *);
};

/* database: a reader, taken. thread: borrowed; its `told` is to be keeper_told(). Returns new, not
 * running. */
struct keeper *keeper_new(struct database *database, struct store_thread *thread,
			  const struct keeper_options *options);

/* False: errno. */
bool keeper_start(struct keeper *keeper) __attribute__((warn_unused_result));

/* Answers what was asked, and ends; before the store thread does. When it was not started, nothing
 * happens. */
void keeper_stop(struct keeper *keeper);

/* NULL is ignored. It is stopped, and so is the store thread. */
void keeper_free(struct keeper *keeper);

/* Something was committed. The store thread. owner: the keeper. */
void keeper_told(void *owner);

/* Takes the query. Any thread, until keeper_stop(). */
void keeper_ask(struct keeper *keeper, struct store_query *query);

/* From now on that room (borrows its name) keeps as much; NULL: as much as others. Any thread. */
void keeper_retain(struct keeper *keeper, struct slice room, const struct retention *retention);

/* How many messages it had deleted that were kept too long. Any thread. */
uint64_t keeper_retired(struct keeper *keeper);

/* How often it found the pages of the file damaged: when it was started, unless that was to do what
 * was left to do. Any thread. */
uint64_t keeper_damaged(struct keeper *keeper);

#endif
