/* pool_flow.h - a pool's inside, and how items move between the queue and the instances. For
 * pool.c, where what its owner calls is, pool_flow.c, and tests that count what is where.
 *
 * What may call out (send, settled, gone) says so: then anything may have been settled or
 * forgotten on return, so look everything up again. */
#ifndef ROUTES_BALANCE_POOL_FLOW_H
#define ROUTES_BALANCE_POOL_FLOW_H

#include "routes/balance/pool_lanes.h"

struct pool {
	struct pool_limits limits;
	const struct pool_ops *ops;
	void *owner;
	struct pool_instance *slots[POOL_INSTANCES_MAX];
	size_t slots_end; /* from here on all are empty */
	size_t instances;
	struct instance_set live, leaving; /* each instance is in one of them */
	struct instance_set available;     /* live, not blocked, with credits left */
	struct item_index index;
	struct pool_lanes lanes;
	uint64_t now_ms;
	uint64_t puts, turns;
	bool sending, closing;
};

/* NULL: unknown. */
struct pool_instance *instance_find(const struct pool *pool, struct slice identity);

/* False once it is being buried: its slot may have a new owner by then. */
bool instance_known(const struct pool *pool, const struct pool_instance *instance);

/* Call it whenever an instance's state, credits or items have changed. */
void instance_review(struct pool *pool, const struct pool_instance *instance);

/* A new one, neither live nor leaving yet; NULL when there are too many. */
struct pool_instance *instance_enter(struct pool *pool, struct slice identity);

/* The available one of servers with most credits left, or NULL. */
struct pool_instance *instance_choose(const struct pool *pool, const struct instance_set *servers);

/* Forgets and frees an instance; what it had moves on. Calls out. */
void instance_bury(struct pool *pool, struct pool_instance *instance, enum pool_gone why);

/* Lets go of those that said BYE and have nothing left. Calls out. */
void leavers_release(struct pool *pool);

/* The live instances that serve a room. */
void servers_find(const struct pool *pool, struct slice room, struct instance_set *servers);

/* Sets what is the pool's own in an item. */
void item_open(struct pool_item *item);

/* Into the books of the pool, as the newest; then let it wait, or attach it. */
void item_enter(struct pool *pool, struct pool_item *item);

/* The item is under way at the instance from now on. */
void item_attach(struct pool *pool, struct pool_instance *instance, struct pool_item *item);

/* Out of the books, and its owner is told. Calls out. */
void item_settle(struct pool *pool, struct pool_item *item, enum pool_outcome outcome);

/* Hands an item to an available instance. POOL_SENT: attach it. POOL_BLOCKED: the instance is not
 * available any more. POOL_LOST: it is buried; calls out. */
enum pool_sent item_send(struct pool *pool, struct pool_instance *instance, struct pool_item *item);

/* Sends what waits and can be sent. Calls out. */
void queue_send(struct pool *pool);

#endif
