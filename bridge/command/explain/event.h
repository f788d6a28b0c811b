/* event.h - reads the event of dragoman routes. For explain.c. */
#ifndef BRIDGE_COMMAND_EXPLAIN_EVENT_H
#define BRIDGE_COMMAND_EXPLAIN_EVENT_H

#include "bridge/command/explain/state.h"

/* The event of the command line, as JSON or in parts. Fills out, whose draft is
 * new. False when it makes no sense, which is said to errors. */
bool explain_event_read(const struct bridge *bridge, const struct arguments *arguments,
			struct explain_event *out, FILE *errors);

#endif
