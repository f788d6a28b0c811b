#include "routes/rules/route_rule.h"

bool route_step_reaches(const struct route_step *step, size_t backend)
{
	bool sends = step->action == ROUTE_ASK || step->action == ROUTE_BACKEND ||
		     (step->action == ROUTE_TAP && step->to_backend);

	return sends && step->target == backend;
}

size_t route_steps_answering(const struct route_step *steps, size_t count, size_t speaker)
{
	size_t backend = SIZE_MAX;

	for (size_t i = 0; i < count; i++) {
		if (steps[i].action == ROUTE_ROOM)
			return i;
		if (steps[i].action == ROUTE_BACKEND && backend == SIZE_MAX &&
		    !route_step_reaches(&steps[i], speaker))
			backend = i;
	}
	return backend;
}
