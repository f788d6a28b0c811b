/* metrics.h - what was counted, as one JSON line. */
#ifndef BRIDGE_CORE_METRICS_H
#define BRIDGE_CORE_METRICS_H

#include <stdio.h>

#include "bridge/core/bridge.h"
#include "bridge/core/counters.h"

/* Writes {"counters":{...}} and a newline, and flushes. Bridge gives the rooms' names. Main
 * thread. */
void counters_print(const struct counters *counters, const struct bridge *bridge, FILE *stream);

#endif
