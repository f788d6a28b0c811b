#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "bridge/net/ws/ws_accept.h"

/* The first is that of RFC 6455 section 1.3; the others were made with Python's hashlib. */
static void key_is_answered(void **state)
{
	static const char *const pairs[][2] = {
		{ "dGhlIHNhbXBsZSBub25jZQ==", "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=" },
		{ "x3JJHMbDL1EzLkh9GBhXDw==", "HSmrc0sMlYUkAGmm5OPpG2HaGWk=" },
		{ "AAAAAAAAAAAAAAAAAAAAAA==", "ICX+Yqv66kxgM0FcWaLWlFLwTAI=" },
		{ "//////////////////////==", "zXRQvy1wi5A4l0hwWYxMN3e2wNk=" },
	};
	char out[WS_ACCEPT_SIZE];

	(void)state;
	for (size_t i = 0; i < sizeof(pairs) / sizeof(*pairs); i++) {
		assert_true(ws_key_allowed(slice_of(pairs[i][0])));
		assert_ptr_equal(ws_accept(slice_of(pairs[i][0]), out), out);
		assert_string_equal(out, pairs[i][1]);
	}
}

static void key_is_16_bytes_in_base64(void **state)
{
	static const char *const wrong[] = {
		"",
		"dGhlIHNhbXBsZSBub25jZQ=",
		"dGhlIHNhbXBsZSBub25jZQ",
		"dGhlIHNhbXBsZSBub25jZQ===",
		"dGhlIHNhbXBsZSBub25jZQ== ",
		" GhlIHNhbXBsZSBub25jZQ==",
		"dGhlIHNhbXBsZSBub25jZQA=",
		"dGhlIHNhbXBsZSBub25jZQ=A",
		"dGhlIHNhbXBsZSBub25jZQAA",
		"dGhlIHNhbX-sZSBub25jZQ==",
		"dGhlIHNhbX_sZSBub25jZQ==",
		"dGhlIHNh=XBsZSBub25jZQ==",
		"dGhlIHNh\xc3\xa4sZSBub25jZQ==",
		"dGhlIHNhbXBsZSBub25jZWxvbmdlcg==",
		"c2hvcnQ=",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(*wrong); i++)
		assert_false(ws_key_allowed(slice_of(wrong[i])));
	assert_false(ws_key_allowed(slice_of(NULL)));
	assert_false(ws_key_allowed(SLICE("dGhlIHNhbXBsZSBub25jZ\0==")));
	/* Sent by hand-written clients: bits are left over, and all of them must be read. */
	assert_true(ws_key_allowed(SLICE("abcdefghijklmnopqrstuv==")));
	assert_true(ws_key_allowed(SLICE("0123456789+/ABCDEFGHIJ==")));
}

static void keys_are_made_of_bytes(void **state)
{
	char key[WS_KEY_SIZE];

	(void)state;
	assert_ptr_equal(ws_key((const unsigned char *)"the sample nonce", key), key);
	assert_string_equal(key, "dGhlIHNhbXBsZSBub25jZQ==");
	assert_true(ws_key_allowed(slice_of(key)));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(key_is_answered),
		cmocka_unit_test(key_is_16_bytes_in_base64),
		cmocka_unit_test(keys_are_made_of_bytes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
