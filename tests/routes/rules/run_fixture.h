/* run_fixture.h - what the tests of routes/rules/run.c share. */
#ifndef TESTS_ROUTES_RULES_RUN_FIXTURE_H
#define TESTS_ROUTES_RULES_RUN_FIXTURE_H

#include <stdlib.h>

#include "routes/rules/run.h"
#include "tests/routes/rules/route_fixture.h"

#define STEPS_MAX 8

static const struct slice none = { NULL, 0 };

/* What a backend answers to an ask: a, it may; r, refused; c, the server ends; else nothing. */
static inline bool answer(struct run *run, char verdict)
{
	switch (verdict) {
	case 'a': return run_answered(run, REASON_NONE, none);
	case 'r': return run_answered(run, REASON_REFUSED, SLICE("no"));
	case 'c': return run_answered(run, REASON_CLOSING, none);
	default: return run_answered(run, REASON_NO_ANSWER, none);
	}
}

/* NULL: the rules are not right. */
static inline struct route_table *table_of(const struct route_rule *rules, size_t count)
{
	static struct faults faults;

	return compile(&faults, rules, count, world_rooms, WORLD_ROOMS);
}

#endif
