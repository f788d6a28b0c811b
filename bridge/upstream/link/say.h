/* say.h - what is to be said through a link, one after the other, until it is settled. The thread
 * of its upstream. */
#ifndef BRIDGE_UPSTREAM_LINK_SAY_H
#define BRIDGE_UPSTREAM_LINK_SAY_H

#include <stdbool.h>

#include "bridge/upstream/state.h"

/* Says what may be said now. */
void link_pump(struct link *link);

/* What became of an item. id: absent: not known. */
void link_settled(struct link *link, const struct call_settled *settled);

/* An item is settled: takes it. REASON_NONE: it was said. */
void link_finish(struct link *link, struct saying_item *item, enum reason reason, struct slice why,
		 bool doubtful);

/* The same: it waited too long. */
void link_expire(struct link *link, struct saying_item *item);

#endif
