/* account.h - what one worker recorded of a message, as JSON: a part of what `explain` tells. The
 * worker's thread. */
#ifndef BRIDGE_ADMIN_CONTROL_EXPLAINED_ACCOUNT_H
#define BRIDGE_ADMIN_CONTROL_EXPLAINED_ACCOUNT_H

#include "bridge/core/worker.h"
#include "bridge/trace/find.h"

struct json_t;

/* Times are in microseconds of the trace's clock, as "us"; explain.c makes them relative. Absent:
 * the worker has nothing of it. Returns new:
 *
 *	{ "worker", "whole_us", "life": {...}, "steps": [...], "orders": [...],
 *	  "destinations": [...], "missed": [...], "about": [...], "envelope": {...} } */
struct json_t *account_of(const struct worker *worker, const struct trace_key *key);

#endif
