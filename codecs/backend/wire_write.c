#include "codecs/backend/wire.h"

#include "codecs/model/identity.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static void put_if_text(struct json_writer *w, const char *key, struct slice text)
{
	if (text.len)
		json_field_string(w, key, text);
}

static void put_if_number(struct json_writer *w, const char *key, uint64_t number)
{
	if (number)
		json_field_unsigned(w, key, number);
}

/* ---- persons ---- */

static void put_roles(struct json_writer *w, uint32_t roles)
{
	json_key(w, "roles");
	json_array_open(w);
	for (uint32_t left = roles; left; left &= left - 1) {
		const char *name = person_role_name(left & -left);

		if (name)
			json_put_string(w, slice_of(name));
	}
	json_array_close(w);
}

static void put_uuid(struct json_writer *w, const unsigned char uuid[16])
{
	static const unsigned char none[16];
	char text[UUID_TEXT_LEN];

	if (memcmp(uuid, none, sizeof(none)) == 0)
		return;
	uuid_print(uuid, text);
	json_field_string(w, "uuid", slice_span(text, sizeof(text)));
}

static void put_person(struct json_writer *w, const struct person *person)
{
	json_object_open(w);
	put_if_text(w, "name", person->name);
	put_if_number(w, "number", person->number);
	put_uuid(w, person->uuid);
	if (person->roles)
		put_roles(w, person->roles);
	json_object_close(w);
}

static void put_if_person(struct json_writer *w, const char *key, const struct person *person)
{
	if (!person->name.len && !person->number)
		return;
	json_key(w, key);
	put_person(w, person);
}

/* ---- the lists of an envelope ---- */

static void put_part(struct json_writer *w, const struct part *part)
{
	static const char *const kinds[] = {
		[PART_TEXT] = "text",       [PART_EMOTE] = "emote", [PART_LINK] = "link",
		[PART_MENTION] = "mention", [PART_IMAGE] = "image",
	};

	json_object_open(w);
	json_field_string(w, "kind", slice_of(kinds[part->kind]));
	json_field_string(w, "text", part->text);
	switch (part->kind) {
	case PART_TEXT: break;
	case PART_EMOTE:
		json_field_string(w, "name", part->name);
		json_field_unsigned(w, "x", part->x);
		json_field_unsigned(w, "y", part->y);
		break;
	case PART_LINK:
	case PART_IMAGE: json_field_string(w, "url", part->name); break;
	case PART_MENTION:
		json_field_string(w, "name", part->name);
		put_if_number(w, "number", part->number);
		break;
	}
	json_object_close(w);
}

static void put_parts(struct json_writer *w, const struct envelope *event)
{
	json_key(w, "parts");
	json_array_open(w);
	for (size_t i = 0; i < event->part_count; i++)
		put_part(w, &event->parts[i]);
	json_array_close(w);
}

/* A flag that is not among them is nobody's business. */
#define FLAGS_SAID                                                                                 \
	(FLAG_ACTION | FLAG_PRIVATE | FLAG_PERMANENT | FLAG_ADDING | FLAG_AGAIN | FLAG_EDITED |    \
	 FLAG_DEGRADED | FLAG_CONNECTED)

static void put_flags(struct json_writer *w, uint32_t flags)
{
	static const struct {
		uint32_t flag;
		struct slice name;
	} names[] = {
		{ FLAG_ACTION, { "action", 6 } },       { FLAG_PRIVATE, { "private", 7 } },
		{ FLAG_PERMANENT, { "permanent", 9 } }, { FLAG_ADDING, { "adding", 6 } },
		{ FLAG_AGAIN, { "again", 5 } },         { FLAG_EDITED, { "edited", 6 } },
		{ FLAG_DEGRADED, { "degraded", 8 } },   { FLAG_CONNECTED, { "connected", 9 } },
	};

	json_key(w, "flags");
	json_array_open(w);
	for (size_t i = 0; i < COUNT(names); i++)
		if (flags & names[i].flag)
			json_put_string(w, names[i].name);
	json_array_close(w);
}

