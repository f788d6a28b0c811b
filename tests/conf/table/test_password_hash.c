#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "conf/table/password_hash.h"
#include "tests/support/accounts.h"

#define SALT "c29tZXNhbHQxMjM0NTY3OA"
#define HASH "YfwJSVjtjSU0zzV/P3S9nnQ/USre2wvJMjfCIjrTQbg"

#define NOT_ONE "is not an argon2id hash, as 'dragoman passwd' makes"

static const char *fault_of(const char *cost)
{
	static char text[256];

	snprintf(text, sizeof(text), "$argon2id$v=19$%s$%s$%s", cost, SALT, HASH);
	return password_hash_fault(text);
}

static void hashes(void **state)
{
	(void)state;
	assert_null(password_hash_fault(HASH_RIGHT));
	assert_null(fault_of("m=65536,t=3,p=4"));
	assert_null(fault_of("m=8,t=1,p=1"));
	assert_null(fault_of("m=262144,t=4,p=16"));
	assert_null(password_hash_fault("$argon2id$v=19$m=8,t=1,p=1$AAAAAAAAAAA$"
					"AAAAAAAAAAAAAAAAAAAAAA"));
}

static void what_costs_too_much(void **state)
{
	(void)state;
	assert_string_equal(fault_of("m=262145,t=1,p=1"),
			    "takes more memory than 256 MiB for one login");
	assert_string_equal(fault_of("m=4194304,t=1,p=1"),
			    "takes more memory than 256 MiB for one login");
	assert_string_equal(fault_of("m=262144,t=5,p=1"),
			    "takes too long: memory times passes is more than 1024 MiB");
	assert_string_equal(fault_of("m=8,t=131073,p=1"),
			    "takes too long: memory times passes is more than 1024 MiB");
	assert_string_equal(fault_of("m=7,t=1,p=1"), "takes less memory than argon2id needs");
	assert_string_equal(fault_of("m=31,t=1,p=4"), "takes less memory than argon2id needs");
	assert_string_equal(fault_of("m=65536,t=1,p=17"), "has more than 16 lanes");
	assert_string_equal(password_cost_fault(8, 0, 1), "makes no pass");
}

static void what_is_none(void **state)
{
	static const char *const wrong[] = {
		"",
		"$argon2id$",
		"secret",
		"$argon2i$v=19$m=64,t=1,p=1$" SALT "$" HASH,
		"$argon2id$v=16$m=64,t=1,p=1$" SALT "$" HASH,
		"$argon2id$m=64,t=1,p=1$" SALT "$" HASH,
		"$argon2id$v=19$t=1,m=64,p=1$" SALT "$" HASH,
		"$argon2id$v=19$m=064,t=1,p=1$" SALT "$" HASH,
		"$argon2id$v=19$m=0,t=1,p=1$" SALT "$" HASH,
		"$argon2id$v=19$m=-64,t=1,p=1$" SALT "$" HASH,
		"$argon2id$v=19$m= 64,t=1,p=1$" SALT "$" HASH,
		"$argon2id$v=19$m=4294967360,t=1,p=1$" SALT "$" HASH,
		"$argon2id$v=19$m=64,t=,p=1$" SALT "$" HASH,
		"$argon2id$v=19$m=64,t=1,p=1,$" SALT "$" HASH,
		"$argon2id$v=19$m=64,t=1,p=1$" SALT,
		"$argon2id$v=19$m=64,t=1,p=1$" SALT "$",
		"$argon2id$v=19$m=64,t=1,p=1$$" HASH,
		"$argon2id$v=19$m=64,t=1,p=1$" SALT "$" HASH "$",
		"$argon2id$v=19$m=64,t=1,p=1$" SALT "$" HASH "=",
		"$argon2id$v=19$m=64,t=1,p=1$" SALT "$" HASH "\n",
		"$argon2id$v=19$m=64,t=1,p=1$" SALT "==$" HASH,
		"$argon2id$v=19$m=64,t=1,p=1$AAAAAAAAAA$" HASH,
		"$argon2id$v=19$m=64,t=1,p=1$AAAAAAAAAAAAA$" HASH,
		"$argon2id$v=19$m=64,t=1,p=1$AAAAAAAAAAB$" HASH,
		"$argon2id$v=19$m=64,t=1,p=1$" SALT "$AAAAAAAAAAAAAAAAAAAAA",
		"$argon2id$v=19$m=64,t=1,p=1$" SALT "$AAAAAAAAAAAAAAAAAAAAAB",
		"$argon2id$v=19$m=64,t=1,p=1$" SALT "$" HASH "AAAA" HASH,
	};

	(void)state;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		if (!password_hash_fault(wrong[i]) ||
		    strcmp(password_hash_fault(wrong[i]), NOT_ONE) != 0)
			fail_msg("taken: %s", wrong[i]);
}

static void what_is_meant(void **state)
{
	(void)state;
	assert_true(password_hash_meant(HASH_RIGHT));
	assert_true(password_hash_meant("$argon2id$"));
	assert_false(password_hash_meant("$argon2id"));
	assert_false(password_hash_meant(" $argon2id$"));
	assert_false(password_hash_meant(""));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(hashes),
		cmocka_unit_test(what_costs_too_much),
		cmocka_unit_test(what_is_none),
		cmocka_unit_test(what_is_meant),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
