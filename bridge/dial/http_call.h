/* http_call.h - a request of HTTP to somebody else's server. It is carried out on a thread of its
 * own (libcurl), many at once; the answer comes back to the worker by mail. TLS, proxies and
 * redirects: as of socket_call.h. Connections are kept for the next request, up to eight of a
 * server; more requests to it wait. A POST, PUT or PATCH, or what has a body, is never sent twice,
 * whatever becomes of its connection. */
#ifndef BRIDGE_DIAL_HTTP_CALL_H
#define BRIDGE_DIAL_HTTP_CALL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "codecs/text/slice.h"

struct post;
struct worker;
struct http_call;

#define HTTP_CALL_BODY_MAX (4 * 1024 * 1024) /* bytes of an answer; more ends it */

/* Borrows for the call only. */
struct http_call_request {
	const char *method; /* "GET" ... */
	struct slice url;
	struct slice authorization; /* value of the header; absent: none */
	struct slice body;          /* JSON; absent or empty: none */
	struct slice instance;      /* value of Dragoman-Instance; absent: none */
	const char *ca_file;        /* NULL: the system's */
	const char *proxy;          /* NULL: none */
	uint32_t timeout_ms;        /* for all of it */
};

/* Borrows. */
struct http_call_result {
	unsigned status; /* 0: none, for why */
	struct slice body;
	struct slice why;       /* never empty with status 0 */
	uint32_t retry_after_s; /* 0: not said */
	bool more;              /* a header Link says that there is a next page */
};

/* Begins one. done is called once on the worker's thread, never within this, unless it is
 * cancelled. Borrows user. Returns new; it is freed after done(). */
struct http_call *http_call_new(struct worker *worker, const struct http_call_request *request,
				void (*done)(void *user, const struct http_call_result *),
				void *user);

/* done will not be called. The request may be carried out all the same. Within done, and for NULL,
 * nothing. */
void http_call_cancel(struct http_call *call);

/* POST_DIALED and POST_FETCHED, for bridge/turn.c. Borrow the post. */
void socket_call_dialed(struct worker *worker, struct post *post);
void http_call_fetched(struct worker *worker, struct post *post);

#endif
