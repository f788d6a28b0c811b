#include <strings.h>

#include "codecs/credentials.h"
#include "codecs/registry.h"
#include "codecs/simple/simple.h"
#include "codecs/text/json_read.h"
#include "codecs/wording.h"

/* ---- handshake: HTTP Basic ---- */

static struct slice spaces_skip(struct slice text)
{
	while (text.len && text.data[0] == ' ')
		text = slice_span(text.data + 1, text.len - 1);
	while (text.len && text.data[text.len - 1] == ' ')
		text.len--;
	return text;
}

/* "?login=NAME:SECRET", percent-decoded. */
static enum reason login_of_page(struct codec_peer *peer, struct slice query,
				 struct codec_login *login)
{
	struct slice text = credentials_parameter(query, "login");

	if (!text.len)
		return REASON_BAD_LOGIN;
	text = credentials_unescape(text, peer->scratch);
	return credentials_split(text, login) ? REASON_NONE : REASON_BAD_LOGIN;
}

static enum reason simple_handshake(struct codec_peer *peer,
				    const struct codec_handshake *handshake,
				    struct codec_login *login)
{
	static const char scheme[] = "basic ";
	struct slice text = spaces_skip(handshake->authorization);

	if (handshake->page && !handshake->authorization.data)
		return login_of_page(peer, handshake->query, login);
	if (text.len < sizeof(scheme) || strncasecmp(text.data, scheme, sizeof(scheme) - 1) != 0)
		return REASON_BAD_LOGIN;
	text = slice_span(text.data + sizeof(scheme) - 1, text.len - (sizeof(scheme) - 1));
	text = credentials_base64(spaces_skip(text), peer->scratch);
	if (!text.len || !memchr(text.data, ':', text.len))
		return REASON_BAD_LOGIN;
	return credentials_split(text, login) ? REASON_NONE : REASON_BAD_LOGIN;
}

/* Like the real server, nothing but a status. */
static struct codec_response simple_refuse(enum reason reason)
{
	switch (reason) {
	case REASON_NAME_TAKEN:
	case REASON_ALREADY:
	case REASON_BANNED:
	case REASON_CLOSED_ROOM:
	case REASON_NO_RIGHT:
	case REASON_TOO_MANY:
	case REASON_RATE_LIMITED:
	case REASON_CLOSING: return (struct codec_response){ .status = 403 };
	case REASON_NO_ANSWER:
	case REASON_BUSY: return (struct codec_response){ .status = 503 };
	default: return (struct codec_response){ .status = 401 };
	}
}

/* ---- decoding ---- */

/* The type is judged before the payload_id is looked at: the real server answers an unknown
 * type with a null id even if one was given. */
static enum reason simple_decode(struct codec_peer *peer, struct slice text,
				 struct codec_sink *sink)
{
	struct codec_draft draft = { .event = { .kind = KIND_MESSAGE,
						.origin = { .dialect = SLICE("simple") } } };
	struct json_object object;
	struct json_value type, id, message;
	bool replaced = false;

	peer->correlation = (struct slice){ NULL, 0 };
	if (json_read(text, peer->json_depth, &object) != JSON_OK)
		return REASON_MALFORMED;
	type = json_member(&object, "type");
	id = json_member(&object, "payload_id");
	if (type.type != JSON_STRING || id.type == JSON_ABSENT)
		return REASON_MALFORMED;
	if (!slice_is(json_text(type, peer->scratch, NULL), "send_message"))
		return REASON_UNKNOWN_VERB;
	peer->correlation = id.source;
	message = json_member(&object, "message");
	if (message.type != JSON_STRING)
		return REASON_BAD_ARGUMENT;
	if (!peer->logged_in)
		return REASON_NOT_LOGGED_IN;
	draft.event.text = json_text(message, peer->scratch, &replaced);
	draft.event.flags = replaced ? FLAG_DEGRADED : 0;
	draft.event.correlation = id.source;
	sink->draft(sink, &draft);
	return REASON_NONE;
}

/* ---- encoding: keys in the order of the real server ---- */

static const char dialect[] = "simple";

/* What a simple server said besides goes to clients of the dialect. */
static void event_finish(struct json_writer *w, const struct envelope *event)
{
	if (event->extra.len)
		wording_extra(w, event, dialect);
	WORDING_TEMPLATE(w, "}");
}

/* From the end of the message's text on. author NULL: the server speaks. */
static void sent_finish(struct json_writer *w, const struct envelope *event,
			const struct person *author)
{
	WORDING_TEMPLATE(w, "\",\"timestamp\":");
	json_put_unsigned(w, event->time_ms);
	if (!author) {
		WORDING_TEMPLATE(w, ",\"username\":null");
	} else {
		WORDING_TEMPLATE(w, ",\"username\":\"");
		json_put_piece(w, author->name);
		WORDING_TEMPLATE(w, "\"");
	}
	event_finish(w, event);
}

static struct frame *message_frame(const struct envelope *event, const struct form *form,
				   const struct person *author)
{
	struct frame_writer w;

	frame_start(&w, form->framing, event->text.len + 160);
	WORDING_TEMPLATE(&w.json, "{\"type\":\"message_sent\",\"message\":\"");
	wording_message(&w.json, event);
	sent_finish(&w.json, event, author);
	frame_end_message(&w);
	return frame_finish(&w);
}

static struct frame *presence_frame(const struct envelope *event, const struct form *form,
				    struct slice type, struct slice username)
{
	struct frame_writer w;

