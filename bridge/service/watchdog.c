#include "bridge/service/watchdog.h"

#include <stdatomic.h>

#include "bridge/core/worker.h"

#define TIMES_WITHIN 4 /* so that a worker that was late once is not the server's end */

bool watchdog_feeds(struct watchdog *watchdog, const struct bridge *bridge)
{
	for (unsigned w = 0; w < bridge->worker_count; w++)
		if (atomic_load_explicit(&bridge->workers[w]->ticks, memory_order_relaxed) ==
		    watchdog->seen[w])
			return false;
	for (unsigned w = 0; w < bridge->worker_count; w++)
		watchdog->seen[w] =
		    atomic_load_explicit(&bridge->workers[w]->ticks, memory_order_relaxed);
	return true;
}

uint64_t watchdog_interval(uint64_t timeout_ms)
{
	uint64_t interval = timeout_ms / TIMES_WITHIN;

	return interval < WATCHDOG_MS_MIN ? WATCHDOG_MS_MIN : interval;
}
