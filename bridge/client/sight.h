/* sight.h - who is seen where: for sessions whose dialect tells of people and not of rooms
 * (codec.tells_of_people), so that each of them is told once that a user is there and once that
 * they are gone, through however many rooms they see each other. One worker's thread.
 *
 * A worker notes who is in the rooms that such sessions of its own are in. It learns that with the
 * answer to an entry (post_entered), and from then on by what the room tells: rooms and workers
 * send each other mail in order, so that each worker's notes are right as of the last mail. */
#ifndef BRIDGE_CLIENT_SIGHT_H
#define BRIDGE_CLIENT_SIGHT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bridge/client/session.h"
#include "codecs/model/envelope.h"

struct room_entry;
struct sight;
struct worker;

/* Most people that one entry tells of; in a larger room the others are not told of until they go or
 * come. */
#define SIGHT_TOLD_MAX 1000

/* NULL is ignored. */
void sight_free(struct sight *sight);

/* Such a session is on its way into the room from now on; has come into one; or is out of it, or
 * not on its way any more. Called by entry.c, for the same room once each. */
void sight_join(struct worker *worker, const struct room_entry *room);
void sight_arrive(struct worker *worker);
void sight_part(struct worker *worker, const struct room_entry *room, bool was_in);

/* Does this worker need to be told who is there when such a session enters? */
bool sight_lacks(const struct worker *worker, const struct room_entry *room);

/* Everybody who is there, by number. Ignored for a room that no such session is in. */
void sight_learn(struct worker *worker, const struct room_entry *room, const uint32_t *numbers,
		 size_t count);

/* What an event of the room says of who is there: an ENTER, EXIT or KICK; others are ignored. */
void sight_note(struct worker *worker, const struct room_entry *room, const struct envelope *event);

/* Is that person perhaps in a room besides this one, so that sessions may differ in what they are
 * to be told? */
bool sight_differs(const struct worker *worker, const struct room_entry *room, uint32_t number);

/* Does this session see the person in a room besides this one? */
bool sight_elsewhere(struct session *session, const struct room_entry *room, uint32_t number);

/* A session was told that a user is gone. If it is on its way into more rooms, they may turn out
 * to be there. */
void sight_told_gone(struct session *session, uint32_t number);

/* A session that came into a room is told who is there and nowhere else, but for one number (0:
 * nobody): of everybody if that is news (membership.news), else of those it was told are gone. Who
 * was there when it logged in it is not told, as the real server does not. */
void sight_tell_there(struct session *session, const struct room_entry *room, uint32_t but);

/* Tells a session, which is about to be out of the room, that those are gone. */
void sight_tell_gone(struct session *session, const struct room_entry *room);

#endif
