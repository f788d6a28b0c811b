/* upgrade.h - may this HTTP request become a WebSocket here? RFC 6455 section 4.2, and the
 * rules of design section 12 on Origin, Host and subprotocols. Plain strings in, verdict out. */
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

/* The mount the request may be upgraded at, or NULL; then *response says why not. Any thread. */
const struct mount *upgrade_judge(const struct listener_info *listener,
				  const struct upgrade_request *request,
				  struct codec_response *response);

#endif
