/* fanout.h - what a room answered: broadcasts to the members on this worker, and replies to the
 * session that asked. */
#ifndef BRIDGE_CLIENT_FANOUT_H
#define BRIDGE_CLIENT_FANOUT_H

#include "bridge/core/mailbox.h"
#include "bridge/core/worker.h"

/* POST_BROADCAST, POST_ENTERED. Borrow the post. */
void fanout_broadcast(struct worker *worker, struct post *post);
void fanout_entered(struct worker *worker, struct post *post);

/* What came back to an ASKER_SESSION. Borrows. */
void fanout_answered(struct worker *worker, const struct asker *asker, struct answer *answer);

#endif
