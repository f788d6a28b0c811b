/* worker.h - the ground of one thread: its mail, its table of connections, its clock and its
 * counters, and a place for what each module keeps for this thread. Knows nobody above it:
 * bridge/turn.h says what a turn is, and hands out the mail. */
#ifndef BRIDGE_CORE_WORKER_H
#define BRIDGE_CORE_WORKER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bridge/core/bridge.h"
#include "bridge/core/counters.h"
#include "bridge/core/mailbox.h"
#include "codecs/model/identity.h"
#include "routes/deliver/hub.h"

struct admin_http;
struct route_table;
struct batch;
struct capture;
struct release;
struct routing;
struct aside;
struct compressor;
struct door_user;
struct doors;
struct session;
struct sight;
struct socket_calls;
struct transport_user;
struct socket_polls;
struct trace;
struct uv_loop_s;
struct ws_inflate;

#define WRITE_BYTES_MAX 65536 /* of one coalesced write */

/* Connections end one after the other: bridge/admin/control/drain.h. */
struct drain_plan {
	uint64_t since_ms, span_ms; /* on tick_ms; span_ms 0: there is none */
	uint64_t count, closed;     /* connections: at first, and closed by now */
};

struct worker {
	struct bridge *bridge;
	unsigned index;
	uint64_t now_ms;            /* wall clock of this turn, ms since 1970 UTC */
	uint64_t tick_ms;           /* a clock that never steps back, ms */
	_Atomic uint64_t turned_ms; /* tick_ms of the last turn's beginning; 0: none yet */
	/* Reads both clocks; called before the first event after a wait. NULL: somebody else sets
	 * them. */
	void (*read_clock)(struct worker *);
	bool clock_stale;
	struct mailbox box;
	struct post_list outgoing[WORKERS_MAX]; /* to each worker, itself among them */
	struct post_list to_main;               /* to the main thread */
	struct session **slots;                 /* the connections; NULL: a free slot */
	uint32_t *generations, *free_slots;
	uint32_t slot_count, free_count;
	uint32_t session_count;
	const struct room_table *rooms; /* held: the rooms this worker knows */
	struct room_share *shares;      /* its shares of rooms, those removed among them */
	struct id_clock clock;
	_Atomic uint32_t ticks;        /* of its loop, four a second: bridge/service/watchdog.h */
	_Atomic uint64_t newest_id_ms; /* of clock, as of the last turn's end: bridge/core/ids.h */
	struct counters *counters;     /* all but the ledgers of rooms, which are in the shares */
	unsigned char *write_scratch;  /* WRITE_BYTES_MAX */
	char *read_scratch; /* as long as the longest message, and as http_header_bytes */
	bool draining, drained_told, stopped;
	bool more_waiting; /* backends have more to say than one turn takes */
	bool fired;        /* the loop saw that something came for one of them */
	/* What modules keep here; each is made and freed by its own. */
	struct drain_plan drain;
	struct session *dirty, *leaving, *dead; /* bridge/client/session.h: lists */
	int64_t outbox_bytes;            /* counted since it was settled: client/relief/budget.h */
	uint32_t relief_round;           /* the last it had done */
	uint64_t session_tick_ms;        /* when sessions were last looked after */
	uint64_t audited_ms;             /* on tick_ms: when its books were looked at last, */
	const char *books_wrong;         /* what was wrong then, constant; NULL: nothing */
	struct trace *trace;             /* bridge/trace/trace.h; NULL: nothing is recorded */
	struct batch *batch;             /* bridge/client/batch.h */
	struct sight *sight;             /* bridge/client/sight.h; NULL: nobody sees people */
	const struct route_table *rules; /* bridge/routing: held; NULL: none */
	struct release *release;         /* bridge/durable/release.h; NULL: nothing is stored */
	struct routing *routings;        /* bridge/routing: those that wait, by serial */
	uint32_t routing_count;
	uint64_t routing_serial;
	struct stream *unsettled;   /* bridge/net/stream.c: stopped or resumed in this turn */
	struct capture *capture;    /* bridge/core/capture: owned; NULL: nobody captures */
	struct aside *asides;       /* bridge/net/connection.c: connections with more than usual */
	struct http_common *http;   /* bridge/net/connection.c: of all of them */
	struct ws_inflate *inflate; /* bridge/net/messages.c; NULL: nothing came compressed */
	struct admin_http *admin;   /* bridge/admin: of its thread only */
	struct compressor *compressor; /* codecs/model/frame.h; NULL: what is sent is plain */
	struct socket_polls *sockets;  /* bridge/net/socket_poll.h: of plain connections */
	struct socket_polls *called;   /* the same, of those we made; NULL: none was */
	struct socket_calls *calls;    /* bridge/dial/socket_call.h; NULL: none was made */
	const struct upstream_hooks
	    *upstreams;       /* bridge/routing/upstream_hooks.h; NULL: there are none */
	struct uv_loop_s *uv; /* the loop's */
	void *loop;           /* bridge/net/loop.h, which sets what follows; NULL: none */
	struct doors *doors;  /* bridge/doors/doors.h: calls under way; NULL: none is served */
	const struct transport_user *use; /* of each connection */
	const struct door_user *door_use; /* bridge/core/door.h; NULL: nobody */
	/* Something is to be said at an upstream (of mode relay): who asks is told and the event
	 * counted, as at a backend, when its outbox took it or not. event: borrowed; it may be
	 * held. NULL: there is none. */
	void (*upstream_said)(struct worker *, size_t upstream, struct room_entry *room,
			      const struct envelope *event, const struct asker *asker);
	void (*adopt)(struct worker *, struct post *);   /* takes post->fd */
	void (*certify)(struct worker *, struct post *); /* takes post->certificate */
};

