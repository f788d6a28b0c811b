#include "codecs/carries.h"

#include "codecs/codec.h"

#define BIT     FIELD_BIT
#define AUTHOR  FIELDS_AUTHOR
#define PARTS   FIELDS_PARTS
#define SUBJECT (BIT(SUBJECT_NAME) | BIT(SUBJECT_ID))
#define EVERY   (BIT(EVENT) | BIT(EXTRA))
#define SPOKEN  (EVERY | BIT(TEXT) | AUTHOR | BIT(ID) | BIT(TIME))
#define DEED    (EVERY | AUTHOR | SUBJECT | BIT(REASON))
#define POLL                                                                                       \
	(EVERY | AUTHOR | BIT(QUESTION) | BIT(OPTIONS) | BIT(COUNTS) | BIT(VOTERS) | BIT(RUNS) |   \
	 BIT(ENDS))

static const struct {
	const char *name, *phrase;
	enum envelope_kind kind;
	uint32_t flags;
	uint64_t fields;
} cases[EVENT_CASES] = {
	[CASE_MESSAGE] = { "message", "message", KIND_MESSAGE, 0,
			   SPOKEN | PARTS | BIT(ACTION) | BIT(CLIENT_TIME) | BIT(THREAD) |
			       BIT(EDITED) | BIT(REACTIONS) },
	[CASE_WHISPER] = { "whisper", "whisper, private notice", KIND_MESSAGE, FLAG_PRIVATE,
			   SPOKEN | PARTS | BIT(ACTION) | SUBJECT },
	[CASE_EDIT] = { "edit", "edit", KIND_EDIT, 0,
			EVERY | AUTHOR | SUBJECT | PARTS | BIT(TEXT) | BIT(ACTION) | BIT(TARGET) },
	[CASE_DELETE] = { "delete", "delete one message", KIND_DELETE, 0,
			  EVERY | AUTHOR | SUBJECT | BIT(TARGET) },
	[CASE_CLEAR] = { "clear", "delete all messages", KIND_CLEAR, 0,
			 EVERY | AUTHOR | BIT(REMOVED) },
	[CASE_PURGE] = { "purge", "delete one's messages", KIND_PURGE, 0,
			 EVERY | AUTHOR | SUBJECT | BIT(REMOVED) },
	[CASE_REACTION] = { "reaction", "reaction", KIND_REACTION, 0,
			    EVERY | AUTHOR | SUBJECT | BIT(TARGET) | BIT(EMOJI) | BIT(ADDING) |
				BIT(REACTIONS) },
	[CASE_TYPING] = { "typing", "typing", KIND_TYPING, 0,
			  EVERY | AUTHOR | BIT(CLIENT_TIME) | BIT(THREAD) },
	[CASE_READ] = { "read", "read receipt", KIND_READ, 0, EVERY | AUTHOR | BIT(TARGET) },
	[CASE_ENTER] = { "enter", "a user enters", KIND_ENTER, 0, EVERY | AUTHOR | BIT(TIME) },
	[CASE_EXIT] = { "exit", "a user leaves", KIND_EXIT, 0, EVERY | AUTHOR | BIT(TIME) },
	[CASE_INVITE] = { "invite", "invite", KIND_INVITE, 0, EVERY | AUTHOR | SUBJECT },
	[CASE_KICK] = { "kick", "kick", KIND_KICK, 0, DEED | BIT(REMOVED) },
	[CASE_BAN] = { "ban", "ban", KIND_KICK, FLAG_PERMANENT, DEED | BIT(REMOVED) },
	[CASE_TIMEOUT] = { "timeout", "timeout", KIND_TIMEOUT, 0,
			   DEED | BIT(REMOVED) | BIT(DURATION) },
	[CASE_LIFTED] = { "timeout-lifted", "a timeout that is lifted", KIND_TIMEOUT, 0, DEED },
	[CASE_PRESENCE] = { "presence", "presence (away, busy)", KIND_PRESENCE, 0,
			    EVERY | AUTHOR | BIT(STATUS) },
	[CASE_ROLES] = { "roles", "new roles", KIND_USER_UPDATE, 0,
			 EVERY | AUTHOR | SUBJECT | BIT(SUBJECT_ROLES) },
	[CASE_POLL] = { "poll", "poll", KIND_POLL_START, 0, POLL },
	[CASE_TALLIES] = { "tallies", "new tallies of a poll", KIND_POLL_START, FLAG_AGAIN, POLL },
	[CASE_VOTE] = { "vote", "vote", KIND_POLL_VOTE, 0, EVERY | AUTHOR | BIT(CHOICE) },
	[CASE_POLL_END] = { "poll-end", "a poll ends", KIND_POLL_END, 0, POLL },
	[CASE_NOTICE] = { "notice", "notice of the server", KIND_NOTICE, 0,
			  EVERY | BIT(TEXT) | PARTS | BIT(ID) | BIT(TIME) },
	[CASE_OPAQUE] = { "opaque", "what is not modelled", KIND_OPAQUE, 0, EVERY },
};

