#include "routes/deliver/outcome.h"

static const char *const outcome_names[OUTCOMES] = {
	[OUTCOME_DELIVERED] = "delivered",
	[OUTCOME_DEGRADED] = "degraded",
	[OUTCOME_REFUSED] = "refused",
	[OUTCOME_EXPIRED] = "expired",
	[OUTCOME_DROPPED_NO_WORD] = "dropped(no_word)",
	[OUTCOME_DROPPED_HIDDEN] = "dropped(hidden)",
	[OUTCOME_DROPPED_MUTED] = "dropped(muted)",
	[OUTCOME_DROPPED_GONE] = "dropped(gone)",
	[OUTCOME_DROPPED_CUT] = "dropped(cut)",
};

const char *outcome_name(enum outcome outcome)
{
	return outcome_names[outcome];
}

void tally_add(struct tally *sum, const struct tally *one)
{
	sum->accepted += one->accepted;
	sum->in_flight += one->in_flight;
	for (size_t o = 0; o < OUTCOMES; o++)
		sum->outcomes[o] += one->outcomes[o];
}

void tallies_add(struct tally *sum, const struct tally *one)
{
	for (size_t d = 0; d < registry_count(); d++)
		tally_add(&sum[d], &one[d]);
}

uint64_t tallies_in_flight(const struct tally *tallies)
{
	uint64_t sum = 0;

	for (size_t d = 0; d < registry_count(); d++)
		sum += tallies[d].in_flight;
	return sum;
}

static bool tally_balances(const struct tally *tally)
{
	uint64_t left = tally->accepted - tally->in_flight;

	for (size_t o = 0; o < OUTCOMES; o++)
		left -= tally->outcomes[o];
	return left == 0;
}

bool tallies_balance(const struct tally *tallies)
{
	for (size_t d = 0; d < registry_count(); d++)
		if (!tally_balances(&tallies[d]))
			return false;
	return true;
}

bool intake_balances(const struct intake *intake)
{
	uint64_t left = intake->accepted - intake->ordered - intake->unchanged - intake->routed -
			intake->dropped;

	for (size_t r = 0; r < REASONS; r++)
		left -= intake->refused[r];
	return left == intake->waiting;
}
