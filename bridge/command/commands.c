#include "bridge/command/commands.h"

#include <stdio.h>

#include "bridge/command/control/words.h"

const char *const command_names[COMMAND_COUNT + 1] = {
	[COMMAND_DEMO] = "demo",
	[COMMAND_RUN] = "run",
	[COMMAND_CHECK] = "check",
	[COMMAND_ROUTES] = "routes",
	[COMMAND_MATRIX] = "matrix",
	[COMMAND_TRANSLATE] = "translate",
	[COMMAND_BACKEND_TEST] = "backend-test",
	[COMMAND_KEYGEN] = "keygen",
	[COMMAND_PASSWD] = "passwd",
	[COMMAND_DEFAULTCONFIG] = "defaultconfig",
	[COMMAND_COMPLETION] = "completion",
	[COMMAND_VERSION] = "version",
	[COMMAND_HELP] = "help",
};

/* The overview: what follows a command's name, and what it does. */
static const struct {
	const char *usage, *brief;
} overview[COMMAND_COUNT] = {
	[COMMAND_DEMO] = { "", "start without a configuration: four dialects, one room, guests" },
	[COMMAND_RUN] = { " -c FILE", "start with a configuration" },
	[COMMAND_CHECK] = { " -c FILE", "report all errors in a configuration, or in what is "
					"stored (--state)" },
	[COMMAND_ROUTES] = { " -c FILE", "show the routes, or what they do with an event (--try)" },
	[COMMAND_MATRIX] = { "", "show what each dialect carries, and what is lost between two" },
	[COMMAND_TRANSLATE] = { " --from D --to D",
				"show how frames of a dialect come out in others" },
	[COMMAND_BACKEND_TEST] = { " ENDPOINT",
				   "test a backend: act as the server, report its errors" },
	[COMMAND_KEYGEN] = { " NAME", "make a pair of keys for a connection to a backend" },
	[COMMAND_PASSWD] = { " [FILE]", "make the hash of an account's secret" },
	[COMMAND_DEFAULTCONFIG] = { "",
				    "print a commented configuration that holds every default" },
	[COMMAND_COMPLETION] = { " SHELL", "print the completion for bash or zsh" },
	[COMMAND_VERSION] = { "", "print the version (also -V, --version)" },
	[COMMAND_HELP] = { " [COMMAND]", "print this, or the help on a command (also -h, --help)" },
};

const struct command_option command_options[OPTIONS] = {
	[OPTION_PORT] = { "--port", "", "a number", BIT(COMMAND_DEMO) },
	[OPTION_ADDRESS] = { "--address", "", "a numeric address", BIT(COMMAND_DEMO) },
	[OPTION_WORKERS] = { "--workers", "", "a number", BIT(COMMAND_DEMO) },
	[OPTION_PRINT_JSON] = { "--print-json", "", NULL, BIT(COMMAND_DEMO) | BIT(COMMAND_RUN) },
	[OPTION_CONFIG] = { "--config", "-c", "a file",
			    NEEDS_A_FILE | BIT(COMMAND_MATRIX) | BIT(COMMAND_TRANSLATE),
			    COMPLETES_FILE },
	[OPTION_STATE] = { "--state", "", NULL, BIT(COMMAND_CHECK) },
	[OPTION_TRY] = { "--try", "", "an event as JSON", BIT(COMMAND_ROUTES) },
	[OPTION_DIALECT] = { "--dialect", "", "a dialect",
			     BIT(COMMAND_ROUTES) | BIT(COMMAND_BACKEND_TEST), COMPLETES_DIALECT },
	[OPTION_ROOM] = { "--room", "", "a room",
			  BIT(COMMAND_ROUTES) | BIT(COMMAND_MATRIX) | BIT(COMMAND_TRANSLATE) },
	[OPTION_KIND] = { "--kind", "", "a kind of event", BIT(COMMAND_ROUTES), COMPLETES_KIND },
	[OPTION_FROM] = { "--from", "", "a name", BIT(COMMAND_ROUTES) },
	[OPTION_ROLE] = { "--role", "", "a role", BIT(COMMAND_ROUTES), COMPLETES_ROLE },
	[OPTION_TEXT] = { "--text", "", "a text", BIT(COMMAND_ROUTES) },
	[OPTION_NAME] = { "--name", "", "a backend's name", BIT(COMMAND_BACKEND_TEST) },
	[OPTION_BIND] = { "--bind", "", NULL, BIT(COMMAND_BACKEND_TEST) },
	[OPTION_SECONDS] = { "--seconds", "", "a number", BIT(COMMAND_BACKEND_TEST) },
	[OPTION_LOGIN] = { "--login", "", "a name", BIT(COMMAND_BACKEND_TEST) },
	[OPTION_SECRET] = { "--secret", "", "a secret", BIT(COMMAND_BACKEND_TEST) },
	[OPTION_NUMBER] = { "--number", "", "a number", BIT(COMMAND_BACKEND_TEST) },
	[OPTION_MEMORY_MIB] = { "--memory-mib", "", "a number", BIT(COMMAND_PASSWD) },
	[OPTION_PASSES] = { "--passes", "", "a number", BIT(COMMAND_PASSWD) },
	[OPTION_ROUTE] = { "--route", "", "a route", BIT(COMMAND_MATRIX) },
	[OPTION_PAIR] = { "--pair", "", "two dialects: A,B", BIT(COMMAND_MATRIX) },
	[OPTION_JSON] = { "--json", "", NULL, BIT(COMMAND_MATRIX) | BIT(COMMAND_TRANSLATE) },
	[OPTION_MARKDOWN] = { "--markdown", "", NULL, BIT(COMMAND_MATRIX) },
	[OPTION_FROM_DIALECT] = { "--from", "", "a dialect", BIT(COMMAND_TRANSLATE),
				  COMPLETES_DIALECT },
	[OPTION_TO] = { "--to", "", "dialects", BIT(COMMAND_TRANSLATE), COMPLETES_DIALECT },
	[OPTION_AS] = { "--as", "", "client or server", BIT(COMMAND_TRANSLATE), COMPLETES_SIDE },
	[OPTION_ENVELOPE] = { "--envelope", "", NULL, BIT(COMMAND_TRANSLATE) },
	[OPTION_EXPLAIN] = { "--explain", "", NULL, BIT(COMMAND_TRANSLATE) },
	[OPTION_REPLAY] = { "--replay", "", "a file", BIT(COMMAND_TRANSLATE), COMPLETES_FILE },
	[OPTION_TIME] = { "--time", "", "a time", BIT(COMMAND_TRANSLATE) },
};

