/* shows.h - how a room, or a route, has events shown (shows of both in the configuration), as rules
 * of codecs. */
#ifndef BRIDGE_CORE_SHOWS_SHOWS_H
#define BRIDGE_CORE_SHOWS_SHOWS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "codecs/ladder.h"
#include "codecs/model/envelope.h"
#include "conf/conf.h"

/* Fills rules with those of the room for clients of the dialect, for codec_view.rules. False: it
 * has none of its own; then rules are the dialect's. */
bool shows_rules(const struct conf_room *room, size_t dialect, uint8_t rules[ENVELOPE_KINDS]);

/* Changes rules, of a room, to what the route says of them. */
void shows_route_rules(const struct conf_route *route, size_t dialect,
		       uint8_t rules[ENVELOPE_KINDS]);

/* The same for a rule (struct route_rule). */
void shows_ladder(const struct conf_route *route, struct ladder *ladder);

/* Have the two rooms all the same? */
bool shows_same(const struct conf_room *a, const struct conf_room *b);

/* See conf_known.may_show. */
bool shows_may(size_t dialect, const char *kind, const char *as, const char **why);

#endif
