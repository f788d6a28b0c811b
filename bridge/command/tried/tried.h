/* tried.h - dragoman routes: shows the rules, and what becomes of an event by them. Nothing is
 * started. */
#ifndef BRIDGE_COMMAND_TRIED_TRIED_H
#define BRIDGE_COMMAND_TRIED_TRIED_H

#include <stdbool.h>
#include <stdio.h>

#include "bridge/command/arguments.h"

struct conf;

/* Without an event in arguments, prints the rules in a readable form. With one, prints why each
 * earlier rule does not match, which decides, its steps, and what each destination would receive:
 * a room, the frame in each dialect; a backend or tap, the message on the wire. conf has been
 * checked. False when the event makes no sense (said to errors). Borrows all. */
bool tried_run(const struct conf *conf, const struct arguments *arguments, FILE *out, FILE *errors);

#endif
