#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "routes/room/journal.h"
#include "routes/room/reactions.h"

static void no_reactions_are_an_empty_map(void **state)
{
	struct reaction_count rows[1];

	(void)state;
	assert_int_equal(reactions_pairs(NULL), 0);
	assert_int_equal(reactions_counts(NULL, rows, 1), 0);
	assert_false(reactions_has(NULL, SLICE("a"), 1));
	assert_true(reactions_fit(NULL, SLICE("a")));
	reactions_free(NULL);
}

static void pairs_are_a_set(void **state)
{
	static const uint32_t persons[] = { 5, 1, 9, 3, 7, 2, 8 };
	const size_t count = sizeof(persons) / sizeof(persons[0]);
	struct reactions *reactions = reactions_new();

	(void)state;
	for (size_t i = 0; i < count; i++) {
		assert_false(reactions_has(reactions, SLICE("a"), persons[i]));
		reactions_add(reactions, SLICE("a"), persons[i]);
		assert_true(reactions_has(reactions, SLICE("a"), persons[i]));
		assert_false(reactions_has(reactions, SLICE("b"), persons[i]));
		assert_int_equal(reactions_pairs(reactions), i + 1);
	}
	for (size_t i = 0; i < count; i++) {
		reactions_remove(reactions, SLICE("a"), persons[i]);
		for (size_t j = 0; j < count; j++)
			assert_int_equal(reactions_has(reactions, SLICE("a"), persons[j]), j > i);
	}
	assert_int_equal(reactions_pairs(reactions), 0);
	reactions_free(reactions);
}

static void the_map_is_cut_at_max_and_keeps_its_order(void **state)
{
	struct reactions *reactions = reactions_new();
	struct reaction_count rows[3];
	char name[2] = "a";

	(void)state;
	for (; name[0] <= 'e'; name[0]++)
		reactions_add(reactions, slice_of(name), 1);
	reactions_remove(reactions, SLICE("b"), 1);
	assert_int_equal(reactions_counts(reactions, rows, 3), 3);
	assert_true(slice_is(rows[0].emoji, "a"));
	assert_true(slice_is(rows[1].emoji, "c"));
	assert_true(slice_is(rows[2].emoji, "d"));
	assert_int_equal(rows[2].count, 1);
	reactions_free(reactions);
}

static void what_fits_is_what_the_limits_say(void **state)
{
	struct reactions *reactions = reactions_new();
	char emoji[8];

	(void)state;
	for (unsigned i = 0; i < ENVELOPE_REACTIONS_MAX; i++) {
		snprintf(emoji, sizeof(emoji), "e%u", i);
		assert_true(reactions_fit(reactions, slice_of(emoji)));
		reactions_add(reactions, slice_of(emoji), 1);
	}
	assert_false(reactions_fit(reactions, SLICE("new")));
	for (uint32_t p = 2; reactions_pairs(reactions) < REACTIONS_MAX; p++) {
		assert_true(reactions_fit(reactions, SLICE("e0")));
		reactions_add(reactions, SLICE("e0"), p);
	}
	assert_false(reactions_fit(reactions, SLICE("e0")));
	reactions_free(reactions);
}

static void a_person_is_forgotten(void **state)
{
	struct reactions *reactions = reactions_new();
	struct reaction_count rows[3];

	(void)state;
	reactions_add(reactions, SLICE("a"), 7);
	reactions_add(reactions, SLICE("b"), 3);
	reactions_add(reactions, SLICE("b"), 7);
	reactions_add(reactions, SLICE("c"), 7);
	reactions_add(reactions, SLICE("d"), 4);
	assert_int_equal(reactions_forget(reactions, 5), 0);
	assert_int_equal(reactions_forget(reactions, 7), 3);
	assert_int_equal(reactions_pairs(reactions), 2);
	assert_int_equal(reactions_counts(reactions, rows, 3), 2);
	assert_true(slice_is(rows[0].emoji, "b") && slice_is(rows[1].emoji, "d"));
	assert_int_equal(reactions_forget(reactions, 7), 0);
	reactions_free(reactions);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(no_reactions_are_an_empty_map),
		cmocka_unit_test(pairs_are_a_set),
		cmocka_unit_test(a_person_is_forgotten),
		cmocka_unit_test(the_map_is_cut_at_max_and_keeps_its_order),
		cmocka_unit_test(what_fits_is_what_the_limits_say),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
