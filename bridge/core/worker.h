/* worker.h - one thread's share of the bridge: its sessions, the local members of every room,
 * the state of some rooms, and its counters. Knows no event loop: bridge/net/loop.c gives it turns
 * and the time, and so does the replay of the tests. */
#ifndef BRIDGE_CORE_WORKER_H
#define BRIDGE_CORE_WORKER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bridge/core/bridge.h"
#include "bridge/core/mailbox.h"
#include "bridge/core/metrics.h"
#include "codecs/model/identity.h"
#include "routes/deliver/hub.h"

struct route_table;
struct batch;
struct session;

#define WRITE_BYTES_MAX 65536 /* of one coalesced write */

struct worker {
	struct bridge *bridge;
	unsigned index;
	uint64_t now_ms;          /* wall clock of this turn, ms since 1970 UTC */
	uint64_t tick_ms;         /* a clock that never steps back, ms */
	uint64_t session_tick_ms; /* when sessions were last looked after */
	/* Reads both clocks; called before the first event after a wait. Set by loop.c. */
	void (*read_clock)(struct worker *);
	bool clock_stale;
	struct mailbox box;
	struct post_list outgoing[WORKERS_MAX]; /* to each worker, itself among them */
	struct session **slots;
	uint32_t *generations, *free_slots;
	uint32_t slot_count, free_count;
	uint32_t session_count;
	struct session *dirty, *dead;
	struct batch *batch; /* what its members are still to be given in this turn */
	struct hub *hubs;    /* by room index: the members on this worker */
	struct room **rooms; /* by room index; NULL: another worker's */
	struct id_clock clock;
	struct counters *counters;
	unsigned char *write_scratch;    /* WRITE_BYTES_MAX */
	char *read_scratch;              /* as long as the longest message */
	const struct route_table *rules; /* held; NULL: none */
	void *routings;                  /* bridge/routing/routing.c: those that wait, by serial */
	uint32_t routing_count;
	uint64_t routing_serial;
	bool draining, drained_told, stopped;
	bool more_waiting; /* backends have more to say than one turn takes */
	/* Hands an accepted socket to the event loop. Takes post->fd. Set by loop.c. */
	void (*adopt)(struct worker *, struct post *);
	/* Gives handshakes a new certificate. Takes post->certificate. Set by loop.c. */
	void (*certify)(struct worker *, struct post *);
	void *loop;
};

/* bridge is borrowed; its rooms, limits and worker_count must be set. Returns new. */
struct worker *worker_new(struct bridge *bridge, unsigned index);

/* Frees it with its sessions and rooms. Its thread must have ended. NULL is ignored. */
void worker_free(struct worker *worker);

/* Sends a post from this worker's thread to a worker (maybe itself). Takes the post. It goes out
 * with others, in this or the next turn: who is sent many is woken once, and answers them all
 * together. */
void worker_post(struct worker *from, unsigned to, struct post *post);

/* Sends what is on its way now: before something else tells other threads what it tells them. */
void worker_send_mail(struct worker *worker);

/* One turn's end: takes all mail, writes to every dirty session, frees the dead. Call it after
 * any batch of events and before waiting for more. */
void worker_turn(struct worker *worker);

/* Every 250 ms or so: what is due in rooms; once a second, what is due in sessions. */
void worker_tick(struct worker *worker);

/* The session a ref names, or NULL when it is gone (or is another worker's). */
struct session *worker_session(struct worker *worker, struct session_ref ref);

/* Used by session.c. */
struct session_ref worker_slot_take(struct worker *worker, struct session *session);
void worker_slot_free(struct worker *worker, struct session *session);
void worker_mark_dirty(struct worker *worker, struct session *session);
void worker_mark_dead(struct worker *worker, struct session *session);

#endif
