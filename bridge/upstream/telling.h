/* telling.h - who said something in a room is told when it did not reach a server that it was to be
 * said at. */
#ifndef BRIDGE_UPSTREAM_TELLING_H
#define BRIDGE_UPSTREAM_TELLING_H

#include "bridge/upstream/state.h"

/* It was refused, or cannot be said there. text: why, in the server's words; absent:
 * call_why(). */
void telling_refused(struct upstream *upstream, const struct envelope *event, enum reason reason,
		     struct slice text);

/* It was sent, and nobody knows whether it arrived. */
void telling_unknown(struct upstream *upstream, const struct envelope *event);

/* A client of the server behind: something about its link. */
void telling_client(struct upstream *upstream, const struct person *person, const char *text);

#endif
