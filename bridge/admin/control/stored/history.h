/* history.h - the verb history: what was said in a room, as it is stored; where nothing is, as the
 * room remembers it. */
#ifndef BRIDGE_ADMIN_CONTROL_STORED_HISTORY_H
#define BRIDGE_ADMIN_CONTROL_STORED_HISTORY_H

#include "bridge/admin/control/calls.h"
#include "bridge/core/past.h"

/* Main thread. */
void history_serve(struct call *call);

/* What the arguments of a request ask for: room (borrows), before, wanted, bare. count, before: as
 * they were given; NULL: not. Any thread, as what follows. */
struct past history_asked(const char *room, const char *before, const char *count);

/* Some of what was read, from the first-th on, as rows. Returns new: an array. */
struct json_t *history_rows(const struct past *past, size_t first, size_t count);

#endif
