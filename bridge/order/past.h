/* past.h - what clients ask for of a room beyond what it remembers: read by the store, and answered
 * then. The thread of the room's owner. */
#ifndef BRIDGE_ORDER_PAST_H
#define BRIDGE_ORDER_PAST_H

#include "bridge/core/asker.h"
#include "bridge/core/worker.h"

/* Answers a question for `wanted` messages with a lesser id than before (all: UINT64_MAX)
 * (ANSWER_HISTORY, of which it has the newest ones; takes what it owns), now, or when the store has
 * found older ones. */
void past_answer(struct worker *worker, const struct asker *asker, struct answer *answer,
		 uint64_t before, size_t wanted);

/* POST_PAST. Borrows. */
void past_found(struct worker *worker, struct post *post);

#endif
