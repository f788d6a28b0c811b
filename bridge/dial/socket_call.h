/* socket_call.h - a WebSocket to somebody else's server, of which we are the client (RFC 6455).
 *
 * Looking up, connecting, a proxy and TLS take place on a thread of their own (dial.h); from then
 * on all is done on the worker's thread, by its loop. TLS: the certificate and its name are
 * checked. No proxy of the environment is used, no redirect followed, no subprotocol or extension
 * offered.
 *
 * The worker's thread only, but where said. */
#ifndef BRIDGE_DIAL_SOCKET_CALL_H
#define BRIDGE_DIAL_SOCKET_CALL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bridge/dial/call_user.h"
#include "codecs/text/slice.h"

struct worker;
struct socket_call;

/* Begins one. Borrows what request points at for the call only, user until it is freed. Returns
 * new; end() says what went wrong, never within this. */
struct socket_call *socket_call_new(struct worker *worker,
				    const struct socket_call_request *request,
				    const struct socket_call_user *use, void *user);

/* Ends it, unless it has ended, and frees it: at once, or behind socket_call_close() when the other
 * side has ended, too, or after 2 s; its user hears no more. NULL is ignored. Allowed in its own
 * callbacks. What a thread still does for it is dropped when it is done. */
void socket_call_free(struct socket_call *call);

/* Sends one text message (borrows): masked, written at the end of the turn with whatever else there
 * is, or when the connection takes it. False: it is not open, or too much waits. */
bool socket_call_send(struct socket_call *call, struct slice text)
    __attribute__((warn_unused_result));

/* A WebSocket ping. Nothing where it is not open. */
void socket_call_ping(struct socket_call *call);

/* Says goodbye with that code, and ends when the other side has, or after 2 s: end() is called. */
void socket_call_close(struct socket_call *call, uint16_t code);

/* Writes now what would be written at the end of the turn. It may end by that. */
void socket_call_flush(struct socket_call *call);

/* What is to be sent waits for what is yet to come: that is looked for soon, also under load. */
void socket_call_hurry(const struct socket_call *call);

/* Bytes that wait to be sent. */
size_t socket_call_unsent(const struct socket_call *call);

/* When something came last: worker->tick_ms; when it was opened, before that. */
uint64_t socket_call_heard_ms(const struct socket_call *call);

/* Writes what this turn's calls have to send. Called by bridge/turn.c at the end of a turn. */
void socket_calls_flush(struct worker *worker);

/* Ends those whose time is up. Called by bridge/turn.c every 250 ms. */
void socket_calls_tick(struct worker *worker);

/* Frees what is there for all calls of a worker, of which nobody has one any more. */
void socket_calls_free(struct worker *worker);

#endif
