#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "routes/rules/pattern.h"

#define LONG_TEXT 65536

static enum pattern_verdict find_in(const char *pattern_text, struct slice text)
{
	char why[PATTERN_WHY_MAX] = "";
	struct pattern *pattern = pattern_new(slice_of(pattern_text), why);
	struct pattern_search *search = pattern_search_new();
	enum pattern_verdict verdict, again;

	if (!pattern)
		fail_msg("%s: %s", pattern_text, why);
	verdict = pattern_find(pattern, search, text);
	again = pattern_find(pattern, search, text);
	assert_int_equal(verdict, again);
	pattern_search_free(search);
	pattern_free(pattern);
	return verdict;
}

static enum pattern_verdict find(const char *pattern, const char *text)
{
	return find_in(pattern, slice_of(text));
}

static void patterns_are_found_anywhere(void **state)
{
	(void)state;
	assert_int_equal(find("ell", "hello"), PATTERN_FOUND);
	assert_int_equal(find("^ell", "hello"), PATTERN_ABSENT);
	assert_int_equal(find("^!", "!help"), PATTERN_FOUND);
	assert_int_equal(find("o$", "hello"), PATTERN_FOUND);
	assert_int_equal(find("(?i)HELLO", "well, hello"), PATTERN_FOUND);
	assert_int_equal(find("HELLO", "hello"), PATTERN_ABSENT);
	assert_int_equal(find("(\\w)\\1", "hello"), PATTERN_FOUND);
	assert_int_equal(find("(\\w)\\1", "helo"), PATTERN_ABSENT);
}

static void the_empty_text_is_a_text(void **state)
{
	(void)state;
	assert_int_equal(find("^$", ""), PATTERN_FOUND);
	assert_int_equal(find(".", ""), PATTERN_ABSENT);
	assert_int_equal(find_in("^$", (struct slice){ NULL, 0 }), PATTERN_FOUND);
}

static void letters_and_case_are_those_of_unicode(void **state)
{
	(void)state;
	assert_int_equal(find("^\\w+$", "\xc3\xa9t\xc3\xa9"), PATTERN_FOUND);
	assert_int_equal(find("(?i)\xc3\x89T\xc3\x89", "\xc3\xa9t\xc3\xa9"), PATTERN_FOUND);
	assert_int_equal(find("^.$", "\xf0\x9f\x98\x82"), PATTERN_FOUND);
	assert_int_equal(find("\\p{Greek}", "\xce\xb1"), PATTERN_FOUND);
	assert_int_equal(find("\\p{Greek}", "a"), PATTERN_ABSENT);
}

static void nul_bytes_are_characters_like_others(void **state)
{
	(void)state;
	assert_int_equal(find_in("b", SLICE("a\0b")), PATTERN_FOUND);
	assert_int_equal(find_in("^a.b$", SLICE("a\0b")), PATTERN_FOUND);
	assert_int_equal(find_in("\\x00", SLICE("a\0b")), PATTERN_FOUND);
	assert_int_equal(find_in("\\x00", SLICE("ab")), PATTERN_ABSENT);
}

static void one_search_serves_many_patterns(void **state)
{
	char why[PATTERN_WHY_MAX];
	struct pattern *a = pattern_new(SLICE("a"), why), *b = pattern_new(SLICE("(b)(c)?"), why);
	struct pattern_search *search = pattern_search_new();

	(void)state;
	assert_int_equal(pattern_find(a, search, SLICE("xa")), PATTERN_FOUND);
	assert_int_equal(pattern_find(b, search, SLICE("xa")), PATTERN_ABSENT);
	assert_int_equal(pattern_find(b, search, SLICE("xbc")), PATTERN_FOUND);
	assert_int_equal(pattern_find(a, search, SLICE("xbc")), PATTERN_ABSENT);
	pattern_search_free(search);
	pattern_free(a);
	pattern_free(b);
	pattern_free(NULL);
	pattern_search_free(NULL);
}

static void wrong_patterns_are_refused_with_why(void **state)
{
	static const struct {
		const char *pattern, *why;
	} wrong[] = {
		{ "(a", "missing closing parenthesis, at byte 2" },
		{ "a)b", "unmatched closing parenthesis, at byte 1" },
		{ "[z-a]", "range out of order in character class, at byte 3" },
		{ "*", "quantifier does not follow a repeatable item, at byte 0" },
		{ "a\\Cb", "using \\C is disabled by the application, at byte 3" },
		{ "\xff", "UTF-8 error: illegal byte (0xfe or 0xff), at byte 0" },
	};
	char why[PATTERN_WHY_MAX];

	(void)state;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(*wrong); i++) {
		assert_null(pattern_new(slice_of(wrong[i].pattern), why));
		assert_string_equal(why, wrong[i].why);
	}
}

