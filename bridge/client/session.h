/* session.h - one connection of a client: its phase, codec state, rooms and outbox; and what it
 * has to be sent. The ground of bridge/client: everything else there stands on it.
 *
 * Everything here runs on the session's own worker thread. A session knows its connection only
 * as a transport.
 *
 * Sessions are not closed directly: one is marked, and bridge/client/life.c carries that out when
 * nothing else is going on. Until then it stays in its rooms, but is sent nothing any more, and not
 * heard. */
#ifndef BRIDGE_CLIENT_SESSION_H
#define BRIDGE_CLIENT_SESSION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bridge/client/outbox.h"
#include "bridge/core/bridge.h"
#include "bridge/net/transport.h"
#include "codecs/codec.h"
#include "routes/room/room.h"

struct lane;
struct post_backend;
struct worker;

enum session_phase {
	SESSION_UPGRADING, /* the request is being judged, or was refused */
	SESSION_OPEN,      /* logged in or not: peer.logged_in; frames flow once it is answered */
	SESSION_CLOSING,   /* leaves its rooms, flushes, closes; then SESSION_DEAD */
	SESSION_DEAD       /* the connection is gone; leaves its rooms, and is freed */
};

/* A room this session is in, or is on its way into. */
struct membership {
	struct room_entry *room;
	size_t place;   /* in the worker's room, once in */
	uint32_t entry; /* which entry this is: a room may be left and entered again meanwhile */
	uint32_t roles; /* the person's in this room; until in, elsewhere */
	bool in;
	bool opened; /* the room is new, or open to it now: the session is told that it is there */
	bool news;   /* it was led there, and is to be told who is there: see sight.h */
};

/* An answer waiting for its turn, for dialects that answer in order. */
struct pending_answer {
	struct frame *frame; /* may be NULL when done: nothing to say */
	bool done;
};

/* What may come at once, and what it fills up with. In few bytes: every connection has them. */
struct bucket {
	uint32_t tick;   /* when it was last looked into: of tick_ms, which may wrap */
	uint32_t credit; /* thousandths */
};

/* What a delivery looks at is no bit-field: those cost it instructions. */
struct session {
	struct worker *worker;
	struct session_ref ref;
	enum session_phase phase;
	const struct mount *mount;
	const struct codec *codec;
	uint32_t dialect;
	uint32_t form; /* the number of peer.form, which says what it is sent; codecs/form.h */
	struct codec_peer peer;
	struct room_entry *home; /* whose view the peer has */
	struct outbox outbox;
	uint64_t batched; /* see batch.h */
	const struct transport *transport;
	void *conn;
	uint32_t kept;        /* bytes that the connection keeps of a write, at most */
	bool partial;         /* a write is not complete yet */
	bool dirty;           /* in the worker's list of sessions to flush */
	bool close_asked;     /* the connection was told to end, or is broken */
	bool answered;        /* transport->accept() was called; until then nothing is written */
	bool guest;           /* no account */
	bool paused : 1;      /* reading is stopped */
	bool throttled : 1;   /* for signals that came too fast */
	bool cut : 1;         /* too slow: what comes is counted as such */
	bool spilled : 1;     /* cut for the memory it takes: there is no time to be polite */
	bool login_asked : 1; /* its login is judged elsewhere: nothing is read meanwhile */
	bool in_person : 1;   /* the directory counts this connection */
	bool online : 1;      /* and counts it as online */
	bool leaving : 1;     /* in the worker's list of those whose end is to be carried out */
	bool left : 1;        /* its rooms, and its login is undone */
	uint8_t login_failures;
	enum close_reason close_why;
	uint64_t address;     /* keyed hash; 0: loopback */
	uint64_t opened_tick; /* worker->tick_ms when the upgrade was done */
	uint64_t pinged_tick; /* when it was last pinged, or closing began */
	uint64_t heard_tick;  /* when a byte was known to have come, at the latest */
	struct bucket messages, signals;
	struct pending_answer *answers;     /* REQUESTS_MAX of them, or NULL */
	uint32_t under_way;                 /* requests not answered yet */
	uint32_t next_ticket, first_ticket; /* of those */
	uint32_t entries;                   /* how many memberships there ever were */
	struct membership *memberships;     /* the first is the room of what names none */
	uint32_t membership_count, membership_capacity;
	uint32_t *buckets;     /* where they are, by room: membership.c; NULL while they are few */
	uint32_t *gone;        /* see sight_told_gone(); NULL: none */
	uint32_t bucket_count; /* a power of two, or 0 */
	uint32_t gone_count;
	uint32_t roles;    /* as it logged in, for every room; peer.self has those of home, too */
	struct lane *lane; /* what it said and rules are not done with; NULL: nothing */
	uint32_t awaited;  /* memberships that are on their way in */
	struct session *next_dirty, *next_leaving; /* next_leaving: of the dead, too */
};

