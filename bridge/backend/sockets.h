/* sockets.h - the ZeroMQ sockets of all backends and taps: opened before any worker runs, closed
 * after all have ended. Main thread. */
#ifndef BRIDGE_BACKEND_SOCKETS_H
#define BRIDGE_BACKEND_SOCKETS_H

#include <stdio.h>

#include "bridge/core/bridge.h"

struct sockets;
struct loop;

/* Opens and binds or connects them all, and attaches them. Borrows bridge. Returns new, or NULL
 * after an error, said to errors. */
struct sockets *sockets_open(struct bridge *bridge, FILE *errors);

/* Has each worker's loop watch its own; before the loops start. False when they cannot be. */
bool sockets_watch(const struct sockets *sockets, struct loop *const *loops)
    __attribute__((warn_unused_result));

/* After all workers ended and backends were closed. NULL is ignored. */
void sockets_close(struct sockets *sockets);

#endif
