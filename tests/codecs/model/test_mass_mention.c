#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "codecs/model/mass_mention.h"

#define NONE 99

static void where_each_is_broken(void **state)
{
	static const struct {
		const char *text;
		size_t at;
	} rows[] = {
		{ "", NONE },
		{ "@", NONE },
		{ "<", NONE },
		{ "<!", NONE },
		{ "nobody at all", NONE },
		{ "@everyone", 1 },
		{ "hi @EveryOne!", 4 },
		{ "@@here", 2 },
		{ "@everyone's", 1 },
		{ "@hereabouts", 1 }, /* some servers look no further */
		{ "@all", 1 },
		{ "@all.", 1 },
		{ "@allan", NONE },
		{ "@all_of_us", NONE },
		{ "@all\xc3\xa9", NONE },
		{ "@rooms", NONE },
		{ "@room", 1 },
		{ "<!channel>", 2 },
		{ "<!all>", 2 },
		{ "<@everyone>", 2 },
		{ "!everyone", NONE },
		{ "@ everyone", NONE },
		{ "@\xe2\x80\x8b"
		  "everyone",
		  NONE }, /* broken already */
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct slice text = slice_of(rows[i].text);

		assert_int_equal(mass_mention_next(text, 0),
				 rows[i].at == NONE ? text.len : rows[i].at);
	}
}

static void they_are_found_one_after_the_other(void **state)
{
	struct slice text = SLICE("@here and @all");

	(void)state;
	assert_int_equal(mass_mention_next(text, 0), 1);
	assert_int_equal(mass_mention_next(text, 1), 11);
	assert_int_equal(mass_mention_next(text, 11), text.len);
	assert_int_equal(mass_mention_next(text, text.len), text.len);
}

/* Wherever they stand in a long text, and behind however many that are none. */
static void they_are_found_far_away(void **state)
{
	static const char *const words[] = { "@here", "<!all>" };
	char text[800];

	(void)state;
	for (size_t i = 0; i < 2; i++)
		for (size_t at = 0; at < 700; at++) {
			size_t len = strlen(words[i]);

			for (size_t fill = 0; fill < sizeof(text); fill++)
				text[fill] = i + at % 2 == 1 ? '<' : at % 3 ? 'a' : '@';
			memset(text + at + len, ' ', 1);
			memcpy(text + at, words[i], len);
			assert_int_equal(mass_mention_next(slice_span(text, sizeof(text)), 0),
					 at + (i ? 2 : 1));
		}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(where_each_is_broken),
		cmocka_unit_test(they_are_found_one_after_the_other),
		cmocka_unit_test(they_are_found_far_away),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
