#include "codecs/mixer/link.h"

const char *const mixer_user_keys[3] = { "user_id", "user_name", "user_roles" };

/* ---- people and rooms ---- */

/* Nobody has 0, and what is less stands for no user at all. */
static bool is_nobody(struct slice id)
{
	return slice_is(id, "0") || (id.len && id.data[0] == '-');
}

bool mixer_read_person(struct mixer_reading *r, struct json_value object, const char *const keys[3],
		       struct foreign_person *person)
{
	struct json_value id = json_find(object, keys[0]);

	*person = (struct foreign_person){ .roles = 0 };
	if (id.type == JSON_OBJECT || id.type == JSON_ARRAY || !call_id(id, &r->free, &person->id))
		return false;
	if (is_nobody(person->id))
		person->id = (struct slice){ NULL, 0 };
	if (json_find(object, keys[1]).type == JSON_STRING)
		person->name = call_text(json_find(object, keys[1]), &r->free, NULL);
	if (!person->name.len)
		person->name = (struct slice){ NULL, 0 };
	person->roles = mixer_read_roles(json_find(object, keys[2]), r->free);
	return true;
}

bool mixer_read_room(struct mixer_reading *r, const char *key)
{
	struct slice *room = &r->heard.room;

	if (!call_id(json_find(r->data, key), &r->free, room))
		return false;
	if (slice_equal(*room, slice_of(mixer_link_of(r->peer)->channel)) || is_nobody(*room))
		*room = (struct slice){ NULL, 0 };
	return true;
}

static bool is_self(const struct mixer_reading *r, const struct foreign_person *person)
{
	const struct mixer_link *link = mixer_link_of(r->peer);

	return link->user && slice_equal(person->id, slice_of(link->user));
}

/* ---- what is not modelled: the members that the serving side writes for the kind are ---- */

static const char *const of_presence[] = { "originatingChannel", "username", "roles", "id", NULL };
static const char *const of_update[] = { "user", "roles", "username", "permissions", NULL };
static const char *const of_delete[] = { "id", "moderator", NULL };
static const char *const of_clear[] = { "clearer", NULL };
/* A timeout is written in two events. */
static const char *const of_removal[] = {
	"user_id", "moderator", "cause", "user", "duration", NULL
};
static const char *const of_poll[] = { "originatingChannel", "q",      "answers", "author",
				       "duration",           "endsAt", "voters",  "responses",
				       "responsesByIndex",   NULL };

static enum reason tell(struct mixer_reading *r, enum envelope_kind kind,
			const char *const *modelled)
{
	r->heard.event.kind = kind;
	r->heard.event.extra = call_extra(r->data, modelled, &r->free);
	r->sink->heard(r->sink, &r->heard);
	return REASON_NONE;
}

/* ---- one event each ---- */

static bool read_comer(struct mixer_reading *r)
{
	static const char *const keys[3] = { "id", "username", "roles" };
	struct foreign_person *author = &r->heard.author;

	return mixer_read_room(r, "originatingChannel") &&
	       mixer_read_person(r, r->data, keys, author) && author->id.len;
}

/* We are told of ourselves even before the answer to auth. */
static enum reason hear_join(struct mixer_reading *r)
{
	if (!read_comer(r))
		return REASON_BAD_ARGUMENT;
	if (!mixer_link_of(r->peer)->up && is_self(r, &r->heard.author))
		return REASON_NONE;
	if (!r->heard.room.len)
		r->sink->known(r->sink, &r->heard.author, true);
	return tell(r, KIND_ENTER, of_presence);
}

static enum reason hear_leave(struct mixer_reading *r)
{
	if (!read_comer(r))
		return REASON_BAD_ARGUMENT;
	(void)tell(r, KIND_EXIT, of_presence);
	if (!r->heard.room.len)
		r->sink->known(r->sink, &r->heard.author, false);
	return REASON_NONE;
}

static enum reason hear_update(struct mixer_reading *r)
{
	static const char *const keys[3] = { "user", "username", "roles" };
	struct foreign_person *subject = &r->heard.subject;

