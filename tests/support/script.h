/* script.h - reads the lines of a transcript: statements, without comments. */
#ifndef TESTS_SUPPORT_SCRIPT_H
#define TESTS_SUPPORT_SCRIPT_H

#include <stdbool.h>
#include <stddef.h>

#include "codecs/text/slice.h"

struct script {
	const char *path;
	char *text, *at;
	unsigned line;      /* of the statement last read, 1-based */
	unsigned next_line; /* of what at points at */
	char *statement;    /* the one last read */
};

/* False when the file cannot be read. path is borrowed. */
bool script_open(struct script *script, const char *path);
void script_close(struct script *script);

/* Starts over. */
void script_rewind(struct script *script);

/* The next statement: a line and those after it that begin with white space, joined without it.
 * Blank lines and those that begin with '#' are passed over. False at the end. Borrows until the
 * next call. */
bool script_next(struct script *script, struct slice *statement);

/* The lines from here to one that reads ">>>", which is passed over. Returns new. */
char *script_block(struct script *script);

/* Cuts the first word off rest. Absent when there is none. */
struct slice script_word(struct slice *rest);

#endif
