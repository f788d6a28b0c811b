/* retire.h - a look at all rooms, one after the other: what is kept too long in one of them is
 * deleted by the store thread before the next one is looked at. The keeper's thread, but where
 * another is named. */
#ifndef BRIDGE_STORE_RETIRE_H
#define BRIDGE_STORE_RETIRE_H

#include <stdbool.h>
#include <stdint.h>

#include "bridge/store/retention.h"
#include "bridge/store/store_thread.h"
#include "codecs/text/slice.h"

#define RETIRE_ROOMS 64 /* looked at in one call */

struct retire;

/* thread: borrowed. retention: of rooms that have none of their own. Returns new. */
struct retire *retire_new(struct store_thread *thread, const struct retention *retention);
/* The store thread has ended. */
void retire_free(struct retire *retire);

/* Of one room (borrows its name); NULL: as of others. Any thread. */
void retire_retain(struct retire *retire, struct slice room, const struct retention *retention);

/* All rooms are to be looked at: those alone to which something was added since the last time, or
 * which are bounded by age; all when limits have changed, or something could not be deleted. */
void retire_begin(struct retire *retire);

/* Looks at some rooms, unless one is just being deleted in, or all were looked at. False: see
 * database_fault(); it goes on with the next look. */
bool retire_go_on(struct retire *retire, struct database *database)
    __attribute__((warn_unused_result));

bool retire_is_going(const struct retire *retire);

/* What is being deleted in ends with the next step. Any thread. */
void retire_stop(struct retire *retire);

/* Messages deleted so far. Any thread. */
uint64_t retire_count(const struct retire *retire);

#endif
