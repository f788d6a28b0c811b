/* closing.h - what a reload makes of the rooms that a worker owns: closes those that were removed,
 * and gives others their new rules. */
#ifndef BRIDGE_ORDER_CLOSING_H
#define BRIDGE_ORDER_CLOSING_H

#include "bridge/core/news.h"
#include "bridge/core/worker.h"

/* Of news that a worker has taken: its own rooms. A removed room is closed: every worker with
 * members is told by POST_CLOSED, behind all that the room ever said, and who asks it for something
 * later is refused. Of a changed one, people are thrown out whom it bans from now on; all others
 * stay. */
void closing_news(struct worker *worker, struct news *news);

#endif
