/* call_read.h - what comes on a call's socket: the answer to its handshake, then frames. Called by
 * socket_call.c. */
#ifndef BRIDGE_DIAL_CALL_READ_H
#define BRIDGE_DIAL_CALL_READ_H

#include "bridge/dial/call.h"

/* Whom the sockets of all calls of a worker tell. */
extern const struct socket_poll_ops call_poll_ops;

#endif
