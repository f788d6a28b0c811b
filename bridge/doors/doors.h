/* doors.h - dialects' doors: what their clients ask by HTTP, at the root of each listener that has
 * a mount of the dialect (directive http). The first such mount says which room is meant when none
 * is named, whether guests may come, and who judges logins. One worker's thread.
 *
 * codecs/http.h is what a dialect says of its door; all else is here:
 *
 *     arrive.c  which door, path and row; the URLs by which the client reached us
 *     caller.c  who is this Authorization header? May be found out later
 *     visit.c   one call: what is kept of it, its place
 *     steps.c   ... from its arrival through the handler's steps to its answer
 *     wants.c   what a handler wants: who finds it out, and what came of it
 *     reply.c   an answer on its way out; other origins' pages (CORS)
 *     makes.c   what lasts: accounts and rooms are made
 *     surveys.c what is read of several rooms
 *     pace.c    how many calls and messages in a while
 *
 * A call is an asker (ASKER_CALL) and ends with its answer, after http_answer_seconds (504), or
 * with its connection. What comes back then finds nobody, and is counted (calls_late). */
#ifndef BRIDGE_DOORS_DOORS_H
#define BRIDGE_DOORS_DOORS_H

#include <stdbool.h>

#include "bridge/core/asker.h"
#include "bridge/core/door.h"

struct doors;

/* For worker->door_use. */
extern const struct door_user doors_user;

/* For worker->doors. Returns new. Free: when no connection is left. NULL is ignored. */
struct doors *doors_new(void);
void doors_free(struct doors *doors);

/* What came back to an ASKER_CALL. Borrows; takes out what it keeps. */
void doors_answered(struct worker *worker, const struct asker *asker, struct answer *answer);

/* Every now and then: goes on with calls whose pause is over. */
void doors_tick(struct worker *worker);

/* Is a call under way, or a draft of one? A worker that drains waits for it. */
bool doors_busy(const struct worker *worker);

#endif
