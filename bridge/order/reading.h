/* reading.h - what a call may read without knowing which room it is in: a message by its id, or
 * what is in all rooms that the caller may enter. The rooms' owner. */
#ifndef BRIDGE_ORDER_READING_H
#define BRIDGE_ORDER_READING_H

#include "bridge/core/worker.h"

/* POST_MESSAGE. Borrows. */
void order_message(struct worker *worker, struct post *post);

/* POST_SURVEY, which goes on to the next worker; the last one answers. Borrows; takes out what it
 * keeps. */
void order_survey(struct worker *worker, struct post *post);

#endif
