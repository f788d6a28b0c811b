/* What somebody of another server can be called here. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "bridge/upstream/people/stranger_name.h"
#include "codecs/text/likeness.h"

/* The name of that try, "" for none. */
static const char *name_of(const char *base, const char *id, unsigned try)
{
	static char text[NAME_BYTES_MAX + 1];
	struct stranger_names names = { .upstream = SLICE("up"),
					.base = slice_of(base),
					.id = slice_of(id) };

	text[stranger_name(&names, try, text)] = '\0';
	return text;
}

static void the_best_is_the_name_itself(void **state)
{
	(void)state;
	assert_string_equal(name_of("Ann", "7", 0), "Ann");
	assert_string_equal(name_of("Ann", "7", 1), "Ann@up");
	assert_string_equal(name_of("Ann", "7", 2), "Ann-2@up");
	assert_string_equal(name_of("Ann", "7", 10), "Ann-10@up");
	assert_string_equal(name_of("Ann", "7", 11), "user-7@up");
	assert_string_equal(name_of("Ann", "7", 12), "user-7-2@up");
	assert_string_equal(name_of("Ann", "7", STRANGER_NAMES - 1), "user-7-10@up");
}

static void without_a_name_there_is_the_id(void **state)
{
	(void)state;
	for (unsigned try = 0; try < 11; try++)
		assert_string_equal(name_of(NULL, "7", try), "");
	assert_string_equal(name_of(NULL, "7", 11), "user-7@up");
	assert_string_equal(name_of("", "6a1e2e53-9c4e-4f0f-8d3a-0b2f4c1d9e7f", 11),
			    "user-6a1e2e53-9c4e-4f0f-8d3a-@up");
	/* An id that cannot be shown. */
	assert_int_equal(strlen(name_of(NULL, "\x01\xff", 11)), 24);
	assert_memory_equal(name_of(NULL, "\x01\xff", 11), "user-", 5);
	assert_string_not_equal(name_of(NULL, "\x01\xff", 11), "user-@up");
}

static void nobody_speaks_as_the_bridge_does(void **state)
{
	static const char *const names[] = { "Dragoman", "server", "Ann was banned" };

	(void)state;
	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		assert_true(name_speaks(slice_of(names[i])));
		for (unsigned try = 0; try < 11; try++)
			assert_string_equal(name_of(names[i], "7", try), "");
		assert_string_equal(name_of(names[i], "7", 11), "user-7@up");
	}
}

static void a_long_name_makes_room(void **state)
{
	char base[NAME_BYTES_MAX + 1] = "", upstream[100] = "", out[NAME_BYTES_MAX];
	struct stranger_names names = { .id = SLICE("7") };
	size_t len;

	(void)state;
	memset(base, 'x', NAME_BYTES_MAX);
	memset(upstream, 'u', sizeof(upstream) - 1);
	assert_string_equal(name_of(base, "7", 0), base);
	assert_int_equal(strlen(name_of(base, "7", 2)), NAME_BYTES_MAX);
	assert_string_equal(name_of(base, "7", 2) + NAME_BYTES_MAX - 6, "x-2@up");
	names.base = slice_of(base);
	names.upstream = slice_of(upstream);
	for (unsigned try = 0; try < STRANGER_NAMES; try++) {
		len = stranger_name(&names, try, out);
		assert_in_range(len, 1, NAME_BYTES_MAX);
	}
	/* Never half a character. */
	for (size_t i = 0; i + 1 < NAME_BYTES_MAX; i += 2)
		memcpy(base + i, "\xc3\xa9", 2);
	memcpy(base + NAME_BYTES_MAX - 1, "", 1);
	assert_true(text_is_utf8(slice_of(name_of(base, "7", 10))));
	assert_true(text_is_utf8(slice_of(name_of(base, "7", 2))));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_best_is_the_name_itself),
		cmocka_unit_test(without_a_name_there_is_the_id),
		cmocka_unit_test(nobody_speaks_as_the_bridge_does),
		cmocka_unit_test(a_long_name_makes_room),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