	if (json_find(r->data, "roles").type != JSON_ARRAY ||
	    !mixer_read_person(r, r->data, keys, subject) || !subject->id.len)
		return REASON_BAD_ARGUMENT;
	return tell(r, KIND_USER_UPDATE, of_update);
}

static enum reason hear_user_timeout(struct mixer_reading *r)
{
	const struct mixer_link *link = mixer_link_of(r->peer);
	struct foreign_person *subject = &r->heard.subject;

	if (!mixer_read_person(r, json_find(r->data, "user"), mixer_user_keys, subject))
		return REASON_BAD_ARGUMENT;
	/* Only the one concerned is told. */
	if (!subject->id.len && link->user)
		*subject = (struct foreign_person){ .id = slice_of(link->user),
						    .name = slice_of(link->name) };
	/* 0 would lift it. */
	r->heard.event.duration_ms =
	    call_unsigned(json_find(r->data, "duration"), INT64_MAX, UINT64_MAX);
	if (r->heard.event.duration_ms == UINT64_MAX)
		return REASON_BAD_ARGUMENT;
	return tell(r, KIND_TIMEOUT, of_removal);
}

static enum reason hear_deletion(struct mixer_reading *r)
{
	if (!call_id(json_find(r->data, "id"), &r->free, &r->heard.target) ||
	    !r->heard.target.len ||
	    !mixer_read_person(r, json_find(r->data, "moderator"), mixer_user_keys,
			       &r->heard.author))
		return REASON_BAD_ARGUMENT;
	return tell(r, KIND_DELETE, of_delete);
}

static enum reason hear_clearing(struct mixer_reading *r)
{
	if (!mixer_read_person(r, json_find(r->data, "clearer"), mixer_user_keys, &r->heard.author))
		return REASON_BAD_ARGUMENT;
	return tell(r, KIND_CLEAR, of_clear);
}

/* A ban, or a timeout. How long is only told in words; the one concerned is told it otherwise. */
static enum envelope_kind kind_of(struct mixer_reading *r, struct json_value cause)
{
	struct slice type = json_text(json_find(cause, "type"), r->free, NULL);
	bool bans = slice_is(type, "ban");
	uint64_t seconds;

	if (bans) {
		r->heard.event.flags |= FLAG_PERMANENT;
		return KIND_KICK;
	}
	if ((!slice_is(type, "timeout") && !slice_is(type, "globaltimeout")) ||
	    is_self(r, &r->heard.subject) ||
	    !mixer_seconds(json_text(json_find(cause, "durationString"), r->free, NULL), &seconds))
		return KIND_PURGE;
	r->heard.event.duration_ms = seconds * 1000;
	return KIND_TIMEOUT;
}

static enum reason hear_purge(struct mixer_reading *r)
{
	struct foreign_person *subject = &r->heard.subject;

	if (!mixer_read_person(r, r->data, mixer_user_keys, subject) || !subject->id.len ||
	    !mixer_read_person(r, json_find(r->data, "moderator"), mixer_user_keys,
			       &r->heard.author))
		return REASON_BAD_ARGUMENT;
	return tell(r, kind_of(r, json_find(r->data, "cause")), of_removal);
}

/* ---- polls ---- */

static uint32_t clamped(struct json_value value)
{
	return (uint32_t)call_unsigned(value, UINT32_MAX, 0);
}

/* By place, or by the text of the answer. */
static void read_counts(const struct mixer_reading *r, struct poll *poll)
{
	struct json_value counts = json_find(r->data, "responsesByIndex"), name, value, answer;
	struct json_value answers = json_find(r->data, "answers");
	struct json_value map = json_find(r->data, "responses");
	size_t at = 0, pair = 0, cursor = 0;

	for (uint32_t i = 0; i < poll->option_count && json_item(counts, &at, &value); i++)
		poll->counts[i] = clamped(value);
	if (counts.type == JSON_ARRAY)
		return;
	for (uint32_t i = 0; i < poll->option_count && json_item(answers, &cursor, &answer); i++)
		for (pair = 0; json_pair(map, &pair, &name, &value);)
			if (slice_equal(name.source, answer.source))
				poll->counts[i] = clamped(value);
}