/* A new one, with a slot of its own; not open yet. Borrows all but conn for its life. Returns new;
 * the worker owns it. */
struct session *session_new(struct worker *worker, const struct mount *mount, uint64_t address,
			    const struct transport *transport, void *conn);

/* Called by life.c when nothing refers to it any more. Frees its slot, too. */
void session_free(struct session *session);

/* The session a ref names, or NULL when it is gone (or is another worker's). Borrows. */
struct session *session_find(const struct worker *worker, struct session_ref ref);

/* It is another Dragoman's: what it is sent shows trails (codecs/model/trail.h), and is made for it
 * alone. Before it is in a room. */
void session_of_dragoman(struct session *session);

/* The peer's view is of this room from now on. */
void session_go_home(struct session *session, struct room_entry *room);

/* Sets what a codec may look at during a call. */
void session_prepare(struct session *session);

/* Puts a frame (borrows) behind all that is to be sent at the end of this turn. For what has its
 * place among the rooms' events already; else session_push(). tally, told: see outbox.h. When
 * the outbox grows over its limit the session is cut. What a closing session would be sent is
 * counted as dropped. */
void session_queue(struct session *session, struct frame *frame, struct tally *tally,
		   enum outcome outcome, uint32_t told);

/* For batch.c: it is open, and nothing waits or is under way, so that session_send() is allowed. */
bool session_is_clear(const struct session *session);

/* For batch.c: writes whole frames at once. False: not all of it went out, then push the same
 * frames (they are not written again) and call session_sent_partly(). */
bool session_send(struct session *session, const unsigned char *bytes, size_t len, uint32_t frames)
    __attribute__((warn_unused_result));
void session_sent_partly(struct session *session);

/* Answers the handshake once no room and no backend is waited for. Then writes until all is sent or
 * the connection keeps some of it; then, if it is closing and nobody waits for more, closes the
 * connection. */
void session_flush(struct session *session);

/* An earlier write is complete now. */
void session_writable(struct session *session);

/* Has it something to send at the end of the turn, or to close: it is flushed then. */
void session_mark_dirty(struct session *session);

/* Takes one message's worth from the rate limit; false when there is none left. */
bool session_afford(struct session *session) __attribute__((warn_unused_result));

/* The same for anything else that it sent. False: the next ones are to be read later, see
 * session_throttle() (answers.h). */
bool session_afford_signal(struct session *session) __attribute__((warn_unused_result));

/* Has it credit for a signal again? Takes none. */
bool session_may_signal(struct session *session);

/* Marks it as too slow: what is unsent counts as cut, and the connection ends. */
void session_cut(struct session *session);

/* The same for relief.c, which logs it for all. */
void session_cut_for_memory(struct session *session);

/* What the connection keeps of a write is not counted any more. For life.c. */
void session_forget_kept(struct session *session);

/* Marks it as gone: the connection is not used any more. For life.c. */
void session_gone(struct session *session);

/* Has life.c carry out what its phase says, once. For push.c. */
void session_mark_leaving(struct session *session);

#endif
