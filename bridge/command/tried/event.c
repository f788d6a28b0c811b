#include "bridge/command/tried/event.h"

#include <stdlib.h>

#include "bridge/command/tried/author.h"
#include "bridge/command/tried/parts.h"
#include "bridge/known.h"
#include "bridge/routing/enrich.h"
#include "bridge/setup.h"
#include "codecs/text/memory.h"

#define KNOWN_MAX 260 /* names of rooms that a guess is looked for among */

/* What read_event() knows of an envelope: the keys that wire_put_envelope() writes. */
static const char *const keys[] = { "kind", "id",     "sequence", "time_ms",     "client_time_ms",
				    "room", "thread", "author",   "subject",     "target",
				    "text", "parts",  "flags",    "reactions",   "removed",
				    "poll", "choice", "extra",    "duration_ms", "origin",
				    NULL };
static const char *const origin_keys[] = { "dialect", "instance", "hops", NULL };

/* ---- where, what, from where ---- */

static bool read_room(struct attempt *r)
{
	const struct room_table *rooms = r->bridge->rooms;
	const char *known[KNOWN_MAX + 1];
	struct slice name;
	size_t count = 0;

	if (!attempt_word(r, &r->object, "room", &name))
		return false;
	r->out->room = room_table_find(rooms, name);
	if (r->out->room) {
		r->event.room = r->out->room->rules.name;
		return true;
	}
	while (count < KNOWN_MAX && count < room_table_count(rooms)) {
		known[count] = room_table_at(rooms, count)->rules.name.data;
		count++;
	}
	known[count] = NULL;
	return attempt_unknown(r, "room", name, known);
}

static bool read_kind(struct attempt *r)
{
	struct slice name;

	if (!attempt_word(r, &r->object, "kind", &name))
		return false;
	r->event.kind = envelope_kind_find(name);
	if (!attempt_knows(name, known_names()->kinds))
		return attempt_unknown(r, "kind", name, known_names()->kinds);
	if (r->event.kind == KIND_POLL_END)
		return attempt_wrong(r, "poll_end is never routed: the server itself ends polls");
	return true;
}

/* Which of ours a backend is, by what it is called. */
static size_t backend_named(const struct bridge *bridge, struct slice name)
{
	for (size_t i = 0; i < bridge->backend_count; i++)
		if (slice_is(name, bridge->conf->backends[i].name))
			return i;
	return SIZE_MAX;
}

/* The only one need not be named. */
static size_t upstream_named(const struct bridge *bridge, struct slice name)
{
	const struct conf *conf = bridge->conf;

	for (size_t i = 0; i < conf->upstream_count; i++)
		if (slice_is(name, conf->upstreams[i].name))
			return i;
	return !name.len && conf->upstream_count == 1 ? 0 : SIZE_MAX;
}

/* Where such a client would have come in: the first mount that leads to the room. */
static struct slice mount_of(const struct attempt *r)
{
	for (size_t l = 0; l < r->bridge->listener_count; l++)
		for (size_t m = 0; m < r->bridge->listeners[l].mount_count; m++) {
			const struct mount *mount = &r->bridge->listeners[l].mounts[m];

			if (mount->dialect == r->out->origin && mount->room == r->out->room)
				return slice_of(mount->path);
		}
	return (struct slice){ NULL, 0 };
}

/* Which of ours it comes from, by the origin's instance, which the only upstream is without it. */
static bool read_instance(struct attempt *r, struct slice dialect, struct slice *instance)
{
	struct tried_event *out = r->out;

	out->origin = registry_find(dialect);
	if (out->origin != DIALECTS_MAX) {
		if (!instance->len)
			*instance = mount_of(r);
	} else if (slice_is(dialect, "upstream")) {
		out->origin = ROUTE_FROM_UPSTREAM;
		out->upstream = upstream_named(r->bridge, *instance);
		if (instance->len && out->upstream == SIZE_MAX)
			return attempt_wrong(r, "\"instance\" names no upstream");
		if (out->upstream != SIZE_MAX)
			*instance = slice_of(r->bridge->conf->upstreams[out->upstream].name);
	} else {
		out->origin = ROUTE_FROM_BACKEND;
		out->backend = backend_named(r->bridge, *instance);
		if (instance->len && out->backend == SIZE_MAX)
			return attempt_wrong(r, "\"instance\" names no backend");
	}
	return true;
}

