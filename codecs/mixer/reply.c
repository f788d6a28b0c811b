#include "codecs/mixer/mixer.h"

/* ---- refusals ---- */

enum error_code {
	ERROR_UNKNOWN = 4000,
	ERROR_NO_PERSON = 4001,
	ERROR_NO_PERMISSION = 4002,
	ERROR_NO_MESSAGE = 4003,
	ERROR_BAD_REQUEST = 4004,
	ERROR_RATE_LIMITED = 4005
};

/* The Java and Swift clients read an error only when it is a string, and need to understand a
 * failed login; all others expect an object with a code for what follows it. Absent: an object. */
static struct slice error_string(enum reason reason)
{
	switch (reason) {
	case REASON_MALFORMED: return SLICE("UNOTJSON");
	case REASON_ALREADY: return SLICE("Already authenticated, please reconnect.");
	case REASON_BAD_LOGIN:
	case REASON_BAD_KEY:
	case REASON_NAME_TAKEN:
	case REASON_UNKNOWN_ROOM: return SLICE("UNOTFOUND");
	case REASON_BANNED:
	case REASON_CLOSED_ROOM: return SLICE("UACCESS");
	default: return slice_of(NULL);
	}
}

static enum error_code error_code(enum reason reason)
{
	switch (reason) {
	case REASON_UNKNOWN_PERSON: return ERROR_NO_PERSON;
	case REASON_NO_RIGHT:
	case REASON_REFUSED: return ERROR_NO_PERMISSION;
	case REASON_UNKNOWN_MESSAGE: return ERROR_NO_MESSAGE;
	case REASON_RATE_LIMITED: return ERROR_RATE_LIMITED;
	case REASON_UNKNOWN_VERB:
	case REASON_BAD_ARGUMENT:
	case REASON_UNSUPPORTED:
	case REASON_EMPTY:
	case REASON_TOO_LONG:
	case REASON_TOO_MANY: return ERROR_BAD_REQUEST;
	default: return ERROR_UNKNOWN;
	}
}

static void write_id(struct json_writer *w, struct slice correlation)
{
	json_put_raw(w, correlation.len ? correlation : SLICE("null"));
}

static struct frame *reply_refused(const struct form *form, const struct codec_reply *reply)
{
	struct slice string = error_string(reply->reason), correlation = reply->correlation;
	struct frame_writer frame;
	struct json_writer *w = &frame.json;

	frame_start(&frame, form->framing, 160 + correlation.len);
	WORDING_TEMPLATE(w, "{\"type\":\"reply\",\"error\":");
	if (string.data) {
		json_put_string(w, string);
	} else {
		WORDING_TEMPLATE(w, "{\"code\":");
		json_put_unsigned(w, (uint64_t)error_code(reply->reason));
		WORDING_TEMPLATE(w, ",\"message\":");
		json_put_string(w, wording_why(reply));
		WORDING_TEMPLATE(w, ",\"stacktrace\":[]}");
	}
	WORDING_TEMPLATE(w, ",\"id\":");
	write_id(w, correlation);
	WORDING_TEMPLATE(w, "}");
	frame_end_message(&frame);
	return frame_finish(&frame);
}

/* ---- successes ---- */

static void reply_open(struct frame_writer *frame, const struct form *form,
		       struct slice correlation, size_t data_size)
{
	frame_start(frame, form->framing, 64 + correlation.len + data_size);
	WORDING_TEMPLATE(&frame->json, "{\"type\":\"reply\",\"error\":null,\"id\":");
	write_id(&frame->json, correlation);
}

static struct frame *reply_close(struct frame_writer *frame)
{
	WORDING_TEMPLATE(&frame->json, "}");
	frame_end_message(frame);
	return frame_finish(frame);
}

struct frame *mixer_reply_done(const struct form *form, struct slice correlation, struct slice data)
{
	struct frame_writer frame;

	reply_open(&frame, form, correlation, data.len);
	if (data.data) {
		WORDING_TEMPLATE(&frame.json, ",\"data\":");
		json_put_raw(&frame.json, data);
	}
	return reply_close(&frame);
}

