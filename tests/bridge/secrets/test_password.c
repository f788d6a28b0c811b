#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <sodium.h>

#include "bridge/secrets/password.h"
#include "tests/support/accounts.h"

static int begin(void **state)
{
	(void)state;
	return password_begin() && password_begin() ? 0 : -1;
}

static void the_right_secret_is_told_from_others(void **state)
{
	(void)state;
	assert_int_equal(password_compare(HASH_RIGHT, SLICE("right")), PASSWORD_RIGHT);
	assert_int_equal(password_compare(HASH_AGAIN, SLICE("right")), PASSWORD_RIGHT);
	assert_int_equal(password_compare(HASH_OTHER, SLICE("other")), PASSWORD_RIGHT);
	assert_int_equal(password_compare(HASH_OTHER, SLICE("right")), PASSWORD_WRONG);
	assert_int_equal(password_compare(HASH_RIGHT, SLICE("Right")), PASSWORD_WRONG);
	assert_int_equal(password_compare(HASH_RIGHT, SLICE("right ")), PASSWORD_WRONG);
	assert_int_equal(password_compare(HASH_RIGHT, SLICE("right\0")), PASSWORD_WRONG);
	assert_int_equal(password_compare(HASH_RIGHT, SLICE(HASH_RIGHT)), PASSWORD_WRONG);
	assert_int_equal(password_compare(HASH_RIGHT, (struct slice){ NULL, 0 }), PASSWORD_WRONG);
}

/* Made by another program, with four lanes. */
static void hashes_of_others_are_compared(void **state)
{
	static const char hash[] = "$argon2id$v=19$m=65536,t=3,p=4$MIIRqgvgQbgj220jfp0MPA$"
				   "YfwJSVjtjSU0zzV/P3S9nnQ/USre2wvJMjfCIjrTQbg";

	(void)state;
	assert_null(password_hash_fault(hash));
	assert_int_equal(password_compare(hash, SLICE("correct horse battery staple")),
			 PASSWORD_RIGHT);
	assert_int_equal(password_compare(hash, SLICE("correct horse battery")), PASSWORD_WRONG);
}

static void what_is_made_is_taken(void **state)
{
	char hash[PASSWORD_HASH_BYTES], again[PASSWORD_HASH_BYTES];

	(void)state;
	assert_true(password_hash(SLICE("s\xc3\xa9same"), 1, 3, hash));
	assert_null(password_hash_fault(hash));
	assert_non_null(strstr(hash, "$m=1024,t=3,p=1$"));
	assert_int_equal(password_compare(hash, SLICE("s\xc3\xa9same")), PASSWORD_RIGHT);
	assert_int_equal(password_compare(hash, SLICE("sesame")), PASSWORD_WRONG);
	assert_true(password_hash(SLICE("s\xc3\xa9same"), 1, 3, again));
	assert_string_not_equal(hash, again);
	assert_null(password_cost_fault(PASSWORD_MIB * 1024, PASSWORD_PASSES, 1));
}

/* Whatever our reader lets through the library can read, or else it would be no wrong secret but
 * one that cannot be compared. Every byte of a hash is changed to each of some others. */
static void the_library_reads_what_we_take(void **state)
{
	static const char others[] = "0129=,$+/AZaz.-";
	char hash[PASSWORD_HASH_BYTES] = HASH_RIGHT;
	size_t taken = 0;

	(void)state;
	for (size_t at = 0; HASH_RIGHT[at]; at++) {
		for (size_t i = 0; others[i]; i++) {
			hash[at] = others[i];
			if (password_hash_fault(hash))
				continue;
			taken++;
			if (crypto_pwhash_str_needs_rehash(hash, 1, 65536) < 0)
				fail_msg("the library cannot read %s", hash);
		}
		hash[at] = HASH_RIGHT[at];
	}
	assert_true(taken > 500);
}

static void a_mark_is_of_all_three(void **state)
{
	static const unsigned char key[MARK_BYTES] = "key", other[MARK_BYTES] = "other";
	unsigned char mark[MARK_BYTES], again[MARK_BYTES], none[MARK_BYTES] = "";

	(void)state;
	password_mark(key, HASH_RIGHT, SLICE("right"), mark);
	password_mark(key, HASH_RIGHT, SLICE("right"), again);
	assert_true(mark_equal(mark, again));
	assert_false(mark_equal(mark, none));
	password_mark(other, HASH_RIGHT, SLICE("right"), again);
	assert_false(mark_equal(mark, again));
	password_mark(key, HASH_AGAIN, SLICE("right"), again);
	assert_false(mark_equal(mark, again));
	password_mark(key, HASH_RIGHT, SLICE("righ"), again);
	assert_false(mark_equal(mark, again));
	/* Nothing moves from one to the other. */
	password_mark(key, "ab", SLICE("c"), mark);
	password_mark(key, "a", SLICE("bc"), again);
	assert_false(mark_equal(mark, again));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_right_secret_is_told_from_others),
		cmocka_unit_test(hashes_of_others_are_compared),
		cmocka_unit_test(what_is_made_is_taken),
		cmocka_unit_test(the_library_reads_what_we_take),
		cmocka_unit_test(a_mark_is_of_all_three),
	};

	return cmocka_run_group_tests(tests, begin, NULL);
}
