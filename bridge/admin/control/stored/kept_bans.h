/* kept_bans.h - bans of the server as the store has them: they end by the wall clock there, and by
 * a clock that never steps back here. Pure. */
#ifndef BRIDGE_ADMIN_CONTROL_STORED_KEPT_BANS_H
#define BRIDGE_ADMIN_CONTROL_STORED_KEPT_BANS_H

#include "bridge/core/people/bans.h"
#include "bridge/durable/lasting.h"
#include "routes/room/room.h"

/* What tells a ban apart: the same for two that replace each other (see bans_add()). */
void ban_key(const struct ban *ban, char key[LASTING_KEY_MAX]);

/* To be stored. */
void ban_keep(const struct ban *ban, struct room_time now, struct lasting_ban *kept);

/* As it was stored. What is left of it is no more than it was made for, whatever the clock says
 * now. False: it is over, or makes no sense. */
bool ban_restore(const struct lasting_ban *kept, struct room_time now, struct ban *ban)
    __attribute__((warn_unused_result));

#endif
