/* record.h - one change of a room, as disk (and later a network) keeps it. A room's state is the
 * fold of its records (fold.h).
 *
 * What people are told of a change is not all of it: the rest is in the record's aside. What is not
 * in a record: the correlation of a request, the words that a notice quotes, and what was said in a
 * dialect that forbids keeping it. The bytes: record_format.h. */
#ifndef ROUTES_ROOM_RECORD_H
#define ROUTES_ROOM_RECORD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "codecs/model/envelope.h"
#include "codecs/text/slice.h"
#include "routes/room/room.h"

/* The numbers are those of the bytes. Of every kind: event->room, and number. */
enum record_kind {
	RECORD_EVENT = 1,  /* event, aside; more */
	RECORD_SEAT = 2,   /* a connection is in: seat; event = ENTER with its person as they are in
			    * the room, id 0 when it was not their first; aside.until_ms = how long
			    * they are muted. Person number 0: a reader */
	RECORD_UNSEAT = 3, /* a connection is out: seat.ref; event = EXIT, id 0 when it was not the
			    * last */
	RECORD_DROP = 4,   /* all connections of event->author are out: their KICK was their exit */
	RECORD_PARDON = 5, /* bans are lifted of event->subject, and all that came with them */
	/* Taken; reading them is refused. */
	RECORD_NODE_GONE = 16,
	RECORD_NAME = 17,
	RECORD_CLAIM = 18,
	RECORD_ERASE = 19
};

#define RECORD_VERSION       1
#define RECORD_SIZE_MAX      (UINT32_C(64) << 20) /* bytes */
#define RECORD_ADDRESSES_MAX 1024
#define RECORD_FILES_MAX     64
#define RECORD_FOREVER       UINT64_MAX /* as MARK_FOREVER */

/* What the fold needs and the event does not show. */
struct record_aside {
	struct person writer;   /* who wrote a message under a rule's name; number 0: its author */
	uint32_t voter, choice; /* of a vote; voter 0: it is none */
	uint64_t about;         /* the end of a poll: the id of its start; 0: of none */
	uint64_t until_ms;      /* the end of a ban, a mute, or (SEAT) of what is left of one:
				 * wall clock; 0: there is none. It began at event->time_ms */
	const uint64_t *addresses; /* of the subject's connections, none of them 0 */
	size_t address_count;      /* at most RECORD_ADDRESSES_MAX */
	bool present;              /* the subject was in the room */
	bool own;                  /* a PURGE: only what was written under the subject's name; a
				    * USER_UPDATE: the author gives the room away */
	bool unbans, unmutes;      /* a USER_UPDATE: what lifted a ban, a mute without end */
	bool keep;                 /* the words may be kept. Else they are not in the bytes; a
				    * reaction's emoji is no words */
};

/* A connection. Of no use after a restart. */
struct record_seat {
	struct session_ref ref;
	uint32_t form;
	uint64_t address; /* see room_enter() */
};

struct record_file {
	struct slice url, media_type, name;
	uint64_t size; /* bytes; 0: unknown */
};

/* What living protocols have and our dialects lack: a place in the bytes, which nothing fills yet.
 */
struct record_more {
	uint64_t reply_to;          /* a message's id; 0: none */
	struct person reply_author; /* as quoted */
	const struct record_file *files;
	size_t file_count;            /* at most RECORD_FILES_MAX */
	struct slice avatar, display; /* the author's: a URL, and a name beside the account's */
};

struct record {
	enum record_kind kind;
	uint64_t number; /* 1, 2, 3 ... within its room: none is missing */
	const struct envelope *event;
	struct record_seat seat;
	struct record_aside aside;
	const struct record_more *more; /* NULL: nothing of it */
};

/* Takes note of a record, which it borrows, with all it points at, for this call: who wants to keep
 * it writes its bytes. Called in the middle of a change of the room, and so may not call it. */
typedef void record_sink(void *owner, const struct record *record);

/* Are the event's text and parts in the bytes? */
static inline bool record_has_words(const struct record *record)
{
	return record->aside.keep || record->event->kind == KIND_REACTION;
}

/* How many bytes record_write() writes at most: some hundred more than it does, and the text once
 * more if it has parts. Pure, like all here; any thread. */
size_t record_most(const struct record *record);

/* Writes one record to `to`, which has room for record_most() bytes. Returns how many it wrote.
 * Borrows record. */
size_t record_write(const struct record *record, unsigned char *to);

/* The size of the first record of a block, which holds one after the other; 0: it is cut, or no
 * record's. Checks nothing else. */
size_t record_first(struct slice block);

enum record_verdict {
	RECORD_SOUND,
	RECORD_DAMAGED, /* cut, changed, or never written by record_write() */
	RECORD_UNKNOWN  /* sound, but of a version or kind that this program does not know */
};

/* Reads one record, all of bytes. When sound: *record is to be cleared, event is sealed (whoever
 * keeps it holds it), all else borrows from bytes; writing it gives the same bytes. Else *record is
 * not changed. */
enum record_verdict record_read(struct slice bytes, struct record *record)
    __attribute__((warn_unused_result));

/* crc32c() of all bytes of any sound record: its own checksum is the last of them. */
#define RECORD_CRC_OF_ALL UINT32_C(0x48674bc7)

/* What is kept of a message beside its bytes. Borrows from these. */
struct record_said {
	uint64_t id, time_ms;
	uint32_t flags;
	struct slice room;
	struct person writer; /* the event's author, unless the aside has a writer */
	bool keep;            /* as in the aside */
};

/* The same as record_read() of a record whose event is KIND_MESSAGE, without making all of it: a
 * tenth of the time. The bytes are looked at by their checksum, and no further than to what is in
 * *said. False: it is no such record, or not sound; *said means nothing. */
bool record_read_said(struct slice bytes, struct record_said *said)
    __attribute__((warn_unused_result));

/* Frees what record_read() made. */
void record_clear(struct record *record);

#endif
