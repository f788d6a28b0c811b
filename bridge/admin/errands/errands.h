/* errands.h - what clients ask for by HTTP and is for the main thread to do: rooms are made and
 * removed at run time, and accounts are made. It is done as an operator's `room add` and `accounts
 * add` would do it, but that without a store it lasts as long as the server; who may is judged
 * before.
 *
 *     a call ... POST_ERRAND ... is the name free? ... stored ... all workers know ... ANSWER_MADE
 *
 * Main thread. */
#ifndef BRIDGE_ADMIN_ERRANDS_ERRANDS_H
#define BRIDGE_ADMIN_ERRANDS_ERRANDS_H

#include <stdbool.h>

#include "bridge/admin/control/calls.h"
#include "bridge/core/post.h"

struct errands;

#define ERRANDS_MOST 1024 /* under way; more are refused as REASON_BUSY */

/* Borrows both; of hooks it needs add_room, remove_room, change_room and
 * changes_rooms. Returns new. */
struct errands *errands_new(struct bridge *bridge, const struct control_server *hooks);

/* NULL is ignored. */
void errands_free(struct errands *errands);

/* POST_ERRAND. Borrows. */
void errands_take(struct errands *errands, const struct post_errand *post);

/* Something else happened that one may wait for: workers have taken news. */
void errands_look(struct errands *errands);

#endif
