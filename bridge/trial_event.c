#include <inttypes.h>
#include <stdarg.h>
#include <stdlib.h>

#include "bridge/compose.h"
#include "bridge/directory.h"
#include "bridge/setup.h"
#include "bridge/trial_own.h"
#include "codecs/json_read.h"
#include "codecs/memory.h"
#include "codecs/name.h"

#define KNOWN_MAX    260 /* names that a guess is looked for among */
#define EXAMPLE_USER GUEST_NUMBER_FIRST

/* What read_event() knows of an envelope: the keys that wire_put_envelope() writes. */
static const char *const keys[] = { "kind", "id",     "sequence", "time_ms",     "client_time_ms",
				    "room", "thread", "author",   "subject",     "target",
				    "text", "parts",  "flags",    "reactions",   "removed",
				    "poll", "choice", "extra",    "duration_ms", "origin",
				    NULL };
static const char *const author_keys[] = { "name", "number", "uuid", "roles", NULL };
static const char *const origin_keys[] = { "dialect", "instance", "hops", NULL };

struct reading {
	const struct bridge *bridge;
	FILE *errors;
	struct trial_event *out;
	struct json_object object;
	char *scratch; /* where the next text is unescaped to */
	struct envelope event;
	struct slice author_name; /* absent: not said */
	uint32_t roles;           /* 0: not said */
	char name[NAME_BYTES_MAX];
};

