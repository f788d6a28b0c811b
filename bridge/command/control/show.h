/* show.h - what a server answered, for people. */
#ifndef BRIDGE_COMMAND_CONTROL_SHOW_H
#define BRIDGE_COMMAND_CONTROL_SHOW_H

#include <stdio.h>

struct json_t;

/* Prints the answer to that verb (borrows): the object of its "result", and its rows, NULL for
 * none. What is not printable stands there escaped. */
void show(const char *verb, const struct json_t *result, const struct json_t *rows, FILE *stream);

#endif
