#include <stdio.h>

#include "codecs/backend/wire_fields.h"
#include "codecs/model/identity.h"
#include "codecs/text/name.h"

#define COUNT(array)    (sizeof(array) / sizeof((array)[0]))
#define CREDITS_DEFAULT 100

#define NUMERAL_OF(number) #number
#define NUMERAL(macro)     NUMERAL_OF(macro)

static const char *const deed_names[WIRE_DEEDS] = {
	[WIRE_KICK] = "kick",
	[WIRE_TIMEOUT] = "timeout",
	[WIRE_INVITE] = "invite",
	[WIRE_ROLES] = "roles",
	[WIRE_MEMBERS] = "members",
	[WIRE_SUBSCRIBE] = "subscribe",
	[WIRE_UNSUBSCRIBE] = "unsubscribe",
};

/* ---- keys ---- */

static bool read_rooms(struct wire_reading *r, const struct wire_field *field,
		       struct json_value value)
{
	struct wire_message *out = r->out;
	struct json_value item;
	size_t cursor = 0;

	if (value.type != JSON_ARRAY)
		return field_wrong(r, field->key, "not a list");
	while (json_item(value, &cursor, &item)) {
		struct slice room = reading_text(r, item);
		const char *star = room.len ? memchr(room.data, '*', room.len) : NULL;

		if (!room.data)
			return field_wrong(r, field->key, "not a list of texts");
		if (!room.len || room.len > NAME_BYTES_MAX)
			return field_wrong(r, field->key, "a name is empty or longer than %d bytes",
					   NAME_BYTES_MAX);
		if (star && star != room.data + room.len - 1)
			return field_wrong(r, field->key, "a * that is not at the end");
		if (out->room_count == WIRE_ROOMS_MAX)
			return field_wrong(r, field->key, "more than %d", WIRE_ROOMS_MAX);
		out->rooms[out->room_count++] = room;
	}
	return true;
}

static bool read_verdict(struct wire_reading *r, const struct wire_field *field,
			 struct json_value value)
{
	static const char *const names[] = {
		[WIRE_ALLOW] = "allow",
		[WIRE_CHANGE] = "change",
		[WIRE_REFUSE] = "refuse",
	};
	size_t verdict = reading_word(r, value, names, COUNT(names));

	r->out->verdict = (enum wire_verdict)verdict;
	if (verdict == COUNT(names))
		return field_wrong(r, field->key, "not one of allow, change, refuse");
	return true;
}

static bool read_deed(struct wire_reading *r, const struct wire_field *field,
		      struct json_value value)
{
	size_t deed = reading_word(r, value, deed_names, WIRE_DEEDS);

	r->out->deed = (enum wire_deed)deed;
	if (deed == WIRE_DEEDS)
		return field_wrong(
		    r, field->key,
		    "not one of kick, timeout, invite, roles, members, subscribe, unsubscribe");
	return true;
}

static bool read_as(struct wire_reading *r, const struct wire_field *field, struct json_value value)
{
	static const struct wire_field fields[] = {
		{ "name", field_text, FIELD_AT(as.name), 1, NAME_BYTES_MAX },
		{ "number", field_number32, FIELD_AT(as.number), 1, INT32_MAX },
		{ "roles", field_roles, FIELD_AT(as.roles), 0, 0 },
		{ "uuid", NULL, 0, 0, 0 },
	};

	if (!fields_read_nested(r, field, value, "as.", fields, COUNT(fields)))
		return false;
	r->out->has_as = true;
	return r->out->as.name.len || field_wrong(r, "as.name", "missing");
}

/* ---- commands: their keys, and what must be there ---- */

/* "id" is read before all others, see read_id(). */
static const struct wire_field ready_fields[] = {
	{ "id", NULL, 0, 0, 0 },
	{ "name", field_text, FIELD_AT(name), 1, NAME_BYTES_MAX },
	{ "rooms", read_rooms, 0, 0, 0 },
	{ "credits", field_number32, FIELD_AT(credits), 1, WIRE_CREDITS_MAX },
	{ "presence", field_bool, FIELD_AT(presence), 0, 0 },
};

static const struct wire_field answer_fields[] = {
	{ "id", NULL, 0, 0, 0 },
	{ "verdict", read_verdict, 0, 0, 0 },
	{ "text", field_clipped, FIELD_AT(text), 0, WIRE_TEXT_MAX },
	{ "as", read_as, 0, 0, 0 },
};

static const struct wire_field publish_fields[] = {
	{ "id", NULL, 0, 0, 0 },
	{ "room", field_text, FIELD_AT(room), 1, NAME_BYTES_MAX },
	{ "as", field_text, FIELD_AT(speaker), 1, NAME_BYTES_MAX },
	{ "to", field_person, FIELD_AT(person), 0, 0 },
};

