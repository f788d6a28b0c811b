/* reasons.h - why somebody was sent a message in other words, or not at all. Main thread. */
#ifndef BRIDGE_ADMIN_CONTROL_EXPLAINED_REASONS_H
#define BRIDGE_ADMIN_CONTROL_EXPLAINED_REASONS_H

#include "bridge/core/bridge.h"

struct json_t;

/* Puts "why", for people, into those rows of destinations and missed of a message (as merge.h makes
 * it) that were not delivered as it was said. How a room has a kind shown is as it is now. */
void reasons_put(const struct bridge *bridge, struct json_t *message);

#endif
