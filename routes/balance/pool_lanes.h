/* pool_lanes.h - the items of a pool that wait for credits. For routes/balance/pool*.c only.
 *
 * A lane holds, in order, items whose rooms are served by the very same instances. So when its
 * first item cannot be sent, none of it can, and there are as many lanes as there are different
 * sets of instances waited for: mostly one, however many items wait. Several lanes may have the
 * same set; lanes_first() takes the oldest of all their first items, which keeps the order. */
#ifndef ROUTES_BALANCE_POOL_LANES_H
#define ROUTES_BALANCE_POOL_LANES_H

#include "routes/balance/pool_instance.h"

#define SET_WORDS (POOL_INSTANCES_MAX / 64)

/* Instances by their slots. All zero is the empty one. */
struct instance_set {
	uint64_t words[SET_WORDS];
};

void instance_set_add(struct instance_set *set, size_t slot);
void instance_set_remove(struct instance_set *set, size_t slot);
bool instance_set_has(const struct instance_set *set, size_t slot);
bool instance_set_empty(const struct instance_set *set);

struct pool_lane {
	struct instance_set served_by;
	struct item_chain items; /* never empty; their order grows */
	struct pool_lane *next, *previous;
};

/* All zero is the empty one; it is empty again, and has nothing to free, when all items have been
 * removed. */
struct pool_lanes {
	struct pool_lane *first;
	size_t waiting; /* items in all lanes */
};

/* Lets an item wait; its order is set. */
void lanes_add(struct pool_lanes *lanes, struct pool_item *item,
	       const struct instance_set *served_by);

/* Takes a waiting item out. */
void lanes_remove(struct pool_lanes *lanes, struct pool_item *item);

/* The oldest of the waiting items that one of these instances serves, or NULL. */
struct pool_item *lanes_first(const struct pool_lanes *lanes, const struct instance_set *available);

/* Nothing waits for the instance in that slot any more. Costs one step a lane. */
void lanes_withdraw(struct pool_lanes *lanes, size_t slot);

/* What that instance serves waits for it, too. Costs up to one match an item. */
void lanes_offer(struct pool_lanes *lanes, const struct pool_instance *instance);

#endif
