#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "codecs/text/name.h"
#include "codecs/text/unicode.h"

/* Looks like nothing else, so that the tables are asked about what stands before it. */
#define OTHER "\xe4\xb8\xad"

static size_t skeleton_by_tables(const char *text, size_t len, char *out, size_t size)
{
	char with[UNICODE_TEXT_MAX];
	size_t got;

	memcpy(with, text, len);
	memcpy(with + len, OTHER, 3);
	got = unicode_skeleton(slice_span(with, len + 3), out, size);
	assert_true(got > 3);
	assert_memory_equal(out + got - 3, OTHER, 3);
	return got - 3;
}

static void assert_as_the_tables_say(const char *text, size_t len)
{
	char known[UNICODE_TEXT_MAX], asked[UNICODE_TEXT_MAX];
	size_t known_len = unicode_skeleton(slice_span(text, len), known, sizeof(known));

	assert_int_equal(known_len, skeleton_by_tables(text, len, asked, sizeof(asked)));
	assert_memory_equal(known, asked, known_len);
}

/* What is known without asking is what the tables of this library say. */
static void looks_of_ascii(void **state)
{
	(void)state;
	for (char byte = ' '; byte < 0x7f; byte++) {
		char pair[2] = { byte, 'a' };

		assert_as_the_tables_say(&byte, 1);
		assert_as_the_tables_say(pair, 2);
	}
	assert_as_the_tables_say("Tommy I 10", 10);
}

static void skeletons_that_do_not_fit(void **state)
{
	char out[4], long_text[UNICODE_TEXT_MAX + 1];

	(void)state;
	memset(long_text, 'a', sizeof(long_text));
	assert_int_equal(unicode_skeleton(SLICE("mm"), out, 4), 4);
	assert_memory_equal(out, "rnrn", 4);
	assert_int_equal(unicode_skeleton(SLICE("mmx"), out, 4), 0);
	assert_int_equal(unicode_skeleton(SLICE(""), out, 4), 0);
	assert_int_equal(unicode_skeleton(slice_span(long_text, sizeof(long_text)), out, 4), 0);
}

static void marks(void **state)
{
	char out[32];
	size_t len = unicode_strip_marks(SLICE("a^e\xcc\x81 o"), out, sizeof(out));

	(void)state;
	assert_int_equal(len, 5);
	assert_memory_equal(out, "a^e o", 5);
}

/* A part ends behind white space, or else where a reader sees a character begin. */
static void parts(void **state)
{
	static const char family[] = "\xf0\x9f\x91\xa8\xe2\x80\x8d\xf0\x9f\x91\xa9";
	static const char accent[] = "e\xcc\x81";
	struct slice all = SLICE("all of it");
	char text[64];

	(void)state;
	assert_int_equal(unicode_part(all, 9), 9);
	assert_int_equal(unicode_part(all, 8), 7);
	assert_int_equal(unicode_part(SLICE("0123456789"), 4), 4);
	/* Two characters of two units each, joined: together or not at all. */
	snprintf(text, sizeof(text), "abc%s", family);
	assert_int_equal(unicode_part(slice_of(text), 8), 3 + sizeof(family) - 1);
	assert_int_equal(unicode_part(slice_of(text), 7), 3);
	assert_int_equal(unicode_part(slice_of(text), 4), 3);
	snprintf(text, sizeof(text), "ab%sx", accent);
	assert_int_equal(unicode_part(slice_of(text), 3), 2);
	assert_int_equal(unicode_part(slice_of(text), 4), 5);
	/* One that is longer than a part is cut all the same. */
	assert_int_equal(unicode_part(slice_of(family), 2), 4);
}

/* Every part fits, none is empty, and together they are the text. */
static void parts_of_a_long_text(void **state)
{
	char text[4000];
	struct slice rest = { text, 0 };
	size_t count = 0;

	(void)state;
	while (rest.len + 16 < sizeof(text))
		rest.len += (size_t)snprintf(
		    text + rest.len, sizeof(text) - rest.len,
		    rest.len % 7 ? "w\xc3\xb6rd%zu " : "\xf0\x9f\x98\x82%zu", rest.len);
	while (rest.len) {
		size_t part = unicode_part(rest, 360);

		assert_in_range(part, 1, rest.len);
		assert_true(text_utf16_length(slice_span(rest.data, part)) <= 360);
		rest = slice_span(rest.data + part, rest.len - part);
		count++;
	}
	assert_in_range(count, 9, 13);
}

/* What a reader takes for one character is never cut: by number of units, or of bytes. */
static void clusters_stay_whole(void **state)
{
	static const char *const clusters[] = {
		"e\xcc\x81",                        /* a combining mark */
		"a\xcc\x81\xcc\xa8\xcc\x84",        /* several */
		"\xf0\x9f\x87\xa9\xf0\x9f\x87\xaa", /* a flag */
		"\xf0\x9f\x91\x8d\xf0\x9f\x8f\xbd", /* a skin tone */
		"\xf0\x9f\x91\xa8\xe2\x80\x8d\xf0\x9f\x91\xa9\xe2\x80\x8d\xf0\x9f\x91\xa7",
		"\xe1\x84\x92\xe1\x85\xa1\xe1\x86\xab", /* Hangul in three letters */
		"\xe0\xa8\xa8\xe0\xa8\xbf",             /* a vowel sign with a width */
		"1\xef\xb8\x8f\xe2\x83\xa3",            /* a keycap */
		" \xcc\x81",                            /* a mark on a blank */
		"\r\n",
		"\xf0\x9f\x8f\xb4\xf3\xa0\x81\xa7\xf3\xa0\x81\xa2\xf3\xa0\x81\xb3\xf3\xa0\x81\xa3"
		"\xf3\xa0\x81\xb4\xf3\xa0\x81\xbf", /* the flag of Scotland */
	};

	(void)state;
	for (size_t i = 0; i < sizeof(clusters) / sizeof(clusters[0]); i++) {
		struct slice one = slice_of(clusters[i]);
		size_t units = text_utf16_length(one);
		char text[64 * 32];
		struct slice all = { text, 64 * one.len };

		for (size_t c = 0; c < 64; c++)
			memcpy(text + c * one.len, one.data, one.len);
		for (size_t max = units; max < 64 * units; max++) {
			size_t part = unicode_part(all, max);

			assert_in_range(part, one.len, all.len);
			assert_int_equal(part % one.len, 0);
		}
		for (size_t max = one.len; max < all.len; max++)
			assert_int_equal(unicode_clip(all, max).len, max - max % one.len);
		assert_int_equal(unicode_clip(all, all.len).len, all.len);
	}
	assert_int_equal(unicode_clip(slice_of(clusters[4]), 5).len, 4);
	assert_int_equal(unicode_clip(SLICE(""), 5).len, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(looks_of_ascii),
		cmocka_unit_test(skeletons_that_do_not_fit),
		cmocka_unit_test(marks),
		cmocka_unit_test(parts),
		cmocka_unit_test(parts_of_a_long_text),
		cmocka_unit_test(clusters_stay_whole),
	};

	return cmocka_run_group_tests_name("codecs/text/unicode", tests, NULL, NULL);
}
