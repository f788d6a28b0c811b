/* headers.h - the headers of an upgrade request, copied out of libwebsockets. */
#ifndef BRIDGE_NET_HEADERS_H
#define BRIDGE_NET_HEADERS_H

#include <stdbool.h>

#include "bridge/net/upgrade.h"
#include "codecs/text/slice.h"

struct lws;

/* The slices borrow from text. */
struct request_headers {
	struct upgrade_request upgrade;
	struct slice query; /* percent-encoded again where it matters: '%' and '&' */
	struct slice authorization;
	char text[REQUEST_BYTES_MAX];
};

/* Only valid inside the library's callback for the request. False when it does not fit. */
bool headers_read(struct lws *wsi, struct request_headers *request)
    __attribute__((warn_unused_result));

#endif
