/* apply.h - what a judged request changes in a room. For judge.c only. */
#ifndef ROUTES_ROOM_APPLY_H
#define ROUTES_ROOM_APPLY_H

#include "codecs/text/reason.h"
#include "routes/room/room_state.h"

/* One draft on its way through the room: judge.c makes it, apply.c acts on it. */
struct request {
	struct room *room;
	struct room_time now;
	const struct seat *from;  /* NULL: the bridge asks */
	struct member *asker;     /* NULL: the bridge */
	struct member *concerned; /* the subject, when present */
	struct envelope *draft;   /* as it came */
	struct envelope event;    /* as it is to be; may borrow from the draft and what follows */
	bool foreign;             /* event borrows from beyond the draft's block */
	bool unchanged;           /* right, but nothing new: no event */
	struct journal_entry target;
	struct target_note note; /* of the target */
	bool on_note;            /* the target is a note of the journal's, and no message */
	struct poll poll;
	struct reaction_count reactions[ENVELOPE_REACTIONS_MAX];
	uint64_t *removed;             /* owned */
	size_t removed_count;          /* the rest of them follow later */
	const struct envelope *closed; /* held: the start of the poll that ends with this */
};

/* Applies one judged request to the room's state and completes its event. A refusal changes
 * nothing. Called through the table in judge.c, before the event has its id and sequence. */
typedef enum reason apply_function(struct request *request);

apply_function apply_message, apply_edit, apply_delete, apply_clear, apply_purge, apply_reaction,
    apply_invite, apply_kick, apply_timeout, apply_user_update, apply_poll_start, apply_poll_vote,
    apply_poll_end;

/* Puts person into event's author or subject: borrows the name unless the draft has the same. */
void request_put(struct request *request, struct person *place, const struct person *person);

/* Fills in the event that ends the running poll, and takes the poll out of the room: event
 * borrows from *poll and from the returned envelope, which the caller releases when it has
 * sealed event. */
const struct envelope *ballot_close(struct room *room, struct envelope *event, struct poll *poll);

/* A duration from now on, of either clock. MARK_FOREVER itself is left to the role: a new set of
 * roles may lift that, but no timeout. */
uint64_t time_after(uint64_t now_ms, uint64_t duration_ms);

/* The order of rights over persons: owner 3, staff and founder 2, moderators and editors 1. */
int standing(uint32_t roles);

#endif
