#include "bridge/arguments.h"

#include <stdlib.h>
#include <string.h>

#include "conf/conf.h"
#include "conf/directives.h"
#include "conf/shape.h"

#define COMMAND_COUNT (COMMAND_HELP + 1)
#define DEMO_PORT     7000
#define DEMO_ADDRESS  "127.0.0.1"
#define PORT_MAX      65535
#define WORKERS_MOST  16

static const char *const command_names[COMMAND_COUNT + 1] = {
	[COMMAND_DEMO] = "demo",       [COMMAND_RUN] = "run",
	[COMMAND_CHECK] = "check",     [COMMAND_DEFAULTCONFIG] = "defaultconfig",
	[COMMAND_VERSION] = "version", [COMMAND_HELP] = "help",
};

enum option {
	OPTION_PORT,
	OPTION_ADDRESS,
	OPTION_WORKERS,
	OPTION_PRINT_JSON,
	OPTION_CONFIG,
	OPTIONS
};

static const struct {
	const char *name, *letter;
	const char *value; /* what follows it, for messages; NULL: nothing does */
	unsigned commands; /* bits: which commands take it */
} options[OPTIONS] = {
	[OPTION_PORT] = { "--port", "", "a number", 1U << COMMAND_DEMO },
	[OPTION_ADDRESS] = { "--address", "", "a numeric address", 1U << COMMAND_DEMO },
	[OPTION_WORKERS] = { "--workers", "", "a number", 1U << COMMAND_DEMO },
	[OPTION_PRINT_JSON] = { "--print-json", "", NULL, 1U << COMMAND_DEMO | 1U << COMMAND_RUN },
	[OPTION_CONFIG] = { "--config", "-c", "a file", 1U << COMMAND_RUN | 1U << COMMAND_CHECK },
};

/* The command line, and how far it has been read. */
struct line {
	char **words;
	int count, at;
	struct arguments *out;
	FILE *errors;
};

static bool refuse(const struct line *line, const char *command)
{
	fprintf(line->errors, "Try 'dragoman help%s%s'.\n", command ? " " : "",
		command ? command : "");
	return false;
}

/* A word of the operator's own, but terminals are not for control characters. */
static const char *shown(const char *word)
{
	return shape_printable(word) ? word : "?";
}

static bool refuse_unknown(const struct line *line, const char *what, const char *word,
			   const char *const *known, const char *command)
{
	const char *nearest = conf_nearest(word, known);

	fprintf(line->errors, "dragoman: unknown %s '%s'", what, shown(word));
	if (nearest)
		fprintf(line->errors, ", did you mean '%s'?", nearest);
	fputc('\n', line->errors);
	return refuse(line, command);
}

static bool find_command(const char *word, enum command *command)
{
	for (int i = 0; i < COMMAND_COUNT; i++) {
		if (strcmp(command_names[i], word) == 0) {
			*command = (enum command)i;
			return true;
		}
	}
	return false;
}

static bool is_help(const char *word)
{
	return strcmp(word, "-h") == 0 || strcmp(word, "--help") == 0;
}

static bool is_version(const char *word)
{
	return strcmp(word, "-V") == 0 || strcmp(word, "--version") == 0;
}

/* Decimal digits only: strtol() would take " +7x". */
static bool parse_number(const char *text, int max, int *number)
{
	size_t len = strspn(text, "0123456789");

	if (len == 0 || len > 6 || text[len] != '\0')
		return false;
	*number = atoi(text);
	return *number <= max;
}

static bool refuse_number(const struct line *line, const char *name, const char *value, int max)
{
	fprintf(line->errors, "dragoman: %s must be a number from 0 to %d, not '%s'\n", name, max,
		shown(value));
	return refuse(line, command_names[line->out->command]);
}

static bool set_option(const struct line *line, enum option option, const char *value)
{
	struct arguments *out = line->out;
	const char *fault;

	switch (option) {
	case OPTION_PORT:
		return parse_number(value, PORT_MAX, &out->port) ||
		       refuse_number(line, "--port", value, PORT_MAX);
	case OPTION_WORKERS:
		return parse_number(value, WORKERS_MOST, &out->workers) ||
		       refuse_number(line, "--workers", value, WORKERS_MOST);
	case OPTION_ADDRESS:
		fault = shape_fault(SHAPE_ADDRESS, value);
		if (fault) {
			fprintf(line->errors, "dragoman: --address '%s' %s\n", shown(value), fault);
			return refuse(line, command_names[out->command]);
		}
		out->address = value;
		return true;
	case OPTION_CONFIG: out->file = value; return true;
	case OPTION_PRINT_JSON: out->print_json = true; return true;
	case OPTIONS: break;
	}
	return false;
}

/* "--port" and "--port=7000" both name the option; *value gets what follows '=', or NULL. */
static enum option find_option(const char *word, enum command command, const char **value)
{
	const char *equals = strncmp(word, "--", 2) == 0 ? strchr(word, '=') : NULL;
	size_t len = equals ? (size_t)(equals - word) : strlen(word);

