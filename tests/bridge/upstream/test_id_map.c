/* What a server calls its messages, and what they are here. */
#include <malloc.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "bridge/upstream/id_map.h"

#define MOST 1000

static int set_up(void **state)
{
	*state = id_map_new(MOST);
	return 0;
}

static int tear_down(void **state)
{
	id_map_free(*state);
	return 0;
}

static bool put(struct id_map *map, const char *theirs, uint64_t ours)
{
	return id_map_put(map, slice_of(theirs), ours);
}

static uint64_t ours_of(const struct id_map *map, const char *theirs)
{
	return id_map_ours(map, slice_of(theirs));
}

static void is(struct slice text, const char *expected)
{
	assert_int_equal(text.len, strlen(expected));
	assert_memory_equal(text.data, expected, text.len);
}

/* All names of ours, with a space behind each. */
static void names_are(const struct id_map *map, uint64_t ours, const char *expected)
{
	struct slice names[ID_MAP_PARTS_MAX];
	size_t count = id_map_theirs(map, ours, names, ID_MAP_PARTS_MAX), len = 0;
	char text[ID_MAP_PARTS_MAX * (FOREIGN_ID_MAX + 1) + 1] = "";

	for (size_t i = 0; i < count; i++)
		len += (size_t)snprintf(text + len, sizeof(text) - len, "%.*s ", (int)names[i].len,
					names[i].data);
	assert_string_equal(text, expected);
}

static void an_empty_one_knows_nothing(void **state)
{
	struct slice name;

	assert_true(ours_of(*state, "1") == 0);
	assert_true(ours_of(*state, "") == 0);
	assert_int_equal(id_map_theirs(*state, 1, &name, 1), 0);
	assert_int_equal(id_map_count(*state), 0);
	id_map_free(NULL);
}

static void both_ways_are_found(void **state)
{
	assert_true(put(*state, "301", 17));
	assert_true(put(*state, "302", 18));
	assert_true(ours_of(*state, "301") == 17);
	assert_true(ours_of(*state, "302") == 18);
	assert_true(ours_of(*state, "30") == 0);
	names_are(*state, 17, "301 ");
	names_are(*state, 18, "302 ");
	names_are(*state, 301, "");
	assert_int_equal(id_map_count(*state), 2);
}

static void numbers_keep_each_digit(void **state)
{
	uint64_t ours = (UINT64_C(1) << 53) - 1;

	assert_true(put(*state, "9007199254740993", ours));
	assert_true(put(*state, "9007199254740992", ours - 1));
	assert_true(put(*state, "18446744073709551616", UINT64_MAX));
	assert_true(put(*state, "09007199254740993", 5));
	assert_true(ours_of(*state, "9007199254740993") == ours);
	assert_true(ours_of(*state, "9007199254740992") == ours - 1);
	assert_true(ours_of(*state, "18446744073709551616") == UINT64_MAX);
	assert_true(ours_of(*state, "18446744073709551615") == 0);
	assert_true(ours_of(*state, "09007199254740993") == 5);
}

static void texts_are_compared_byte_by_byte(void **state)
{
	static const char low[] = "6a1e2e53-9c4e-4f0f-8d3a-0b2f4c1d9e7f";
	static const char high[] = "6A1E2E53-9C4E-4F0F-8D3A-0B2F4C1D9E7F";
	struct slice nul = { "a\0b", 3 }, other = { "a\0c", 3 };

	assert_true(put(*state, low, 1));
	assert_true(ours_of(*state, high) == 0);
	assert_true(put(*state, high, 2));
	assert_true(ours_of(*state, low) == 1);
	assert_true(ours_of(*state, high) == 2);
	assert_true(id_map_put(*state, nul, 3));
	assert_true(id_map_ours(*state, nul) == 3);
	assert_true(id_map_ours(*state, other) == 0);
	assert_true(ours_of(*state, "a") == 0);
}

static void it_keeps_a_copy(void **state)
{
	char text[] = "first";

	assert_true(put(*state, text, 1));
	memcpy(text, "other", 5);
	assert_true(ours_of(*state, "first") == 1);
	assert_true(ours_of(*state, text) == 0);
	names_are(*state, 1, "first ");
}

static void parts_stand_in_order(void **state)
{
	struct slice two[2];

	assert_true(put(*state, "z", 1));
	assert_true(put(*state, "b", 2));
	assert_true(put(*state, "m", 1));
	assert_true(put(*state, "a", 1));
	names_are(*state, 1, "z m a ");
	names_are(*state, 2, "b ");
	assert_true(ours_of(*state, "m") == 1);
	assert_int_equal(id_map_theirs(*state, 1, two, 2), 2);
	is(two[0], "z");
	is(two[1], "m");
}

static void what_is_put_again_for_the_same_keeps_its_place(void **state)
{
	assert_true(put(*state, "z", 1));
	assert_true(put(*state, "m", 1));
	assert_true(put(*state, "z", 1));
	names_are(*state, 1, "z m ");
	assert_int_equal(id_map_count(*state), 2);
}

static void what_is_put_again_for_another_is_that_one(void **state)
{
	assert_true(put(*state, "z", 1));
	assert_true(put(*state, "m", 1));
	assert_true(put(*state, "a", 1));
	assert_true(put(*state, "m", 2));
	names_are(*state, 1, "z a ");
	names_are(*state, 2, "m ");
	assert_true(put(*state, "m", 1));
	names_are(*state, 1, "z a m ");
	names_are(*state, 2, "");
	assert_int_equal(id_map_count(*state), 3);
}