static void put_reactions(struct json_writer *w, const struct envelope *event)
{
	json_key(w, "reactions");
	json_array_open(w);
	for (size_t i = 0; i < event->reaction_count; i++) {
		json_object_open(w);
		json_field_string(w, "emoji", event->reactions[i].emoji);
		json_field_unsigned(w, "count", event->reactions[i].count);
		json_object_close(w);
	}
	json_array_close(w);
}

static void put_removed(struct json_writer *w, const struct envelope *event)
{
	json_key(w, "removed");
	json_array_open(w);
	for (size_t i = 0; i < event->removed_count; i++)
		json_put_unsigned(w, event->removed[i]);
	json_array_close(w);
}

static void put_poll(struct json_writer *w, const struct poll *poll)
{
	json_key(w, "poll");
	json_object_open(w);
	json_field_string(w, "question", poll->question);
	json_key(w, "options");
	json_array_open(w);
	for (uint32_t i = 0; i < poll->option_count; i++) {
		json_object_open(w);
		json_field_string(w, "text", poll->options[i]);
		json_field_unsigned(w, "count", poll->counts[i]);
		json_object_close(w);
	}
	json_array_close(w);
	json_field_unsigned(w, "voters", poll->voters);
	put_if_number(w, "duration_ms", poll->duration_ms);
	put_if_number(w, "ends_ms", poll->ends_ms);
	json_object_close(w);
}

/* ---- an envelope ---- */

#define BIT(kind) (UINT32_C(1) << (kind))
#define KINDS_WITH_TEXT                                                                            \
	(BIT(KIND_MESSAGE) | BIT(KIND_EDIT) | BIT(KIND_REACTION) | BIT(KIND_KICK) |                \
	 BIT(KIND_TIMEOUT) | BIT(KIND_PRESENCE) | BIT(KIND_NOTICE))

static bool kind_among(enum envelope_kind kind, uint32_t kinds)
{
	return BIT(kind) & kinds;
}

static void put_stamp(struct json_writer *w, const struct envelope *event)
{
	json_field_string(w, "kind", slice_of(envelope_kind_name(event->kind)));
	put_if_number(w, "id", event->id);
	put_if_number(w, "sequence", event->sequence);
	put_if_number(w, "time_ms", event->time_ms);
	if (event->client_time_ms)
		json_field_integer(w, "client_time_ms", event->client_time_ms);
	put_if_text(w, "room", event->room);
	put_if_text(w, "thread", event->thread);
}

static void put_lists(struct json_writer *w, const struct envelope *event)
{
	if (event->part_count)
		put_parts(w, event);
	if (event->flags & FLAGS_SAID)
		put_flags(w, event->flags);
	if (event->reaction_count)
		put_reactions(w, event);
	if (event->removed_count)
		put_removed(w, event);
	if (event->poll)
		put_poll(w, event->poll);
}

static void put_origin(struct json_writer *w, const struct origin *origin)
{
	json_key(w, "origin");
	json_object_open(w);
	json_field_string(w, "dialect", origin->dialect);
	put_if_text(w, "instance", origin->instance);
	json_field_unsigned(w, "hops", origin->hops);
	json_object_close(w);
}

/* Of what is modelled, it is members of an object. */
static void put_extra(struct json_writer *w, const struct envelope *event)
{
	json_key(w, "extra");
	if (event->kind == KIND_OPAQUE) {
		json_put_raw(w, event->extra);
		return;
	}
	json_object_open(w);
	json_put_raw(w, event->extra);
	json_object_close(w);
}

