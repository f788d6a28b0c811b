/* pace.h - how many things somebody may do in a while: buckets, of which there is a fixed number,
 * so that two may share one now and then. One worker's thread. */
#ifndef BRIDGE_DOORS_PACE_H
#define BRIDGE_DOORS_PACE_H

#include <stdbool.h>
#include <stdint.h>

#define PACE_BUCKETS 4096 /* a power of two */

struct pace_bucket {
	uint32_t tick;  /* of a steady clock, ms: may wrap */
	uint32_t spent; /* thousandths */
};

/* Zeroed is ready. */
struct pace {
	struct pace_bucket buckets[PACE_BUCKETS];
};

/* Takes one. key: a keyed hash of who it is. per_second 0: no limit. False: there is none left. */
bool pace_take(struct pace *pace, uint64_t key, uint32_t per_second, uint32_t burst,
	       uint64_t tick_ms) __attribute__((warn_unused_result));

#endif
