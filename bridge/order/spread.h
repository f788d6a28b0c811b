/* spread.h - an event on its way from the owner of its room to every worker that has members there,
 * and to upstreams. The owner's thread. */
#ifndef BRIDGE_ORDER_SPREAD_H
#define BRIDGE_ORDER_SPREAD_H

#include "bridge/core/worker.h"

/* Which forms to encode, and which workers to tell: a bit each. */
struct spread {
	uint64_t forms;
	uint32_t workers;
};

/* Whoever is in the room. */
struct spread spread_of(const struct room *room);

/* An invited person need not be in the room: wherever they are connected, they hear it, and what
 * their few connections are sent is encoded there. */
struct spread spread_everywhere(const struct worker *worker);

/* Takes event. asker: who is told along with it, when it waits; NULL: nobody. */
void spread_send(struct worker *worker, struct room_entry *entry, struct envelope *event,
		 struct spread spread, const struct asker *asker);

/* Counts what a request in a room came to. */
void spread_count(struct worker *worker, enum reason reason);

#endif
