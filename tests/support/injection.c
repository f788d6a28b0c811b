#include "tests/support/injection.h"

#include <stdlib.h>

#include "bridge/core/directory.h"
#include "codecs/text/json_read.h"
#include "codecs/text/memory.h"
#include "codecs/text/name.h"

struct injection {
	struct stage *stage;
	struct json_object object;
	struct envelope event;
	struct room_entry *room;
	char author[NAME_BYTES_MAX], subject[NAME_BYTES_MAX];
	char *scratch, *scratch_at;
};

/* Absent when the member is missing. */
static struct slice text_of(struct injection *in, struct json_value value)
{
	struct slice text = json_text(value, in->scratch_at, NULL);

	in->scratch_at += value.source.len;
	return text;
}

static bool read_kind(struct injection *in, struct json_value value)
{
	in->event.kind = envelope_kind_find(text_of(in, value));
	return in->event.kind < ENVELOPE_KINDS;
}

static bool read_room(struct injection *in, struct json_value value)
{
	struct slice name = text_of(in, value);

	for (size_t i = 0; i < room_table_count(in->stage->bridge->rooms); i++) {
		in->room = room_table_at(in->stage->bridge->rooms, i);
		if (slice_equal(in->room->rules.name, name))
			return true;
	}
	return false;
}

static bool read_target(struct injection *in, struct json_value value)
{
	int64_t target;

	if (!json_int64_or_text(value, &target) || target < 0)
		return false;
	in->event.target = (uint64_t)target;
	return true;
}

static bool read_author(struct injection *in, struct json_value value)
{
	return directory_find_name(in->stage->bridge->directory, text_of(in, value),
				   &in->event.author, in->author);
}

static bool read_subject(struct injection *in, struct json_value value)
{
	uint32_t roles = in->event.subject.roles;
	struct slice name = text_of(in, value);

	if (!directory_find_name(in->stage->bridge->directory, name, &in->event.subject,
				 in->subject))
		in->event.subject = (struct person){ .name = name };
	if (roles)
		in->event.subject.roles = roles;
	return name.len > 0;
}

static bool read_roles(struct injection *in, struct json_value value)
{
	struct json_value item;
	size_t cursor = 0;
	uint32_t roles = ROLE_USER;

	while (json_item(value, &cursor, &item)) {
		uint32_t role = person_role_find(text_of(in, item));

		if (!role)
			return false;
		roles |= role;
	}
	in->event.subject.roles = roles;
	return true;
}

static bool read_text(struct injection *in, struct json_value value)
{
	in->event.text = text_of(in, value);
	return in->event.text.data != NULL;
}

static bool read_duration(struct injection *in, struct json_value value)
{
	int64_t ms;

	if (!json_int64(value, &ms) || ms < 0)
		return false;
	in->event.duration_ms = (uint64_t)ms;
	return true;
}

static const struct {
	const char *name;
	bool (*read)(struct injection *, struct json_value);
} readers[] = {
	{ "kind", read_kind },     { "room", read_room },       { "target", read_target },
	{ "author", read_author }, { "subject", read_subject }, { "roles", read_roles },
	{ "text", read_text },     { "status", read_text },     { "duration_ms", read_duration },
};

static const struct {
	const char *name;
	uint32_t flag;
} flags[] = {
	{ "permanent", FLAG_PERMANENT },
	{ "adding", FLAG_ADDING },
	{ "action", FLAG_ACTION },
	{ "private", FLAG_PRIVATE },
};

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static bool read_member(struct injection *in, const struct json_member *member)
{
	for (size_t i = 0; i < COUNT(readers); i++)
		if (slice_is(member->name, readers[i].name))
			return readers[i].read(in, member->value);
	for (size_t i = 0; i < COUNT(flags); i++) {
		if (!slice_is(member->name, flags[i].name))
			continue;
		if (member->value.type == JSON_TRUE)
			in->event.flags |= flags[i].flag;
		return true;
	}
	return false;
}

bool injection_say(struct stage *stage, struct slice text, enum reason *reason)
{
	struct injection in = { .stage = stage, .room = room_table_at(stage->bridge->rooms, 0) };
	bool good = json_read(text, JSON_DEPTH_DEFAULT, &in.object) == JSON_OK;

	in.scratch = in.scratch_at = memory_new(text.len + 1);
	in.event.origin.dialect = SLICE("bridge");
	for (size_t i = 0; good && i < in.object.count; i++)
		good = read_member(&in, &in.object.members[i]);
	in.event.room = in.room->rules.name;
	in.event.time_ms = stage->now_ms;
	if (good)
		*reason = stage_bridge_says(stage, in.room, &in.event);
	free(in.scratch);
	return good;
}
