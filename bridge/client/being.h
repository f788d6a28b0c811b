/* being.h - sessions are told that rooms come and go. One worker's thread. */
#ifndef BRIDGE_CLIENT_BEING_H
#define BRIDGE_CLIENT_BEING_H

#include "bridge/client/session.h"

/* Tells a session that a room is there, in which it is from now on, or is no more, where its
 * dialect has a word for it. */
void being_tell(struct session *session, const struct room_entry *room, bool there);

#endif