static bool read_poll(struct mixer_reading *r, struct poll *poll)
{
	struct json_value answers = json_find(r->data, "answers"), item;
	size_t cursor = 0;

	if (json_find(r->data, "q").type != JSON_STRING || answers.type != JSON_ARRAY ||
	    !mixer_read_room(r, "originatingChannel") ||
	    !mixer_read_person(r, json_find(r->data, "author"), mixer_user_keys, &r->heard.author))
		return false;
	poll->question = call_text(json_find(r->data, "q"), &r->free, NULL);
	while (poll->option_count < POLL_OPTIONS_MAX && json_item(answers, &cursor, &item))
		poll->options[poll->option_count++] = call_text(item, &r->free, NULL);
	read_counts(r, poll);
	poll->voters = clamped(json_find(r->data, "voters"));
	poll->duration_ms = call_unsigned(json_find(r->data, "duration"), INT64_MAX, 0);
	poll->ends_ms = call_unsigned(json_find(r->data, "endsAt"), INT64_MAX, 0);
	if (!poll->ends_ms)
		poll->ends_ms = r->peer->now_ms + poll->duration_ms;
	r->heard.event.poll = poll;
	return poll->option_count > 0;
}

static uint64_t poll_hash(const struct poll *poll)
{
	uint64_t hash = slice_fnv(poll->question) | 1;

	for (uint32_t i = 0; i < poll->option_count; i++)
		hash = hash * 31 + slice_fnv(poll->options[i]);
	return hash | 1;
}

#define POLL_LATE_MS 5000 /* so much behind its end a poll may still be told again */

static enum reason hear_poll_start(struct mixer_reading *r)
{
	struct mixer_link *link = mixer_link_of(r->peer);
	struct poll poll = { .option_count = 0 };
	uint64_t hash;

	if (!read_poll(r, &poll))
		return REASON_BAD_ARGUMENT;
	hash = poll_hash(&poll);
	if (link->poll == hash && r->peer->now_ms < link->poll_ends_ms + POLL_LATE_MS)
		r->heard.event.flags |= FLAG_AGAIN;
	link->poll = hash;
	link->poll_ends_ms = poll.ends_ms;
	return tell(r, KIND_POLL_START, of_poll);
}

static enum reason hear_poll_end(struct mixer_reading *r)
{
	struct poll poll = { .option_count = 0 };

	if (!read_poll(r, &poll))
		return REASON_BAD_ARGUMENT;
	mixer_link_of(r->peer)->poll = 0;
	return tell(r, KIND_POLL_END, of_poll);
}

/* ---- all of them ---- */

/* As it came, but never so that it could be taken for something else, by whoever looks for keys. */
static enum reason hear_other(struct mixer_reading *r)
{
	struct json_value name, value;
	size_t cursor = 0;

	while (json_pair(r->frame, &cursor, &name, &value))
		if (name.escaped || slice_is(name.source, "\"id\""))
			return REASON_UNKNOWN_VERB;
	r->free = r->peer->scratch; /* the name is not needed any more */
	r->heard.event.extra = r->data.type == JSON_OBJECT ? call_opaque(r->frame.source, &r->free)
							   : (struct slice){ NULL, 0 };
	if (!r->heard.event.extra.data)
		return REASON_UNKNOWN_VERB;
	r->heard.event.kind = KIND_OPAQUE;
	r->sink->heard(r->sink, &r->heard);
	return REASON_NONE;
}

enum reason mixer_hear_event(struct mixer_reading *r, struct slice name)
{
	static const struct {
		const char *name;
		enum reason (*hear)(struct mixer_reading *);
	} events[] = {
		{ "ChatMessage", mixer_hear_chat },   { "UserJoin", hear_join },
		{ "UserLeave", hear_leave },          { "UserUpdate", hear_update },
		{ "UserTimeout", hear_user_timeout }, { "DeleteMessage", hear_deletion },
		{ "PurgeMessage", hear_purge },       { "ClearMessages", hear_clearing },
		{ "PollStart", hear_poll_start },     { "PollEnd", hear_poll_end },
	};

	for (size_t i = 0; i < sizeof(events) / sizeof(*events); i++)
		if (slice_is(name, events[i].name))
			return events[i].hear(r);
	return hear_other(r);
}
