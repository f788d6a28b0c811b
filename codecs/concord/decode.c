#include "codecs/concord/concord.h"

#include <inttypes.h>
#include <stdio.h>

#include "codecs/verbs.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

#define THREAD_TEXT_MAX 24

/* ---- values: as lenient as the real server's binding of JSON to Java ---- */

bool concord_read_long(const struct json_object *object, const char *name, int64_t *out)
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

bool concord_read_boolean(const struct json_object *object, const char *name, bool *out)
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
enum reason concord_read_text(const struct json_object *object, const char *name, char *scratch,
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

void concord_start_draft(struct codec_draft *draft, enum envelope_kind kind)
{
	*draft = (struct codec_draft){ .event = { .kind = kind,
						  .origin = { .dialect = SLICE("concord") } } };
}

/* What chat_typing and chat_written have in common. thread: where its digits stay. */
static enum reason place_read(const struct json_object *object, struct codec_draft *draft,
			      char thread_text[THREAD_TEXT_MAX])
{
	int64_t channel, thread, sent_at;

	if (!concord_read_long(object, "channelId", &channel) ||
	    !concord_read_long(object, "threadId", &thread) ||
	    !concord_read_long(object, "sentAt", &sent_at))
		return REASON_BAD_ARGUMENT;
	if (channel <= 0)
		return REASON_UNKNOWN_ROOM;
	draft->room_number = (uint64_t)channel;
	if (thread > 0)
		draft->event.thread =
		    slice_span(thread_text,
			       (size_t)snprintf(thread_text, THREAD_TEXT_MAX, "%" PRId64, thread));
	draft->event.client_time_ms = sent_at;
	return REASON_NONE;
}

static enum reason typing_handle(struct codec_peer *peer, const struct json_object *object,
				 struct codec_sink *sink)
{
	struct codec_draft draft;
	char thread[THREAD_TEXT_MAX];
	enum reason reason;

	(void)peer;
	concord_start_draft(&draft, KIND_TYPING);
	reason = place_read(object, &draft, thread);
	if (reason == REASON_NONE)
		sink->draft(sink, &draft);
	return reason;
}

static enum reason written_handle(struct codec_peer *peer, const struct json_object *object,
				  struct codec_sink *sink)
{
	struct codec_draft draft;
	char thread[THREAD_TEXT_MAX];
	enum reason reason;

	concord_start_draft(&draft, KIND_MESSAGE);
	reason = place_read(object, &draft, thread);
	if (reason == REASON_NONE)
		reason = concord_read_text(object, "content", peer->scratch, &draft.event);
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

	concord_start_draft(&draft, KIND_REACTION);
	if (!concord_read_long(object, "chatId", &chat) ||
	    !concord_read_boolean(object, "adding", &adding))
		return REASON_BAD_ARGUMENT;
	reason = concord_read_text(object, "reaction", peer->scratch, &draft.event);
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

enum reason concord_decode(struct codec_peer *peer, struct slice text, struct codec_sink *sink)
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
		sink->answer(sink, frame_of_text(peer->form.framing, text));
		return REASON_NONE;
	}
	verb = verb_find(verbs, COUNT(verbs), name);
	if (!verb)
		return REASON_UNKNOWN_VERB;
	if (!peer->logged_in && !verb->before_login)
		return REASON_NOT_LOGGED_IN;
	return verb->handle(peer, &object, sink);
}