	*value = equals ? equals + 1 : NULL;
	for (int i = 0; i < OPTIONS; i++) {
		bool named =
		    strlen(options[i].name) == len && strncmp(options[i].name, word, len) == 0;

		if ((named || strcmp(options[i].letter, word) == 0) &&
		    options[i].commands & 1U << command)
			return (enum option)i;
	}
	return OPTIONS;
}

static bool refuse_option(const struct line *line, const char *word)
{
	const char *known[OPTIONS + 4];
	enum command command = line->out->command;
	size_t count = 0;

	for (int i = 0; i < OPTIONS; i++)
		if (options[i].commands & 1U << command)
			known[count++] = options[i].name;
	known[count++] = "--help";
	known[count++] = "--version";
	known[count] = NULL;
	return refuse_unknown(line, "option", word, known, command_names[command]);
}

static bool read_option(struct line *line, const char *word)
{
	const char *value;
	enum option option = find_option(word, line->out->command, &value);
	const char *command = command_names[line->out->command];

	if (option == OPTIONS)
		return refuse_option(line, word);
	if (!options[option].value && value) {
		fprintf(line->errors, "dragoman: %s takes no value\n", options[option].name);
		return refuse(line, command);
	}
	if (options[option].value && !value && line->at < line->count &&
	    line->words[line->at][0] != '-')
		value = line->words[line->at++];
	if (options[option].value && (!value || !*value)) {
		fprintf(line->errors, "dragoman: %s needs %s\n", options[option].name,
			options[option].value);
		return refuse(line, command);
	}
	return set_option(line, option, value);
}

/* help [COMMAND] */
static bool read_topic(struct line *line, const char *word)
{
	if (line->at > 3) {
		fprintf(line->errors, "dragoman: help takes one command at most\n");
		return refuse(line, NULL);
	}
	return find_command(word, &line->out->help_for) ||
	       refuse_unknown(line, "command", word, command_names, NULL);
}

static bool refuse_argument(const struct line *line, const char *word)
{
	const char *command = command_names[line->out->command];
	bool file = line->out->command == COMMAND_RUN || line->out->command == COMMAND_CHECK;

	fprintf(line->errors, "dragoman: %s takes no argument '%s'", command, shown(word));
	if (file && !line->out->file)
		fprintf(line->errors, ", did you mean '-c %s'?", shown(word));
	fputc('\n', line->errors);
	return refuse(line, command);
}

static bool read_word(struct line *line, const char *word)
{
	if (word[0] == '-' && word[1] != '\0')
		return read_option(line, word);
	if (line->out->command == COMMAND_HELP)
		return read_topic(line, word);
	return refuse_argument(line, word);
}

static bool read_rest(struct line *line)
{
	struct arguments *out = line->out;

	while (line->at < line->count) {
		const char *word = line->words[line->at++];

		if (is_version(word)) {
			out->command = COMMAND_VERSION;
			return true;
		}
		if (is_help(word) && out->command != COMMAND_HELP) {
			out->help_for = out->command;
			out->command = COMMAND_HELP;
			return true;
		}
		if (!is_help(word) && !read_word(line, word))
			return false;
	}
	return true;
}

static bool read_command(struct line *line)
{
	static const char *const known[] = { "demo",          "run",     "check",
					     "defaultconfig", "version", "help",
					     "--version",     "--help",  NULL };
	const char *word;

	if (line->count < 2) {
		fputs("dragoman: a command is missing\n\n", line->errors);
		arguments_help(COMMAND_HELP, line->errors);
		return false;
	}
	word = line->words[line->at++];
	if (is_help(word))
		line->out->command = COMMAND_HELP;
	else if (is_version(word))
		line->out->command = COMMAND_VERSION;
	else if (!find_command(word, &line->out->command))
		return refuse_unknown(line, word[0] == '-' ? "option" : "command", word, known,
				      NULL);
	return true;
}

bool arguments_parse(int argc, char **argv, struct arguments *out, FILE *errors)
{
	struct line line = { .words = argv, .count = argc, .at = 1, .out = out, .errors = errors };

	*out = (struct arguments){ .port = DEMO_PORT,
				   .address = DEMO_ADDRESS,
				   .help_for = COMMAND_HELP };
	if (!read_command(&line) || !read_rest(&line))
		return false;
	if ((out->command == COMMAND_RUN || out->command == COMMAND_CHECK) && !out->file) {
		fprintf(errors, "dragoman: %s needs -c FILE\n", command_names[out->command]);
		return refuse(&line, command_names[out->command]);
	}
	return true;
}

#define SIGNALS_HELP                                                                               \
	"Signals:\n"                                                                               \
	"  TERM, INT   take no more connections, close the open ones, print the counters\n"        \
	"              as one JSON line on standard output, and exit with 0\n"                     \
	"  USR1        print the counters as one JSON line on standard output and go on\n"

