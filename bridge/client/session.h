/* session.h - one connection of a client: its phase, codec state, rooms and outbox.
 *
 * Everything here runs on the session's own worker thread. A session knows its connection only
 * as a transport, which bridge/net/websocket.c implements with sockets and the replay of the tests
 * without. */
#ifndef BRIDGE_CLIENT_SESSION_H
#define BRIDGE_CLIENT_SESSION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bridge/client/outbox.h"
#include "bridge/core/bridge.h"
#include "codecs/codec.h"
#include "routes/room/judge.h"

struct lane;
struct post;
struct worker;

/* What a session asks of its connection. conn is the implementer's own. */
struct transport {
	/* Hands whole frames over. *complete: all bytes went to the kernel; else the rest is
	 * kept below and session_writable() follows when it is gone. False: the connection is
	 * broken (session_gone() follows). Never called again before it was complete. */
	bool (*write)(void *conn, const unsigned char *bytes, size_t len, bool *complete);
	/* Ends the connection with a close frame of that code, after which session_gone(). */
	void (*close)(void *conn, unsigned code, const char *why);
	/* Ends it at once, without a close frame. */
	void (*kill)(void *conn);
	/* Stops or resumes reading; a message already read may still come. */
	void (*pause)(void *conn, bool paused);
	/* Milliseconds since any byte came from the peer. */
	uint64_t (*silent_ms)(void *conn);
};

enum session_phase {
	SESSION_UPGRADING, /* the HTTP request is being judged */
	SESSION_OPEN,      /* frames flow; logged in or not: peer.logged_in */
	SESSION_CLOSING,   /* in no room any more; flushes, closes, then SESSION_DEAD */
	SESSION_DEAD       /* the connection is gone; freed at the end of the turn */
};

/* A room this session is in, or is on its way into. */
struct membership {
	struct room_entry *room;
	size_t place;   /* in the worker's room, once in */
	uint32_t entry; /* which entry this is: a room may be left and entered again meanwhile */
	uint32_t roles; /* the person's in this room; until in, elsewhere */
	bool in;
};

/* An answer waiting for its turn, for dialects that answer in order. */
struct pending_answer {
	struct frame *frame; /* may be NULL when done: nothing to say */
	bool done;
};

struct session {
	struct worker *worker;
	struct session_ref ref;
	const struct mount *mount;
	const struct codec *codec;
	uint32_t dialect;
	enum session_phase phase;
	struct codec_peer peer;
	struct outbox outbox;
	uint64_t batched; /* see batch.h */
	const struct transport *transport;
	void *conn;
	bool partial;     /* a write is not complete yet */
	bool dirty;       /* in the worker's list of sessions to flush */
	bool paused;      /* reading is stopped */
	bool guest;       /* no account */
	bool close_asked; /* transport->close() was called, or the connection is broken */
	bool cut;         /* too slow: what comes is counted as such */
	bool in_person;   /* the directory counts this connection */
	bool online;      /* and counts it as online */
	uint16_t close_code;
	const char *close_why; /* constant text */
	unsigned login_failures;
	uint64_t address;     /* keyed hash; 0: loopback */
	uint64_t opened_tick; /* worker->tick_ms when the upgrade was done */
	uint64_t pinged_tick; /* when it was last pinged, or closing began */
	uint64_t heard_tick;  /* when a byte was known to have come, at the latest */
	uint64_t rate_tick;
	uint64_t rate_credit;               /* thousandths of a message */
	uint32_t under_way;                 /* requests not answered yet */
	uint32_t next_ticket, first_ticket; /* of those */
	struct pending_answer *answers;     /* REQUESTS_MAX of them, or NULL */
	struct membership *memberships;     /* the first is the room of what names none */
	uint32_t membership_count, membership_capacity;
	uint32_t *buckets;     /* where they are, by room: membership.c; NULL while they are few */
	uint32_t bucket_count; /* a power of two, or 0 */
	uint32_t entries;      /* how many memberships there ever were */
	struct lane *lane;     /* what it said and rules are not done with; NULL: nothing */
	struct post *login;    /* to be judged by a backend once the upgrade is done; NULL: none */
	bool login_asked;      /* a backend is judging it: nothing is read meanwhile */
	struct session *next_dirty, *next_dead;
};

