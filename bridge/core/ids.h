/* ids.h - ids that rise and are unique over any number of restarts, whatever the clock says.
 *
 * A mark stands in the state folder: every id given so far is below it. It is written ahead of the
 * clock and of the ids; when the clock steps forward, ids follow it only as far as that mark lets
 * them. A clock outside 2024 .. 2054 is not believed: ids go on from the newest one. */
#ifndef BRIDGE_CORE_IDS_H
#define BRIDGE_CORE_IDS_H

#include <stdbool.h>
#include <stdint.h>

struct bridge;
struct worker;

#define IDS_RESERVE_MS UINT64_C(5000)  /* between two calls of ids_next() */
#define IDS_AHEAD_MS   UINT64_C(30000) /* of the clock: so late may the next call be */
#define IDS_BURST_MS   UINT64_C(10000) /* of the newest id: for 512 ids in each millisecond */

/* What is to stand in the state folder. */
struct ids_mark {
	const char *folder; /* borrowed from the configuration that the server began with */
	uint64_t ms;        /* since 1970 */
	int error;          /* errno of ids_write(); 0: it stands there */
};

/* Finds the next mark. True: it is to be written by ids_write(), which waits for the disk, and then
 * told by ids_written(). Else there is no state folder, or nothing to write. Warns when the clock
 * is not to be believed (any more). wall_ms: since 1970. Main thread: every IDS_RESERVE_MS, unless
 * one is still being written. */
bool ids_next(struct bridge *bridge, uint64_t wall_ms, struct ids_mark *mark)
    __attribute__((warn_unused_result));

/* Any thread. */
void ids_write(struct ids_mark *mark);

/* Lets the ids follow. Warns when the mark could not be written; then ids go on all the same. Main
 * thread. */
void ids_written(struct bridge *bridge, const struct ids_mark *mark);

/* All three at once. Main thread: once, before any worker runs. */
void ids_reserve(struct bridge *bridge, uint64_t wall_ms);

/* The worker's ids keep to the bound from now on. Its thread, whenever it reads its clocks. */
void ids_bound(struct worker *worker);

/* Tells how far the worker's ids have come. Its thread, at the end of each turn. */
void ids_given(struct worker *worker);

#endif