	frame_start(&w, form->framing, 160);
	WORDING_TEMPLATE(&w.json, "{\"type\":\"");
	json_put_literal(&w.json, type.data, type.len);
	WORDING_TEMPLATE(&w.json, "\",\"timestamp\":");
	json_put_unsigned(&w.json, event->time_ms);
	WORDING_TEMPLATE(&w.json, ",\"username\":\"");
	json_put_piece(&w.json, username);
	WORDING_TEMPLATE(&w.json, "\"");
	event_finish(&w.json, event);
	frame_end_message(&w);
	return frame_finish(&w);
}

static struct frame *event_frame(const struct envelope *event, const struct form *form,
				 enum audience audience)
{
	switch (event->kind) {
	case KIND_MESSAGE:
		/* There is no private form, and a whisper is never widened. */
		if (event->flags & FLAG_PRIVATE)
			return NULL;
		return message_frame(event, form, &event->author);
	case KIND_NOTICE: return message_frame(event, form, NULL);
	case KIND_ENTER:
		return presence_frame(event, form, SLICE("user_connected"), event->author.name);
	case KIND_EXIT:
		return presence_frame(event, form, SLICE("user_disconnected"), event->author.name);
	case KIND_KICK:
		if (audience == AUDIENCE_SUBJECT || event->flags & FLAG_ABSENT)
			return NULL;
		return presence_frame(event, form, SLICE("user_disconnected"), event->subject.name);
	case KIND_OPAQUE: return wording_opaque(event, form->framing, dialect);
	default: return NULL;
	}
}

static enum codec_status simple_encode(const struct envelope *event, const struct codec_view *view,
				       const struct form *form, enum audience audience,
				       uint32_t muted_events, struct frame **out)
{
	(void)view;
	(void)muted_events;
	*out = event_frame(event, form, audience);
	return *out ? CODEC_OK : CODEC_NOTHING;
}

/* ---- replies ---- */

/* The only error code the real server has, and the only one of a strict peer; other refusals have
 * their own. There is no other place for a sentence. */
static struct slice error_code(const struct codec_reply *reply, bool strict)
{
	if (strict)
		return SLICE("malformed_payload");
	if (reply->text.data)
		return reply->text;
	switch (reply->reason) {
	case REASON_MALFORMED:
	case REASON_UNKNOWN_VERB:
	case REASON_BAD_ARGUMENT: return SLICE("malformed_payload");
	default: return slice_of(reason_code(reply->reason));
	}
}

static enum codec_status simple_reply(struct codec_peer *peer, const struct codec_reply *reply,
				      struct frame **out)
{
	struct frame_writer w;

	*out = NULL;
	if (reply->kind != REPLY_DONE && reply->kind != REPLY_REFUSED)
		return CODEC_NOTHING;
	frame_start(&w, peer->form.framing, reply->correlation.len + 80);
	WORDING_TEMPLATE(&w.json, "{\"type\":\"reply\",\"payload_id\":");
	if (reply->correlation.len)
		json_put_raw(&w.json, reply->correlation);
	else
		json_put_null(&w.json);
	WORDING_TEMPLATE(&w.json, ",\"error\":");
	if (reply->kind == REPLY_REFUSED)
		json_put_string(&w.json, error_code(reply, peer->strict));
	else
		json_put_null(&w.json);
	WORDING_TEMPLATE(&w.json, "}");
	frame_end_message(&w);
	*out = frame_finish(&w);
	return CODEC_OK;
}

static const struct codec_ops simple_serves = {
	.handshake = simple_handshake,
	.refuse = simple_refuse,
	.decode = simple_decode,
	.encode = simple_encode,
	.reply = simple_reply,
};

static const char *const simple_mounts[] = { "/simple", NULL };

const struct codec codec_simple = {
	.name = "simple",
	.answers_in_order = true,
	.reads_binary = true,
	.kick_ends_session = true,
	.one_connection = true,
	.mounts = simple_mounts,
	.trial = { .name = "dee",
		   .user = "dee:x@",
		   .frame = "{\"type\":\"send_message\",\"payload_id\":1,\"message\":\"hello\"}" },
	.cannot_follow = true,
	.forms = { { FRAMING_WEBSOCKET, 0 } },
	.form_count = 1,
	.can = {
		[KIND_MESSAGE] = { true, RULE_NATIVE, NULL },
		[KIND_EDIT] = { false, RULE_NOTICE, NULL },
		[KIND_DELETE] = { false, RULE_NOTICE, NULL },
		[KIND_CLEAR] = { false, RULE_NOTICE, NULL },
		[KIND_PURGE] = { false, RULE_NOTICE, NULL },
		[KIND_REACTION] = { false, RULE_NOTICE, NULL },
		[KIND_TYPING] = { false, RULE_DROP, "simple has no typing indicator" },
		[KIND_READ] = { false, RULE_DROP, "simple has no read receipts" },
		[KIND_ENTER] = { true, RULE_NATIVE, NULL },
		[KIND_EXIT] = { true, RULE_NATIVE, NULL },
		[KIND_INVITE] = { false, RULE_NOTICE, NULL },
		[KIND_KICK] = { false, RULE_NATIVE, NULL },
		[KIND_TIMEOUT] = { false, RULE_NOTICE, NULL },
		[KIND_PRESENCE] = { false, RULE_DROP, "simple knows only who is connected" },
		[KIND_USER_UPDATE] = { false, RULE_NOTICE, NULL },
		[KIND_POLL_START] = { false, RULE_NOTICE, NULL },
		[KIND_POLL_VOTE] = { false, RULE_DROP, "a vote shows in the poll's tallies" },
		[KIND_POLL_END] = { false, RULE_NOTICE, NULL },
		[KIND_NOTICE] = { false, RULE_NATIVE, NULL },
		[KIND_OPAQUE] = { false, RULE_NATIVE, NULL },
	},
	.carries = simple_carries,
	.words = &simple_words,
	.serves = &simple_serves,
	.calls = &simple_calls,
};
