/* outcome.h - the ledger: every event ends, per destination, in exactly one counted outcome.
 *
 * A destination is one connection that was a member when the event was fanned out. One ledger
 * belongs to one worker and one room; only that worker's thread touches it.
 *
 * What is in flight is counted by itself, up where something enters a queue and down where it
 * leaves one. So what is lost on the way, or counted twice, is found while it happens: between two
 * turns of the worker, accepted = the sum of all outcomes + in_flight. */
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
	OUTCOME_DROPPED_HIDDEN,  /* the room has such events not shown in the dialect */
	OUTCOME_DROPPED_MUTED,   /* the peer opted out of such events */
	OUTCOME_DROPPED_GONE,    /* the connection had ended */
	OUTCOME_DROPPED_CUT,     /* the connection was cut, or ended, with this unsent */
	OUTCOMES
};

/* "delivered", ..., "dropped(no_word)": constant. */
const char *outcome_name(enum outcome outcome);

/* Of the connections of one dialect. */
struct tally {
	uint64_t accepted;
	uint64_t in_flight; /* in outboxes */
	uint64_t outcomes[OUTCOMES];
};

/* By dialect. Of a worker's rooms there are many: they keep registry_count() tallies alone. */
struct ledger {
	struct tally dialects[DIALECTS_MAX];
};

/* What came in, per worker: a request for a room ends once, too. What rules send to several
 * places counts once for each. Between two turns:
 * accepted = ordered + unchanged + routed + dropped + the sum of refused + waiting. */
struct intake {
	uint64_t accepted;         /* drafts and room entries handed to dispatch */
	uint64_t ordered;          /* got their place in a room */
	uint64_t unchanged;        /* valid, but changed nothing: there is no event */
	uint64_t routed;           /* went to a backend, which acknowledged them */
	uint64_t dropped;          /* a rule said so */
	uint64_t refused[REASONS]; /* refused by a room or on the way there */
	/* In the mail, on the way through a rule's steps, or with a backend. What one worker sends
	 * and another takes makes that of the one too large, of the other too small (below 0): they
	 * are right together. */
	uint64_t waiting;
};

/* Adds all of one to another. */
void tally_add(struct tally *sum, const struct tally *one);

/* The same by dialect: registry_count() of either. */
void tallies_add(struct tally *sum, const struct tally *one);

/* What is in flight to all dialects: registry_count() of them. */
uint64_t tallies_in_flight(const struct tally *tallies);

/* Is everything that was accepted either in flight or counted once? In each of registry_count()
 * tallies. */
bool tallies_balance(const struct tally *tallies);
bool intake_balances(const struct intake *intake);

#endif
