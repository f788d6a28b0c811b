/* route_rule.h - one of the operator's rules: its conditions as they are given, and its steps. What
 * is known of it without the table it stands in. */
#ifndef ROUTES_RULES_ROUTE_RULE_H
#define ROUTES_RULES_ROUTE_RULE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "codecs/ladder.h"
#include "codecs/registry.h"
#include "codecs/text/slice.h"

#define ROUTES_MAX      1000
#define ROUTE_STEPS_MAX 16
#define ROUTE_HOPS_MAX  4 /* rooms an event may be passed on to, one after the other */

#define ROUTE_CIRCLES_MAX 16 /* circles of rooms reported of one table */

/* What an event's origin counts as, beside the dialects: a backend of ours, or a server that we are
 * a client of. */
#define ROUTE_FROM_BACKEND  DIALECTS_MAX
#define ROUTE_FROM_UPSTREAM (DIALECTS_MAX + 1)
#define ROUTE_ORIGINS       (DIALECTS_MAX + 2) /* those of no dialect among them */

#define ROUTE_UPSTREAMS_MAX 64

enum route_action {
	ROUTE_ASK,     /* a backend may allow, change or refuse; then goes on */
	ROUTE_REWRITE, /* the text, or the author's name as shown; then goes on */
	ROUTE_TAP,     /* a copy to a tap or a backend; then goes on */
	ROUTE_ROOM, /* deliver to a room: its own, or pass on to another, whose rules then decide */
	ROUTE_BACKEND,  /* deliver to a backend */
	ROUTE_UPSTREAM, /* say it at an upstream */
	ROUTE_REFUSE,   /* tell the sender why; the last step */
	ROUTE_DROP      /* silently; the last step */
};

enum route_rewrite { REWRITE_TEXT, REWRITE_NAME };

#define ROUTE_OWN_ROOM SIZE_MAX

/* A step. ROOM to the very room an event is said in is delivery to its own. A rule whose steps have
 * no ROOM, BACKEND, UPSTREAM, REFUSE or DROP delivers to the event's own room after them. */
struct route_step {
	enum route_action action;
	size_t target;   /* ASK, BACKEND: index of the backend; UPSTREAM: of the upstream; ROOM: of
			  * the room in the list given, then its number in a table, or
			  * ROUTE_OWN_ROOM; TAP: of the tap, or of the backend when to_backend */
	bool to_backend; /* TAP */
	bool pass_on_timeout;       /* ASK: after a timeout, go on; else refuse */
	uint32_t deadline_ms;       /* ASK, BACKEND; 0: the backend's own */
	enum route_rewrite rewrite; /* REWRITE */
	struct slice text;          /* REFUSE: the reason for the sender, absent: a general one;
				     * REWRITE: what it becomes, see route_rewrite_text();
				     * ROOM: the room's name, filled in by the table; absent: own */
};

/* A rule as it is given. An empty list, 0 or an absent slice matches everything. */
struct route_rule {
	struct slice name;         /* for people; never absent */
	uint32_t origins;          /* a bit for each dialect index, and for ROUTE_FROM_BACKEND and
				    * ROUTE_FROM_UPSTREAM */
	uint64_t upstreams;        /* it came by one of these; a bit for each index */
	const struct slice *rooms; /* names, or prefixes ending in '*' */
	size_t room_count;
	uint32_t kinds;              /* a bit for each enum envelope_kind */
	const struct slice *authors; /* names, compared folded, or "#7": by number */
	size_t author_count;
	uint32_t roles;       /* the author has one of these */
	struct slice pattern; /* PCRE2 (routes/rules/pattern.h), found anywhere in the text; empty:
			       * none. Only message, edit, reaction (the emoji), kick and
			       * timeout (as typed), presence and notice have a text; what an
			       * event of another kind says is not looked at: no pattern is
			       * found in it, and a poll's question is not its text */
	const struct route_step *steps;
	size_t step_count;
	const struct ladder *ladder; /* how what it delivers to the event's own room is shown there;
				      * NULL: as the room has it */
};

/* Where faults go: rule and step are indices, step SIZE_MAX when it is about the rule itself.
 * text is NUL-terminated and only valid during the call. */
struct route_report {
	void (*fault)(struct route_report *, size_t rule, size_t step, const char *text);
	bool
	    partial; /* some rules are left out: no circles are looked for, as they may break one */
};

/* Is that backend asked, sent to or copied to, or that upstream sent to (SIZE_MAX: none of these)?
 * Of steps of another kind: no. */
bool route_step_reaches(const struct route_step *step, size_t backend, size_t upstream);

/* The step whose destination answers the speaker: the first room, else the first backend or
 * upstream that is not itself the speaker (SIZE_MAX: it is none). SIZE_MAX: no step does. */
size_t route_steps_answering(const struct route_step *steps, size_t count, size_t backend,
			     size_t upstream);

#endif
