/* library_log.h - what libwebsockets says, in our log: its lines about one connection come in a
 * row, many times the same, and do not say whose it is. That is known when just one connection is
 * being judged on this thread. Each thread has its own. */
#ifndef BRIDGE_NET_LIBRARY_LOG_H
#define BRIDGE_NET_LIBRARY_LOG_H

#include <stdbool.h>

#include "bridge/core/log/log.h"

/* Takes one line, up to its end; it is held back for others like it. */
void library_log(enum log_level level, const char *line);

/* A connection is there, whose request is not judged yet. */
void library_log_opened(void);

/* Now it is. address: of a connection that ends with it, which is told with what is held back;
 * NULL: it goes on. */
void library_log_judged(const char *address);

/* Tells what is held back, but for what waits for its connection's end. all: that, too. */
void library_log_tell(bool all);

#endif
