/* status.h - the verb status: what the whole server is and does. */
#ifndef BRIDGE_ADMIN_CONTROL_STATUS_H
#define BRIDGE_ADMIN_CONTROL_STATUS_H

#include "bridge/admin/control/calls.h"

/* Main thread. */
void status_serve(struct call *call);

#endif
