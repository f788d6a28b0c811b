/* forget.h - a person is erased: what a room remembers of them. What is stored of them goes by
 * itself (bridge/store/erase.h), and leaves the same room. Called by who owns the room, on the
 * thread that does. */
#ifndef ROUTES_ROOM_FORGET_H
#define ROUTES_ROOM_FORGET_H

#include <stdbool.h>
#include <stddef.h>

#include "codecs/model/envelope.h"
#include "routes/room/room.h"

/* How many of each. */
struct room_forgotten {
	size_t messages, reactions, votes, polls, marks;
};

/* Is a message of that person's (number not 0) remembered, and not deleted? */
bool room_has_words(const struct room *room, uint32_t number);

/* Forgets what person (borrows; number not 0; the name may be absent) wrote, with their name, and
 * their reactions, votes and marks: bans, mutes and invitations go, too. Whoever is here stays. A
 * poll of theirs is over at the next room_tick(). It is not recorded, and nobody is told. What
 * there was is added to forgotten. */
void room_forget(struct room *room, const struct person *person, struct room_time now,
		 struct room_forgotten *forgotten);

#endif
