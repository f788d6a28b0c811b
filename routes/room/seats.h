/* seats.h - who sits where in a room, and what is remembered of people there: bans, mutes and
 * invitations. For the files of routes/room only. All borrow. */
#ifndef ROUTES_ROOM_SEATS_H
#define ROUTES_ROOM_SEATS_H

#include "routes/room/room_state.h"

/* Readies the names that the room's rules list; frees them, and everybody's seat. */
void seats_open(struct room *room);
void seats_close(struct room *room);

/* Nobody is here any more. */
void seats_vacate(struct room *room);

/* The rules' lists are others. */
void seats_relist(struct room *room);

/* Is a folded name in the list? */
bool names_have(const struct name_list *list, struct slice folded);

/* NULL: that connection has no seat here. */
struct seat *seat_find(const struct room *room, struct session_ref ref);

/* Gives a connection that has none a seat, which is counted in the room's presence. Nobody sits
 * there yet. */
struct seat *seat_add(struct room *room, struct session_ref ref, uint32_t form);

/* Takes a seat out of the room. Its member stays, even when that was the last seat. */
void seat_free(struct room *room, struct seat *seat);

/* NULL: not present. number 0 and names that fold to nothing find nothing. */
struct member *member_by_number(const struct room *room, uint32_t number);
struct member *member_by_name(const struct room *room, struct slice name);

/* Forgets a member, whose seats must be free. */
void member_free(struct room *room, struct member *member);

/* Frees a member's seats, and forgets them. */
void member_drop(struct room *room, struct member *member);

/* Somebody of that number has taken a seat, which nobody sits on yet. person, folded, with the
 * roles here: of who is not a member yet. */
void member_sit(struct room *room, struct seat *seat, const struct person *person,
		struct slice folded);

/* Is a seat the only one of a person? */
bool seat_is_last(const struct seat *seat);

/* May seat_add() be given these? */
bool seat_is_possible(const struct room *room, struct session_ref ref, uint32_t form);

/* Until when any of these is marked; 0: none is. Zero and the empty name stand for nothing. */
uint64_t marked_until(const struct marks *marks, uint32_t number, struct slice folded,
		      uint64_t address);

/* A duration from now on, of either clock. MARK_FOREVER itself is left to the role: a new set of
 * roles may lift that, but no timeout. */
uint64_t time_after(uint64_t now_ms, uint64_t duration_ms);

/* Somebody whose number lasts has left, and heard all up to that id. */
void member_left(struct room *room, uint32_t person, uint64_t id);

/* The next id of an event of this room. */
uint64_t room_next_id(struct room *room, uint64_t wall_ms);

/* What is left of a mute of the person on that seat, as of one that begins now, holds. */
void seat_follows_mutes(const struct room *room, struct seat *seat, struct room_time now);

/* Until when a person is marked by number or folded name; 0: not marked. */
uint64_t person_marked(const struct marks *marks, const struct person *person);

/* Is a person banned by number, or by a name, also one of the configuration? */
bool person_is_banned(const struct room *room, const struct person *person, struct room_time now);

#endif
