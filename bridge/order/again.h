/* again.h - what comes once more by way of other Dragomans is said once. The owner's thread. */
#ifndef BRIDGE_ORDER_AGAIN_H
#define BRIDGE_ORDER_AGAIN_H

#include "bridge/core/worker.h"

/* Is a draft with a trail, whose room is known, in that room already, or was it said here? */
bool again_has(struct worker *worker, const struct post_draft *draft);

/* Answers such a draft as done, with the id that it has here, if one is known. Counted. Takes its
 * event out. */
void again_answer(struct worker *worker, struct post_draft *draft);

/* An event with a trail (borrows) was ordered. */
void again_note(struct room_entry *room, const struct envelope *ordered);

#endif