static void what_cannot_be_one_changes_nothing(void **state)
{
	char longest[FOREIGN_ID_MAX + 2] = "";

	memset(longest, 'x', FOREIGN_ID_MAX + 1);
	assert_false(put(*state, longest, 1));
	assert_true(ours_of(*state, longest) == 0);
	assert_false(put(*state, "", 1));
	assert_false(id_map_put(*state, (struct slice){ 0 }, 1));
	assert_false(put(*state, "a", 0));
	assert_int_equal(id_map_count(*state), 0);
	longest[FOREIGN_ID_MAX] = '\0';
	assert_true(put(*state, longest, 1));
	assert_true(ours_of(*state, longest) == 1);
	assert_false(put(*state, longest, 0));
	assert_true(ours_of(*state, longest) == 1);
}

static void a_message_has_so_many_names_and_no_more(void **state)
{
	struct slice names[ID_MAP_PARTS_MAX + 1];
	char text[16];

	for (unsigned i = 0; i < ID_MAP_PARTS_MAX; i++) {
		snprintf(text, sizeof(text), "part-%u", i);
		assert_true(put(*state, text, 1));
	}
	assert_true(put(*state, "other", 2));
	assert_false(put(*state, "more", 1));
	assert_false(put(*state, "other", 1));
	assert_true(ours_of(*state, "other") == 2);
	assert_true(put(*state, "part-0", 1));
	assert_int_equal(id_map_theirs(*state, 1, names, ID_MAP_PARTS_MAX + 1), ID_MAP_PARTS_MAX);
	assert_true(put(*state, "part-0", 2));
	assert_true(put(*state, "more", 1));
	assert_true(ours_of(*state, "more") == 1);
}

static void the_oldest_go_first(void **state)
{
	struct id_map *map = id_map_new(3);

	(void)state;
	assert_true(put(map, "a", 1));
	assert_true(put(map, "b", 1));
	assert_true(put(map, "c", 2));
	assert_true(put(map, "d", 3));
	assert_true(ours_of(map, "a") == 0);
	names_are(map, 1, "b ");
	assert_int_equal(id_map_count(map), 3);
	/* As if it were new. */
	assert_true(put(map, "b", 1));
	assert_true(put(map, "e", 4));
	assert_true(ours_of(map, "c") == 0);
	names_are(map, 2, "");
	assert_true(ours_of(map, "b") == 1);
	/* What only becomes another one takes nobody's place. */
	assert_true(put(map, "e", 5));
	assert_true(ours_of(map, "d") == 3);
	assert_int_equal(id_map_count(map), 3);
	id_map_free(map);
}

static void one_alone_is_the_newest(void **state)
{
	struct id_map *map = id_map_new(1);

	(void)state;
	assert_true(put(map, "a", 1));
	assert_true(put(map, "b", 2));
	assert_true(put(map, "b", 2));
	assert_int_equal(id_map_count(map), 1);
	assert_true(ours_of(map, "a") == 0);
	id_map_free(map);
}

static void fill(struct id_map *map, uint64_t from, uint64_t to)
{
	char text[32];

	for (uint64_t i = from; i < to; i++) {
		snprintf(text, sizeof(text), "%llu", (unsigned long long)(i + (UINT64_C(1) << 60)));
		assert_true(put(map, text, i / 3 + 1));
	}
}

static void it_takes_no_more_memory_than_when_it_was_full(void **state)
{
	size_t before;

	fill(*state, 0, 2 * MOST);
	assert_int_equal(id_map_count(*state), MOST);
	before = mallinfo2().uordblks + mallinfo2().hblkhd;
	fill(*state, 2 * MOST, 20 * MOST);
	assert_int_equal(id_map_count(*state), MOST);
	assert_true(mallinfo2().uordblks + mallinfo2().hblkhd <= before + 16384);
	assert_true(ours_of(*state, "1152921504606866975") == (20 * MOST - 1) / 3 + 1);
	assert_true(ours_of(*state, "1152921504606846976") == 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(an_empty_one_knows_nothing, set_up, tear_down),
		cmocka_unit_test_setup_teardown(both_ways_are_found, set_up, tear_down),
		cmocka_unit_test_setup_teardown(numbers_keep_each_digit, set_up, tear_down),
		cmocka_unit_test_setup_teardown(texts_are_compared_byte_by_byte, set_up, tear_down),
		cmocka_unit_test_setup_teardown(it_keeps_a_copy, set_up, tear_down),
		cmocka_unit_test_setup_teardown(parts_stand_in_order, set_up, tear_down),
		cmocka_unit_test_setup_teardown(what_is_put_again_for_the_same_keeps_its_place,
						set_up, tear_down),
		cmocka_unit_test_setup_teardown(what_is_put_again_for_another_is_that_one, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(what_cannot_be_one_changes_nothing, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(a_message_has_so_many_names_and_no_more, set_up,
						tear_down),
		cmocka_unit_test(the_oldest_go_first),
		cmocka_unit_test(one_alone_is_the_newest),
		cmocka_unit_test_setup_teardown(it_takes_no_more_memory_than_when_it_was_full,
						set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