static bool read_origin(struct attempt *r)
{
	const char *dialects[DIALECTS_MAX + 3] = { NULL };
	struct json_object object;
	struct slice dialect, instance;
	uint64_t hops = 0;
	bool given;

	for (size_t i = 0; i < registry_count(); i++)
		dialects[i] = registry_codec(i)->name;
	dialects[registry_count()] = "backend";
	dialects[registry_count() + 1] = "upstream";
	if (!attempt_object(r, "origin", origin_keys, &object, &given))
		return false;
	if (!given)
		return attempt_wrong(r, "\"origin\" is missing, such as {\"dialect\":\"mixer\"}");
	if (!attempt_word(r, &object, "dialect", &dialect))
		return false;
	if (!attempt_knows(dialect, dialects))
		return attempt_unknown(r, "dialect", dialect, dialects);
	if (!attempt_number(r, json_member(&object, "hops"), "hops", ROUTE_HOPS_MAX, &hops))
		return false;
	instance = attempt_text(r, json_member(&object, "instance"));
	if (!read_instance(r, dialect, &instance))
		return false;
	r->event.origin =
	    (struct origin){ .dialect = dialect, .instance = instance, .hops = (uint32_t)hops };
	return true;
}

static bool check_said(const struct attempt *r)
{
	enum envelope_kind kind = r->event.kind;
	bool presence = kind == KIND_ENTER || kind == KIND_EXIT;

	if (r->out->origin == ROUTE_FROM_BACKEND)
		return !presence || attempt_wrong(r, "backends do not enter and exit");
	if (r->out->origin == ROUTE_FROM_UPSTREAM)
		return true;
	return presence || registry_codec(r->out->origin)->can[kind].in ||
	       attempt_wrong(r, "no client of %s can send %s", registry_codec(r->out->origin)->name,
			     envelope_kind_name(kind));
}

/* ---- the rest: what a backend would publish ---- */

/* Of kinds that nobody publishes, it is read as of one that needs nothing. */
static void put_publication(const struct attempt *r, struct json_writer *w)
{
	enum envelope_kind kind = r->event.kind;
	bool published = !tried_is_deed(kind) && kind != KIND_ENTER && kind != KIND_EXIT;

	json_object_open(w);
	json_field_string(w, "kind", slice_of(envelope_kind_name(published ? kind : KIND_TYPING)));
	for (size_t i = 0; i < r->object.count; i++) {
		const struct json_member *member = &r->object.members[i];

		if (slice_is(member->name, "kind") ||
		    (!published &&
		     (slice_is(member->name, "flags") || slice_is(member->value.source, "\"\""))))
			continue;
		json_key_slice(w, member->name);
		json_put_raw(w, member->value.source);
	}
	json_object_close(w);
}

static uint32_t read_flags(struct attempt *r)
{
	struct json_value list = json_member(&r->object, "flags"), item;
	uint32_t flags = 0;
	size_t cursor = 0;

	while (json_item(list, &cursor, &item)) {
		struct slice name = attempt_text(r, item);

		if (slice_is(name, "private"))
			flags |= FLAG_PRIVATE;
		else if (slice_is(name, "permanent") && r->event.kind == KIND_KICK)
			flags |= FLAG_PERMANENT;
	}
	return flags;
}

/* Whom it is for alone: what a PUBLISH says beside the envelope. */
static bool put_meta(struct attempt *r, struct json_writer *w, uint32_t flags)
{
	struct json_value subject = json_member(&r->object, "subject"), who;
	struct json_object object;

	json_object_open(w);
	json_field_string(w, "room", r->event.room);
	if (flags & FLAG_PRIVATE) {
		if (subject.type != JSON_OBJECT ||
		    json_read(subject.source, WIRE_DEPTH_MAX, &object) != JSON_OK)
			return attempt_wrong(r,
					     "a private event needs a \"subject\", the recipient");
		who = json_member(&object, "name");
		if (who.type == JSON_ABSENT)
			who = json_member(&object, "number");
		json_key(w, "to");
		json_put_raw(w, who.type == JSON_ABSENT ? SLICE("null") : who.source);
	}
	json_object_close(w);
	return true;
}