static const struct wire_field control_fields[] = {
	{ "id", NULL, 0, 0, 0 },
	{ "do", read_deed, 0, 0, 0 },
	{ "room", field_text, FIELD_AT(room), 1, NAME_BYTES_MAX },
	{ "person", field_person, FIELD_AT(person), 0, 0 },
	{ "as", field_text, FIELD_AT(speaker), 1, NAME_BYTES_MAX },
	{ "text", field_clipped, FIELD_AT(text), 0, WIRE_TEXT_MAX },
	{ "permanent", field_bool, FIELD_AT(permanent), 0, 0 },
	{ "duration_ms", field_number, FIELD_AT(duration_ms), 0, NUMBER_MAX },
	{ "roles", field_roles, FIELD_AT(roles), 0, 0 },
};

static const struct wire_field error_fields[] = {
	{ "id", NULL, 0, 0, 0 },
	{ "code", field_clipped, FIELD_AT(code), 0, NAME_BYTES_MAX },
	{ "text", field_clipped, FIELD_AT(text), 0, WIRE_TEXT_MAX },
};

static const struct wire_field id_field[] = { { "id", NULL, 0, 0, 0 } };

static bool check_ready(struct wire_reading *r, const struct json_object *meta)
{
	return field_require(r, meta, "name");
}

static bool check_answer(struct wire_reading *r, const struct json_object *meta)
{
	return field_require(r, meta, "verdict");
}

static bool check_publish(struct wire_reading *r, const struct json_object *meta)
{
	return field_require(r, meta, "room");
}

static bool check_control(struct wire_reading *r, const struct json_object *meta)
{
	static const char *const needs[WIRE_DEEDS][3] = {
		[WIRE_KICK] = { "room", "person" },
		[WIRE_TIMEOUT] = { "room", "person", "duration_ms" },
		[WIRE_INVITE] = { "room", "person" },
		[WIRE_ROLES] = { "room", "person", "roles" },
		[WIRE_MEMBERS] = { "room" },
	};

	if (!field_require(r, meta, "do"))
		return false;
	for (size_t i = 0; i < 3 && needs[r->out->deed][i]; i++)
		if (!field_require(r, meta, needs[r->out->deed][i]))
			return false;
	return true;
}

static const struct command {
	const struct wire_field *fields; /* NULL: backends do not send it */
	size_t field_count;
	bool (*check)(struct wire_reading *, const struct json_object *);
	bool our_id;   /* "id" must be there, and one of ours */
	bool envelope; /* may have a fourth frame */
} commands[WIRE_COMMANDS] = {
	[WIRE_READY] = { ready_fields, COUNT(ready_fields), check_ready, false, false },
	[WIRE_ANSWER] = { answer_fields, COUNT(answer_fields), check_answer, true, true },
	[WIRE_PUBLISH] = { publish_fields, COUNT(publish_fields), check_publish, false, true },
	[WIRE_CONTROL] = { control_fields, COUNT(control_fields), check_control, false, false },
	[WIRE_ACK] = { id_field, COUNT(id_field), NULL, true, false },
	[WIRE_HEARTBEAT] = { id_field, COUNT(id_field), NULL, false, false },
	[WIRE_BYE] = { id_field, COUNT(id_field), NULL, false, false },
	[WIRE_ERROR] = { error_fields, COUNT(error_fields), NULL, false, false },
};

/* ---- frames ---- */

static enum wire_status wrong(char *why, enum wire_status status, const char *text)
{
	snprintf(why, WIRE_WHY_MAX, "%s", text);
	return status;
}

static enum wire_status check_version(struct slice frame, char *why)
{
	size_t digits = 3;

	if (slice_is(frame, WIRE_PROTOCOL))
		return WIRE_OK;
	if (!frame.len)
		return wrong(why, WIRE_BAD_VERSION,
			     "the first frame is empty, not " WIRE_PROTOCOL
			     ": is this a DEALER socket?");
	while (digits < frame.len && frame.data[digits] >= '0' && frame.data[digits] <= '9')
		digits++;
	if (slice_starts_with(frame, "DGM") && frame.len > 3 && digits == frame.len)
		return wrong(why, WIRE_BAD_VERSION, "another major version than " WIRE_PROTOCOL);
	return wrong(why, WIRE_BAD_VERSION, "the first frame is not " WIRE_PROTOCOL);
}

/* Most names differ in their first byte. */
static inline bool name_is(struct slice text, const char *name)
{
	return text.len && *text.data == *name && slice_is(text, name);
}

static enum wire_status check_command(struct slice frame, struct wire_message *out, char *why)
{
	enum wire_command command = 0;

