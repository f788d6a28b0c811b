#include "codecs/backend/wire_fields.h"
#include "codecs/model/identity.h"
#include "codecs/text/name.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* ---- keys ---- */

static bool read_kind(struct wire_reading *r, const struct wire_field *field,
		      struct json_value value)
{
	struct slice text = reading_text(r, value);
	enum envelope_kind kind = envelope_kind_find(text);
	char word[32];

	if (!text.data)
		return field_wrong(r, field->key, "not a text");
	if (slice_is(text, "roles")) /* not a kind; but the deed of that name is */
		kind = KIND_USER_UPDATE;
	r->out->event.kind = kind;
	if (kind == ENVELOPE_KINDS)
		return field_wrong(r, field->key, "\"%s\" is not a kind",
				   text_escape(text, word, sizeof(word)));
	return true;
}

static bool read_saying(struct wire_reading *r, const struct wire_field *field,
			struct json_value value)
{
	r->out->has_text = true;
	return field_text(r, field, value);
}

/* Those that a backend can mean; the others of ours say what only Dragoman can know. */
static bool flag_find(struct slice name, uint32_t *flag)
{
	static const struct {
		const char *name;
		uint32_t flag;
	} flags[] = {
		{ "action", FLAG_ACTION },
		{ "private", FLAG_PRIVATE },
		{ "adding", FLAG_ADDING },
		{ "permanent", 0 },
		{ "again", 0 },
		{ "edited", 0 },
		{ "degraded", 0 },
		{ "connected", 0 },
	};

	for (size_t i = 0; i < COUNT(flags); i++)
		if (slice_is(name, flags[i].name)) {
			*flag = flags[i].flag;
			return true;
		}
	return false;
}

static bool read_flags(struct wire_reading *r, const struct wire_field *field,
		       struct json_value value)
{
	struct json_value item;
	size_t cursor = 0;
	uint32_t flag;

	if (value.type != JSON_ARRAY)
		return field_wrong(r, field->key, "not a list");
	r->out->has_flags = true;
	while (json_item(value, &cursor, &item)) {
		struct slice name = reading_text(r, item);

		if (!name.data)
			return field_wrong(r, field->key, "not a list of texts");
		if (flag_find(name, &flag))
			r->out->event.flags |= flag;
		else
			r->out->unknown_keys++;
	}
	return true;
}

static bool read_subject(struct wire_reading *r, const struct wire_field *field,
			 struct json_value value)
{
	static const struct wire_field fields[] = {
		{ "name", field_text, FIELD_AT(event.subject.name), 1, NAME_BYTES_MAX },
		{ "number", field_number32, FIELD_AT(event.subject.number), 1, INT32_MAX },
		{ "uuid", NULL, 0, 0, 0 },
		{ "roles", NULL, 0, 0, 0 },
	};
	const struct person *subject = &r->out->event.subject;

	if (!fields_read_nested(r, field, value, "envelope.subject.", fields, COUNT(fields)))
		return false;
	return subject->name.len || subject->number ||
	       field_wrong(r, field->key, "neither a name nor a number");
}

/* ---- polls ---- */

static bool read_option(struct wire_reading *r, const struct wire_field *field,
			struct json_value value)
{
	static const struct wire_field counted = { "count", NULL, 0, 0, 0 };
	struct poll *poll = &r->out->poll;
	struct wire_field fields[] = {
		{ "text", field_text, FIELD_AT(poll.options[0]), 1, WIRE_SAYING_MAX },
		counted,
	};

	if (poll->option_count == POLL_OPTIONS_MAX)
		return field_wrong(r, field->key, "more than %d", POLL_OPTIONS_MAX);
	fields[0].at += poll->option_count * sizeof(poll->options[0]);
	if (!fields_read_nested(r, field, value, "envelope.poll.options.", fields, COUNT(fields)))
		return false;
	return poll->options[poll->option_count++].len || field_wrong(r, "options.text", "missing");
}

static bool read_options(struct wire_reading *r, const struct wire_field *field,
			 struct json_value value)
{
	struct json_value item;
	size_t cursor = 0;

