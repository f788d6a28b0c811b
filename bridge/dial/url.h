/* url.h - an address that we call, in parts: ws, wss, http or https. Pure. */
#ifndef BRIDGE_DIAL_URL_H
#define BRIDGE_DIAL_URL_H

#include <stdbool.h>
#include <stdint.h>

#include "codecs/text/slice.h"

struct call_url {
	bool secure;
	bool default_port;
	uint16_t port;
	struct slice host;   /* a name or an address; one of IPv6 without its brackets */
	struct slice named;  /* the same with its brackets */
	struct slice target; /* path and query; begins with '/' or '?', or is empty */
};

/* Reads it. The slices borrow from text. NULL when all is well, else what is wrong with it in words
 * (constant). User and secret in it are refused, and a fragment. */
const char *call_url_read(struct slice text, struct call_url *url);

#endif
