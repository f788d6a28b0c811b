/* membership.h - the rooms one session is in, or on its way into. */
#ifndef BRIDGE_CLIENT_MEMBERSHIP_H
#define BRIDGE_CLIENT_MEMBERSHIP_H

#include "bridge/client/session.h"

/* The membership in a room, or NULL; until the next one is added or removed. Takes the same time
 * with thousands of rooms. */
struct membership *session_membership(struct session *session, const struct room_entry *room);

/* For entry.c: a room the session is not in yet; one it is in, whose place the last one takes. */
void membership_add(struct session *session, struct room_entry *room);
void membership_remove(struct session *session, struct membership *membership);

#endif