static struct frame *reply_message(const struct form *form, struct slice correlation,
				   const struct envelope *event, const struct codec_view *view)
{
	struct frame_writer frame;

	reply_open(&frame, form, correlation, mixer_chat_message_size(event));
	WORDING_TEMPLATE(&frame.json, ",\"data\":");
	mixer_write_chat_message(&frame.json, event, view);
	return reply_close(&frame);
}

static struct frame *reply_timeout(const struct form *form, struct slice correlation,
				   const struct envelope *event)
{
	struct frame_writer frame;
	struct json_writer *w = &frame.json;
	char text[WORDING_DURATION_MAX];

	reply_open(&frame, form, correlation, 128 + event->subject.name.len);
	WORDING_TEMPLATE(w, ",\"data\":\"");
	json_put_piece(w, event->subject.name);
	if (event->duration_ms) {
		WORDING_TEMPLATE(w, " has been timed out for ");
		json_put_piece(w, slice_span(text, wording_duration(event->duration_ms, text)));
		WORDING_TEMPLATE(w, ".\"");
	} else {
		WORDING_TEMPLATE(w, " is no longer timed out.\"");
	}
	return reply_close(&frame);
}

static struct frame *reply_done(const struct form *form, const struct codec_reply *reply,
				const struct codec_view *view)
{
	const struct envelope *event = reply->event;
	struct slice id = reply->correlation;

	if (!event)
		return mixer_reply_done(form, id, slice_of(NULL));
	switch (event->kind) {
	case KIND_MESSAGE: return reply_message(form, id, event, view);
	case KIND_TIMEOUT: return reply_timeout(form, id, event);
	case KIND_DELETE: return mixer_reply_done(form, id, SLICE("\"Message deleted.\""));
	case KIND_CLEAR: return mixer_reply_done(form, id, SLICE("\"Messages cleared.\""));
	case KIND_POLL_VOTE: return mixer_reply_done(form, id, SLICE("true"));
	case KIND_POLL_START:
		return mixer_reply_done(form, id,
					event->flags & FLAG_AGAIN ? SLICE("true")
								  : SLICE("\"Poll started.\""));
	default: return mixer_reply_done(form, id, slice_of(NULL));
	}
}

struct frame *mixer_reply_login(const struct form *form, struct slice correlation,
				const struct person *self)
{
	struct frame_writer frame;
	struct json_writer *w = &frame.json;

	reply_open(&frame, form, correlation, 192);
	if (self->number)
		WORDING_TEMPLATE(w, ",\"data\":{\"authenticated\":true,\"roles\":");
	else
		WORDING_TEMPLATE(w, ",\"data\":{\"authenticated\":false,\"roles\":");
	mixer_write_roles(w, self->number ? self->roles : 0);
	WORDING_TEMPLATE(w, "}");
	return reply_close(&frame);
}

static struct frame *reply_history(const struct codec_peer *peer, const struct codec_reply *reply,
				   const struct codec_view *view)
{
	struct frame_writer frame;
	struct json_writer *w = &frame.json;
	size_t size = 0;

	for (size_t i = 0; i < reply->history_count; i++)
		size += mixer_chat_message_size(reply->history[i]);
	reply_open(&frame, &peer->form, reply->correlation, size);
	WORDING_TEMPLATE(w, ",\"data\":[");
	for (size_t i = 0; i < reply->history_count; i++) {
		if (i > 0)
			WORDING_TEMPLATE(w, ",");
		mixer_write_chat_message(w, reply->history[i], view);
		if (peer->dragoman)
			wording_trail(w, reply->history[i], view);
	}
	WORDING_TEMPLATE(w, "]");
	return reply_close(&frame);
}

enum codec_status mixer_reply(struct codec_peer *peer, const struct codec_reply *reply,
			      struct frame **out)
{
	const struct codec_view *view = reply->view ? reply->view : peer->view;

	switch (reply->kind) {
	case REPLY_DONE: *out = reply_done(&peer->form, reply, view); break;
	case REPLY_REFUSED: *out = reply_refused(&peer->form, reply); break;
	case REPLY_LOGIN:
		mixer_forget_name(peer);
		*out = mixer_reply_login(&peer->form, reply->correlation, &peer->self);
		break;
	case REPLY_HISTORY: *out = reply_history(peer, reply, view); break;
	}
	return CODEC_OK;
}
