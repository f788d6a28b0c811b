#include "bridge/command/completion.h"

#include <string.h>

#include "bridge/command/arguments.h"
#include "bridge/known.h"
#include "conf/table/directives.h"

/* What every command takes. */
#define COMMON "--help --version"

static void print_names(const char *const *names, FILE *stream)
{
	for (size_t i = 0; names[i]; i++)
		fprintf(stream, "%s%s", i > 0 ? " " : "", names[i]);
}

static void print_commands(FILE *stream)
{
	struct command_row row;

	for (size_t i = 0; commands_row(i, &row); i++)
		if (!row.group)
			fprintf(stream, "%s%s", i > 0 ? " " : "", row.name);
	for (size_t i = 0; i < verb_group_count; i++)
		if (!verb_group_own(&verb_groups[i]))
			fprintf(stream, " %s", verb_groups[i].name);
}

static const char *own_name(const struct command_row *row)
{
	return row->group ? row->name + strlen(row->group->name) + 1 : row->name;
}

/* What may follow the name of a group. */
static void print_members(const struct verb_group *group, const char *behind, FILE *stream)
{
	struct command_row row;
	const char *between = "";

	for (size_t i = 0; commands_row(i, &row); i++) {
		if (row.group != group)
			continue;
		fprintf(stream, "%s%s", between, own_name(&row));
		between = behind;
	}
}

static void print_dialects(FILE *stream)
{
	const struct conf_known *known = known_names();

	for (size_t i = 0; i < known->dialect_count; i++)
		fprintf(stream, "%s ", known->dialects[i].name);
	fputs("backend", stream);
}

/* The words there are to choose from, separated by spaces; nothing for files and what users make
 * up. */
static void print_words(enum completes completes, FILE *stream)
{
	switch (completes) {
	case COMPLETES_COMMAND: print_commands(stream); return;
	case COMPLETES_SHELL: fputs("bash zsh", stream); return;
	case COMPLETES_DIALECT: print_dialects(stream); return;
	case COMPLETES_SIDE: fputs("client server", stream); return;
	case COMPLETES_KIND: print_names(known_names()->kinds, stream); return;
	case COMPLETES_ROLE: print_names(known_names()->roles, stream); return;
	case COMPLETES_LEVEL: print_names(directives_levels, stream); return;
	case COMPLETES_FILE:
	case COMPLETES_NOTHING: return;
	}
}

/* ---- bash: the case that the command and the word before the cursor choose ---- */

static void print_bash_value(const char *command, const struct option_row *row, FILE *stream)
{
	fprintf(stream, "\t\"%s %s\"", command, row->name);
	if (*row->letter)
		fprintf(stream, " | \"%s %s\"", command, row->letter);
	if (row->completes == COMPLETES_FILE) {
		fputs(") compopt -o default ;;\n", stream);
		return;
	}
	fputs(") words=\"", stream);
	print_words(row->completes, stream);
	fputs("\" ;;\n", stream);
}

static void print_bash_command(const struct command_row *row, FILE *stream)
{
	const struct verb_group *group = verb_group_find(row->name);

	for (size_t i = 0; i < row->option_count; i++)
		if (row->options[i].value)
			print_bash_value(row->name, &row->options[i], stream);
	fprintf(stream, "\t\"%s \"*) %swords=\"", row->name,
		row->word == COMPLETES_FILE ? "compopt -o default; " : "");
	print_words(row->word, stream);
	if (row->word != COMPLETES_NOTHING && row->word != COMPLETES_FILE)
		fputc(' ', stream);
	for (size_t i = 0; i < row->option_count; i++)
		fprintf(stream, "%s %s%s", row->options[i].name, row->options[i].letter,
			*row->options[i].letter ? " " : "");
	fputs(COMMON "\"", stream);
	if (group) {
		fputs("; ((COMP_CWORD == 2)) && words+=\" ", stream);
		print_members(group, " ", stream);
		fputc('"', stream);
	}
	fputs(" ;;\n", stream);
}

