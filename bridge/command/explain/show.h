/* show.h - shows what a destination receives. For explain.c. */
#ifndef BRIDGE_COMMAND_EXPLAIN_SHOW_H
#define BRIDGE_COMMAND_EXPLAIN_SHOW_H

#include "bridge/command/explain/state.h"

/* What the members of a room receive of what was ordered there, in each dialect. */
void explain_show_room(struct explain *explain, const struct room_entry *room,
		       const struct envelope *ordered);

/* The same of an event that is ordered already, such as that a user entered. */
void explain_show_ordered(struct explain *explain, const struct room_entry *room,
			  const struct envelope *ordered);

/* The draft as a room orders it. Returns new. */
struct envelope *explain_order(struct explain *explain, const struct room_entry *room,
			       const struct envelope *draft);

/* What a backend gets when a rule asks it (ROUTE_ASK) or tells it. */
void explain_show_message(struct explain *explain, size_t rule, const struct route_step *step,
			  const struct envelope *event);

/* The envelope as JSON, with the end of the line. */
void explain_put_envelope(const struct explain *explain, const struct envelope *event);

/* What is to be said at an upstream. */
void explain_show_upstream(const struct explain *explain, const struct envelope *event);

/* What a tap's subscribers get. */
void explain_show_feed(struct explain *explain, const struct room_entry *room,
		       const struct envelope *event);

#endif
