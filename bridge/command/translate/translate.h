/* translate.h - dragoman translate: how frames of one dialect come out in others. */
#ifndef BRIDGE_COMMAND_TRANSLATE_TRANSLATE_H
#define BRIDGE_COMMAND_TRANSLATE_TRANSLATE_H

#include <stdio.h>

#include "bridge/command/arguments.h"

/* Reads in, or the capture that is to be replayed; frames go to out, what else there is to say to
 * errors. Adds a dialect to the registry: once in a process. Returns the exit code: 0; 1 when
 * something was refused or malformed; 2 for arguments that are wrong; 78 for a configuration that
 * is. */
int translate_run(const struct arguments *arguments, FILE *in, FILE *out, FILE *errors);

#endif
