#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "bridge/service/environment.h"

#define NAME "DRAGOMAN_TEST_NUMBER"

static uint64_t number(const char *text)
{
	setenv(NAME, text, 1);
	return environment_number(NAME);
}

static void digits_are_a_number(void **state)
{
	(void)state;
	assert_int_equal(number("3"), 3);
	assert_int_equal(number("0"), 0);
	assert_int_equal(number("007"), 7);
	assert_int_equal(number("999999999999999999"), UINT64_C(999999999999999999));
}

static void anything_else_is_none(void **state)
{
	static const char *const others[] = {
		"", " 3", "3 ", "+3", "-3", "0x3", "3a", "a", "1.5", "1000000000000000000",
	};

	(void)state;
	unsetenv(NAME);
	assert_int_equal(environment_number(NAME), 0);
	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
		assert_int_equal(number(others[i]), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(digits_are_a_number),
		cmocka_unit_test(anything_else_is_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
