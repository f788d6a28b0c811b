/* routing_own.h - what the *.c files share; nobody else includes it. routing.c keeps the
 * lanes and their order, routing_step.c takes the steps; routing_copy.c, which needs none of it,
 * copies what has its place in a room to taps and backends. */
#ifndef BRIDGE_ROUTING_ROUTING_OWN_H
#define BRIDGE_ROUTING_ROUTING_OWN_H

#include <stdlib.h>

#define uthash_fatal(message) abort()
#include <uthash.h>

#include "bridge/routing/routing.h"
#include "codecs/text/reason.h"
#include "codecs/text/slice.h"
#include "routes/rules/route_table.h"

#define RULE_UNDECIDED SIZE_MAX

struct routing {
	struct routing *previous, *next; /* in the lane */
	struct lane *lane;
	struct routing_start start;
	const struct route_table *table; /* held */
	size_t rule, step, step_count;   /* step: the next to be taken */
	const struct route_step *steps;
	size_t answering;       /* the step whose destination answers the speaker */
	struct envelope *draft; /* held */
	bool shared;            /* others hold the draft, too: it must not be changed */
	bool waiting;           /* for a verdict, or for its room to be found */
	bool settled;           /* the speaker's own count and answer are given, or on their way */
	bool vouched;           /* see struct post */
	bool barred;            /* kicked meanwhile: leaving does not vouch for it */
	uint64_t serial;
	UT_hash_handle hh; /* by serial, in the worker's own */
};

struct lane {
	struct routing *first, *last;
	struct lane **holder; /* NULL: the speaker is gone */
};

/* routing_step.c: takes the next step, which there must be. */
void routing_step(struct worker *worker, struct routing *p);

/* Ends it: the speaker is told, unless something else was said already. text: a reason in
 * somebody's words; may be absent. */
void routing_refuse(struct worker *worker, struct routing *p, enum reason reason,
		    struct slice text);

/* The backend that is the speaker, to which what it says is not sent; SIZE_MAX: none is. */
size_t routing_speaker(const struct routing *p);

/* The draft for one who may change it: its own, or a copy of what others hold, too. */
struct envelope *routing_draft_own(struct routing *p);

/* The draft for one who only reads it; with a count. */
struct envelope *routing_draft_share(struct routing *p);

/* Gives it another text, where it has one. Borrows text. */
void routing_retext(struct worker *worker, struct routing *p, struct slice text);

/* Returns new: an errand of this passage to a backend or tap. */
struct errand *routing_errand(const struct routing *p, size_t place);

/* routing.c: one more draft, right behind this one. Takes draft. */
struct routing *routing_behind(struct worker *worker, struct routing *p,
			       const struct routing_start *start, struct envelope *draft);

#endif
