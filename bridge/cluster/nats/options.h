/* options.h - how we connect, of what is configured. Included by link.c only. */
#ifndef BRIDGE_CLUSTER_NATS_OPTIONS_H
#define BRIDGE_CLUSTER_NATS_OPTIONS_H

#include <stdio.h>

#include "bridge/cluster/engine_nats.h"

struct __natsOptions;

/* NULL after an error, written to errors: a file that cannot be used, above all. Returns new. */
struct __natsOptions *nats_options_make(const struct engine_nats_options *options, FILE *errors);

#endif
