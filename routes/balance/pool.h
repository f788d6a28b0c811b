/* pool.h - the running instances of one backend: who gets what, how much of it may be under way,
 * who is alive, and what became of each item. No sockets and no clock: the owner passes the time
 * and carries out what is called for. One thread.
 *
 * An item (an ask or an event) is settled exactly once, by one call of ops->settled. Instances
 * are DEALERs told apart by their routing identity; each grants credits, one for each item it may
 * have under way. Items go to the live instance, serving the item's room, with the most credits
 * left; without any they wait in a bounded queue until their deadline. They are sent in the order
 * in which they were put, but what only busy instances serve holds up nothing else; items of the
 * same room never pass each other. When an instance dies, what it had goes back to its old place,
 * ahead of what was put later, to be sent again (repeated) with the same id. What its late
 * answers say of items it no longer has is ignored.
 *
 * An instance is live from its READY until its BYE or death. An item that is put while no live
 * instance serves its room is settled as POOL_UNAVAILABLE at once. But one that waits, or is under
 * way, when the last instance that serves its room dies or leaves, waits until its deadline: a
 * supervisor may start another.
 *
 * What the callbacks may call. send, beat: nothing of the pool. settled, gone: everything but
 * pool_free() and pool_tick(); the pool is in order when they are called, the item or instance out
 * of it. So each function below that may send or settle may also settle any other item before it
 * returns; an owner that holds an item's address must look it up again.
 *
 * Costs, with i instances and w items waiting: putting, finding and settling take a step for each
 * instance and each set of instances that is waited for, and up to log w steps for the deadline;
 * a tick takes i steps when nothing is due; only a READY with other rooms looks at all of w. */
#ifndef ROUTES_BALANCE_POOL_H
#define ROUTES_BALANCE_POOL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "codecs/text/slice.h"
#include "routes/balance/pool_types.h"

struct pool;

/* ops and owner are borrowed for the pool's life, limits copied. Returns new. now_ms, below, is
 * on any clock; when it runs backwards, the latest time counts. */
struct pool *pool_new(const struct pool_limits *limits, const struct pool_ops *ops, void *owner);

/* Settles everything as POOL_CLOSED first, also what is put meanwhile; sends nothing, and gone is
 * not called. NULL is ignored. */
void pool_free(struct pool *pool);

/* An instance says it is ready (again, even after its BYE: its rooms, credits and presence are
 * replaced, what it has under way stays). identity: 1 to POOL_IDENTITY_MAX bytes, copied. rooms: at
 * most POOL_PATTERNS_MAX names, or prefixes ending in '*'; none: all; copied. False, and nothing
 * changed, when there are too many instances or rooms, or the identity has a wrong length.
 * *granted: the credits, no more than the limit; with 0 it is live but gets nothing. Sends what
 * waits; when that fails, the instance may be gone again on return. */
bool pool_ready(struct pool *pool, struct slice identity, const struct slice *rooms,
		size_t room_count, uint32_t credits, bool presence, uint64_t now_ms,
		uint32_t *granted) __attribute__((warn_unused_result));

/* Something came from an instance. False when it is unknown (it has to say READY). */
bool pool_heard(struct pool *pool, struct slice identity, uint64_t now_ms)
    __attribute__((warn_unused_result));

/* An instance wants presence, or no more. False when it is unknown. */
bool pool_subscribe(struct pool *pool, struct slice identity, bool presence)
    __attribute__((warn_unused_result));

/* It will take no more; it stays until what it has is settled or it dies. gone is called before
 * this returns when it has nothing. Ignored when it is unknown. */
void pool_bye(struct pool *pool, struct slice identity, uint64_t now_ms);

/* Takes an item (linked until settled). It may be settled, and freed, before this returns: as
 * POOL_EXPIRED when its deadline is not in the future, as POOL_UNAVAILABLE, as POOL_FULL. */
void pool_put(struct pool *pool, struct pool_item *item, uint64_t now_ms);

/* The same for one instance only, whatever the room: never waits and never moves to another;
 * settled as POOL_UNAVAILABLE when that instance is unknown, has said BYE, or dies; as POOL_FULL
 * when it has no credit or is blocked. For presence. */
void pool_put_to(struct pool *pool, struct slice identity, struct pool_item *item, uint64_t now_ms);

/* An answer came: the item with that id which that instance has under way, or NULL (unknown,
 * settled, moved to another, expired). Borrows. */
struct pool_item *pool_find(const struct pool *pool, struct slice identity, uint64_t id);

/* That item, just found, is answered: out of the pool, its credit is back, ops->settled is called
 * with POOL_ANSWERED, and what waits is sent. In time is what comes before the tick that expires
 * it. */
void pool_settle(struct pool *pool, struct pool_item *item, uint64_t now_ms);

/* Buries the dead, expires, beats, and sends what waits. Call it every 100 ms or sooner, and hand
 * over first what has arrived, or a long pause of ours looks like the silence of others. Expired
 * is what has its deadline at now_ms or before; the credit of what was under way is back. */
void pool_tick(struct pool *pool, uint64_t now_ms);

/* Calls each(context, identity) for every live instance that wants presence in this room. identity
 * is valid for that call. each may call what settled may. */
void pool_each_present(struct pool *pool, struct slice room,
		       void (*each)(void *context, struct slice identity), void *context);

/* Calls each(context, identity) for every instance that is not gone, leaving ones too; each calls
 * nothing of the pool. */
void pool_each(const struct pool *pool, void (*each)(void *context, struct slice identity),
	       void *context);

/* Does any live instance want presence? */
bool pool_wants_presence(const struct pool *pool);

/* How many instances are not yet gone. */
size_t pool_instances(const struct pool *pool);

/* How many items wait for credits. */
size_t pool_waiting(const struct pool *pool);

#endif
