/* people.h - the verb who: connections, worker by worker, in parts. Main thread. */
#ifndef BRIDGE_ADMIN_CONTROL_PEOPLE_H
#define BRIDGE_ADMIN_CONTROL_PEOPLE_H

#include "bridge/admin/control/calls.h"

void who_serve(struct call *call);

#endif
