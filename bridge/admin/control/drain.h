/* drain.h - the verb drain: all clients are sent elsewhere, one after the other; then the server
 * ends, or stays without any. From the beginning to drain --off the phase is BRIDGE_DRAINING: then
 * handshakes are answered with 503 (bridge/client/life.c), and so is /ready. */
#ifndef BRIDGE_ADMIN_CONTROL_DRAIN_H
#define BRIDGE_ADMIN_CONTROL_DRAIN_H

#include "bridge/admin/control/calls.h"

struct worker;

/* Main thread. */
void drain_serve(struct call *call);

/* Closes the connections whose turn it is. A worker's thread, with every tick. */
void drain_tick(struct worker *worker);

#endif
