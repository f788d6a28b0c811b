#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "conf/read/nearest.h"

static const char *const words[] = { "workers", "guests", "state", "log_level",
				     "limits",  "run",    NULL };

static void assert_nearest(const char *word, const char *expected)
{
	const char *found = conf_nearest(word, words);

	if (!expected)
		assert_null(found);
	else if (!found)
		fail_msg("nothing is near '%s'", word);
	else
		assert_string_equal(found, expected);
}

static void finds_one_slip(void **state)
{
	(void)state;
	assert_nearest("worker", "workers");   /* one less */
	assert_nearest("workerss", "workers"); /* one more */
	assert_nearest("wotkers", "workers");  /* another */
	assert_nearest("wrokers", "workers");  /* two swapped */
	assert_nearest("rnu", "run");
	assert_nearest("log-level", "log_level");
	assert_nearest("loglevel", "log_level");
}

static void capitals_cost_nothing(void **state)
{
	(void)state;
	assert_nearest("GUESTS", "guests");
	assert_nearest("Stat", "state");
}

static void stays_silent_when_nothing_is_near(void **state)
{
	(void)state;
	assert_nearest("frobnicate", NULL);
	assert_nearest("", NULL);
	assert_nearest("x", NULL);
	assert_nearest("ab", NULL);
	assert_nearest("stxyz", NULL);
	assert_nearest("workersworkersworkersworkersworkersworkersworkersworkersworkersworkers",
		       NULL);
	assert_null(conf_nearest(NULL, words));
	assert_null(conf_nearest("workers", NULL));
	assert_null(conf_nearest("workers", (const char *const[]){ NULL }));
}

static void takes_the_nearer_and_then_the_first(void **state)
{
	static const char *const close[] = { "abcdef", "abcdeg", "abcxyz", NULL };
	static const char *const odd[] = { "", "idle", NULL };

	(void)state;
	assert_string_equal(conf_nearest("abcdeg", close), "abcdeg");
	assert_string_equal(conf_nearest("abcdeh", close), "abcdef");
	assert_string_equal(conf_nearest("abcxyy", close), "abcxyz");
	assert_string_equal(conf_nearest("idel", odd), "idle");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(finds_one_slip),
		cmocka_unit_test(capitals_cost_nothing),
		cmocka_unit_test(stays_silent_when_nothing_is_near),
		cmocka_unit_test(takes_the_nearer_and_then_the_first),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
