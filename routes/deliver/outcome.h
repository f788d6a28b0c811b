/* outcome.h - the ledger: every event ends, per destination, in exactly one counted outcome.
 *
 * A destination is one connection that was a member when the event was fanned out. One ledger
 * belongs to one worker and one room; only that worker's thread touches it. Always:
 * accepted = the sum of all outcomes + in flight. */
#ifndef ROUTES_DELIVER_OUTCOME_H
#define ROUTES_DELIVER_OUTCOME_H

#include <stdbool.h>
#include <stdint.h>

#include "codecs/registry.h"
#include "codecs/text/reason.h"

enum outcome {
	OUTCOME_DELIVERED, /* all its bytes were handed to the kernel, in the dialect's own words */
	OUTCOME_DEGRADED,  /* the same, said another way */
	OUTCOME_REFUSED,   /* the destination may not have it */
	OUTCOME_EXPIRED,   /* too old when its turn came */
	OUTCOME_DROPPED_NO_WORD, /* the dialect cannot say it */
	OUTCOME_DROPPED_MUTED,   /* the peer opted out of such events */
	OUTCOME_DROPPED_GONE,    /* the connection had ended */
	OUTCOME_DROPPED_CUT,     /* the connection was cut, or ended, with this unsent */
	OUTCOMES
};

/* "delivered", ..., "dropped(no_word)": constant. */
const char *outcome_name(enum outcome outcome);

struct ledger {
	uint64_t accepted[DIALECTS_MAX];
	uint64_t outcomes[DIALECTS_MAX][OUTCOMES];
};

/* What came in, per worker: a request for a room ends once, too. What rules send to several
 * places counts once for each. Always:
 * accepted = ordered + unchanged + routed + dropped + the sum of refused + waiting. */
struct intake {
	uint64_t accepted;         /* drafts and room entries handed to dispatch */
	uint64_t ordered;          /* got their place in a room */
	uint64_t unchanged;        /* were right, but changed nothing: there is no event */
	uint64_t routed;           /* went to a backend, which acknowledged them */
	uint64_t dropped;          /* a rule said so */
	uint64_t refused[REASONS]; /* refused by a room or on the way there */
};

/* Adds all of one ledger to another. */
void ledger_add(struct ledger *sum, const struct ledger *one);

/* accepted minus the sum of all outcomes: what is in flight. */
uint64_t ledger_in_flight(const struct ledger *ledger);
uint64_t intake_waiting(const struct intake *intake);

#endif
