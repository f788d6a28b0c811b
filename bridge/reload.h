/* reload.h - takes over what a running server can of a changed configuration: its routes and the
 * log level. Main thread. */
#ifndef BRIDGE_RELOAD_H
#define BRIDGE_RELOAD_H

#include <stdbool.h>
#include <stdio.h>

#include "bridge/core/bridge.h"
#include "bridge/core/mailbox.h"

/* Reads the file again. When all of it is right, every worker gets the new rules between two of
 * its events, and the log says what else is different and waits for a restart; that they hold is
 * logged when all have taken them, see reload_taken(). Else the old ones stay, errors are told to
 * errors as "FILE:LINE: error: ...", and false is returned. */
bool reload(struct bridge *bridge, const char *file, FILE *errors);

/* POST_RULED: a worker has taken these rules; perhaps not the newest. Borrows. */
void reload_taken(struct bridge *bridge, const struct route_table *rules);

/* The server that holds that pid_file: its process number; 0 when none does, whatever the file
 * says. Not for the process that holds it. */
long pid_file_read(const char *path);

/* Writes this process's number, and holds the file until pid_file_remove() or the process's end;
 * false when another process holds it, or it cannot be written (said to errors). One at a time. */
bool pid_file_write(const char *path, FILE *errors) __attribute__((warn_unused_result));

/* Removes the file that pid_file_write() wrote; else does nothing. */
void pid_file_remove(const char *path);

#endif
