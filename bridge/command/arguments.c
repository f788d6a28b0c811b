#include "bridge/command/arguments.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "bridge/secrets/password.h"
#include "conf/read/nearest.h"
#include "conf/table/directives.h"
#include "conf/table/shape.h"

#define DEMO_PORT    7000
#define DEMO_ADDRESS "127.0.0.1"
#define PORT_MAX     65535
#define WORKERS_MOST 16
#define SECONDS_MAX  3600
#define SECONDS      10
#define MIB_MAX      (PASSWORD_KIB_MAX / 1024)
#define PASSES_MAX   (PASSWORD_WORK_MAX / 1024)

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

static bool refuse_unknown(const struct line *line, const char *what, const char *word,
			   const char *const *known, const char *command)
{
	const char *nearest = conf_nearest(word, known);

	fprintf(line->errors, "dragoman: unknown %s '%s'", what, shape_shown(word));
	if (nearest)
		fprintf(line->errors, ", did you mean '%s'?", nearest);
	fputc('\n', line->errors);
	return refuse(line, command);
}

static bool find_command(const char *word, enum command *command, const struct admin_verb **verb)
{
	for (int i = 0; i < COMMAND_COUNT; i++) {
		if (strcmp(command_names[i], word) == 0) {
			*command = (enum command)i;
			return true;
		}
	}
	*verb = admin_verb_find(word);
	*command = COMMAND_VERB;
	return *verb != NULL;
}

#define KNOWN_MAX 64

/* What a first word may be. */
static void list_commands(const char *known[KNOWN_MAX], bool with_options)
{
	size_t count = 0;

	for (int i = 0; i < COMMAND_COUNT; i++)
		known[count++] = command_names[i];
	for (size_t i = 0; i < admin_verb_count && count < KNOWN_MAX - 3; i++)
		if (!verb_group_of(&admin_verbs[i]))
			known[count++] = admin_verbs[i].name;
	for (size_t i = 0; i < verb_group_count && count < KNOWN_MAX - 3; i++)
		if (!verb_group_own(&verb_groups[i]))
			known[count++] = verb_groups[i].name;
	if (with_options) {
		known[count++] = "--version";
		known[count++] = "--help";
	}
	known[count] = NULL;
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
	long long value;

	if (len == 0 || len > 10 || text[len] != '\0')
		return false;
	value = strtoll(text, NULL, 10);
	if (value > max)
		return false;
	*number = (int)value;
	return true;
}

static bool refuse_number(const struct line *line, const char *name, const char *value, int max)
{
	fprintf(line->errors, "dragoman: %s must be a number from 0 to %d, not '%s'\n", name, max,
		shape_shown(value));
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
			fprintf(line->errors, "dragoman: --address '%s' %s\n", shape_shown(value),
				fault);
			return refuse(line, command_names[out->command]);
		}
		out->address = value;
		return true;
	case OPTION_CONFIG: out->file = value; return true;
	case OPTION_STATE: out->state = true; return true;
	case OPTION_PRINT_JSON: out->print_json = true; return true;
	case OPTION_TRY: out->event = value; return true;
	case OPTION_DIALECT: out->dialect = value; return true;
	case OPTION_ROOM: out->room = value; return true;
	case OPTION_KIND: out->kind = value; return true;
	case OPTION_FROM:
	case OPTION_FROM_DIALECT: out->from = value; return true;
	case OPTION_TO: out->to = value; return true;
	case OPTION_AS: out->as = value; return true;
	case OPTION_ENVELOPE: out->envelope = true; return true;
	case OPTION_EXPLAIN: out->explain = true; return true;
	case OPTION_REPLAY: out->replay = value; return true;
	case OPTION_TIME: out->time = value; return true;
	case OPTION_ROLE: out->role = value; return true;
	case OPTION_TEXT: out->text = value; return true;
	case OPTION_NAME: out->name = value; return true;
	case OPTION_BIND: out->bind = true; return true;
	case OPTION_SECONDS:
		return parse_number(value, SECONDS_MAX, &out->seconds) ||
		       refuse_number(line, "--seconds", value, SECONDS_MAX);
	case OPTION_LOGIN: out->login = value; return true;
	case OPTION_SECRET: out->secret = value; return true;
	case OPTION_NUMBER:
		return parse_number(value, INT_MAX, &out->number) ||
		       refuse_number(line, "--number", value, INT_MAX);
	case OPTION_MEMORY_MIB:
		return parse_number(value, MIB_MAX, &out->memory_mib) ||
		       refuse_number(line, "--memory-mib", value, MIB_MAX);
	case OPTION_PASSES:
		return parse_number(value, PASSES_MAX, &out->passes) ||
		       refuse_number(line, "--passes", value, PASSES_MAX);
	case OPTION_ROUTE: out->route = value; return true;
	case OPTION_PAIR: out->pair = value; return true;
	case OPTION_JSON: out->json = true; return true;
	case OPTION_MARKDOWN: out->markdown = true; return true;
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
		bool named = strlen(command_options[i].name) == len &&
			     strncmp(command_options[i].name, word, len) == 0;

		if ((named || strcmp(command_options[i].letter, word) == 0) &&
		    command_options[i].commands & BIT(command))
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
		if (command_options[i].commands & BIT(command))
			known[count++] = command_options[i].name;
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
	if (!command_options[option].value && value) {
		fprintf(line->errors, "dragoman: %s takes no value\n",
			command_options[option].name);
		return refuse(line, command);
	}
	if (command_options[option].value && !value && line->at < line->count &&
	    line->words[line->at][0] != '-')
		value = line->words[line->at++];
	if (command_options[option].value && (!value || !*value)) {
		fprintf(line->errors, "dragoman: %s needs %s\n", command_options[option].name,
			command_options[option].value);
		return refuse(line, command);
	}
	return set_option(line, option, value);
}

