/* http_framing.h - the headers that say where a request ends and what becomes of its connection:
 * Host, Content-Length, Transfer-Encoding, Connection, Upgrade, Expect (RFC 9112, 3.2, 6, 9; RFC
 * 9110, 7.2, 7.8, 10.1.1). Called by http_head only. Pure. */
#ifndef BRIDGE_NET_HTTP_HTTP_FRAMING_H
#define BRIDGE_NET_HTTP_HTTP_FRAMING_H

#include "bridge/net/http/http_request.h"

/* What was found so far. Zeroed is ready. */
struct http_framing {
	struct slice host;
	uint64_t length;
	bool has_host, has_length;
	bool has_coding, chunked, coded_after, coded_before; /* Transfer-Encoding */
	bool close, keep_alive, upgrade;                     /* Connection */
	bool websocket;                                      /* Upgrade */
	bool expects;
};

/* A name, an IPv4 address or an IPv6 address in brackets, perhaps with a port; or nothing. */
bool http_host_valid(struct slice host);

/* One more header; most are none of these. The framing borrows. NULL when all is well. */
const struct http_fault *http_framing_add(struct http_framing *framing,
					  const struct http_header *header);

/* After the last: writes what they say into the request, whose version is known, and whose host is
 * kept when its target named one. NULL when all is well. */
const struct http_fault *http_framing_judge(const struct http_framing *framing,
					    struct http_request *request);

#endif
