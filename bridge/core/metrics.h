/* metrics.h - all that was counted, as one JSON line. */
#ifndef BRIDGE_CORE_METRICS_H
#define BRIDGE_CORE_METRICS_H

#include <stdio.h>

#include "bridge/core/counters.h"

struct bridge;

/* Writes {"counters":{...}} and a newline, and flushes. counters: the sum of all workers'. bridge
 * gives the names of rooms, backends and taps, and what the main thread counts. Main thread. */
void counters_print(const struct counters *counters, const struct bridge *bridge, FILE *stream);

#endif
