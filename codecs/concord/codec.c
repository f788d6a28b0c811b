#include "codecs/credentials.h"
#include "codecs/registry.h"
#include "codecs/text/json_read.h"
#include "codecs/verbs.h"
#include "codecs/wording.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* ---- handshake ---- */

/* The real server searches the whole address for "?token=", so that a later '?' may begin it,
 * and takes all that follows. */
static struct slice concord_token(struct slice query)
{
	static const char mark[] = "?token=";
	const char *found;

	if (slice_starts_with(query, mark + 1))
		return slice_span(query.data + sizeof(mark) - 2, query.len - (sizeof(mark) - 2));
	found = query.len ? memmem(query.data, query.len, mark, sizeof(mark) - 1) : NULL;
	if (!found)
		return (struct slice){ NULL, 0 };
	found += sizeof(mark) - 1;
	return slice_span(found, query.len - (size_t)(found - query.data));
}

static enum reason concord_handshake(struct codec_peer *peer,
				     const struct codec_handshake *handshake,
				     struct codec_login *login)
{
	struct slice token = concord_token(handshake->query);

	token = credentials_unescape(token, peer->scratch);
	return credentials_split(token, login) ? REASON_NONE : REASON_BAD_LOGIN;
}

static struct slice concord_refuse(enum reason reason)
{
	switch (reason) {
	case REASON_MALFORMED:
	case REASON_BAD_ARGUMENT:
	case REASON_TOO_LONG:
		return SLICE("HTTP/1.1 400 Bad Request\r\n"
			     "Content-Length: 0\r\nConnection: close\r\n\r\n");
	case REASON_BANNED:
	case REASON_CLOSED_ROOM:
	case REASON_NO_RIGHT:
		return SLICE("HTTP/1.1 403 Forbidden\r\n"
			     "Content-Length: 0\r\nConnection: close\r\n\r\n");
	case REASON_CLOSING:
	case REASON_TOO_MANY:
	case REASON_RATE_LIMITED:
		return SLICE("HTTP/1.1 503 Service Unavailable\r\n"
			     "Content-Length: 0\r\nConnection: close\r\n\r\n");
	default:
		return SLICE("HTTP/1.1 401 Unauthorized\r\nWWW-Authenticate: Bearer\r\n"
			     "Content-Length: 0\r\nConnection: close\r\n\r\n");
	}
}

/* ---- decoding: as lenient as the real server's binding of JSON to Java ---- */

static bool long_read(const struct json_object *object, const char *name, int64_t *out)
{
	struct json_value value = json_member(object, name);

	switch (value.type) {
	case JSON_ABSENT:
	case JSON_NULL: *out = 0; return true;
	case JSON_NUMBER: return json_int64_truncated(value, out);
	case JSON_STRING: *out = 0; return value.source.len == 2 || json_int64_or_text(value, out);
	default: return false;
	}
}

static bool boolean_read(const struct json_object *object, const char *name, bool *out)
{
	struct json_value value = json_member(object, name);
	int64_t number;

	switch (value.type) {
	case JSON_TRUE: *out = true; return true;
	case JSON_ABSENT:
	case JSON_NULL:
	case JSON_FALSE: *out = false; return true;
	case JSON_NUMBER:
		if (!json_int64(value, &number))
			return false;
		*out = number != 0;
		return true;
	case JSON_STRING:
		*out = slice_equal(value.source, SLICE("\"true\""));
		return *out || value.source.len == 2 ||
		       slice_equal(value.source, SLICE("\"false\""));
	default: return false;
	}
}

/* Scalars count as their own text; null as nothing. */
static enum reason text_read(const struct json_object *object, const char *name, char *scratch,
			     struct envelope *event)
{
	struct json_value value = json_member(object, name);
	bool replaced = false;

	switch (value.type) {
	case JSON_ABSENT:
	case JSON_NULL: return REASON_EMPTY;
	case JSON_STRING: event->text = json_text(value, scratch, &replaced); break;
	case JSON_ARRAY:
	case JSON_OBJECT: return REASON_BAD_ARGUMENT;
	default: event->text = value.source;
	}
	if (replaced)
		event->flags |= FLAG_DEGRADED;
	return event->text.len ? REASON_NONE : REASON_EMPTY;
}

static void draft_start(struct codec_draft *draft, enum envelope_kind kind)
{
	*draft = (struct codec_draft){ .event = { .kind = kind,
						  .origin = { .dialect = SLICE("concord") } } };
}

