#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "bridge/core/shows/shows.h"
#include "codecs/codec.h"
#include "codecs/registry.h"
#include "tests/support/dialects.h"

static char *simple[] = { "simple" }, *both[] = { "mixer", "simple" }, *edits[] = { "edit" },
	    *two[] = { "reaction", "delete" };

static struct conf_show shows[] = {
	{ .dialect = { simple, 1 }, .kind = { edits, 1 }, .as = "text" },
	{ .dialect = { both, 2 }, .kind = { two, 2 }, .as = "nothing" },
};

static void a_room_has_rules_of_its_own_where_it_says_so(void **state)
{
	const struct conf_room room = { .shows = shows, .show_count = 2 }, plain = { 0 };
	uint8_t rules[ENVELOPE_KINDS];

	(void)state;
	assert_true(shows_rules(&room, DIALECT_SIMPLE, rules));
	assert_int_equal(rules[KIND_EDIT], RULE_TEXT);
	assert_int_equal(rules[KIND_REACTION], RULE_DROP);
	assert_int_equal(rules[KIND_DELETE], RULE_DROP);
	assert_int_equal(rules[KIND_MESSAGE], RULE_NATIVE);
	assert_true(shows_rules(&room, DIALECT_MIXER, rules));
	assert_int_equal(rules[KIND_EDIT], RULE_TEXT); /* the dialect's */
	assert_int_equal(rules[KIND_DELETE], RULE_DROP);
	assert_false(shows_rules(&room, DIALECT_ROOMS, rules));
	for (enum envelope_kind kind = 0; kind < ENVELOPE_KINDS; kind++)
		assert_int_equal(rules[kind], registry_codec(DIALECT_ROOMS)->can[kind].out);
	assert_false(shows_rules(&plain, DIALECT_SIMPLE, rules));
}

static void rooms_are_compared_by_what_comes_of_it(void **state)
{
	const struct conf_room all = { .shows = shows, .show_count = 2 },
			       one = { .shows = shows, .show_count = 1 }, plain = { 0 };

	(void)state;
	assert_true(shows_same(&all, &all));
	assert_true(shows_same(&plain, &plain));
	assert_false(shows_same(&all, &one));
	assert_false(shows_same(&one, &plain));
}

static void the_words_of_a_file_are_judged_as_rules(void **state)
{
	const char *why;

	(void)state;
	assert_true(shows_may(DIALECT_SIMPLE, "reaction", "action", &why));
	assert_true(shows_may(DIALECT_SIMPLE, "reaction", "nothing", &why));
	assert_false(shows_may(DIALECT_SIMPLE, "reaction", "native", &why));
	assert_string_equal(why, "the dialect has no word for it");
	assert_false(shows_may(DIALECT_CONCORD, "enter", "nothing", &why));
	assert_string_equal(why, "its clients know by it who is there");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_room_has_rules_of_its_own_where_it_says_so),
		cmocka_unit_test(rooms_are_compared_by_what_comes_of_it),
		cmocka_unit_test(the_words_of_a_file_are_judged_as_rules),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
