/* snapshot.h - what a worker counted, as it tells the admin thread when that asks (POST_SCRAPE).
 *
 * Of rooms there may be thousands: they are added up here, by who owns the numbers, and only those
 * with metrics = true are told by themselves. So what a scrape costs elsewhere does not depend on
 * how many rooms there are. */
#ifndef BRIDGE_ADMIN_SNAPSHOT_H
#define BRIDGE_ADMIN_SNAPSHOT_H

#include <stddef.h>
#include <stdint.h>

#include "bridge/core/counters.h"
#include "conf/conf.h"

struct worker;

#define SNAPSHOT_NAME_MAX 64 /* bytes of a room's name */

/* A room with metrics = true. */
struct room_reading {
	size_t index; /* of its entry */
	char name[SNAPSHOT_NAME_MAX + 1];
	struct tally tally; /* of all dialects together */
};

/* One block, for free(). */
struct snapshot {
	struct counters counters; /* without rooms */
	struct ledger deliveries; /* of all rooms, those removed among them */
	uint32_t connections;     /* their handshake may wait for an answer */
	size_t room_count;        /* in the table of rooms */
	size_t reading_count;
	struct room_reading readings[];
};

/* The worker's counters as they are now, between two of its turns or when it has ended. Its thread.
 * Returns new. */
struct snapshot *snapshot_take(const struct worker *worker);

#endif
