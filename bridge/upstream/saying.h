/* saying.h - what of ours is said at a server that we call, and how: in its words where it has
 * some, else in others, in one message or several. And what becomes of it. */
#ifndef BRIDGE_UPSTREAM_SAYING_H
#define BRIDGE_UPSTREAM_SAYING_H

#include "bridge/upstream/link.h"

/* relay: an event of the room (borrowed). Counted. */
void saying_relay(struct upstream *upstream, const struct envelope *event);

/* front: a draft of one of its clients (borrowed; what is kept is taken out of it). False: it is
 * nothing of that server's, and judged here. */
bool saying_front(struct link *link, struct post_draft *draft);

/* What say() is to be given for an item. Borrows from both. */
void saying_words(const struct saying_item *item, const struct upstream *upstream,
		  struct call_said *said);

/* All its messages are settled: takes it, which is in no queue. */
void saying_done(struct link *link, struct saying *saying);

/* It waited too long. Takes item, which is in the link's queue. */
void saying_expired(struct link *link, struct saying_item *item);

/* front: the room has ordered the draft that saying_done() gave it; event NULL: nothing changed. */
void saying_agreed(struct upstream *upstream, const struct envelope *event);

#endif
