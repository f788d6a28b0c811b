/* connection.h - a client's connection: requests of HTTP first, then, if one of them asks for it, a
 * WebSocket, whose messages go to its user (transport.h).
 *
 * A connection that is a WebSocket, reads in step and has written all, keeps nothing but its few
 * fields: what it needs at other times lies aside. Its user is worker->use. All on the worker's
 * thread. */
#ifndef BRIDGE_NET_CONNECTION_H
#define BRIDGE_NET_CONNECTION_H

#include "bridge/core/mailbox.h"
#include "bridge/net/transport.h"

struct lws_vhost;

/* Makes what all connections of a worker have in common, before the first of them; frees it, after
 * the last. bridge->limits must be set. Called by loop.c. */
void connections_open(struct worker *worker);
void connections_close(struct worker *worker);

/* Looks at the deadlines of all that are no WebSocket, or on their way out. Every 250 ms. */
void connections_tick(struct worker *worker);

/* Makes a connection of an accepted socket (POST_SOCKET). Takes post->fd. vhost NULL: closes it. */
void connection_open(struct worker *worker, struct lws_vhost *vhost, struct post_socket *post);

#endif
