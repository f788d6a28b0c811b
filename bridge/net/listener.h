/* listener.h - the listening sockets, on the main thread: accepts, checks the limits that come
 * before a handshake, and hands each socket to the least loaded worker. */
#ifndef BRIDGE_NET_LISTENER_H
#define BRIDGE_NET_LISTENER_H

#include <stdbool.h>
#include <stdio.h>

#include "bridge/core/bridge.h"

struct listeners;
struct uv_loop_s;

/* Binds one, of either kind, that has an address, and listens: with a socket that the service
 * manager passed for it (bridge/service/passed_sockets.h), else with a new one at its address and
 * port. Writes listener->port and bound: what is really bound. Borrows both. Returns the socket,
 * which does not block and is the caller's to close; -1 after an error, which is written to errors.
 * Called by listeners_open() and bridge/admin/admin_thread.c, on the main thread, at the start. */
int listener_bind(struct listener_info *listener, FILE *errors);

/* Binds every listener of kind "chat" of the bridge; a port of 0 becomes the one really bound.
 * Returns new, or NULL after an error, which is written to errors. bridge is borrowed. */
struct listeners *listeners_open(struct bridge *bridge, FILE *errors);

/* Starts accepting on that loop (borrows). */
void listeners_start(struct listeners *listeners, struct uv_loop_s *loop);

/* A worker says that a connection's socket is closed (POST_GONE). */
void listeners_gone(struct listeners *listeners, const struct post_gone *post);

/* Stops accepting; the sockets are closed. Run the loop once more before freeing. */
void listeners_stop(struct listeners *listeners);

/* NULL is ignored. */
void listeners_free(struct listeners *listeners);

#endif
