/* audit.h - does what a worker has counted agree with itself, and with what is in its queues?
 *
 * What is lost on the way or counted twice shows at once, not only when all is at rest. A server
 * looks each five seconds, and says what is wrong in its log, its counters and to `dragoman
 * status`; builds with a sanitizer look every tick and abort, the replay of the tests looks after
 * every turn. */
#ifndef BRIDGE_AUDIT_H
#define BRIDGE_AUDIT_H

#include "bridge/core/worker.h"

/* Its thread, between two turns. Looks at every session and every room. Returns NULL when all is
 * well, else what is not, constant. */
const char *audit_worker(const struct worker *worker);

#endif
