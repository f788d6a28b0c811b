/* record_format.h - the bytes of a record. For record_write.c and record_read.c only.
 *
 * All numbers are little-endian and without padding. A text is its length (4) and its bytes; a
 * person is number (4), roles (4), UUID (16) and name (text).
 *
 *    0  size of all of it, with the checksum (4)
 *    4  version (1), record kind (1), event kind (1), enum record_bit (1)
 *    8  record's number (8)
 *   16  event's id (8), sequence (8), time (8)
 *   40  event's flags (4), which groups follow: enum record_group (4)
 *   48  the room's name: text
 *       the groups, in the order of their numbers
 *  end  CRC-32C of all before it (4)
 *
 * There is one way only to write a record: a group is there when it says something. */
#ifndef ROUTES_ROOM_RECORD_FORMAT_H
#define ROUTES_ROOM_RECORD_FORMAT_H

#include "routes/room/record.h"

#define RECORD_HEAD     48
#define RECORD_CRC      4
#define RECORD_SIZE_MIN (RECORD_HEAD + 4 + RECORD_CRC)

enum record_bit {
	RECORD_BIT_KEEP = 1,
	RECORD_BIT_PRESENT = 2,
	RECORD_BIT_OWN = 4,
	RECORD_BIT_UNBANS = 8,
	RECORD_BIT_UNMUTES = 16
};

#define RECORD_BITS                                                                                \
	(RECORD_BIT_KEEP | RECORD_BIT_PRESENT | RECORD_BIT_OWN | RECORD_BIT_UNBANS |               \
	 RECORD_BIT_UNMUTES)

enum record_group {
	GROUP_AUTHOR,      /* person */
	GROUP_SUBJECT,     /* person */
	GROUP_WRITER,      /* person */
	GROUP_ORIGIN,      /* dialect (text), instance (text), hops (4) */
	GROUP_TEXT,        /* text; may be empty */
	GROUP_PARTS,       /* count (4); each: kind (1), 1: its text is the next in the event's (1),
			    * x (2), y (2), number (4), its text's length (4), its text unless it is in
			    * the event's, name (text) */
	GROUP_THREAD,      /* text; may be empty */
	GROUP_EXTRA,       /* text; may be empty */
	GROUP_TARGET,      /* id (8) */
	GROUP_NOTE,        /* time (8), shown (8) */
	GROUP_CLIENT_TIME, /* ms (8, two's complement) */
	GROUP_DURATION,    /* ms (8) */
	GROUP_REACTIONS,   /* count (4); each: emoji (text), count (4) */
	GROUP_REMOVED,     /* count (4), ids (8 each) */
	GROUP_POLL,        /* question (text), count of options (4); each: text, count (4); then
			    * voters (4), duration (8), end (8) */
	GROUP_SEAT,        /* worker (4), slot (4), generation (4), form (4), address (8) */
	GROUP_VOTE,        /* voter (4), choice (4) */
	GROUP_UNTIL,       /* ms (8) */
	GROUP_ADDRESSES,   /* count (4), addresses (8 each) */
	GROUP_ABOUT,       /* id (8) */
	GROUP_REPLY,       /* id (8), person */
	GROUP_FILES,       /* count (4); each: URL, media type, name (texts), size (8) */
	GROUP_AVATAR,      /* text */
	GROUP_DISPLAY,     /* text */
	GROUPS
};

/* Which groups a record has: a bit each. */
uint32_t record_groups(const struct record *record);

/* Says a person anything? */
static inline bool record_has_person(const struct person *person)
{
	uint64_t uuid[2];

	memcpy(uuid, person->uuid, sizeof(uuid));
	return person->number || person->roles || person->name.len || uuid[0] | uuid[1];
}

#endif
