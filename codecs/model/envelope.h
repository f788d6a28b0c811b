/* envelope.h - one chat event in the common form that all dialects share.
 *
 * An envelope is a draft while a decoder fills it in on its stack: its slices
 * and arrays borrow from the frame and the scratch memory of that turn.
 * envelope_seal() copies it, with everything it points at, into one counted
 * block. The one holder of a fresh block may still write its scalar fields
 * (id, sequence, time_ms, roles); from the first envelope_hold() or hand-over
 * to another thread on it is immutable and any thread may read it. */
#ifndef CODECS_MODEL_ENVELOPE_H
#define CODECS_MODEL_ENVELOPE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "codecs/text/slice.h"

/* What happened. Beside each kind: the fields it uses besides room, author and time.
 * "target" is the id of the message acted on, "subject" the person. */
enum envelope_kind {
	KIND_MESSAGE, /* text, parts; FLAG_ACTION; FLAG_PRIVATE with subject (a whisper) */
	KIND_EDIT,    /* target, text and parts (the new ones), FLAG_ACTION, subject = the writer */
	KIND_DELETE,  /* target, subject = the writer */
	KIND_CLEAR,   /* removed = ids that were visible; FLAG_AGAIN: the rest of them */
	KIND_PURGE,   /* subject, removed; FLAG_AGAIN: the rest of what a purge, kick or timeout
		       * removed */
	KIND_REACTION, /* target, text = the emoji, FLAG_ADDING, subject = the writer;
			* reactions = the new whole map */
	KIND_TYPING,   /* client_time_ms, thread */
	KIND_READ,     /* target */
	KIND_ENTER,    /* the author is here now (first connection) */
	KIND_EXIT,     /* the author is gone (last connection) */
	KIND_INVITE,   /* subject; goes to the subject's sessions only */
	KIND_KICK, /* subject, text = reason (may be empty), FLAG_PERMANENT = ban; removed. Of the
		    * bridge's own draft alone: duration_ms of the ban, 0: for ever */
	KIND_TIMEOUT,  /* subject, duration_ms (0: lifted), text = reason (may be empty); removed */
	KIND_PRESENCE, /* text: "ONLINE", "AWAY", "DO_NOT_DISTURB" or "OFFLINE" */
	KIND_USER_UPDATE, /* subject with its new roles */
	KIND_POLL_START,  /* poll; FLAG_AGAIN when only the tallies are new */
	KIND_POLL_VOTE,   /* choice (0-based); the room turns it into POLL_START with FLAG_AGAIN */
	KIND_POLL_END,    /* poll */
	KIND_NOTICE,      /* text; no author: the bridge speaks */
	KIND_OPAQUE,      /* extra: a server's event we do not model */
	ENVELOPE_KINDS
};

/* "message", "edit", ...: the name used in logs, configuration and transcripts.
 * Constant for the process; kind must be below ENVELOPE_KINDS. */
const char *envelope_kind_name(enum envelope_kind kind);

/* The kind of that name, or ENVELOPE_KINDS when there is none. */
enum envelope_kind envelope_kind_find(struct slice name);

enum envelope_flag {
	FLAG_ACTION = 1 << 0,    /* "/me": text is what the author does */
	FLAG_PRIVATE = 1 << 1,   /* for the subject alone; never widened */
	FLAG_PERMANENT = 1 << 2, /* a kick that bans */
	FLAG_ADDING = 1 << 3,    /* a reaction is added (not removed) */
	FLAG_AGAIN = 1 << 4,     /* more of what was told already: a poll's tallies, removed ids */
	FLAG_EDITED = 1 << 5,    /* history: the text is not the first one */
	FLAG_DEGRADED = 1 << 6,  /* decoding replaced something (a lone surrogate escape) */
	FLAG_CONNECTED = 1 << 7, /* enters, exits a room only: was, or is, online all the same */
	FLAG_RENAMED = 1 << 8,   /* the author's name is what a rule shows in its place */
	FLAG_ABSENT = 1 << 9,    /* a kick: the subject was not there */
	FLAG_MASS_MENTIONS = 1 << 10 /* a rule has it call everybody in other dialects, too */
};

/* Roles are an unordered set. USER is what everyone with a name has. */
enum person_role {
	ROLE_USER = 1 << 0,
	ROLE_PRO = 1 << 1,
	ROLE_SUBSCRIBER = 1 << 2,
	ROLE_EDITOR = 1 << 3,
	ROLE_MOD = 1 << 4,
	ROLE_STAFF = 1 << 5,
	ROLE_FOUNDER = 1 << 6,
	ROLE_OWNER = 1 << 7,
	ROLE_BANNED = 1 << 8,
	ROLE_MUTED = 1 << 9
};

#define ROLES_MODERATING (ROLE_EDITOR | ROLE_MOD | ROLE_STAFF | ROLE_FOUNDER | ROLE_OWNER)

/* The role of a configuration word ("user", "pro", "subscriber", "editor", "mod", "staff",
 * "founder", "owner", "banned", "muted"), or 0 when there is none. */
uint32_t person_role_find(struct slice name);

/* The word of one role, as above; NULL when role is not exactly one of them. Constant. */
const char *person_role_name(uint32_t role);

/* A person. number is positive and below 2^31; 0 means no person (a notice, an anonymous reader).
 */
struct person {
	struct slice name;      /* for display, cleaned */
	uint32_t number;        /* what mixer and concord show */
	unsigned char uuid[16]; /* what rooms shows */
	uint32_t roles;         /* enum person_role bits */
};

