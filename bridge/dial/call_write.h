/* call_write.h - what a call says: frames wait for the turn's end, or until the connection takes
 * them. Called by socket_call.c and call_read.c. */
#ifndef BRIDGE_DIAL_CALL_WRITE_H
#define BRIDGE_DIAL_CALL_WRITE_H

#include "bridge/dial/call.h"

/* May a frame with so much payload wait, too? */
bool call_has_room(const struct socket_call *call, size_t len);

/* Adds a frame (frames.h), which is written at the turn's end. */
void call_frame_add(struct socket_call *call, unsigned first, struct slice payload);

/* Adds a close; CALL_CODE_NONE: without a code. */
void call_close_add(struct socket_call *call, uint16_t code);

/* Writes all that goes now, and waits until the rest does. False: it is broken. */
bool call_put(struct socket_call *call);

/* The same for what is due, and tells the user: that it is drained, or that it ended. */
void call_flush(struct socket_call *call);

#endif