static enum completes word_completes(enum command command)
{
	switch (command) {
	case COMMAND_HELP: return COMPLETES_COMMAND;
	case COMMAND_COMPLETION: return COMPLETES_SHELL;
	case COMMAND_PASSWD: return COMPLETES_FILE;
	default: return COMPLETES_NOTHING;
	}
}

static void add_option(struct command_row *out, const struct option_row *option)
{
	if (out->option_count < OPTION_ROWS_MAX)
		out->options[out->option_count++] = *option;
}

static void command_row(enum command command, struct command_row *out)
{
	*out = (struct command_row){ .name = command_names[command],
				     .usage = overview[command].usage,
				     .brief = overview[command].brief,
				     .word = word_completes(command) };
	for (int i = 0; i < OPTIONS; i++)
		if (command_options[i].commands & BIT(command))
			add_option(out, &(struct option_row){ command_options[i].name,
							      command_options[i].letter,
							      command_options[i].value,
							      command_options[i].completes });
}

/* Options of the verb itself, whose names are kept without their dashes. */
static void verb_options(const struct admin_verb *verb, struct command_row *out)
{
	for (size_t i = 0; i < verb_argument_count(verb); i++) {
		const struct admin_argument *argument = &verb->arguments[i];

		if (!argument->option) {
			out->takes_words = true;
			if (argument->value == VALUE_LEVEL)
				out->word = COMPLETES_LEVEL;
			if (argument->value == VALUE_FILE)
				out->word = COMPLETES_FILE;
			continue;
		}
		snprintf(out->own[i], sizeof(out->own[i]), "--%s", argument->name);
		add_option(out, &(struct option_row){ out->own[i], "", argument->shown,
						      argument->value == VALUE_STANDING
							  ? COMPLETES_ROLE
							  : COMPLETES_NOTHING });
	}
}

static void verb_row(const struct admin_verb *verb, struct command_row *out)
{
	*out = (struct command_row){
		.name = verb->name, .usage = "", .brief = verb->brief, .group = verb_group_of(verb)
	};
	verb_options(verb, out);
	for (size_t i = 0; i < words_option_count; i++) {
		const struct words_option *option = &words_options[i];

		add_option(out,
			   &(struct option_row){
			       option->name, option->letter ? option->letter : "", option->value,
			       option->value ? COMPLETES_FILE : COMPLETES_NOTHING });
	}
}

bool commands_row(size_t index, struct command_row *out)
{
	if (index >= COMMAND_COUNT + admin_verb_count)
		return false;
	if (index < COMMAND_COUNT)
		command_row((enum command)index, out);
	else
		verb_row(&admin_verbs[index - COMMAND_COUNT], out);
	return true;
}
