/* proxy_protocol.h - the line or block before a connection's first byte, by which a proxy says whom
 * it speaks for: the PROXY protocol of HAProxy, versions 1 and 2 (proxy-protocol.txt, 2.1 and 2.2).
 * Only for listeners that are told so: anybody could send it. Pure; one thread at a time. */
#ifndef BRIDGE_NET_HTTP_PROXY_PROTOCOL_H
#define BRIDGE_NET_HTTP_PROXY_PROTOCOL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "conf/table/network.h"

#define PROXY_LINE_MAX   107 /* bytes of version 1 with CR LF */
#define PROXY_LENGTH_MAX 536 /* bytes of version 2 behind its first 16 */

enum proxy_step {
	PROXY_MORE, /* all bytes are taken, and more are needed */
	PROXY_DONE, /* what follows is the connection's own */
	PROXY_FAULT /* it is none: close without an answer */
};

/* Zeroed is ready. */
struct proxy_protocol {
	unsigned char bytes[PROXY_LINE_MAX];
	uint16_t len;
	uint16_t left; /* bytes of version 2 that are passed over */
};

/* One connection as the proxy sees it. */
struct proxied {
	bool known; /* else the proxy speaks for itself (LOCAL), or for something without an
		     * address: the peer is who it seems */
	struct network_address source, destination;
	uint16_t source_port, destination_port;
};

/* Takes bytes off the front of *bytes and *len. *proxied is set with PROXY_DONE. What comes after
 * PROXY_DONE or PROXY_FAULT is not for it. */
enum proxy_step proxy_read(struct proxy_protocol *protocol, unsigned char **bytes, size_t *len,
			   struct proxied *proxied);

#endif
