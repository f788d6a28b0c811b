/* http_peer.h - both sides of a struct http_connection: the client who sends, the handler who
 * answers, and the stream that is written to. */
#ifndef TESTS_SUPPORT_HTTP_PEER_H
#define TESTS_SUPPORT_HTTP_PEER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bridge/net/http/http_connection.h"

#define GET(path) "GET " path " HTTP/1.1\r\nHost: a\r\n\r\n"

/* The beginning of an answer with so many bytes of body, which follow. */
#define OK(length) "HTTP/1.1 200 OK\r\nContent-Length: " length "\r\n\r\n"

/* What the directives say by default, and the constants of the connections. */
extern const struct http_limits http_limits_usual;
extern const struct http_settings http_settings_usual;

/* When the handler answers: with the path, whenever the test does, or it says that it is not its
 * matter. */
enum http_peer_mode { AT_ONCE, LATER, NOBODY };

struct http_peer {
	struct http_connection connection;
	struct http_settings settings; /* may be changed after opening */
	enum http_peer_mode mode;
	const struct http_answer *answer; /* at once, whatever the mode; NULL: as that says */
	uint64_t now;                     /* ms */
	struct slice date;                /* absent: the stream knows none */
	struct http_output sent, seen;
	uint32_t tickets[64], gone[64]; /* given, and told to be void, in their order */
	size_t calls, gones;
	uint32_t known; /* methods */
	bool upgrade;   /* of the last call */
	bool ended, paused;
	bool full;   /* what was written waits: the test says so */
	bool worded; /* the handler words what the connection answers by itself */
	unsigned wakes, pauses;
	char *rest; /* what was handed over with 101; NULL: nothing was */
	size_t rest_len;
};

/* A new connection at 1000 ms. Every path but /none knows all methods but OPTIONS. */
void http_peer_open(struct http_peer *peer, enum http_peer_mode mode);

void http_peer_close(struct http_peer *peer);

/* One segment, in memory of its own that is gone afterwards. */
void http_peer_send(struct http_peer *peer, const void *bytes, size_t len);
void http_peer_say(struct http_peer *peer, const char *text);

/* The handler answers 200 with that body; the test fails when it is too late. */
void http_peer_reply(struct http_peer *peer, uint32_t ticket, const char *body);

/* Exactly that was written since this was asked last. */
void assert_http_sent(struct http_peer *peer, const char *expected);

/* The statuses of what was written since then, each with a space behind it. No body may hold
 * "HTTP/1.1 ". */
void assert_http_statuses(struct http_peer *peer, const char *expected);

/* "METHOD PATH BODY|" of each request that was handled since then. */
void assert_http_seen(struct http_peer *peer, const char *expected);

#endif
