#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "codecs/text/reason.h"

static void codes_are_the_words_of_the_list(void **state)
{
	(void)state;
	assert_string_equal(reason_code(REASON_NONE), "none");
	assert_string_equal(reason_code(REASON_MALFORMED), "malformed");
	assert_string_equal(reason_code(REASON_UNKNOWN_VERB), "unknown_verb");
	assert_string_equal(reason_code(REASON_NOT_LOGGED_IN), "not_logged_in");
	assert_string_equal(reason_code(REASON_UNKNOWN_MESSAGE), "unknown_message");
	assert_string_equal(reason_code(REASON_NOT_PRIVATE), "not_private");
	assert_string_equal(reason_code(REASON_CLOSING), "closing");
}

static void codes_are_lower_case_and_all_different(void **state)
{
	(void)state;
	for (enum reason a = 0; a < REASONS; a++) {
		assert_true(strlen(reason_code(a)) > 0);
		assert_int_equal(strspn(reason_code(a), "abcdefghijklmnopqrstuvwxyz_"),
				 strlen(reason_code(a)));
		for (enum reason b = 0; b < a; b++)
			assert_string_not_equal(reason_code(a), reason_code(b));
	}
}

/* The texts go into frames by every dialect, some of them without escaping. */
static void texts_are_single_plain_sentences(void **state)
{
	(void)state;
	for (enum reason reason = 0; reason < REASONS; reason++) {
		const char *text = reason_text(reason);

		assert_in_range(text[0], 'A', 'Z');
		assert_null(strpbrk(text, ".\"\\\n"));
		assert_in_range(strlen(text), 10, 80);
		for (enum reason other = 0; other < reason; other++)
			assert_string_not_equal(text, reason_text(other));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(codes_are_the_words_of_the_list),
		cmocka_unit_test(codes_are_lower_case_and_all_different),
		cmocka_unit_test(texts_are_single_plain_sentences),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
