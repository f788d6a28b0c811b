/* vhosts.h - the virtual hosts of one worker's libwebsockets context: one
 * for each listener with TLS. Those there are at start are made with the
 * context; later ones may follow on the loop's own thread. None goes before the context. */
#ifndef BRIDGE_NET_VHOSTS_H
#define BRIDGE_NET_VHOSTS_H

#include <stdbool.h>

#include "bridge/core/bridge.h"

struct certificate;
struct lws_context;
struct lws_vhost;
struct secure_vhost;
struct ssl_ctx_st;

struct vhosts {
	struct lws_context *context;
	struct ssl_ctx_st *caller;
	struct secure_vhost *secure;
};

/* Makes the virtual hosts for the bridge's listeners. context is borrowed.
 * False when the library refuses; call vhosts_clear() even so. Main thread. */
bool vhosts_open(struct vhosts *vhosts, struct lws_context *context, const struct bridge *bridge)
    __attribute__((warn_unused_result));

/* Where a connection of that listener is adopted; NULL for one with TLS that has none. */
struct lws_vhost *vhosts_find(const struct vhosts *vhosts, const struct listener_info *listener);

/* From now on handshakes at that listener (which has TLS) show this certificate; makes its
 * virtual host if it has none yet. Takes certificate. False when the library refuses. The loop's
 * thread. */
bool vhosts_certify(struct vhosts *vhosts, const struct listener_info *listener,
		    struct certificate *certificate) __attribute__((warn_unused_result));

/* After the context is gone. */
void vhosts_clear(struct vhosts *vhosts);

#endif
