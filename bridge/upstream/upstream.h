/* upstream.h - servers that exist elsewhere, of which we are clients: what is configured, and the
 * links to each. All of an upstream happens on the thread that owns its room.
 *
 * relay: one link joins a remote room to a room of ours. What is ordered in the room is said there
 * (saying.h), what is heard there is ordered in the room (listening.h).
 *
 * session: each client in the room has a link of its own, with its own name (front.h). What it says
 * goes to its link, and is ordered in the room when the server has agreed. All links hear the same:
 * one of them, the ear, is listened to. */
#ifndef BRIDGE_UPSTREAM_UPSTREAM_H
#define BRIDGE_UPSTREAM_UPSTREAM_H

#include <stdbool.h>
#include <stdio.h>

#include "bridge/upstream/state.h"

/* Of the configuration, into bridge->upstreams, which stays NULL where none is. False: a secret
 * cannot be read, a dialect not be called; told to errors. After rooms and backends, before there
 * are workers. */
bool upstreams_make(struct bridge *bridge, FILE *errors) __attribute__((warn_unused_result));

/* After all threads have ended, and with them all links. NULL is ignored. */
void upstreams_free(struct upstreams *upstreams);

/* The worker has its upstreams from now on: before it runs. */
void upstreams_open(struct worker *worker);

/* Reads of the store what is known of them: before workers run, when rooms and the store are open.
 */
void upstreams_load(struct bridge *bridge);

/* Ends all links of the worker: on its thread, when it stops. */
void upstreams_stop(struct worker *worker);

/* Four times a second: begins, retries, gives up. */
void upstreams_tick(struct worker *worker);

/* POST_RELAY; POST_SAY; POST_FRONT_LOGIN; answers to ASKER_UPSTREAM. For bridge/turn.c. */
void upstreams_relay(struct worker *worker, struct post *post);
void upstreams_say(struct worker *worker, struct post *post);
void upstreams_login(struct worker *worker, struct post *post);
void upstreams_answered(struct worker *worker, const struct asker *asker, struct answer *answer);

#endif
