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

/* What a worker's loop has to wait on: fills descriptors, which stay open until sockets_close().
 * Returns how many there are. */
size_t sockets_descriptors(const struct sockets *sockets, unsigned worker,
			   int descriptors[BACKENDS_MAX]);

/* After all workers ended and backends were closed. NULL is ignored. */
void sockets_close(struct sockets *sockets);

#endif
