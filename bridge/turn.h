/* turn.h - what one worker's thread does in a turn: takes its mail and hands it to whoever handles
 * that kind, gives everybody what is theirs, and carries out what was only marked meanwhile. An
 * event loop (bridge/net/loop.h) gives it turns and the time, and so does the replay of the
 * tests. */
#ifndef BRIDGE_TURN_H
#define BRIDGE_TURN_H

#include "bridge/core/worker.h"

/* A worker with all that modules keep for its thread. bridge is borrowed; all but its workers must
 * be set. Main thread, before any worker runs. Returns new. */
struct worker *turn_worker_new(struct bridge *bridge, unsigned index);

/* Frees it with its sessions and rooms. Its thread must have ended. NULL is ignored. */
void turn_worker_free(struct worker *worker);

/* One turn: takes all mail, writes to every session that has something to be sent, closes those
 * that are marked, frees the dead. Call it after any batch of events and before waiting for more.
 */
void turn_run(struct worker *worker);

/* Every 250 ms or so: what is due in rooms and for backends; once a second, what is due in
 * sessions. */
void turn_tick(struct worker *worker);

#endif
