/* server.h - starts the threads, answers signals, ends in order. Main thread. */
#ifndef BRIDGE_SERVER_H
#define BRIDGE_SERVER_H

#include <stdbool.h>

#include "bridge/core/bridge.h"

struct server_options {
	/* Called once when everybody can come; context is given back. NULL: nothing is told. */
	void (*ready)(const struct bridge *bridge, const void *context);
	const void *context;
	const char *file; /* the configuration, for HUP; NULL: it has none */
};

/* Serves until TERM or INT, then drains (close frames, what is queued goes out), prints the
 * counters as one JSON line on standard output, and returns the exit code: 0, or 1 when it could
 * not start. USR1 prints the counters and goes on;
 * HUP reads the configuration and the certificates again. */
int server_run(struct bridge *bridge, const struct server_options *options);

#endif
