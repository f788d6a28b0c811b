/* routing.h - takes a draft through the steps of the rule that decides about it.
 *
 * Runs on the worker it began on: the session's, or the one that owns the backend which spoke.
 * Drafts of one speaker reach their destinations in the order they were said: while one waits for
 * an answer, later ones may be asked about by the same rule, but go no further. Each ends, for each
 * destination, in one count. */
#ifndef BRIDGE_ROUTING_ROUTING_H
#define BRIDGE_ROUTING_ROUTING_H

#include "bridge/routing/lanes.h"

/* Takes draft: sealed, with a count of one, already counted as accepted. *lane is the speaker's;
 * it may be NULL, then and afterwards. */
void routing_begin(struct worker *worker, struct lane **lane, const struct routing_start *start,
		   struct envelope *draft);

/* ANSWER_VERDICT and ANSWER_LOCATED for an ASKER_ROUTING. Borrows; takes out what it keeps. */
void routing_answered(struct worker *worker, const struct asker *asker, struct answer *answer);

/* The worker takes new rules (takes one count). What began with the old ones ends with them. */
void routing_rules(struct worker *worker, const struct route_table *table);

/* False: a draft still waits here that began with older rules, or in a room that is no more. */
bool routing_sweep(const struct worker *worker);

#endif
