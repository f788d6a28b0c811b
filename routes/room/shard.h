/* shard.h - rooms in 16 parts, the shards. A room's shard follows from its name alone and is a part
 * of its ids, so that both stay what they are when there are more or fewer threads. */
#ifndef ROUTES_ROOM_SHARD_H
#define ROUTES_ROOM_SHARD_H

#include "codecs/model/identity.h"
#include "codecs/text/slice.h"

/* The shard of a room whose folded name that is: below ID_SHARDS. The same for ever: ids that were
 * given hold it. FNV-1a of 64 bits, folded by exclusive or (RFC 9923). */
unsigned shard_of(struct slice folded);

/* Which of so many workers (at least 1) orders a shard's rooms. */
static inline unsigned shard_owner(unsigned shard, unsigned workers)
{
	return shard % workers;
}

#endif
