#include "codecs/credentials.h"
#include "codecs/registry.h"
#include "codecs/text/json_read.h"
#include "codecs/verbs.h"
#include "codecs/wording.h"

#define COUNT(array)  (sizeof(array) / sizeof((array)[0]))
#define KEY_BYTES_MAX 256
#define PERSON_MAX    INT32_MAX

/* The key the connection was opened with: the frames that carry one must carry the same. */
struct rooms_state {
	size_t key_len;
	char key[KEY_BYTES_MAX];
};

/* ---- handshake ---- */

static enum reason rooms_handshake(struct codec_peer *peer, const struct codec_handshake *handshake,
				   struct codec_login *login)
{
	struct rooms_state *state = peer->state;
	struct slice key = credentials_parameter(handshake->query, "key");

	if (!key.len)
		return REASON_NOT_LOGGED_IN;
	key = credentials_unescape(key, peer->scratch);
	if (key.len > KEY_BYTES_MAX || !credentials_split(key, login))
		return REASON_BAD_LOGIN;
	memcpy(state->key, key.data, key.len);
	state->key_len = key.len;
	return REASON_NONE;
}

#define RESPONSE(status, length, code)                                                             \
	SLICE("HTTP/1.1 " status "\r\nContent-Type: text/plain; charset=utf-8\r\n"                 \
	      "Content-Length: " length "\r\nConnection: close\r\n\r\n{\"error\":\"" code "\"}\n")

/* The words are those of the real server's HTTP errors, where it has one. */
static struct slice rooms_refuse(enum reason reason)
{
	switch (reason) {
	case REASON_NOT_LOGGED_IN: return RESPONSE("401 Unauthorized", "19", "no_key");
	case REASON_BANNED: return RESPONSE("403 Forbidden", "19", "banned");
	case REASON_NO_RIGHT: return RESPONSE("403 Forbidden", "21", "no_right");
	case REASON_CLOSED_ROOM: return RESPONSE("403 Forbidden", "24", "closed_room");
	case REASON_UNKNOWN_ROOM: return RESPONSE("404 Not Found", "25", "no_such_room");
	case REASON_TOO_MANY: return RESPONSE("503 Service Unavailable", "21", "too_many");
	case REASON_RATE_LIMITED: return RESPONSE("503 Service Unavailable", "25", "rate_limited");
	case REASON_CLOSING: return RESPONSE("503 Service Unavailable", "20", "closing");
	default: return RESPONSE("401 Unauthorized", "20", "bad_key");
	}
}

/* ---- decoding ---- */

/* Looks at every byte whatever they are, so that the time taken tells nothing of the key. */
static bool key_equals(const struct rooms_state *state, struct slice key)
{
	unsigned char differ = key.len != state->key_len;

	for (size_t i = 0; i < key.len; i++)
		differ |= (unsigned char)(key.data[i] ^ state->key[i % KEY_BYTES_MAX]);
	return !differ;
}

