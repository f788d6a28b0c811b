/* admin_thread.h - the thread that watches the server: it has the listeners of kind "admin", a loop
 * of its own, and answers there whatever the main thread and the workers do.
 *
 * For /metrics it asks every worker for a snapshot of its counters. A worker that does not answer
 * in time is said to be late, and counts with its last one, so that no counter goes back. */
#ifndef BRIDGE_ADMIN_ADMIN_THREAD_H
#define BRIDGE_ADMIN_ADMIN_THREAD_H

#include <stdbool.h>
#include <stdio.h>

#include "bridge/core/bridge.h"

struct admin_thread;

/* Binds the listeners of kind "admin", and sets bridge->admin when there are any. Returns new; NULL
 * after an error, which is written to errors. bridge is borrowed. All that follows: main thread. */
struct admin_thread *admin_thread_open(struct bridge *bridge, FILE *errors);

/* Makes the loop and starts the thread, if there is anything to listen to: after the loops of the
 * workers are made, before any of them runs. False: it cannot be started (said in the log). */
bool admin_thread_start(struct admin_thread *admin) __attribute__((warn_unused_result));

/* Ends it: connections are closed, sockets removed. The workers' mailboxes must still be there.
 * Nobody is asked for anything after that. */
void admin_thread_stop(struct admin_thread *admin);

/* After the workers have had their last turn. NULL is ignored. */
void admin_thread_free(struct admin_thread *admin);

#endif
