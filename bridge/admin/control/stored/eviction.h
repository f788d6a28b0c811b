/* eviction.h - people whose account is no more, or whose name or number is another's now: their
 * connections end. Main thread. */
#ifndef BRIDGE_ADMIN_CONTROL_STORED_EVICTION_H
#define BRIDGE_ADMIN_CONTROL_STORED_EVICTION_H

#include <stddef.h>

#include "bridge/core/people/people.h"
#include "bridge/core/post.h"

struct call;

/* What a worker did: for who hears of it. */
struct eviction {
	struct inquiry head;
	size_t count;  /* of numbers, */
	size_t closed; /* and of connections */
	uint32_t numbers[];
};

/* The connections of those who have to go, as change (takes what it holds) says, are closed. For
 * each worker hear gets a struct eviction; then proceed is called, at once if nobody has to go. */
void evict(struct call *call, struct people_change *change,
	   void (*hear)(struct call *, struct inquiry *), void (*proceed)(struct call *));

/* The same, where nobody waits for it. */
struct bridge;
void evict_unheard(struct bridge *bridge, struct people_change *change);

#endif
