#include "bridge/command/control/words.h"

#include <stdlib.h>
#include <string.h>

#include "conf/read/nearest.h"
#include "conf/table/shape.h"

#define OPTIONS_MAX (VERB_ARGUMENTS_MAX + 8)

const struct words_option words_options[] = {
	{ "--json", NULL, NULL, "Print the answer as one line of JSON." },
	{ "--config", "-c", "FILE", "Ask the server that runs with this configuration." },
	{ "--control", NULL, "PATH", "Ask at this socket." },
};

const size_t words_option_count = sizeof(words_options) / sizeof(words_options[0]);

enum { OPTION_JSON, OPTION_CONFIG, OPTION_CONTROL };

struct reading {
	char **words;
	int count, at;
	struct words *out;
	FILE *errors;
};

static bool wrong(const struct reading *reading)
{
	fprintf(reading->errors, "Try 'dragoman help %s'.\n", reading->out->verb->name);
	return false;
}

static bool refuse_option(const struct reading *reading, const char *word)
{
	static char names[VERB_ARGUMENTS_MAX][32];
	const struct admin_verb *verb = reading->out->verb;
	const char *known[OPTIONS_MAX], *nearest;
	size_t count = 0;

	for (size_t i = 0; i < verb_argument_count(verb); i++)
		if (verb->arguments[i].option) {
			snprintf(names[i], sizeof(names[i]), "--%s", verb->arguments[i].name);
			known[count++] = names[i];
		}
	for (size_t i = 0; i < words_option_count; i++)
		known[count++] = words_options[i].name;
	known[count++] = "--help";
	known[count] = NULL;
	nearest = conf_nearest(word, known);
	fprintf(reading->errors, "dragoman: unknown option '%s'", shape_shown(word));
	if (nearest)
		fprintf(reading->errors, ", did you mean '%s'?", nearest);
	fputc('\n', reading->errors);
	return wrong(reading);
}

/* ---- options ---- */

/* What follows an option: behind its '=', or the next word, unless that is an option. NULL: nothing
 * does. */
static const char *value_of(struct reading *reading, const char *equals)
{
	if (equals)
		return equals + 1;
	if (reading->at == reading->count || reading->words[reading->at][0] == '-')
		return NULL;
	return reading->words[reading->at++];
}

static bool needs(const struct reading *reading, const char *option, const char *what)
{
	if (what)
		fprintf(reading->errors, "dragoman: %s needs %s\n", option, what);
	else
		fprintf(reading->errors, "dragoman: %s takes no value\n", option);
	return wrong(reading);
}

static bool read_common(struct reading *reading, size_t option, const char *equals)
{
	const struct words_option *row = &words_options[option];
	const char *value = NULL;

	if (!row->value && equals)
		return needs(reading, row->name, NULL);
	if (row->value)
		value = value_of(reading, equals);
	if (row->value && (!value || !*value))
		return needs(reading, row->name, row->value);
	switch (option) {
	case OPTION_JSON: reading->out->json = true; break;
	case OPTION_CONFIG: reading->out->file = value; break;
	case OPTION_CONTROL: reading->out->control = value; break;
	}
	return true;
}

static bool check(const struct reading *reading, const struct admin_argument *argument,
		  const char *value)
{
	const char *fault = verb_value_fault(argument->value, value);

	if (!fault)
		return true;
	fprintf(reading->errors, "dragoman: %s%s '%s' %s\n", argument->option ? "--" : "",
		argument->option ? argument->name : argument->shown, shape_shown(value), fault);
	return wrong(reading);
}

static bool add_word(const struct reading *reading, const struct admin_argument *argument,
		     const char *list[WORDS_REST_MAX], size_t *count, const char *word)
{
	if (*count == WORDS_REST_MAX) {
		fprintf(reading->errors, "dragoman: %s has too many words\n", argument->shown);
		return wrong(reading);
	}
	list[(*count)++] = word;
	return check(reading, argument, word);
}

static bool read_own(struct reading *reading, size_t place, const char *equals)
{
	const struct admin_argument *argument = &reading->out->verb->arguments[place];
	char option[32];
	const char *value = "";

	snprintf(option, sizeof(option), "--%s", argument->name);
	if (argument->value == VALUE_YES && equals)
		return needs(reading, option, NULL);
	if (argument->value != VALUE_YES)
		value = value_of(reading, equals);
	if (argument->value != VALUE_YES && (!value || !*value))
		return needs(reading, option, argument->shown);
	if (argument->many)
		return add_word(reading, argument, reading->out->many, &reading->out->many_count,
				value);
	reading->out->values[place] = value;
	return check(reading, argument, value);
}

