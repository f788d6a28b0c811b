/* call.h - one WebSocket that we made, for the files that make it up: socket_call.h is what others
 * see of it. All on the worker's thread. */
#ifndef BRIDGE_DIAL_CALL_H
#define BRIDGE_DIAL_CALL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bridge/dial/call_user.h"
#include "bridge/dial/frames.h"
#include "bridge/net/socket_poll.h"
#include "bridge/net/ws/ws_accept.h"
#include "bridge/net/ws/ws_reader.h"

struct dial;
struct ssl_st;

#define CALL_READ_BYTES 65536

/* Codes of a close. */
enum {
	CALL_CODE_NONE = 1005,
	CALL_CODE_LOST = 1006,
	CALL_CODE_BAD_TEXT = 1007,
	CALL_CODE_TOO_LONG = 1009
};

/* How far it is; behind CALL_OPEN nothing is passed on. */
enum call_state { CALL_DIALS, CALL_HANDSHAKES, CALL_OPEN, CALL_CLOSES, CALL_ENDED };

/* What is needed until it is open. */
struct opening {
	struct dial *dial; /* held; NULL: it has come */
	char *request;     /* NULL: there is none */
	size_t request_len;
	char key[WS_KEY_SIZE];
	char *answer; /* what came of it; NULL: nothing */
	size_t answer_len;
};

struct socket_call {
	struct socket_poll poll; /* first: what is told of it is told of this */
	struct worker *worker;
	const struct socket_call_user *use;
	void *user;
	struct ssl_st *tls;      /* NULL: plain */
	struct opening *opening; /* NULL: it is open, or will not be */
	struct ws_reader reader;
	struct output output;
	size_t message_bytes, unsent_bytes;
	uint64_t deadline_ms; /* while it handshakes or closes */
	uint64_t heard_ms;
	struct socket_call *next, **link;             /* all of the worker */
	struct socket_call *next_dirty, **dirty_link; /* those that have something to write */
	uint8_t state;                                /* enum call_state */
	uint8_t busy;  /* how many calls of ours it is in: it is not freed before they are over */
	bool watched;  /* poll has the socket */
	bool blocked;  /* the connection takes no more now */
	bool unwanted; /* to be freed */
};

/* A worker's. */
struct socket_calls {
	struct socket_call *first, *dirty;
	struct masks masks;
	unsigned char scratch[CALL_READ_BYTES];
};

/* Zeroed but for its place among the worker's. Returns new. */
struct socket_call *call_begin(struct worker *worker);

/* Around all that may call the user: it is not freed meanwhile, however the user sees it. */
void call_enter(struct socket_call *call);
void call_leave(struct socket_call *call);

/* The user wants it no more: it is freed when nobody is within it. */
void call_unwanted(struct socket_call *call);

/* It has something to write at the turn's end, or has not. */
void call_set_dirty(struct socket_call *call);
void call_set_clean(struct socket_call *call);

/* Closes its socket, or gives up on getting one; the state is as it was. */
void call_let_go(struct socket_call *call);

/* Frees what was needed for the handshake. */
void call_opening_free(struct socket_call *call);

/* Ends it, unless it has ended, and tells the user. how.stage is set here. Borrows. */
void call_finish(struct socket_call *call, struct socket_call_end how);

/* The same, of one that ends without a close. */
void call_lost(struct socket_call *call, const char *why);

#endif
