#include <inttypes.h>
#include <string.h>

#include "conf/conf.h"
#include "conf/directives.h"

#define LINE_WIDTH 88

#define NO_EXAMPLE 1000

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

static void print_help(const struct page *page, const struct directive *row)
{
	char range[DIRECTIVE_TEXT_MAX], text[1024];

	directive_range(row, range);
	for (char *at = range; *at; at++)
		if (*at == ' ')
			*at = TIED;
	if (row->otherwise)
		snprintf(text, sizeof(text), "%s Default: %s.", row->help, row->otherwise);
	else if ((row->type == DIRECTIVE_NUMBER || row->type == DIRECTIVE_LARGE) && range[0])
		snprintf(text, sizeof(text), "%s (%s)", row->help, range);
	else
		snprintf(text, sizeof(text), "%s", row->help);
	print_comment(page, text);
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
		fputs(row->rows[i + 1] ? ",\n" : "\n", page->stream);
	}
	begin_line(page, ");\n");
}

static void print_value(const struct page *page, const struct directive *row,
			const struct preset *presets)
{
	const char *preset = preset_value(presets, row->name);
	bool shown_only = !preset && row->example;
	char fallback[DIRECTIVE_TEXT_MAX];

	if (!preset)
		preset = row->example ? row->example : directive_default(row, fallback);
	begin_line(page, shown_only ? "# " : "");
	fprintf(page->stream, "%s = %s;\n", row->name, preset);
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
	case DIRECTIVE_GROUPS: print_groups(page, row); break;
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

void conf_print_sample(FILE *stream)
{
	struct page page = { stream, 0, NO_EXAMPLE };

	print_comment(&page, "Dragoman's configuration: every directive with its default. What is "
			     "left out has the value shown here, so a file may be empty, and "
			     "lines that change nothing may go. See dragoman.cfg(5).");
	print_section(&page, &directives_top, NULL);
}
