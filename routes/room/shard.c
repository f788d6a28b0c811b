#include "routes/room/shard.h"

unsigned shard_of(struct slice folded)
{
	uint64_t hash = UINT64_C(14695981039346656037);

	for (size_t i = 0; i < folded.len; i++)
		hash = (hash ^ (unsigned char)folded.data[i]) * UINT64_C(1099511628211);
	/* Its lowest bits alone would follow from the lowest bits of each byte. */
	for (unsigned bits = 32; bits >= 4; bits /= 2)
		hash ^= hash >> bits;
	return (unsigned)(hash & (ID_SHARDS - 1));
}
