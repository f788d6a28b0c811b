/* show.h - shows what a destination receives. For tried.c. */
#ifndef BRIDGE_COMMAND_TRIED_SHOW_H
#define BRIDGE_COMMAND_TRIED_SHOW_H

#include "bridge/command/tried/state.h"

/* What the members of a room receive of what was ordered there, in each dialect. */
void tried_show_room(struct tried *tried, const struct room_entry *room,
		     const struct envelope *ordered);

/* The same of an event that is ordered already, such as that a user entered. */
void tried_show_ordered(struct tried *tried, const struct room_entry *room,
			const struct envelope *ordered);

/* The draft as a room orders it. Returns new. */
struct envelope *tried_order(struct tried *tried, const struct room_entry *room,
			     const struct envelope *draft);

/* What a backend gets when a rule asks it (ROUTE_ASK) or tells it. */
void tried_show_message(struct tried *tried, size_t rule, const struct route_step *step,
			const struct envelope *event);

/* The envelope as JSON, with the end of the line. */
void tried_put_envelope(const struct tried *tried, const struct envelope *event);

/* What is to be said at an upstream. */
void tried_show_upstream(const struct tried *tried, const struct envelope *event);

/* What a tap's subscribers get. */
void tried_show_feed(struct tried *tried, const struct room_entry *room,
		     const struct envelope *event);

#endif
