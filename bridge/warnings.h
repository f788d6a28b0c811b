/* warnings.h - what is right in a configuration, and probably not meant. */
#ifndef BRIDGE_WARNINGS_H
#define BRIDGE_WARNINGS_H

#include <stdio.h>

#include "conf/conf.h"

/* Prints conf's warnings, and that the process has all rights, as "FILE:LINE: warning: ...".
 * Called by dragoman check. */
void warnings_print(const struct conf *conf, FILE *stream);

/* Logs the same. Called at start and after a reload. */
void warnings_log(const struct conf *conf);

#endif