static bool refuse_member(const struct line *line, const struct verb_group *group, const char *word)
{
	const char *known[KNOWN_MAX];
	char whole[64];
	size_t count = 0;

	for (size_t i = 0; i < admin_verb_count && count < KNOWN_MAX - 1; i++)
		if (verb_group_of(&admin_verbs[i]) == group)
			known[count++] = admin_verbs[i].name;
	known[count] = NULL;
	snprintf(whole, sizeof(whole), "%s %s", group->name, word);
	return refuse_unknown(line, "command", whole, known, group->name);
}

/* The word behind that of a group: one of its commands, or a wish for help. Where the group is a
 * command itself, it may be anything. */
static bool read_member(struct line *line, const struct verb_group *group)
{
	struct arguments *out = line->out;
	const struct admin_verb *own = verb_group_own(group);
	const char *word;

	if (own && (line->at == line->count || !verb_of_group(group, line->words[line->at]))) {
		out->command = COMMAND_VERB;
		out->words.verb = own;
		return true;
	}
	if (line->at == line->count) {
		fprintf(line->errors, "dragoman: %s needs a command\n", group->name);
		return refuse(line, group->name);
	}
	word = line->words[line->at++];
	out->command = COMMAND_VERB;
	out->words.verb = verb_of_group(group, word);
	if (out->words.verb)
		return true;
	out->command = is_version(word) ? COMMAND_VERSION : COMMAND_HELP;
	out->help_group = group;
	return is_version(word) || is_help(word) || refuse_member(line, group, word);
}

/* help [COMMAND], and a second word where the first one is a group. */
static bool read_topic(struct line *line, const char *word)
{
	struct arguments *out = line->out;
	const struct verb_group *group = out->help_group;
	const char *known[KNOWN_MAX];

	if (group) {
		out->words.verb = verb_of_group(group, word);
		out->help_for = COMMAND_VERB;
		out->help_group = NULL;
		return out->words.verb || refuse_member(line, group, word);
	}
	out->help_group = verb_group_find(word);
	if (line->at == 3 && out->help_group)
		return true;
	if (line->at > 3) {
		fprintf(line->errors, "dragoman: help takes one command at most\n");
		return refuse(line, NULL);
	}
	list_commands(known, false);
	return find_command(word, &out->help_for, &out->words.verb) ||
	       refuse_unknown(line, "command", word, known, NULL);
}

static bool refuse_argument(const struct line *line, const char *word)
{
	const char *command = command_names[line->out->command];
	bool file = NEEDS_A_FILE & BIT(line->out->command);

	fprintf(line->errors, "dragoman: %s takes no argument '%s'", command, shape_shown(word));
	if (file && !line->out->file)
		fprintf(line->errors, ", did you mean '-c %s'?", shape_shown(word));
	fputc('\n', line->errors);
	return refuse(line, command);
}

/* The word that a command has to be followed by, for messages; NULL: by none. */
static const char *word_of(enum command command)
{
	switch (command) {
	case COMMAND_BACKEND_TEST: return "an ENDPOINT";
	case COMMAND_KEYGEN: return "a NAME";
	case COMMAND_COMPLETION: return "a shell: bash or zsh";
	default: return NULL;
	}
}

static bool takes_a_word(enum command command)
{
	return word_of(command) || command == COMMAND_PASSWD;
}

