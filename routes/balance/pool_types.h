/* pool_types.h - what a pool and its owner have in common: items, limits, and what the owner does
 * when it is called back. How they go together: pool.h. */
#ifndef ROUTES_BALANCE_POOL_TYPES_H
#define ROUTES_BALANCE_POOL_TYPES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "codecs/text/slice.h"

#define POOL_IDENTITY_MAX  255
#define POOL_INSTANCES_MAX 256
#define POOL_PATTERNS_MAX  64
#define POOL_BEATS_MISSED  2 /* this many heartbeat intervals without a word: dead */

enum pool_outcome {
	POOL_ANSWERED,    /* pool_settle() */
	POOL_EXPIRED,     /* its deadline passed, waiting or under way */
	POOL_UNAVAILABLE, /* no live instance served the room when it was put; pool_put_to(): its
			   * instance is unknown, leaving, or died */
	POOL_FULL,        /* the queue is full, or pool_put_to() found no credit */
	POOL_CLOSED,      /* the pool was freed */
	POOL_OUTCOMES
};

/* One ask or event. The owner embeds it and owns the memory; the pool links it from pool_put()
 * until settled. */
struct pool_item {
	uint64_t id;          /* unique in the pool; not 0 */
	uint64_t deadline_ms; /* on the clock whose time is passed as now_ms */
	struct slice room;    /* canonical name; borrowed until settled; absent: any instance */
	bool repeated;        /* set by the pool: it may have been received before */
	/* Each is one higher while the pool has it; NULL: there is none. Borrowed until settled. */
	uint64_t *held[2];
	/* the pool's own; whatever they hold before pool_put() */
	bool pinned;
	struct pool_item *next, *previous, *bucket_next;
	struct pool_instance *instance; /* has it under way; NULL: waiting */
	struct pool_lane *lane;         /* where it waits */
	uint64_t order;                 /* grows with each put */
	size_t heap_place;
};

enum pool_sent {
	POOL_SENT,
	POOL_BLOCKED, /* its pipe is full just now: gets nothing until the next tick */
	POOL_LOST     /* it is not there any more: buried at once, the item was not sent */
};

enum pool_gone {
	POOL_LEFT,   /* by its BYE */
	POOL_SILENT, /* for POOL_BEATS_MISSED heartbeats */
	POOL_CUT     /* what was sent found it lost */
};

struct pool_ops {
	/* Sends an item to an instance. Called from any of the calls below that may send. */
	enum pool_sent (*send)(void *owner, struct slice identity, struct pool_item *item);
	/* A heartbeat is due. Never blocks; may be lost. */
	void (*beat)(void *owner, struct slice identity);
	/* The item is out of the pool; the owner may free it. */
	void (*settled)(void *owner, struct pool_item *item, enum pool_outcome outcome);
	/* An instance is forgotten. identity: borrowed for the call. */
	void (*gone)(void *owner, struct slice identity, enum pool_gone why);
};

struct pool_limits {
	uint32_t queue;        /* items that may wait for credits; what dead instances had may
				* come on top */
	uint32_t heartbeat_ms; /* between heartbeats, either way; 0: none, there is no timeout */
	uint32_t instances;    /* at most POOL_INSTANCES_MAX; those that said BYE count, too */
	uint32_t credits;      /* most that one instance may grant */
};

#endif
