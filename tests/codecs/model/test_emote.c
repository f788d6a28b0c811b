#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "codecs/model/emote.h"
#include "codecs/text/unicode.h"

#define SMILE "\xf0\x9f\x99\x82"

/* All that a person can type there is tried as a code. */
static void no_two_codes_have_the_same_emoji(void **state)
{
	static const char bytes[] = ":;=()[]<>/|*@$'-38BDOPSXpsxo";
	struct slice emoji[64];
	char code[64][3];
	size_t count = 0;

	(void)state;
	for (size_t i = 0; i < sizeof(bytes) - 1; i++)
		for (size_t j = 0; j < sizeof(bytes) - 1; j++)
			for (size_t k = 0; k < sizeof(bytes); k++) {
				char *word = code[count];
				struct slice text = { word, bytes[k] ? 3 : 2 };
				struct part part;

				word[0] = bytes[i];
				word[1] = bytes[j];
				word[2] = bytes[k];
				if (!emote_find(text, &part) || !emote_emoji(text).len)
					continue;
				emoji[count] = emote_emoji(text);
				for (size_t other = 0; other < count; other++)
					assert_false(slice_equal(emoji[count], emoji[other]));
				count++;
				assert_true(count < 64);
			}
	assert_int_equal(count, 27);
}

/* And what it says is the same code again, at the same place. */
static void a_code_and_its_emoji_are_each_other(void **state)
{
	static const char *const codes[] = { ":)", ":D", "<3", "</3", "O:)", ">:(", "(:" };

	(void)state;
	for (size_t i = 0; i < sizeof(codes) / sizeof(codes[0]); i++) {
		struct slice emoji = emote_emoji(slice_of(codes[i])), found;
		struct part typed, part;

		assert_true(emoji.len > 0 && emoji.len <= EMOTE_EMOJI_MAX);
		assert_true(emoji.len + 1 > strlen(codes[i]));
		assert_true(unicode_is_cluster(emoji));
		assert_true(emote_find(slice_of(codes[i]), &typed));
		assert_int_equal(emote_next(emoji, 0, true, &found, &part), 0);
		assert_true(slice_equal(found, emoji));
		assert_true(slice_equal(part.text, slice_of(codes[i])));
		assert_int_equal(part.x, typed.x);
		assert_int_equal(part.y, typed.y);
	}
}

static void what_says_the_same_as_another_keeps_its_code(void **state)
{
	struct part part;

	(void)state;
	assert_true(emote_find(SLICE(":-)"), &part));
	assert_int_equal(emote_emoji(SLICE(":-)")).len, 0);
	assert_int_equal(emote_emoji(SLICE(":mappa")).len, 0);
	assert_int_equal(emote_emoji(SLICE("")).len, 0);
}

/* Nobody knows where its picture is, but who sends it. */
static void a_code_without_a_place_is_not_made_of_an_emoji(void **state)
{
	struct slice pizza = emote_emoji(SLICE(":pizza")), emoji;
	struct part part;

	(void)state;
	assert_true(slice_is(pizza, "\xf0\x9f\x8d\x95"));
	assert_false(emote_find(SLICE(":pizza"), &part));
	assert_int_equal(emote_next(pizza, 0, false, &emoji, &part), pizza.len);
}

static void an_emoji_within_another_is_none(void **state)
{
	static const struct {
		const char *text;
		size_t any, alone;
	} rows[] = {
		{ "", 0, 0 },
		{ "hello", 5, 5 },
		{ SMILE, 0, 0 },
		{ "a " SMILE " b", 2, 2 },
		{ "a" SMILE, 1, 5 },
		{ SMILE SMILE, 0, 8 },
		{ SMILE "!", 0, 5 },
		{ "\xe2\x9d\xa4", 3, 3 },             /* a heart as text */
		{ "\xe2\x9d\xa4\xef\xb8\x8f", 0, 0 }, /* as a picture */
		{ "\xe2\x9d\xa4\xef\xb8\x8f\xe2\x80\x8d\xf0\x9f\x94\xa5", 13, 13 }, /* on fire */
		{ "\xf0\x9f\x98\xae\xe2\x80\x8d\xf0\x9f\x92\xa8", 11, 11 }, /* breathing out */
		{ SMILE "\xcc\x88", 6, 6 },                                 /* with a mark */
		{ "x\xe2\x80\x8d" SMILE, 8, 8 },
		{ "\xe2\x80\xa8" SMILE, 3, 7 },
	};
	struct slice emoji;
	struct part part;

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct slice text = slice_of(rows[i].text);

		assert_int_equal(emote_next(text, 0, false, &emoji, &part), rows[i].any);
		assert_int_equal(emote_next(text, 0, true, &emoji, &part), rows[i].alone);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(no_two_codes_have_the_same_emoji),
		cmocka_unit_test(a_code_and_its_emoji_are_each_other),
		cmocka_unit_test(what_says_the_same_as_another_keeps_its_code),
		cmocka_unit_test(a_code_without_a_place_is_not_made_of_an_emoji),
		cmocka_unit_test(an_emoji_within_another_is_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
