/* relaying.h - relay: what happens in the room is said at the server that we call, each once, in
 * order; also what was said before this server was killed or stopped, and is not settled there. */
#ifndef BRIDGE_UPSTREAM_RELAYING_H
#define BRIDGE_UPSTREAM_RELAYING_H

#include "bridge/upstream/state.h"

/* At start, when the room is open and what is stored was read, before workers run: what the room
 * has up to here may have to be said yet. */
void relaying_begin(struct upstream *upstream);

/* Four times a second: asks for that, once. */
void relaying_tick(struct upstream *upstream);

/* What was asked for is here: it is said, and then what happened meanwhile. */
void relaying_answered(struct upstream *upstream, const struct answer *answer);

/* An event of the room (borrowed): said, or held until it is its turn. What came from there is not
 * said there again. */
void relaying_event(struct upstream *upstream, const struct envelope *event);

/* Lets go of what is held. */
void relaying_clear(struct upstream *upstream);

#endif
