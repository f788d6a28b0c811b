/* admin_http.h - connections of admin listeners: GET /metrics, /health, /ready, /explain.json, and
 * the operator's page, / and what belongs to it. All on the admin thread (admin_thread.h). */
#ifndef BRIDGE_ADMIN_ADMIN_HTTP_H
#define BRIDGE_ADMIN_ADMIN_HTTP_H

#include <stddef.h>

#include "bridge/core/post.h"
#include "bridge/net/http/http_date.h"
#include "codecs/text/slice.h"

struct admin_connection;
struct lws_vhost;
struct worker;

#define ADMIN_CONNECTIONS_MAX 64 /* beyond, the one that was silent for longest is closed */

/* worker->admin of the admin thread. Zeroed, but for asked and owner, is ready for use. */
struct admin_http {
	struct admin_connection *first, *last; /* by when they were heard last */
	size_t count;
	/* Somebody asks for /metrics: admin_http_tell() is to follow, not within the call. */
	void (*asked)(void *owner);
	void *owner;
	struct http_date date;
};

/* Makes a connection of an accepted socket, on the worker of the admin thread, as
 * connection_open(). Takes socket->fd. vhost NULL, with TLS: closes it. */
void admin_http_open(struct worker *worker, struct lws_vhost *vhost, struct post_socket *socket);

/* Answers all who asked for /metrics with that text; borrows it. */
void admin_http_tell(struct admin_http *http, struct slice text);

/* Looks at the deadlines of all. Every 250 ms. */
void admin_http_tick(struct admin_http *http);

#endif
