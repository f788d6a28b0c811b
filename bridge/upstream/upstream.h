/* upstream.h - servers that exist elsewhere, of which we are clients: what is configured, and the
 * links to each. All of an upstream happens on the thread that owns its room.
 *
 * relay: one link joins a remote room to a room of ours. What is ordered in the room is said there
 * (saying.h), what is heard there is ordered in the room (hearing.h).
 *
 * session: each client in the room has a link of its own, with its own name (front.h). What it says
 * goes to its link, and is ordered in the room when the server has agreed. All links hear the same:
 * one of them, the ear, is listened to. */
#ifndef BRIDGE_UPSTREAM_UPSTREAM_H
#define BRIDGE_UPSTREAM_UPSTREAM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "bridge/core/bridge.h"
#include "bridge/core/worker.h"
#include "bridge/routing/upstream_hooks.h"
#include "codecs/calls.h"
#include "conf/conf.h"

#define ECHOES_KEPT 256

struct heard_queue;
struct id_map;
struct lane;
struct link;
struct pattern;
struct pattern_search;
struct reacting;
struct saying;
struct strangers;

#define ID_MAP_MOST 100000 /* names of messages, of an upstream */

struct upstream {
	struct bridge *bridge;
	struct worker *worker; /* the room's owner */
	size_t index;
	const struct conf_upstream *conf;
	const struct codec *codec;
	size_t dialect;
	struct room_entry *room;
	bool front;              /* mode = "session" */
	bool paused;             /* by an operator */
	char *secret;            /* of secret_file; NULL: none */
	char **login_secrets;    /* of its logins, each owned, or NULL */
	struct pattern *ignored; /* texts that are not taken; NULL: none */
	struct pattern_search *search;
	uint64_t up_ms;   /* tick_ms: when a link was up last; 0: none was */
	uint64_t settled; /* relay: the newest event that is settled there; 0: none */
	bool resumed;     /* what was said in the room since, before the server ended, is said */
	struct id_map *ids;
	struct strangers *people;
	struct link *links; /* relay: one */
	size_t link_count;
	struct link *ear;          /* front: that is listened to; NULL: none is up */
	uint64_t heard_frames[64]; /* of those that the ear heard last: ear.h */
	unsigned heard_next;
	struct lane *lane;          /* what was heard, and rules are not done with */
	struct heard_queue *heard;  /* hearing.h */
	struct reacting *reactions; /* reacting.h */
	struct echoes {
		uint64_t keys[ECHOES_KEPT];
		unsigned next;
	} echoes; /* what was sent that is no message: heard again, it is no news; echo.h */
	struct saying *agreeing; /* front: whose draft is being ordered; NULL: none's */
	uint64_t serial;         /* of the last that needed one */
};

struct upstreams {
	struct upstream *all[UPSTREAMS_MAX];
	size_t count;
};

/* Of the configuration, into bridge->upstreams, which stays NULL where none is. False: a secret
 * cannot be read, a dialect not be called; told to errors. After rooms and backends, before there
 * are workers. */
bool upstreams_make(struct bridge *bridge, FILE *errors) __attribute__((warn_unused_result));

/* After all threads have ended. NULL is ignored. */
void upstreams_free(struct upstreams *upstreams);

/* The worker has its upstreams from now on: before it runs. */
void upstreams_open(struct worker *worker);

/* Reads of the store what is known of them: before workers run, when rooms are open. */
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

/* As who it is configured that we come. Borrows from the upstream. */
void upstream_account(const struct upstream *upstream, struct call_account *account);

/* The secret of that row of its logins; absent: none. Borrows. */
struct slice upstream_login_secret(const struct upstream *upstream, size_t index);

/* Is it a text that is not taken, nor said? */
bool upstream_ignores(const struct upstream *upstream, struct slice text);

/* The same, that all of the room up to that id is settled there. */
void upstream_keep_settled(struct upstream *upstream, uint64_t ours);

/* It is stored, if anything is, that a message there is that one here. */
void upstream_keep_id(struct upstream *upstream, struct slice theirs, uint64_t ours);

/* Its counts, of the worker's. */
struct upstream_ledger *upstream_ledger(const struct upstream *upstream);

/* The next number of its own; never 0, below 2^31. */
uint64_t upstream_serial(struct upstream *upstream);

/* The calling side of its dialect. */
static inline const struct codec_calls *upstream_calls(const struct upstream *upstream)
{
	return upstream->codec->calls;
}

#endif
