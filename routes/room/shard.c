#include "routes/room/shard.h"

unsigned shard_of(struct slice folded)
{
	uint64_t hash = slice_fnv(folded);

	/* Its lowest bits alone would follow from the lowest bits of each byte. */
	for (unsigned bits = 32; bits >= 4; bits /= 2)
		hash ^= hash >> bits;
	return (unsigned)(hash & (ID_SHARDS - 1));
}
