/* upgrade.h - may this HTTP request become a WebSocket here? Plain strings in, verdict out.
 *
 * A Host is an address, localhost, or in the directive hosts. An Origin, which browsers send, is
 * the page's own: http or https and the very Host and port, or in the directive origins. How both
 * are compared is told in conf/table/web_origin.h. The rest is RFC 6455, 4.2.1. */
#ifndef BRIDGE_NET_UPGRADE_H
#define BRIDGE_NET_UPGRADE_H

#include <stdbool.h>

#include "bridge/core/bridge.h"
#include "codecs/text/slice.h"

struct upgrade_request {
	bool old;                                           /* HTTP/1.0 */
	bool broken;                                        /* the path is escaped wrongly */
	struct slice path;                                  /* without the query */
	struct slice host, origin, version, key, protocols; /* absent: not sent */
};

/* Is the subprotocol one that published clients offer although they mean none, or in the directive
 * subprotocols? Whatever is offered, one is echoed; of several, such a one. */
bool upgrade_subprotocol_known(const struct listener_info *listener, struct slice name);

/* What an upgrade and a request to a dialect's door have in common: is the Host (borrows) served,
 * and the Origin allowed there? An origin that is absent or empty is. Any thread. */
bool upgrade_host_allowed(const struct listener_info *listener, struct slice host);
bool upgrade_origin_allowed(const struct listener_info *listener, struct slice origin,
			    struct slice host);

/* The mount the request may be upgraded at, or NULL; then *response says why not, and *fault in a
 * word. Any thread. */
const struct mount *upgrade_judge(const struct listener_info *listener,
				  const struct upgrade_request *request,
				  struct codec_response *response, enum upgrade_fault *fault);

#endif
