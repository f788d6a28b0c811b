/* call_user.h - what is asked of a socket_call.h, and told by it. */
#ifndef BRIDGE_DIAL_CALL_USER_H
#define BRIDGE_DIAL_CALL_USER_H

#include <stddef.h>
#include <stdint.h>

#include "codecs/text/slice.h"

struct socket_call_request {
	struct slice url;           /* ws:// or wss:// */
	struct slice authorization; /* value of the header; absent: none */
	struct slice instance;      /* value of Dragoman-Instance; absent: none */
	const char *ca_file;        /* NULL: the system's */
	const char *proxy;          /* "http://host:port"; NULL: none */
	const char *group;    /* who shares a part of those dialed at a time: the upstream's name */
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
	uint16_t code; /* of the close, the other side's or, if it broke the rules, ours; 1005: none
			* in it; 1006: there was no close; 0: never open */
	uint32_t retry_after_s; /* as a refusal said; 0: it did not */
	/* In words, never empty: "certificate has expired". Of a close: the other side's, which are
	 * to be escaped before they are shown. */
	struct slice why;
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

#endif
