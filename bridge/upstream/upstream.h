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
#include "bridge/core/upstream_hooks.h"
#include "bridge/core/worker.h"
#include "codecs/calls.h"
#include "conf/conf.h"

#define ECHOES_KEPT 256

struct heard_queue;
struct id_map;
struct lane;
struct link;
struct pattern;
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
	bool front;   /* mode = "session" */
	bool paused;  /* by an operator */
	char *secret; /* of secret_file; NULL: none */
	size_t secret_len;
	struct pattern *ignored; /* texts that are not taken; NULL: none */
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

/* Of the configuration: whose secrets cannot be read, or dialect not called, is told to errors, and
 * NULL returned. After rooms and backends, before any thread runs. Returns new; NULL, too, when
 * none is configured: *wrong tells. */
struct upstreams *upstreams_new(struct bridge *bridge, FILE *errors, bool *wrong);

/* After all threads have ended. NULL is ignored. */
void upstreams_free(struct upstreams *upstreams);

/* The worker's upstreams begin: once, on its thread (or before it runs). */
void upstreams_start(struct worker *worker);

/* Ends all links of the worker, politely where that takes no time: when it stops. */
void upstreams_stop(struct worker *worker);

/* Four times a second. */
void upstreams_tick(struct worker *worker);

/* POST_RELAY; POST_FRONT_LOGIN; answers to ASKER_UPSTREAM. */
void upstreams_relay(struct worker *worker, struct post *post);
void upstreams_login(struct worker *worker, struct post *post);
void upstreams_answered(struct worker *worker, const struct asker *asker, struct answer *answer);

/* An event of a rule's step, for the relay of that index: as worker->upstream_said. */
void upstreams_said(struct worker *worker, size_t upstream, struct room_entry *room,
		    const struct envelope *event, const struct asker *asker);

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
