/* serve.h - which function carries out which verb. Main thread. */
#ifndef BRIDGE_ADMIN_CONTROL_SERVE_H
#define BRIDGE_ADMIN_CONTROL_SERVE_H

#include "bridge/admin/control/calls.h"

/* Carries out a new call, or begins to. */
void serve(struct call *call);

#endif
