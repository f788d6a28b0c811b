/* steps.h - what happened to a message on its way, as JSON. The worker's thread. */
#ifndef BRIDGE_ADMIN_CONTROL_EXPLAINED_STEPS_H
#define BRIDGE_ADMIN_CONTROL_EXPLAINED_STEPS_H

#include "bridge/core/worker.h"
#include "bridge/trace/find.h"

struct json_t;

/* One note. life: of the message; NULL: it came in elsewhere, or is not kept any more. Returns
 * new. */
struct json_t *step_of(const struct worker *worker, const struct trace_note *note,
		       const struct trace_life *life);

#endif
