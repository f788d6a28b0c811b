/* saying.h - what of ours is said at a server that we call, and how: in its words where it has
 * some, else in others, in one message or several. And what becomes of it. */
#ifndef BRIDGE_UPSTREAM_SAYING_H
#define BRIDGE_UPSTREAM_SAYING_H

#include "bridge/upstream/state.h"

/* relay: an event of the room (borrowed). Counted. */
void saying_relay(struct upstream *upstream, const struct envelope *event);

/* front: a draft of one of its clients (borrowed; what is kept is taken out of it). False: it is
 * nothing of that server's, and judged here. */
bool saying_front(struct link *link, struct post_draft *draft);

/* As of link_ops.ready: what it is about has a name there by now. */
bool saying_ready(struct link *link, struct saying_item *item, enum reason *why);

/* All its messages are settled: takes it, which is in no queue. */
void saying_done(struct link *link, struct saying *saying);

/* front: a draft (what is to be kept is taken out of it) is not taken at all. */
void saying_refuse(struct upstream *upstream, struct post_draft *draft, enum reason reason);

/* front: the room has ordered the draft that saying_done() gave it; event NULL: nothing changed. */
void saying_agreed(struct upstream *upstream, const struct envelope *event);

#endif
