/* ids.h - ids that rise and are unique over any number of restarts, whatever the clock says.
 *
 * A mark stands in the state folder: every id given so far is below it. It is written ahead of the
 * clock and of the ids; when the clock steps forward, ids follow it only as far as that mark lets
 * them. A clock outside 2024 .. 2054 is not believed: ids go on from the newest one. */
#ifndef BRIDGE_CORE_IDS_H
#define BRIDGE_CORE_IDS_H

#include <stdint.h>

struct bridge;
struct worker;

#define IDS_RESERVE_MS UINT64_C(5000)  /* between two calls of ids_reserve() */
#define IDS_AHEAD_MS   UINT64_C(30000) /* of the clock: so late may the next call be */
#define IDS_BURST_MS   UINT64_C(10000) /* of the newest id: for 512 ids in each millisecond */

/* Writes the next mark, when there is a state folder, and lets the ids follow. Warns when the clock
 * is not to be believed (any more), or the mark cannot be written; then ids go on all the same.
 * wall_ms: since 1970. Main thread: once before any worker runs, then every IDS_RESERVE_MS. */
void ids_reserve(struct bridge *bridge, uint64_t wall_ms);

/* The worker's ids keep to the bound from now on. Its thread, whenever it reads its clocks. */
void ids_bound(struct worker *worker);

/* Tells how far the worker's ids have come. Its thread, at the end of each turn. */
void ids_given(struct worker *worker);

#endif
