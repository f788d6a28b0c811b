#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

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

/* Borrows until the next call. */
static const char *said_by(void (*says)(void))
{
	static char said[32768];
	FILE *target = tmpfile();
	int before = dup(STDERR_FILENO);
	size_t len;

	assert_non_null(target);
	assert_true(before >= 0 && dup2(fileno(target), STDERR_FILENO) >= 0);
	says();
	dup2(before, STDERR_FILENO);
	close(before);
	rewind(target);
	len = fread(said, 1, sizeof(said) - 1, target);
	said[len] = '\0';
	fclose(target);
	return said;
}

static void say(enum log_cause cause, size_t index, const char *name)
{
	struct log_fields fields = { .event = "upstream_down" };

	log_each_limited(cause, index, name, LOG_WARNING, &fields, "%s speaks", name);
}

static void many_of_one(void)
{
	for (int i = 0; i < LOG_LIMIT_LINES + 12; i++)
		say(LOG_UPSTREAM_DOWN, 3, "loud");
	say(LOG_UPSTREAM_DOWN, 4, "calm");
	say(LOG_UPSTREAM_UP, 3, "up");
	log_limited(LOG_CALL, LOG_WARNING, "asked");
}

static void the_end(void)
{
	log_limits_tell(true);
}

/* One that has none left takes none of another's, nor of another cause. */
static void each_has_lines_of_its_own(void **state)
{
	const char *said = said_by(many_of_one);
	unsigned count = 0;

	(void)state;
	assert_non_null(strstr(said, "calm speaks"));
	assert_non_null(strstr(said, "up speaks"));
	assert_non_null(strstr(said, "asked"));
	for (const char *at = said; (at = strstr(at, "loud speaks")); at++)
		count++;
	assert_int_equal(count, LOG_LIMIT_LINES);
	said = said_by(the_end);
	assert_non_null(
	    strstr(said, "upstreams that are down: loud: 12 more lines within a minute"));
	assert_null(strstr(said, "calm"));
	assert_string_equal(said_by(the_end), "");
}

/* What is left out of each is told of by name. */
static void overflow_each(void)
{
	for (int cause = 0; cause < LOG_CAUSES; cause++)
		for (int i = 0; i < LOG_LIMIT_LINES + 1; i++)
			log_limited((enum log_cause)cause, LOG_WARNING, "x");
}

static void each_cause_has_a_name(void **state)
{
	(void)state;
	said_by(overflow_each);
	assert_null(strstr(said_by(the_end), "(null)"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(so_many_a_minute),
		cmocka_unit_test(few_lines_are_all_written),
		cmocka_unit_test(the_rest_is_summed_up_once),
		cmocka_unit_test(each_has_lines_of_its_own),
		cmocka_unit_test(each_cause_has_a_name),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