static bool read_option(struct reading *reading, const char *word)
{
	const struct admin_verb *verb = reading->out->verb;
	const char *equals = strncmp(word, "--", 2) == 0 ? strchr(word, '=') : NULL;
	size_t len = equals ? (size_t)(equals - word) : strlen(word);

	for (size_t i = 0; i < words_option_count; i++)
		if ((strlen(words_options[i].name) == len &&
		     strncmp(words_options[i].name, word, len) == 0) ||
		    (words_options[i].letter && strcmp(words_options[i].letter, word) == 0))
			return read_common(reading, i, equals);
	for (size_t i = 0; len > 2 && i < verb_argument_count(verb); i++)
		if (verb->arguments[i].option && strlen(verb->arguments[i].name) == len - 2 &&
		    strncmp(verb->arguments[i].name, word + 2, len - 2) == 0)
			return read_own(reading, i, equals);
	return refuse_option(reading, word);
}

/* ---- arguments ---- */

/* The argument that takes all words that are left, or NULL. */
static const struct admin_argument *rest_of(const struct admin_verb *verb)
{
	size_t count = verb_argument_count(verb);

	return count > 0 && verb->arguments[count - 1].rest ? &verb->arguments[count - 1] : NULL;
}

static bool add_rest(struct reading *reading, const struct admin_argument *rest, const char *word)
{
	struct words *out = reading->out;

	return add_word(reading, rest, out->rest, &out->rest_count, word);
}

static bool is_of_roles(const struct admin_argument *rest)
{
	return rest && (rest->value == VALUE_ROLE || rest->value == VALUE_CHANGE);
}

static bool read_argument(struct reading *reading, const char *word)
{
	const struct admin_verb *verb = reading->out->verb;
	const struct admin_argument *rest = rest_of(verb);

	if (is_of_roles(rest) && word[0] == '+')
		return add_rest(reading, rest, word);
	for (size_t i = 0; i < verb_argument_count(verb); i++) {
		const struct admin_argument *argument = &verb->arguments[i];

		if (argument->option || argument->rest || reading->out->values[i])
			continue;
		reading->out->values[i] = word;
		return check(reading, argument, word);
	}
	if (rest)
		return add_rest(reading, rest, word);
	fprintf(reading->errors, "dragoman: %s takes no argument '%s'", verb->name,
		shape_shown(word));
	if (verb_argument_count(verb) == 0 && !reading->out->file)
		fprintf(reading->errors, ", did you mean '-c %s'?", shape_shown(word));
	fputc('\n', reading->errors);
	return wrong(reading);
}

/* "-mod" takes a role. */
static bool takes_role(const struct words *out, const char *word)
{
	const struct admin_argument *rest = rest_of(out->verb);

	return is_of_roles(rest) && word[1] != '-' && !verb_value_fault(rest->value, word);
}

static bool is_complete(const struct reading *reading)
{
	const struct words *out = reading->out;

	for (size_t i = 0; i < verb_argument_count(out->verb); i++) {
		const struct admin_argument *argument = &out->verb->arguments[i];

		if (!argument->required || out->values[i] || (argument->rest && out->rest_count))
			continue;
		fprintf(reading->errors, "dragoman: %s needs %s\n", out->verb->name,
			argument->shown);
		return wrong(reading);
	}
	return true;
}

enum words_read words_read(const struct admin_verb *verb, char **words, int count,
			   struct words *out, FILE *errors)
{
	struct reading reading = { .words = words, .count = count, .out = out, .errors = errors };
	bool options = true;

	*out = (struct words){ .verb = verb };
	while (reading.at < count) {
		const char *word = words[reading.at++];
		bool well;

		if (options && (strcmp(word, "-h") == 0 || strcmp(word, "--help") == 0))
			return WORDS_HELP;
		if (options && (strcmp(word, "-V") == 0 || strcmp(word, "--version") == 0))
			return WORDS_VERSION;
		if (options && strcmp(word, "--") == 0) {
			options = false;
			continue;
		}
		if (options && word[0] == '-' && takes_role(out, word))
			well = add_rest(&reading, rest_of(verb), word);
		else if (options && word[0] == '-' && word[1] != '\0')
			well = read_option(&reading, word);
		else
			well = read_argument(&reading, word);
		if (!well)
			return WORDS_WRONG;
	}
	return is_complete(&reading) ? WORDS_READ : WORDS_WRONG;
}
