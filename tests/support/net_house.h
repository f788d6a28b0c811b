/* net_house.h - one worker's loop with a plain listener and one with TLS, and a user of connections
 * that does as it is told, for tests: one connection at a time. What is wrong fails the test. */
#ifndef TESTS_SUPPORT_NET_HOUSE_H
#define TESTS_SUPPORT_NET_HOUSE_H

#include <stdbool.h>
#include <stddef.h>

#include "tests/support/ws_cases.h"

struct ssl_ctx_st;
struct ssl_st;
struct transport;

/* What the user is to do at its next turn. */
struct house_orders {
	bool accept, close, kill, resume;
};

/* The one connection's user. Both threads use it: a test sets the first fields before there is a
 * connection, and reads the counts by house_wait(). */
extern struct house_user {
	bool pauses;       /* at each message; reading goes on at the next turn */
	bool stays_paused; /* ... not before it is told */
	bool waits;        /* with accept(), until it is told */
	size_t count, gone, rejected;
	char heard[65536]; /* each message behind a space */
	size_t heard_len;
	/* The house's own. */
	const struct transport *transport;
	void *conn;
	bool paused, closed;
	struct house_orders orders;
} user;

/* The loop's thread runs from here on. Both are paths of PEM files. */
void house_open(const char *certificate, const char *key);
void house_close(void);

/* Forgets the last connection's user; there must be none now. */
void house_user_new(void);

/* Has the user carry them out; pauses: from now on. */
void house_tell(struct house_orders orders);
void house_pauses(bool pauses);

/* One of the user's counts, now; and waits until it is so much, which must not be exceeded. */
size_t house_count(const size_t *what);
void house_wait(const size_t *what, size_t count);

void sleep_ms(long ms);

/* The client's end of a connection; reading and writing block. */
struct peer {
	int fd;
	struct ssl_st *tls; /* NULL: plain */
	struct ssl_ctx_st *context;
};

struct peer peer_open(bool tls);

/* Opened, and upgraded. */
struct peer peer_upgraded(bool tls);

/* Closes it, and waits until the user is told, once, that it is gone. */
void peer_close(struct peer *peer);

/* Sends all, in one write, and empties bytes. */
void peer_send(struct peer *peer, struct ws_bytes *bytes);

/* What follows is exactly this; or the end. */
void peer_gets(struct peer *peer, const void *wanted, size_t len);
void peer_ends(struct peer *peer);

/* A request to be upgraded; and reads the answer, which must agree. */
void request_add(struct ws_bytes *bytes);
void peer_agrees(struct peer *peer);

#endif
