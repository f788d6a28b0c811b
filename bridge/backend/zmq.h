/* zmq.h - ZeroMQ behind a small door: the ROUTER towards a backend's instances, and the PUB of a
 * tap. With context.c, watch.c and curve.c the only files that know the library.
 *
 * A socket belongs to one thread, except for opening (main, before that thread runs) and closing
 * (main, after it ended). Nothing blocks.
 *
 * What the library leaves open is set: MAXMSGSIZE, SNDHWM, RCVHWM, LINGER 0, HEARTBEAT_IVL,
 * _TIMEOUT and _TTL, HANDSHAKE_IVL, CONNECT_TIMEOUT, IMMEDIATE, ROUTER_MANDATORY, ROUTER_HANDOVER
 * off. RECONNECT_IVL is off, because after a peer broke the protocol (a wrong key, a frame that is
 * too long) the library would never try that endpoint again; socket_readable() does it.
 *
 * What it offers no limit for, so that a peer that may come in has to be trusted with it: the
 * number of frames of one message (kept until its last frame is there, high_water counts whole
 * messages only), the number of connections, and the number of a subscriber's subscriptions.
 *
 * A peer that reads nothing for about 20 seconds after its own queue is full, too, is disconnected:
 * its library then answers no heartbeats.
 *
 * A peer that sends a frame above message_bytes is disconnected by the library, alone and without
 * an answer; so let that be more than what is an error that can be told. A peer that comes under an
 * identity that is in use is not heard at all, until it connects again after the other has gone:
 * instances should leave the identity to the library. */
#ifndef BRIDGE_BACKEND_ZMQ_H
#define BRIDGE_BACKEND_ZMQ_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "bridge/backend/context.h"
#include "codecs/text/slice.h"

#define SOCKET_FRAMES_MAX   8
#define SOCKET_IDENTITY_MAX 255
#define SOCKET_BYTES_MIN    1024 /* the library's own handshake must pass */

struct socket;

enum socket_type { SOCKET_ROUTER, SOCKET_PUB };

struct socket_options {
	enum socket_type type;
	const char *name; /* of the backend or tap: the ZAP domain, and for messages */
	char *const *bind, *const *connect; /* endpoints: ipc://PATH, tcp://HOST:PORT */
	size_t bind_count, connect_count;
	int high_water;              /* 1 or more messages kept for one peer, each way */
	int64_t message_bytes;       /* most of one frame received; below SOCKET_BYTES_MIN: that */
	const char *secret_key_file; /* NULL or "": without CURVE */
	char *const
	    *client_key_files; /* public keys that may come in; required with a secret key */
	size_t client_key_count;
};

/* Main thread. Opens, binds and connects. Keys are read here. Returns new, or NULL after an error,
 * said to errors as one line. options are borrowed for the call.
 *
 * ipc: a path that is left from a process that ended is replaced; that of a running one, or of
 * anything but a socket, is an error. Only the same user may connect (mode 0600; the process's
 * umask is changed for the moment of binding). tcp: HOST may be "*", PORT 0 or "*"; a name in
 * connect is looked up in the library's only thread, in which meanwhile nothing else moves.
 *
 * With a secret key the socket is the CURVE server, whoever connects to whom. */
struct socket *socket_open(struct socket_context *context, const struct socket_options *options,
			   FILE *errors);

/* Pending messages are given up (LINGER 0). The ipc paths it made are removed; a tcp port is free
 * again a moment later, at the latest when socket_context_close() returns. NULL is ignored. */
void socket_close(struct socket *socket);

/* The descriptor to wait on. Edge-triggered: after it fires, and after any socket_send(), drain
 * with socket_receive() until false before waiting again, or call socket_readable(). */
int socket_descriptor(const struct socket *socket);

/* Is there something to receive (PUB: never)? Asks the library; clears the edge. Also tends the
 * socket: tries endpoints again that are not connected (after 0.1 s, doubled up to 5 s), and counts
 * who was turned away. So call it about once a second at least, whatever the type. */
bool socket_readable(struct socket *socket);

enum socket_sent {
	SOCKET_SENT, /* handed over; what is under way when the peer goes is lost */
	SOCKET_FULL, /* the peer's queue is full (ROUTER) */
	SOCKET_GONE  /* no such peer (ROUTER) */
};

/* Sends frames (borrows, 1 or more). All of them or none. ROUTER: frames[0] is the peer's identity,
 * and at least one more follows. PUB: frames[0] is what subscriptions are compared with, as a
 * prefix; it is always SOCKET_SENT, also without subscribers, and the library drops the message
 * for a subscriber whose queue is full, uncounted. */
enum socket_sent socket_send(struct socket *socket, const struct slice *frames, size_t count);

/* A received message: frames borrow from the socket until the next socket_receive() or close. */
struct socket_message {
	struct slice frames[SOCKET_FRAMES_MAX]; /* ROUTER: [0] is the identity */
	size_t count;
	bool oversized; /* it had more frames than fit; the rest was thrown away */
};

/* False when nothing waits; PUB: always. */
bool socket_receive(struct socket *socket, struct socket_message *message);

/* The endpoint really bound, for tcp://...:0 and "*"; index of the bind list. Borrows. */
const char *socket_endpoint(const struct socket *socket, size_t index);

/* How many handshakes failed since the socket was opened: the key is not allowed, it is missing, a
 * wrong one of ours is expected, or the peer went before it showed one. Each new try counts. 0
 * without a secret key. Any thread. */
uint64_t socket_refused(const struct socket *socket);

/* What only this side can know when nothing comes. */
struct socket_news {
	uint64_t refused; /* as socket_refused() */
	uint64_t failed;  /* without keys: handshakes that failed, as that of a SUB with a ROUTER */
	uint32_t connected;
	const char *unreachable; /* an endpoint that cannot be connected to for a while, borrowed */
	const char *why;         /* static, or until the next call of strerror() */
};

/* The owner: tends the socket as socket_readable() does, and says how it stands. */
void socket_tend(struct socket *socket, struct socket_news *news);

#endif