/* The ground alone, for bridge/turn.c. bridge is borrowed; its table of rooms, limits and
 * worker_count must be set. Returns new. */
struct worker *worker_new(struct bridge *bridge, unsigned index);

/* Frees it, and mail that was not taken. What modules keep there must be gone. NULL is ignored. */
void worker_free(struct worker *worker);

/* Sends a post from this worker's thread to a worker (maybe itself). Takes the post. It goes out
 * with others, in this or the next turn: who is sent many is woken once, and answers them all
 * together. */
void worker_post(struct worker *from, unsigned to, struct post *post);

/* The same, to the main thread. Takes the post. */
void worker_post_main(struct worker *from, struct post *post);

/* Sends an answer to who asked, wherever that waits. Borrows asker; takes all that answer owns.
 * If there is none, it is dropped. */
void worker_answer(struct worker *worker, const struct asker *asker, const struct answer *answer);

/* Sends what is on its way now, to the main thread last: it hears of something when the workers'
 * mail about it is on its way. */
void worker_send_mail(struct worker *worker);

/* What the worker's clocks said when its turn began: for its rooms. */
static inline struct room_time worker_time(const struct worker *worker)
{
	return (struct room_time){ .wall_ms = worker->now_ms, .steady_ms = worker->tick_ms };
}

/* The connection a ref names, or NULL when its slot was freed (or is another worker's). Borrows. */
struct session *worker_at(const struct worker *worker, struct session_ref ref);

/* Makes the worker's share of a room, which has none yet. Called by room_share(). */
struct room_share *worker_share(struct worker *worker, struct room_entry *room);

/* Frees a share that nothing points at any more; what it counted stays in the worker's counters as
 * of removed rooms. */
void worker_share_end(struct worker *worker, struct room_share *share);

/* The worker's share of a room. Its thread. */
static inline struct room_share *room_share(struct worker *worker, const struct room_entry *room)
{
	struct room_share *share = room->shares[worker->index];

	return share ? share : worker_share(worker, (struct room_entry *)(uintptr_t)room);
}

/* Adds all that the worker counted to sum. Its thread, or when it has ended. */
void worker_count(const struct worker *worker, struct counters *sum);

/* A slot for a new connection. Returns its name. Borrows session until worker_slot_free(). */
struct session_ref worker_slot_take(struct worker *worker, struct session *session);
void worker_slot_free(struct worker *worker, struct session_ref ref);

#endif
