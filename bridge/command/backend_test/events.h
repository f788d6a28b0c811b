/* events.h - examples of events. For backend_test.c. */
#ifndef BRIDGE_COMMAND_BACKEND_TEST_EVENTS_H
#define BRIDGE_COMMAND_BACKEND_TEST_EVENTS_H

#include "bridge/command/backend_test/play.h"

/* An example of each kind as Dragoman sends it, in that room; kind ENVELOPE_KINDS: an
 * unknown one. ordered: it has happened. unknown: with unknown keys. */
void example_put(struct json_writer *w, enum envelope_kind kind, const char *room, bool ordered,
		 bool unknown);

/* The name of the kind, also of the unknown. */
const char *example_name(enum envelope_kind kind);

/* Can an ASK, or an EVENT, be about it? */
bool example_is_asked(enum envelope_kind kind);
bool example_is_told(enum envelope_kind kind);

#endif
