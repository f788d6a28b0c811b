/* messages.h - what a WebSocket's peer sends, to the connection's user: messages, and what of its
 * frames is answered here. Called by connection.c once a request became a WebSocket. */
#ifndef BRIDGE_NET_MESSAGES_H
#define BRIDGE_NET_MESSAGES_H

#include "bridge/net/stream.h"

/* For stream_use(); the stream is a connection's (conn.h). */
extern const struct stream_user messages_user;

#endif
