/* places.h - the verbs rooms and backends. Main thread. */
#ifndef BRIDGE_ADMIN_CONTROL_PLACES_H
#define BRIDGE_ADMIN_CONTROL_PLACES_H

#include "bridge/admin/control/calls.h"

void rooms_serve(struct call *call);
void backends_serve(struct call *call);

#endif