	while (command < WIRE_COMMANDS && !name_is(frame, wire_command_name(command)))
		command++;
	if (command == WIRE_COMMANDS)
		return wrong(why, WIRE_BAD_COMMAND, "no such command");
	if (!commands[command].fields)
		return wrong(why, WIRE_BAD_COMMAND, "not a command for backends to send");
	out->command = command;
	return WIRE_OK;
}

static enum wire_status check_frames(const struct slice *frames, size_t count,
				     struct wire_message *out, char *why)
{
	enum wire_status status;

	if (!count)
		return wrong(why, WIRE_BAD_FRAMES, "no frames");
	/* Another version may have other frames: it is judged first. */
	status = check_version(frames[0], why);
	if (status != WIRE_OK)
		return status;
	if (count < 2)
		return wrong(why, WIRE_BAD_FRAMES, "no second frame, the command");
	status = check_command(frames[1], out, why);
	if (status != WIRE_OK)
		return status;
	if (count > (commands[out->command].envelope ? 4 : 3))
		return wrong(why, WIRE_BAD_FRAMES, "more frames than the command has");
	for (size_t i = 0; i < count; i++)
		if (frames[i].len > WIRE_BYTES_MAX)
			return wrong(why, WIRE_BAD_FRAMES,
				     "a frame longer than " NUMERAL(WIRE_BYTES_MAX) " bytes");
	return WIRE_OK;
}

/* Frame number at, or an object without members when it is left out. */
static enum wire_status read_json(const struct slice *frames, size_t count, size_t at,
				  struct json_object *object, char *why)
{
	enum json_status status;

	object->count = 0;
	if (count <= at || !frames[at].len)
		return WIRE_OK;
	status = json_read(frames[at], WIRE_DEPTH_MAX, object);
	if (status == JSON_OK)
		return WIRE_OK;
	snprintf(why, WIRE_WHY_MAX, "%s: %s", at == 2 ? "meta" : "envelope",
		 json_status_text(status));
	return WIRE_BAD_JSON;
}

/* ---- a message ---- */

static bool read_id(struct wire_reading *r, const struct json_object *meta, bool ours)
{
	struct json_value id = json_member(meta, "id");
	int64_t number;

	if (ours && !field_require(r, meta, "id"))
		return false;
	if (id.type == JSON_ABSENT)
		return true;
	if (id.type != JSON_STRING && id.type != JSON_NUMBER)
		return field_wrong(r, "id", "neither a text nor a number");
	if (id.source.len > WIRE_ID_MAX)
		return field_wrong(r, "id", "longer than %d bytes", WIRE_ID_MAX);
	r->out->id = id.source;
	if (json_int64(id, &number) && number > 0 && (uint64_t)number <= NUMBER_MAX)
		r->out->number = (uint64_t)number;
	if (ours && !r->out->number)
		return field_wrong(r, "id", "not the number of an ask or an event");
	return true;
}

static bool read_meta(struct wire_reading *r, const struct json_object *meta)
{
	const struct command *command = &commands[r->out->command];

	return read_id(r, meta, command->our_id) &&
	       fields_read(r, meta, command->fields, command->field_count) &&
	       (!command->check || command->check(r, meta));
}

/* The fourth frame goes with two commands, and must be there exactly when it means something. */
static bool read_event(struct wire_reading *r, const struct json_object *envelope, bool given)
{
	const struct wire_message *out = r->out;
	bool wanted = out->command == WIRE_PUBLISH ||
		      (out->command == WIRE_ANSWER && out->verdict == WIRE_CHANGE);

	if (wanted && !given)
		return field_wrong(r, "envelope", "missing");
	if (given && !wanted)
		return field_wrong(r, "envelope", "goes with the verdict change only");
	return !wanted || reading_event(r, envelope);
}

enum wire_status wire_read(const struct slice *frames, size_t count, char *scratch,
			   struct wire_message *out, char why[WIRE_WHY_MAX])
{
	struct wire_reading r = { .out = out, .scratch = scratch, .why = why, .where = "" };
	struct json_object meta, envelope;
	enum wire_status status;

	memset(out, 0, sizeof(*out));
	out->credits = CREDITS_DEFAULT;
	why[0] = '\0';
	status = check_frames(frames, count, out, why);
	if (status == WIRE_OK)
		status = read_json(frames, count, 2, &meta, why);
	if (status != WIRE_OK)
		return status;
	if (!read_meta(&r, &meta))
		return WIRE_BAD_FIELD;
	status = read_json(frames, count, 3, &envelope, why);
	if (status != WIRE_OK)
		return status;
	return read_event(&r, &envelope, count > 3 && frames[3].len) ? WIRE_OK : WIRE_BAD_FIELD;
}
