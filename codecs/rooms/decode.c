#include "codecs/rooms/rooms.h"

#include "codecs/text/json_read.h"
#include "codecs/verbs.h"
#include "codecs/wording.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define PERSON_MAX   INT32_MAX

/* The time taken tells nothing of the key but its length. */
static bool key_equals(const struct codec_peer *peer, struct slice key)
{
	const struct rooms_state *state = peer->state;
	unsigned char differ = 0;

	if (key.len != state->key_len)
		return false;
	if (key.len > ROOMS_KEY_KEPT)
		return keyed_hash(peer->view->ids, key.data, key.len) == state->key.hash;
	for (size_t i = 0; i < key.len; i++)
		differ |= (unsigned char)(key.data[i] ^ state->key.kept[i]);
	return !differ;
}

static bool key_check(const struct codec_peer *peer, const struct json_object *object,
		      bool required)
{
	struct json_value key = json_member(object, "key");

	if (key.type == JSON_ABSENT)
		return !required;
	return key.type == JSON_STRING && key_equals(peer, json_text(key, peer->scratch, NULL));
}

/* A draft, and the lower-case form of the room it names. */
struct rooms_draft {
	struct codec_draft draft;
	char room[UUID_TEXT_LEN];
};

static void draft_start(struct rooms_draft *out, enum envelope_kind kind)
{
	out->draft = (struct codec_draft){ .event = { .kind = kind,
						      .origin = { .dialect = SLICE("rooms") } } };
}

static bool uuid_read(const struct json_object *object, const char *name, char *scratch,
		      unsigned char uuid[16])
{
	struct json_value value = json_member(object, name);

	return value.type == JSON_STRING && uuid_parse(json_text(value, scratch, NULL), uuid);
}

static bool room_read(struct codec_peer *peer, const struct json_object *object,
		      struct rooms_draft *out)
{
	struct json_value value = json_member(object, "room_id");
	struct slice text = json_text(value, peer->scratch, NULL);
	unsigned char uuid[16];

	if (text.len && slice_equal(text, peer->view->room_id)) {
		out->draft.room_id = peer->view->room_id;
		return true;
	}
	if (!uuid_parse(text, uuid))
		return false;
	uuid_print(uuid, out->room);
	out->draft.room_id = slice_span(out->room, UUID_TEXT_LEN);
	return true;
}

static enum reason ping_handle(struct codec_peer *peer, const struct json_object *object,
			       struct codec_sink *sink)
{
	struct json_value time = json_member(object, "time");
	struct frame_writer w;

	if (!key_check(peer, object, false))
		return REASON_BAD_KEY;
	if (time.type == JSON_ABSENT)
		return REASON_BAD_ARGUMENT;
	frame_start(&w, peer->form.framing, time.source.len + 32);
	WORDING_TEMPLATE(&w.json, "{\"type\":\"pong\",\"time\":");
	json_put_raw(&w.json, time.source);
	WORDING_TEMPLATE(&w.json, "}");
	frame_end_message(&w);
	sink->answer(sink, frame_finish(&w));
	return REASON_NONE;
}

static enum reason pong_handle(struct codec_peer *peer, const struct json_object *object,
			       struct codec_sink *sink)
{
	(void)sink;
	return key_check(peer, object, false) ? REASON_NONE : REASON_BAD_KEY;
}

static enum reason message_handle(struct codec_peer *peer, const struct json_object *object,
				  struct codec_sink *sink)
{
	struct json_value content = json_member(object, "content");
	struct rooms_draft out;
	bool replaced = false;

	if (!key_check(peer, object, true))
		return REASON_BAD_KEY;
	draft_start(&out, KIND_MESSAGE);
	if (!room_read(peer, object, &out) || content.type != JSON_STRING)
		return REASON_BAD_ARGUMENT;
	out.draft.event.text = json_text(content, peer->scratch, &replaced);
	if (!out.draft.event.text.len)
		return REASON_EMPTY;
	if (replaced)
		out.draft.event.flags |= FLAG_DEGRADED;
	sink->draft(sink, &out.draft);
	return REASON_NONE;
}

