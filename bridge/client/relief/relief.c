#include "bridge/client/relief/relief.h"

#include <inttypes.h>
#include <stdlib.h>

#include "bridge/client/life.h"
#include "bridge/client/relief/budget.h"
#include "bridge/core/log/log_limit.h"
#include "bridge/core/worker.h"
#include "codecs/text/memory.h"

static int fuller_first(const void *one, const void *other)
{
	const struct session *a = *(struct session *const *)one;
	const struct session *b = *(struct session *const *)other;

	return (a->outbox.bytes < b->outbox.bytes) - (a->outbox.bytes > b->outbox.bytes);
}

/* Those with more than so many bytes waiting, the fullest first. Returns new; *count of them. */
static struct session **find_full(const struct worker *worker, size_t level, size_t *count)
{
	struct session **full = memory_new((worker->slot_count + 1) * sizeof(*full));

	*count = 0;
	for (uint32_t i = 0; i < worker->slot_count; i++) {
		struct session *session = worker->slots[i];

		if (session && session->phase <= SESSION_CLOSING && !session->cut &&
		    session->outbox.bytes > level)
			full[(*count)++] = session;
	}
	qsort(full, *count, sizeof(*full), fuller_first);
	return full;
}

/* Each is carried out before the next: only then is it known what that has given back. */
static bool sweep(struct worker *worker, size_t level)
{
	struct budget *budget = worker->bridge->budget;
	size_t count, i;
	struct session **full = find_full(worker, level, &count);

	for (i = 0; i < count && !budget_is_relieved(budget); i++) {
		session_cut_for_memory(full[i]);
		life_carry_out(worker);
		budget_settle(budget, &worker->outbox_bytes);
	}
	free(full);
	return i > 0;
}

static void wake_all(const struct bridge *bridge)
{
	for (unsigned w = 0; w < bridge->worker_count; w++) {
		struct mailbox *box = &bridge->workers[w]->box;

		if (box->wake)
			box->wake(box->owner);
	}
}

static void tell(const struct budget *budget)
{
	log_limited(LOG_MEMORY, LOG_WARNING,
		    "more than %" PRId64 " bytes are queued for all connections (memory_bytes): "
		    "those with the fullest queues are cut, and counted",
		    budget->most);
}

bool relief_turn(struct worker *worker)
{
	struct budget *budget = worker->bridge->budget;
	bool told, next, cut = false;
	size_t level;
	uint32_t round;

	budget_count(budget, &worker->outbox_bytes);
	if (!budget_is_over(budget))
		return false;
	budget_settle(budget, &worker->outbox_bytes);
	while ((round = budget_round(budget, worker->relief_round, worker->tick_ms, &level,
				     &told)) != 0) {
		if (told)
			tell(budget);
		worker->relief_round = round;
		cut |= sweep(worker, level);
		next = budget_round_done(budget, round, worker->tick_ms);
		/* The first of a relief, or the next. */
		if (next || level == budget->first_level)
			wake_all(worker->bridge);
	}
	return cut;
}
