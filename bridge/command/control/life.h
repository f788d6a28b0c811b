/* life.h - what `explain` answers, for people. For show.c. */
#ifndef BRIDGE_COMMAND_CONTROL_LIFE_H
#define BRIDGE_COMMAND_CONTROL_LIFE_H

#include <stdio.h>

struct json_t;

/* Each message of rows (borrowed; NULL: none), one below the other. What would not be seen in a
 * text stands there as '?'. */
void life_print(const struct json_t *rows, FILE *stream);

#endif
