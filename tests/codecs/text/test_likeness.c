#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "codecs/text/likeness.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

struct pair {
	const char *one, *other;
};

static bool name_passes(struct slice name, struct slice other)
{
	struct looks left, right;

	name_looks(name, &left);
	name_looks(other, &right);
	for (size_t i = 0; i < 2; i++)
		for (size_t j = 0; j < 2; j++)
			if (left.len[i] && slice_equal(slice_span(left.text[i], left.len[i]),
						       slice_span(right.text[j], right.len[j])))
				return true;
	return false;
}

/* Who may come beside whom is tried at length in tests/bridge/core/test_directory_names.c. */
static void names_pass_for_those_they_look_like(void **state)
{
	static const struct pair alike[] = {
		{ "ann", "ann" },
		{ "ann", "ANN" },
		{ "ann", "\xd0\xb0nn" },               /* Cyrillic */
		{ "ann", "\xce\x91\xce\x9d\xce\x9d" }, /* Greek capitals */
		{ "olga", "oIga" },                    /* a capital i */
		{ "OLGA", "0lga" },                    /* a zero */
		{ "Ian", "lan" },                      /* a small L */
		{ "Ian", "\xd1\x96"
			 "an" },         /* a small Cyrillic i */
		{ "mia", "\xd0\x9cia" }, /* its small letter is not like m */
		{ "mia", "rnia" },
		{ "olga", "o\xcb\xa1ga" },     /* a raised l */
		{ "olga", "o\xef\xbf\xa8ga" }, /* half a vertical line */
		{ "ann", "a\xcc\xb6nn" },      /* struck through */
	};
	static const struct pair apart[] = {
		{ "ann", "anne" },       { "ann", "anna" },   { "ian", "lan" }, { "ali", "all" },
		{ "ann", "\xc3\xa4nn" }, { "o", "\xc3\xb6" }, { "", "" },       { "bob1", "bob2" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(alike); i++) {
		if (!name_passes(slice_of(alike[i].one), slice_of(alike[i].other)))
			fail_msg("%s, %s", alike[i].one, alike[i].other);
		assert_true(name_passes(slice_of(alike[i].other), slice_of(alike[i].one)));
	}
	for (size_t i = 0; i < COUNT(apart); i++)
		if (name_passes(slice_of(apart[i].one), slice_of(apart[i].other)))
			fail_msg("%s, %s", apart[i].one, apart[i].other);
}

static void names_speak_by_their_words(void **state)
{
	static const char *const alone[] = { "Dragoman", "server", "somebody" };
	static const char *const among[] = { "was",     "is",       "has",     "entered", "left",
					     "joined",  "banned",   "kicked",  "muted",   "deleted",
					     "removed", "cleared",  "reacted", "took",    "asks",
					     "invites", "corrected" };
	static const char *const fine[] = { "servers",
					    "my observer",
					    "left-handed",
					    "wasp and ant",
					    "Is\xc3\xa1"
					    "bel Ferrer",
					    "",
					    "Will" };
	char name[64];

	(void)state;
	for (size_t i = 0; i < COUNT(alone); i++) {
		assert_true(name_speaks(slice_of(alone[i])));
		snprintf(name, sizeof(name), "my-%s_2", alone[i]);
		assert_true(name_speaks(slice_of(name)));
	}
	for (size_t i = 0; i < COUNT(among); i++) {
		assert_false(name_speaks(slice_of(among[i])));
		snprintf(name, sizeof(name), "ann %s", among[i]);
		assert_true(name_speaks(slice_of(name)));
		snprintf(name, sizeof(name), "%s, ann", among[i]);
		assert_true(name_speaks(slice_of(name)));
	}
	for (size_t i = 0; i < COUNT(fine); i++)
		if (name_speaks(slice_of(fine[i])))
			fail_msg("%s", fine[i]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_pass_for_those_they_look_like),
		cmocka_unit_test(names_speak_by_their_words),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
