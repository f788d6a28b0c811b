#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "bridge/secrets/password.h"
#include "bridge/secrets/token_text.h"

static void each_is_another(void **state)
{
	char one[TOKEN_TEXT_LEN + 1], other[TOKEN_TEXT_LEN + 1];

	(void)state;
	token_text_make(one);
	token_text_make(other);
	assert_int_equal(strlen(one), TOKEN_TEXT_LEN);
	assert_memory_equal(one, TOKEN_PREFIX, strlen(TOKEN_PREFIX));
	assert_string_not_equal(one, other);
	assert_true(token_text_is(slice_of(one)));
}

static void what_is_one(void **state)
{
	char text[] = "dgm_0123456789abcdefghijklmnopqrstuvwxyzABCDE-_";

	(void)state;
	assert_int_equal(strlen(text), TOKEN_TEXT_LEN);
	assert_true(token_text_is(slice_of(text)));
	assert_false(token_text_is(slice_span(text, TOKEN_TEXT_LEN - 1)));
	assert_true(token_text_meant(slice_span(text, 4)));
	assert_false(token_text_meant(slice_span(text, 3)));
	assert_false(token_text_meant((struct slice){ 0 }));
	assert_false(token_text_is((struct slice){ 0 }));
	text[20] = ' ';
	assert_false(token_text_is(slice_of(text)));
	assert_true(token_text_meant(slice_of(text)));
	text[0] = 'D';
	assert_false(token_text_meant(slice_of(text)));
}

/* b2sum -l 256 says the same. */
static void the_hash_is_blake2b(void **state)
{
	static const unsigned char empty_hash[] = {
		0x0e, 0x57, 0x51, 0xc0, 0x26, 0xe5, 0x43, 0xb2
	};
	unsigned char one[TOKEN_HASH_BYTES], other[TOKEN_HASH_BYTES];

	(void)state;
	token_text_hash(SLICE(""), one);
	assert_memory_equal(one, empty_hash, sizeof(empty_hash));
	token_text_hash(SLICE("x"), other);
	assert_false(token_hash_equal(one, other));
	token_text_hash(SLICE(""), other);
	assert_true(token_hash_equal(one, other));
	other[TOKEN_HASH_BYTES - 1] ^= 1;
	assert_false(token_hash_equal(one, other));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_is_another),
		cmocka_unit_test(what_is_one),
		cmocka_unit_test(the_hash_is_blake2b),
	};

	if (!password_begin())
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
