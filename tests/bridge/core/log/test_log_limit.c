#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "bridge/core/log/log_limit.h"

#define START UINT64_C(5000000)

static unsigned take_many(struct log_limit *limit, unsigned count, uint64_t now_ms)
{
	unsigned written = 0;
	uint64_t summed;

	while (count--) {
		written += log_limit_take(limit, now_ms, &summed);
		assert_int_equal(summed, 0);
	}
	return written;
}

static void so_many_a_minute(void **state)
{
	struct log_limit limit = { .lines = 0 };
	uint64_t summed;

	(void)state;
	assert_int_equal(take_many(&limit, 1000, START), LOG_LIMIT_LINES);
	assert_int_equal(take_many(&limit, 1000, START + LOG_LIMIT_MS - 1), 0);
	assert_true(log_limit_take(&limit, START + LOG_LIMIT_MS, &summed));
	assert_int_equal(summed, 2000 - LOG_LIMIT_LINES);
	assert_int_equal(take_many(&limit, 1000, START + LOG_LIMIT_MS), LOG_LIMIT_LINES - 1);
}

static void few_lines_are_all_written(void **state)
{
	struct log_limit limit = { .lines = 0 };

	(void)state;
	for (uint64_t minute = 0; minute < 50; minute++)
		assert_int_equal(take_many(&limit, LOG_LIMIT_LINES, START + minute * LOG_LIMIT_MS),
				 LOG_LIMIT_LINES);
	assert_int_equal(log_limit_over(&limit, START * 2, true), 0);
}

/* What was left out is told once, whether lines come again or not. */
static void the_rest_is_summed_up_once(void **state)
{
	struct log_limit limit = { .lines = 0 };
	uint64_t summed;

	(void)state;
	take_many(&limit, LOG_LIMIT_LINES + 7, START);
	assert_int_equal(log_limit_over(&limit, START + LOG_LIMIT_MS - 1, false), 0);
	assert_int_equal(log_limit_over(&limit, START + LOG_LIMIT_MS, false), 7);
	assert_int_equal(log_limit_over(&limit, START + LOG_LIMIT_MS, false), 0);
	assert_true(log_limit_take(&limit, START + LOG_LIMIT_MS, &summed));
	assert_int_equal(summed, 0);
	take_many(&limit, LOG_LIMIT_LINES, START + LOG_LIMIT_MS);
	assert_int_equal(log_limit_over(&limit, START + LOG_LIMIT_MS, true), 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(so_many_a_minute),
		cmocka_unit_test(few_lines_are_all_written),
		cmocka_unit_test(the_rest_is_summed_up_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
