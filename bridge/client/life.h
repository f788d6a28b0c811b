/* life.h - the life of a session from its upgrade request to its end, carried out.
 *
 * Connections call the functions of life_user, which do the same as those named after them here;
 * the tests call these. All on the session's worker thread. */
#ifndef BRIDGE_CLIENT_LIFE_H
#define BRIDGE_CLIENT_LIFE_H

#include "bridge/client/session.h"

/* For bridge/net/loop.h: sessions are the users of connections. */
extern const struct transport_user life_user;

/* A connection asks to be upgraded at this mount. address: see the field. Borrows all but conn
 * for the session's life. Returns new; the worker owns it. */
struct session *life_begin(struct worker *worker, const struct mount *mount, uint64_t address,
			   const struct transport *transport, void *conn);

/* Lets the codec and the directory, or a backend, judge the request (borrows), greets, and enters
 * the rooms if the login came with the request. transport->accept() follows when it is in all of
 * them, transport->refuse() when it may not be; then the caller calls life_gone(). */
void life_handshake(struct session *session, const struct codec_handshake *request);

/* One whole message arrived. text: its bytes, read-only (borrows). */
void life_receive(struct session *session, struct slice text, bool binary);

/* The most bytes a message of this session may have now; 0: it is not heard any more. */
size_t life_message_limit(const struct session *session);

/* The connection is gone. Carried out at once: the user may come again under that name. Not within
 * another call for any session of this worker. */
void life_gone(struct session *session);

/* Marks every session, see session_close(). */
void life_close_all(struct worker *worker, enum close_reason why);

/* Carries out what is marked: they leave their rooms, which are told in this order: offline, left,
 * the mail sent, logged out; then their connections end, or they are put down as dead. Whenever
 * nothing goes through lists of sessions or members: before each round of mail, before an upgrade
 * request is judged, and at the end of a turn. */
void life_carry_out(struct worker *worker);

/* Writes to every session that has something to be sent. */
void life_flush(struct worker *worker);

/* Frees closed sessions. At the end of a turn, when nothing refers to them any more. */
void life_free_dead(struct worker *worker);

/* Once a second (while draining: at each call): pings, and ends what is silent, does not log in, or
 * does not close. */
void life_tick(struct worker *worker);

/* Frees all sessions, uncounted, when the worker ends. */
void life_free_all(struct worker *worker);

#endif