/* Its commands are two words, but for the one that is the group's name. */
static void print_bash_group(const struct verb_group *group, FILE *stream)
{
	if (verb_group_own(group)) {
		fprintf(stream, "\t%s)\n\t\tcase ${COMP_WORDS[2]} in\n\t\t", group->name);
		print_members(group, " | ", stream);
		fputs(") ((COMP_CWORD > 2)) && command+=\" ${COMP_WORDS[2]}\" ;;\n"
		      "\t\tesac\n"
		      "\t\t;;\n",
		      stream);
		return;
	}
	fprintf(stream,
		"\t%s)\n"
		"\t\tif ((COMP_CWORD == 2)); then\n"
		"\t\t\tCOMPREPLY=($(compgen -W \"",
		group->name);
	print_members(group, " ", stream);
	fputs(" " COMMON "\" -- \"$word\"))\n"
	      "\t\t\treturn\n"
	      "\t\tfi\n"
	      "\t\tcommand+=\" ${COMP_WORDS[2]}\"\n"
	      "\t\t;;\n",
	      stream);
}

void completion_print_bash(FILE *stream)
{
	struct command_row row;

	fputs("# Completion of dragoman for bash, printed by 'dragoman completion bash'.\n"
	      "_dragoman()\n"
	      "{\n"
	      "\tlocal word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD - 1]} words=\n"
	      "\n"
	      "\tCOMPREPLY=()\n"
	      "\t# The \"=\" of --option=value is a word of its own here.\n"
	      "\tif [[ $word == \"=\" ]]; then\n"
	      "\t\tword=\n"
	      "\telif [[ $before == \"=\" ]]; then\n"
	      "\t\tbefore=${COMP_WORDS[COMP_CWORD - 2]}\n"
	      "\tfi\n"
	      "\tif ((COMP_CWORD == 1)); then\n"
	      "\t\tCOMPREPLY=($(compgen -W \"",
	      stream);
	print_commands(stream);
	fputs(" " COMMON "\" -- \"$word\"))\n"
	      "\t\treturn\n"
	      "\tfi\n"
	      "\tlocal command=${COMP_WORDS[1]}\n"
	      "\tcase $command in\n",
	      stream);
	for (size_t i = 0; i < verb_group_count; i++)
		print_bash_group(&verb_groups[i], stream);
	fputs("\tesac\n"
	      "\tcase \"$command $before\" in\n",
	      stream);
	/* What begins with the name of a command is matched before that. */
	for (size_t i = 0; commands_row(i, &row); i++)
		if (row.group)
			print_bash_command(&row, stream);
	for (size_t i = 0; commands_row(i, &row); i++)
		if (!row.group)
			print_bash_command(&row, stream);
	fputs("\tesac\n"
	      "\tCOMPREPLY=($(compgen -W \"$words\" -- \"$word\"))\n"
	      "}\n"
	      "complete -F _dragoman dragoman\n",
	      stream);
}

/* ---- zsh: the specifications of _describe and _arguments, in single quotes ---- */

/* Inside single quotes, and where a colon or a bracket ends a part. */
static void print_zsh_text(const char *text, FILE *stream)
{
	for (; *text; text++) {
		if (*text == '\'')
			fputs("'\\''", stream);
		else
			fprintf(stream, "%s%c",
				*text == ':' || *text == '[' || *text == ']' ? "\\" : "", *text);
	}
}

static void print_zsh_action(enum completes completes, FILE *stream)
{
	if (completes == COMPLETES_FILE) {
		fputs("_files", stream);
	} else if (completes != COMPLETES_NOTHING) {
		fputc('(', stream);
		print_words(completes, stream);
		fputc(')', stream);
	} else {
		fputc(' ', stream); /* a value, and nothing to choose from */
	}
}

static void print_zsh_name(const struct option_row *row, const char *name, const char *other,
			   FILE *stream)
{
	fputs(" \\\n\t\t\t'", stream);
	if (*other)
		fprintf(stream, "(%s)", other);
	fputs(name, stream);
	if (row->value) {
		fputs(name[1] == '-' ? "=:" : ":", stream);
		print_zsh_text(row->value, stream);
		fputc(':', stream);
		print_zsh_action(row->completes, stream);
	}
	fputc('\'', stream);
}

