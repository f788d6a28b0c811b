/* socket.h - ZeroMQ behind a small door: the ROUTER towards a backend's instances, and the PUB of a
 * tap. With curve.c the only file that knows the library.
 *
 * A socket belongs to one thread, except for opening (main, before that thread runs) and closing
 * (main, after it ended). Nothing blocks. All limits that the library leaves open are set:
 * MAXMSGSIZE, SNDHWM, RCVHWM, LINGER 0, HEARTBEAT_IVL and _TIMEOUT, HANDSHAKE_IVL,
 * RECONNECT_IVL_MAX, IMMEDIATE, ROUTER_MANDATORY, ROUTER_HANDOVER off. */
#ifndef BRIDGE_SOCKET_H
#define BRIDGE_SOCKET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "codecs/slice.h"

#define SOCKET_FRAMES_MAX   8
#define SOCKET_IDENTITY_MAX 255

struct socket_context; /* the library's, and the thread that judges keys */
struct socket;

enum socket_type { SOCKET_ROUTER, SOCKET_PUB };

struct socket_options {
	enum socket_type type;
	const char *name; /* of the backend or tap: the ZAP domain, and for messages */
	char *const *bind, *const *connect; /* endpoints: ipc://PATH, tcp://HOST:PORT */
	size_t bind_count, connect_count;
	int high_water;              /* messages kept for one peer, each way */
	int64_t message_bytes;       /* most of one frame received */
	const char *secret_key_file; /* NULL or "": without CURVE */
	char *const
	    *client_key_files; /* public keys that may come in; required with a secret key */
	size_t client_key_count;
};

/* Main thread. Blocks all signals for the library's threads. Returns new; NULL when the library
 * does not start (said to errors). */
struct socket_context *socket_context_open(FILE *errors);

/* After every socket was closed. NULL is ignored. */
void socket_context_close(struct socket_context *context);

/* Opens, binds and connects. Keys are read here. Returns new, or NULL after an error, said to
 * errors as one line. options are borrowed for the call. */
struct socket *socket_open(struct socket_context *context, const struct socket_options *options,
			   FILE *errors);

/* Pending messages are given up (LINGER 0). An ipc path it made is removed. NULL is ignored. */
void socket_close(struct socket *socket);

/* The descriptor to wait on. Edge-triggered: after it fires, and after any socket_send(), drain
 * with socket_receive() until false before waiting again, or call socket_readable(). */
int socket_descriptor(const struct socket *socket);

/* Is there something to receive? Asks the library; clears the edge. */
bool socket_readable(struct socket *socket);

enum socket_sent {
	SOCKET_SENT,
	SOCKET_FULL, /* the peer's queue is full (ROUTER), or nobody could be sent to */
	SOCKET_GONE  /* no such peer (ROUTER) */
};

/* Sends frames (borrows). ROUTER: frames[0] is the peer's identity. All of them or none. */
enum socket_sent socket_send(struct socket *socket, const struct slice *frames, size_t count);

/* A received message: frames borrow from the socket until the next socket_receive() or close. */
struct socket_message {
	struct slice frames[SOCKET_FRAMES_MAX]; /* ROUTER: [0] is the identity */
	size_t count;
	bool oversized; /* it had more frames than fit; the rest was thrown away */
};

/* False when nothing waits. ROUTER only. */
bool socket_receive(struct socket *socket, struct socket_message *message);

/* The endpoint really bound, for tcp://...:0 and "*"; index of the bind list. Borrows. */
const char *socket_endpoint(const struct socket *socket, size_t index);

/* How many peers were turned away for a wrong or missing key since the start. Any thread. */
uint64_t socket_refused(const struct socket *socket);

/* dragoman keygen: writes NAME.key (secret, mode 0600, not if it exists) and NAME.pub, each one
 * line of 40 characters Z85 (RFC 32/Z85 of ZeroMQ). False after an error, said to errors. */
bool socket_key_make(const char *name, FILE *errors) __attribute__((warn_unused_result));

#endif
