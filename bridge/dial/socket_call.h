/* socket_call.h - a WebSocket to somebody else's server, of which we are the client (RFC 6455).
 *
 * Looking up, connecting, a proxy and TLS take place on threads of their own (dialer.h); from then
 * on all is done on the worker's thread, by its loop. TLS: the certificate and its name are
 * checked. No proxy of the environment is used, no redirect followed, no subprotocol or extension
 * offered.
 *
 * The worker's thread only, but where said. */
#ifndef BRIDGE_DIAL_SOCKET_CALL_H
#define BRIDGE_DIAL_SOCKET_CALL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "codecs/text/slice.h"

struct worker;
struct socket_call;

struct socket_call_request {
	struct slice url;           /* ws:// or wss:// */
	struct slice authorization; /* value of the header; absent: none */
	struct slice instance;      /* value of Dragoman-Instance; absent: none */
	const char *ca_file;        /* NULL: the system's */
	const char *proxy;          /* "http://host:port"; NULL: none */
	const char *group;    /* who shares a part of the dialing threads: the upstream's name */
	size_t message_bytes; /* most of one message that comes; more ends it with 1009 */
	size_t unsent_bytes;  /* most that waits to be sent */
	uint32_t connect_ms;  /* until it is open */
};

/* How far it came. */
enum socket_call_stage {
	SOCKET_CALL_DIALS,      /* look-up, connection, TLS */
	SOCKET_CALL_HANDSHAKES, /* the upgrade was asked for */
	SOCKET_CALL_OPEN
};

/* Why it ended. Borrows. */
struct socket_call_end {
	enum socket_call_stage stage;
	unsigned status; /* HTTP's, of an upgrade that was refused; 0: none came */
	uint16_t code; /* of the close; 1005: none in it; 1006: there was no close; 0: never open */
	uint32_t retry_after_s; /* as a refusal said; 0: it did not */
	struct slice why;       /* in words, never empty: "certificate has expired" */
};

struct socket_call_user {
	/* It is open. instance: Dragoman-Instance of the answer; absent: none. */
	void (*open)(void *user, struct slice instance);
	/* A whole message (borrows); of UTF-8, whether binary or not. */
	void (*message)(void *user, struct slice text);
	/* All that was to be sent is handed to the kernel, after some was not. May be NULL. */
	void (*drained)(void *user);
	/* It ended by itself, or was refused. Nothing follows; the call is freed by the user, then
	 * or later. */
	void (*end)(void *user, const struct socket_call_end *end);
};

/* Begins one. Borrows what request points at for the call only, user until it is freed. Returns
 * new; end() says what went wrong, never within this. */
struct socket_call *socket_call_new(struct worker *worker,
				    const struct socket_call_request *request,
				    const struct socket_call_user *use, void *user);

/* Ends it at once, unless it has ended, and frees it. NULL is ignored. Allowed in its own
 * callbacks. What a thread still does for it is dropped when it is done. */
void socket_call_free(struct socket_call *call);

/* Sends one text message (borrows): masked, written at the end of the turn with whatever else there
 * is, or when the connection takes it. False: it is not open, or too much waits. */
bool socket_call_send(struct socket_call *call, struct slice text)
    __attribute__((warn_unused_result));

/* A WebSocket ping. Nothing where it is not open. */
void socket_call_ping(struct socket_call *call);

/* Says goodbye with that code, and ends when the other side has, or after 2 s: end() is called. */
void socket_call_close(struct socket_call *call, uint16_t code);

/* Bytes that wait to be sent. */
size_t socket_call_unsent(const struct socket_call *call);

/* When something came last: worker->tick_ms; when it was opened, before that. */
uint64_t socket_call_heard_ms(const struct socket_call *call);

/* Writes what this turn's calls have to send. Called by bridge/turn.c at the end of a turn. */
void socket_calls_flush(struct worker *worker);

#endif
