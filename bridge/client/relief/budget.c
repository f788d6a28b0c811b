#include "bridge/client/relief/budget.h"

#include <stdlib.h>

#include "codecs/text/memory.h"

#define TOLD_MS  60000
#define STUCK_MS 250
#define ENOUGH_8 7 /* eighths of the budget: then it is relieved */

struct budget *budget_new(int64_t most, size_t first_level, unsigned workers)
{
	struct budget *budget = memory_zeroed(1, sizeof(*budget));

	budget->most = most;
	budget->first_level = budget->level = first_level;
	budget->workers = workers;
	pthread_mutex_init(&budget->lock, NULL);
	return budget;
}

void budget_free(struct budget *budget)
{
	if (!budget)
		return;
	pthread_mutex_destroy(&budget->lock);
	free(budget);
}

void budget_settle(struct budget *budget, int64_t *counted)
{
	atomic_fetch_add_explicit(&budget->used, *counted, memory_order_relaxed);
	*counted = 0;
}

bool budget_is_relieved(struct budget *budget)
{
	return atomic_load_explicit(&budget->used, memory_order_relaxed) <=
	       budget->most / 8 * ENOUGH_8;
}

static void begin(struct budget *budget, size_t level)
{
	budget->level = level;
	budget->round++;
	budget->done = 0;
}

/* What is left after all was done goes by itself, with connections that end. */
static bool is_stuck(const struct budget *budget, uint64_t now_ms)
{
	return budget->stuck_ms != 0 && now_ms - budget->stuck_ms < STUCK_MS;
}

static void relief_begin(struct budget *budget, uint64_t now_ms, bool *told)
{
	begin(budget, budget->first_level);
	atomic_store_explicit(&budget->relieving, true, memory_order_relaxed);
	*told = budget->told_ms == 0 || now_ms - budget->told_ms >= TOLD_MS;
	if (*told)
		budget->told_ms = now_ms;
}

uint32_t budget_round(struct budget *budget, uint32_t done, uint64_t now_ms, size_t *level,
		      bool *told)
{
	uint32_t round = 0;

	*told = false;
	pthread_mutex_lock(&budget->lock);
	if (budget_is_relieved(budget))
		atomic_store_explicit(&budget->relieving, false, memory_order_relaxed);
	else if (!atomic_load_explicit(&budget->relieving, memory_order_relaxed) &&
		 !is_stuck(budget, now_ms))
		relief_begin(budget, now_ms, told);
	if (atomic_load_explicit(&budget->relieving, memory_order_relaxed) && budget->round != done)
		round = budget->round;
	*level = budget->level;
	pthread_mutex_unlock(&budget->lock);
	return round;
}

/* At the lowest level there is no other round: what fills up meanwhile begins at the top again. */
bool budget_round_done(struct budget *budget, uint32_t round, uint64_t now_ms)
{
	bool next = false;

	pthread_mutex_lock(&budget->lock);
	if (round == budget->round && ++budget->done >= budget->workers) {
		next = budget->level > 0 && !budget_is_relieved(budget);
		budget->stuck_ms = budget_is_relieved(budget) ? 0 : now_ms;
		if (next)
			begin(budget, budget->level / 2);
		else
			atomic_store_explicit(&budget->relieving, false, memory_order_relaxed);
	}
	pthread_mutex_unlock(&budget->lock);
	return next;
}
