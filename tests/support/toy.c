#include "tests/support/toy.h"

#include "codecs/credentials.h"
#include "codecs/text/json_read.h"
#include "codecs/text/reason.h"

static enum reason toy_handshake(struct codec_peer *peer, const struct codec_handshake *handshake,
				 struct codec_login *login)
{
	(void)peer;
	return credentials_split(credentials_parameter(handshake->query, "name"), login)
		   ? REASON_NONE
		   : REASON_BAD_LOGIN;
}

static struct codec_response toy_refuse(enum reason reason)
{
	(void)reason;
	return (struct codec_response){ .status = 403 };
}

/* A text member; absent: there is none. Each has a part of the scratch memory of its own. */
static struct slice text_of(const struct json_object *object, const char *name, char **scratch)
{
	struct json_value value = json_member(object, name);
	struct slice text = { NULL, 0 };

	if (value.type == JSON_STRING) {
		text = json_text(value, *scratch, NULL);
		*scratch += value.source.len;
	}
	return text;
}

static enum reason toy_decode(struct codec_peer *peer, struct slice text, struct codec_sink *sink)
{
	struct codec_draft draft = { .event = { .origin = { .dialect = SLICE("toy") } } };
	struct slice say, join, part;
	struct json_object object;
	char *scratch = peer->scratch;

	peer->correlation = (struct slice){ NULL, 0 };
	if (json_read(text, peer->json_depth, &object) != JSON_OK)
		return REASON_MALFORMED;
	say = text_of(&object, "say", &scratch);
	join = text_of(&object, "join", &scratch);
	part = text_of(&object, "part", &scratch);
	if (!say.data && !join.data && !part.data)
		return REASON_UNKNOWN_VERB;
	draft.event.kind = say.data ? KIND_MESSAGE : join.data ? KIND_ENTER : KIND_EXIT;
	draft.event.text = say;
	draft.room_id = say.data ? text_of(&object, "in", &scratch) : join.data ? join : part;
	sink->draft(sink, &draft);
	return REASON_NONE;
}

static void put_said(struct json_writer *w, const struct envelope *event, bool bridge)
{
	json_key(w, "from");
	if (bridge)
		json_put_null(w);
	else
		json_put_string(w, event->author.name);
	json_field_string(w, "said", event->text);
}

static void put_where(struct json_writer *w, struct slice who, const char *where, struct slice why)
{
	json_field_string(w, "who", who);
	json_field_string(w, "is", slice_of(where));
	if (why.len)
		json_field_string(w, "why", why);
}

static enum codec_status toy_encode(const struct envelope *event, const struct codec_view *view,
				    const struct form *form, enum audience audience,
				    uint32_t muted_events, struct frame **out)
{
	const struct slice none = { NULL, 0 };
	struct frame_writer w;

	(void)muted_events;
	*out = NULL;
	if (event->kind == KIND_MESSAGE && event->flags & FLAG_PRIVATE)
		return CODEC_NOTHING;
	frame_start(&w, form->framing, 0);
	json_object_open(&w.json);
	json_field_string(&w.json, "in", view->room_id);
	if (event->kind == KIND_ENTER)
		put_where(&w.json, event->author.name, "here", none);
	else if (event->kind == KIND_EXIT)
		put_where(&w.json, event->author.name, "gone", none);
	else if (event->kind == KIND_KICK)
		put_where(&w.json, event->subject.name,
			  audience == AUDIENCE_SUBJECT ? "out" : "gone",
			  audience == AUDIENCE_SUBJECT ? event->text : none);
	else
		put_said(&w.json, event, event->kind == KIND_NOTICE);
	json_object_close(&w.json);
	frame_end_message(&w);
	*out = frame_finish(&w);
	return CODEC_OK;
}

static enum codec_status toy_reply(struct codec_peer *peer, const struct codec_reply *reply,
				   struct frame **out)
{
	struct frame_writer w;

	*out = NULL;
	if (reply->kind != REPLY_REFUSED)
		return CODEC_NOTHING;
	frame_start(&w, peer->form.framing, 0);
	json_object_open(&w.json);
	json_field_string(&w.json, "no", slice_of(reason_code(reply->reason)));
	json_object_close(&w.json);
	frame_end_message(&w);
	*out = frame_finish(&w);
	return CODEC_OK;
}

static const struct codec_ops toy_serves = {
	.handshake = toy_handshake,
	.refuse = toy_refuse,
	.decode = toy_decode,
	.encode = toy_encode,
	.reply = toy_reply,
};

static const char *const toy_mounts[] = { "/toy", NULL };

const struct codec codec_toy = {
	.name = "toy",
	.naming = { .form = NAMING_TEXT,
		    .directive = "toy",
		    .help = "What toys call it. \"\": as it is named.",
		    .lobby = "\"#lobby\"",
		    .word = "toys" },
	.mounts = toy_mounts,
	.trial = { .query = "?name=eve", .frame = "{\"say\":\"hello\",\"in\":\"@\"}" },
	.forms = { { FRAMING_WEBSOCKET, 0 } },
	.form_count = 1,
	.can = {
		[KIND_MESSAGE] = { true, RULE_NATIVE, NULL },
		[KIND_EDIT] = { false, RULE_TEXT, NULL },
		[KIND_DELETE] = { false, RULE_NOTICE, NULL },
		[KIND_CLEAR] = { false, RULE_NOTICE, NULL },
		[KIND_PURGE] = { false, RULE_NOTICE, NULL },
		[KIND_REACTION] = { false, RULE_NOTICE, NULL },
		[KIND_TYPING] = { false, RULE_DROP, "toys do not type" },
		[KIND_READ] = { false, RULE_DROP, "toys do not read" },
		[KIND_ENTER] = { true, RULE_NATIVE, NULL },
		[KIND_EXIT] = { true, RULE_NATIVE, NULL },
		[KIND_INVITE] = { false, RULE_NOTICE, NULL },
		[KIND_KICK] = { false, RULE_NATIVE, NULL },
		[KIND_TIMEOUT] = { false, RULE_NOTICE, NULL },
		[KIND_PRESENCE] = { false, RULE_DROP, "toys are there or not" },
		[KIND_USER_UPDATE] = { false, RULE_NOTICE, NULL },
		[KIND_POLL_START] = { false, RULE_NOTICE, NULL },
		[KIND_POLL_VOTE] = { false, RULE_DROP, "a vote shows in the poll's tallies" },
		[KIND_POLL_END] = { false, RULE_NOTICE, NULL },
		[KIND_NOTICE] = { false, RULE_NATIVE, NULL },
		[KIND_OPAQUE] = { false, RULE_DROP, "another dialect's words mean nothing here" },
	},
	.tells = { [KIND_KICK] = { 0, TELLS_DEED | TELLS_REASON } },
	.serves = &toy_serves,
};