/* A connection asks to be upgraded at this mount. address: see the field. Borrows all but conn
 * for the session's life. Returns new; the worker owns it. */
struct session *session_new(struct worker *worker, const struct mount *mount, uint64_t address,
			    const struct transport *transport, void *conn);

/* Lets the codec and the directory judge the upgrade request. REASON_NONE: go on with the
 * upgrade, then call session_open(). Else *response is the HTTP response to send (borrowed,
 * constant) and the caller calls session_gone(). */
enum reason session_handshake(struct session *session, const struct codec_handshake *request,
			      struct slice *response);

/* The upgrade is done: greet, and enter the rooms if the login came with the request. */
void session_open(struct session *session);

/* One whole message arrived. text: its bytes, writable by nobody (borrows). */
void session_receive(struct session *session, struct slice text, bool binary);

/* The most bytes a message of this session may have now. */
size_t session_message_limit(const struct session *session);

/* An earlier write is complete now. */
void session_writable(struct session *session);

/* Queues a frame (borrows) to be sent at the end of this turn, after what rooms said before.
 * outcomes: see outbox.h. When the
 * outbox grows over its limit the session is cut. */
void session_push(struct session *session, struct frame *frame, uint64_t *outcomes,
		  enum outcome outcome);

/* The same for what has its place among the rooms' events already. For fanout.c. */
void session_queue(struct session *session, struct frame *frame, uint64_t *outcomes,
		   enum outcome outcome);

/* For batch.c: nothing waits or is under way, so that session_send() is allowed. */
bool session_is_clear(const struct session *session);

/* For batch.c: writes whole frames at once. False: not all of it went out, then push the same
 * frames (they are not written again) and call session_sent_partly(). */
bool session_send(struct session *session, const unsigned char *bytes, size_t len, uint32_t frames)
    __attribute__((warn_unused_result));
void session_sent_partly(struct session *session);

/* Answers one request. ticket: from session_ticket(), or TICKET_NONE for an answer that belongs
 * to no request under way. The codec words the reply; a dialect that answers in order may hold
 * it back. */
void session_reply(struct session *session, uint32_t ticket, const struct codec_reply *reply);

/* The same with a frame that is ready; takes frame, which may be NULL. */
void session_answer(struct session *session, uint32_t ticket, struct frame *frame);

/* Notes a request under way; stops reading when there are too many. Returns its ticket. */
uint32_t session_ticket(struct session *session);

/* Stops reading until session_unhold(), however few requests are under way. */
void session_hold(struct session *session);
void session_unhold(struct session *session);

/* Takes one message's worth from the rate limit; false when there is none left. */
bool session_afford(struct session *session) __attribute__((warn_unused_result));

/* The membership in a room, or NULL; until the next one is added or removed. Takes the same time
 * with thousands of rooms. */
struct membership *session_membership(struct session *session, const struct room_entry *room);

/* For session.c: a room the session is not in yet; one it is in, whose place the last one takes. */
void membership_add(struct session *session, struct room_entry *room);
void membership_remove(struct session *session, struct membership *membership);

/* Notes that the session is on its way into a room. False when it has too many rooms or is in it
 * already. */
bool session_join(struct session *session, struct room_entry *room)
    __attribute__((warn_unused_result));

/* Is that entry the one this session waits for, and not left or followed by another? */
bool session_awaits(struct session *session, const struct room_entry *room, uint32_t entry);

/* The room let it in, with these roles: it gets everything from now on. Only after
 * session_awaits(). */
void session_admit(struct session *session, struct room_entry *room, uint32_t roles);

/* Out of a room on this worker; the room is told when tell_home. ticket: a reply is wanted, or
 * TICKET_NONE. False when it was not in. */
bool session_part(struct session *session, const struct room_entry *room, bool tell_home,
		  uint32_t ticket);

/* Leaves every room, flushes, and closes with that code. why: constant text. */
void session_close(struct session *session, uint16_t code, const char *why);

/* Too slow: counts what is unsent as cut and ends the connection. */
void session_cut(struct session *session);

/* The connection is gone: leaves every room, and is freed at the end of the turn. */
void session_gone(struct session *session);

/* Called by the worker: at the end of a turn, each second, and to free. */
void session_flush(struct session *session);
void session_tick(struct session *session);
void session_free(struct session *session);

#endif
