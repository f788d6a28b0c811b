#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "conf/table/directives.h"
#include "tests/conf/table/walk.h"
#include "tests/conf/told.h"

static void check_row(const struct section *section, const struct directive *row)
{
	char text[DIRECTIVE_TEXT_MAX];

	assert_ptr_equal(section_find(section, row->name), row);
	assert_non_null(row->help);
	assert_true(strlen(row->help) > 10);
	assert_true(row->offset < section->size);
	assert_true(row->min <= row->max);
	if (row->type == DIRECTIVE_NUMBER && !row->required)
		assert_in_range(row->number, row->min, row->max);
	if (row->type == DIRECTIVE_TEXT)
		assert_true(row->required || row->text || row->otherwise);
	if (row->type == DIRECTIVE_GROUPS)
		assert_true(row->rows || row->required);
	if (row->type == DIRECTIVE_TEXTS)
		assert_true(row->item_max > 0);
	if (row->rows_are_lines)
		assert_true(row->rows_are_examples && row->inner->placed);
	if (row->inner)
		assert_true(row->inner->count > 0);
	else
		assert_true(directive_default(row, text)[0]);
}

static void the_table_is_sound(void **state)
{
	(void)state;
	walk(told_top(), check_row);
	assert_null(section_find(told_top(), "message_bytes"));
}

static void count_reloadable(const struct section *section, size_t *rows, size_t *reloadable)
{
	for (size_t i = 0; i < section->count; i++) {
		*rows += 1;
		*reloadable += section->directives[i].reloadable;
		if (section->directives[i].inner)
			count_reloadable(section->directives[i].inner, rows, reloadable);
	}
}

/* With all that is inside. */
static size_t reloadable_list(const char *name, size_t rows)
{
	const struct directive *list = section_find(told_top(), name);
	size_t inside = 0, of_inside = 0;

	assert_true(list->reloadable);
	count_reloadable(list->inner, &inside, &of_inside);
	assert_int_equal(inside, rows);
	assert_int_equal(of_inside, rows);
	return rows + 1;
}

static void some_need_no_restart(void **state)
{
	size_t expected = 2, all = 0, of_all = 0;

	(void)state;
	assert_true(section_find(told_top(), "log_level")->reloadable);
	assert_true(section_find(told_top(), "log_format")->reloadable);
	expected += reloadable_list("routes", 25);
	expected += reloadable_list("rooms", 19);
	expected += reloadable_list("accounts", 5);
	count_reloadable(told_top(), &all, &of_all);
	assert_int_equal(of_all, expected);
}

/* Where the manual page was read up to. */
static const char *manual;

static void expect_in_manual(const char *text)
{
	const char *found = strstr(manual, text);

	if (!found)
		fail_msg("the manual page does not say, or not in its place:\n%s", text);
	manual = found + strlen(text) - 1; /* the end of its line begins the next */
}

static void check_manual(const struct section *section, const struct directive *row)
{
	char text[1024], range[DIRECTIVE_TEXT_MAX], fallback[DIRECTIVE_TEXT_MAX];

	(void)section;
	snprintf(text, sizeof(text), "\n.It Ic %s\n", row->name);
	expect_in_manual(text);
	directive_range(row, range);
	directive_default(row, fallback);
	snprintf(text, sizeof(text), "%s%s%s%s%s%s.\n%s\n", directive_type_name(row),
		 range[0] ? ", " : "", range, fallback[0] ? "; " : "",
		 fallback[0] && !row->required ? "default " : "", fallback, row->help);
	expect_in_manual(text);
}

static void the_manual_has_every_directive(void **state)
{
	char *page = told_file("contrib/man/dragoman.cfg.5");

	(void)state;
	assert_non_null(page);
	manual = page;
	walk(told_top(), check_manual);
	free(page);
}

static char *help_text, *sample_text;

static void check_named(const struct section *section, const struct directive *row)
{
	char text[80];

	(void)section;
	snprintf(text, sizeof(text), " %s ", row->name);
	assert_non_null(strstr(help_text, text));
	snprintf(text, sizeof(text), row->inner ? "%s:" : "%s = ", row->name);
	assert_non_null(strstr(sample_text, text));
}

static void help_and_sample_have_every_directive(void **state)
{
	size_t size;
	FILE *stream = open_memstream(&help_text, &size);

	(void)state;
	assert_non_null(stream);
	directives_print(&told_known, stream);
	fclose(stream);
	sample_text = told_sample();
	walk(told_top(), check_named);
	assert_non_null(strstr(help_text, "number, 256 .. 16777216; default 65536\n"));
	free(help_text);
	free(sample_text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_table_is_sound),
		cmocka_unit_test(some_need_no_restart),
		cmocka_unit_test(the_manual_has_every_directive),
		cmocka_unit_test(help_and_sample_have_every_directive),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
