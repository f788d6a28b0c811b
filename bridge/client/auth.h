/* auth.h - who is this: what a codec read of a login, judged by the directory; where a hash is kept
 * of the secret, after that has been compared elsewhere (bridge/secrets); by a backend; or proven
 * otherwise (bridge/logins). */
#ifndef BRIDGE_CLIENT_AUTH_H
#define BRIDGE_CLIENT_AUTH_H

#include "bridge/client/session.h"
#include "codecs/codec.h"

/* Judges a login (borrows), as the mount's order of logins says. REASON_NONE: session->peer knows
 * who it is and is logged in; or else session->login_asked: the secret is compared elsewhere, or a
 * backend is asked, nothing is read of the session meanwhile, and auth_answered() goes on, with
 * room as in auth_enter_rooms(). Other reasons are counted and logged already. in_frame: it did not
 * come with the request, and has a ticket while it waits. */
enum reason auth_login(struct session *session, const struct codec_login *login,
		       struct room_entry *room, bool in_frame);

/* May nobody come from where this connection does? */
bool auth_address_banned(struct session *session);

/* Counts a refused login, and says so in the log. name, number: as claimed; absent, 0: none. room:
 * which refused it; NULL: none did. */
void auth_refused(struct session *session, struct slice name, uint64_t number,
		  const struct room_entry *room, enum reason reason);

/* After the answer to a login in a frame that was refused: the third time the connection ends. */
void auth_failed(struct session *session);

/* What was answered (ANSWER_LOGIN). ticket: the asker's. Borrows answer, but may take its login. */
void auth_answered(struct session *session, uint32_t ticket, struct answer *answer);

/* The session is on its way out: what it asked for needs not be found out. */
void auth_forget(struct session *session);

/* Enters the rooms a logged-in session belongs in: the room asked for (NULL: the mount's), or
 * every room the dialect hears. ticket: answered when the first of them let it in. */
void auth_enter_rooms(struct session *session, struct room_entry *room, uint32_t ticket,
		      struct slice correlation);

/* The session is about to leave its rooms for good: rooms see that the person is not online. */
void auth_offline(struct session *session);

/* Undoes a login: the name is free. Implies auth_offline(). */
void auth_logout(struct session *session);

#endif
