/* door.h - between a connection and who answers what clients of dialects ask by HTTP: that is
 * worker->door_use, which bridge/doors is. Both sides run on one worker's thread. */
#ifndef BRIDGE_CORE_DOOR_H
#define BRIDGE_CORE_DOOR_H

#include <stdbool.h>
#include <stdint.h>

#include "bridge/core/bridge.h"
#include "bridge/core/post.h"
#include "codecs/text/slice.h"

struct http_answer; /* bridge/net/http */
struct http_request;
struct visit;
struct worker;

/* A request as it came. Borrows; valid during the call only. */
struct door_arrival {
	struct worker *worker;
	const struct listener_info *listener;
	const struct peer_address *peer;    /* the client's address */
	bool trusted;                       /* a trusted proxy sent it on */
	const struct http_request *request; /* NULL: not known (any more) */
	struct slice body;
};

/* Where the answer goes. The connection has one list of visits, which is the user's. */
struct door_wire {
	void (*reply)(void *conn, uint32_t ticket, const struct http_answer *answer);
	void *conn;
	uint32_t ticket;
	struct visit **visits;
};

/* Methods as bits, 1 << METHOD_GET and so on. */
#define DOOR_NOBODYS UINT32_MAX

#define DOOR_EVERY_TICKET 0

struct door_user {
	/* The methods that its path knows; 0: it has none, but is a dialect's to answer.
	 * DOOR_NOBODYS: no dialect's. Called for each request. */
	uint32_t (*methods)(const struct listener_info *listener,
			    const struct http_request *request);

	/* One of those methods was asked for: wire->reply() follows, within the call or later,
	 * unless gone() comes first. */
	void (*call)(const struct door_arrival *arrival, const struct door_wire *wire);

	/* The answer to that ticket is not wanted any more; or DOOR_EVERY_TICKET. */
	void (*gone)(struct visit **visits, uint32_t ticket);

	/* The connection answers by itself: *answer, which may be put in other words, or get more
	 * headers; what it borrows then is valid until the next call of this. ticket: of one that
	 * was handed over by call() and whose time is over; else 0. False: it is no dialect's. */
	bool (*word)(const struct door_arrival *arrival, struct visit *visits, uint32_t ticket,
		     struct http_answer *answer);
};

#endif
