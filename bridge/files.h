/* files.h - how many files the process may open, and what of that is for connections. */
#ifndef BRIDGE_FILES_H
#define BRIDGE_FILES_H

#include <stdbool.h>
#include <stdio.h>

#include "bridge/core/bridge.h"

/* Raises the limit of open files to what the bridge needs, or lowers limits.connections to what the
 * limit has room for, which is said in the log. False when there is no room for a single one; said
 * to errors. Main thread, before there are others. */
bool files_limit(struct bridge *bridge, FILE *errors) __attribute__((warn_unused_result));

/* What the server opens before any client connects, at most. For the test. */
size_t files_needed(const struct bridge *bridge);

#endif
