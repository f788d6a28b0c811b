#include "routes/rules/route_compiled.h"
#include "routes/rules/route_set.h"

#define PRESENCE (UINT32_C(1) << KIND_ENTER | UINT32_C(1) << KIND_EXIT)

/* What each action would do to an event; NULL: nothing that changes its way. */
static const char *const done_to[] = {
	[ROUTE_ASK] = "asked about", [ROUTE_REWRITE] = "rewritten",
	[ROUTE_TAP] = NULL,          [ROUTE_ROOM] = "passed on to another room",
	[ROUTE_BACKEND] = NULL,      [ROUTE_UPSTREAM] = NULL,
	[ROUTE_REFUSE] = "refused",  [ROUTE_DROP] = "dropped",
};

static bool is_last(enum route_action action)
{
	return action == ROUTE_REFUSE || action == ROUTE_DROP;
}

static void check_ends(struct route_build *build, size_t index)
{
	const struct route_compiled *rule = &build->table->rules[index];
	bool delivered = false;

	for (size_t i = 0; i < rule->step_count; i++) {
		enum route_action action = rule->steps[i].action;
		const char *name = action == ROUTE_REFUSE ? "refuse" : "drop";

		delivered = delivered || action == ROUTE_ROOM || action == ROUTE_BACKEND ||
			    action == ROUTE_UPSTREAM;
		if (is_last(action) && delivered)
			route_fault(build, index, i, "%s follows a step that delivers the event",
				    name);
		else if (is_last(action) && i + 1 < rule->step_count)
			route_fault(build, index, i, "%s is not the last step", name);
	}
}

static bool presence_only(const struct route_compiled *rule)
{
	uint32_t kinds = 0;

	for (size_t origin = 0; origin < ROUTE_ORIGINS; origin++)
		kinds |= route_kinds_meant(rule, origin);
	return kinds && !(kinds & ~PRESENCE);
}

/* Does a step of the rule take events out of their room? */
static bool passes_on(const struct route_table *table, size_t rule, const struct route_step *step)
{
	if (step->target == ROUTE_OWN_ROOM)
		return false;
	for (size_t room = 0; room < table->room_count; room++)
		if (room != step->target &&
		    route_set_has(route_class_row(table, table->room_class[room]), rule))
			return true;
	return false;
}

static void check_presence(struct route_build *build, size_t index)
{
	const struct route_compiled *rule = &build->table->rules[index];

	if (rule->unsound || !presence_only(rule))
		return;
	for (size_t i = 0; i < rule->step_count; i++) {
		const struct route_step *step = &rule->steps[i];

		if (!done_to[step->action] ||
		    (step->action == ROUTE_ROOM && !passes_on(build->table, index, step)))
			continue;
		route_fault(build, index, i,
			    "enter and exit cannot be %s, and the rule matches nothing else",
			    done_to[step->action]);
	}
}

void route_check_steps(struct route_build *build)
{
	for (size_t i = 0; i < build->table->count; i++) {
		check_ends(build, i);
		check_presence(build, i);
	}
}
