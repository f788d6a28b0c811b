/* carries.h - what a dialect carries of each event: field by field, in each direction, as its codec
 * declares it in a table (codec.carries). What stands there is tried by
 * tests/codecs/test_carries.c, with the codec's own functions, and is shown to people by `dragoman
 * matrix`. Pure; constant.
 *
 * An event is of a case: its kind, and what of its flags makes it another thing for people. A
 * direction is one of the four functions that turn frames and events into each other:
 *
 *     serves->encode   CARRY_SHOWN: to a client; CARRY_TOLD: to the client whom it concerns
 *     serves->decode   CARRY_SAID: what a client says, in frames or by HTTP
 *     calls->say       CARRY_CALLED: what we say to a server
 *     calls->decode    CARRY_HEARD: what a server tells us
 *
 * Whether a dialect has a word for the kind at all stands in codec.can and calls->can: what the
 * table says holds where that says RULE_NATIVE, or `in`. */
#ifndef CODECS_CARRIES_H
#define CODECS_CARRIES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "codecs/model/envelope.h"

struct codec;

enum event_case {
	CASE_MESSAGE,
	CASE_WHISPER, /* FLAG_PRIVATE */
	CASE_EDIT,
	CASE_DELETE,
	CASE_CLEAR,
	CASE_PURGE,
	CASE_REACTION,
	CASE_TYPING,
	CASE_READ,
	CASE_ENTER,
	CASE_EXIT,
	CASE_INVITE,
	CASE_KICK,
	CASE_BAN, /* FLAG_PERMANENT */
	CASE_TIMEOUT,
	CASE_LIFTED, /* a timeout without a duration */
	CASE_PRESENCE,
	CASE_ROLES,
	CASE_POLL,
	CASE_TALLIES, /* FLAG_AGAIN */
	CASE_VOTE,
	CASE_POLL_END,
	CASE_NOTICE,
	CASE_OPAQUE,
	EVENT_CASES
};

enum event_field {
	FIELD_EVENT, /* the event itself: it is known for what it is */
	FIELD_TEXT,
	FIELD_ACTION,
	FIELD_EMOTES,
	FIELD_LINKS,
	FIELD_MENTIONS,
	FIELD_IMAGES,
	FIELD_AUTHOR_NAME,
	FIELD_AUTHOR_ID, /* number or UUID */
	FIELD_AUTHOR_ROLES,
	FIELD_SUBJECT_NAME,
	FIELD_SUBJECT_ID,
	FIELD_SUBJECT_ROLES,
	FIELD_ID,     /* of the message */
	FIELD_TARGET, /* id of the message acted on */
	FIELD_TIME,
	FIELD_CLIENT_TIME,
	FIELD_THREAD,
	FIELD_EDITED,
	FIELD_REACTIONS, /* each emoji and its count */
	FIELD_EMOJI,
	FIELD_ADDING,
	FIELD_REMOVED, /* ids of messages that are gone with it */
	FIELD_REASON,
	FIELD_DURATION,
	FIELD_STATUS,
	FIELD_QUESTION,
	FIELD_OPTIONS,
	FIELD_COUNTS,
	FIELD_VOTERS,
	FIELD_RUNS, /* how long a poll does */
	FIELD_ENDS, /* when it ends */
	FIELD_CHOICE,
	FIELD_EXTRA,
	EVENT_FIELDS
};

enum carry_direction { CARRY_SHOWN, CARRY_TOLD, CARRY_SAID, CARRY_CALLED, CARRY_HEARD };

/* How a field is carried. What the texts say: carry_text(). */
enum carry {
	CARRY_NO,     /* what no row says */
	CARRY_NATIVE, /* exactly */
	CARRY_HTTP,   /* the same, by a request of HTTP; of what clients say */
	CARRY_COMING, /* the same, by what they do: they connect, and go */
	/* Degraded, by a rule. */
	CARRY_TYPED,
	CARRY_STARS,
	CARRY_LINK,
	CARRY_NICK,
	CARRY_ASKED,
	CARRY_BY_ID,
	CARRY_BY_NAME,
	CARRY_ADDRESSEE,
	CARRY_IN_MAP,
	CARRY_WHOLE_SECONDS,
	CARRY_EACH,
	CARRY_LEAVING,
	CARRY_NEW_ROLES,
	CARRY_MINUTE,
	CARRY_SERVER,
	CARRY_ADMIN,
	/* Not, and why. */
	CARRY_ROOM, /* nor need it be: the room knows it */
	CARRY_SELF, /* the same: who is logged in says it */
	CARRY_THERE,
	CARRY_ALONE,
	CARRY_NOT_PRIVATE,
	CARRY_NO_WAY,
	CARRIES
};

enum carried { CARRIED_NATIVE, CARRIED_DEGRADED, CARRIED_LOST };

/* One row of a codec's table, which ends with case EVENT_CASES. What no row has: CARRY_NO. */
struct carries_row {
	uint64_t fields;              /* bits: these are carried alike */
	uint8_t of;                   /* enum event_case */
	uint8_t how[CARRY_HEARD + 1]; /* by direction: enum carry */
};

/* For the tables: what a client is shown, says; what we say to a server, and hear of it. DEED: of
 * what is done to somebody, where the one concerned is told it otherwise. */
#define CARRIES_ROW(of, fields, shown, said, called, heard)                                        \
	CARRIES_DEED(of, fields, shown, shown, said, called, heard)
#define CARRIES_DEED(of, fields, shown, told, said, called, heard)                                 \
	{                                                                                          \
		fields, CASE_##of,                                                                 \
		{                                                                                  \
			CARRY_##shown, CARRY_##told, CARRY_##said, CARRY_##called, CARRY_##heard   \
		}                                                                                  \
	}
#define CARRIES_END                                                                                \
	{                                                                                          \
		.of = EVENT_CASES                                                                  \
	}
#define FIELD_BIT(field) (UINT64_C(1) << FIELD_##field)
#define FIELDS_AUTHOR    (FIELD_BIT(AUTHOR_NAME) | FIELD_BIT(AUTHOR_ID) | FIELD_BIT(AUTHOR_ROLES))
#define FIELDS_PARTS                                                                               \
	(FIELD_BIT(EMOTES) | FIELD_BIT(LINKS) | FIELD_BIT(MENTIONS) | FIELD_BIT(IMAGES))

/* ---- cases ---- */

/* "kick", "timeout-lifted": as the command line and JSON have it. */
const char *case_name(enum event_case of);

/* "a timeout that is lifted": for people. */
const char *case_phrase(enum event_case of);

enum envelope_kind case_kind(enum event_case of);

/* Flags that make an event of the kind one of that case. */
uint32_t case_flags(enum event_case of);

/* Fields that such an event can have, as bits (1 << enum event_field). */
uint64_t case_fields(enum event_case of);

/* Is it done to somebody, who may be told something else than others? */
bool case_has_subject(enum event_case of);

/* The case of an event. */
enum event_case case_of(const struct envelope *event);

/* ---- fields ---- */

const char *field_name(enum event_field field);

/* ---- claims ---- */

/* What the codec claims. CARRY_NO: no row says anything. */
enum carry carries_find(const struct codec *codec, enum event_case of, enum event_field field,
			enum carry_direction direction);

enum carried carry_class(enum carry carry);

/* By which rule, or why not; for people. Constant. */
const char *carry_text(enum carry carry);

/* Does what is written depend on the field at all? */
bool carry_tells(enum carry carry);

#endif
