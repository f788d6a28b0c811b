/* test_pool_stage.h - a pool whose owner writes down what it is told: "a:7" item 7 was sent to
 * instance a, "a:7!" sent again, "a~7" blocked, "a/7" lost; "7=answered" settled; "a^" heartbeat;
 * "a-" gone, "a+" died silently, "a*" was found cut off. */
#ifndef TESTS_ROUTES_BALANCE_TEST_POOL_STAGE_H
#define TESTS_ROUTES_BALANCE_TEST_POOL_STAGE_H

#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "routes/balance/pool.h"
#include "routes/balance/pool_flow.h"

struct stage {
	struct pool *pool;
	uint64_t now_ms;
	char told[2048], last[2048];
	char blocked, lost;    /* the instance that is, 0: none */
	struct pool_item *put; /* when something is settled, put this */
	const char *ready;     /* when something is settled, this is ready, without credits */
	uint64_t settle;       /* when something is settled, instance a answers this */
};

__attribute__((format(printf, 2, 3))) static void told(struct stage *stage, const char *format, ...)
{
	size_t len = strlen(stage->told);
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(stage->told + len, sizeof(stage->told) - len, format, arguments);
	va_end(arguments);
}

static void ready(struct stage *stage, const char *identity, const char *room, uint32_t credits);

static enum pool_sent stage_send(void *owner, struct slice identity, struct pool_item *item)
{
	struct stage *stage = owner;
	enum pool_sent sent = POOL_SENT;
	char mark = ':';

	if (*identity.data == stage->blocked) {
		sent = POOL_BLOCKED;
		mark = '~';
	} else if (*identity.data == stage->lost) {
		sent = POOL_LOST;
		mark = '/';
	}
	told(stage, " %c%c%" PRIu64 "%s", *identity.data, mark, item->id,
	     item->repeated ? "!" : "");
	return sent;
}

static void stage_beat(void *owner, struct slice identity)
{
	told(owner, " %c^", *identity.data);
}

static void stage_settled(void *owner, struct pool_item *item, enum pool_outcome outcome)
{
	static const char *const names[POOL_OUTCOMES] = { "answered", "expired", "unavailable",
							  "full", "closed" };
	struct stage *stage = owner;
	struct pool_item *put = stage->put, *found;
	const char *newcomer = stage->ready;

	told(stage, " %" PRIu64 "=%s", item->id, names[outcome]);
	free(item);
	stage->put = NULL;
	stage->ready = NULL;
	if (newcomer)
		ready(stage, newcomer, NULL, 0);
	if (put)
		pool_put(stage->pool, put, stage->now_ms);
	found = stage->settle ? pool_find(stage->pool, SLICE("a"), stage->settle) : NULL;
	stage->settle = 0;
	if (found)
		pool_settle(stage->pool, found, stage->now_ms);
}

static void stage_gone(void *owner, struct slice identity, enum pool_gone why)
{
	told(owner, " %c%c", *identity.data, why == POOL_LEFT ? '-' : why == POOL_CUT ? '*' : '+');
}

static const struct pool_ops stage_ops = { stage_send, stage_beat, stage_settled, stage_gone };

/* Heartbeats every 1000 ms, ten credits an instance, five instances. */
static void stage_open(struct stage *stage, uint32_t queue)
{
	const struct pool_limits limits = { queue, 1000, 5, 10 };

	memset(stage, 0, sizeof(*stage));
	stage->now_ms = 100;
	stage->pool = pool_new(&limits, &stage_ops, stage);
}

/* What was told since the last time. */
static const char *stage_told(struct stage *stage)
{
	memcpy(stage->last, stage->told, sizeof(stage->last));
	stage->told[0] = '\0';
	return stage->last[0] ? stage->last + 1 : "";
}

#define assert_told(stage, text) assert_string_equal(stage_told(stage), text)

static void stage_close(struct stage *stage)
{
	pool_free(stage->pool);
	stage->pool = NULL;
}

/* rooms: one, or NULL for all. */
static void ready(struct stage *stage, const char *identity, const char *room, uint32_t credits)
{
	struct slice rooms[] = { slice_of(room) };
	uint32_t granted = 0;

	assert_true(pool_ready(stage->pool, slice_of(identity), rooms, room ? 1 : 0, credits, false,
			       stage->now_ms, &granted));
	assert_int_equal(granted, credits);
}

/* Freed when it is settled. */
static struct pool_item *item_new(const struct stage *stage, uint64_t id, const char *room)
{
	struct pool_item *item = malloc(sizeof(*item));

	/* The pool is not to rely on what was there. */
	memset(item, 0xa5, sizeof(*item));
	item->id = id;
	item->deadline_ms = stage->now_ms + 5000;
	item->room = slice_of(room);
	item->held[0] = item->held[1] = NULL;
	return item;
}

static inline void put(struct stage *stage, uint64_t id, const char *room)
{
	pool_put(stage->pool, item_new(stage, id, room), stage->now_ms);
}

static inline void put_to(struct stage *stage, const char *identity, uint64_t id)
{
	pool_put_to(stage->pool, slice_of(identity), item_new(stage, id, "r"), stage->now_ms);
}

/* False when the instance does not have it. */
static inline bool answer(struct stage *stage, const char *identity, uint64_t id)
{
	struct pool_item *item = pool_find(stage->pool, slice_of(identity), id);

	if (item)
		pool_settle(stage->pool, item, stage->now_ms);
	return item;
}

/* What waits for credits, and what instances have. */
static inline size_t waiting(const struct stage *stage)
{
	return stage->pool->lanes.waiting;
}

static inline size_t under_way(const struct stage *stage)
{
	size_t count = 0;

	for (size_t i = 0; i < stage->pool->slots_end; i++)
		count += stage->pool->slots[i] ? stage->pool->slots[i]->items.count : 0;
	return count;
}

static inline void heard(struct stage *stage, const char *identity)
{
	assert_true(pool_heard(stage->pool, slice_of(identity), stage->now_ms));
}

static inline void bye(struct stage *stage, const char *identity)
{
	pool_bye(stage->pool, slice_of(identity), stage->now_ms);
}

static inline void tick(struct stage *stage, uint64_t ms)
{
	stage->now_ms += ms;
	pool_tick(stage->pool, stage->now_ms);
}

#endif
