/* explain_own.h - what the trial*.c files share; nobody else includes it. trial.c takes an event
 * through its rules, trial_event.c reads it
 * (with trial_attempt.c and trial_author.c), trial_parts.c makes one of options, trial_words.c puts
 * rules and steps in words, trial_show.c shows what a destination receives. */
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
#define TRIAL_TIME_MS UINT64_C(1767225600000)

struct trial {
	struct bridge *bridge;
	const struct conf *conf;
	FILE *out;
	struct id_clock clock; /* gives the ids of the examples */
};

/* The event that is tried. */
struct trial_event {
	struct envelope *draft; /* sealed, as a session or a backend would have it sent */
	size_t origin;          /* a dialect index, or ROUTE_FROM_BACKEND */
	size_t backend;         /* of ROUTE_FROM_BACKEND: which; SIZE_MAX: not said, or of none */
	struct room_info *room;
};

/* trial_event.c: the event of the command line, as JSON or in parts. Fills out, whose draft is
 * new. False when it makes no sense, which is said to errors. */
bool trial_event_read(const struct bridge *bridge, const struct arguments *arguments,
		      struct trial_event *out, FILE *errors);

/* Is it done to somebody, like a kick? Backends say it with CONTROL, not with PUBLISH. */
bool trial_is_deed(enum envelope_kind kind);

/* trial_parts.c: --dialect, --room and what else is given, as JSON. What the kind needs and no
 * option can say is an example. */
void trial_put_parts(struct json_writer *w, const struct arguments *arguments);

/* trial_words.c: text as it can go to a terminal: what would not be seen, or move what is, as in
 * JSON. It goes into JSON as it is. */
void trial_put_text(FILE *out, struct slice text);

/* The same for 1 "name" (file:line); of the implicit rule, its name. */
void trial_put_rule(const struct trial *trial, size_t rule);
void trial_put_conditions(const struct trial *trial, size_t rule);
void trial_put_step(const struct trial *trial, const struct route_step *step);

/* All rules, readable. */
void trial_put_rules(const struct trial *trial);

/* When a backend has to have answered. */
uint32_t trial_deadline(const struct trial *trial, const struct route_step *step);

/* trial_show.c: what the members of a room receive of what was ordered there, in each dialect. */
void trial_show_room(struct trial *trial, const struct room_info *room,
		     const struct envelope *ordered);

/* The same of an event that has its place, like that somebody came. */
void trial_show_ordered(struct trial *trial, const struct room_info *room,
			const struct envelope *ordered);

/* The draft as a home orders it. Returns new. */
struct envelope *trial_order(struct trial *trial, const struct room_info *room,
			     const struct envelope *draft);

/* What a backend gets when a rule asks it (ROUTE_ASK) or tells it. */
void trial_show_message(struct trial *trial, size_t rule, const struct route_step *step,
			const struct envelope *event);

/* The envelope as JSON, with the end of the line. */
void trial_put_envelope(const struct trial *trial, const struct envelope *event);

/* What a tap's subscribers get. */
void trial_show_feed(struct trial *trial, const struct room_info *room,
		     const struct envelope *event);

#endif
