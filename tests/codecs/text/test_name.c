#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <unicode/uspoof.h>

#include "codecs/text/name.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

struct pair {
	const char *from, *to;
};

static void assert_clean(const char *from, const char *to)
{
	char out[NAME_BYTES_MAX];
	size_t len = name_clean(slice_of(from), out);

	if (len != strlen(to) || memcmp(out, to, len) != 0)
		fail_msg("\"%s\": \"%.*s\", not \"%s\"", from, (int)len, out, to);
}

static void names_are_cleaned(void **state)
{
	static const struct pair rows[] = {
		{ "ann", "ann" },
		{ "Ann Other", "Ann Other" },
		{ "  ann\t \r\n other  ", "ann other" },
		{ "a\x01n\x7fn", "ann" },
		{ "\xc2\xa0"
		  "ann\xe3\x80\x80"
		  "b\xe2\x80\xa8",
		  "ann b" }, /* no-break, wide, line */
		{ "\xe2\x80\xae"
		  "nna\xe2\x81\xa6",
		  "nna" },                                            /* bidirectional */
		{ "a\xe2\x80\x8b\xe2\x80\x8d\xef\xbb\xbfnn", "ann" }, /* zero width */
		{ "a\xc2\xadnn\xef\xb8\x8f", "ann" }, /* soft hyphen, variation selector */
		{ "\xe3\x85\xa4"
		  "ann\xe2\xa0\x80",
		  "ann" },                                /* Hangul filler, blank Braille */
		{ "a\xf3\xa0\x81\x81nn", "ann" },         /* a tag character */
		{ "a\xee\x80\x80nn\xef\xbf\xbe", "ann" }, /* private use, no character */
		{ "e\xcc\x81ric", "\xc3\xa9ric" },        /* composed */
		{ "\xd0\x9c\xd0\xb8\xd1\x88\xd0\xb0", "\xd0\x9c\xd0\xb8\xd1\x88\xd0\xb0" },
		{ "\xf0\x9f\x98\x82", "\xf0\x9f\x98\x82" },
		{ "\xef\xbc\xa1nn", "\xef\xbc\xa1nn" }, /* a wide A is shown as typed */
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++)
		assert_clean(rows[i].from, rows[i].to);
}

#define ZWNJ "\xe2\x80\x8c"
#define ZWJ  "\xe2\x80\x8d"

/* Kept where a script needs them, and only there. */
static void joiners_are_kept_where_they_are_needed(void **state)
{
	static const struct pair rows[] = {
		{ "علی" ZWNJ "رضا", "علی" ZWNJ "رضا" },      /* between letters that join */
		{ "علی" ZWNJ ZWNJ "رضا", "علی" ZWNJ "رضا" }, /* once */
		{ "عَلِ" ZWNJ "یّ", "عَلِ" ZWNJ "یّ" },            /* vowel signs do not matter */
		{ "ශ්" ZWJ "රී", "ශ්" ZWJ "රී" },                /* behind a virama */
		{ "क्" ZWNJ "ष", "क्" ZWNJ "ष" },
		{ "د" ZWNJ "رضا", "درضا" }, /* joins nothing to its left */
		{ "علی" ZWJ "رضا", "علیرضا" },
		{ "علی" ZWNJ " رضا", "علی رضا" },
		{ "علی" ZWNJ, "علی" },
		{ ZWNJ "علی", "علی" },
		{ "क" ZWJ "ष", "कष" },
		{ "क्" ZWJ, "क्" },
		{ "क्" ZWJ "1", "क्1" },
		{ "a" ZWNJ "n" ZWJ "n", "ann" },
		{ "\xf0\x9f\x91\xa9" ZWJ "\xf0\x9f\x92\xbb", "\xf0\x9f\x91\xa9\xf0\x9f\x92\xbb" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		assert_clean(rows[i].from, rows[i].to);
		assert_true(name_same(slice_of(rows[i].from), slice_of(rows[i].to)));
	}
}

static void names_hold_no_quotation_marks(void **state)
{
	static const struct pair rows[] = {
		{ "\"ann\"", "ann" },
		{ "an\xe2\x80\x9dn", "ann" },
		{ "''ann''", "'ann'" },
		{ "O'Brien", "O'Brien" },
		{ "O\xe2\x80\x99"
		  "Brien",
		  "O\xe2\x80\x99"
		  "Brien" },
		{ "d''Arc", "d'Arc" },
		{ "a'\xc2\xb4"
		  "b",
		  "a'b" },
		{ "a'\"'b", "a'b" },
		{ "' 'a' '", "' 'a' '" },
		{ "``a", "`a" },
		{ "a'\xe2\x80\x8b"
		  "'b",
		  "a'b" },
	};
	char out[NAME_BYTES_MAX];

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++)
		assert_clean(rows[i].from, rows[i].to);
	assert_int_equal(name_clean(SLICE("\"\""), out), 0);
}

