/* routing_own.h - what the passage*.c files share; nobody else includes it. passage.c keeps the
 * lanes and their order, passage_step.c takes the steps; passage_copy.c, which needs none of it,
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

struct passage {
	struct passage *previous, *next; /* in the lane */
	struct lane *lane;
	struct passage_start start;
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
	UT_hash_handle hh; /* by serial, in the worker's passages */
};

struct lane {
	struct passage *first, *last;
	struct lane **holder; /* NULL: the speaker is gone */
};

/* passage_step.c: takes the next step, which there must be. */
void passage_step(struct worker *worker, struct passage *p);

/* Ends it: the speaker is told, unless something else was said already. text: a reason in
 * somebody's words; may be absent. */
void passage_refuse(struct worker *worker, struct passage *p, enum reason reason,
		    struct slice text);

/* The backend that is the speaker, to which what it says is not sent; SIZE_MAX: none is. */
size_t passage_speaker(const struct passage *p);

/* The draft for one who may change it: the passage's own, or a copy of what others hold, too. */
struct envelope *passage_draft_own(struct passage *p);

/* The draft for one who only reads it; with a count. */
struct envelope *passage_draft_share(struct passage *p);

/* Gives it another text, where it has one. Borrows text. */
void passage_retext(struct worker *worker, struct passage *p, struct slice text);

/* Returns new: an errand of this passage to a backend or tap. */
struct errand *passage_errand(const struct passage *p, size_t place);

/* passage.c: one more passage, right behind this one. Takes draft. */
struct passage *passage_behind(struct worker *worker, struct passage *p,
			       const struct passage_start *start, struct envelope *draft);

#endif
