/* http_reader.h - requests of HTTP/1.1 and 1.0 read off a connection's bytes, however they are cut
 * (RFC 9112).
 *
 * Whoever has a segment of bytes calls http_read() until it says HTTP_MORE:
 *
 *     HTTP_HEAD, then any number of HTTP_BODY, then HTTP_END; and again; or HTTP_FAULT.
 *
 * What comes after HTTP_END stays with the caller, who may hand it to another reader: what follows
 * a request to become a WebSocket is no HTTP. Two readers in a row must not disagree on where a
 * request ends; so what could be read in two ways is a fault, not a guess. No clock: how long a
 * request may take is the caller's matter. Pure; one thread at a time. */
#ifndef BRIDGE_NET_HTTP_HTTP_READER_H
#define BRIDGE_NET_HTTP_HTTP_READER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bridge/net/http/http_chunked.h"
#include "bridge/net/http/http_request.h"

#define HTTP_EMPTY_LINES_MAX 4 /* before a request */

struct http_limits {
	uint32_t head_max;    /* bytes, with the empty line; beyond: 431, in the first line 414 */
	uint32_t headers_max; /* at most HTTP_HEADERS_MAX; beyond: 431 */
	uint64_t body_max;    /* bytes; beyond: 413 */
};

enum http_step {
	HTTP_MORE, /* all bytes are taken; what is read is not whole yet */
	HTTP_HEAD, /* a request has begun */
	HTTP_BODY, /* some bytes of its body, at least one */
	HTTP_END,  /* it is whole */
	HTTP_FAULT /* it cannot be read: answer, and close. No bytes are taken any more */
};

/* Large; the members that do not belong to the step that was told are left as they were. */
struct http_step_out {
	struct http_request request;    /* HTTP_HEAD. Borrows from the segment or the reader: valid
					 * until the segment goes or http_read() is called again; with
					 * HTTP_END at once behind it, still then */
	struct slice body;              /* HTTP_BODY; borrows from the segment */
	const struct http_fault *fault; /* HTTP_FAULT; constant */
};

struct http_reader {
	const struct http_limits *limits;
	const struct http_fault *fault;
	char *gathered; /* a head that came in pieces, else NULL */
	uint32_t gathered_len, gathered_size;
	uint32_t line, scanned; /* within the head: where the line begins that has not ended, and
				   how far there is no end of it */
	uint64_t left;          /* bytes of a body that has a length */
	struct http_chunked chunked;
	uint8_t state, empty_lines;
};

/* Borrows limits for as long as the reader lives. */
void http_reader_init(struct http_reader *reader, const struct http_limits *limits);

/* Gives back what it holds. Zeroed is allowed. */
void http_reader_clear(struct http_reader *reader);

/* The next step. Takes bytes off the front of *bytes and *len. */
enum http_step http_read(struct http_reader *reader, unsigned char **bytes, size_t *len,
			 struct http_step_out *out);

/* Is it between two requests? Empty lines before one do not count. */
bool http_reader_idle(const struct http_reader *reader);

#endif
