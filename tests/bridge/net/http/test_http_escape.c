/* Percent escapes, and what hides behind them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "bridge/net/http/http_escape.h"

static void assert_read(const char *text, bool plus, enum http_escape found, struct slice expected)
{
	char scratch[64];
	struct slice out = { NULL, 0 };

	assert_int_equal(http_unescape(slice_of(text), plus, scratch, &out), found);
	assert_true(slice_equal(out, expected));
}

static void escapes_are_undone(void **state)
{
	(void)state;
	assert_read("", false, HTTP_PLAIN, SLICE(""));
	assert_read("ann", false, HTTP_PLAIN, SLICE("ann"));
	assert_read("a%20b", false, HTTP_PLAIN, SLICE("a b"));
	assert_read("%c3%A9", false, HTTP_PLAIN, SLICE("\xc3\xa9"));
	assert_read("a%2Fb%2525", false, HTTP_PLAIN, SLICE("a/b%25"));
	assert_read("a+b", false, HTTP_PLAIN, SLICE("a+b"));
	assert_read("a+b%2B", true, HTTP_PLAIN, SLICE("a b+"));
}

static void control_characters_are_told(void **state)
{
	(void)state;
	assert_read("al:SECRET%0D%0Ajunk", false, HTTP_CONTROL, SLICE("al:SECRET\r\njunk"));
	assert_read("a%00b", false, HTTP_CONTROL, SLICE("a\0b"));
	assert_read("%7f", false, HTTP_CONTROL, SLICE("\x7f"));
	assert_read("a\tb", false, HTTP_CONTROL, SLICE("a\tb"));
}

static void what_is_no_escape_is_told(void **state)
{
	static const char *const broken[] = {
		"%", "%4", "a%4g", "%g4", "%%20", "a%2", "%-1", "% 1"
	};

	(void)state;
	for (size_t i = 0; i < sizeof(broken) / sizeof(broken[0]); i++)
		assert_read(broken[i], false, HTTP_BROKEN, SLICE(""));
}

static void what_is_not_escaped_is_not_copied(void **state)
{
	const char *text = "plain";
	struct slice out;

	(void)state;
	assert_int_equal(http_unescape(slice_of(text), true, NULL, &out), HTTP_PLAIN);
	assert_ptr_equal(out.data, text);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(escapes_are_undone),
		cmocka_unit_test(control_characters_are_told),
		cmocka_unit_test(what_is_no_escape_is_told),
		cmocka_unit_test(what_is_not_escaped_is_not_copied),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
