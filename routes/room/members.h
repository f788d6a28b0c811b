/* members.h - who is in a room: coming, going, and looking. Called by who owns the room, on the
 * thread that does. */
#ifndef ROUTES_ROOM_MEMBERS_H
#define ROUTES_ROOM_MEMBERS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "codecs/model/envelope.h"
#include "codecs/text/reason.h"
#include "routes/room/room.h"

/* Who needs a broadcast. Borrows; valid until the next change. */
const struct room_presence *room_presence(const struct room *room);

/* One connection wants in, which is sent that form (a number, see codecs/form.h). On REASON_NONE
 * the connection is a member from now on, *roles is the person's roles in this room (their own, and
 * ROLE_MOD for an admin), and *enter is the sealed ENTER event (returns new) when it is the
 * person's first connection here, else NULL. REASON_ALREADY: this ref is a member. REASON_BANNED,
 * REASON_CLOSED_ROOM: judged. */
enum reason room_enter(struct room *room, struct session_ref ref, uint32_t form,
		       const struct room_entrant *who, struct room_time now, uint32_t *roles,
		       struct envelope **enter);

/* One connection is out (left, or its socket ended). False when it was no member. *exit: the
 * sealed EXIT event (returns new) when it was the person's last connection here, else NULL. */
bool room_leave(struct room *room, struct session_ref ref, struct room_time now,
		struct envelope **exit);

/* Who is here: at most max people behind the first `skip`, in the order they came, readers left
 * out. Returns new: one block with the names they point at (free()), and how many in *count; NULL
 * when there are none. */
struct person *room_members(const struct room *room, size_t skip, size_t max, size_t *count);

/* A room as it is, and what somebody is there. */
struct room_look {
	bool open;
	uint32_t people; /* readers left out */
	bool present, banned, muted;
	enum reason entry; /* could they come in now; REASON_NONE for who is present */
	bool invited;      /* while the room is closed, or was */
	bool admin;        /* moderates whenever they come; the owner, too */
	uint32_t roles;    /* in this room */
	uint32_t owner;    /* the room's; 0: it has none */
};

/* Somebody who would come in so; who need not be at the door (guest false, guest_address 0: where
 * they come from is not known). */
void room_look(const struct room *room, const struct room_entrant *who, struct room_time now,
	       struct room_look *look);

/* The number of the room's owner; 0: it has none. */
uint32_t room_owner(const struct room *room);

/* Who is here though the rules ban their name. Returns new: their numbers (free()), and how many in
 * *count. */
uint32_t *room_unwelcome(const struct room *room, size_t *count);
/* The numbers of who is here, readers left out. Returns new (free()), how many in *count; never
 * NULL. */
uint32_t *room_numbers(const struct room *room, size_t *count);

/* Is that person here? */
bool room_has_person(const struct room *room, uint32_t number);

/* Removes all connections of a person, silently (their KICK was their exit). False when they had
 * none here. */
bool room_drop(struct room *room, uint32_t person);

/* Does any connection of this person in this room speak a dialect that keeps a private message
 * private? */
bool room_can_whisper(const struct room *room, uint32_t person);

/* The connections here of a node, by its number in refs' nodes (room_node_set()), of its starts up
 * to that one. Returns new (free()), how many in *count; never NULL. */
struct session_ref *room_seats_of(const struct room *room, unsigned node, uint32_t incarnation,
				  size_t *count);

/* Everybody is out, silently, and nothing is recorded: what the room is to be is read again. */
void room_vacate(struct room *room);

/* Is this connection a member (readers included)? */
bool room_has(const struct room *room, struct session_ref ref);

/* The roles here of the user of this connection; 0: it is no member, or a reader. */
uint32_t room_roles(const struct room *room, struct session_ref ref);

#endif
