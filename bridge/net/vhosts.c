#include "bridge/net/vhosts.h"

#include <libwebsockets.h>
#include <stdlib.h>

#include "bridge/net/stream.h"
#include "bridge/net/tls.h"
#include "codecs/text/memory.h"

/* The library keeps pointers to the vhost's user (current), so these stay where they are. */
struct secure_vhost {
	const struct listener_info *listener;
	struct certificate *current;
	struct lws_vhost *vhost;
	struct secure_vhost *next;
};

static struct lws_vhost *vhost_new(const struct vhosts *vhosts, unsigned long options, void *user)
{
	struct lws_context_creation_info info = { 0 };

	info.port = CONTEXT_PORT_NO_LISTEN_SERVER;
	info.options = LWS_SERVER_OPTION_EXPLICIT_VHOSTS | options;
	info.protocols = stream_protocols();
	info.vhost_name = "dragoman";
	/* Else it offers HTTP/2. */
	info.alpn = "http/1.1";
	info.provided_client_ssl_ctx = vhosts->caller;
	info.user = user;
#if LWS_LIBRARY_VERSION_NUMBER >= 4003000
	info.log_cx = lwsl_context_get_cx(vhosts->context); /* this thread's, see loop.c */
#endif
	return lws_create_vhost(vhosts->context, &info);
}

static bool secure_add(struct vhosts *vhosts, const struct listener_info *listener,
		       struct certificate *certificate)
{
	struct secure_vhost *secure = memory_zeroed(1, sizeof(*secure));

	secure->listener = listener;
	secure->current = certificate;
	secure->next = vhosts->secure;
	vhosts->secure = secure;
	secure->vhost = vhost_new(
	    vhosts, LWS_SERVER_OPTION_DO_SSL_GLOBAL_INIT | LWS_SERVER_OPTION_CREATE_VHOST_SSL_CTX,
	    &secure->current);
	return secure->vhost != NULL;
}

static struct secure_vhost *secure_find(const struct vhosts *vhosts,
					const struct listener_info *listener)
{
	struct secure_vhost *secure = vhosts->secure;

	while (secure && secure->listener != listener)
		secure = secure->next;
	return secure;
}

bool vhosts_open(struct vhosts *vhosts, struct lws_context *context, const struct bridge *bridge)
{
	*vhosts = (struct vhosts){ .context = context, .caller = tls_caller_new() };
	for (size_t i = 0; i < bridge->listener_count; i++) {
		const struct listener_info *listener = &bridge->listeners[i];

		if (listener->tls &&
		    !secure_add(vhosts, listener, certificate_hold(listener->certificate)))
			return false;
	}
	return true;
}

struct lws_vhost *vhosts_find(const struct vhosts *vhosts, const struct listener_info *listener)
{
	const struct secure_vhost *secure = secure_find(vhosts, listener);

	return secure ? secure->vhost : NULL;
}

bool vhosts_certify(struct vhosts *vhosts, const struct listener_info *listener,
		    struct certificate *certificate)
{
	struct secure_vhost *secure = secure_find(vhosts, listener);

	if (!secure)
		return secure_add(vhosts, listener, certificate);
	certificate_release(secure->current);
	secure->current = certificate;
	return secure->vhost != NULL;
}

void vhosts_clear(struct vhosts *vhosts)
{
	while (vhosts->secure) {
		struct secure_vhost *secure = vhosts->secure;

		vhosts->secure = secure->next;
		certificate_release(secure->current);
		free(secure);
	}
	tls_caller_free(vhosts->caller);
	vhosts->caller = NULL;
}
