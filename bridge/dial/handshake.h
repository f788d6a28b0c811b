/* handshake.h - asking a server to speak WebSocket (RFC 6455 section 4.1), and reading its answer.
 * Called by socket_call.c. Pure. */
#ifndef BRIDGE_DIAL_HANDSHAKE_H
#define BRIDGE_DIAL_HANDSHAKE_H

#include <stddef.h>
#include <stdint.h>

#include "bridge/dial/url.h"
#include "bridge/net/ws/ws_accept.h"

#define HANDSHAKE_HEAD_MAX 16384 /* bytes of an answer's head */
#define HANDSHAKE_WHY_MAX  128

/* Borrows. Header values: see handshake_value_allowed(). */
struct handshake {
	const struct call_url *url;
	const char *key;            /* ws_key() */
	struct slice authorization; /* absent: none */
	struct slice instance;      /* the same */
};

/* May it stand in a header? Absent may. */
bool handshake_value_allowed(struct slice value);

/* The request. Sets *len. Returns new; free() it. */
char *handshake_ask(const struct handshake *handshake, size_t *len);

enum handshake_step {
	HANDSHAKE_MORE,    /* the head is not whole */
	HANDSHAKE_AGREED,  /* len, instance */
	HANDSHAKE_REFUSED, /* why; status and retry_after_s, if it was an answer of HTTP */
};

struct handshake_answer {
	size_t len; /* of the head; what is behind it are frames */
	unsigned status;
	uint32_t retry_after_s;
	struct slice instance; /* borrows from the head; absent: none */
	char why[HANDSHAKE_WHY_MAX];
};

/* Judges what came so far (borrows), from its beginning; wall_ms: now. An answer that is more than
 * HANDSHAKE_HEAD_MAX bytes of head, or has another accept than key needs, or agrees on something
 * that was not offered, is refused. */
enum handshake_step handshake_read(struct slice bytes, const char *key, uint64_t wall_ms,
				   struct handshake_answer *answer);

#endif
