/* room_state.h - a room's inside. For the files of routes/room only.
 *
 * seats.c knows who sits where, members.c lets in and out, apply.c changes the room's state,
 * judge.c judges and orders. */
#ifndef ROUTES_ROOM_ROOM_STATE_H
#define ROUTES_ROOM_ROOM_STATE_H

#include <stdlib.h>

#include "codecs/model/envelope.h"
#include "codecs/model/identity.h"
#include "codecs/text/index.h"
#include "codecs/text/slice.h"
#include "routes/room/journal.h"
#include "routes/room/record.h"
#include "routes/room/restrictions.h"
#include "routes/room/room.h"

/* ---- members ---- */

struct member;

/* One connection in the room. */
struct seat {
	struct session_ref ref;
	uint32_t form; /* its number; tells the dialect */
	uint64_t guest_address;
	struct member *member;       /* NULL: an anonymous reader */
	struct seat *next;           /* of the same person */
	struct seat *before, *after; /* in the room, in the order they came */
};

/* One person in the room, by one or more connections. */
struct member {
	struct person person;   /* with the roles it has in this room; its name points at name */
	struct slice folded;    /* points into name, too */
	struct room_time muted; /* until when; zero: not; MARK_FOREVER: until it is lifted */
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
	uint64_t until_ms;            /* steady clock */
	struct marks voters;          /* until: what they chose, and 1 */
};

struct room {
	const struct room_rules *rules;
	struct id_clock *clock;
	unsigned shard;
	uint32_t node; /* this start of this node; ROOM_NODE_NONE: no cluster */
	struct journal *journal;
	struct room_presence presence;
	struct index by_ref;       /* its seats, */
	struct seat *first, *last; /* from the first that was taken */
	void *by_number, *by_name; /* trees of members, both */
	uint32_t people;           /* members, readers left out */
	struct name_list admins, banned, admitted;
	struct marks bans, mutes, invited;
	struct marks lasting; /* admins whom the owner named, by number and name */
	struct marks owner;   /* the same, one at most: whom the room was given to */
	struct marks left;    /* by number: until.wall_ms is the id that they had heard last */
	struct ballot ballot;
	struct removal *removals; /* removals.h; NULL: none are left */
	uint64_t removals_due_ms; /* steady clock */
	uint64_t newest_id;       /* of what has a place in the sequence, or was recorded */
	record_sink *sink;        /* recording.h; NULL: none */
	void *sink_owner;
	uint64_t recorded; /* number of the newest record */
	bool passes;       /* the next id has to pass newest_id, which was read back */
};

#endif
