#include "bridge/audit.h"

#include "bridge/client/session.h"
#include "bridge/core/counters.h"

static bool backends_balance(const struct worker *worker)
{
	for (size_t b = 0; b < worker->bridge->backend_count; b++)
		if (!counter_rows_balance(&counter_rows_backend, &worker->counters->backends[b]))
			return false;
	return true;
}

static bool rooms_balance(const struct worker *worker)
{
	for (const struct room_share *share = worker->shares; share; share = share->next)
		if (!tallies_balance(share->tallies))
			return false;
	return tallies_balance(worker->counters->removed.dialects);
}

/* What waits in the session's outbox and is counted. */
static uint64_t queued_for(const struct session *session)
{
	const struct outbox *outbox = &session->outbox;
	uint64_t count = 0;

	for (uint32_t i = 0; i < outbox->count; i++)
		count += outbox->entries[outbox->first + i].tally != NULL;
	return count;
}

static bool outboxes_agree(const struct worker *worker)
{
	uint64_t left = tallies_in_flight(worker->counters->removed.dialects);

	for (const struct room_share *share = worker->shares; share; share = share->next)
		left += tallies_in_flight(share->tallies);
	for (uint32_t i = 0; i < worker->slot_count; i++)
		if (worker->slots[i])
			left -= queued_for(worker->slots[i]);
	return left == 0;
}

const char *audit_worker(const struct worker *worker)
{
	if (!intake_balances(&worker->counters->intake))
		return "drafts: accepted is not outcomes and waiting together";
	if (!backends_balance(worker))
		return "backends: accepted is not outcomes and under_way together";
	if (!rooms_balance(worker))
		return "deliveries: accepted is not outcomes and in_flight together";
	if (!outboxes_agree(worker))
		return "deliveries: in_flight is not what is in the outboxes";
	return NULL;
}