static enum reason read_handle(struct codec_peer *peer, const struct json_object *object,
			       struct codec_sink *sink)
{
	struct json_value id = json_member(object, "message_id");
	struct rooms_draft out;
	int64_t target;

	if (!key_check(peer, object, false))
		return REASON_BAD_KEY;
	if (id.type != JSON_STRING && id.type != JSON_NUMBER)
		return REASON_BAD_ARGUMENT;
	draft_start(&out, KIND_READ);
	if (json_member(object, "room_id").type != JSON_ABSENT && !room_read(peer, object, &out))
		return REASON_BAD_ARGUMENT;
	if (!json_int64_or_text(id, &target) || target <= 0 || (uint64_t)target > NUMBER_MAX)
		return REASON_UNKNOWN_MESSAGE;
	out.draft.event.target = (uint64_t)target;
	sink->draft(sink, &out.draft);
	return REASON_NONE;
}

static enum reason invite_handle(struct codec_peer *peer, const struct json_object *object,
				 struct codec_sink *sink)
{
	struct rooms_draft out;
	struct person *subject = &out.draft.event.subject;
	uint64_t number;

	if (!key_check(peer, object, true))
		return REASON_BAD_KEY;
	draft_start(&out, KIND_INVITE);
	if (!room_read(peer, object, &out) ||
	    !uuid_read(object, "user_id", peer->scratch, subject->uuid))
		return REASON_BAD_ARGUMENT;
	if (!identity_number(peer->view->ids, ID_PERSON, subject->uuid, &number) || number == 0 ||
	    number > PERSON_MAX)
		return REASON_UNKNOWN_PERSON;
	subject->number = (uint32_t)number;
	sink->draft(sink, &out.draft);
	return REASON_NONE;
}

/* The documents have no way for a client to say these: the mirror of what the server says. */
static enum reason presence_handle(struct codec_peer *peer, const struct json_object *object,
				   struct codec_sink *sink, enum envelope_kind kind)
{
	struct rooms_draft out;

	if (!key_check(peer, object, false))
		return REASON_BAD_KEY;
	draft_start(&out, kind);
	if (!room_read(peer, object, &out))
		return REASON_BAD_ARGUMENT;
	sink->draft(sink, &out.draft);
	return REASON_NONE;
}

static enum reason enter_handle(struct codec_peer *peer, const struct json_object *object,
				struct codec_sink *sink)
{
	return presence_handle(peer, object, sink, KIND_ENTER);
}

static enum reason exit_handle(struct codec_peer *peer, const struct json_object *object,
			       struct codec_sink *sink)
{
	return presence_handle(peer, object, sink, KIND_EXIT);
}

static const struct verb verbs[] = {
	{ "message", message_handle, false }, { "read", read_handle, false },
	{ "ping", ping_handle, true },        { "pong", pong_handle, true },
	{ "invite", invite_handle, false },   { "enter", enter_handle, false },
	{ "exit", exit_handle, false },
};

enum reason rooms_decode(struct codec_peer *peer, struct slice text, struct codec_sink *sink)
{
	struct json_object object;
	struct json_value type;
	const struct verb *verb;

	peer->correlation = (struct slice){ NULL, 0 };
	if (json_read(text, peer->json_depth, &object) != JSON_OK)
		return REASON_MALFORMED;
	type = json_member(&object, "type");
	if (type.type != JSON_STRING)
		return REASON_MALFORMED;
	verb = verb_find(verbs, COUNT(verbs), json_text(type, peer->scratch, NULL));
	if (!verb)
		return REASON_UNKNOWN_VERB;
	if (!peer->logged_in && !verb->before_login)
		return REASON_NOT_LOGGED_IN;
	return verb->handle(peer, &object, sink);
}
