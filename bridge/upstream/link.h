/* link.h - one login at a server that we call: it is made, kept alive, and made again; what is to
 * be said goes through it in order, and what it hears goes to hearing.h.
 *
 * It is never freed within a callback of its own: link_end() marks it, and upstreams_tick() and
 * whoever begins a round of them frees what is marked. The thread of its upstream. */
#ifndef BRIDGE_UPSTREAM_LINK_H
#define BRIDGE_UPSTREAM_LINK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bridge/core/asker.h"
#include "bridge/upstream/sayings.h"
#include "bridge/upstream/upstream.h"
#include "codecs/calls.h"

struct asked;
struct ear_memory;
struct heard;
struct http_call;
struct login_claim;
struct socket_call;

#define LINK_WHY_MAX 200

enum link_state {
	LINK_DOWN,       /* until retry_ms */
	LINK_ASKING,     /* a request of the login is under way */
	LINK_CONNECTING, /* the socket */
	LINK_GREETING,   /* it is open; the login in it is not done */
	LINK_UP,
	LINK_CLOSING /* it is to be freed */
};

/* "down", "asking", ...: constant. */
const char *link_state_name(enum link_state state);

/* A request of say(), history() or the codec's own, under way. */
struct link_request {
	struct link_request *next;
	struct link *link;
	struct http_call *call;
	uint64_t serial; /* of the item; 0: none's */
	uint32_t tag;
};

struct link {
	struct link *next;
	struct upstream *upstream;
	enum link_state state;
	uint64_t since_ms;           /* wall clock: of this state */
	char why[LINK_WHY_MAX];      /* it is not up; "" : nothing went wrong yet */
	uint64_t retry_ms;           /* tick_ms */
	uint64_t deadline_ms;        /* tick_ms: of this state; 0: none */
	uint64_t up_ms, pinged_ms;   /* tick_ms */
	unsigned attempts;           /* in a row that failed */
	bool refused;                /* the last login was: not as who we are */
	unsigned calling;            /* its codec is at work: so deep */
	bool failing;                /* link_fail() was called meanwhile, */
	uint32_t retry_after_s;      /* with this */
	uint64_t connected;          /* times that it was up */
	struct call_account account; /* its texts are owned */
	struct call_peer peer;       /* its state, scratch and self are owned */
	size_t scratch_size;
	struct http_call *asking;
	struct asked *login_asked; /* owned: of that; link_calls.c */
	struct link_request *requests;
	struct socket_call *socket;
	struct sayings sayings;
	uint64_t next_say_ms; /* tick_ms: not before that */
	bool settling;        /* history was asked for: nothing is said until it is heard */
	bool asks_late;       /* it is to be asked for */
	struct heard *late;   /* owned, each: what of it was heard */
	bool doubts;          /* some sent items may have been said or not */
	/* Of a client of the server behind: */
	bool client;
	struct asker owner;             /* the session; its ticket is of the login */
	struct login_claim *claim;      /* owned; NULL: the login was answered */
	uint64_t answered_ms;           /* tick_ms: when */
	struct person person;           /* who it is here, once that is known; its name is owned */
	bool entered;                   /* it came into the room */
	bool ends;                      /* it is to end with the next tick */
	bool told_down;                 /* it knows that the link broke */
	char alias[FOREIGN_ID_MAX + 1]; /* its id there, as strangers know it; "": they do not */
	struct ear_memory *memory;      /* owned: ear.h; NULL: nothing */
};

/* Makes one, which begins with the next tick; account is borrowed for the call. Returns new, which
 * the upstream owns. */
struct link *link_new(struct upstream *upstream, const struct call_account *account);

/* Begins now, if it is down and its time has come. */
void link_begin(struct link *link);

/* It is over: whatever waits is refused for that reason. */
void link_end(struct link *link, enum reason reason);

/* Frees it. Not in a callback of its own. */
void link_free(struct link *link);

/* Connects anew, later: for why (borrowed). refused: the login was. retry_after_s: as the server
 * said; 0: it did not. */
void link_fail(struct link *link, struct slice why, bool refused, uint32_t retry_after_s);

/* Says what may be said now. */
void link_pump(struct link *link);

/* What became of an item. id: absent: not known. */
void link_settled(struct link *link, const struct call_settled *settled);

/* An item is settled: takes it. REASON_NONE: it was said. */
void link_finish(struct link *link, struct saying_item *item, enum reason reason, struct slice why,
		 bool doubtful);

/* Timers. */
void link_tick(struct link *link);

#endif
