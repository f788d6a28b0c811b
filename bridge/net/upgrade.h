/* upgrade.h - may this HTTP request become a WebSocket here? Plain strings in, verdict out.
 *
 * A Host is an address, localhost, or in the directive hosts. An Origin, which browsers send, is
 * the page's own: http or https and the very Host and port, or in the directive origins. How both
 * are compared is told in conf/table/web_origin.h. A subprotocol that is offered is one of those
 * below, or in the directive subprotocols. The rest is RFC 6455, 4.2.1. */
#ifndef BRIDGE_NET_UPGRADE_H
#define BRIDGE_NET_UPGRADE_H

#include <stdbool.h>

#include "bridge/core/bridge.h"
#include "codecs/text/slice.h"

struct upgrade_request {
	bool get; /* the method is GET */
	bool old; /* another version than HTTP/1.1 */
	bool cut; /* its first line has no end: an escaped line end in the address was taken for one
		   */
	struct slice path;                             /* without the query */
	struct slice host, origin, version, protocols; /* absent: not sent */
};

/* Names offered by published clients as subprotocols although they mean none; NULL-terminated. */
extern const char *const common_subprotocols[];

/* The mount the request may be upgraded at, or NULL; then *response says why not, and *fault in a
 * word. Any thread. */
const struct mount *upgrade_judge(const struct listener_info *listener,
				  const struct upgrade_request *request,
				  struct codec_response *response, enum upgrade_fault *fault);

#endif
