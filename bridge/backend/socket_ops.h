/* socket_ops.h - a socket, as a backend or tap that owns it sees it: bridge/backend/sockets.c
 * implements it with ZeroMQ, and the stage of the tests without. */
#ifndef BRIDGE_BACKEND_SOCKET_OPS_H
#define BRIDGE_BACKEND_SOCKET_OPS_H

#include <stdbool.h>
#include <stddef.h>

#include "bridge/backend/zmq.h"

/* socket is the implementer's own. */
struct socket_ops {
	/* frames[0] is the instance's identity (a backend) or the topic (a tap). */
	enum socket_sent (*send)(void *socket, const struct slice *frames, size_t count);
	/* False when nothing waits. NULL for taps. */
	bool (*receive)(void *socket, struct socket_message *message);
	/* What comes makes a descriptor of the worker's loop readable (worker->fired); but what
	 * came while the socket was in use is only found by looking. False: always look. */
	bool fires;
	/* Every 250 ms or so: lost connections are tried again. May be NULL. */
	void (*tend)(void *socket, struct socket_news *news);
};

#endif