	if (value.type != JSON_ARRAY)
		return field_wrong(r, field->key, "not a list");
	while (json_item(value, &cursor, &item))
		if (!read_option(r, field, item))
			return false;
	return r->out->poll.option_count > 1 || field_wrong(r, field->key, "fewer than 2");
}

static bool read_poll(struct wire_reading *r, const struct wire_field *field,
		      struct json_value value)
{
	static const struct wire_field fields[] = {
		{ "question", field_text, FIELD_AT(poll.question), 1, WIRE_SAYING_MAX },
		{ "options", read_options, 0, 0, 0 },
		{ "duration_ms", field_number, FIELD_AT(poll.duration_ms), WIRE_POLL_MIN_MS,
		  WIRE_POLL_MAX_MS },
		{ "voters", NULL, 0, 0, 0 },
		{ "ends_ms", NULL, 0, 0, 0 },
	};
	struct poll *poll = &r->out->poll;

	if (!fields_read_nested(r, field, value, "envelope.poll.", fields, COUNT(fields)))
		return false;
	r->out->event.poll = poll;
	if (!poll->question.data)
		return field_wrong(r, "poll.question", "missing");
	if (!poll->option_count)
		return field_wrong(r, "poll.options", "missing");
	return poll->duration_ms || field_wrong(r, "poll.duration_ms", "missing");
}

/* ---- what each kind needs, and can have ---- */

enum {
	NEEDS_TEXT = 1 << 0,
	NEEDS_TARGET = 1 << 1,
	NEEDS_SUBJECT = 1 << 2,
	NEEDS_CHOICE = 1 << 3,
	NEEDS_POLL = 1 << 4
};

static const struct saying {
	bool published; /* a backend may */
	bool control;   /* it is a deed of CONTROL */
	unsigned needs;
	uint32_t flags;
} sayings[ENVELOPE_KINDS] = {
	[KIND_MESSAGE] = { .published = true,
			   .needs = NEEDS_TEXT,
			   .flags = FLAG_ACTION | FLAG_PRIVATE },
	[KIND_NOTICE] = { .published = true, .needs = NEEDS_TEXT, .flags = FLAG_PRIVATE },
	[KIND_EDIT] = { .published = true,
			.needs = NEEDS_TARGET | NEEDS_TEXT,
			.flags = FLAG_ACTION },
	[KIND_DELETE] = { .published = true, .needs = NEEDS_TARGET },
	[KIND_CLEAR] = { .published = true },
	[KIND_PURGE] = { .published = true, .needs = NEEDS_SUBJECT },
	[KIND_REACTION] = { .published = true,
			    .needs = NEEDS_TARGET | NEEDS_TEXT,
			    .flags = FLAG_ADDING },
	[KIND_TYPING] = { .published = true },
	[KIND_READ] = { .published = true, .needs = NEEDS_TARGET },
	[KIND_PRESENCE] = { .published = true, .needs = NEEDS_TEXT },
	[KIND_POLL_START] = { .published = true, .needs = NEEDS_POLL },
	[KIND_POLL_VOTE] = { .published = true, .needs = NEEDS_CHOICE },
	[KIND_INVITE] = { .control = true },
	[KIND_KICK] = { .control = true },
	[KIND_TIMEOUT] = { .control = true },
	[KIND_USER_UPDATE] = { .control = true },
};

static bool check_needs(struct wire_reading *r, const struct json_object *object, unsigned needs)
{
	static const char *const keys[] = { "text", "target", "subject", "choice", "poll" };

	for (size_t i = 0; i < COUNT(keys); i++)
		if (needs & (1u << i) && !field_require(r, object, keys[i]))
			return false;
	return true;
}

static bool check_text(struct wire_reading *r)
{
	static const char *const states[] = { "ONLINE", "AWAY", "DO_NOT_DISTURB", "OFFLINE" };
	const struct envelope *event = &r->out->event;

	if (event->kind == KIND_REACTION && event->text.len > WIRE_EMOJI_MAX)
		return field_wrong(r, "text", "an emoji longer than %d bytes", WIRE_EMOJI_MAX);
	if (event->kind != KIND_PRESENCE)
		return true;
	for (size_t i = 0; i < COUNT(states); i++)
		if (slice_is(event->text, states[i]))
			return true;
	return field_wrong(r, "text", "not one of ONLINE, AWAY, DO_NOT_DISTURB, OFFLINE");
}

