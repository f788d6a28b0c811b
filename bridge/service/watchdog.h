/* watchdog.h - do all workers still turn? A thread that hangs does not show by itself: the others
 * go on, and so does the main thread. */
#ifndef BRIDGE_SERVICE_WATCHDOG_H
#define BRIDGE_SERVICE_WATCHDOG_H

#include <stdbool.h>
#include <stdint.h>

#include "bridge/core/bridge.h"

/* Zeroed is ready for use. Main thread. */
struct watchdog {
	uint32_t seen[WORKERS_MAX]; /* ticks of each worker when it was last fed */
};

/* True when every worker has ticked since it last was true: then the manager's watchdog is to be
 * fed. Workers tick four times a second, whatever they have to do. Called several times within the
 * watchdog's time. */
bool watchdog_feeds(struct watchdog *watchdog, const struct bridge *bridge);

/* How often to call it, in ms, for a watchdog of that time in ms; at least WATCHDOG_MS_MIN. */
#define WATCHDOG_MS_MIN 500
uint64_t watchdog_interval(uint64_t timeout_ms);

#endif
