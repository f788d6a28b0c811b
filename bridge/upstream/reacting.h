/* reacting.h - reactions at a server that we call, which tells how many there are of each and not
 * whose. There, a relay reacts once for all who do here; here, the upstream itself reacts once for
 * all who do there. */
#ifndef BRIDGE_UPSTREAM_REACTING_H
#define BRIDGE_UPSTREAM_REACTING_H

#include "bridge/upstream/state.h"

/* Returns new, empty: for the newest reactions. */
struct reacting *reacting_new(void);
void reacting_free(struct reacting *reacting); /* NULL is ignored */

/* relay: does that event (a REACTION as the room ordered it) change anything there? Then it is
 * taken to be said there. */
bool reacting_is_news(struct upstream *upstream, const struct envelope *event);

/* front: so many of our clients react there now. */
void reacting_agreed(struct upstream *upstream, const struct envelope *event);

/* A REACTION heard: all that there are of a message, or somebody's one. */
void reacting_heard(struct upstream *upstream, const struct call_heard *heard);

#endif
