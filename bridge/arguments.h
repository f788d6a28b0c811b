/* arguments.h - the command line as a plain struct, and the help. Nothing is started here. */
#ifndef BRIDGE_ARGUMENTS_H
#define BRIDGE_ARGUMENTS_H

#include <stdbool.h>
#include <stdio.h>

enum command {
	COMMAND_DEMO,
	COMMAND_RUN,
	COMMAND_CHECK,
	COMMAND_DEFAULTCONFIG,
	COMMAND_VERSION,
	COMMAND_HELP
};

/* Texts borrow from argv or are constant. What a command does not take has its default. */
struct arguments {
	enum command command;
	const char *file;      /* run, check; else NULL */
	int port;              /* demo: 0 .. 65535, 0 is any free one */
	const char *address;   /* demo: numeric IPv4 or IPv6 */
	int workers;           /* demo: 0 .. 16, 0 is one for each core */
	bool print_json;       /* demo, run */
	enum command help_for; /* help: which command; COMMAND_HELP for the whole */
};

/* Reads the command line of main() into out. False when it is wrong: then what and how to get
 * help has been printed to errors, and the exit code is 2. Called by main(). */
bool arguments_parse(int argc, char **argv, struct arguments *out, FILE *errors)
    __attribute__((warn_unused_result));

/* Prints the help on one command, or with COMMAND_HELP the overview. */
void arguments_help(enum command command, FILE *stream);

#endif
