#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "bridge/doors/pace.h"

static struct pace pace;

static unsigned taken(uint64_t key, unsigned tries, uint64_t tick_ms)
{
	unsigned count = 0;

	while (tries--)
		count += pace_take(&pace, key, 10, 3, tick_ms);
	return count;
}

static void so_many_at_once_and_then_so_many_a_second(void **state)
{
	(void)state;
	pace = (struct pace){ 0 };
	assert_int_equal(taken(1, 10, 5000), 3);
	/* A tenth of a second gives one; what is not taken is kept up to the burst. */
	assert_int_equal(taken(1, 10, 5099), 0);
	assert_int_equal(taken(1, 10, 5100), 1);
	assert_int_equal(taken(1, 10, 9000), 3);
	/* Somebody else has a bucket of their own. */
	assert_int_equal(taken(2, 10, 9000), 3);
}

static void trying_costs_nothing(void **state)
{
	(void)state;
	pace = (struct pace){ 0 };
	assert_int_equal(taken(1, 3, 1000), 3);
	for (uint64_t tick = 1001; tick < 1100; tick++)
		assert_int_equal(taken(1, 1, tick), 0);
	assert_int_equal(taken(1, 1, 1100), 1);
}

static void the_clock_may_wrap(void **state)
{
	(void)state;
	pace = (struct pace){ 0 };
	assert_int_equal(taken(1, 10, UINT32_MAX - 50), 3);
	assert_int_equal(taken(1, 10, UINT64_C(49) + UINT32_MAX), 0);
	assert_int_equal(taken(1, 10, UINT64_C(50) + UINT32_MAX), 1);
}

static void without_a_limit(void **state)
{
	(void)state;
	pace = (struct pace){ 0 };
	for (unsigned i = 0; i < 1000; i++)
		assert_true(pace_take(&pace, 1, 0, 1, 0));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(so_many_at_once_and_then_so_many_a_second),
		cmocka_unit_test(trying_costs_nothing),
		cmocka_unit_test(the_clock_may_wrap),
		cmocka_unit_test(without_a_limit),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
