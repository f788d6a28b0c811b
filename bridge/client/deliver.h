/* deliver.h - one event for one session. */
#ifndef BRIDGE_CLIENT_DELIVER_H
#define BRIDGE_CLIENT_DELIVER_H

#include "bridge/client/session.h"
#include "routes/deliver/broadcast.h"

/* Queues one event for one session, a member of the room (or whom the event is about), and counts
 * its outcome. told: as trace_spread() numbered it. For who has caught it up, and counted it as
 * accepted: batch.c and fanout.c. */
void deliver_event(struct session *session, const struct room_entry *room,
		   const struct broadcast *broadcast, enum audience audience, uint32_t told);

/* The same with an event (borrows) for this peer alone, in a form of its own, and counts it as
 * accepted, too. */
void deliver_alone(struct session *session, const struct room_entry *room,
		   const struct envelope *event, enum audience audience);

#endif
