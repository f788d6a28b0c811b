/* http_head.h - reading a request's head, strictly where two readers could disagree on where a
 * request ends (RFC 9112, 2 to 6 and 11.2). Called by http_reader only. Pure. */
#ifndef BRIDGE_NET_HTTP_HTTP_HEAD_H
#define BRIDGE_NET_HTTP_HTTP_HEAD_H

#include <stddef.h>

#include "bridge/net/http/http_request.h"

/* Reads the first line, without its CR LF, into the request: method, target, path, query, version,
 * and the host that the target may name. line: `len` bytes, and CR LF behind them. The slices
 * borrow from it. NULL when all is well. */
const struct http_fault *http_head_line(struct http_request *request, const char *line, size_t len);

/* Reads the header lines behind the first line, which was read already, up to the empty one. lines:
 * `len` bytes that end with CR LF CR LF (or are CR LF alone), where each LF follows a CR.
 * headers_max: at most HTTP_HEADERS_MAX. The slices borrow from lines. NULL when all is well. */
const struct http_fault *http_head_fields(struct http_request *request, const char *lines,
					  size_t len, size_t headers_max);

#endif
