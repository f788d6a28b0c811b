/* server.h - starts the threads, answers signals, ends in order. Main thread. */
#ifndef BRIDGE_SERVER_H
#define BRIDGE_SERVER_H

#include <stdbool.h>
#include <stdio.h>

#include "bridge/core/bridge.h"

struct server_options {
	/* Says on stream, which is for standard output, that everybody can come; context is given
	 * back. NULL: nothing is told. */
	void (*ready)(const struct bridge *bridge, const void *context, FILE *stream);
	const void *context;
	/* Says there what there was, at the end. NULL: all counters, as a line of JSON. */
	void (*ended)(const struct counters *sum, FILE *stream);
	FILE *errors;     /* why it cannot start is told there, one line each */
	const char *file; /* the configuration, for HUP; NULL: it has none, and HUP ends it */
};

/* Serves until TERM or INT, then drains (close frames, what is queued goes out), says what there
 * was on standard output, and returns the exit code: 0, or 1 when it could not start. USR1 prints
 * the counters as one JSON line and goes on. HUP reads the configuration and the certificates
 * again; without a file it ends the server, unless it was ignored when the program began. */
int server_run(struct bridge *bridge, const struct server_options *options);

/* HUP and USR1 end a program that does not look for them. Held, they wait; server_run() takes what
 * waits once it looks for them, and holds them again at its end. For the command line, before it
 * reads the configuration. */
void server_hold_signals(bool hold);

#endif
