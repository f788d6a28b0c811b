#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "codecs/text/slice.h"

static const struct slice absent;

static void absent_and_empty_are_equal(void **state)
{
	(void)state;
	assert_null(slice_of(NULL).data);
	assert_int_equal(slice_of(NULL).len, 0);
	assert_non_null(slice_of("").data);
	assert_true(slice_equal(absent, slice_of("")));
	assert_true(slice_is(absent, ""));
	assert_int_equal(slice_order(absent, slice_of("")), 0);
}

static void equal_is_the_same_bytes(void **state)
{
	(void)state;
	assert_true(slice_equal(SLICE("a\0b"), slice_span("a\0bc", 3)));
	assert_false(slice_equal(SLICE("a\0b"), SLICE("a\0c")));
	assert_false(slice_equal(SLICE("a"), SLICE("ab")));
	assert_true(slice_starts_with(SLICE("abc"), "ab"));
	assert_true(slice_starts_with(SLICE("abc"), "abc"));
	assert_false(slice_starts_with(SLICE("ab"), "abc"));
	assert_false(slice_starts_with(SLICE("abc"), "b"));
}

static void the_shorter_comes_first(void **state)
{
	static const struct slice in_order[] = {
		{ "", 0 },    { "a", 1 },  { "b", 1 },   { "\xff", 1 },
		{ "a\0", 2 }, { "aa", 2 }, { "aaa", 3 },
	};
	const size_t count = sizeof(in_order) / sizeof(*in_order);

	(void)state;
	for (size_t i = 0; i < count; i++)
		for (size_t k = 0; k < count; k++) {
			int order = slice_order(in_order[i], in_order[k]);

			assert_int_equal((order > 0) - (order < 0), (i > k) - (i < k));
		}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(absent_and_empty_are_equal),
		cmocka_unit_test(equal_is_the_same_bytes),
		cmocka_unit_test(the_shorter_comes_first),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
