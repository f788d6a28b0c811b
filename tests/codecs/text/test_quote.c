#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "codecs/text/name.h"
#include "codecs/text/quote.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

struct row {
	const char *from, *line, *quoted;
};

static void assert_written(size_t (*write)(struct slice, char *), size_t more, const char *from,
			   const char *to)
{
	struct slice text = slice_of(from);
	char *out = malloc(text.len + more + 1); /* exactly what it may take */
	size_t len = write(text, out);

	assert_true(len <= text.len + more);
	if (len != strlen(to) || memcmp(out, to, len) != 0)
		fail_msg("\"%s\": \"%.*s\", not \"%s\"", from, (int)len, out, to);
	assert_true(text_is_utf8(slice_span(out, len)));
	free(out);
}

static void what_was_written_is_one_line(void **state)
{
	static const struct row rows[] = {
		{ "", "", "\"\"" },
		{ "tea", "tea", "\"tea\"" },
		{ " tea \t and\r\n\r\ncake ", "tea and cake", "\"tea and cake\"" },
		{ "a\xe2\x80\xa8"
		  "b\xe2\x80\xa9"
		  "c\xc2\x85"
		  "d",
		  "a b c d", "\"a b c d\"" },
		{ "\x1b[31mred\x07\x7f", "[31mred", "\"[31mred\"" },
		{ "\xe2\x80\xaegpj.\xe2\x81\xa6x\xd8\x9c", "gpj.x", "\"gpj.x\"" },
		{ "a\xe2\x80\x8b\xef\xbb\xbf"
		  "b",
		  "ab", "\"ab\"" },
		{ "\n", "", "\"\"" },
		{ "say \"no\"", "say \"no\"", "\"say 'no'\"" },
		{ "\xe2\x80\x9cno\xe2\x80\x9d", "\xe2\x80\x9cno\xe2\x80\x9d", "\"'no'\"" },
		{ "''no'' '' \"\"", "''no'' '' \"\"", "\"'no' ' '\"" },
		{ "don't", "don't", "\"don't\"" },
		/* Parts of one emoji stay together. */
		{ "\xe2\x9c\x94\xef\xb8\x8f", "\xe2\x9c\x94\xef\xb8\x8f",
		  "\"\xe2\x9c\x94\xef\xb8\x8f\"" },
		{ "\xf0\x9f\x91\xa9\xe2\x80\x8d\xf0\x9f\x92\xbb",
		  "\xf0\x9f\x91\xa9\xe2\x80\x8d\xf0\x9f\x92\xbb",
		  "\"\xf0\x9f\x91\xa9\xe2\x80\x8d\xf0\x9f\x92\xbb\"" },
		{ "a\xff"
		  "b",
		  "ab", "\"ab\"" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		assert_written(quote_line, 0, rows[i].from, rows[i].line);
		assert_written(quote_text, 2, rows[i].from, rows[i].quoted);
	}
}

/* Whatever stands in it, a quote has one beginning and one end, and is one line. */
static void nothing_ends_a_quote_early(void **state)
{
	(void)state;
	for (uint32_t point = 1; point < 0x30000; point++) {
		char text[16], out[16 + 2];
		size_t at = 0, len;

		if (point >= 0xd800 && point < 0xe000)
			continue;
		text[at++] = 'a';
		if (point < 0x80) {
			text[at++] = (char)point;
		} else if (point < 0x800) {
			text[at++] = (char)(0xc0 | point >> 6);
			text[at++] = (char)(0x80 | (point & 63));
		} else if (point < 0x10000) {
			text[at++] = (char)(0xe0 | point >> 12);
			text[at++] = (char)(0x80 | (point >> 6 & 63));
			text[at++] = (char)(0x80 | (point & 63));
		} else {
			text[at++] = (char)(0xf0 | point >> 18);
			text[at++] = (char)(0x80 | (point >> 12 & 63));
			text[at++] = (char)(0x80 | (point >> 6 & 63));
			text[at++] = (char)(0x80 | (point & 63));
		}
		text[at++] = 'b';
		len = quote_text(slice_span(text, at), out);
		assert_true(len >= 4 && out[0] == '"' && out[len - 1] == '"');
		for (size_t i = 1; i < len - 1; i++)
			if (out[i] == '"' || (unsigned char)out[i] < ' ' || out[i] == 0x7f)
				fail_msg("U+%04X", point);
	}
}

static void a_reaction_is_one_character_or_a_name(void **state)
{
	static const char *const right[] = {
		"a",
		"+",
		"5",
		"\xc3\xa9",
		"e\xcc\x81",
		"\xf0\x9f\x98\x82",
		"\xe2\x9c\x94\xef\xb8\x8f",         /* with its variation */
		"\xf0\x9f\x91\x8d\xf0\x9f\x8f\xbd", /* a skin tone */
		"\xf0\x9f\x87\xa9\xf0\x9f\x87\xaa", /* the flag of a country */
		"1\xef\xb8\x8f\xe2\x83\xa3",        /* a key cap */
		"\xf0\x9f\x91\xa8\xe2\x80\x8d\xf0\x9f\x91\xa9\xe2\x80\x8d\xf0\x9f\x91\xa7\xe2\x80"
		"\x8d"
		"\xf0\x9f\x91\xa6", /* a family */
		"\xf0\x9f\x8f\xb4\xf3\xa0\x81\xa7\xf3\xa0\x81\xa2\xf3\xa0\x81\xb3\xf3\xa0\x81\xa3"
		"\xf3\xa0\x81\xb4\xf3\xa0\x81\xbf",     /* the flag of Scotland */
		"\xe0\xa4\x95\xe0\xa5\x8d\xe0\xa4\xb7", /* a Hindi conjunct */
		":+1:",
		":party_parrot:",
		":a:",
		":A-9:",
		":",
		"\"",
		"\\",
	};
	static const char *const wrong[] = {
		"",
		"ab",
		"+1",
		":a b:",
		"::",
		"a:",
		":a",
		":\xc3\xa9:",
		":a\n:",
		":a::b:",
		"+1\n\nServer: log in again",
		"\n",
		"\r\n",
		" ",
		"\xc2\xa0",
		"\x01",
		"\xe2\x80\xae",
		"\xe2\x80\x8d",
		"\xef\xb8\x8f",
		"a\xe2\x80\xae",
		"\xe2\x80\xae"
		"a",
		"\xcc\x81",
		"\xf0\x9f\x98\x82\xf0\x9f\x98\x82",
		"a\xf3\xa0\x81\xa7",
		"\xcd\xb8",
		"a\xcc\x81\xcc\x81\xcc\x81\xcc\x81\xcc\x81\xcc\x81\xcc\x81\xcc\x81\xcc\x81\xcc\x81"
		"\xcc\x81"
		"\xcc\x81",
		"\xff",
	};
	char text[REACTION_BYTES_MAX + 1];

	(void)state;
	for (size_t i = 0; i < COUNT(right); i++)
		if (!quote_is_reaction(slice_of(right[i])))
			fail_msg("%s", right[i]);
	for (size_t i = 0; i < COUNT(wrong); i++)
		if (quote_is_reaction(slice_of(wrong[i])))
			fail_msg("%s", wrong[i]);
	memset(text, 'a', sizeof(text));
	text[0] = text[REACTION_BYTES_MAX - 1] = text[REACTION_BYTES_MAX] = ':';
	assert_true(quote_is_reaction(slice_span(text, REACTION_BYTES_MAX)));
	text[REACTION_BYTES_MAX - 1] = 'a';
	assert_false(quote_is_reaction(slice_span(text, REACTION_BYTES_MAX + 1)));
	assert_false(quote_is_reaction(SLICE("a\0b")));
	assert_false(quote_is_reaction((struct slice){ 0 }));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_was_written_is_one_line),
		cmocka_unit_test(nothing_ends_a_quote_early),
		cmocka_unit_test(a_reaction_is_one_character_or_a_name),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
