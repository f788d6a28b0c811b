/* fanout.h - what a room answered: broadcasts to the members on this worker, and replies to the
 * session that asked. */
#ifndef BRIDGE_CLIENT_FANOUT_H
#define BRIDGE_CLIENT_FANOUT_H

#include "bridge/core/mailbox.h"
#include "bridge/core/worker.h"

/* POST_BROADCAST, POST_ENTERED, POST_ANSWERED, POST_HISTORY. Borrow the post. */
void fanout_broadcast(struct worker *worker, struct post *post);
void fanout_entered(struct worker *worker, struct post *post);
void fanout_answered(struct worker *worker, struct post *post);
void fanout_history(struct worker *worker, struct post *post);

#endif