/* What chat_typing and chat_written have in common. threadId is read for its type alone: the
 * real server forgets it. */
static enum reason place_read(const struct json_object *object, struct codec_draft *draft)
{
	int64_t channel, thread, sent_at;

	if (!long_read(object, "channelId", &channel) || !long_read(object, "threadId", &thread) ||
	    !long_read(object, "sentAt", &sent_at))
		return REASON_BAD_ARGUMENT;
	if (channel <= 0)
		return REASON_UNKNOWN_ROOM;
	draft->room_number = (uint64_t)channel;
	draft->event.client_time_ms = sent_at;
	return REASON_NONE;
}

static enum reason typing_handle(struct codec_peer *peer, const struct json_object *object,
				 struct codec_sink *sink)
{
	struct codec_draft draft;
	enum reason reason;

	(void)peer;
	draft_start(&draft, KIND_TYPING);
	reason = place_read(object, &draft);
	if (reason == REASON_NONE)
		sink->draft(sink, &draft);
	return reason;
}

static enum reason written_handle(struct codec_peer *peer, const struct json_object *object,
				  struct codec_sink *sink)
{
	struct codec_draft draft;
	enum reason reason;

	draft_start(&draft, KIND_MESSAGE);
	reason = place_read(object, &draft);
	if (reason == REASON_NONE)
		reason = text_read(object, "content", peer->scratch, &draft.event);
	if (reason == REASON_NONE)
		sink->draft(sink, &draft);
	return reason;
}

static enum reason reaction_handle(struct codec_peer *peer, const struct json_object *object,
				   struct codec_sink *sink)
{
	struct codec_draft draft;
	enum reason reason;
	int64_t chat;
	bool adding;

	draft_start(&draft, KIND_REACTION);
	if (!long_read(object, "chatId", &chat) || !boolean_read(object, "adding", &adding))
		return REASON_BAD_ARGUMENT;
	reason = text_read(object, "reaction", peer->scratch, &draft.event);
	if (reason != REASON_NONE)
		return reason;
	if (chat <= 0 || (uint64_t)chat > NUMBER_MAX)
		return REASON_UNKNOWN_MESSAGE;
	draft.event.target = (uint64_t)chat;
	if (adding)
		draft.event.flags |= FLAG_ADDING;
	sink->draft(sink, &draft);
	return REASON_NONE;
}

static const struct verb verbs[] = {
	{ "chat_written", written_handle, false },
	{ "chat_typing", typing_handle, false },
	{ "chat_reaction", reaction_handle, false },
};

static enum reason concord_decode(struct codec_peer *peer, struct slice text,
				  struct codec_sink *sink)
{
	struct json_object object;
	struct json_value type;
	struct slice name;
	const struct verb *verb;

	peer->correlation = (struct slice){ NULL, 0 };
	if (json_read(text, peer->json_depth, &object) != JSON_OK)
		return REASON_MALFORMED;
	type = json_member(&object, "type");
	if (type.type != JSON_STRING)
		return REASON_MALFORMED;
	name = json_text(type, peer->scratch, NULL);
	if (slice_is(name, "heartbeat")) {
		sink->answer(sink, frame_of_text(text));
		return REASON_NONE;
	}
	verb = verb_find(verbs, COUNT(verbs), name);
	if (!verb)
		return REASON_UNKNOWN_VERB;
	if (!peer->logged_in && !verb->before_login)
		return REASON_NOT_LOGGED_IN;
	return verb->handle(peer, &object, sink);
}

/* ---- encoding: fields in the order of the real server, type last ---- */

static void sent_write(struct json_writer *w, const struct envelope *event,
		       const struct codec_view *view, uint32_t author)
{
	WORDING_TEMPLATE(w, "{\"chat\":{\"id\":");
	json_put_unsigned(w, event->id);
	/* Not the client's sentAt: clients sort by createdAt, and the order is the server's. */
	WORDING_TEMPLATE(w, ",\"createdAt\":");
	json_put_unsigned(w, event->time_ms);
	WORDING_TEMPLATE(w, ",\"authorId\":");
	json_put_unsigned(w, author);
	WORDING_TEMPLATE(w, ",\"channelId\":");
	json_put_unsigned(w, view->room_number);
	WORDING_TEMPLATE(w, ",\"threadId\":null,\"content\":\"");
	wording_message(w, event);
	WORDING_TEMPLATE(w, "\",\"edited\":");
	json_put_bool(w, event->flags & FLAG_EDITED);
	WORDING_TEMPLATE(w, ",\"reactions\":");
}