/* What is for one person must never reach more: who says so in one place only is asked back. */
static bool check_privacy(struct wire_reading *r, uint32_t flags)
{
	const struct person *to = &r->out->person;
	struct envelope *event = &r->out->event;

	if (!to->name.len && !to->number)
		return !(event->flags & FLAG_PRIVATE) ||
		       field_wrong(r, "flags", "private without \"to\" in meta");
	if (!(flags & FLAG_PRIVATE))
		return field_wrong(r, "kind", "cannot be sent \"to\" one person");
	event->flags |= FLAG_PRIVATE;
	event->subject = *to;
	return true;
}

static bool check_saying(struct wire_reading *r, const struct json_object *object)
{
	struct envelope *event = &r->out->event;
	const struct saying *saying = &sayings[event->kind];

	if (!field_require(r, object, "kind"))
		return false;
	if (saying->control)
		return field_wrong(r, "kind", "needs CONTROL (kick, timeout, invite, roles)");
	if (!saying->published)
		return field_wrong(r, "kind", "only Dragoman sends it");
	if (!check_needs(r, object, saying->needs) || !check_text(r) ||
	    !check_privacy(r, saying->flags))
		return false;
	event->flags &= saying->flags;
	return true;
}

/* ---- the frame ---- */

static const struct wire_field publish_fields[] = {
	{ "kind", read_kind, 0, 0, 0 },
	{ "thread", field_text, FIELD_AT(event.thread), 1, NAME_BYTES_MAX },
	{ "subject", read_subject, 0, 0, 0 },
	{ "target", field_number, FIELD_AT(event.target), 1, NUMBER_MAX },
	{ "text", read_saying, FIELD_AT(event.text), 1, WIRE_SAYING_MAX },
	{ "flags", read_flags, 0, 0, 0 },
	{ "poll", read_poll, 0, 0, 0 },
	{ "choice", field_number32, FIELD_AT(event.choice), 0, POLL_OPTIONS_MAX - 1 },
	/* What Dragoman says itself; here when a backend sends back what it was sent. */
	{ "id", NULL, 0, 0, 0 },
	{ "sequence", NULL, 0, 0, 0 },
	{ "time_ms", NULL, 0, 0, 0 },
	{ "client_time_ms", NULL, 0, 0, 0 },
	{ "room", NULL, 0, 0, 0 },
	{ "author", NULL, 0, 0, 0 },
	{ "parts", NULL, 0, 0, 0 },
	{ "reactions", NULL, 0, 0, 0 },
	{ "removed", NULL, 0, 0, 0 },
	{ "duration_ms", NULL, 0, 0, 0 },
	{ "extra", NULL, 0, 0, 0 },
	{ "origin", NULL, 0, 0, 0 },
};

#define PUBLISH_FIELDS COUNT(publish_fields)

/* The same keys, of which two are looked at. */
static bool read_change(struct wire_reading *r, const struct json_object *object)
{
	struct wire_field fields[PUBLISH_FIELDS];

	for (size_t i = 0; i < PUBLISH_FIELDS; i++) {
		fields[i] = publish_fields[i];
		if (fields[i].read != read_saying && fields[i].read != read_flags)
			fields[i].read = NULL;
	}
	if (!fields_read(r, object, fields, PUBLISH_FIELDS))
		return false;
	r->out->event.flags &= FLAG_ACTION;
	return r->out->has_text || r->out->has_flags ||
	       field_wrong(r, "text", "missing, and flags too");
}

bool reading_event(struct wire_reading *r, const struct json_object *object)
{
	bool right;

	r->out->has_envelope = true;
	r->where = "envelope.";
	r->replaced = false;
	if (r->out->command == WIRE_ANSWER)
		right = read_change(r, object);
	else
		right = fields_read(r, object, publish_fields, PUBLISH_FIELDS) &&
			check_saying(r, object);
	if (r->replaced)
		r->out->event.flags |= FLAG_DEGRADED;
	r->where = "";
	return right;
}
