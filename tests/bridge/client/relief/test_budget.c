#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "bridge/client/relief/budget.h"

#define MOST 1000000

static void use(struct budget *budget, int64_t bytes)
{
	budget_settle(budget, &bytes);
	assert_int_equal(bytes, 0);
}

static void small_counts_stay_with_the_worker(void **state)
{
	struct budget *budget;
	int64_t counted = BUDGET_STEP - 1;

	(void)state;
	budget = budget_new(MOST, 1024, 1);
	budget_count(budget, &counted);
	assert_int_equal(counted, BUDGET_STEP - 1);
	counted++;
	budget_count(budget, &counted);
	assert_int_equal(counted, 0);
	counted = -BUDGET_STEP;
	budget_count(budget, &counted);
	assert_int_equal(counted, 0);
	assert_int_equal(budget->used, 0);
	budget_free(budget);
}

static void at_the_budget_nothing_is_done(void **state)
{
	struct budget *budget;
	size_t level;
	bool told;

	(void)state;
	budget = budget_new(MOST, 1024, 1);
	use(budget, MOST);
	assert_false(budget_is_over(budget));
	use(budget, 1);
	assert_true(budget_is_over(budget));
	assert_int_equal(budget_round(budget, 0, 5000, &level, &told), 1);
	assert_true(told);
	assert_int_equal(level, 1024);
	/* It goes on until there is some room. */
	use(budget, -2);
	assert_true(budget_is_over(budget));
	use(budget, -MOST / 8);
	assert_int_equal(budget_round(budget, 0, 5000, &level, &told), 0);
	assert_false(budget_is_over(budget));
	budget_free(budget);
}

/* The next level comes when all workers are done with the one before. */
static void workers_go_down_together(void **state)
{
	struct budget *budget;
	size_t level;
	bool told;

	(void)state;
	budget = budget_new(MOST, 1024, 3);
	use(budget, 2 * MOST);
	assert_int_equal(budget_round(budget, 0, 1, &level, &told), 1);
	assert_true(told);
	assert_false(budget_round_done(budget, 1, 1));
	assert_int_equal(budget_round(budget, 1, 1, &level, &told), 0);
	assert_int_equal(budget_round(budget, 0, 1, &level, &told), 1);
	assert_false(told);
	assert_false(budget_round_done(budget, 1, 1));
	assert_int_equal(budget_round(budget, 0, 1, &level, &told), 1);
	assert_true(budget_round_done(budget, 1, 1));
	assert_int_equal(budget_round(budget, 1, 1, &level, &told), 2);
	assert_int_equal(level, 512);
	budget_free(budget);
}

/* What cannot be given back is not asked for all the time, nor told. */
static void nothing_left_to_do_is_not_done_for_ever(void **state)
{
	struct budget *budget;
	uint32_t round = 0, last = 0;
	unsigned rounds = 0;
	size_t level;
	bool told;

	(void)state;
	budget = budget_new(MOST, 1024, 1);
	use(budget, 2 * MOST);
	while ((round = budget_round(budget, round, 1000, &level, &told)) != 0) {
		assert_true(rounds++ < 20);
		(void)!budget_round_done(budget, round, 1000);
		last = round;
	}
	assert_int_equal(level, 0);
	assert_int_equal(budget_round(budget, last, 1100, &level, &told), 0);
	assert_int_equal(budget_round(budget, last, 1300, &level, &told), last + 1);
	assert_false(told);
	assert_int_equal(level, 1024);
	budget_free(budget);
}

static void it_is_told_once_a_minute(void **state)
{
	struct budget *budget;
	unsigned told_count = 0;
	size_t level;
	bool told;

	(void)state;
	budget = budget_new(MOST, 1024, 1);
	for (uint64_t now = 1000; now < 121000; now += 1000) {
		use(budget, MOST + 1);
		assert_true(budget_round(budget, 0, now, &level, &told) > 0);
		told_count += told;
		use(budget, -MOST - 1);
		assert_int_equal(budget_round(budget, 0, now, &level, &told), 0);
	}
	assert_int_equal(told_count, 2);
	budget_free(budget);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(small_counts_stay_with_the_worker),
		cmocka_unit_test(at_the_budget_nothing_is_done),
		cmocka_unit_test(workers_go_down_together),
		cmocka_unit_test(nothing_left_to_do_is_not_done_for_ever),
		cmocka_unit_test(it_is_told_once_a_minute),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