static void reactions_write(struct json_writer *w, const struct envelope *event)
{
	json_object_open(w);
	for (size_t i = 0; i < event->reaction_count; i++) {
		json_key_slice(w, event->reactions[i].emoji);
		json_put_unsigned(w, event->reactions[i].count);
	}
	json_object_close(w);
}

static struct frame *message_frame(const struct envelope *event, const struct codec_view *view,
				   uint32_t author)
{
	struct frame_writer w;

	frame_start(&w, event->text.len + 220);
	sent_write(&w.json, event, view, author);
	reactions_write(&w.json, event);
	WORDING_TEMPLATE(&w.json, "},\"type\":\"chat_sent\"}");
	frame_end_message(&w);
	return frame_finish(&w);
}

/* The fields that chat_deleted, chat_edited and chat_reactions_updated begin with. */
static void target_write(struct json_writer *w, uint64_t chat, const struct codec_view *view)
{
	WORDING_TEMPLATE(w, "{\"chatId\":");
	json_put_unsigned(w, chat);
	WORDING_TEMPLATE(w, ",\"channelId\":");
	json_put_unsigned(w, view->room_number);
	WORDING_TEMPLATE(w, ",\"threadId\":null");
}

static struct frame *edited_frame(const struct envelope *event, const struct codec_view *view)
{
	struct frame_writer w;

	frame_start(&w, event->text.len + 120);
	target_write(&w.json, event->target, view);
	WORDING_TEMPLATE(&w.json, ",\"content\":\"");
	json_put_piece(&w.json, event->text);
	WORDING_TEMPLATE(&w.json, "\",\"type\":\"chat_edited\"}");
	frame_end_message(&w);
	return frame_finish(&w);
}

static struct frame *reactions_frame(const struct envelope *event, const struct codec_view *view)
{
	struct frame_writer w;

	frame_start(&w, 160 + event->reaction_count * 16);
	target_write(&w.json, event->target, view);
	WORDING_TEMPLATE(&w.json, ",\"reactions\":");
	reactions_write(&w.json, event);
	WORDING_TEMPLATE(&w.json, ",\"type\":\"chat_reactions_updated\"}");
	frame_end_message(&w);
	return frame_finish(&w);
}

static struct frame *typing_frame(const struct envelope *event, const struct codec_view *view)
{
	struct frame_writer w;

	frame_start(&w, 120);
	WORDING_TEMPLATE(&w.json, "{\"userId\":");
	json_put_unsigned(&w.json, event->author.number);
	WORDING_TEMPLATE(&w.json, ",\"channelId\":");
	json_put_unsigned(&w.json, view->room_number);
	WORDING_TEMPLATE(&w.json, ",\"threadId\":null,\"sentAt\":");
	json_put_integer(&w.json, event->client_time_ms);
	WORDING_TEMPLATE(&w.json, ",\"type\":\"chat_typing\"}");
	frame_end_message(&w);
	return frame_finish(&w);
}

static void status_write(struct frame_writer *w, uint32_t person, struct slice status)
{
	WORDING_TEMPLATE(&w->json, "{\"userId\":");
	json_put_unsigned(&w->json, person);
	WORDING_TEMPLATE(&w->json, ",\"status\":\"");
	json_put_piece(&w->json, status);
	WORDING_TEMPLATE(&w->json, "\",\"type\":\"user_status_updated\"}");
	frame_end_message(w);
}

static struct frame *status_frame(uint32_t person, struct slice status)
{
	struct frame_writer w;

	frame_start(&w, 80);
	status_write(&w, person, status);
	return frame_finish(&w);
}

/* One chat_deleted for each id, after what w holds already. */
static void deletions_write(struct frame_writer *w, const uint64_t *ids, size_t count,
			    const struct codec_view *view)
{
	for (size_t i = 0; i < count; i++) {
		if (w->messages)
			frame_next(w);
		target_write(&w->json, ids[i], view);
		WORDING_TEMPLATE(&w->json, ",\"type\":\"chat_deleted\"}");
		frame_end_message(w);
	}
}

