#include "routes/rules/route_rule.h"

bool route_step_reaches(const struct route_step *step, size_t backend, size_t upstream)
{
	bool sends = step->action == ROUTE_ASK || step->action == ROUTE_BACKEND ||
		     (step->action == ROUTE_TAP && step->to_backend);

	return (sends && step->target == backend) ||
	       (step->action == ROUTE_UPSTREAM && step->target == upstream);
}

size_t route_steps_answering(const struct route_step *steps, size_t count, size_t backend,
			     size_t upstream)
{
	size_t other = SIZE_MAX;

	for (size_t i = 0; i < count; i++) {
		bool other_end =
		    steps[i].action == ROUTE_BACKEND || steps[i].action == ROUTE_UPSTREAM;

		if (steps[i].action == ROUTE_ROOM)
			return i;
		if (other_end && other == SIZE_MAX &&
		    !route_step_reaches(&steps[i], backend, upstream))
			other = i;
	}
	return other;
}
