/* event.h - reads the event of dragoman routes. For tried.c. */
#ifndef BRIDGE_COMMAND_TRIED_EVENT_H
#define BRIDGE_COMMAND_TRIED_EVENT_H

#include "bridge/command/tried/state.h"

/* The event of the command line, as JSON or in parts. Fills out, whose draft is
 * new. False when it makes no sense, which is said to errors. */
bool tried_event_read(const struct bridge *bridge, const struct arguments *arguments,
		      struct tried_event *out, FILE *errors);

#endif