static struct frame *deletions_frame(const uint64_t *ids, size_t count,
				     const struct codec_view *view)
{
	struct frame_writer w;

	if (count == 0)
		return NULL;
	frame_start(&w, count * 100);
	deletions_write(&w, ids, count, view);
	return frame_finish(&w);
}

static struct frame *kick_frame(const struct envelope *event, const struct codec_view *view,
				enum audience audience)
{
	struct frame_writer w;

	if (audience == AUDIENCE_SUBJECT)
		return status_frame(event->subject.number, SLICE("OFFLINE"));
	frame_start(&w, 80 + event->removed_count * 100);
	status_write(&w, event->subject.number, SLICE("OFFLINE"));
	deletions_write(&w, event->removed, event->removed_count, view);
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
		return message_frame(event, view, event->author.number);
	case KIND_NOTICE: return message_frame(event, view, view->bridge.number);
	case KIND_EDIT: return edited_frame(event, view);
	case KIND_DELETE: return deletions_frame(&event->target, 1, view);
	case KIND_CLEAR:
	case KIND_PURGE:
	case KIND_TIMEOUT: return deletions_frame(event->removed, event->removed_count, view);
	case KIND_REACTION: return reactions_frame(event, view);
	case KIND_TYPING: return typing_frame(event, view);
	case KIND_ENTER:
	case KIND_EXIT:
		/* Being online is not a matter of rooms here. */
		if (event->flags & FLAG_CONNECTED)
			return NULL;
		return status_frame(event->author.number,
				    event->kind == KIND_ENTER ? SLICE("ONLINE") : SLICE("OFFLINE"));
	case KIND_PRESENCE: return status_frame(event->author.number, event->text);
	case KIND_KICK: return kick_frame(event, view, audience);
	default: return NULL;
	}
}

static enum codec_status concord_encode(const struct envelope *event, const struct codec_view *view,
					enum audience audience, uint32_t muted_events,
					struct frame **out)
{
	(void)muted_events;
	*out = event_frame(event, view, audience);
	return *out ? CODEC_OK : CODEC_NOTHING;
}

static enum codec_status concord_reply(struct codec_peer *peer, const struct codec_reply *reply,
				       struct frame **out)
{
	*out = NULL;
	if (reply->kind != REPLY_REFUSED || peer->strict)
		return CODEC_NOTHING;
	*out = wording_error(reply);
	return CODEC_OK;
}

static const struct codec_ops concord_serves = {
	.handshake = concord_handshake,
	.refuse = concord_refuse,
	.decode = concord_decode,
	.encode = concord_encode,
	.reply = concord_reply,
};

const struct codec codec_concord = {
	.name = "concord",
	.reads_binary = true,
	.hears_every_room = true,
	.kick_ends_session = true,
	.can = {
		[KIND_MESSAGE] = { true, RULE_NATIVE, NULL },
		[KIND_EDIT] = { false, RULE_NATIVE, NULL },
		[KIND_DELETE] = { false, RULE_NATIVE, NULL },
		[KIND_CLEAR] = { false, RULE_NATIVE, NULL },
		[KIND_PURGE] = { false, RULE_NATIVE, NULL },
		[KIND_REACTION] = { true, RULE_NATIVE, NULL },
		[KIND_TYPING] = { true, RULE_NATIVE, NULL },
		[KIND_READ] = { false, RULE_DROP, "concord has no read receipts" },
		[KIND_ENTER] = { true, RULE_NATIVE, NULL },
		[KIND_EXIT] = { true, RULE_NATIVE, NULL },
		[KIND_INVITE] = { false, RULE_NOTICE, NULL },
		[KIND_KICK] = { false, RULE_NATIVE, NULL },
		[KIND_TIMEOUT] = { false, RULE_NATIVE, NULL },
		[KIND_PRESENCE] = { false, RULE_NATIVE, NULL },
		[KIND_USER_UPDATE] = { false, RULE_NOTICE, NULL },
		[KIND_POLL_START] = { false, RULE_NOTICE, NULL },
		[KIND_POLL_VOTE] = { false, RULE_DROP, "a vote shows in the poll's tallies" },
		[KIND_POLL_END] = { false, RULE_NOTICE, NULL },
		[KIND_NOTICE] = { false, RULE_NATIVE, NULL },
		[KIND_OPAQUE] = { false, RULE_DROP, "another dialect's words mean nothing here" },
	},
	.serves = &concord_serves,
};
