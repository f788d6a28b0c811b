#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "routes/rules/route_rewrite.h"

static const struct envelope event = { .kind = KIND_MESSAGE,
				       .room = { "lobby", 5 },
				       .author = { .name = { "Zo\xc3\xab", 4 } },
				       .text = { "hi {name}", 9 },
				       .origin = { .dialect = { "mixer", 5 } } };

static void check(struct slice template, const struct envelope *of, size_t max, struct slice wanted)
{
	size_t len = SIZE_MAX;
	char *text = route_rewrite_text(template, of, max, &len);

	assert_non_null(text);
	assert_int_equal(len, wanted.len);
	assert_memory_equal(text, wanted.data, wanted.len);
	free(text);
}

static void check_text(const char *template, const char *wanted)
{
	check(slice_of(template), &event, SIZE_MAX, slice_of(wanted));
}

static void placeholders_are_filled_in(void **state)
{
	(void)state;
	check_text("{text}", "hi {name}");
	check_text("[{dialect}/{room}] {name}: {text}!", "[mixer/lobby] Zo\xc3\xab: hi {name}!");
	check_text("{name}{name}", "Zo\xc3\xabZo\xc3\xab");
	check_text("plain", "plain");
	check_text("", "");
}

static void other_braces_stay(void **state)
{
	(void)state;
	check_text("{}", "{}");
	check_text("{Text} {text }{ text}", "{Text} {text }{ text}");
	check_text("{{room}}", "{lobby}");
	check_text("{tex", "{tex");
	check_text("{", "{");
	check_text("a}b{", "a}b{");
	check_text("{kind}{room", "{kind}{room");
}

static void what_is_absent_is_empty(void **state)
{
	const struct envelope nothing = { .kind = KIND_NOTICE };

	(void)state;
	check(SLICE("<{text}{name}{dialect}{room}>"), &nothing, 100, SLICE("<>"));
	check((struct slice){ NULL, 0 }, &nothing, 100, SLICE(""));
}

static void nul_bytes_are_kept(void **state)
{
	const struct envelope nul = { .kind = KIND_MESSAGE, .text = { "a\0b", 3 } };

	(void)state;
	check(SLICE("\0{text}\0"), &nul, 100, SLICE("\0a\0b\0"));
}

static void the_result_is_clipped_between_characters(void **state)
{
	const char whole[] = "x Zo\xc3\xab y";

	(void)state;
	for (size_t max = 0; max < sizeof(whole) + 2; max++) {
		size_t wanted = max < sizeof(whole) - 1 ? max : sizeof(whole) - 1;

		if (max == 5) /* within the last letter */
			wanted = 4;
		check(SLICE("x {name} y"), &event, max, slice_span(whole, wanted));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(placeholders_are_filled_in),
		cmocka_unit_test(other_braces_stay),
		cmocka_unit_test(what_is_absent_is_empty),
		cmocka_unit_test(nul_bytes_are_kept),
		cmocka_unit_test(the_result_is_clipped_between_characters),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
