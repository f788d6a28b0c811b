/* probe.h - dragoman upstreams --probe: does an upstream let us in? */
#ifndef BRIDGE_COMMAND_PROBE_PROBE_H
#define BRIDGE_COMMAND_PROBE_PROBE_H

#include <stdbool.h>
#include <stdio.h>

#include "bridge/command/control/words.h"

/* Is it what these words want? */
bool probe_wanted(const struct words *words);

/* Tries the login and tells of it. Returns the exit code: 0; 1 when it is refused or nothing
 * answers; 2 when something is missing; 78 for a configuration that is wrong. */
int probe_run(const struct words *words, FILE *out, FILE *errors);

#endif
