/* metrics_backends.h - the part of metrics.h that has to do with rules, backends and taps. For
 * metrics.c only. */
#ifndef BRIDGE_CORE_METRICS_BACKENDS_H
#define BRIDGE_CORE_METRICS_BACKENDS_H

#include "bridge/core/bridge.h"
#include "bridge/core/counters.h"
#include "codecs/text/json_write.h"

/* "key":{"reason":count,...} without those that are 0. */
void metrics_write_reasons(struct json_writer *w, const char *key, const uint64_t counts[REASONS]);

/* Everything that has to do with rules, backends and taps. */
void metrics_write_backends(struct json_writer *w, const struct counters *counters,
			    const struct bridge *bridge);

#endif
