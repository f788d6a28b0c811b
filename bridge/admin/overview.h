/* overview.h - writes the board (bridge/core/board/board.h): what `dragoman status`, `rooms`,
 * `backends`, `upstreams` and `who` say with --json, in one object:
 *
 *     {"status":{...},"rooms":[...],"backends":[...],"upstreams":[...],"people":[...]}
 *
 * At most OVERVIEW_ROWS of each list. "people" is left out while more connections are open than
 * that. Something that could not be told in time is left out, too. And it has what answers
 * questions about single messages (explainer.h). Main thread. */
#ifndef BRIDGE_ADMIN_OVERVIEW_H
#define BRIDGE_ADMIN_OVERVIEW_H

#include "bridge/admin/control/calls.h"

#define OVERVIEW_ROWS 200

struct overview;

/* Borrows both for its life. Returns new. */
struct overview *overview_new(struct bridge *bridge, const struct control_server *server);

/* NULL is ignored. */
void overview_free(struct overview *overview);

/* Begins to write the board, if it is wanted, and gives up what takes too long. Each second. */
void overview_tick(struct overview *overview);

/* POST_INQUIRED. Borrows. */
void overview_hear(struct overview *overview, struct post_inquiry *post);

/* POST_LOOKUP, or any other mail: what pages ask about single messages is answered. */
void overview_look(struct overview *overview);

#endif
