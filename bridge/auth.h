/* auth.h - who is this: what a codec read of a login, judged by the directory. */
#ifndef BRIDGE_AUTH_H
#define BRIDGE_AUTH_H

#include "bridge/session.h"
#include "codecs/codec.h"

/* Judges a login. REASON_NONE: session->peer knows who it is and is logged in. Counts. */
enum reason auth_login(struct session *session, const struct codec_login *login);

/* Enters the rooms a logged-in session belongs in: the room asked for (NULL: the mount's), or
 * every room the dialect hears. ticket: answered when the first of them let it in. */
void auth_enter_rooms(struct session *session, struct room_info *room, uint32_t ticket,
		      struct slice correlation);

/* The session is about to leave its rooms for good: homes see that the person is not online. */
void auth_offline(struct session *session);

/* Undoes a login: the name is free. Implies auth_offline(). */
void auth_logout(struct session *session);

#endif
