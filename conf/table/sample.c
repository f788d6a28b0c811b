#include "conf/table/sample.h"

#include <inttypes.h>
#include <string.h>

#include "conf/table/directives.h"

#define LINE_WIDTH 88
#define COLUMN     32 /* where the words stand beside what they explain */
#define HELP_BYTES 1024

#define NO_EXAMPLE  1000
#define SAMPLE_MARK " # example"

/* Where we are in the sample: how deep, and from which depth on it is an example in comments. */
struct page {
	FILE *stream;
	int depth, example;
};

static void begin_line(const struct page *page, const char *mark)
{
	for (int i = 0; i < page->depth; i++) {
		if (i == page->example)
			fputs("# ", page->stream);
		fputc('\t', page->stream);
	}
	if (page->depth == page->example)
		fputs("# ", page->stream);
	fputs(mark, page->stream);
}

/* A space that no line is broken at. */
#define TIED '\v'

/* Comment lines of at most LINE_WIDTH columns, broken at spaces. */
static void print_comment(const struct page *page, const char *text)
{
	size_t width = LINE_WIDTH - 8 * (size_t)page->depth;

	while (*text) {
		size_t len = strlen(text);

		if (len > width) {
			len = width;
			while (len > 1 && text[len] != ' ')
				len--;
		}
		begin_line(page, "# ");
		for (; len; len--, text++)
			fputc(*text == TIED ? ' ' : *text, page->stream);
		fputc('\n', page->stream);
		text += strspn(text, " ");
	}
}

/* The help, and the default in words or the range. Returns out. */
static const char *help_text(const struct directive *row, bool otherwise, char out[HELP_BYTES])
{
	bool number = row->type == DIRECTIVE_NUMBER || row->type == DIRECTIVE_LARGE;
	char range[DIRECTIVE_TEXT_MAX];

	directive_range(row, range);
	for (char *at = range; *at; at++)
		if (*at == ' ')
			*at = TIED;
	if (row->otherwise && otherwise)
		snprintf(out, HELP_BYTES, "%s Default: %s.", row->help, row->otherwise);
	else if (number && range[0])
		snprintf(out, HELP_BYTES, "%s (%s)", row->help, range);
	else
		snprintf(out, HELP_BYTES, "%s", row->help);
	return out;
}

static void print_help(const struct page *page, const struct directive *row)
{
	char text[HELP_BYTES];

	print_comment(page, help_text(row, true, text));
}

static const char *preset_value(const struct preset *presets, const char *name)
{
	for (; presets && presets->name; presets++)
		if (strcmp(presets->name, name) == 0)
			return presets->value;
	return NULL;
}

static void print_section(const struct page *page, const struct section *section,
			  const struct preset *presets);

/* One more group after the first, which said what everything means. */
static void print_short(const struct page *page, const struct preset *presets)
{
	begin_line(page, "{");
	for (; presets->name; presets++)
		fprintf(page->stream, " %s = %s;", presets->name, presets->value);
	fputs(" }", page->stream);
}

/* What it looks like in a file: the preset, an example, or the default. */
static const char *shown_value(const struct directive *row, const struct preset *presets,
			       char fallback[DIRECTIVE_TEXT_MAX])
{
	const char *preset = preset_value(presets, row->name);

	if (preset)
		return preset;
	return row->example ? row->example : directive_default(row, fallback);
}

/* Words in columns from COLUMN on, the first line after what stands there already. */
static void print_beside(FILE *stream, size_t used, const char *text)
{
	while (*text) {
		size_t len = strlen(text);

		if (len > LINE_WIDTH - COLUMN) {
			len = LINE_WIDTH - COLUMN;
			while (len > 1 && text[len] != ' ')
				len--;
		}
		fprintf(stream, "%*s", used < COLUMN ? (int)(COLUMN - used) : 1, "");
		for (; len; len--, text++)
			fputc(*text == TIED ? ' ' : *text, stream);
		fputc('\n', stream);
		text += strspn(text, " ");
		used = *text ? (size_t)fprintf(stream, "#") : 0;
	}
}

/* "#   name = value;    What it means." for each directive of a group. */
static void print_explained(FILE *stream, const struct section *section,
			    const struct preset *presets)
{
	char value[DIRECTIVE_TEXT_MAX], text[HELP_BYTES];

	fprintf(stream, "#\n# Of %s:\n", section->title);
	for (size_t i = 0; i < section->count; i++) {
		const struct directive *row = &section->directives[i];
		bool example = !row->inner && (row->required || row->example);
		int used = row->inner
			       ? fprintf(stream, "#   %s: ( ... )", row->name)
			       : fprintf(stream, "#   %s = %s;", row->name,
					 shown_value(row, row->required ? presets : NULL, value));

		help_text(row, false, text);
		if (example)
			snprintf(text + strlen(text), HELP_BYTES - strlen(text), " (example)");
		print_beside(stream, (size_t)used, text);
	}
	for (size_t i = 0; i < section->count; i++)
		if (section->directives[i].inner)
			print_explained(stream, section->directives[i].inner, NULL);
}