static const char *const field_names[EVENT_FIELDS] = {
	[FIELD_EVENT] = "event",
	[FIELD_TEXT] = "text",
	[FIELD_ACTION] = "action",
	[FIELD_EMOTES] = "emoticons",
	[FIELD_LINKS] = "links",
	[FIELD_MENTIONS] = "mentions",
	[FIELD_IMAGES] = "images",
	[FIELD_AUTHOR_NAME] = "author's name",
	[FIELD_AUTHOR_ID] = "author's id",
	[FIELD_AUTHOR_ROLES] = "author's roles",
	[FIELD_SUBJECT_NAME] = "subject's name",
	[FIELD_SUBJECT_ID] = "subject's id",
	[FIELD_SUBJECT_ROLES] = "subject's roles",
	[FIELD_ID] = "id",
	[FIELD_TARGET] = "target",
	[FIELD_TIME] = "time",
	[FIELD_CLIENT_TIME] = "client's time",
	[FIELD_THREAD] = "thread",
	[FIELD_EDITED] = "edited",
	[FIELD_REACTIONS] = "reactions",
	[FIELD_EMOJI] = "emoji",
	[FIELD_ADDING] = "added or taken back",
	[FIELD_REMOVED] = "removed messages",
	[FIELD_REASON] = "reason",
	[FIELD_DURATION] = "duration",
	[FIELD_STATUS] = "status",
	[FIELD_QUESTION] = "question",
	[FIELD_OPTIONS] = "options",
	[FIELD_COUNTS] = "votes for each",
	[FIELD_VOTERS] = "voters",
	[FIELD_RUNS] = "how long",
	[FIELD_ENDS] = "end",
	[FIELD_CHOICE] = "choice",
	[FIELD_EXTRA] = "what is not modelled",
};

static const struct {
	enum carried class;
	bool tells;
	const char *text;
} rules[CARRIES] = {
	[CARRY_NO] = { CARRIED_LOST, false, "the dialect has no place for it" },
	[CARRY_NATIVE] = { CARRIED_NATIVE, true, "as it is" },
	[CARRY_HTTP] = { CARRIED_NATIVE, true, "by a request of HTTP" },
	[CARRY_COMING] = { CARRIED_NATIVE, true, "by connecting, and leaving" },
	[CARRY_TYPED] = { CARRIED_DEGRADED, false, "as it was typed, in the text" },
	[CARRY_STARS] = { CARRIED_DEGRADED, true, "as *NAME TEXT*" },
	[CARRY_LINK] = { CARRIED_DEGRADED, false, "as * NAME TEXT" },
	[CARRY_NICK] = { CARRIED_DEGRADED, false, "before the text, as nick_format says" },
	[CARRY_ASKED] = { CARRIED_DEGRADED, false, "asked for by HTTP, by the id" },
	[CARRY_BY_ID] = { CARRIED_DEGRADED, false, "known by the id" },
	[CARRY_BY_NAME] = { CARRIED_DEGRADED, false, "known by the name" },
	[CARRY_ADDRESSEE] = { CARRIED_DEGRADED, false, "it is who is told" },
	[CARRY_IN_MAP] = { CARRIED_DEGRADED, false, "in the map of all reactions" },
	[CARRY_WHOLE_SECONDS] = { CARRIED_DEGRADED, true, "in whole seconds" },
	[CARRY_EACH] = { CARRIED_DEGRADED, true, "as the deletion of each message" },
	[CARRY_LEAVING] = { CARRIED_DEGRADED, true, "as a leaving" },
	[CARRY_NEW_ROLES] = { CARRIED_DEGRADED, true, "as new roles" },
	[CARRY_MINUTE] = { CARRIED_DEGRADED, true, "as a timeout of a minute" },
	[CARRY_SERVER] = { CARRIED_DEGRADED, true, "as a message of the server's own" },
	[CARRY_ADMIN] = { CARRIED_DEGRADED, true, "admin, or not" },
	[CARRY_ROOM] = { CARRIED_LOST, false, "the room knows it" },
	[CARRY_SELF] = { CARRIED_LOST, false, "it is who is logged in" },
	[CARRY_THERE] = { CARRIED_LOST, false, "the server there says it itself" },
	[CARRY_ALONE] = { CARRIED_LOST, false, "only servers of the dialect say such" },
	[CARRY_NOT_PRIVATE] = { CARRIED_LOST, false, "it could not be kept private" },
	[CARRY_NO_WAY] = { CARRIED_LOST, false, "a client has no way to do it" },
};

