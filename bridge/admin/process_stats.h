/* process_stats.h - what the system knows of this process, under the names that all exporters of
 * Prometheus use: process_cpu_seconds_total and the like. */
#ifndef BRIDGE_ADMIN_PROCESS_STATS_H
#define BRIDGE_ADMIN_PROCESS_STATS_H

#include <stdint.h>

#include "bridge/admin/exposition.h"

/* Writes them; what cannot be read is left out. started_ms: since 1970. now_ms: a steady clock's,
 * by which what is costly is read every ten seconds only. The admin thread. */
void process_stats_write(struct exposition *exposition, uint64_t started_ms, uint64_t now_ms);

#endif
