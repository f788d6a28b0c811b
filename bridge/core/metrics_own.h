/* metrics_own.h - what the metrics*.c files share; nobody else includes it. */
#ifndef BRIDGE_CORE_METRICS_OWN_H
#define BRIDGE_CORE_METRICS_OWN_H

#include "bridge/core/metrics.h"
#include "codecs/text/json_write.h"

/* "key":{"reason":count,...} without those that are 0. */
void metrics_write_reasons(struct json_writer *w, const char *key, const uint64_t counts[REASONS]);

/* Everything that has to do with rules, backends and taps. */
void metrics_write_backends(struct json_writer *w, const struct counters *counters,
			    const struct bridge *bridge);
void counters_add_backends(struct counters *sum, const struct counters *one);

#endif
