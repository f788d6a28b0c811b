#include "routes/deliver/outcome.h"

static const char *const outcome_names[OUTCOMES] = {
	[OUTCOME_DELIVERED] = "delivered",
	[OUTCOME_DEGRADED] = "degraded",
	[OUTCOME_REFUSED] = "refused",
	[OUTCOME_EXPIRED] = "expired",
	[OUTCOME_DROPPED_NO_WORD] = "dropped(no_word)",
	[OUTCOME_DROPPED_MUTED] = "dropped(muted)",
	[OUTCOME_DROPPED_GONE] = "dropped(gone)",
	[OUTCOME_DROPPED_CUT] = "dropped(cut)",
};

const char *outcome_name(enum outcome outcome)
{
	return outcome_names[outcome];
}

void ledger_add(struct ledger *sum, const struct ledger *one)
{
	for (size_t d = 0; d < DIALECTS_MAX; d++) {
		sum->accepted[d] += one->accepted[d];
		for (size_t o = 0; o < OUTCOMES; o++)
			sum->outcomes[d][o] += one->outcomes[d][o];
	}
}

uint64_t ledger_in_flight(const struct ledger *ledger)
{
	uint64_t left = 0;

	for (size_t d = 0; d < DIALECTS_MAX; d++) {
		left += ledger->accepted[d];
		for (size_t o = 0; o < OUTCOMES; o++)
			left -= ledger->outcomes[d][o];
	}
	return left;
}

uint64_t intake_waiting(const struct intake *intake)
{
	uint64_t left = intake->accepted - intake->ordered - intake->unchanged - intake->routed -
			intake->dropped;

	for (size_t r = 0; r < REASONS; r++)
		left -= intake->refused[r];
	return left;
}
