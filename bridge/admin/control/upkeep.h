/* upkeep.h - the verbs about the server itself: reload, log. Main thread. */
#ifndef BRIDGE_ADMIN_CONTROL_UPKEEP_H
#define BRIDGE_ADMIN_CONTROL_UPKEEP_H

#include "bridge/admin/control/calls.h"

void reload_serve(struct call *call);
void log_serve(struct call *call);

#endif
