#include "routes/balance/pool.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "codecs/text/memory.h"
#include "routes/balance/pool_flow.h"

static void time_passes(struct pool *pool, uint64_t now_ms)
{
	assert(!pool->sending);
	if (now_ms > pool->now_ms)
		pool->now_ms = now_ms;
}

static void credits_returned(struct pool *pool)
{
	queue_send(pool);
	leavers_release(pool);
}

/* ---- instances ---- */

struct pool *pool_new(const struct pool_limits *limits, const struct pool_ops *ops, void *owner)
{
	struct pool *pool = memory_zeroed(1, sizeof(*pool));

	pool->limits = *limits;
	if (pool->limits.instances > POOL_INSTANCES_MAX)
		pool->limits.instances = POOL_INSTANCES_MAX;
	pool->ops = ops;
	pool->owner = owner;
	return pool;
}

void pool_free(struct pool *pool)
{
	struct pool_item *item;

	if (!pool)
		return;
	pool->closing = true;
	while ((item = item_index_first(&pool->index)))
		item_settle(pool, item, POOL_CLOSED);
	for (size_t i = 0; i < pool->slots_end; i++)
		if (pool->slots[i])
			instance_free(pool->slots[i]);
	item_index_clear(&pool->index);
	free(pool);
}

bool pool_ready(struct pool *pool, struct slice identity, const struct slice *rooms,
		size_t room_count, uint32_t credits, bool presence, uint64_t now_ms,
		uint32_t *granted)
{
	struct pool_instance *instance = instance_find(pool, identity);
	bool changed;

	time_passes(pool, now_ms);
	if (!identity.len || identity.len > POOL_IDENTITY_MAX || room_count > POOL_PATTERNS_MAX ||
	    pool->closing)
		return false;
	if (!instance)
		instance = instance_enter(pool, identity);
	if (!instance)
		return false;
	*granted = credits < pool->limits.credits ? credits : pool->limits.credits;
	instance->credits = *granted;
	instance->presence = presence;
	instance->heard_ms = pool->now_ms;
	changed = instance_set_rooms(instance, rooms, room_count);
	if (changed || !instance_set_has(&pool->live, instance->slot)) {
		lanes_withdraw(&pool->lanes, instance->slot);
		lanes_offer(&pool->lanes, instance);
	}
	instance_set_add(&pool->live, instance->slot);
	instance_set_remove(&pool->leaving, instance->slot);
	instance_review(pool, instance);
	credits_returned(pool);
	return true;
}

bool pool_heard(struct pool *pool, struct slice identity, uint64_t now_ms)
{
	struct pool_instance *instance = instance_find(pool, identity);

	time_passes(pool, now_ms);
	if (instance)
		instance->heard_ms = pool->now_ms;
	return instance;
}

bool pool_subscribe(struct pool *pool, struct slice identity, bool presence)
{
	struct pool_instance *instance = instance_find(pool, identity);

	if (instance)
		instance->presence = presence;
	return instance;
}

void pool_bye(struct pool *pool, struct slice identity, uint64_t now_ms)
{
	struct pool_instance *instance = instance_find(pool, identity);

	time_passes(pool, now_ms);
	if (!instance)
		return;
	instance->heard_ms = pool->now_ms;
	instance_set_remove(&pool->live, instance->slot);
	instance_set_add(&pool->leaving, instance->slot);
	lanes_withdraw(&pool->lanes, instance->slot);
	instance_review(pool, instance);
	leavers_release(pool);
}

void pool_each_present(struct pool *pool, struct slice room,
		       void (*each)(void *context, struct slice identity), void *context)
{
	char copy[POOL_IDENTITY_MAX];

	for (size_t i = 0; i < pool->slots_end; i++) {
		const struct pool_instance *instance = pool->slots[i];

		if (!instance_set_has(&pool->live, i) || !instance->presence ||
		    !instance_serves(instance, room))
			continue;
		/* What each does may end the instance. */
		memcpy(copy, instance->identity, instance->identity_len);
		each(context, slice_span(copy, instance->identity_len));
	}
}

bool pool_wants_presence(const struct pool *pool)
{
	for (size_t i = 0; i < pool->slots_end; i++)
		if (instance_set_has(&pool->live, i) && pool->slots[i]->presence)
			return true;
	return false;
}

void pool_each(const struct pool *pool, void (*each)(void *context, struct slice identity),
	       void *context)
{
	for (size_t i = 0; i < pool->slots_end; i++)
		if (pool->slots[i])
			each(context, instance_identity(pool->slots[i]));
}

/* ---- items ---- */

/* POOL_ANSWERED: it was sent. POOL_FULL: all servers are busy, servers is set. */
static enum pool_outcome item_place(struct pool *pool, struct pool_item *item,
				    struct instance_set *servers)
{
	struct pool_instance *instance;

