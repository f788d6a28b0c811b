/* sweep.h - frees removed rooms when nothing can refer to them any more. Main thread.
 *
 * Who may still mean one: sessions, until they have left it; drafts that wait, and rules older than
 * the newest; what waits for backends; frames on their way that its ledger counts; and mail.
 * Workers look for all but mail when they sweep. A sweep is answered when a worker has sent all
 * mail that was brought up until then: so with each one that all have answered, mail that was under
 * way before it has been handled. */
#ifndef BRIDGE_RELOAD_SWEEP_H
#define BRIDGE_RELOAD_SWEEP_H

#include <stdbool.h>
#include <stddef.h>

#include "bridge/core/bridge.h"
#include "bridge/core/post.h"

/* Zeroed: there is nothing to be freed. */
struct sweep {
	struct room_entry **removed; /* not freed yet */
	size_t removed_count;
	unsigned missing; /* workers that have not answered the last one */
	bool clean;       /* all that have answered it had nothing left */
};

/* These rooms (borrowed) are in no table any more, and marked so. */
void sweep_add(struct sweep *sweep, struct room_entry *const *rooms, size_t count);

/* Asks all workers, unless they have not answered yet or there is nothing to be freed. They must
 * have taken the news that these rooms are removed. */
void sweep_begin(struct sweep *sweep, struct bridge *bridge);

/* A worker's answer. May begin the next one. */
void sweep_answered(struct sweep *sweep, struct bridge *bridge, const struct post_swept *post);

#endif
