/* arguments.h - the command line as a plain struct, and the help. Nothing is started here. */
#ifndef BRIDGE_COMMAND_ARGUMENTS_H
#define BRIDGE_COMMAND_ARGUMENTS_H

#include <stdbool.h>
#include <stdio.h>

#include "bridge/command/commands.h"
#include "bridge/command/control/words.h"

/* Texts borrow from argv or are constant. What a command does not take has its default. */
struct arguments {
	enum command command;
	const char *file;    /* run, check, routes, matrix, translate; else NULL */
	int port;            /* demo: 0 .. 65535, 0 is any free one */
	const char *address; /* demo: numeric IPv4 or IPv6 */
	int workers;         /* demo: 0 .. 16, 0 is one for each core */
	bool state;          /* check: what is stored, too */
	bool print_json;     /* demo, run */
	const char *event;   /* routes: an event as JSON, or NULL ... */
	const char *dialect, *room, *kind, *from, *role,
	    *text; /* ... or its parts; NULL: left out */
	const char
	    *word;              /* backend-test: the endpoint; keygen: the name of the files;
				 * passwd: the file to write, or NULL; completion: the shell, bash or zsh */
	const char *name;       /* backend-test: the backend's name; NULL: whatever it says */
	bool bind;              /* backend-test: bind to the endpoint instead of connecting */
	const char *login;      /* backend-test: a login to be tried: its name, or NULL; ... */
	const char *secret;     /* ... its secret, or NULL; ... */
	int number;             /* ... its number, 0: none. dialect: its dialect */
	int memory_mib, passes; /* passwd: what password_cost_fault() allows */
	int seconds;            /* backend-test: how long to wait for a READY; 0 .. 3600 */
	const char *route;      /* matrix: a route, its name or number, or NULL */
	const char *pair;       /* matrix: two dialects, "A,B"; NULL: all */
	/* translate: as they were typed, or NULL. from and room: above */
	const char *to, *as, *replay, *time;
	bool envelope, explain;
	bool json;             /* matrix, translate */
	bool markdown;         /* matrix */
	enum command help_for; /* help: which command; COMMAND_HELP for the whole, COMMAND_VERB for
				* that of words */
	const struct verb_group *help_group; /* help: on that, whatever help_for says; NULL: not */
	struct words words;                  /* COMMAND_VERB */
};

/* Reads the command line of main() into out. False when it is wrong: then what and how to get
 * help has been printed to errors, and the exit code is 2. Called by main(). */
bool arguments_parse(int argc, char **argv, struct arguments *out, FILE *errors)
    __attribute__((warn_unused_result));

/* Prints the help on one command, or with COMMAND_HELP the overview. Not for COMMAND_VERB, see
 * words_help(). */
void arguments_help(enum command command, FILE *stream);

#endif
