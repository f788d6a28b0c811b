/* alone.h - commands on what a server keeps while it does not run: carried out here, on its state
 * folder. */
#ifndef BRIDGE_COMMAND_CONTROL_ALONE_H
#define BRIDGE_COMMAND_CONTROL_ALONE_H

#include <stdbool.h>
#include <stdio.h>

struct conf;
struct json_t;

/* Carries out a request (borrows) of a verb that is kept, on the state of that configuration
 * (borrows). Returns the answer, new, as ask() has it; NULL after an error, said to errors: a
 * server runs there, nothing is kept, or it cannot be read. *refused: the configuration is. */
struct json_t *alone_run(const struct conf *conf, struct json_t *request, bool *refused,
			 FILE *errors);

#endif
