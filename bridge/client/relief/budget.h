/* budget.h - what the outboxes of all connections may take together.
 *
 * Each worker counts for itself what is charged and given back, and settles that in coarse steps,
 * so that several share one sum at next to no cost. Over the budget all workers relieve it, in
 * rounds (bridge/client/relief/relief.h): in one round nobody touches an outbox up to its level, so
 * that the fullest go first wherever they are; when all have done what they can, the next round's
 * level is half as high. */
#ifndef BRIDGE_CLIENT_BUDGET_H
#define BRIDGE_CLIENT_BUDGET_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define BUDGET_STEP 65536 /* bytes that one worker may count for itself */

struct budget {
	int64_t most;
	_Atomic int64_t used;
	atomic_bool relieving;
	pthread_mutex_t lock; /* of all below */
	uint32_t round;       /* 1 .. */
	size_t level;
	size_t first_level;
	unsigned workers, done; /* done: with this round */
	uint64_t told_ms;       /* when it was logged last; 0: never */
	uint64_t stuck_ms;      /* when all was done and that was not enough; 0: never */
};

/* most: bytes. first_level: of the first round. For setup. Returns new. */
struct budget *budget_new(int64_t most, size_t first_level, unsigned workers);

/* NULL is ignored. */
void budget_free(struct budget *budget);

/* Adds what a worker counted for itself since, and zeroes it. Any thread. */
void budget_settle(struct budget *budget, int64_t *counted);

/* The same when it is a step or more; for the way of each message. */
static inline void budget_count(struct budget *budget, int64_t *counted)
{
	if (*counted >= BUDGET_STEP || *counted <= -BUDGET_STEP)
		budget_settle(budget, counted);
}

/* Is there something to be relieved? Then call budget_round(). */
static inline bool budget_is_over(struct budget *budget)
{
	return atomic_load_explicit(&budget->relieving, memory_order_relaxed) ||
	       atomic_load_explicit(&budget->used, memory_order_relaxed) > budget->most;
}

/* So far over it that what is said meanwhile cannot wait for the turn's end, where relief comes. */
static inline bool budget_is_exhausted(struct budget *budget)
{
	return atomic_load_explicit(&budget->used, memory_order_relaxed) >
	       budget->most + budget->most / 8;
}

/* Which round it is for a worker that did `done` last, and its level; 0: none for it now. *told: it
 * is the first of one that has to be logged: once a minute at most. */
uint32_t budget_round(struct budget *budget, uint32_t done, uint64_t now_ms, size_t *level,
		      bool *told);

/* So much less than the budget is enough for now. */
bool budget_is_relieved(struct budget *budget);

/* A worker has done what it could in that round. True: a new one has begun, so all are to be
 * woken. */
bool budget_round_done(struct budget *budget, uint32_t round, uint64_t now_ms)
    __attribute__((warn_unused_result));

#endif
