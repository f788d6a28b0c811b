/* words.h - the command line of a command on a running server, read by the table of verbs
 * (bridge/admin/control/verbs/verbs.h), and the help on it. Nothing is sent here. */
#ifndef BRIDGE_COMMAND_CONTROL_WORDS_H
#define BRIDGE_COMMAND_CONTROL_WORDS_H

#include <stdbool.h>
#include <stdio.h>

#include "bridge/admin/control/verbs/verbs.h"

#define WORDS_REST_MAX 256

/* Texts borrow from the command line. */
struct words {
	const struct admin_verb *verb;
	const char *values[VERB_ARGUMENTS_MAX]; /* by place; NULL: not given; of VALUE_YES: "" */
	const char *rest[WORDS_REST_MAX];       /* what an argument with rest takes */
	size_t rest_count;
	const char *many[WORDS_REST_MAX]; /* of the option that may be given several times */
	size_t many_count;
	const char *file;    /* -c; NULL: not given */
	const char *control; /* --control; NULL: not given */
	bool json;
};

enum words_read {
	WORDS_READ,
	WORDS_HELP,    /* help on the verb is wanted, */
	WORDS_VERSION, /* or the program's version */
	WORDS_WRONG    /* what is wrong has been printed */
};

/* Reads what follows the verb. Called by arguments_parse(). */
enum words_read words_read(const struct admin_verb *verb, char **words, int count,
			   struct words *out, FILE *errors);

/* The options that every verb has. */
struct words_option {
	const char *name, *letter; /* "--config", "-c"; letter NULL: none */
	const char *value;         /* "FILE"; NULL: it takes none */
	const char *help;
};
extern const struct words_option words_options[];
extern const size_t words_option_count;

/* Prints the help on one verb, or a line for each. */
void words_help(const struct admin_verb *verb, FILE *stream);
void words_overview(FILE *stream);

/* Prints what a group of verbs has. */
void words_group_help(const struct verb_group *group, FILE *stream);

#endif
