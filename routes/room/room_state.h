/* room_state.h - what the *.c files share of a room's room; nobody else includes it.
 *
 * judge.c judges and orders, members.c knows who is here, apply.c changes the room's
 * state, home_marks.c remembers bans, mutes and invitations. */
#ifndef ROUTES_ROOM_ROOM_STATE_H
#define ROUTES_ROOM_ROOM_STATE_H

#include <stdlib.h>

#define uthash_fatal(message) abort()
#include <uthash.h>

#include "codecs/text/name.h"
#include "routes/room/journal.h"
#include "routes/room/judge.h"
#include "routes/room/restrictions.h"

/* ---- members ---- */

struct member;

/* One connection in the room. */
struct seat {
	struct session_ref ref;
	size_t dialect;
	uint64_t guest_address;
	struct member *member; /* NULL: an anonymous reader */
	struct seat *next;     /* of the same person */
	UT_hash_handle hh;     /* by ref, whose fields we give ourselves */
};

/* One person in the room, by one or more connections. */
struct member {
	struct person person;    /* with the roles it has in this room; its name points at name */
	struct slice folded;     /* points into name, too */
	uint64_t muted_until_ms; /* 0: not muted; MARK_FOREVER: until it is lifted */
	struct seat *seats;
	char name[];
};

/* Folded names from the configuration. */
struct name_list {
	struct slice *names;
	size_t count;
	char *text;
};

/* A running poll. */
struct ballot {
	const struct envelope *start; /* held: its POLL_START; NULL: no poll runs */
	struct poll poll;             /* with the tallies so far; its slices borrow from start */
	struct marks voters;
};

struct room {
	const struct room_rules *rules;
	struct id_clock *clock;
	unsigned worker;
	struct journal *journal;
	struct room_presence presence;
	struct seat *seats;        /* a hash table */
	void *by_number, *by_name; /* trees of members, both */
	struct name_list admins, banned, admitted;
	struct marks bans, mutes, invited;
	struct ballot ballot;
};

/* members.c; called by judge.c and apply.c. All borrow. */

void members_open(struct room *room);
void members_close(struct room *room);

struct seat *seat_find(const struct room *room, struct session_ref ref);

/* NULL: nobody present. number 0 and names that fold to nothing find nobody. */
struct member *member_by_number(const struct room *room, uint32_t number);
struct member *member_by_name(const struct room *room, struct slice name);

/* Marks (or with until_ms 0 lifts) somebody by number and folded name, and, when present is not
 * NULL, by the addresses their connections come from as a guest. */
void person_mark(struct marks *marks, const struct person *person, const struct member *present,
		 uint64_t until_ms);

/* Until when somebody is marked by number or folded name; 0: they are not. */
uint64_t person_marked(const struct marks *marks, const struct person *person);

/* Is somebody banned by number, or by a name, also one of the configuration? */
bool person_is_banned(const struct room *room, const struct person *person);

/* ---- one draft on its way through the room: judge.c makes it, apply.c acts on it ---- */

struct request {
	struct room *room;
	uint64_t now_ms;
	const struct seat *from;  /* NULL: the bridge asks */
	struct member *asker;     /* NULL: the bridge */
	struct member *concerned; /* the subject, when present */
	struct envelope *draft;   /* as it came */
	struct envelope event;    /* as it is to be; may borrow from the draft and what follows */
	bool foreign;             /* event borrows from beyond the draft's block */
	bool unchanged;           /* right, but nothing new: no event */
	struct journal_entry target;
	struct poll poll;
	struct reaction_count reactions[ENVELOPE_REACTIONS_MAX];
	uint64_t *removed;             /* owned */
	const struct envelope *closed; /* held: the start of the poll that ends with this */
};

/* Folds one judged request into the room's state and completes its event. A refusal changes
 * nothing. Called through the table in judge.c, before the event has its id and sequence. */
typedef enum reason fold_function(struct request *request);

fold_function fold_message, fold_edit, fold_delete, fold_clear, fold_purge, fold_reaction,
    fold_invite, fold_kick, fold_timeout, fold_user_update, fold_poll_start, fold_poll_vote,
    fold_poll_end;

/* Puts person into event's author or subject: borrows the name unless the draft has the same. */
void request_put(struct request *request, struct person *place, const struct person *person);

/* Fills in the event that ends the running poll, and takes the poll out of the room: event
 * borrows from *poll and from the returned envelope, which the caller releases when it has
 * sealed event. */
const struct envelope *ballot_close(struct room *room, struct envelope *event, struct poll *poll);

/* The order of rights over persons: owner 3, staff and founder 2, moderators and editors 1. */
int standing(uint32_t roles);

#endif