static bool key_check(const struct codec_peer *peer, const struct json_object *object,
		      bool required)
{
	struct json_value key = json_member(object, "key");

	if (key.type == JSON_ABSENT)
		return !required;
	return key.type == JSON_STRING &&
	       key_equals(peer->state, json_text(key, peer->scratch, NULL));
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
	frame_start(&w, time.source.len + 32);
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
static enum reason routing_handle(struct codec_peer *peer, const struct json_object *object,
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
	return routing_handle(peer, object, sink, KIND_ENTER);
}

static enum reason exit_handle(struct codec_peer *peer, const struct json_object *object,
			       struct codec_sink *sink)
{
	return routing_handle(peer, object, sink, KIND_EXIT);
}

static const struct verb verbs[] = {
	{ "message", message_handle, false }, { "read", read_handle, false },
	{ "ping", ping_handle, true },        { "pong", pong_handle, true },
	{ "invite", invite_handle, false },   { "enter", enter_handle, false },
	{ "exit", exit_handle, false },
};

static enum reason rooms_decode(struct codec_peer *peer, struct slice text, struct codec_sink *sink)
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

/* ---- encoding: fields in the order of the documents ---- */

static void uuid_write(struct json_writer *w, const unsigned char uuid[16])
{
	char text[UUID_TEXT_LEN];

	uuid_print(uuid, text);
	json_put_literal(w, text, UUID_TEXT_LEN);
}

static struct frame *frame_close(struct frame_writer *w)
{
	WORDING_TEMPLATE(&w->json, "\"}");
	frame_end_message(w);
	return frame_finish(w);
}

static struct frame *message_frame(const struct envelope *event, const struct codec_view *view,
				   const struct person *author)
{
	struct frame_writer w;

	frame_start(&w, event->text.len + 280);
	WORDING_TEMPLATE(&w.json, "{\"type\":\"message\",\"time\":");
	json_put_unsigned(&w.json, event->time_ms / 1000);
	WORDING_TEMPLATE(&w.json, ",\"content\":\"");
	wording_message(&w.json, event);
	WORDING_TEMPLATE(&w.json, "\",\"user_id\":\"");
	uuid_write(&w.json, author->uuid);
	WORDING_TEMPLATE(&w.json, "\",\"message_id\":\"");
	json_put_unsigned(&w.json, event->id);
	WORDING_TEMPLATE(&w.json, "\",\"room_id\":\"");
	json_put_piece(&w.json, view->room_id);
	return frame_close(&w);
}

static struct frame *read_frame(const struct envelope *event)
{
	struct frame_writer w;

	frame_start(&w, 128);
	WORDING_TEMPLATE(&w.json, "{\"type\":\"read\",\"message_id\":\"");
	json_put_unsigned(&w.json, event->target);
	WORDING_TEMPLATE(&w.json, "\",\"user_id\":\"");
	uuid_write(&w.json, event->author.uuid);
	return frame_close(&w);
}

/* What enter, exit and invite have in common. */
static struct frame *person_frame(struct slice type, const struct person *person,
				  const struct codec_view *view)
{
	struct frame_writer w;

	frame_start(&w, 160);
	WORDING_TEMPLATE(&w.json, "{\"type\":\"");
	json_put_literal(&w.json, type.data, type.len);
	WORDING_TEMPLATE(&w.json, "\",\"user_id\":\"");
	uuid_write(&w.json, person->uuid);
	WORDING_TEMPLATE(&w.json, "\",\"room_id\":\"");
	json_put_piece(&w.json, view->room_id);
	return frame_close(&w);
}

static struct frame *kick_frame(const struct envelope *event, const struct codec_view *view)
{
	struct frame_writer w;

	frame_start(&w, event->text.len + 160);
	WORDING_TEMPLATE(&w.json, "{\"type\":\"kick\",\"room_id\":\"");
	json_put_piece(&w.json, view->room_id);
	if (event->text.len) {
		WORDING_TEMPLATE(&w.json, "\",\"message\":\"");
		json_put_piece(&w.json, event->text);
	}
	WORDING_TEMPLATE(&w.json, "\",\"permanent\":");
	json_put_bool(&w.json, event->flags & FLAG_PERMANENT);
	WORDING_TEMPLATE(&w.json, "}");
	frame_end_message(&w);
	return frame_finish(&w);
}

static struct frame *event_frame(const struct envelope *event, const struct codec_view *view,
				 enum audience audience)
{
	switch (event->kind) {
	case KIND_MESSAGE:
		/* There is no private form, and a whisper is never widened. */
		if (event->flags & FLAG_PRIVATE)
			return NULL;
		return message_frame(event, view, &event->author);
	case KIND_NOTICE: return message_frame(event, view, &view->bridge);
	case KIND_READ: return read_frame(event);
	case KIND_ENTER: return person_frame(SLICE("enter"), &event->author, view);
	case KIND_EXIT: return person_frame(SLICE("exit"), &event->author, view);
	case KIND_INVITE: return person_frame(SLICE("invite"), &event->author, view);
	case KIND_KICK:
		if (audience == AUDIENCE_SUBJECT)
			return kick_frame(event, view);
		return person_frame(SLICE("exit"), &event->subject, view);
	default: return NULL;
	}
}

static enum codec_status rooms_encode(const struct envelope *event, const struct codec_view *view,
				      enum audience audience, uint32_t muted_events,
				      struct frame **out)
{
	(void)muted_events;
	*out = event_frame(event, view, audience);
	return *out ? CODEC_OK : CODEC_NOTHING;
}

static enum codec_status rooms_reply(struct codec_peer *peer, const struct codec_reply *reply,
				     struct frame **out)
{
	*out = NULL;
	if (reply->kind != REPLY_REFUSED || peer->strict)
		return CODEC_NOTHING;
	*out = wording_error(reply);
	return CODEC_OK;
}

static enum codec_status rooms_keepalive(struct codec_peer *peer, struct frame **out)
{
	struct frame_writer w;

	frame_start(&w, 48);
	WORDING_TEMPLATE(&w.json, "{\"type\":\"ping\",\"time\":");
	json_put_unsigned(&w.json, peer->now_ms / 1000);
	WORDING_TEMPLATE(&w.json, "}");
	frame_end_message(&w);
	*out = frame_finish(&w);
	return CODEC_OK;
}

static const struct codec_ops rooms_serves = {
	.handshake = rooms_handshake,
	.refuse = rooms_refuse,
	.decode = rooms_decode,
	.encode = rooms_encode,
	.reply = rooms_reply,
	.keepalive = rooms_keepalive,
};

const struct codec codec_rooms = {
	.name = "rooms",
	.state_size = sizeof(struct rooms_state),
	.forbids_history = true,
	.can = {
		[KIND_MESSAGE] = { true, RULE_NATIVE, NULL },
		[KIND_EDIT] = { false, RULE_TEXT, NULL },
		[KIND_DELETE] = { false, RULE_NOTICE, NULL },
		[KIND_CLEAR] = { false, RULE_NOTICE, NULL },
		[KIND_PURGE] = { false, RULE_NOTICE, NULL },
		[KIND_REACTION] = { false, RULE_NOTICE, NULL },
		[KIND_TYPING] = { false, RULE_DROP, "rooms has no typing indicator" },
		[KIND_READ] = { true, RULE_NATIVE, NULL },
		[KIND_ENTER] = { true, RULE_NATIVE, NULL },
		[KIND_EXIT] = { true, RULE_NATIVE, NULL },
		[KIND_INVITE] = { true, RULE_NATIVE, NULL },
		[KIND_KICK] = { false, RULE_NATIVE, NULL },
		/* Not a kick: who is timed out stays a member. */
		[KIND_TIMEOUT] = { false, RULE_NOTICE, NULL },
		[KIND_PRESENCE] = { false, RULE_DROP, "rooms knows only who is in a room" },
		[KIND_USER_UPDATE] = { false, RULE_NOTICE, NULL },
		[KIND_POLL_START] = { false, RULE_NOTICE, NULL },
		[KIND_POLL_VOTE] = { false, RULE_DROP, "a vote shows in the poll's tallies" },
		[KIND_POLL_END] = { false, RULE_NOTICE, NULL },
		[KIND_NOTICE] = { false, RULE_NATIVE, NULL },
		[KIND_OPAQUE] = { false, RULE_DROP, "another dialect's words mean nothing here" },
	},
	.serves = &rooms_serves,
};
