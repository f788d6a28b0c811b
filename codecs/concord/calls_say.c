#include "codecs/concord/calls.h"

#include "codecs/wording.h"

/* ---- said ---- */

static enum codec_status cannot(enum reason reason, enum reason *why)
{
	*why = reason;
	return CODEC_NOTHING;
}

/* A thread of another dialect may be any text. */
static void put_thread(struct json_writer *w, const struct envelope *event)
{
	json_key(w, "threadId");
	if (concord_is_id(event->thread))
		json_put_raw(w, event->thread);
	else
		json_put_null(w);
}

/* Its clients sort by it. */
static int64_t time_of(const struct call_peer *peer, const struct envelope *event)
{
	return event->client_time_ms > 0 ? event->client_time_ms : (int64_t)peer->now_ms;
}

static void start_request(const struct call_peer *peer, enum call_method method, const char *folder,
			  struct slice id, struct call_out *out)
{
	concord_call_request(&out->request, peer, method, TAG_SAY);
	concord_call_path(&out->request.path, peer, folder);
	json_put_literal(&out->request.path, id.data, id.len);
	out->settling = SETTLES_ANSWER;
}

static enum codec_status say_message(struct call_peer *peer, const struct call_said *said,
				     struct call_out *out, enum reason *why)
{
	const struct concord_link *link = peer->state;
	struct json_writer *w = &out->request.body;

	if (said->event->flags & FLAG_PRIVATE)
		return cannot(REASON_NOT_PRIVATE, why);
	if (said->text.len == 0)
		return cannot(REASON_EMPTY, why);
	if (!link->channel.len)
		return cannot(REASON_UNKNOWN_ROOM, why);
	start_request(peer, CALL_POST, "/channels/", long_slice(&link->channel), out);
	json_put_literal(&out->request.path, "/chats", 6);
	json_object_open(w);
	json_field_string(w, "content", said->text);
	json_field_integer(w, "sentAt", time_of(peer, said->event));
	put_thread(w, said->event);
	json_object_close(w);
	out->echoes = true;
	return CODEC_OK;
}

static enum codec_status say_edit(struct call_peer *peer, const struct call_said *said,
				  struct call_out *out, enum reason *why)
{
	struct json_writer *w = &out->request.body;

	if (said->text.len == 0)
		return cannot(REASON_EMPTY, why);
	start_request(peer, CALL_PATCH, "/chats/", said->target, out);
	json_object_open(w);
	json_field_string(w, "content", said->text);
	json_object_close(w);
	out->echoes = true;
	return CODEC_OK;
}

static enum codec_status say_delete(struct call_peer *peer, const struct call_said *said,
				    struct call_out *out)
{
	start_request(peer, CALL_DELETE, "/chats/", said->target, out);
	out->echoes = true;
	return CODEC_OK;
}

/* In the socket there is no answer, and an unknown chat ends the real server's session. */
static enum codec_status say_reaction(struct call_peer *peer, const struct call_said *said,
				      struct call_out *out, enum reason *why)
{
	struct json_writer *w = &out->request.body;

	if (said->event->text.len == 0)
		return cannot(REASON_EMPTY, why);
	start_request(peer, CALL_POST, "/chats/", said->target, out);
	json_put_literal(&out->request.path, "/reactions", 10);
	json_object_open(w);
	json_field_string(w, "reaction", said->event->text);
	json_field_bool(w, "adding", said->event->flags & FLAG_ADDING);
	json_object_close(w);
	return CODEC_OK;
}

static enum codec_status say_typing(struct call_peer *peer, const struct call_said *said,
				    struct call_out *out, enum reason *why)
{
	const struct concord_link *link = peer->state;
	struct json_writer *w = &out->frame;

	if (!link->channel.len)
		return cannot(REASON_UNKNOWN_ROOM, why);
	json_object_open(w);
	json_field_string(w, "type", SLICE("chat_typing"));
	json_key(w, "channelId");
	json_put_raw(w, long_slice(&link->channel));
	put_thread(w, said->event);
	json_field_integer(w, "sentAt", time_of(peer, said->event));
	json_object_close(w);
	out->settling = SETTLES_SENT;
	out->echoes = true;
	return CODEC_OK;
}

enum codec_status concord_call_say(struct call_peer *peer, const struct call_said *said,
				   struct call_out *out, enum reason *why)
{
	switch (said->event->kind) {
	case KIND_MESSAGE: return say_message(peer, said, out, why);
	case KIND_TYPING: return say_typing(peer, said, out, why);
	case KIND_EDIT:
	case KIND_DELETE:
	case KIND_REACTION: break;
	default: return cannot(REASON_UNSUPPORTED, why);
	}
	if (!concord_is_id(said->target))
		return cannot(REASON_UNKNOWN_MESSAGE, why);
	if (said->event->kind == KIND_EDIT)
		return say_edit(peer, said, out, why);
	if (said->event->kind == KIND_DELETE)
		return say_delete(peer, said, out);
	return say_reaction(peer, said, out, why);
}

/* ---- and whether it was taken ---- */

static enum reason reason_of(const struct call_said *said, unsigned status)
{
	switch (status) {
	case 401: return REASON_BAD_LOGIN;
	case 403: return REASON_NO_RIGHT;
	case 404:
		return said->event->kind == KIND_MESSAGE ? REASON_UNKNOWN_ROOM
							 : REASON_UNKNOWN_MESSAGE;
	case 413: return REASON_TOO_LONG;
	default: return call_status_reason(status);
	}
}

/* Absent, where the answer cannot be read: it was taken all the same. */
static struct slice made_id(struct call_peer *peer, const struct call_result *result)
{
	char *scratch = peer->scratch;
	struct json_object object;
	struct slice id;

	if (json_read(result->body, peer->json_depth, &object) != JSON_OK ||
	    !concord_call_id(&object, "id", &scratch, &id))
		return (struct slice){ NULL, 0 };
	return id;
}

void concord_call_settle(struct call_peer *peer, const struct call_said *said,
			 const struct call_result *result, struct call_sink *sink)
{
	struct call_settled settled = { .serial = said->serial,
					.reason = reason_of(said, result->status) };

	if (settled.reason != REASON_NONE)
		settled.text = call_words(peer, settled.reason, result->status,
					  concord_call_words(peer, result));
	else if (said->event->kind == KIND_MESSAGE)
		settled.id = made_id(peer, result);
	sink->settled(sink, &settled);
}
