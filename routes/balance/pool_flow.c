#include "routes/balance/pool_flow.h"

#include <stdlib.h>

/* ---- instances ---- */

struct pool_instance *instance_find(const struct pool *pool, struct slice identity)
{
	for (size_t i = 0; i < pool->slots_end; i++)
		if (pool->slots[i] && slice_equal(instance_identity(pool->slots[i]), identity))
			return pool->slots[i];
	return NULL;
}

bool instance_known(const struct pool *pool, const struct pool_instance *instance)
{
	return pool->slots[instance->slot] == instance;
}

void instance_review(struct pool *pool, const struct pool_instance *instance)
{
	if (!instance_known(pool, instance))
		return;
	if (instance_set_has(&pool->live, instance->slot) && !instance->blocked &&
	    instance_credits_left(instance))
		instance_set_add(&pool->available, instance->slot);
	else
		instance_set_remove(&pool->available, instance->slot);
}

struct pool_instance *instance_enter(struct pool *pool, struct slice identity)
{
	size_t slot = 0;

	if (pool->instances == pool->limits.instances)
		return NULL;
	while (pool->slots[slot])
		slot++;
	if (slot >= pool->slots_end)
		pool->slots_end = slot + 1;
	pool->instances++;
	pool->slots[slot] = instance_new(identity, slot);
	pool->slots[slot]->beat_ms = pool->now_ms + pool->limits.heartbeat_ms;
	return pool->slots[slot];
}

static void instance_leave(struct pool *pool, size_t slot)
{
	pool->slots[slot] = NULL;
	pool->instances--;
	while (pool->slots_end && !pool->slots[pool->slots_end - 1])
		pool->slots_end--;
	instance_set_remove(&pool->live, slot);
	instance_set_remove(&pool->leaving, slot);
	instance_set_remove(&pool->available, slot);
	lanes_withdraw(&pool->lanes, slot);
}

void servers_find(const struct pool *pool, struct slice room, struct instance_set *servers)
{
	*servers = (struct instance_set){ { 0 } };
	for (size_t i = 0; i < pool->slots_end; i++)
		if (instance_set_has(&pool->live, i) && instance_serves(pool->slots[i], room))
			instance_set_add(servers, i);
}

/* Of equals, the one whose last turn is longest ago. */
static bool instance_before(const struct pool_instance *a, const struct pool_instance *b)
{
	uint32_t left_a = instance_credits_left(a), left_b = instance_credits_left(b);

	return left_a != left_b ? left_a > left_b : a->last_turn < b->last_turn;
}

struct pool_instance *instance_choose(const struct pool *pool, const struct instance_set *servers)
{
	struct pool_instance *best = NULL;

	for (size_t i = 0; i < pool->slots_end; i++)
		if (instance_set_has(&pool->available, i) && instance_set_has(servers, i) &&
		    (!best || instance_before(pool->slots[i], best)))
			best = pool->slots[i];
	return best;
}

/* ---- items ---- */

void item_open(struct pool_item *item)
{
	item->repeated = item->pinned = false;
	item->next = item->previous = item->bucket_next = NULL;
	item->instance = NULL;
	item->lane = NULL;
}

static void item_hold(const struct pool_item *item, uint64_t more)
{
	for (size_t i = 0; i < sizeof(item->held) / sizeof(item->held[0]); i++)
		if (item->held[i])
			*item->held[i] += more;
}

void item_enter(struct pool *pool, struct pool_item *item)
{
	item_hold(item, 1);
	item->order = ++pool->puts;
	item_index_add(&pool->index, item);
}

void item_attach(struct pool *pool, struct pool_instance *instance, struct pool_item *item)
{
	item->instance = instance;
	item_chain_append(&instance->items, item);
	instance_review(pool, instance);
}

static void item_detach(struct pool *pool, struct pool_item *item)
{
	struct pool_instance *instance = item->instance;

	item->instance = NULL;
	item_chain_remove(&instance->items, item);
	instance_review(pool, instance);
}

/* Out of the books, wherever it is. */
static void item_leave(struct pool *pool, struct pool_item *item)
{
	item_hold(item, (uint64_t)-1);
	item_index_remove(&pool->index, item);
	if (item->instance)
		item_detach(pool, item);
	else
		lanes_remove(&pool->lanes, item);
}

void item_settle(struct pool *pool, struct pool_item *item, enum pool_outcome outcome)
{
	item_leave(pool, item);
	pool->ops->settled(pool->owner, item, outcome);
}

/* ---- the end of an instance ---- */

/* Back to where they were in the queue; nothing is called. */
static void items_return(struct pool *pool, struct pool_instance *instance)
{
	struct instance_set servers;
	struct pool_item *next;

	for (struct pool_item *item = instance->items.first; item; item = next) {
		next = item->next;
		if (item->pinned)
			continue;
		item_detach(pool, item);
		item->repeated = true;
		servers_find(pool, item->room, &servers);
		lanes_add(&pool->lanes, item, &servers);
	}
}

void instance_bury(struct pool *pool, struct pool_instance *instance, enum pool_gone why)
{
	instance_leave(pool, instance->slot);
	items_return(pool, instance);
	while (instance->items.first)
		item_settle(pool, instance->items.first, POOL_UNAVAILABLE);
	pool->ops->gone(pool->owner, instance_identity(instance), why);
	instance_free(instance);
}

void leavers_release(struct pool *pool)
{
	if (instance_set_empty(&pool->leaving) || pool->closing)
		return;
	for (size_t i = 0; i < pool->slots_end; i++)
		if (instance_set_has(&pool->leaving, i) && !pool->slots[i]->items.count)
			instance_bury(pool, pool->slots[i], POOL_LEFT);
}

/* ---- sending ---- */

enum pool_sent item_send(struct pool *pool, struct pool_instance *instance, struct pool_item *item)
{
	enum pool_sent sent;

	pool->sending = true;
	sent = pool->ops->send(pool->owner, instance_identity(instance), item);
	pool->sending = false;
	switch (sent) {
	case POOL_SENT: instance->last_turn = ++pool->turns; break;
	case POOL_BLOCKED:
		instance->blocked = true;
		instance_review(pool, instance);
		break;
	case POOL_LOST: instance_bury(pool, instance, POOL_CUT); break;
	}
	return sent;
}

/* Each step looks at everything afresh, because a settled item's owner may have done anything. */
void queue_send(struct pool *pool)
{
	struct pool_instance *instance;
	struct pool_item *item;

	while (!pool->closing && (item = lanes_first(&pool->lanes, &pool->available))) {
		if (item->deadline_ms <= pool->now_ms) {
			item_settle(pool, item, POOL_EXPIRED);
			continue;
		}
		instance = instance_choose(pool, &item->lane->served_by);
		if (item_send(pool, instance, item) != POOL_SENT)
			continue;
		lanes_remove(&pool->lanes, item);
		item_attach(pool, instance, item);
	}
}
