/* prometheus.h - all that was counted, for Prometheus: its families are the rows of
 * bridge/core/counters.h, and what only the admin thread sees.
 *
 * Each label has few values, none of which clients choose: dialects, reasons, outcomes, and what
 * the configuration names: backends, taps, listeners, workers, and rooms with metrics = true. */
#ifndef BRIDGE_ADMIN_PROMETHEUS_H
#define BRIDGE_ADMIN_PROMETHEUS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bridge/admin/exposition.h"
#include "bridge/admin/snapshot.h"
#include "bridge/core/mailbox.h"

struct bridge;

/* A worker as it is seen from outside. */
struct worker_reading {
	uint64_t age_ms;                 /* since its last turn began */
	size_t queue;                    /* posts in its mailbox */
	bool late;                       /* it did not answer this scrape: its counters are older */
	const struct snapshot *snapshot; /* its last; NULL: it never answered */
};

struct prometheus_reading {
	const struct bridge *bridge;
	uint64_t main_age_ms, uptime_ms;
	unsigned worker_count;
	const struct worker_reading *workers; /* by index */
};

/* Writes it all. Borrows reading. The admin thread. */
void prometheus_write(struct exposition *exposition, const struct prometheus_reading *reading);

#endif
