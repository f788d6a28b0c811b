/* listings.h - the verbs rooms and backends. Main thread. */
#ifndef BRIDGE_ADMIN_CONTROL_LISTINGS_H
#define BRIDGE_ADMIN_CONTROL_LISTINGS_H

#include "bridge/admin/control/calls.h"

void rooms_serve(struct call *call);
void backends_serve(struct call *call);

#endif
