/* http_request.h - what the head of a request says (RFC 9110, RFC 9112). Pure; any thread. */
#ifndef BRIDGE_NET_HTTP_HTTP_REQUEST_H
#define BRIDGE_NET_HTTP_HTTP_REQUEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "codecs/text/slice.h"

#define HTTP_HEADERS_MAX 128

enum http_method {
	METHOD_GET,
	METHOD_HEAD,
	METHOD_POST,
	METHOD_PUT,
	METHOD_PATCH,
	METHOD_DELETE,
	METHOD_OPTIONS,
	METHOD_OTHER, /* method_text says which */
	METHODS
};

/* "GET", ...; "" for METHOD_OTHER. Constant. */
struct slice http_method_text(enum http_method method);

struct http_header {
	struct slice name, value; /* the name as it was sent; the value trimmed */
};

/* All slices borrow from the head's bytes, but for the path "/" of a target that has none. */
struct http_request {
	struct slice head; /* the bytes of the whole head */
	enum http_method method;
	struct slice method_text;
	struct slice target; /* as sent */
	struct slice path;   /* begins with '/', still escaped; or "*", of OPTIONS only */
	struct slice query;  /* what follows '?', still escaped; absent: there is none */
	struct slice host;   /* with its port; of the target when that names one. Absent: HTTP/1.0
				without Host */
	bool old;            /* HTTP/1.0 */
	bool keep_alive;
	bool chunked;         /* its body's length is told as it comes */
	bool expect_continue; /* the client waits for 100 before it sends the body */
	bool upgrade;         /* Connection names "upgrade" ... */
	bool websocket;  /* ... and Upgrade names "websocket"; all other protocols are ignored */
	uint64_t length; /* of the body; 0 when chunked */
	size_t header_count;
	struct http_header headers[HTTP_HEADERS_MAX];
};

/* Why a request is not read on. Constant. */
struct http_fault {
	unsigned status;  /* 400, 413, 414, 417, 431, 501 or 505 */
	struct slice why; /* a sentence for a person; ends with a newline */
};

/* Defines one, of a text without its newline. */
#define HTTP_FAULT_OF(name, status, text)                                                          \
	static const struct http_fault name = { status, { text "\n", sizeof(text) } }

/* The next header of that name (in small letters) at or behind *at, which counts from 0 and is
 * moved behind it. False when there is no more. Borrows. */
bool http_header_next(const struct http_request *request, const char *name, size_t *at,
		      struct slice *value);

/* The value of the first header of that name (in small letters); absent when there is none.
 * Borrows. */
struct slice http_header(const struct http_request *request, const char *name);

/* How often the header of that name was sent. */
size_t http_header_times(const struct http_request *request, const char *name);

/* A copy of request, whose head is copied to bytes, which has room for request->head.len. Every
 * slice of the copy borrows from bytes. */
void http_request_copy(struct http_request *copy, const struct http_request *request, char *bytes);

#endif