#define CODES_HELP                                                                                 \
	"Exit codes: 0 all went well, 1 failure, 2 wrong command line, 78 wrong configuration.\n"

static const char *const help_texts[COMMAND_COUNT] = {
	[COMMAND_HELP] =
	    "Dragoman connects chat clients of different dialects: they meet in the same rooms.\n"
	    "\n"
	    "Usage: dragoman COMMAND [OPTIONS]\n"
	    "\n"
	    "Commands:\n"
	    "  demo            start without a configuration: four dialects, one room, guests\n"
	    "  run -c FILE     start with a configuration\n"
	    "  check -c FILE   tell all that is wrong with a configuration\n"
	    "  defaultconfig   print a commented configuration that holds every default\n"
	    "  version         print the version (also -V, --version)\n"
	    "  help [COMMAND]  print this, or the help on a command (also -h, --help)\n"
	    "\n"
	    "Examples:\n"
	    "  dragoman demo\n"
	    "  dragoman defaultconfig > dragoman.cfg\n"
	    "  dragoman check -c dragoman.cfg && dragoman run -c dragoman.cfg\n"
	    "\n" SIGNALS_HELP "\n" CODES_HELP "\n"
	    "Manual pages: dragoman(1), dragoman.cfg(5).\n",
	[COMMAND_DEMO] =
	    "Usage: dragoman demo [--port N] [--address A] [--workers N] [--print-json]\n"
	    "\n"
	    "Starts a server for trying things out, without a configuration file: one room, the\n"
	    "lobby, with the dialects mixer at /mixer, concord at /concord and /client, rooms at\n"
	    "/rooms, and simple at /simple. Everybody may come in as a guest. Prints one line for\n"
	    "each path with a command to try it, and a secret that makes its bearer an owner.\n"
	    "\n"
	    "Options:\n"
	    "  --port N        TCP port, 7000 if not given; 0 takes any free one\n"
	    "  --address A     numeric address to listen on, 127.0.0.1 if not given\n"
	    "  --workers N     threads that serve clients, 0 to 16; 0, if not given: one for each\n"
	    "                  core\n"
	    "  --print-json    say what is there as one line of JSON, for scripts\n"
	    "\n"
	    "Examples:\n"
	    "  dragoman demo\n"
	    "  dragoman demo --port 0 --print-json\n"
	    "  dragoman demo --address 0.0.0.0 --port 8080\n"
	    "  /usr/bin/python3 -m websockets 'ws://127.0.0.1:7000/concord?token=bob'\n"
	    "\n" SIGNALS_HELP,
	[COMMAND_RUN] =
	    "Usage: dragoman run -c FILE [--print-json]\n"
	    "\n"
	    "Starts the server that FILE describes. All errors in it are told at once, then the\n"
	    "exit code is 78.\n"
	    "\n"
	    "Options:\n"
	    "  -c, --config FILE  the configuration; see 'dragoman help defaultconfig'\n"
	    "  --print-json       say what is there as one line of JSON, for scripts\n"
	    "\n"
	    "Files that FILE can name: a secret for each account (secret_file), and a folder that\n"
	    "keeps message ids unique over restarts (state). Relative paths start at FILE's "
	    "folder.\n"
	    "\n"
	    "Examples:\n"
	    "  dragoman run -c /etc/dragoman.cfg\n"
	    "  kill -USR1 PID      # print the counters\n"
	    "  kill -TERM PID      # end in good order\n"
	    "\n" SIGNALS_HELP,
	[COMMAND_CHECK] =
	    "Usage: dragoman check -c FILE\n"
	    "\n"
	    "Reads a configuration without starting anything, and prints every error as\n"
	    "'file:line: error: what is wrong' to standard error. Exits with 0 when FILE is all\n"
	    "right, with 78 when it is not.\n"
	    "\n"
	    "Options:\n"
	    "  -c, --config FILE  the configuration; see 'dragoman help defaultconfig'\n"
	    "\n"
	    "Example:\n"
	    "  dragoman check -c dragoman.cfg\n",
	[COMMAND_DEFAULTCONFIG] =
	    "Usage: dragoman defaultconfig\n"
	    "\n"
	    "Prints a commented configuration to standard output: every directive with its\n"
	    "default. What a configuration leaves out has the value shown there.\n"
	    "\n"
	    "Example:\n"
	    "  dragoman defaultconfig > dragoman.cfg\n"
	    "\n"
	    "Directives (dragoman.cfg(5) explains them):\n",
	[COMMAND_VERSION] = "Usage: dragoman version\n"
			    "\n"
			    "Prints the name and version of this program.\n",
};

void arguments_help(enum command command, FILE *stream)
{
	fputs(help_texts[command], stream);
	if (command == COMMAND_DEFAULTCONFIG)
		directives_print(stream);
}
