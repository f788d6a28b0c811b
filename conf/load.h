/* load.h - reads a configuration.
 *
 * Everything is checked that can be without the rest of the program: unknown directives, types,
 * ranges, shapes of ids, names that refer to each other within the file. One table
 * (table/directives.h) drives reading, defaults, ranges, the sample and the help. */
#ifndef CONF_LOAD_H
#define CONF_LOAD_H

#include <stdio.h>

#include "conf/conf.h"

/* Reads and checks a file. Every error is reported, as far as parsing can go on. Returns new,
 * or NULL when there was any error. Called by the main thread at start (and reload). */
struct conf *conf_load(const char *path, const struct conf_known *known,
		       struct conf_report *report);

/* The same from text (borrows), for tests and the demo; relative paths are kept as they are. */
struct conf *conf_parse(const char *text, const struct conf_known *known,
			struct conf_report *report);

/* The value of control in a file, as struct conf has it, whatever else is wrong there: for who
 * wants to reach a running server while the file is being changed. Returns new; NULL: the file
 * cannot be read (errno). */
char *conf_control(const char *path);

/* NULL is ignored. */
void conf_free(struct conf *conf);

/* Prints "FILE:LINE: error: MESSAGE" to stream for use as a report. */
struct conf_printer {
	struct conf_report report;
	FILE *stream;
};
void conf_printer_init(struct conf_printer *printer, FILE *stream);

#endif
