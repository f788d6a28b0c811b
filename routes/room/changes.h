/* changes.h - changes of a room that a request and a record make alike: apply.c and fold.c. All
 * borrow. */
#ifndef ROUTES_ROOM_CHANGES_H
#define ROUTES_ROOM_CHANGES_H

#include "routes/room/room_state.h"

/* Somebody who is marked. */
struct affected {
	const struct person *person;
	struct member *present; /* NULL: they are not here, or this is not about their being here */
	const uint64_t *addresses; /* where they come from */
	size_t address_count;
};

/* time_after() on both clocks. */
struct room_time moment_after(struct room_time now, uint64_t duration_ms);

/* Bans somebody until then, or, until zero, lifts it. Who is banned is not invited any more. */
void change_ban(struct room *room, const struct affected *who, struct room_time until);

/* Mutes somebody until then, or, until zero, lifts it. */
void change_mute(struct room *room, const struct affected *who, struct room_time until);

/* What new roles lifted. */
struct relief {
	bool unbans, unmutes;
};

/* Gives somebody these roles, who is banned or muted as these say. */
struct relief change_roles(struct room *room, const struct affected *who, uint32_t roles);

/* Invites somebody, who has a number; or takes that back. */
void change_invite(struct room *room, const struct person *person);
void change_uninvite(struct room *room, const struct person *person);

/* Somebody, who has a number that lasts, moderates here whenever they come, or not any more, as
 * these roles say; or owns the room: then whose it was (NULL: nobody's) is an admin. */
void change_lasting(struct room *room, const struct person *person, uint32_t roles,
		    const struct person *before);

/* Lifts bans by number and by name, with all that were of the same person. False: there are none.
 */
bool change_pardon(struct room *room, const struct person *person);

/* Everybody may vote until that time on the steady clock. start: sealed POLL_START; is held. */
void ballot_open(struct room *room, const struct envelope *start, uint64_t until_ms);

/* A vote of who has not voted, for an option there is, in the poll that runs. */
void ballot_vote(struct room *room, uint32_t voter, uint32_t choice);

/* Takes the person's vote out of the poll that runs. False: there is none. */
bool ballot_unvote(struct room *room, uint32_t voter);

/* Fills in the event that ends the running poll, and takes the poll out of the room: event
 * borrows from *poll and from the returned envelope, which the caller releases when it has
 * sealed event. */
const struct envelope *ballot_close(struct room *room, struct envelope *event, struct poll *poll);

#endif
