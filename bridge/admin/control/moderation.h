/* moderation.h - the verbs kick, ban, unban. Main thread. */
#ifndef BRIDGE_ADMIN_CONTROL_MODERATION_H
#define BRIDGE_ADMIN_CONTROL_MODERATION_H

#include "bridge/admin/control/calls.h"
#include "bridge/admin/control/deeds.h"

void kick_serve(struct call *call);
void ban_serve(struct call *call);
void unban_serve(struct call *call);

/* Whom the argument means: "bob", "#7". False: nobody who is connected or has an account; then
 * what the argument itself says is filled in. For roles, too. */
bool moderation_find(const struct call *call, const char *text, struct deed_person *person);

#endif
