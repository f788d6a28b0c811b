/* removals.h - ids of removed messages that do not go into one event: the rest follows in events of
 * their own, one after the other in time, so that nobody has to take more at once than fits. For
 * the files of routes/room only. */
#ifndef ROUTES_ROOM_REMOVALS_H
#define ROUTES_ROOM_REMOVALS_H

#include <stddef.h>
#include <stdint.h>

#include "routes/room/room_state.h"

#define REMOVALS_PACE_MS 500

/* How many ids may be in one event. */
size_t removal_most(const struct room *room);

/* Keeps those that event does not have: all of ids (borrows) but its own at their start. Holds
 * event, which is sealed. steady_ms: now. */
void removals_add(struct room *room, const struct envelope *event, const uint64_t *ids,
		  size_t count, uint64_t steady_ms);

/* When the next are due, on the steady clock; UINT64_MAX: none are left. */
uint64_t removals_due(const struct room *room);

/* Fills in the next event, not numbered yet, which borrows from the room until removals_taken(). */
void removals_next(const struct room *room, struct envelope *event);
void removals_taken(struct room *room, uint64_t steady_ms);

/* Those that are left, not when they are due. */
void removals_digest(const struct room *room, struct digest *digest);

/* Forgets them all. */
void removals_clear(struct room *room);

#endif
