/* entry.h - how a session comes into rooms and leaves them: asks the room's owner, and keeps its
 * memberships and the worker's list of members in step with the answers. */
#ifndef BRIDGE_CLIENT_ENTRY_H
#define BRIDGE_CLIENT_ENTRY_H

#include "bridge/client/session.h"

/* Notes that the session is on its way into a room. False when it has too many rooms or is in it
 * already. */
bool entry_join(struct session *session, struct room_entry *room)
    __attribute__((warn_unused_result));

/* Asks the room to let it in, after entry_join(). login: as part of logging in, which the answer
 * confirms. ticket: of the request, or TICKET_NONE. correlation: what the reply answers (borrows;
 * absent: none). Counted as accepted. */
void entry_ask(struct session *session, struct room_entry *room, bool login, uint32_t ticket,
	       struct slice correlation);

/* Is that entry the one this session waits for, and not left or followed by another? */
bool entry_awaited(struct session *session, const struct room_entry *room, uint32_t entry);

/* The room let it in, with these roles: it gets everything from now on. Only after
 * entry_awaited(). */
void entry_admit(struct session *session, struct room_entry *room, uint32_t roles);

/* Out of a room on this worker; the room is told when tell_room. ticket: a reply is wanted, or
 * TICKET_NONE. False when it was not in. */
bool entry_part(struct session *session, const struct room_entry *room, bool tell_room,
		uint32_t ticket);

#endif
