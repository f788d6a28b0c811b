#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "conf/directives.h"
#include "tests/conf/told.h"

/* The file around one line of a group, by the group's title. What is required beside the line
 * comes after it, and only when it is not what the line gives. */
static const struct {
	const char *title, *before, *after;
} wrappings[] = {
	{ "the configuration", "", "" },
	{ "limits", "limits: { ", " };" },
	{ "a listener", "listeners: ( { ", " } );" },
	{ "a mount", "listeners: ( { mounts: ( { ", " } ); } );" },
	{ "a room", "rooms: ( { ", " } );" },
	{ "an account", "accounts: ( { ", " } );" },
};

/* What has to stand beside a directive so that its whole range is possible. */
static const struct {
	const char *name, *beside;
} companions[] = {
	{ "ping_seconds", "idle_seconds = 86400;" },
	{ "idle_seconds", "ping_seconds = 1;" },
	{ "message_bytes", "outbox_bytes = 1073741824;" },
	{ "outbox_bytes", "message_bytes = 256;" },
	{ "history", "remembered = 1000000;" },
};

/* Half of a pair: the other half has to stand beside it. */
static const char *other_half(const struct directive *row)
{
	if (strcmp(row->name, "tls_certificate") == 0)
		return "tls_key";
	return strcmp(row->name, "tls_key") == 0 ? "tls_certificate" : NULL;
}

static const char *half_file(const char *name)
{
	return in_folder(strcmp(name, "tls_key") == 0 ? "good.key" : "good.pem");
}

/* A value that is right for each required directive and each kind of text. */
static const char *filler(const struct directive *row)
{
	static char path[sizeof(folder) + 260];

	if (strcmp(row->name, "number") == 0)
		return "7";
	if (other_half(row)) {
		snprintf(path, sizeof(path), "\"%s\"", half_file(row->name));
		return path;
	}
	switch (row->shape) {
	case SHAPE_PATH: return "\"/here\"";
	case SHAPE_DIALECT: return "\"simple\"";
	case SHAPE_FILE: snprintf(path, sizeof(path), "\"%s\"", in_folder("good")); return path;
	case SHAPE_ORIGIN: return "\"http://a\"";
	case SHAPE_ROLE: return "\"mod\"";
	case SHAPE_ACCOUNT: return "\"ann\"";
	case SHAPE_ADDRESS: return "\"::1\"";
	case SHAPE_UUID: return "\"93b4b17c-2f9c-4a3c-8ea9-5123b9c34c4b\"";
	default: return "\"lobby\"";
	}
}

static void print_required(FILE *stream, const struct section *section, const struct directive *but)
{
	for (size_t i = 0; i < section->count; i++) {
		const struct directive *row = &section->directives[i];

		if (row->required && row != but)
			fprintf(stream, "%s = %s; ", row->name, filler(row));
	}
	for (size_t i = 0; i < sizeof(companions) / sizeof(companions[0]); i++)
		if (but && strcmp(companions[i].name, but->name) == 0)
			fputs(companions[i].beside, stream);
}

/* A file in which one directive has a value. Returns new. */
static char *file_with(const struct section *section, const struct directive *row,
		       const char *value)
{
	char *text = NULL;
	size_t size, i = 0;
	FILE *stream = open_memstream(&text, &size);

	assert_non_null(stream);
	while (strcmp(wrappings[i].title, section->title) != 0)
		assert_true(++i < sizeof(wrappings) / sizeof(wrappings[0]));
	fprintf(stream, "%s%s = %s; ", wrappings[i].before, row->name, value);
	print_required(stream, section, row);
	if (other_half(row) && strcmp(value, "\"\"") != 0)
		fprintf(stream, "%s = \"%s\"; ", other_half(row), half_file(other_half(row)));
	fputs(wrappings[i].after, stream);
	if (row->shape == SHAPE_ACCOUNT)
		fprintf(stream,
			"accounts = ( { name = \"ann\"; number = 1; secret_file = \"%s\"; } );",
			in_folder("good"));
	fclose(stream);
	return text;
}

static void assert_taken(const struct section *section, const struct directive *row,
			 const char *value)
{
	char *text = file_with(section, row, value);
	struct told told;
	struct conf *conf = told_parse(&told, text);

	if (!conf)
		fail_msg("%.200s: %s", text, told.text);
	conf_free(conf);
	free(text);
}

static void assert_refused(const struct section *section, const struct directive *row,
			   const char *value, const char *message)
{
	char *text = file_with(section, row, value);
	struct told told;
	struct conf *conf = told_parse(&told, text);

	if (conf)
		fail_msg("taken: %.200s", text);
	if (!strstr(told.text, message))
		fail_msg("%.200s: not '%s' but '%s'", text, message, told.text);
	free(text);
}

