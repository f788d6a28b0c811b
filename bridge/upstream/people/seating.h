/* seating.h - people of a server that we call are in the room as others are: they come and go, are
 * listed, whispered to and kicked. */
#ifndef BRIDGE_UPSTREAM_SEATING_H
#define BRIDGE_UPSTREAM_SEATING_H

#include "bridge/upstream/state.h"

struct stranger;

/* Somebody there (borrowed) came, or went; trail: as of an event that says so, absent: none.
 * Ignored where the configuration says so, and of our own clients there. */
void seating_heard(struct upstream *upstream, const struct foreign_person *person, bool there,
		   struct slice trail);

/* Is that one of them, as a member of the room? */
bool seating_is(const struct asker *asker);

/* Nobody from there is in the room any more. */
void seating_clear(struct upstream *upstream);

/* For strangers_new(). */
void seating_gone(void *upstream, const struct stranger *stranger);

#endif
