#include "bridge/doors/pace.h"

#define ONE 1000U

bool pace_take(struct pace *pace, uint64_t key, uint32_t per_second, uint32_t burst,
	       uint64_t tick_ms)
{
	struct pace_bucket *bucket = &pace->buckets[key & (PACE_BUCKETS - 1)];
	uint64_t gained = (uint64_t)((uint32_t)tick_ms - bucket->tick) * per_second;

	if (per_second == 0)
		return true;
	bucket->tick = (uint32_t)tick_ms;
	bucket->spent = gained < bucket->spent ? bucket->spent - (uint32_t)gained : 0;
	if (bucket->spent + ONE > (uint64_t)burst * ONE)
		return false;
	bucket->spent += ONE;
	return true;
}
