/* apply.h - what a judged request changes in a room. For judge.c only. */
#ifndef ROUTES_ROOM_APPLY_H
#define ROUTES_ROOM_APPLY_H

#include "codecs/text/reason.h"
#include "routes/room/changes.h"
#include "routes/room/room_state.h"

/* One draft on its way through the room: judge.c makes it, apply.c acts on it. */
struct request {
	struct room *room;
	struct room_time now;
	const struct seat *from;  /* NULL: the bridge asks */
	int whose;                /* enum whose (judge.h) */
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
	/* What is recorded beside the event; but for addresses, only of the kinds that it is of: */
	uint64_t *addresses;    /* owned: where who is concerned comes from; NULL: nowhere */
	size_t address_count;   /* when there are addresses */
	struct room_time until; /* KICK, TIMEOUT, USER_UPDATE: of a ban or a mute; zero: of none */
	uint32_t voter, choice; /* POLL_VOTE */
	bool own;               /* PURGE: only what was written under the subject's name */
	struct relief relief;   /* USER_UPDATE: what the roles lifted */
};

/* Applies one judged request to the room's state and completes its event. A refusal changes
 * nothing. Called through the table in judge.c, before the event has its id and sequence. */
typedef enum reason apply_function(struct request *request);

apply_function apply_message, apply_edit, apply_delete, apply_clear, apply_purge, apply_reaction,
    apply_invite, apply_kick, apply_timeout, apply_user_update, apply_poll_start, apply_poll_vote,
    apply_poll_end;

/* Puts person into event's author or subject: borrows the name unless the draft has the same. */
void request_put(struct request *request, struct person *place, const struct person *person);

/* The order of rights over persons: owner 3, staff and founder 2, moderators and editors 1. */
int standing(uint32_t roles);

#endif