/* A group on one line, broken between its directives when it is too long. */
static void print_line(const struct page *page, const struct preset *presets)
{
	size_t used = 8 * (size_t)page->depth + 3;

	begin_line(page, "{");
	for (; presets->name; presets++) {
		size_t len = strlen(presets->name) + strlen(presets->value) + 5;

		if (used + len > LINE_WIDTH) {
			struct page inner = { page->stream, page->depth + 1, page->example };

			fputc('\n', page->stream);
			begin_line(&inner, "");
			fprintf(page->stream, "%s = %s;", presets->name, presets->value);
			used = 8 * (size_t)inner.depth;
		} else {
			fprintf(page->stream, " %s = %s;", presets->name, presets->value);
		}
		used += len;
	}
	fputs(" }", page->stream);
}

static void print_lines(const struct page *page, const struct directive *row)
{
	struct page inner = { page->stream, page->depth + 1, page->depth + 1 };

	print_explained(page->stream, row->inner, row->rows[0]);
	fprintf(page->stream, "%s:\n(\n", row->name);
	for (size_t i = 0; row->rows[i]; i++) {
		print_line(&inner, row->rows[i]);
		fputs(row->rows[i + 1] ? ",\n" : "\n", page->stream);
	}
	fputs(");\n", page->stream);
}

static void print_groups(const struct page *page, const struct directive *row)
{
	struct page inner = { page->stream, page->depth + 1,
			      row->rows_are_examples ? page->depth + 1 : page->example };

	begin_line(page, "");
	fprintf(page->stream, "%s:\n", row->name);
	begin_line(page, "(\n");
	for (size_t i = 0; row->rows[i]; i++) {
		if (i == 0) {
			struct page body = { inner.stream, inner.depth + 1, inner.example };

			begin_line(&inner, "{\n");
			print_section(&body, row->inner, row->rows[i]);
			begin_line(&inner, "}");
		} else {
			print_short(&inner, row->rows[i]);
		}
		fputs(row->rows[i + 1] ? "," : "", page->stream);
		fputs(i > 0 && inner.example == NO_EXAMPLE ? SAMPLE_MARK "\n" : "\n", page->stream);
	}
	begin_line(page, ");\n");
}

/* Said of a value that is not what leaving it out means. In comments all are examples. */
static void print_mark(const struct page *page, const struct directive *row, const char *value)
{
	char fallback[DIRECTIVE_TEXT_MAX];

	directive_default(row, fallback);
	if (page->example != NO_EXAMPLE || (!row->required && strcmp(value, fallback) == 0))
		return;
	fputs(SAMPLE_MARK, page->stream);
	if (!row->required)
		fprintf(page->stream, "; default: %s", fallback);
}

static void print_value(const struct page *page, const struct directive *row,
			const struct preset *presets)
{
	bool shown_only = !preset_value(presets, row->name) && row->example;
	char fallback[DIRECTIVE_TEXT_MAX];
	const char *value = shown_value(row, presets, fallback);

	begin_line(page, shown_only ? "# " : "");
	fprintf(page->stream, "%s = %s;", row->name, value);
	if (!shown_only)
		print_mark(page, row, value);
	fputc('\n', page->stream);
}

static void print_directive(const struct page *page, const struct directive *row,
			    const struct preset *presets)
{
	struct page inner = { page->stream, page->depth + 1, page->example };

	print_help(page, row);
	switch (row->type) {
	case DIRECTIVE_GROUP:
		begin_line(page, "");
		fprintf(page->stream, "%s:\n", row->name);
		begin_line(page, "{\n");
		print_section(&inner, row->inner, NULL);
		begin_line(page, "};\n");
		break;
	case DIRECTIVE_GROUPS:
		if (row->rows_are_lines)
			print_lines(page, row);
		else
			print_groups(page, row);
		break;
	default: print_value(page, row, presets); break;
	}
}

static void print_section(const struct page *page, const struct section *section,
			  const struct preset *presets)
{
	for (size_t i = 0; i < section->count; i++) {
		if (i > 0 || page->depth == 0)
			fputc('\n', page->stream);
		print_directive(page, &section->directives[i], presets);
	}
}

void conf_print_sample(const struct conf_known *known, FILE *stream)
{
	struct page page = { stream, 0, NO_EXAMPLE };
	struct directives table;

	print_comment(&page,
		      "Dragoman's configuration: every directive. A directive that is left out has "
		      "the value shown here, unless its line is marked as an example. A list of "
		      "groups that is left out entirely, such as listeners, is the one shown, so a "
		      "file may be empty. See dragoman.cfg(5).");
	print_section(&page, directives_make(&table, known), directives_sample);
}