	if (pool->closing)
		return POOL_CLOSED;
	if (item->deadline_ms <= pool->now_ms)
		return POOL_EXPIRED;
	do {
		/* Burying an instance may have brought back what is older. */
		queue_send(pool);
		servers_find(pool, item->room, servers);
		if (instance_set_empty(servers))
			return POOL_UNAVAILABLE;
		instance = instance_choose(pool, servers);
		if (!instance)
			return POOL_FULL;
	} while (item_send(pool, instance, item) != POOL_SENT);
	item_enter(pool, item);
	item_attach(pool, instance, item);
	return POOL_ANSWERED;
}

void pool_put(struct pool *pool, struct pool_item *item, uint64_t now_ms)
{
	struct instance_set servers;
	enum pool_outcome outcome;

	time_passes(pool, now_ms);
	item_open(item);
	outcome = item_place(pool, item, &servers);
	if (outcome == POOL_ANSWERED)
		return;
	if (outcome == POOL_FULL && pool->lanes.waiting < pool->limits.queue) {
		item_enter(pool, item);
		lanes_add(&pool->lanes, item, &servers);
		return;
	}
	pool->ops->settled(pool->owner, item, outcome);
}

static enum pool_outcome item_place_at(struct pool *pool, struct slice identity,
				       struct pool_item *item)
{
	struct pool_instance *instance;

	if (pool->closing)
		return POOL_CLOSED;
	if (item->deadline_ms <= pool->now_ms)
		return POOL_EXPIRED;
	queue_send(pool);
	instance = instance_find(pool, identity);
	if (!instance || !instance_set_has(&pool->live, instance->slot))
		return POOL_UNAVAILABLE;
	if (!instance_set_has(&pool->available, instance->slot))
		return POOL_FULL;
	switch (item_send(pool, instance, item)) {
	case POOL_SENT:
		item_enter(pool, item);
		item_attach(pool, instance, item);
		return POOL_ANSWERED;
	case POOL_BLOCKED: return POOL_FULL;
	case POOL_LOST: break;
	}
	/* What the lost one had may go to others at once. */
	queue_send(pool);
	return POOL_UNAVAILABLE;
}

void pool_put_to(struct pool *pool, struct slice identity, struct pool_item *item, uint64_t now_ms)
{
	enum pool_outcome outcome;

	time_passes(pool, now_ms);
	item_open(item);
	item->pinned = true;
	outcome = item_place_at(pool, identity, item);
	if (outcome != POOL_ANSWERED)
		pool->ops->settled(pool->owner, item, outcome);
}

struct pool_item *pool_find(const struct pool *pool, struct slice identity, uint64_t id)
{
	struct pool_item *item = item_index_find(&pool->index, id);
	const struct pool_instance *instance = item ? item->instance : NULL;

	return instance && instance_known(pool, instance) &&
		       slice_equal(instance_identity(instance), identity)
		   ? item
		   : NULL;
}

void pool_settle(struct pool *pool, struct pool_item *item, uint64_t now_ms)
{
	assert(item->instance);
	time_passes(pool, now_ms);
	item_settle(pool, item, POOL_ANSWERED);
	credits_returned(pool);
}

/* ---- time ---- */

static bool instance_silent(const struct pool *pool, const struct pool_instance *instance)
{
	uint64_t patience_ms = (uint64_t)pool->limits.heartbeat_ms * POOL_BEATS_MISSED;

	return patience_ms && pool->now_ms - instance->heard_ms >= patience_ms;
}

static void instances_beat(struct pool *pool)
{
	for (size_t i = 0; i < pool->slots_end; i++) {
		struct pool_instance *instance = pool->slots[i];

		if (!instance || !pool->limits.heartbeat_ms || pool->now_ms < instance->beat_ms)
			continue;
		instance->beat_ms = pool->now_ms + pool->limits.heartbeat_ms;
		pool->sending = true;
		pool->ops->beat(pool->owner, instance_identity(instance));
		pool->sending = false;
	}
}

/* All of them before anything is sent: what is blocked anew stays so. */
static void instances_unblock(struct pool *pool)
{
	for (size_t i = 0; i < pool->slots_end; i++) {
		if (!pool->slots[i])
			continue;
		pool->slots[i]->blocked = false;
		instance_review(pool, pool->slots[i]);
	}
}

void pool_tick(struct pool *pool, uint64_t now_ms)
{
	struct pool_item *item;

	time_passes(pool, now_ms);
	instances_unblock(pool);
	for (size_t i = 0; i < pool->slots_end; i++)
		if (pool->slots[i] && instance_silent(pool, pool->slots[i]))
			instance_bury(pool, pool->slots[i], POOL_SILENT);
	while ((item = item_index_first(&pool->index)) && item->deadline_ms <= pool->now_ms)
		item_settle(pool, item, POOL_EXPIRED);
	instances_beat(pool);
	queue_send(pool);
	leavers_release(pool);
}

size_t pool_instances(const struct pool *pool)
{
	return pool->instances;
}

size_t pool_waiting(const struct pool *pool)
{
	return pool->lanes.waiting;
}
