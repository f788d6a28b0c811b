/* pool.h - the running instances of one backend: who gets what, how much of it may be under way,
 * who is alive, and what became of each item. No sockets and no clock: the owner passes the time
 * and carries out what is called for. One thread.
 *
 * An item (an ask or an event) is settled exactly once, by one call of ops->settled. Instances
 * are DEALERs told apart by their routing identity; each grants credits, one for each item it may
 * have under way. Items go to the live instance, serving the item's room, with the most credits
 * left; without any they wait, in order, in a bounded queue until their deadline. When an instance
 * dies, what it had goes back to the head of the queue in order, to be sent again (repeated) with
 * the same id. What its late answers say of items it no longer has is ignored. */
#ifndef ROUTES_POOL_H
#define ROUTES_POOL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "codecs/slice.h"

#define POOL_IDENTITY_MAX  255
#define POOL_INSTANCES_MAX 256
#define POOL_PATTERNS_MAX  64
#define POOL_BEATS_MISSED  2 /* this many heartbeat intervals without a word: dead */

enum pool_outcome {
	POOL_ANSWERED,    /* pool_settle() */
	POOL_EXPIRED,     /* its deadline passed, waiting or under way */
	POOL_UNAVAILABLE, /* no live instance serves the room */
	POOL_FULL,        /* the queue is full */
	POOL_CLOSED,      /* the pool was freed, or the item cancelled */
	POOL_OUTCOMES
};

/* One ask or event. The owner embeds it and owns the memory; the pool links it from pool_put()
 * until settled. */
struct pool_item {
	uint64_t id;          /* unique in the pool; not 0 */
	uint64_t deadline_ms; /* on the clock whose time is passed as now_ms */
	struct slice room;    /* canonical name; borrowed until settled; absent: any instance */
	bool repeated;        /* set by the pool: it may have been received before */
	/* the pool's own */
	struct pool_item *next, *previous;
	struct pool_instance *instance; /* NULL: waiting */
	uint64_t order;
	void *hash[8]; /* room for a hash handle, see pool.c */
};

enum pool_sent {
	POOL_SENT,
	POOL_BLOCKED, /* its pipe is full just now: try again at the next tick */
	POOL_LOST     /* it is not there any more */
};

struct pool_ops {
	/* Sends an item to an instance. Called from any of the calls below. */
	enum pool_sent (*send)(void *owner, struct slice identity, struct pool_item *item);
	/* A heartbeat is due. Never blocks; may be lost. */
	void (*beat)(void *owner, struct slice identity);
	/* The item is out of the pool; the owner may free it. */
	void (*settled)(void *owner, struct pool_item *item, enum pool_outcome outcome);
	/* An instance is forgotten; died: by silence, not by its BYE. */
	void (*gone)(void *owner, struct slice identity, bool died);
};

struct pool_limits {
	uint32_t queue;        /* items that may wait for credits */
	uint32_t heartbeat_ms; /* between heartbeats, either way */
	uint32_t instances;    /* at most POOL_INSTANCES_MAX */
	uint32_t credits;      /* most that one instance may grant */
};

struct pool;

/* ops and owner are borrowed for the pool's life, limits copied. Returns new. */
struct pool *pool_new(const struct pool_limits *limits, const struct pool_ops *ops, void *owner);

/* Settles everything as POOL_CLOSED first. NULL is ignored. */
void pool_free(struct pool *pool);

/* An instance says it is ready (again: its rooms, credits and presence are replaced, what it has
 * under way stays). rooms: names, or prefixes ending in '*'; none: all; copied. False when there
 * are too many instances. Returns the credits granted in *granted. Sends what waits. */
bool pool_ready(struct pool *pool, struct slice identity, const struct slice *rooms,
		size_t room_count, uint32_t credits, bool presence, uint64_t now_ms,
		uint32_t *granted) __attribute__((warn_unused_result));

/* Something came from an instance. False when it is unknown (it has to say READY). */
bool pool_heard(struct pool *pool, struct slice identity, uint64_t now_ms)
    __attribute__((warn_unused_result));

/* An instance wants presence, or no more. False when it is unknown. */
bool pool_subscribe(struct pool *pool, struct slice identity, bool presence)
    __attribute__((warn_unused_result));

/* It will take no more; it stays until what it has is settled or it dies. */
void pool_bye(struct pool *pool, struct slice identity, uint64_t now_ms);

/* Takes an item (linked until settled). It may be settled, and freed, before this returns. */
void pool_put(struct pool *pool, struct pool_item *item, uint64_t now_ms);

/* The same for one instance only: never moves to another; settled as POOL_UNAVAILABLE when that
 * instance is unknown or dies, as POOL_FULL when it has no credit. For presence. */
void pool_put_to(struct pool *pool, struct slice identity, struct pool_item *item, uint64_t now_ms);

/* The item with that id which that instance has under way, or NULL (unknown, settled, moved to
 * another, expired). Borrows. */
struct pool_item *pool_find(struct pool *pool, struct slice identity, uint64_t id);

/* That item is answered: out of the pool, its credit is back, ops->settled is called with
 * POOL_ANSWERED, and what waits is sent. */
void pool_settle(struct pool *pool, struct pool_item *item, uint64_t now_ms);

/* The asker is gone: settles it as POOL_CLOSED. An instance that has it keeps the credit spent
 * until it answers, expires or dies. */
void pool_cancel(struct pool *pool, struct pool_item *item, uint64_t now_ms);

/* Expires, buries the dead, beats, and sends what waits. Call it every 100 ms or sooner. */
void pool_tick(struct pool *pool, uint64_t now_ms);

/* Calls each(context, identity) for every live instance that wants presence in this room. each may
 * call pool_put_to(). */
void pool_each_present(struct pool *pool, struct slice room,
		       void (*each)(void *context, struct slice identity), void *context);

/* For counters and tests. */
size_t pool_instances(const struct pool *pool);
size_t pool_waiting(const struct pool *pool);
size_t pool_under_way(const struct pool *pool);

#endif
