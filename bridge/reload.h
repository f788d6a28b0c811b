/* reload.h - takes over what a running server can of a changed configuration: its routes and the
 * log level. Main thread. */
#ifndef BRIDGE_RELOAD_H
#define BRIDGE_RELOAD_H

#include <stdbool.h>
#include <stdio.h>

#include "bridge/bridge.h"
#include "bridge/mailbox.h"

/* Reads the file again. When all of it is right, every worker gets the new rules between two of
 * its events, and the log says what else is different and waits for a restart; that they hold is
 * logged when all have taken them, see reload_taken(). Else the old ones stay, errors are told to
 * errors as "FILE:LINE: error: ...", and false is returned. */
bool reload(struct bridge *bridge, const char *file, FILE *errors);

/* POST_RULED: a worker has taken rules; perhaps not the newest. Borrows. */
void reload_taken(struct bridge *bridge, const struct post *post);

/* The process number in a pid_file, or 0. */
long pid_file_read(const char *path);

/* Writes this process's number; false when another living process has the file, or it cannot be
 * written (said to errors). */
bool pid_file_write(const char *path, FILE *errors) __attribute__((warn_unused_result));
void pid_file_remove(const char *path);

#endif