const char *case_name(enum event_case of)
{
	return cases[of].name;
}

const char *case_phrase(enum event_case of)
{
	return cases[of].phrase;
}

enum envelope_kind case_kind(enum event_case of)
{
	return cases[of].kind;
}

uint32_t case_flags(enum event_case of)
{
	return cases[of].flags;
}

uint64_t case_fields(enum event_case of)
{
	return cases[of].fields;
}

bool case_has_subject(enum event_case of)
{
	return cases[of].kind == KIND_KICK || cases[of].kind == KIND_TIMEOUT;
}

enum event_case case_of(const struct envelope *event)
{
	enum event_case best = EVENT_CASES;

	if (event->kind == KIND_TIMEOUT)
		return event->duration_ms ? CASE_TIMEOUT : CASE_LIFTED;
	for (enum event_case of = 0; of < EVENT_CASES; of++)
		if (cases[of].kind == event->kind && !(cases[of].flags & ~event->flags) &&
		    (best == EVENT_CASES || cases[of].flags))
			best = of;
	return best;
}

const char *field_name(enum event_field field)
{
	return field_names[field];
}

/* Nobody says it, because the room finds it out: so does a room at a server. */
#define FOUND_OUT                                                                                  \
	(SUBJECT | PARTS | BIT(ID) | BIT(TIME) | BIT(EDITED) | BIT(REACTIONS) | BIT(REMOVED) |     \
	 BIT(COUNTS) | BIT(VOTERS) | BIT(ENDS))

/* What needs no row. */
static enum carry usual(enum event_field field, enum carry_direction direction)
{
	uint64_t bit = UINT64_C(1) << field;
	bool to_server = direction == CARRY_CALLED;

	if (direction != CARRY_SAID && !to_server)
		return CARRY_NO;
	if (bit & AUTHOR)
		return CARRY_SELF;
	if (bit & FOUND_OUT)
		return to_server ? CARRY_THERE : CARRY_ROOM;
	return bit == BIT(EXTRA) ? CARRY_ALONE : CARRY_NO;
}

enum carry carries_find(const struct codec *codec, enum event_case of, enum event_field field,
			enum carry_direction direction)
{
	const struct carries_row *row = codec->carries;
	enum carry found = CARRY_NO;

	for (; row && row->of != EVENT_CASES && found == CARRY_NO; row++)
		if (row->of == of && row->fields & UINT64_C(1) << field)
			found = row->how[direction];
	return found == CARRY_NO ? usual(field, direction) : found;
}

enum carried carry_class(enum carry carry)
{
	return rules[carry].class;
}

const char *carry_text(enum carry carry)
{
	return rules[carry].text;
}

bool carry_tells(enum carry carry)
{
	return rules[carry].tells;
}
