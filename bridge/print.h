/* print.h - what is for standard output, which may have nobody who reads it. Main thread. */
#ifndef BRIDGE_PRINT_H
#define BRIDGE_PRINT_H

#include <stddef.h>
#include <stdio.h>

#include "bridge/core/bridge.h"

struct print {
	FILE *stream; /* to be written to between the two */
	char *text;
	size_t len;
};

void print_begin(struct print *print);

/* Prints it (bridge/core/log/output.h), or logs that it cannot: "WHAT not printed: ...". */
void print_end(struct print *print, const char *what);

/* Prints all counters as a line of JSON; what: as above. */
void print_counters(const struct counters *counters, const struct bridge *bridge, const char *what);

/* Prints what say() writes of them. */
void print_sum(const struct counters *sum, void (*say)(const struct counters *, FILE *));

#endif
