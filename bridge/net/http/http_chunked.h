/* http_chunked.h - a body in chunks (RFC 9112, 7.1), with what follows it: extensions and trailers
 * are read, bounded, and dropped. Called by http_reader only. Pure. */
#ifndef BRIDGE_NET_HTTP_HTTP_CHUNKED_H
#define BRIDGE_NET_HTTP_HTTP_CHUNKED_H

#include <stddef.h>
#include <stdint.h>

#include "bridge/net/http/http_request.h"

#define HTTP_EXTENSIONS_MAX 1024 /* bytes of all extensions of a body */

enum http_chunk_step {
	HTTP_CHUNK_MORE,  /* all bytes are taken */
	HTTP_CHUNK_BYTES, /* some of the body */
	HTTP_CHUNK_END,   /* the body and its trailers have ended */
	HTTP_CHUNK_FAULT
};

struct http_chunked {
	uint64_t left;     /* bytes of the chunk that are to come */
	uint64_t body_max; /* ... of the body */
	uint32_t extensions_max, trailers_max, trailer_lines_max; /* ... of each at most */
	uint8_t state, digits;
};

/* For a new body of at most body_max bytes, trailers of at most trailers_max bytes and
 * trailer_lines_max lines. */
void http_chunked_init(struct http_chunked *chunked, uint64_t body_max, uint32_t trailers_max,
		       uint32_t trailer_lines_max);

/* Takes bytes off the front of *bytes until there is something to tell. *data: with
 * HTTP_CHUNK_BYTES at least one byte of the body, which borrows. *fault: with HTTP_CHUNK_FAULT why
 * (400, 413 or 431). */
enum http_chunk_step http_chunked_read(struct http_chunked *chunked, const char **bytes,
				       size_t *len, struct slice *data,
				       const struct http_fault **fault);

#endif
