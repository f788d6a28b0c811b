#include <inttypes.h>
#include <string.h>

#include "conf/table/directives.h"

const struct directive *section_find(const struct section *section, const char *name)
{
	for (size_t i = 0; i < section->count; i++)
		if (strcmp(section->directives[i].name, name) == 0)
			return &section->directives[i];
	return NULL;
}

const char *directive_type_name(const struct directive *directive)
{
	static const char *const names[] = {
		[DIRECTIVE_YES_NO] = "true or false",  [DIRECTIVE_NUMBER] = "number",
		[DIRECTIVE_LARGE] = "number",          [DIRECTIVE_TEXT] = "text",
		[DIRECTIVE_TEXTS] = "list of texts",   [DIRECTIVE_GROUP] = "group",
		[DIRECTIVE_GROUPS] = "list of groups",
	};

	return names[directive->type];
}

char *directive_range(const struct directive *directive, char out[DIRECTIVE_TEXT_MAX])
{
	const char *unit = "";

	out[0] = '\0';
	switch (directive->type) {
	case DIRECTIVE_YES_NO:
	case DIRECTIVE_GROUP: return out;
	case DIRECTIVE_NUMBER:
	case DIRECTIVE_LARGE: break;
	case DIRECTIVE_TEXT: unit = " bytes"; break;
	case DIRECTIVE_TEXTS:
	case DIRECTIVE_GROUPS: unit = " items"; break;
	}
	snprintf(out, DIRECTIVE_TEXT_MAX, "%" PRId64 " .. %" PRId64 "%s", directive->min,
		 directive->max, unit);
	return out;
}

char *directive_default(const struct directive *directive, char out[DIRECTIVE_TEXT_MAX])
{
	out[0] = '\0';
	if (directive->required || directive->otherwise) {
		snprintf(out, DIRECTIVE_TEXT_MAX, "%s",
			 directive->required ? "required" : directive->otherwise);
		return out;
	}
	switch (directive->type) {
	case DIRECTIVE_YES_NO:
		snprintf(out, DIRECTIVE_TEXT_MAX, "%s", directive->number ? "true" : "false");
		break;
	case DIRECTIVE_NUMBER:
	case DIRECTIVE_LARGE:
		snprintf(out, DIRECTIVE_TEXT_MAX, "%" PRId64, directive->number);
		break;
	case DIRECTIVE_TEXT: snprintf(out, DIRECTIVE_TEXT_MAX, "\"%s\"", directive->text); break;
	case DIRECTIVE_TEXTS: snprintf(out, DIRECTIVE_TEXT_MAX, "[ ]"); break;
	case DIRECTIVE_GROUP: break;
	case DIRECTIVE_GROUPS:
		snprintf(out, DIRECTIVE_TEXT_MAX, "%s",
			 directive->rows_are_examples ? "( )" : "as in the sample");
		break;
	}
	return out;
}

static void print_section(const struct section *section, int depth, FILE *stream)
{
	for (size_t i = 0; i < section->count; i++) {
		const struct directive *row = &section->directives[i];
		char range[DIRECTIVE_TEXT_MAX], fallback[DIRECTIVE_TEXT_MAX];

		fprintf(stream, "%*s%-*s %s", 2 + 2 * depth, "", 26 - 2 * depth, row->name,
			directive_type_name(row));
		if (directive_range(row, range)[0])
			fprintf(stream, ", %s", range);
		if (directive_default(row, fallback)[0])
			fprintf(stream, "; %s%s", row->required ? "" : "default ", fallback);
		fputc('\n', stream);
		if (row->inner)
			print_section(row->inner, depth + 1, stream);
	}
}

void directives_print(const struct conf_known *known, FILE *stream)
{
	struct directives table;

	print_section(directives_make(&table, known), 0, stream);
}