typedef void each_directive(const struct section *, const struct directive *);

static void walk(const struct section *section, each_directive *visit)
{
	for (size_t i = 0; i < section->count; i++) {
		visit(section, &section->directives[i]);
		if (section->directives[i].inner)
			walk(section->directives[i].inner, visit);
	}
}

static bool is_number(const struct directive *row)
{
	return row->type == DIRECTIVE_NUMBER || row->type == DIRECTIVE_LARGE;
}

static void try_number(const struct section *section, const struct directive *row, int64_t value,
		       bool right)
{
	char text[32], message[160], range[DIRECTIVE_TEXT_MAX];

	snprintf(text, sizeof(text), "%" PRId64 "L", value);
	snprintf(message, sizeof(message), "1: %s is %" PRId64 ", out of range (%s)\n", row->name,
		 value, directive_range(row, range));
	if (right)
		assert_taken(section, row, text);
	else
		assert_refused(section, row, text, message);
	if (value > INT32_MAX || value < INT32_MIN)
		return;
	text[strlen(text) - 1] = '\0';
	if (right)
		assert_taken(section, row, text);
	else
		assert_refused(section, row, text, message);
}

static void check_number(const struct section *section, const struct directive *row)
{
	if (!is_number(row))
		return;
	try_number(section, row, row->min, true);
	try_number(section, row, row->max, true);
	try_number(section, row, row->min - 1, false);
	if (row->max < INT64_MAX)
		try_number(section, row, row->max + 1, false);
	assert_refused(section, row, "-1L", "-1, out of range");
	assert_refused(section, row, "3000000000", "needs the suffix L");
	assert_refused(section, row, "4294967296", "needs the suffix L");
	assert_refused(section, row, "9223372036854775808L", "is too large");
	assert_refused(section, row, "1.0", "must be a number, not a number with a fraction");
	assert_refused(section, row, "\"1\"", "must be a number, not a text");
	assert_refused(section, row, "true", "must be a number, not true or false");
	assert_refused(section, row, "[ 1 ]", "must be a number, not an array");
}

static void numbers_at_their_limits(void **state)
{
	(void)state;
	walk(&directives_top, check_number);
}

/* A text of that many bytes in quotes, right for the shape where one so long can be. */
static const char *long_text(const struct directive *row, int64_t len)
{
	static char text[8192];

	assert_true((size_t)len + 3 < sizeof(text));
	memset(text, 'a', (size_t)len + 2);
	text[0] = text[len + 1] = '"';
	text[len + 2] = '\0';
	if (row->shape == SHAPE_PATH)
		text[1] = '/';
	return text;
}

static void check_text(const struct section *section, const struct directive *row)
{
	char message[160];

	if (row->type != DIRECTIVE_TEXT)
		return;
	snprintf(message, sizeof(message), "1: %s is longer than %" PRId64 " bytes\n", row->name,
		 row->max);
	assert_refused(section, row, long_text(row, row->max + 1), message);
	if (row->shape == SHAPE_NAME || row->shape == SHAPE_PATH ||
	    (row->shape == SHAPE_FILE && !row->required && !other_half(row)))
		assert_taken(section, row, long_text(row, row->max));
	if (row->min > 0)
		assert_refused(section, row, "\"\"", "is empty\n");
	else
		assert_taken(section, row, "\"\"");
	assert_refused(section, row, "\"a\\x1b[2J\"", "holds control characters or is not UTF-8\n");
	assert_refused(section, row, "\"\\xff\"", "holds control characters or is not UTF-8\n");
	assert_refused(section, row, "5", "must be a text, not a number");
	assert_refused(section, row, "{ }", "must be a text, not a group");
	if (row->shape != SHAPE_LEVEL)
		assert_taken(section, row, filler(row));
}

static void texts_at_their_limits(void **state)
{
	(void)state;
	walk(&directives_top, check_text);
}

static char *many_texts(const char *item, int64_t count)
{
	char *text = NULL;
	size_t size;
	FILE *stream = open_memstream(&text, &size);

	assert_non_null(stream);
	for (int64_t i = 0; i < count; i++)
		fprintf(stream, "%s%s", i ? ", " : "[ ", item);
	fputs(" ]", stream);
	fclose(stream);
	return text;
}

static void check_texts(const struct section *section, const struct directive *row)
{
	char *text, message[160];

	if (row->type != DIRECTIVE_TEXTS)
		return;
	text = many_texts(filler(row), row->max);
	assert_taken(section, row, text);
	free(text);
	text = many_texts(filler(row), row->max + 1);
	snprintf(message, sizeof(message), "%s has more than %" PRId64 " items\n", row->name,
		 row->max);
	assert_refused(section, row, text, message);
	free(text);
	assert_taken(section, row, "[ ]");
	assert_taken(section, row, "( )");
	assert_refused(section, row, filler(row),
		       "must be a list of texts such as [ \"a\", \"b\" ]");
	assert_refused(section, row, "[ 1 ]", "must be a list of texts, not a number");
	assert_refused(section, row, "( \"\" )", "is empty\n");
	text = many_texts(long_text(row, 257), 1);
	assert_refused(section, row, text, "a text longer than 256 bytes");
	free(text);
}