static bool wrong(const struct reading *r, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

static bool wrong(const struct reading *r, const char *format, ...)
{
	va_list arguments;

	fputs("dragoman: the event: ", r->errors);
	va_start(arguments, format);
	vfprintf(r->errors, format, arguments);
	va_end(arguments);
	fputc('\n', r->errors);
	return false;
}

/* Says which are known, or which was meant. */
static bool unknown(const struct reading *r, const char *what, struct slice word,
		    const char *const *known)
{
	char shown[80];
	const char *nearest = conf_nearest(text_escape(word, shown, sizeof(shown)), known);

	fprintf(r->errors, "dragoman: the event: unknown %s '%s'", what, shown);
	if (nearest)
		fprintf(r->errors, ", did you mean '%s'?\n", nearest);
	else
		for (size_t i = 0; known[i]; i++)
			fprintf(r->errors, "%s%s%s", i == 0 ? "; there is " : ", ", known[i],
				known[i + 1] ? "" : "\n");
	return false;
}

static bool among(struct slice word, const char *const *known)
{
	while (*known && !slice_is(word, *known))
		known++;
	return *known;
}

static bool keys_known(const struct reading *r, const struct json_object *object,
		       const char *const *known)
{
	for (size_t i = 0; i < object->count; i++)
		if (!among(object->members[i].name, known))
			return unknown(r, "key", object->members[i].name, known);
	return true;
}

static struct slice text_of(struct reading *r, struct json_value value)
{
	struct slice text = json_text(value, r->scratch, NULL);

	r->scratch += value.source.len;
	return text;
}

/* A text that has to be there. */
static bool read_word(struct reading *r, const struct json_object *object, const char *key,
		      struct slice *word)
{
	struct json_value value = json_member(object, key);

	*word = text_of(r, value);
	if (value.type == JSON_ABSENT)
		return wrong(r, "\"%s\" is missing", key);
	return word->data || wrong(r, "\"%s\" is no text", key);
}

/* A member that is an object; *given says whether it is there. */
static bool read_object(const struct reading *r, const char *key, const char *const *known,
			struct json_object *object, bool *given)
{
	struct json_value value = json_member(&r->object, key);

	*given = value.type != JSON_ABSENT;
	object->count = 0;
	if (!*given)
		return true;
	if (value.type != JSON_OBJECT || json_read(value.source, WIRE_DEPTH_MAX, object) != JSON_OK)
		return wrong(r, "\"%s\" is no object", key);
	return keys_known(r, object, known);
}

static bool read_number(const struct reading *r, struct json_value value, const char *key,
			int64_t max, uint64_t *number)
{
	int64_t read = 0;

	if (value.type == JSON_ABSENT)
		return true;
	if (!json_int64(value, &read) || read < 0 || read > max)
		return wrong(r, "\"%s\" is no number from 0 to %" PRId64, key, max);
	*number = (uint64_t)read;
	return true;
}

/* ---- where, what, from where ---- */

static bool read_room(struct reading *r)
{
	const struct bridge *bridge = r->bridge;
	const char *known[KNOWN_MAX + 1];
	struct slice name;
	size_t count = 0;

	if (!read_word(r, &r->object, "room", &name))
		return false;
	for (size_t i = 0; i < bridge->room_count; i++) {
		if (slice_equal(bridge->rooms[i].rules.name, name)) {
			r->out->room = &bridge->rooms[i];
			r->event.room = r->out->room->rules.name;
			return true;
		}
		if (count < KNOWN_MAX)
			known[count++] = bridge->rooms[i].rules.name.data;
	}
	known[count] = NULL;
	return unknown(r, "room", name, known);
}

static bool read_kind(struct reading *r)
{
	struct slice name;

	if (!read_word(r, &r->object, "kind", &name))
		return false;
	r->event.kind = envelope_kind_find(name);
	if (!among(name, setup_known.kinds))
		return unknown(r, "kind", name, setup_known.kinds);
	if (r->event.kind == KIND_POLL_END)
		return wrong(r, "poll_end is never routed: the server itself ends polls");
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

/* Where such a client would have come in: the first mount that leads to the room. */
static struct slice mount_of(const struct reading *r)
{
	for (size_t l = 0; l < r->bridge->listener_count; l++)
		for (size_t m = 0; m < r->bridge->listeners[l].mount_count; m++) {
			const struct mount *mount = &r->bridge->listeners[l].mounts[m];

			if (mount->dialect == r->out->origin && mount->room == r->out->room)
				return slice_of(mount->path);
		}
	return (struct slice){ NULL, 0 };
}

static bool read_origin(struct reading *r)
{
	static const char *const dialects[] = { "mixer",  "concord", "rooms",
						"simple", "backend", NULL };
	struct json_object object;
	struct slice dialect, instance;
	uint64_t hops = 0;
	bool given;

	if (!read_object(r, "origin", origin_keys, &object, &given))
		return false;
	if (!given)
		return wrong(r, "\"origin\" is missing, such as {\"dialect\":\"mixer\"}");
	if (!read_word(r, &object, "dialect", &dialect))
		return false;
	if (!among(dialect, dialects))
		return unknown(r, "dialect", dialect, dialects);
	if (!read_number(r, json_member(&object, "hops"), "hops", ROUTE_HOPS_MAX, &hops))
		return false;
	instance = text_of(r, json_member(&object, "instance"));
	r->out->origin = registry_find(dialect);
	if (r->out->origin == DIALECTS) {
		r->out->origin = ROUTE_FROM_BACKEND;
		r->out->backend = backend_named(r->bridge, instance);
		if (instance.len && r->out->backend == SIZE_MAX)
			return wrong(r, "\"instance\" names no backend");
	} else if (!instance.len) {
		instance = mount_of(r);
	}
	r->event.origin = (struct origin){ dialect, instance, (uint32_t)hops };
	return true;
}

static bool check_said(const struct reading *r)
{
	enum envelope_kind kind = r->event.kind;
	bool presence = kind == KIND_ENTER || kind == KIND_EXIT;

	if (r->out->origin == ROUTE_FROM_BACKEND)
		return !presence || wrong(r, "backends do not enter and exit");
	return presence || registry_codec(r->out->origin)->can[kind].in ||
	       wrong(r, "no client of %s can say %s", registry_codec(r->out->origin)->name,
		     envelope_kind_name(kind));
}

/* ---- persons ---- */

static bool read_roles(struct reading *r, struct json_value list, uint32_t *roles)
{
	static const char *const names[] = { "user",   "pro",   "subscriber", "editor",
					     "mod",    "staff", "founder",    "owner",
					     "banned", "muted", NULL };
	struct json_value item;
	size_t cursor = 0;

	if (list.type != JSON_ABSENT && list.type != JSON_ARRAY)
		return wrong(r, "\"roles\" is no list");
	while (json_item(list, &cursor, &item)) {
		struct slice name = text_of(r, item);

		if (!among(name, names))
			return unknown(r, "role", name, names);
		*roles |= person_role_find(name);
	}
	return true;
}

static bool read_author(struct reading *r)
{
	struct json_object object;
	uint64_t number = 0;
	bool given;

	if (!read_object(r, "author", author_keys, &object, &given))
		return false;
	if (given && json_member(&object, "name").type != JSON_ABSENT &&
	    !read_word(r, &object, "name", &r->author_name))
		return false;
	if (!read_number(r, json_member(&object, "number"), "number", INT32_MAX, &number))
		return false;
	r->event.author.number = (uint32_t)number;
	return read_roles(r, json_member(&object, "roles"), &r->roles);
}

/* A backend speaks under its own names; who it is may be seen by that. */
static void author_of_backend(struct reading *r)
{
	const struct conf *conf = r->bridge->conf;

	for (size_t i = 0; r->out->backend == SIZE_MAX && i < conf->backend_count; i++)
		for (size_t n = 0; n < conf->backends[i].speaks_as.count; n++)
			if (slice_is(r->author_name, conf->backends[i].speaks_as.items[n]))
				r->out->backend = i;
	if (r->out->backend == SIZE_MAX)
		return;
	r->event.origin.instance = slice_of(conf->backends[r->out->backend].name);
	if (!r->author_name.data && conf->backends[r->out->backend].speaks_as.count)
		r->author_name = slice_of(conf->backends[r->out->backend].speaks_as.items[0]);
}

/* Accounts, and the names that backends speak under, are known; others are guests. */
static bool author_find(struct reading *r)
{
	struct person *author = &r->event.author, who;
	char clean[NAME_BYTES_MAX];
	size_t len = name_clean(r->author_name, clean);

	if (r->author_name.data && len == 0)
		return wrong(r, "nobody can have the author's name");
	if (len ? directory_find_name(r->bridge->directory, slice_span(clean, len), &who, r->name)
		: directory_find_number(r->bridge->directory, author->number, &who, r->name)) {
		who.number = author->number ? author->number : who.number;
		*author = who;
		return true;
	}
	memcpy(r->name, len ? clean : "somebody", len ? len : strlen("somebody"));
	author->name = slice_span(r->name, len ? len : strlen("somebody"));
	author->roles = ROLE_USER;
	if (!author->number)
		author->number = EXAMPLE_USER;
	return true;
}

/* Roles are those in the room. */
static void author_roles(struct reading *r)
{
	const struct room_rules *rules = &r->out->room->rules;
	struct person *author = &r->event.author;

	if (r->roles) {
		author->roles = r->roles | ROLE_USER;
		return;
	}
	for (size_t i = 0; i < rules->admin_count; i++)
		if (name_same(rules->admins[i], author->name))
			author->roles |= ROLE_MOD;
}

static bool author_complete(struct reading *r)
{
	struct person *author = &r->event.author;

	if (r->out->origin == ROUTE_FROM_BACKEND)
		author_of_backend(r);
	if (r->event.kind == KIND_NOTICE)
		return true; /* the server speaks */
	if (r->out->origin == ROUTE_FROM_BACKEND && !r->author_name.data && !author->number)
		*author = directory_bridge(&r->bridge->key);
	else if (!author_find(r))
		return false;
	author_roles(r);
	identity_uuid(&r->bridge->key, ID_PERSON, author->number, 0, author->uuid);
	return true;
}

/* ---- the rest: what a backend would publish ---- */

bool trial_is_deed(enum envelope_kind kind)
{
	return kind == KIND_KICK || kind == KIND_TIMEOUT || kind == KIND_INVITE ||
	       kind == KIND_USER_UPDATE;
}

/* Of kinds that nobody publishes, it is read as of one that needs nothing. */
static void put_publication(const struct reading *r, struct json_writer *w)
{
	enum envelope_kind kind = r->event.kind;
	bool published = !trial_is_deed(kind) && kind != KIND_ENTER && kind != KIND_EXIT;

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

static uint32_t read_flags(struct reading *r)
{
	struct json_value list = json_member(&r->object, "flags"), item;
	uint32_t flags = 0;
	size_t cursor = 0;

	while (json_item(list, &cursor, &item)) {
		struct slice name = text_of(r, item);

		if (slice_is(name, "private"))
			flags |= FLAG_PRIVATE;
		else if (slice_is(name, "permanent") && r->event.kind == KIND_KICK)
			flags |= FLAG_PERMANENT;
	}
	return flags;
}

/* Whom it is for alone: what a PUBLISH says beside the envelope. */
static bool put_meta(struct reading *r, struct json_writer *w, uint32_t flags)
{
	struct json_value subject = json_member(&r->object, "subject"), who;
	struct json_object object;

	json_object_open(w);
	json_field_string(w, "room", r->event.room);
	if (flags & FLAG_PRIVATE) {
		if (subject.type != JSON_OBJECT ||
		    json_read(subject.source, WIRE_DEPTH_MAX, &object) != JSON_OK)
			return wrong(r, "a private one needs a \"subject\", whom it is for");
		who = json_member(&object, "name");
		if (who.type == JSON_ABSENT)
			who = json_member(&object, "number");
		json_key(w, "to");
		json_put_raw(w, who.type == JSON_ABSENT ? SLICE("null") : who.source);
	}
	json_object_close(w);
	return true;
}

static bool read_publication(struct reading *r, struct json_writer *meta,
			     struct json_writer *envelope, struct wire_message *message)
{
	uint32_t flags = read_flags(r);
	struct slice frames[4] = { SLICE(WIRE_PROTOCOL), SLICE("PUBLISH") };
	char why[WIRE_WHY_MAX];

	put_publication(r, envelope);
	if (!put_meta(r, meta, trial_is_deed(r->event.kind) ? 0 : flags))
		return false;
	frames[2] = slice_span(meta->data, meta->len);
	frames[3] = slice_span(envelope->data, envelope->len);
	if (wire_read(frames, 4, r->scratch, message, why) != WIRE_OK)
		return wrong(r, "%s", why);
	message->event.flags |= flags & FLAG_PERMANENT;
	return true;
}

/* What the sort of reading above leaves out. */
static bool read_deed(struct reading *r)
{
	struct json_value subject = json_member(&r->object, "subject");
	struct json_object object;

	if (!trial_is_deed(r->event.kind))
		return true;
	if (subject.type == JSON_ABSENT)
		return wrong(r, "\"subject\" is missing");
	if (json_read(subject.source, WIRE_DEPTH_MAX, &object) != JSON_OK)
		return wrong(r, "\"subject\" is no object");
	return read_roles(r, json_member(&object, "roles"), &r->event.subject.roles) &&
	       read_number(r, json_member(&r->object, "duration_ms"), "duration_ms",
			   INT64_C(1) << 53, &r->event.duration_ms);
}

static void take_publication(struct reading *r, const struct wire_message *message)
{
	struct envelope event = message->event;

	event.kind = r->event.kind;
	event.room = r->event.room;
	event.author = r->event.author;
	event.origin = r->event.origin;
	event.subject.roles = r->event.subject.roles;
	event.duration_ms = r->event.duration_ms;
	event.time_ms = TRIAL_TIME_MS;
	r->out->draft = compose_about(r->bridge, &event);
}

static bool read_event(struct reading *r)
{
	struct json_writer meta, envelope;
	struct wire_message message;
	bool right;

	if (!keys_known(r, &r->object, keys) || !read_room(r) || !read_kind(r) || !read_origin(r) ||
	    !check_said(r) || !read_author(r) || !author_complete(r) || !read_deed(r))
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

static bool read_text(const struct bridge *bridge, struct slice text, struct trial_event *out,
		      FILE *errors)
{
	/* Each text is unescaped at most twice, and once more by wire_read(). */
	char *scratch = memory_new(4 * text.len + 1024);
	struct reading r = { .bridge = bridge, .errors = errors, .out = out, .scratch = scratch };
	enum json_status status = json_read(text, WIRE_DEPTH_MAX, &r.object);
	bool right;

	*out = (struct trial_event){ .backend = SIZE_MAX };
	if (status == JSON_NOT_OBJECT)
		right = wrong(&r, "not an object, such as {\"kind\":\"message\",\"text\":\"hi\"}");
	else if (status != JSON_OK)
		right = wrong(&r, "no JSON: %s", json_status_text(status));
	else
		right = read_event(&r);
	free(scratch);
	return right;
}

bool trial_event_read(const struct bridge *bridge, const struct arguments *arguments,
		      struct trial_event *out, FILE *errors)
{
	struct json_writer w;
	bool right;

	if (arguments->event)
		return read_text(bridge, slice_of(arguments->event), out, errors);
	json_start(&w, 0, 512);
	trial_put_parts(&w, arguments);
	right = read_text(bridge, slice_span(w.data, w.len), out, errors);
	json_clear(&w);
	return right;
}