/* The tables have all that ICU takes for one, but for letters. */
static void quotation_marks_are_those_that_look_like_one(void **state)
{
	static const int32_t letters[] = { 0x5d9,  0x5f2,  0x144a,  0x16cc,
					   0x1cd3, 0xfb1f, 0x16f51, 0x16f52 };
	UErrorCode error = U_ZERO_ERROR;
	USpoofChecker *checker = uspoof_open(&error);

	(void)state;
	for (int32_t point = 0x21, l = 0; point < 0x20000; point++) {
		UChar units[2] = { (UChar)point, 0 }, same[64];
		int32_t count = 1, len;

		if (point >= 0xd800 && point < 0xe000)
			continue;
		if (point >= 0x10000) {
			units[0] = U16_LEAD(point);
			units[1] = U16_TRAIL(point);
			count = 2;
		}
		len = uspoof_getSkeleton(checker, 0, units, count, same, 64, &error);
		assert_true(U_SUCCESS(error));
		if (len < 1 || same[0] != '\'' || (len > 1 && same[1] != '\''))
			continue;
		if (l < (int32_t)COUNT(letters) && point == letters[l])
			l++;
		else if (len > 1 ? !text_is_quote(point) : !text_is_apostrophe(point))
			fail_msg("U+%04X is not known", (unsigned)point);
	}
	uspoof_close(checker);
}

static void unassigned_characters_are_refused(void **state)
{
	/* A place for a Greek letter, one in an unused plane; reserved ones that stay unseen. */
	static const char *const refused[] = { "ann\xcd\xb8", "\xcd\xb8", "ann\xf1\x80\x80\x80" };
	static const struct pair unseen[] = { { "ann\xe2\x81\xa5", "ann" },
					      { "a\xf3\xa0\xbf\xbfnn", "ann" },
					      { "ann\xef\xbf\xb0", "ann" } };
	char out[NAME_BYTES_MAX];

	(void)state;
	for (size_t i = 0; i < COUNT(refused); i++)
		assert_int_equal(name_clean(slice_of(refused[i]), out), 0);
	for (size_t i = 0; i < COUNT(unseen); i++) {
		assert_clean(unseen[i].from, unseen[i].to);
		assert_true(name_same(slice_of(unseen[i].from), slice_of(unseen[i].to)));
	}
}

static void cleaning_twice_changes_nothing(void **state)
{
	static const char *const names[] = { " a  b ", "e\xcc\x81 \xe2\x80\x8b x",
					     "\xe1\x84\x80\xe1\x85\xa1 y" };

	(void)state;
	for (size_t i = 0; i < COUNT(names); i++) {
		char once[NAME_BYTES_MAX], twice[NAME_BYTES_MAX];
		size_t len = name_clean(slice_of(names[i]), once);

		assert_true(len > 0);
		assert_int_equal(name_clean(slice_span(once, len), twice), len);
		assert_memory_equal(once, twice, len);
	}
}

static void what_leaves_no_name_is_refused(void **state)
{
	static const char *const names[] = {
		"",     " ",       "\t\n",         "\xe2\x80\x8b\xe2\x80\x8b",
		"\xff", "ann\xc3", "\xed\xa0\x80", "\x01"
	};
	char out[NAME_BYTES_MAX];

	(void)state;
	for (size_t i = 0; i < COUNT(names); i++)
		assert_int_equal(name_clean(slice_of(names[i]), out), 0);
	assert_int_equal(name_clean((struct slice){ 0 }, out), 0);
}

