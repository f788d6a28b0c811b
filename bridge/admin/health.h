/* health.h - is every thread alive, and does the server take clients? As JSON for probes. Looks at
 * what other threads publish, and never waits for one. */
#ifndef BRIDGE_ADMIN_HEALTH_H
#define BRIDGE_ADMIN_HEALTH_H

#include <stdbool.h>
#include <stdint.h>

#include "bridge/core/bridge.h"

#define HEALTH_LATE_MS UINT64_C(2000) /* a thread that works turns four times a second */

/* Milliseconds since a thread's last turn began; since_ms: as tick_ms, of the turn. */
uint64_t health_age_ms(uint64_t now_ms, uint64_t since_ms);

/* GET /health: 200 in *status when the main thread and every worker turned within HEALTH_LATE_MS,
 * else 503:
 *
 *     {"status":"late","late":["worker-1"],"message":"worker-1 has not responded for 3.2 s",
 *      "threads":[{"thread":"main","age_ms":12},{"thread":"worker-0","age_ms":180}, ...]}
 *
 * details: whoever asks may know more than the status. Returns new text, for free(). Any thread. */
char *health_write(const struct bridge *bridge, uint64_t now_ms, bool details, unsigned *status);

/* GET /ready: 200 in *status while the server takes clients, else 503. Returns new text, for
 * free():
 *
 *     {"status":"draining","message":"the server is shutting down: clients are sent away"} */
char *ready_write(const struct bridge *bridge, bool details, unsigned *status);

#endif
