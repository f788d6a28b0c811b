#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "routes/deliver/outcome.h"
#include "tests/support/books.h"
#include "tests/support/dialects.h"

static void names_are_all_there_and_different(void **state)
{
	(void)state;
	for (size_t i = 0; i < OUTCOMES; i++) {
		assert_non_null(outcome_name((enum outcome)i));
		for (size_t j = 0; j < i; j++)
			assert_string_not_equal(outcome_name((enum outcome)i),
						outcome_name((enum outcome)j));
	}
	assert_string_equal(outcome_name(OUTCOME_DELIVERED), "delivered");
	assert_string_equal(outcome_name(OUTCOME_DROPPED_CUT), "dropped(cut)");
}

static void what_is_accepted_is_in_flight_or_counted_once(void **state)
{
	struct ledger ledger = { 0 };
	struct tally *mixer = &ledger.dialects[DIALECT_MIXER];
	struct tally *simple = &ledger.dialects[DIALECT_SIMPLE];

	(void)state;
	assert_true(tallies_balance(ledger.dialects));
	mixer->accepted = mixer->in_flight = 10;
	simple->accepted = simple->in_flight = 5;
	assert_true(tallies_balance(ledger.dialects));
	assert_int_equal(tallies_in_flight(ledger.dialects), 15);
	for (size_t o = 0; o < OUTCOMES; o++) {
		mixer->outcomes[o]++;
		/* Counted twice: queued still, and done. */
		assert_false(tallies_balance(ledger.dialects));
		mixer->in_flight--;
		assert_true(tallies_balance(ledger.dialects));
	}
	assert_int_equal(tallies_in_flight(ledger.dialects), 15 - OUTCOMES);
	simple->in_flight--; /* lost: it left the queue, and nothing says how */
	assert_false(tallies_balance(ledger.dialects));
	simple->outcomes[OUTCOME_DROPPED_GONE]++;
	assert_true(tallies_balance(ledger.dialects));
}

/* Of two dialects, what one has too much is not what another lacks. */
static void dialects_balance_each_by_itself(void **state)
{
	struct ledger ledger = { 0 };

	(void)state;
	ledger.dialects[DIALECT_MIXER].accepted = 1;
	ledger.dialects[DIALECT_SIMPLE].outcomes[OUTCOME_DELIVERED] = 1;
	assert_false(tallies_balance(ledger.dialects));
}

static void a_draft_waits_or_has_one_outcome(void **state)
{
	struct intake intake = { .accepted = 40, .ordered = 10, .waiting = 30 };

	(void)state;
	assert_true(intake_balances(&intake));
	for (size_t r = 0; r < REASONS; r++) {
		intake.refused[r] = 1;
		assert_false(intake_balances(&intake));
		intake.waiting--;
		assert_true(intake_balances(&intake));
	}
	intake.dropped++;
	intake.waiting--;
	assert_true(intake_balances(&intake));
	/* A worker that took what another sent has less than none waiting. */
	intake = (struct intake){ .routed = 1, .waiting = (uint64_t)-1 };
	assert_true(intake_balances(&intake));
}

static void ledgers_add_up_field_by_field(void **state)
{
	struct ledger sum = { 0 }, one = { 0 };

	(void)state;
	for (size_t d = 0; d < DIALECTS; d++) {
		one.dialects[d].accepted = 1000 + d;
		for (size_t o = 0; o < OUTCOMES; o++)
			one.dialects[d].outcomes[o] = 10 * d + o;
	}
	tallies_add(sum.dialects, one.dialects);
	tallies_add(sum.dialects, one.dialects);
	for (size_t d = 0; d < DIALECTS; d++) {
		assert_int_equal(sum.dialects[d].accepted, 2 * (1000 + d));
		for (size_t o = 0; o < OUTCOMES; o++)
			assert_int_equal(sum.dialects[d].outcomes[o], 2 * (10 * d + o));
	}
	assert_int_equal(tallies_in_flight(sum.dialects), 2 * tallies_in_flight(one.dialects));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_are_all_there_and_different),
		cmocka_unit_test(what_is_accepted_is_in_flight_or_counted_once),
		cmocka_unit_test(dialects_balance_each_by_itself),
		cmocka_unit_test(a_draft_waits_or_has_one_outcome),
		cmocka_unit_test(ledgers_add_up_field_by_field),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