static void names_have_a_greatest_length(void **state)
{
	char text[NAME_BYTES_MAX + 300], out[NAME_BYTES_MAX];

	(void)state;
	memset(text, 'a', sizeof(text));
	assert_int_equal(name_clean(slice_span(text, NAME_BYTES_MAX), out), NAME_BYTES_MAX);
	assert_int_equal(name_clean(slice_span(text, NAME_BYTES_MAX + 1), out), 0);
	assert_int_equal(name_clean(slice_span(text, sizeof(text)), out), 0);
	memset(text + 10, ' ', 150); /* it is the cleaned length that counts */
	assert_int_equal(name_clean(slice_span(text, 160), out), 10);
	for (size_t i = 0; i < 66; i += 2)
		memcpy(text + i, "\xc3\xa9", 2);
	assert_int_equal(name_clean(slice_span(text, NAME_BYTES_MAX), out), NAME_BYTES_MAX);
	assert_int_equal(name_clean(slice_span(text, NAME_BYTES_MAX + 2), out), 0);
}

static void names_that_look_alike_fold_to_the_same(void **state)
{
	static const struct pair same[] = {
		{ "ann", "ANN" },
		{ "ann", "\xef\xbc\xa1\xef\xbd\x8e\xef\xbd\x8e" }, /* wide letters */
		{ "\xc3\xa9ric", "E\xcc\x81ric" },
		{ "stra\xc3\x9f"
		  "e",
		  "STRASSE" },
		{ "kelvin", "\xe2\x84\xaa"
			    "elvin" },
		{ "office", "o\xef\xac\x83"
			    "ce" }, /* a ligature */
		{ "a\xe2\x80\x8b"
		  "nn",
		  "ann" },
		{ "\xd0\x9c\xd0\x98\xd0\xa8\xd0\x90", "\xd0\xbc\xd0\xb8\xd1\x88\xd0\xb0" },
		{ "\xe2\x91\xa0", "1" },
	};
	static const struct pair different[] = {
		{ "ann", "anne" }, { "ann", "an n" },  { "a", "\xc3\xa4" },
		{ "", "" },        { "\xff", "\xff" }, { "a", "" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(same); i++)
		assert_true(name_same(slice_of(same[i].from), slice_of(same[i].to)));
	for (size_t i = 0; i < COUNT(different); i++)
		assert_false(name_same(slice_of(different[i].from), slice_of(different[i].to)));
}

static void folded_names_have_a_greatest_length(void **state)
{
	char text[NAME_FOLDED_MAX + 1], out[NAME_FOLDED_MAX];

	(void)state;
	memset(text, 'A', sizeof(text));
	assert_int_equal(name_fold(slice_span(text, NAME_FOLDED_MAX), out), NAME_FOLDED_MAX);
	assert_int_equal(out[NAME_FOLDED_MAX - 1], 'a');
	assert_int_equal(name_fold(slice_span(text, NAME_FOLDED_MAX + 1), out), 0);
	/* U+FDFA becomes 18 characters of 33 bytes together. */
	for (size_t i = 0; i < 255; i += 3)
		memcpy(text + i, "\xef\xb7\xba", 3);
	assert_int_equal(name_fold(slice_span(text, 3), out), 33);
	assert_int_equal(name_fold(slice_span(text, 255), out), 0);
	assert_int_equal(name_fold(SLICE("\xff"), out), 0);
	assert_int_equal(name_fold(SLICE(""), out), 0);
}

/* ---- text ---- */

static void utf16_units_are_counted(void **state)
{
	static const char piece[] = "a\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x82"; /* 1 + 1 + 1 + 2 */
	char text[sizeof(piece) * 20];
	char *exact;

	(void)state;
	assert_int_equal(text_utf16_length(SLICE("")), 0);
	assert_int_equal(text_utf16_length((struct slice){ 0 }), 0);
	assert_int_equal(text_utf16_length(SLICE("\xf4\x8f\xbf\xbf\xef\xbf\xbf")), 3);
	for (size_t count = 1; count < 20; count++) {
		size_t len = count * (sizeof(piece) - 1);

		for (size_t i = 0; i < count; i++)
			memcpy(text + i * (sizeof(piece) - 1), piece, sizeof(piece) - 1);
		exact = malloc(len);
		memcpy(exact, text, len);
		assert_int_equal(text_utf16_length(slice_span(exact, len)), count * 5);
		free(exact);
	}
}

static void clipping_keeps_characters_whole(void **state)
{
	struct slice text = SLICE("a\xc3\xa9\xf0\x9f\x98\x82z");
	static const size_t expected[] = { 0, 1, 1, 3, 3, 3, 3, 7, 8, 8 };

	(void)state;
	for (size_t len = 0; len < COUNT(expected); len++) {
		assert_int_equal(text_clip(text, len).len, expected[len]);
		assert_ptr_equal(text_clip(text, len).data, text.data);
	}
}

static void utf8_is_told_from_other_bytes(void **state)
{
	static const char *const good[] = {
		"", "ascii", "twenty-three bytes of it", "long enough for a stride \xc3\xa9",
		"\xed\x9f\xbf\xee\x80\x80\xf4\x8f\xbf\xbf\xef\xbf\xbe"
	};
	static const char *const bad[] = { "\x80",
					   "\xc0\x80",
					   "\xc1\xbf",
					   "\xe0\x9f\xbf",
					   "\xed\xa0\x80",
					   "\xf0\x8f\xbf\xbf",
					   "\xf4\x90\x80\x80",
					   "\xff",
					   "eight by\xc3",
					   "long enough \xe2\x82 for a stride" };

	(void)state;
	for (size_t i = 0; i < COUNT(good); i++)
		assert_true(text_is_utf8(slice_of(good[i])));
	for (size_t i = 0; i < COUNT(bad); i++)
		assert_false(text_is_utf8(slice_of(bad[i])));
	assert_true(text_is_utf8((struct slice){ 0 }));
	assert_true(text_is_utf8(SLICE("a\0b")));
}

static void assert_escaped(struct slice text, size_t size, const char *expected)
{
	char *out = malloc(size);

	assert_ptr_equal(text_escape(text, out, size), out);
	assert_string_equal(out, expected);
	free(out);
}

static void logs_get_printable_ascii_only(void **state)
{
	(void)state;
	assert_escaped(SLICE("plain ~text"), 100, "plain ~text");
	assert_escaped(SLICE("a\"b\\c'\x1b[31m\n\0\x7f\xc3\xa9"), 100,
		       "a\\x22b\\x5cc\\x27\\x1b[31m\\x0a\\x00\\x7f\\xc3\\xa9");
	assert_escaped((struct slice){ 0 }, 1, "");
}

static void clipped_escapes_end_in_dots(void **state)
{
	(void)state;
	assert_escaped(SLICE("abcdef"), 7, "abcdef");
	assert_escaped(SLICE("abcdefg"), 7, "abc...");
	assert_escaped(SLICE("abc\n"), 8, "abc\\x0a");
	assert_escaped(SLICE("abc\n"), 7, "abc...");
	assert_escaped(SLICE("ab\ncd"), 9, "ab\\x0acd");
	assert_escaped(SLICE("ab\ncdefg"), 9, "ab...");
	assert_escaped(SLICE("ab\ncdefg"), 10, "ab\\x0a...");
	assert_escaped(SLICE("abcdef"), 4, "...");
	assert_escaped(SLICE("abcdef"), 2, ".");
	assert_escaped(SLICE("abcdef"), 1, "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_are_cleaned),
		cmocka_unit_test(joiners_are_kept_where_they_are_needed),
		cmocka_unit_test(names_hold_no_quotation_marks),
		cmocka_unit_test(quotation_marks_are_those_that_look_like_one),
		cmocka_unit_test(unassigned_characters_are_refused),
		cmocka_unit_test(cleaning_twice_changes_nothing),
		cmocka_unit_test(what_leaves_no_name_is_refused),
		cmocka_unit_test(names_have_a_greatest_length),
		cmocka_unit_test(names_that_look_alike_fold_to_the_same),
		cmocka_unit_test(folded_names_have_a_greatest_length),
		cmocka_unit_test(utf16_units_are_counted),
		cmocka_unit_test(clipping_keeps_characters_whole),
		cmocka_unit_test(utf8_is_told_from_other_bytes),
		cmocka_unit_test(logs_get_printable_ascii_only),
		cmocka_unit_test(clipped_escapes_end_in_dots),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
