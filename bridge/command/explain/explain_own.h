/* explain_own.h - what the *.c files share; nobody else includes it. explain.c takes an event
 * through its rules, explain_event.c reads it
 * (with explain_attempt.c and explain_author.c), explain_parts.c makes one of options,
 * explain_words.c puts rules and steps in words, explain_show.c shows what a destination receives.
 */
#ifndef BRIDGE_COMMAND_EXPLAIN_EXPLAIN_OWN_H
#define BRIDGE_COMMAND_EXPLAIN_EXPLAIN_OWN_H

#include "bridge/command/arguments.h"
#include "bridge/core/bridge.h"
#include "codecs/backend/wire.h"
#include "codecs/model/envelope.h"
#include "codecs/model/identity.h"
#include "conf/conf.h"
#include "routes/rules/route_table.h"

/* When it happens, in the examples: the start of 2026, so that they are the same each time. */
#define EXPLAIN_TIME_MS UINT64_C(1767225600000)

struct explain {
	struct bridge *bridge;
	const struct conf *conf;
	FILE *out;
	struct id_clock clock; /* gives the ids of the examples */
};

/* The event that is tried. */
struct explain_event {
	struct envelope *draft; /* sealed, as a session or a backend would have it sent */
	size_t origin;          /* a dialect index, or ROUTE_FROM_BACKEND */
	size_t backend;         /* of ROUTE_FROM_BACKEND: which; SIZE_MAX: not said, or of none */
	struct room_entry *room;
};

/* explain_event.c: the event of the command line, as JSON or in parts. Fills out, whose draft is
 * new. False when it makes no sense, which is said to errors. */
bool explain_event_read(const struct bridge *bridge, const struct arguments *arguments,
			struct explain_event *out, FILE *errors);

/* Is it done to somebody, like a kick? Backends say it with CONTROL, not with PUBLISH. */
bool explain_is_deed(enum envelope_kind kind);

/* explain_parts.c: --dialect, --room and what else is given, as JSON. What the kind needs and no
 * option can say is an example. */
void explain_put_parts(struct json_writer *w, const struct arguments *arguments);

/* explain_words.c: text as it can go to a terminal: what would not be seen, or move what is, as in
 * JSON. It goes into JSON as it is. */
void explain_put_text(FILE *out, struct slice text);

/* The same for 1 "name" (file:line); of the implicit rule, its name. */
void explain_put_rule(const struct explain *explain, size_t rule);
void explain_put_conditions(const struct explain *explain, size_t rule);
void explain_put_step(const struct explain *explain, const struct route_step *step);

/* All rules, readable. */
void explain_put_rules(const struct explain *explain);

/* When a backend has to have answered. */
uint32_t explain_deadline(const struct explain *explain, const struct route_step *step);

/* explain_show.c: what the members of a room receive of what was ordered there, in each dialect. */
void explain_show_room(struct explain *explain, const struct room_entry *room,
		       const struct envelope *ordered);

/* The same of an event that has its place, like that somebody came. */
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

/* What a tap's subscribers get. */
void explain_show_feed(struct explain *explain, const struct room_entry *room,
		       const struct envelope *event);

#endif
