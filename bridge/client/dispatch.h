/* dispatch.h - the one decision point: what a session asked for goes where it belongs.
 *
 * Runs on the session's worker: resolves rooms and people, fills in the author from the
 * connection, and posts to the room's owner. The answer comes back by mail
 * (bridge/client/fanout.h).
 */
#ifndef BRIDGE_CLIENT_DISPATCH_H
#define BRIDGE_CLIENT_DISPATCH_H

#include "bridge/client/session.h"
#include "codecs/codec.h"

/* Decodes one message of an open session and carries out what it means. binary: it came in a
 * binary frame, whose bytes may be anything. */
void dispatch_frame(struct session *session, struct slice text, bool binary);

/* The codec's sink for this session, for codec->open(). */
void dispatch_greeting(struct session *session);

#endif
