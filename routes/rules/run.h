/* run.h - an event on its way through the steps of the rule that decides about it.
 *
 * A run says what is to be done next, and never does it: who carries it out has the event, the
 * rooms and the backends. The server does (bridge/routing), and dragoman routes shows it:
 *
 *	run_begin(&run, &start);
 *	while ((result = run_next(&run, event)) != RUN_DONE)
 *		do what result says; after RUN_WAIT, go on when run_answered() or run_located()
 *		was called
 *
 * Every step of the rule is the result of one call, in order, but for copies that stand right
 * behind a delivery to the event's own room: they are made of the event as it has its place there,
 * by a run of their own (run_begin_behind), where that is known.
 *
 * An event is counted once for each destination. One of them, the first room or else the first
 * backend or upstream, answers the speaker: it takes over the event's own count. The others are
 *counted as drafts of their own. A run answers the speaker exactly once; run->answers says when. Of
 *somebody who came or went (enter, exit) there are only copies, and nobody waits for an answer.
 *
 * Pure. Not locked: a run is one thread's. */
#ifndef ROUTES_RULES_RUN_H
#define ROUTES_RULES_RUN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "codecs/model/envelope.h"
#include "codecs/text/reason.h"
#include "codecs/text/slice.h"
#include "routes/rules/route_table.h"

enum run_result {
	RUN_WAIT,     /* for run_located(), or for run_answered() after RUN_ASK */
	RUN_ASK,      /* ask the step's backend about the event, and tell the run: run_answered() */
	RUN_COPY,     /* a copy to the step's tap or backend */
	RUN_REWRITE,  /* change the event as the step says: what comes then sees it changed */
	RUN_ORDER,    /* deliver it to its own room; copies may follow there: run->follows */
	RUN_PASS_ON,  /* a copy to the step's room, where rules decide again: run_pass_on() */
	RUN_BACKEND,  /* deliver it to the step's backend */
	RUN_UPSTREAM, /* say it at the step's upstream */
	RUN_REFUSE, /* it comes not to this destination, for run->reason. With run->answers that is
		     * the end of it */
	RUN_DROP,   /* it goes nowhere; the speaker is to think that it did */
	RUN_SKIP,   /* this step does nothing to it: run->skipped says why */
	RUN_DONE    /* nothing is left to do; so says each further call */
};

enum run_skip {
	RUN_SKIP_SPEAKER, /* the step's backend says it itself, or it came by the step's upstream */
	RUN_SKIP_TOLD,    /* a user entered or left, and the room is told already */
	RUN_SKIP_PRESENCE /* a user entered or left, which cannot be stopped or changed */
};

#define RUN_NO_SPEAKER SIZE_MAX /* no backend or upstream of ours speaks */
#define RUN_NO_ROOM    SIZE_MAX
#define RUN_UNDECIDED  SIZE_MAX

struct run_start {
	const struct route_table *table; /* borrowed: the caller holds it as long as the run */
	size_t origin;                   /* as in struct route_subject */
	size_t speaker;  /* the backend that says it, never asked, told or copied to itself; or
			  * RUN_NO_SPEAKER */
	size_t upstream; /* that it came by, never told itself; of ROUTE_FROM_UPSTREAM only */
	size_t room;     /* index of the room it is said in; RUN_NO_ROOM: to be looked for first */
};

enum run_phase {
	RUN_LOOKS, /* waits for its room */
	RUN_GOES,
	RUN_ASKS, /* waits for an answer */
	RUN_STOPS /* is to be refused */
};

/* What callers read; they change nothing. */
struct run {
	struct run_start start;
	size_t rule; /* that decides; RUN_UNDECIDED: not yet */
	const struct route_step *steps;
	size_t step_count;
	size_t step;  /* the one to come */
	bool limited; /* in deciding, a pattern gave up at its limits */
	/* of the last result */
	size_t at;             /* the step it is about; step_count: none */
	bool answers;          /* it answers the speaker: ORDER, PASS_ON, BACKEND, UPSTREAM,
				* REFUSE, DROP */
	size_t follows;        /* ORDER: the first of the copies to be made there; 0: none */
	enum reason reason;    /* REFUSE */
	struct slice text;     /* REFUSE: the reason as a text; may be absent */
	enum run_skip skipped; /* SKIP */
	/* its own */
	enum run_phase phase;
	size_t answering; /* the step whose destination answers the speaker; SIZE_MAX: none */
	bool answered, presence, behind;
};

/* Fills run. Borrows start for the call. */
void run_begin(struct run *run, const struct run_start *start);

/* Looks for the rule that decides about event (as it is now; borrowed), once. Only for those who
 * need to know it before the first step: else run_next() does it. The room must be known. */
void run_decide(struct run *run, const struct envelope *event);

/* The room is known, but not the rule. */
bool run_is_undecided(const struct run *run);

/* No rule but the implicit last one decided: it goes to its room. */
bool run_is_plain(const struct run *run);

/* The next result. event: as it is now; borrowed; it may be NULL when the rule is decided and no
 * step is left. After RUN_WAIT nothing has changed. */
enum run_result run_next(struct run *run, const struct envelope *event);

/* The step of the last result; NULL: it is about none. Borrowed from the table. */
const struct route_step *run_step(const struct run *run);

/* What became of RUN_ASK: REASON_NONE, it is allowed (what is changed is changed by the caller);
 * REASON_REFUSED or REASON_CLOSING, it is refused; anything else, there was no answer, and the
 * step says what then. text: the reason in words, may be absent; borrowed until the next call of
 * run_next(). False: it ends here, and does not wait for those before it: call run_next(). */
bool run_answered(struct run *run, enum reason reason, struct slice text);

/* The room is known that a run without one looked for; RUN_NO_ROOM: there is none. False: as of
 * run_answered(). */
bool run_located(struct run *run, size_t room);

/* May run take its next step, while the run before it, of the same speaker, is not done? It may be
 * asked about, tapped and rewritten where the one before has been so by the same rule; all else
 * comes in the order it was said. before NULL: none is. Of a run that waits or ends: yes. */
bool run_may_go(const struct run *run, const struct run *before);

/* The event as the room that RUN_PASS_ON names gets it. room: its name. Borrows; returns new. */
struct envelope *run_pass_on(const struct envelope *event, struct slice room);

/* Fills run with the copies behind a RUN_ORDER, of the event as it has its place in the room. rule
 * and follows: what run->rule and run->follows were then; table, speaker and upstream: what they
 * were in run->start (RUN_NO_SPEAKER: none spoke). Its results are COPY, BACKEND, UPSTREAM, SKIP
 * and DONE. */
void run_begin_behind(struct run *run, const struct route_table *table, size_t speaker,
		      size_t upstream, size_t rule, size_t follows);

#endif
