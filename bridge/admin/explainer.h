/* explainer.h - answers what pages ask about messages (bridge/core/board/lookups.h), as `dragoman
 * explain --json` does: the message as an object, or
 *
 *     {"error":"unknown_message","text":"there is no such message ..."}
 *
 * One after the other. Main thread, for overview.c. */
#ifndef BRIDGE_ADMIN_EXPLAINER_H
#define BRIDGE_ADMIN_EXPLAINER_H

#include "bridge/admin/control/calls.h"

struct explainer;

/* Borrows both for its life. Returns new. */
struct explainer *explainer_new(struct bridge *bridge, const struct control_server *server);

/* NULL is ignored. */
void explainer_free(struct explainer *explainer);

/* Begins what was asked for, and gives up what takes too long. Whenever the main thread has mail,
 * and each second. */
void explainer_look(struct explainer *explainer);

/* POST_INQUIRED. Borrows. */
void explainer_hear(struct explainer *explainer, struct post_inquiry *post);

#endif
