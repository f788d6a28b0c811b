#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "bridge/admin/exposition.h"

/* What was written is text; it is gone then. */
static void wrote(struct exposition *exposition, const char *text)
{
	assert_int_equal(exposition->out.len, strlen(text));
	assert_memory_equal(exposition->out.data, text, strlen(text));
	http_output_clear(&exposition->out);
}

static void families(void **state)
{
	struct exposition e = { .family = "" };

	(void)state;
	exposition_begin(&e, EXPOSITION_COUNTER, "a_", "b", "words", NULL);
	exposition_unsigned(&e, NULL, 0, 7);
	wrote(&e, "# HELP a_b_total words\n# TYPE a_b_total counter\na_b_total 7\n");
	exposition_begin(&e, EXPOSITION_GAUGE, "a_", "c_bytes", "words", "more");
	exposition_integer(&e, NULL, 0, -3);
	wrote(&e, "# HELP a_c_bytes words: more\n# TYPE a_c_bytes gauge\na_c_bytes -3\n");
	exposition_begin(&e, EXPOSITION_GAUGE, "", "d", NULL, "more");
	wrote(&e, "# HELP d more\n# TYPE d gauge\n");
}

static void numbers(void **state)
{
	struct exposition e = { .family = "x" };

	(void)state;
	exposition_unsigned(&e, NULL, 0, UINT64_MAX);
	exposition_integer(&e, NULL, 0, INT64_MIN);
	exposition_seconds(&e, NULL, 0, 0);
	exposition_seconds(&e, NULL, 0, 61007);
	wrote(&e, "x 18446744073709551615\nx -9223372036854775808\nx 0.000\nx 61.007\n");
}

/* A backslash, a quote and a line's end, and nothing else. */
static void escaping(void **state)
{
	struct exposition e = { .family = "x" };
	struct exposition_label labels[] = {
		{ "one", SLICE("a\\b\"c\nd") },
		{ "two", SLICE("\xc3\xa4{},= \t") },
		{ "three", SLICE("") },
		{ "four", SLICE("\\\\\n\n\"\"") },
	};

	(void)state;
	exposition_unsigned(&e, labels, 4, 1);
	wrote(&e, "x{one=\"a\\\\b\\\"c\\nd\",two=\"\xc3\xa4{},= \t\",three=\"\","
		  "four=\"\\\\\\\\\\n\\n\\\"\\\"\"} 1\n");
	exposition_begin(&e, EXPOSITION_GAUGE, "", "d", "a \"word\" \\ and\nmore", NULL);
	wrote(&e, "# HELP d a \"word\" \\\\ and\\nmore\n# TYPE d gauge\n");
}

static void long_names_are_cut(void **state)
{
	struct exposition e = { .family = "" };
	char name[2 * EXPOSITION_NAME_MAX];

	(void)state;
	memset(name, 'n', sizeof(name) - 1);
	name[sizeof(name) - 1] = '\0';
	exposition_begin(&e, EXPOSITION_GAUGE, "", name, "h", NULL);
	assert_int_equal(strlen(e.family), EXPOSITION_NAME_MAX - 1);
	http_output_clear(&e.out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(families),
		cmocka_unit_test(numbers),
		cmocka_unit_test(escaping),
		cmocka_unit_test(long_names_are_cut),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
