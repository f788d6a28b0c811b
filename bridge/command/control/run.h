/* run.h - a command on a running server, carried out: finds its control socket, asks, and prints
 * what it answers. */
#ifndef BRIDGE_COMMAND_CONTROL_RUN_H
#define BRIDGE_COMMAND_CONTROL_RUN_H

#include "bridge/command/control/words.h"

/* Returns the exit code: 0; 1 when the server refuses, does not answer or is not there; 2 when it
 * does not understand; 78 for a configuration that is wrong. Called by main(). */
int run_verb(const struct words *words, FILE *out, FILE *errors);

#endif
