#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "bridge/secrets/pass.h"

#define NOW UINT64_C(1795289388027)

static const struct id_key key = { "0123456789abcdef" }, other = { "0123456789abcdeF" };

static struct pass pass_of(size_t name_len)
{
	struct pass pass = { .kind = HOLDER_FOREIGN,
			     .number = 2147483646,
			     .roles = 0x81,
			     .credential = UINT64_C(0xfedcba9876543210),
			     .until_ms = NOW + 5000,
			     .name_len = name_len,
			     .dialect = 3 };

	memset(pass.name, 'n', name_len);
	return pass;
}

static void what_is_written_is_read(void **state)
{
	char text[PASS_TEXT_MAX];

	(void)state;
	for (size_t len = 0; len <= NAME_BYTES_MAX; len++) {
		struct pass pass = pass_of(len), read;
		size_t size;

		pass.final = len % 2;
		size = pass_write(&key, &pass, text);
		assert_true(size < PASS_TEXT_MAX);
		assert_true(pass_is(slice_span(text, size)));
		assert_true(pass_read(&key, slice_span(text, size), NOW, &read));
		assert_int_equal(read.kind, pass.kind);
		assert_int_equal(read.final, pass.final);
		assert_int_equal(read.number, pass.number);
		assert_int_equal(read.roles, pass.roles);
		assert_true(read.credential == pass.credential);
		assert_true(read.until_ms == pass.until_ms / 1000 * 1000);
		assert_int_equal(read.dialect, 3);
		assert_int_equal(read.name_len, len);
		assert_memory_equal(read.name, pass.name, len);
		text[size] = '\0';
		/* Of characters that need no escape anywhere. */
		assert_int_equal(strspn(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
					      "0123456789-_."),
				 size);
	}
}

static void it_expires(void **state)
{
	char text[PASS_TEXT_MAX];
	struct pass pass = pass_of(3), read;
	struct slice whole = { text, pass_write(&key, &pass, text) };

	(void)state;
	assert_true(pass_read(&key, whole, NOW + 4000, &read));
	assert_false(pass_read(&key, whole, NOW + 5000, &read));
	assert_false(pass_read(&key, whole, UINT64_MAX, &read));
}

static void only_its_server_takes_it(void **state)
{
	char text[PASS_TEXT_MAX];
	struct pass pass = pass_of(3), read;
	struct slice whole = { text, pass_write(&key, &pass, text) };

	(void)state;
	assert_false(pass_read(&other, whole, NOW, &read));
}

/* Each character of it counts, but for bits that stand for nothing. */
static void nothing_of_it_can_be_changed(void **state)
{
	char text[PASS_TEXT_MAX];
	struct pass pass = pass_of(3), read;
	size_t len = pass_write(&key, &pass, text);

	(void)state;
	for (size_t i = 0; i + 1 < len; i++) {
		char was = text[i];

		text[i] = was == 'A' ? 'B' : 'A';
		assert_false(pass_read(&key, slice_span(text, len), NOW, &read));
		text[i] = was;
		assert_false(pass_read(&key, slice_span(text, i), NOW, &read));
	}
	assert_true(pass_read(&key, slice_span(text, len), NOW, &read));
}

static void others_are_none(void **state)
{
	static const char *const texts[] = { "", "k1", "k1.", "k1.AAAA", "k2.AAAA", "ann", "k1.*" };
	char longest[PASS_TEXT_MAX + 100];
	struct pass read;

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		assert_false(pass_read(&key, slice_of(texts[i]), NOW, &read));
	memset(longest, 'A', sizeof(longest));
	memcpy(longest, PASS_PREFIX, strlen(PASS_PREFIX));
	for (size_t len = 3; len <= sizeof(longest); len++)
		assert_false(pass_read(&key, slice_span(longest, len), NOW, &read));
	assert_false(pass_is(SLICE("k1")));
	assert_false(pass_is((struct slice){ 0 }));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_written_is_read),
		cmocka_unit_test(it_expires),
		cmocka_unit_test(only_its_server_takes_it),
		cmocka_unit_test(nothing_of_it_can_be_changed),
		cmocka_unit_test(others_are_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
