/* explain.h - the command `explain`: what became of a message. Main thread. */
#ifndef BRIDGE_ADMIN_CONTROL_EXPLAINED_EXPLAIN_H
#define BRIDGE_ADMIN_CONTROL_EXPLAINED_EXPLAIN_H

#include "bridge/admin/control/calls.h"

/* As struct admin_verb's function (serve.h). Asks all workers which messages are meant, then what
 * they know of these; each row is what merge.h makes of that. */
void explain_serve(struct call *call);

#endif
