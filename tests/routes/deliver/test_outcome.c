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

static void in_flight_is_what_has_no_outcome_yet(void **state)
{
	struct ledger ledger = { 0 };

	(void)state;
	ledger.accepted[DIALECT_MIXER] = 10;
	ledger.accepted[DIALECT_SIMPLE] = 5;
	assert_int_equal(ledger_in_flight(&ledger), 15);
	for (size_t o = 0; o < OUTCOMES; o++)
		ledger.outcomes[DIALECT_MIXER][o] = 1;
	assert_int_equal(ledger_in_flight(&ledger), 15 - OUTCOMES);
	ledger.outcomes[DIALECT_MIXER][OUTCOME_DELIVERED] += 10 - OUTCOMES;
	ledger.outcomes[DIALECT_SIMPLE][OUTCOME_DROPPED_GONE] = 5;
	assert_int_equal(ledger_in_flight(&ledger), 0);
}

static void waiting_is_what_was_neither_ordered_nor_refused(void **state)
{
	struct intake intake = { .accepted = 40, .ordered = 10 };

	(void)state;
	assert_int_equal(intake_waiting(&intake), 30);
	for (size_t r = 0; r < REASONS; r++)
		intake.refused[r] = 1;
	assert_int_equal(intake_waiting(&intake), 30 - REASONS);
}

static void ledgers_add_up_field_by_field(void **state)
{
	struct ledger sum = { 0 }, one = { 0 };

	(void)state;
	for (size_t d = 0; d < DIALECTS; d++) {
		one.accepted[d] = 1000 + d;
		for (size_t o = 0; o < OUTCOMES; o++)
			one.outcomes[d][o] = 10 * d + o;
	}
	ledger_add(&sum, &one);
	ledger_add(&sum, &one);
	for (size_t d = 0; d < DIALECTS; d++) {
		assert_int_equal(sum.accepted[d], 2 * (1000 + d));
		for (size_t o = 0; o < OUTCOMES; o++)
			assert_int_equal(sum.outcomes[d][o], 2 * (10 * d + o));
	}
	assert_int_equal(ledger_in_flight(&sum), 2 * ledger_in_flight(&one));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_are_all_there_and_different),
		cmocka_unit_test(in_flight_is_what_has_no_outcome_yet),
		cmocka_unit_test(waiting_is_what_was_neither_ordered_nor_refused),
		cmocka_unit_test(ledgers_add_up_field_by_field),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
