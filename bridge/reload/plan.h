/* plan.h - what a reload is going to do: all that can be wrong with it is found before anything is
 * done. Main thread. */
#ifndef BRIDGE_RELOAD_PLAN_H
#define BRIDGE_RELOAD_PLAN_H

#include <stdbool.h>
#include <stdio.h>

#include "bridge/core/bridge.h"
#include "bridge/core/people/people.h"
#include "conf/conf.h"
#include "routes/rules/route_table.h"

/* A room as it is to be. */
struct planned {
	struct room_entry *room;
	const struct conf_room *conf;
	struct room_names *names; /* new ones; NULL: they stay */
	bool added, changed;
};

struct plan {
	struct bridge *bridge;
	struct conf *conf;
	struct room_table *table;
	const struct route_table *rules;
	struct planned *rooms; /* as in conf */
	size_t room_count;
	struct account *accounts; /* as in conf, then those made at run time; NULL: not read */
	size_t account_count;     /* of both */
	FILE *errors;
};

/* Reads a file and plans to make it hold, for plan->bridge. Errors go to plan->errors, as
 * "FILE:LINE: error: ..."; then false, and nothing is different but what plan_end() undoes. True:
 * the caller takes conf, table, rules and new rooms with their names out of it. */
bool plan_make(struct plan *plan, const char *file) __attribute__((warn_unused_result));

/* Frees what was not taken: without rules, everything. */
void plan_end(struct plan *plan);

#endif