static bool read_word(struct line *line, const char *word)
{
	if (word[0] == '-' && word[1] != '\0')
		return read_option(line, word);
	if (line->out->command == COMMAND_HELP)
		return read_topic(line, word);
	if (takes_a_word(line->out->command) && !line->out->word) {
		line->out->word = word;
		return true;
	}
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
	const char *known[KNOWN_MAX], *word;

	if (line->count < 2) {
		fputs("dragoman: a command is missing\n\n", line->errors);
		arguments_help(COMMAND_HELP, line->errors);
		return false;
	}
	word = line->words[line->at++];
	list_commands(known, true);
	if (is_help(word))
		line->out->command = COMMAND_HELP;
	else if (is_version(word))
		line->out->command = COMMAND_VERSION;
	else if (verb_group_find(word))
		return read_member(line, verb_group_find(word));
	else if (!find_command(word, &line->out->command, &line->out->words.verb))
		return refuse_unknown(line, word[0] == '-' ? "option" : "command", word, known,
				      NULL);
	return true;
}

static bool read_verb(struct line *line)
{
	struct arguments *out = line->out;

	switch (words_read(out->words.verb, line->words + line->at, line->count - line->at,
			   &out->words, line->errors)) {
	case WORDS_READ: return true;
	case WORDS_HELP:
		out->command = COMMAND_HELP;
		out->help_for = COMMAND_VERB;
		out->help_group = verb_group_find(out->words.verb->name);
		return true;
	case WORDS_VERSION: out->command = COMMAND_VERSION; return true;
	case WORDS_WRONG: break;
	}
	return false;
}

/* An event is given whole, or in parts of which two are needed. */
static bool check_event(const struct line *line)
{
	const struct arguments *out = line->out;
	const char *needed = !out->dialect ? "--dialect" : !out->room ? "--room" : NULL;
	bool parts = out->dialect || out->room || out->kind || out->from || out->role || out->text;

	if (!parts)
		return true;
	if (out->event)
		fputs("dragoman: --try describes the whole event and excludes the other options\n",
		      line->errors);
	else if (needed)
		fprintf(line->errors, "dragoman: an event needs %s\n", needed);
	return (!out->event && !needed) || refuse(line, command_names[out->command]);
}

/* A login to be tried has a name or a number. */
static bool check_login(const struct line *line)
{
	const struct arguments *out = line->out;

	if (out->login || out->number || (!out->secret && !out->dialect))
		return true;
	fputs("dragoman: a login to test needs --login or --number\n", line->errors);
	return refuse(line, command_names[out->command]);
}

/* What check refuses is not made, either. */
static bool check_cost(const struct line *line)
{
	const struct arguments *out = line->out;
	const char *fault = password_cost_fault((unsigned long)out->memory_mib * 1024,
						(unsigned long)out->passes, 1);

	if (!fault)
		return true;
	fprintf(line->errors, "dragoman: a hash with %d MiB and %d passes %s\n", out->memory_mib,
		out->passes, fault);
	return refuse(line, command_names[out->command]);
}

static bool check_endpoint(const struct line *line)
{
	const struct arguments *out = line->out;
	const char *fault = shape_fault(out->bind ? SHAPE_BIND : SHAPE_CONNECT, out->word);

	if (!fault)
		return true;
	fprintf(line->errors, "dragoman: the endpoint '%s' %s\n", shape_shown(out->word), fault);
	return refuse(line, command_names[out->command]);
}

static bool check_shell(const struct line *line)
{
	static const char *const shells[] = { "bash", "zsh", NULL };

	for (int i = 0; shells[i]; i++)
		if (strcmp(shells[i], line->out->word) == 0)
			return true;
	return refuse_unknown(line, "shell", line->out->word, shells, "completion");
}

bool arguments_parse(int argc, char **argv, struct arguments *out, FILE *errors)
{
	struct line line = { .words = argv, .count = argc, .at = 1, .out = out, .errors = errors };

	*out = (struct arguments){ .port = DEMO_PORT,
				   .address = DEMO_ADDRESS,
				   .seconds = SECONDS,
				   .memory_mib = PASSWORD_MIB,
				   .passes = PASSWORD_PASSES,
				   .help_for = COMMAND_HELP };
	if (!read_command(&line))
		return false;
	if (out->command == COMMAND_VERB)
		return read_verb(&line);
	if (!read_rest(&line))
		return false;
	if (word_of(out->command) && (!out->word || !*out->word)) {
		fprintf(errors, "dragoman: %s needs %s\n", command_names[out->command],
			word_of(out->command));
		return refuse(&line, command_names[out->command]);
	}
	if (NEEDS_A_FILE & BIT(out->command) && !out->file) {
		fprintf(errors, "dragoman: %s needs -c FILE\n", command_names[out->command]);
		return refuse(&line, command_names[out->command]);
	}
	switch (out->command) {
	case COMMAND_BACKEND_TEST: return check_endpoint(&line) && check_login(&line);
	case COMMAND_PASSWD: return check_cost(&line);
	case COMMAND_COMPLETION: return check_shell(&line);
	case COMMAND_MATRIX:
	case COMMAND_TRANSLATE: return true;
	default: return check_event(&line);
	}
}