static void lists_at_their_limits(void **state)
{
	(void)state;
	walk(&directives_top, check_texts);
}

static void check_yes_no(const struct section *section, const struct directive *row)
{
	if (row->type != DIRECTIVE_YES_NO)
		return;
	assert_taken(section, row, "true");
	assert_taken(section, row, "FALSE");
	assert_refused(section, row, "1", "must be true or false, not a number");
	assert_refused(section, row, "\"yes\"", "must be true or false, not a text");
}

static void yes_or_no(void **state)
{
	(void)state;
	walk(&directives_top, check_yes_no);
}

/* That many groups, each with a key of its own. Returns new. */
static char *many_groups(const struct directive *row, int64_t count)
{
	char *text = NULL;
	size_t size;
	FILE *stream = open_memstream(&text, &size);

	assert_non_null(stream);
	fputs("( ", stream);
	for (int64_t i = 1; i <= count; i++) {
		fputs(i > 1 ? ", { " : "{ ", stream);
		if (strcmp(row->name, "listeners") == 0)
			fprintf(stream, "port = %" PRId64 ";", i);
		else if (strcmp(row->name, "mounts") == 0)
			fprintf(stream, "path = \"/%" PRId64 "\"; dialect = \"mixer\";", i);
		else if (strcmp(row->name, "rooms") == 0)
			fprintf(stream, "name = \"r%" PRId64 "\";", i);
		else
			fprintf(stream,
				"name = \"a%" PRId64 "\"; number = %" PRId64
				"; secret_file = \"%s\";",
				i, i, in_folder("good"));
		fputs(" }", stream);
	}
	fputs(" )", stream);
	if (strcmp(row->name, "rooms") == 0)
		fputs("; listeners = ( { mounts = ( { path = \"/\"; dialect = \"mixer\"; room = "
		      "\"r1\"; } ); } )",
		      stream);
	fclose(stream);
	return text;
}

static void check_groups(const struct section *section, const struct directive *row)
{
	char *text, message[160], range[DIRECTIVE_TEXT_MAX];

	if (row->type != DIRECTIVE_GROUPS)
		return;
	text = many_groups(row, row->max);
	assert_taken(section, row, text);
	free(text);
	text = many_groups(row, row->max + 1);
	snprintf(message, sizeof(message), "%s has %" PRId64 " items, out of range (%s)\n",
		 row->name, row->max + 1, directive_range(row, range));
	assert_refused(section, row, text, message);
	free(text);
	if (row->min > 0)
		assert_refused(section, row, "( )", "has 0 items, out of range");
	else
		assert_taken(section, row, "( )");
	assert_refused(section, row, "{ }",
		       "must be a list of groups: ( { ... }, { ... } ), not a "
		       "group");
	assert_refused(section, row, "( 5 )", "must be a group { ... }, not a number");
}

static void groups_at_their_limits(void **state)
{
	(void)state;
	walk(&directives_top, check_groups);
}

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
		assert_non_null(row->rows);
	if (row->inner)
		assert_true(row->inner->count > 0);
	else
		assert_true(directive_default(row, text)[0]);
}

static void the_table_is_sound(void **state)
{
	(void)state;
	walk(&directives_top, check_row);
	assert_null(section_find(&directives_top, "message_bytes"));
	/* Threads and the folder of ids are made once. */
	assert_false(section_find(&directives_top, "workers")->reloadable);
	assert_false(section_find(&directives_top, "state")->reloadable);
	assert_true(section_find(&directives_top, "guests")->reloadable);
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
	walk(&directives_top, check_manual);
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
	directives_print(stream);
	fclose(stream);
	sample_text = told_sample();
	walk(&directives_top, check_named);
	assert_non_null(strstr(help_text, "number, 256 .. 16777216; default 65536\n"));
	free(help_text);
	free(sample_text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(numbers_at_their_limits),
		cmocka_unit_test(texts_at_their_limits),
		cmocka_unit_test(lists_at_their_limits),
		cmocka_unit_test(yes_or_no),
		cmocka_unit_test(groups_at_their_limits),
		cmocka_unit_test(the_table_is_sound),
		cmocka_unit_test(the_manual_has_every_directive),
		cmocka_unit_test(help_and_sample_have_every_directive),
	};

	return cmocka_run_group_tests(tests, folder_make, folder_remove);
}