/* A piece of a message's text. Each part's plain text is in text; the concatenation of all
 * parts' text is the message. */
enum part_kind {
	PART_TEXT,
	PART_EMOTE,   /* text ":)"; name: the sheet's own name of it, x and y its place there */
	PART_LINK,    /* text as typed; name: the URL with its scheme */
	PART_MENTION, /* text "@Name"; name: the person's name; number */
	PART_IMAGE    /* text; name: the URL */
};

struct part {
	enum part_kind kind;
	struct slice text, name;
	uint32_t number;
	uint16_t x, y;
};

struct reaction_count {
	struct slice emoji;
	uint32_t count; /* never 0 */
};

#define POLL_OPTIONS_MAX 16

struct poll {
	struct slice question;
	struct slice options[POLL_OPTIONS_MAX];
	uint32_t counts[POLL_OPTIONS_MAX];
	uint32_t option_count, voters;
	uint64_t duration_ms, ends_ms; /* ends_ms: ms since 1970, the same in every re-send */
};

/* What a room knows of the message that an event acts on. Never sent to a backend. */
struct target_note {
	uint64_t time_ms; /* when it was said */
	uint64_t shown;   /* the newest id under which it is shown where there are no edits; 0: its
			   * own */
	struct slice quote; /* its first words, where they may be shown; absent: they may not */
};

struct origin {
	struct slice dialect;  /* the codec's name; "bridge" for what the bridge itself says */
	struct slice instance; /* the mount, upstream or backend it came in by */
	uint32_t hops;
	struct slice trail; /* which Dragomans it came through, as trail.h has it; absent: none */
	uint64_t record;    /* what this process wrote down of how it came in; 0: nothing. It is not
			     * stored, nor sent anywhere */
};

/* Limits on the arrays; a decoder refuses more, a fold keeps to them. */
#define ENVELOPE_PARTS_MAX     1024
#define ENVELOPE_REACTIONS_MAX 64
#define ENVELOPE_REMOVED_MAX   4096

struct envelope {
	enum envelope_kind kind;
	uint32_t flags;         /* enum envelope_flag */
	uint32_t ladder;        /* how a rule has it shown: codecs/ladder.h; 0: as its room has
				 * it. It is not stored, nor sent anywhere */
	uint64_t id;            /* below 2^53, increasing within a room; 0: not ordered yet */
	uint64_t sequence;      /* 1, 2, 3 ... within its room; 0: not ordered yet, or without a
				 * place there: envelope_has_place() */
	uint64_t time_ms;       /* when it was ordered, ms since 1970 UTC */
	int64_t client_time_ms; /* what the client said, 0 if nothing; for show only */
	struct slice room;      /* canonical room name */
	struct slice thread;
	struct person author, subject;
	uint64_t target;                /* a message's id; 0: none */
	const struct target_note *note; /* of the target; NULL: nothing is known */
	struct slice text;              /* UTF-8, may hold NUL bytes */
	const struct part *parts;       /* none: the text is one text part */
	size_t part_count;
	const struct reaction_count *reactions;
	size_t reaction_count;
	const uint64_t *removed; /* message ids that are gone with this event */
	size_t removed_count;
	const struct poll *poll; /* NULL but for polls */
	uint32_t choice;
	uint64_t duration_ms;
	struct slice correlation; /* the sender's request id as the JSON text it came in; encode()
				     must not read it */
	struct slice extra; /* checked JSON from a server we call, never from a client: members
			     * without braces, of KIND_OPAQUE the whole frame. For its dialect */
	struct origin origin;
};

/* Is an event of that kind about a message, its target? */
static inline bool envelope_acts_on_message(enum envelope_kind kind)
{
	return kind == KIND_EDIT || kind == KIND_DELETE || kind == KIND_REACTION ||
	       kind == KIND_READ;
}

/* Is this event for the subject's connections only? */
static inline bool envelope_is_private(const struct envelope *event)
{
	return event->flags & FLAG_PRIVATE || event->kind == KIND_INVITE;
}

/* Is it to be seen by nobody but the subject? A dialect that cannot promise that is not given it.
 * What the bridge itself has to tell somebody only has to go to nobody else. */
static inline bool envelope_is_secret(const struct envelope *event)
{
	return event->flags & FLAG_PRIVATE &&
	       !(event->kind == KIND_NOTICE && slice_is(event->origin.dialect, "bridge"));
}

/* Has it a place in its room's sequence? What is private has none, nor has what leaves nothing
 * behind. */
static inline bool envelope_has_place(const struct envelope *event)
{
	const uint32_t passing = UINT32_C(1) << KIND_TYPING | UINT32_C(1) << KIND_READ |
				 UINT32_C(1) << KIND_PRESENCE | UINT32_C(1) << KIND_OPAQUE;

	return !(passing >> event->kind & 1) && !envelope_is_private(event);
}

/* Copies all that draft holds and borrows into one block (deep). Any thread.
 * Borrows draft; returns new with a count of one. */
struct envelope *envelope_seal(const struct envelope *draft);

/* One more holder. Borrows; returns the same pointer, now held once more. Any thread. */
const struct envelope *envelope_hold(const struct envelope *sealed);

/* One holder less; the last one frees the block. NULL is ignored. Any thread. Only for blocks
 * that envelope_seal() returned. */
void envelope_release(const struct envelope *sealed);

#endif
