/* row.h - what is kept of a room on disk: rows, which records change, and which a room is made of
 * again after a restart. Pure: who writes and reads them is bridge/store/. */
#ifndef ROUTES_ROOM_ROW_H
#define ROUTES_ROOM_ROW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "codecs/text/slice.h"
#include "routes/room/restrictions.h"

enum row_kind {
	/* There is one more: */
	ROW_MESSAGE, /* id, author, name, roles, time_ms, body: a message, or what can be acted on
		      * as on one */
	ROW_NOTE,    /* id, about, stands, author, time_ms: what is shown under an id of its own and
		      * is no message, see struct journal_note */
	/* What there is of a message (of a note: DELETE alone) changes; an id that is not there is
	 * ignored: */
	ROW_EDIT,       /* id, body: this is how it reads now; the body of the message stays */
	ROW_FORGET,     /* id: its bodies go, all else stays */
	ROW_DELETE,     /* id: its bodies and reactions go, and it is marked deleted */
	ROW_DELETE_ALL, /* the same for all messages up to that id: of author (0: of everybody), of
			 * these what was written under a name that folds to folded (absent: any) */
	ROW_REACT,      /* id, author, emoji, at: this person has reacted with this */
	ROW_UNREACT,    /* id, author, emoji */
	/* Of people: */
	ROW_MARK,   /* list, key, until_ms, person, at; until_ms 0: there is no such mark */
	ROW_PARDON, /* list, key: it goes, and all of its list with the same person, which is not 0
		     */
	/* A room has one poll at most: */
	ROW_POLL,     /* id, until_ms, body: it begins, and nobody has voted */
	ROW_VOTE,     /* author, choice, at */
	ROW_POLL_END, /* it is over; its votes go */
	ROW_LEFT,     /* author, id: who comes back has heard what is up to that id; 0: is here */
	ROW_KINDS
};

enum row_list { ROW_BANS, ROW_MUTES, ROW_INVITED, ROW_ADMINS, ROW_OWNER, ROW_LISTS };

/* One row, or one change of rows: the fields that its kind names; others are zero. Borrows. Names
 * and emojis are UTF-8 of at most 255 bytes. */
struct row {
	enum row_kind kind;
	uint64_t id;
	uint64_t at; /* the id of the event: what is read again comes in this order */
	uint64_t about;
	bool stands;
	bool deleted; /* MESSAGE and NOTE, when read: then no body */
	uint32_t author, roles;
	struct slice name, folded, emoji;
	uint64_t time_ms;  /* since 1970 UTC */
	uint64_t until_ms; /* the same; MARK_FOREVER: until it is lifted. POLL: when it ends */
	struct slice body; /* a record, see record.h; absent: it may not be kept */
	uint32_t body_crc; /* crc32c() of the body where it is known; 0: it is not */
	struct slice edit; /* MESSAGE, when read: the body of the newest EDIT; absent: none */
	enum row_list list;
	struct mark_key key;
	uint32_t person;
	uint32_t choice;
};

#endif