static bool read_publication(struct attempt *r, struct json_writer *meta,
			     struct json_writer *envelope, struct wire_message *message)
{
	uint32_t flags = read_flags(r);
	struct slice frames[4] = { SLICE(WIRE_PROTOCOL), SLICE("PUBLISH") };
	char why[WIRE_WHY_MAX];

	put_publication(r, envelope);
	if (!put_meta(r, meta, tried_is_deed(r->event.kind) ? 0 : flags))
		return false;
	frames[2] = slice_span(meta->data, meta->len);
	frames[3] = slice_span(envelope->data, envelope->len);
	if (wire_read(frames, 4, r->scratch, message, why) != WIRE_OK)
		return attempt_wrong(r, "%s", why);
	message->event.flags |= flags & FLAG_PERMANENT;
	return true;
}

/* What the sort of reading above leaves out. */
static bool read_deed(struct attempt *r)
{
	struct json_value subject = json_member(&r->object, "subject");
	struct json_object object;

	if (!tried_is_deed(r->event.kind))
		return true;
	if (subject.type == JSON_ABSENT)
		return attempt_wrong(r, "\"subject\" is missing");
	if (json_read(subject.source, WIRE_DEPTH_MAX, &object) != JSON_OK)
		return attempt_wrong(r, "\"subject\" is not an object");
	return attempt_roles(r, json_member(&object, "roles"), &r->event.subject.roles) &&
	       attempt_number(r, json_member(&r->object, "duration_ms"), "duration_ms",
			      INT64_C(1) << 53, &r->event.duration_ms);
}

static void take_publication(struct attempt *r, const struct wire_message *message)
{
	struct envelope event = message->event;

	event.kind = r->event.kind;
	event.room = r->event.room;
	event.author = r->event.author;
	event.origin = r->event.origin;
	event.subject.roles = r->event.subject.roles;
	event.duration_ms = r->event.duration_ms;
	event.time_ms = TRIED_TIME_MS;
	r->out->draft = enrich_about(r->bridge, &event);
}

static bool read_event(struct attempt *r)
{
	struct json_writer meta, envelope;
	struct wire_message message;
	bool right;

	if (!attempt_keys(r, &r->object, keys) || !read_room(r) || !read_kind(r) ||
	    !read_origin(r) || !check_said(r) || !attempt_author(r) ||
	    !attempt_author_complete(r) || !read_deed(r))
		return false;
	json_start(&meta, 0, 128);
	json_start(&envelope, 0, 1024);
	right = read_publication(r, &meta, &envelope, &message);
	if (right)
		take_publication(r, &message);
	json_clear(&meta);
	json_clear(&envelope);
	return right;
}

static bool read_text(const struct bridge *bridge, struct slice text, struct tried_event *out,
		      FILE *errors)
{
	/* Each text is unescaped at most twice, and once more by wire_read(). */
	char *scratch = memory_new(4 * text.len + 1024);
	struct attempt r = { .bridge = bridge, .errors = errors, .out = out, .scratch = scratch };
	enum json_status status = json_read(text, WIRE_DEPTH_MAX, &r.object);
	bool right;

	*out = (struct tried_event){ .backend = SIZE_MAX, .upstream = SIZE_MAX };
	if (status == JSON_NOT_OBJECT)
		right = attempt_wrong(
		    &r, "not an object, such as {\"kind\":\"message\",\"text\":\"hi\"}");
	else if (status != JSON_OK)
		right = attempt_wrong(&r, "no JSON: %s", json_status_text(status));
	else
		right = read_event(&r);
	free(scratch);
	return right;
}

bool tried_event_read(const struct bridge *bridge, const struct arguments *arguments,
		      struct tried_event *out, FILE *errors)
{
	struct json_writer w;
	bool right;

	if (arguments->event)
		return read_text(bridge, slice_of(arguments->event), out, errors);
	json_start(&w, 0, 512);
	tried_put_parts(&w, arguments);
	right = read_text(bridge, slice_span(w.data, w.len), out, errors);
	json_clear(&w);
	return right;
}
