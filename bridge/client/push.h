/* push.h - what a session is told of its own: it comes behind all that rooms said to it before. */
#ifndef BRIDGE_CLIENT_PUSH_H
#define BRIDGE_CLIENT_PUSH_H

#include "bridge/client/session.h"

/* Queues a frame (borrows) to be sent at the end of this turn. tally: see outbox.h. When the
 * outbox grows over its limit the session is cut. */
void session_push(struct session *session, struct frame *frame, struct tally *tally,
		  enum outcome outcome);

/* Marks it to leave every room, to be sent what it was told until now, and to be closed. Only the
 * first reason counts; of one that is not open nothing is changed. */
void session_close(struct session *session, enum close_reason why);

/* The same for a login that came with the handshake, which is refused. text: why, in a backend's
 * words, for a dialect whose refusals have none (borrows); absent: none. */
void session_refuse(struct session *session, enum reason reason, struct slice text);

#endif