void wire_put_envelope(struct json_writer *w, const struct envelope *event)
{
	json_object_open(w);
	put_stamp(w, event);
	put_if_person(w, "author", &event->author);
	put_if_person(w, "subject", &event->subject);
	put_if_number(w, "target", event->target);
	if (event->text.len || kind_among(event->kind, KINDS_WITH_TEXT))
		json_field_string(w, "text", event->text);
	put_lists(w, event);
	if (event->choice || event->kind == KIND_POLL_VOTE)
		json_field_unsigned(w, "choice", event->choice);
	if (event->duration_ms || event->kind == KIND_TIMEOUT)
		json_field_unsigned(w, "duration_ms", event->duration_ms);
	if (event->extra.len)
		put_extra(w, event);
	if (event->origin.dialect.len)
		put_origin(w, &event->origin);
	json_object_close(w);
}

/* ---- meta ---- */

/* What events and asks have in common. */
static void put_delivery(struct json_writer *w, struct slice rule, uint64_t deadline_ms, bool again)
{
	put_if_text(w, "rule", rule);
	json_field_unsigned(w, "deadline_ms", deadline_ms);
	if (again)
		json_field_bool(w, "again", true);
}

void wire_put_event(struct json_writer *w, const struct wire_event *event)
{
	static const char *const causes[] = {
		[WIRE_CAUSE_ROUTE] = "route",
		[WIRE_CAUSE_TAP] = "tap",
		[WIRE_CAUSE_PRESENCE] = "presence",
	};

	json_object_open(w);
	json_field_unsigned(w, "id", event->id);
	json_field_string(w, "cause", slice_of(causes[event->cause]));
	put_delivery(w, event->rule, event->deadline_ms, event->again);
	json_object_close(w);
}

static void put_login(struct json_writer *w, const struct wire_login *login)
{
	json_key(w, "login");
	json_object_open(w);
	json_field_string(w, "dialect", login->dialect);
	json_field_string(w, "mount", login->mount);
	if (login->name.data)
		json_field_string(w, "name", login->name);
	if (login->secret.data)
		json_field_string(w, "secret", login->secret);
	put_if_number(w, "number", login->number);
	json_object_close(w);
}

void wire_put_ask(struct json_writer *w, const struct wire_ask *ask)
{
	json_object_open(w);
	json_field_unsigned(w, "id", ask->id);
	json_field_string(w, "about", ask->login ? SLICE("login") : SLICE("event"));
	put_delivery(w, ask->rule, ask->deadline_ms, ask->again);
	if (ask->login)
		put_login(w, ask->login);
	json_object_close(w);
}

void wire_put_welcome(struct json_writer *w, const struct wire_welcome *welcome)
{
	json_object_open(w);
	json_field_string(w, "server", welcome->server);
	json_field_string(w, "backend", welcome->backend);
	json_field_string(w, "instance", welcome->instance);
	json_field_unsigned(w, "heartbeat_ms", welcome->heartbeat_ms);
	json_field_unsigned(w, "credits", welcome->credits);
	json_object_close(w);
}

/* The request's own id, as it came. */
static void put_echo(struct json_writer *w, struct slice id)
{
	if (!id.len)
		return;
	json_key(w, "id");
	json_put_raw(w, id);
}

void wire_put_ack(struct json_writer *w, struct slice id, uint64_t event)
{
	json_object_open(w);
	put_echo(w, id);
	put_if_number(w, "event", event);
	json_object_close(w);
}

void wire_put_members(struct json_writer *w, struct slice id, struct slice room,
		      const struct person *members, size_t count)
{
	json_object_open(w);
	put_echo(w, id);
	json_field_string(w, "room", room);
	json_key(w, "members");
	json_array_open(w);
	for (size_t i = 0; i < count; i++)
		put_person(w, &members[i]);
	json_array_close(w);
	json_object_close(w);
}

void wire_put_error(struct json_writer *w, struct slice id, struct slice code, struct slice text)
{
	json_object_open(w);
	put_echo(w, id);
	json_field_string(w, "code", code);
	json_field_string(w, "text", text);
	json_object_close(w);
}
