/* print.h - what is for standard output, which may have nobody who reads it. Main thread. */
#ifndef BRIDGE_PRINT_H
#define BRIDGE_PRINT_H

#include <stddef.h>
#include <stdio.h>

struct print {
	FILE *stream; /* to be written to between the two */
	char *text;
	size_t len;
};

void print_begin(struct print *print);

/* Prints it (bridge/core/log/output.h), or logs that it cannot: "WHAT not printed: ...". */
void print_end(struct print *print, const char *what);

#endif
