#include <string.h>

#include "bridge/command/control/words.h"

#define WIDTH  90
#define COLUMN 22

/* Words, from a column on; the first line has used so much of it. A "\n" ends a paragraph. */
static void print_words(FILE *stream, const char *text, size_t used, size_t column)
{
	while (*text) {
		size_t len = strcspn(text, "\n");

		if (len > WIDTH - column) {
			len = WIDTH - column;
			while (len > 1 && text[len] != ' ')
				len--;
		}
		fprintf(stream, "%*s%.*s\n", used < column ? (int)(column - used) : 0, "", (int)len,
			text);
		text += len;
		text += strspn(text, " \n");
		used = 0;
	}
}

static void print_row(FILE *stream, const char *head, const char *help)
{
	size_t used = (size_t)fprintf(stream, "  %s", head);

	if (used >= COLUMN)
		used = (size_t)fprintf(stream, "\n") - 1;
	print_words(stream, help, used, COLUMN);
}

/* "NAME", "[ROOM]", "[--for DURATION]", "[+ROLE|-ROLE ...]" */
static void usage_of(const struct admin_argument *argument, char *out, size_t size)
{
	const char *more = argument->rest ? " ..." : "";

	if (argument->value == VALUE_YES)
		snprintf(out, size, "[--%s]", argument->name);
	else if (argument->many)
		snprintf(out, size, "[--%s %s ...]", argument->name, argument->shown);
	else if (argument->option)
		snprintf(out, size, "[--%s %s]", argument->name, argument->shown);
	else if (argument->required)
		snprintf(out, size, "%s%s", argument->shown, more);
	else
		snprintf(out, size, "[%s%s]", argument->shown, more);
}

/* On the next line when it does not fit on this one, which has so many columns: returns how many
 * it has then. */
static int print_wrapped(const char *text, int indent, int columns, FILE *stream)
{
	if (columns + 1 + (int)strlen(text) > WIDTH)
		columns = fprintf(stream, "\n%*s", indent, "") - 1;
	return columns + fprintf(stream, " %s", text);
}

static void print_usage(const struct admin_verb *verb, FILE *stream)
{
	int indent = fprintf(stream, "Usage: dragoman %s", verb->name), columns = indent;

	for (size_t i = 0; i < verb_argument_count(verb); i++) {
		char text[64];

		usage_of(&verb->arguments[i], text, sizeof(text));
		columns = print_wrapped(text, indent, columns, stream);
	}
	print_wrapped("[--json]", indent, columns, stream);
	fprintf(stream, "\n%*s [-c FILE | --control PATH]\n", indent, "");
}

static void print_arguments(const struct admin_verb *verb, bool options, FILE *stream)
{
	for (size_t i = 0; i < verb_argument_count(verb); i++) {
		const struct admin_argument *argument = &verb->arguments[i];
		char head[64];

		if (argument->option != options)
			continue;
		if (options)
			snprintf(head, sizeof(head), "--%s%s%s", argument->name,
				 argument->shown ? " " : "",
				 argument->shown ? argument->shown : "");
		else
			snprintf(head, sizeof(head), "%s", argument->shown);
		print_row(stream, head, argument->help);
	}
}

static void print_common(FILE *stream)
{
	for (size_t i = 0; i < words_option_count; i++) {
		const struct words_option *option = &words_options[i];
		char head[64];

		snprintf(head, sizeof(head), "%s%s%s%s%s", option->letter ? option->letter : "",
			 option->letter ? ", " : "", option->name, option->value ? " " : "",
			 option->value ? option->value : "");
		print_row(stream, head, option->help);
	}
}

void words_help(const struct admin_verb *verb, FILE *stream)
{
	bool plain = false;

	print_usage(verb, stream);
	fputc('\n', stream);
	print_words(stream, verb->about, 0, 0);
	for (size_t i = 0; i < verb_argument_count(verb); i++)
		plain = plain || !verb->arguments[i].option;
	if (plain)
		fputs("\nArguments:\n", stream);
	print_arguments(verb, false, stream);
	fputs("\nOptions:\n", stream);
	print_arguments(verb, true, stream);
	print_common(stream);
	fputs("\nExamples:\n", stream);
	for (size_t i = 0; i < sizeof(verb->examples) / sizeof(verb->examples[0]); i++)
		if (verb->examples[i])
			fprintf(stream, "  dragoman %s\n", verb->examples[i]);
}

static void print_brief(const char *name, const char *brief, FILE *stream)
{
	fprintf(stream, "  %-14s  %s\n", name, brief);
}

void words_overview(FILE *stream)
{
	for (size_t i = 0; i < admin_verb_count; i++)
		if (!verb_group_of(&admin_verbs[i]))
			print_brief(admin_verbs[i].name, admin_verbs[i].brief, stream);
	for (size_t i = 0; i < verb_group_count; i++)
		if (!verb_group_own(&verb_groups[i]))
			print_brief(verb_groups[i].name, verb_groups[i].brief, stream);
}

void words_group_help(const struct verb_group *group, FILE *stream)
{
	const struct admin_verb *own = verb_group_own(group);

	if (own)
		words_help(own, stream);
	fprintf(stream, "%sUsage: dragoman %s COMMAND [OPTIONS]\n\nCommands:\n", own ? "\n" : "",
		group->name);
	for (size_t i = 0; i < admin_verb_count; i++)
		if (verb_group_of(&admin_verbs[i]) == group)
			print_brief(verb_own_name(&admin_verbs[i]), admin_verbs[i].brief, stream);
	fprintf(stream, "\n'dragoman help %s COMMAND' explains one.\n", group->name);
}
