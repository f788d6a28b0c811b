/* websocket.h - libwebsockets callbacks: bytes <-> session. The only file that writes to the
 * library's sockets.
 *
 * One rule above all (libwebsockets 4.1.6): never write while the library still keeps a part of
 * the last write; it would put bytes without a frame header on the wire. */
#ifndef BRIDGE_NET_WEBSOCKET_H
#define BRIDGE_NET_WEBSOCKET_H

#include <stdbool.h>

#include "bridge/core/bridge.h"
#include "bridge/core/mailbox.h"
#include "bridge/core/worker.h"
#include "bridge/net/transport.h"
#include "codecs/text/slice.h"

/* An empty ping (RFC 6455 section 5.5.2, unmasked): transport.ping of a WebSocket. */
extern const struct slice websocket_ping;

struct lws_protocols;
struct lws_retry_bo;
struct lws_vhost;

/* For every context and virtual host. */
extern const struct lws_retry_bo websocket_idle_policy;

/* The protocol table: one callback under every subprotocol name that is echoed. Main thread,
 * once; the library keeps pointers into it. Returns new, alive until websocket_protocols_free(). */
struct lws_protocols *websocket_protocols(const struct bridge *bridge);
void websocket_protocols_free(struct lws_protocols *protocols);

/* Hands an accepted socket of a POST_SOCKET to the library, for a connection that worker->use is
 * told of. Takes post->fd. vhost NULL: closes it. Worker's thread. */
void websocket_adopt(struct worker *worker, struct lws_vhost *vhost, struct post_socket *post);

#endif
