/* preface.h - connections that begin with a header of the PROXY protocol: it is read off the socket
 * before anybody else reads, because TLS begins behind it. From a trusted proxy, within five
 * seconds; else the connection is closed without a word. All on the worker's thread. */
#ifndef BRIDGE_NET_PEERS_PREFACE_H
#define BRIDGE_NET_PEERS_PREFACE_H

#include "bridge/core/mailbox.h"

struct preface;
struct uv_loop_s;
struct worker;

/* Those of one worker that wait for their header. Zeroed: none, and none can come. */
struct prefaces {
	struct worker *worker;
	struct uv_loop_s *loop;
	void (*ready)(struct worker *worker, struct post_socket *socket);
	struct preface *first;
};

/* ready: gets each connection whose header was read, with the client's address (borrowed for the
 * call; takes socket->fd). Borrows worker and loop, until prefaces_close(). */
void prefaces_open(struct prefaces *prefaces, struct worker *worker, struct uv_loop_s *loop,
		   void (*ready)(struct worker *worker, struct post_socket *socket));

/* An accepted socket of a listener with proxy_protocol. Takes socket->fd. */
void prefaces_add(struct prefaces *prefaces, struct post_socket *socket);

/* Ends those whose time is over. Every 250 ms. */
void prefaces_tick(struct prefaces *prefaces);

/* Ends them all. The loop has to run once more before it is closed. */
void prefaces_close(struct prefaces *prefaces);

#endif
