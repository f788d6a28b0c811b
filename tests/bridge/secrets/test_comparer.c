#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "bridge/core/log/log.h"
#include "bridge/secrets/comparer.h"
#include "tests/support/accounts.h"

/* The program that is started is this one: see main(). */
#define SELF "/proc/self/exe"

static void another_process_compares(void **state)
{
	struct comparer comparer = { .program = SELF };

	(void)state;
	assert_int_equal(comparer_ask(&comparer, HASH_RIGHT, SLICE("right")), PASSWORD_RIGHT);
	assert_true(comparer.pid > 0);
	assert_int_equal(comparer_ask(&comparer, HASH_RIGHT, SLICE("wrong")), PASSWORD_WRONG);
	assert_int_equal(comparer_ask(&comparer, HASH_OTHER, SLICE("other")), PASSWORD_RIGHT);
	assert_int_equal(comparer_ask(&comparer, HASH_OTHER, (struct slice){ NULL, 0 }),
			 PASSWORD_WRONG);
	/* What cannot be read is not a wrong secret. */
	assert_int_equal(comparer_ask(&comparer, "$argon2id$", SLICE("x")), PASSWORD_UNKNOWN);
	comparer_end(&comparer);
	assert_int_equal(comparer.pid, 0);
	comparer_end(&comparer);
}

static void another_process_hashes(void **state)
{
	struct comparer comparer = { .program = SELF };
	char hash[PASSWORD_HASH_BYTES], other[PASSWORD_HASH_BYTES];

	(void)state;
	assert_true(comparer_hash(&comparer, SLICE("right"), hash));
	assert_true(comparer.pid > 0);
	assert_null(password_hash_fault(hash));
	assert_true(comparer_hash(&comparer, SLICE("right"), other));
	assert_string_not_equal(hash, other);
	assert_int_equal(comparer_ask(&comparer, hash, SLICE("right")), PASSWORD_RIGHT);
	assert_int_equal(comparer_ask(&comparer, hash, SLICE("wrong")), PASSWORD_WRONG);
	/* It was killed long ago. */
	assert_int_equal(kill(comparer.pid, SIGKILL), 0);
	assert_true(comparer_hash(&comparer, (struct slice){ NULL, 0 }, hash));
	comparer_end(&comparer);
	comparer.program = NULL;
	assert_true(comparer_hash(&comparer, SLICE("right"), hash));
	assert_int_equal(password_compare(hash, SLICE("right")), PASSWORD_RIGHT);
	comparer.program = "/nowhere";
	assert_true(comparer_hash(&comparer, SLICE("right"), hash));
}

static void long_secrets_arrive(void **state)
{
	struct comparer comparer = { .program = SELF };
	size_t len = 4 << 20;
	char *text = malloc(len);

	(void)state;
	memset(text, 'x', len);
	assert_int_equal(comparer_ask(&comparer, HASH_RIGHT, slice_span(text, len)),
			 PASSWORD_WRONG);
	assert_int_equal(comparer_ask(&comparer, HASH_RIGHT, SLICE("right")), PASSWORD_RIGHT);
	assert_true(comparer.pid > 0);
	comparer_end(&comparer);
	free(text);
}

static void one_that_was_killed_is_started_again(void **state)
{
	struct comparer comparer = { .program = SELF };
	pid_t before;

	(void)state;
	for (unsigned i = 0; i < 5; i++) {
		assert_int_equal(comparer_ask(&comparer, HASH_RIGHT, SLICE("right")),
				 PASSWORD_RIGHT);
		before = comparer.pid;
		assert_int_equal(kill(before, SIGKILL), 0);
	}
	comparer_end(&comparer);
	/* None is left behind. */
	assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
}

/* What a terminal or an init system sends to all processes of a server is for the server. */
static void signals_of_a_thread_are_blocked(void **state)
{
	struct comparer comparer = { .program = SELF };
	sigset_t all, before;

	(void)state;
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	assert_int_equal(comparer_ask(&comparer, HASH_RIGHT, SLICE("right")), PASSWORD_RIGHT);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	assert_int_equal(kill(comparer.pid, SIGINT), 0);
	assert_int_equal(kill(comparer.pid, SIGTERM), 0);
	assert_int_equal(comparer_ask(&comparer, HASH_RIGHT, SLICE("wrong")), PASSWORD_WRONG);
	assert_int_equal(waitpid(comparer.pid, NULL, WNOHANG), 0);
	comparer_end(&comparer);
}

static void without_a_program_it_compares_here(void **state)
{
	struct comparer none = { .program = NULL };
	uint64_t warnings = log_lines(LOG_WARNING);

	(void)state;
	assert_int_equal(comparer_ask(&none, HASH_RIGHT, SLICE("right")), PASSWORD_RIGHT);
	assert_int_equal(comparer_ask(&none, HASH_RIGHT, SLICE("wrong")), PASSWORD_WRONG);
	assert_int_equal(log_lines(LOG_WARNING), warnings);
	comparer_end(&none);
}

/* What is in the way may pass: each time it is tried. */
static void when_none_can_be_started_it_compares_one_here(void **state)
{
	static const char *const wrong[] = { "/none/such", "/bin/true" };

	(void)state;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		struct comparer comparer = { .program = wrong[i] };
		uint64_t warnings = log_lines(LOG_WARNING);

		assert_int_equal(comparer_ask(&comparer, HASH_RIGHT, SLICE("right")),
				 PASSWORD_RIGHT);
		assert_int_equal(comparer_ask(&comparer, HASH_RIGHT, SLICE("wrong")),
				 PASSWORD_WRONG);
		assert_int_equal(comparer.pid, 0);
		assert_int_equal(log_lines(LOG_WARNING), warnings + 2);
		comparer.program = SELF;
		assert_int_equal(comparer_ask(&comparer, HASH_RIGHT, SLICE("right")),
				 PASSWORD_RIGHT);
		assert_true(comparer.pid > 0);
		comparer_end(&comparer);
	}
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(another_process_compares),
		cmocka_unit_test(another_process_hashes),
		cmocka_unit_test(long_secrets_arrive),
		cmocka_unit_test(one_that_was_killed_is_started_again),
		cmocka_unit_test(signals_of_a_thread_are_blocked),
		cmocka_unit_test(without_a_program_it_compares_here),
		cmocka_unit_test(when_none_can_be_started_it_compares_one_here),
	};

	if (argc == 2 && strcmp(argv[1], COMPARER_WORD) == 0)
		return comparer_run();
	return password_begin() ? cmocka_run_group_tests(tests, NULL, NULL) : 1;
}