static void print_zsh_command(const struct command_row *row, FILE *stream)
{
	fprintf(stream, row->group ? "\t'%s')\n\t\t_arguments" : "\t%s)\n\t\t_arguments",
		row->name);
	if (row->word != COMPLETES_NOTHING) {
		fputs(" '1:word:", stream);
		print_zsh_action(row->word, stream);
		fputc('\'', stream);
	} else if (row->takes_words) {
		fputs(" '*:word:()'", stream);
	}
	for (size_t i = 0; i < row->option_count; i++) {
		const struct option_row *option = &row->options[i];

		print_zsh_name(option, option->name, option->letter, stream);
		if (*option->letter)
			print_zsh_name(option, option->letter, option->name, stream);
	}
	fputs(" \\\n\t\t\t$common\n\t\t;;\n", stream);
}

static void print_zsh_brief(const char *name, const char *brief, FILE *stream)
{
	fprintf(stream, "\t\t'%s:", name);
	print_zsh_text(brief, stream);
	fputs("'\n", stream);
}

/* Where the group is a command itself, what that takes is completed, too. */
static void print_zsh_own(const struct verb_group *group, FILE *stream)
{
	fputs("\t\t)\n"
	      "\t\tif ((CURRENT == 2)); then\n"
	      "\t\t\t_describe -t commands command commands\n"
	      "\t\telif [[ $words[2] == (",
	      stream);
	print_members(group, "|", stream);
	fprintf(stream,
		") ]]; then\n"
		"\t\t\twords[2]=\"%s $words[2]\"\n"
		"\t\t\tshift words\n"
		"\t\t\t((CURRENT--))\n"
		"\t\tfi\n"
		"\t\t;;\n",
		group->name);
}

/* Its commands are two words, which are one from here on. */
static void print_zsh_group(const struct verb_group *group, FILE *stream)
{
	struct command_row row;

	fprintf(stream, "\t%s)\n\t\tcommands=(\n", group->name);
	for (size_t i = 0; commands_row(i, &row); i++)
		if (row.group == group)
			print_zsh_brief(own_name(&row), row.brief, stream);
	if (verb_group_own(group)) {
		print_zsh_own(group, stream);
		return;
	}
	fprintf(stream,
		"\t\t)\n"
		"\t\tif ((CURRENT == 2)); then\n"
		"\t\t\t_describe -t commands command commands -- '(" COMMON ")'\n"
		"\t\t\treturn\n"
		"\t\tfi\n"
		"\t\twords[2]=\"%s $words[2]\"\n"
		"\t\tshift words\n"
		"\t\t((CURRENT--))\n"
		"\t\t;;\n",
		group->name);
}

void completion_print_zsh(FILE *stream)
{
	struct command_row row;

	fputs("#compdef dragoman\n"
	      "# Completion of dragoman for zsh, printed by 'dragoman completion zsh'.\n"
	      "_dragoman() {\n"
	      "\tlocal -a commands common\n"
	      "\tcommon=(" COMMON ")\n"
	      "\tcommands=(\n",
	      stream);
	for (size_t i = 0; commands_row(i, &row); i++)
		if (!row.group)
			print_zsh_brief(row.name, row.brief, stream);
	for (size_t i = 0; i < verb_group_count; i++)
		if (!verb_group_own(&verb_groups[i]))
			print_zsh_brief(verb_groups[i].name, verb_groups[i].brief, stream);
	fputs("\t)\n"
	      "\tif ((CURRENT == 2)); then\n"
	      "\t\t_describe -t commands command commands -- '(" COMMON ")'\n"
	      "\t\treturn\n"
	      "\tfi\n"
	      "\tshift words\n"
	      "\t((CURRENT--))\n"
	      "\tcase $words[1] in\n",
	      stream);
	for (size_t i = 0; i < verb_group_count; i++)
		print_zsh_group(&verb_groups[i], stream);
	fputs("\tesac\n"
	      "\tcase $words[1] in\n",
	      stream);
	for (size_t i = 0; commands_row(i, &row); i++)
		print_zsh_command(&row, stream);
	fputs("\tesac\n"
	      "}\n"
	      "# Loaded by compinit, or read by a start-up file.\n"
	      "if [[ $funcstack[1] == _dragoman ]]; then\n"
	      "\t_dragoman \"$@\"\n"
	      "else\n"
	      "\tcompdef _dragoman dragoman\n"
	      "fi\n",
	      stream);
}
