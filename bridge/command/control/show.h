/* show.h - what a server answered, for people. */
#ifndef BRIDGE_COMMAND_CONTROL_SHOW_H
#define BRIDGE_COMMAND_CONTROL_SHOW_H

#include <stdio.h>

struct json_t;

/* Prints the answer to that verb (borrows): the object of its "result", and its rows, NULL for
 * none. What is not printable stands there
 * as '?'. */
void show(const char *verb, const struct json_t *result, const struct json_t *rows, FILE *stream);

/* Prints text of a server's (borrows), line by line, each with its end; what is not printable
 * stands there as '?'. */
void show_lines(FILE *stream, const char *text);

#endif