static void long_and_deep_patterns_are_refused(void **state)
{
	static char text[PATTERN_BYTES_MAX + 1];
	char why[PATTERN_WHY_MAX] = "";
	struct pattern *longest;

	(void)state;
	memset(text, 'a', sizeof(text));
	longest = pattern_new(slice_span(text, PATTERN_BYTES_MAX), why);
	assert_string_equal(why, "");
	assert_non_null(longest);
	pattern_free(longest);
	assert_null(pattern_new(slice_span(text, PATTERN_BYTES_MAX + 1), why));
	assert_string_equal(why, "it is longer than 4096 bytes");

	memset(text, '(', PATTERN_NEST_MAX + 1);
	memset(text + PATTERN_NEST_MAX + 1, ')', PATTERN_NEST_MAX + 1);
	assert_null(pattern_new(slice_span(text, (PATTERN_NEST_MAX + 1) * 2), why));
	assert_string_equal(why, "parentheses are too deeply nested, at byte 65");
	assert_null(pattern_new(SLICE("(((((a{999}){999}){999}){999}){999})"), why));
	assert_non_null(strstr(why, "too large"));
}

/* Each of these would take from seconds to longer than anybody has. */
static void catastrophes_give_up(void **state)
{
	static const struct {
		const char *pattern, *unit, *end;
	} slow[] = {
		{ "(a+)+$", "a", "b" },
		{ "([a-z]+)*[0-9]", "a", "" },
		{ "^(.*)(.*)(.*)(.*)[xyz]$", "a", "" },
		{ "\\w*[!?]", "a", "" },
		{ "a*[bc]", "a", "" },
		{ "\\s+$", "          ", "b" },
		{ "(.+)\\1[!?]", "ab", "" },
		{ "(?=(.*[xy]))z?[!?]|a[!?]", "a", "" },
		{ "a{60000}[bc]", "a", "" },
		{ "(?:a|a)*[bc]", "a", "" },
		{ "(a(?1)?b?)[cd]", "a", "" },
		{ "(?<=[ab].{300}[xy])[abc]", "a", "" },
	};
	static char text[LONG_TEXT];

	(void)state;
	for (size_t i = 0; i < sizeof(slow) / sizeof(*slow); i++) {
		size_t end = strlen(slow[i].end), unit = strlen(slow[i].unit), len = 0;

		while (len + unit + end <= LONG_TEXT) {
			memcpy(text + len, slow[i].unit, unit);
			len += unit;
		}
		memcpy(text + len, slow[i].end, end);
		if (find_in(slow[i].pattern, slice_span(text, len + end)) != PATTERN_GAVE_UP)
			fail_msg("%s did not give up", slow[i].pattern);
	}
}

static void harmless_searches_do_not_give_up(void **state)
{
	static char text[LONG_TEXT];
	static const struct {
		const char *pattern;
		enum pattern_verdict verdict;
	} searches[] = {
		{ "needle$", PATTERN_FOUND },    { "^!", PATTERN_ABSENT },
		{ "(?i)NEEDLE", PATTERN_FOUND }, { "\\bneedle\\b", PATTERN_FOUND },
		{ "nope", PATTERN_ABSENT },      { "hay.hax|need[xl]e", PATTERN_FOUND },
		{ "^.{2000,}$", PATTERN_FOUND }, { "(hay )+needle", PATTERN_FOUND },
		{ ".*needle", PATTERN_FOUND },   { "\\d|[!?]", PATTERN_ABSENT },
	};
	size_t len = 0;

	(void)state;
	for (; len + 10 < LONG_TEXT; len += 4)
		memcpy(text + len, "hay ", 4);
	memcpy(text + len, "needle", 6);
	for (size_t i = 0; i < sizeof(searches) / sizeof(*searches); i++)
		if (find_in(searches[i].pattern, slice_span(text, len + 6)) != searches[i].verdict)
			fail_msg("%s is not found as it should be", searches[i].pattern);
}

/* Hex and octal characters, classes and escapes are no repeats: nothing is charged for them. */
static void numbers_that_are_no_repeats_cost_nothing(void **state)
{
	static char text[LONG_TEXT];

	(void)state;
	memset(text, 'a', sizeof(text));
	assert_int_equal(find_in("a[\\x{2028}\\x{9999}]", slice_span(text, sizeof(text))),
			 PATTERN_ABSENT);
	assert_int_equal(find_in("a\\x{2028}?[bc]", slice_span(text, 1000)), PATTERN_ABSENT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(patterns_are_found_anywhere),
		cmocka_unit_test(the_empty_text_is_a_text),
		cmocka_unit_test(letters_and_case_are_those_of_unicode),
		cmocka_unit_test(nul_bytes_are_characters_like_others),
		cmocka_unit_test(one_search_serves_many_patterns),
		cmocka_unit_test(wrong_patterns_are_refused_with_why),
		cmocka_unit_test(long_and_deep_patterns_are_refused),
		cmocka_unit_test(catastrophes_give_up),
		cmocka_unit_test(harmless_searches_do_not_give_up),
		cmocka_unit_test(numbers_that_are_no_repeats_cost_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
