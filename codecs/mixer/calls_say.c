#include "codecs/mixer/link.h"

#include <stdio.h>

/* A kick there is: to have said nothing, and to say nothing for so long. */
#define KICK_MS 60000

bool mixer_is_number(struct slice id)
{
	for (size_t i = 0; i < id.len; i++)
		if (id.data[i] < '0' || id.data[i] > '9')
			return false;
	return id.len > 0 && id.len <= 18 && id.data[0] != '0';
}

void mixer_put_id(struct json_writer *w, struct slice id)
{
	if (mixer_is_number(id))
		json_put_raw(w, id);
	else
		json_put_string(w, id);
}

void mixer_method_open(struct json_writer *w, struct slice name)
{
	json_object_open(w);
	json_field_string(w, "type", SLICE("method"));
	json_field_string(w, "method", name);
	json_key(w, "arguments");
	json_array_open(w);
}

void mixer_method_close(struct json_writer *w, int64_t id)
{
	json_array_close(w);
	json_field_integer(w, "id", id);
	json_object_close(w);
}

/* Whom it acts on, as the server calls them. Of a draft that no room has seen it is what the client
 * wrote. */
static struct slice subject_of(const struct call_said *said)
{
	const struct foreign_person *subject = &said->subject;

	if (!subject->name.len && !subject->id.len && !said->event->subject.number)
		return said->event->subject.name;
	return subject->name;
}

/* ---- one kind each: what is wrong with it, or REASON_NONE and the frame ---- */

static bool is_too_long(struct slice text)
{
	return text.len > MIXER_TEXT_MAX && text_utf16_length(text) > MIXER_TEXT_MAX;
}

static enum reason say_whisper(const struct call_said *said, struct json_writer *w)
{
	struct slice name = subject_of(said);

	if (!name.len)
		return REASON_UNKNOWN_PERSON;
	mixer_method_open(w, SLICE("whisper"));
	json_put_string(w, name);
	json_put_string(w, said->text);
	return REASON_NONE;
}

#define ACTION "/me "

/* With what makes it an action, where there is room; and without what would make it one. */
static void put_message(struct json_writer *w, const struct call_said *said)
{
	const size_t len = sizeof(ACTION) - 1;
	struct slice text = said->text;
	bool action = said->event->flags & FLAG_ACTION;

	json_put_literal(w, "\"", 1);
	if (action && text_utf16_length(text) + len <= MIXER_TEXT_MAX) {
		json_put_literal(w, ACTION, len);
	} else if (slice_starts_with(text, ACTION)) {
		json_put_literal(w, "/me\xc2\xa0", len + 1);
		text = slice_span(text.data + len, text.len - len);
	}
	json_put_piece(w, text);
	json_put_literal(w, "\"", 1);
	w->comma = true;
}

static enum reason say_message(const struct call_said *said, struct json_writer *w)
{
	if (!said->text.len)
		return REASON_EMPTY;
	if (is_too_long(said->text))
		return REASON_TOO_LONG;
	if (said->event->flags & FLAG_PRIVATE)
		return say_whisper(said, w);
	mixer_method_open(w, SLICE("msg"));
	put_message(w, said);
	return REASON_NONE;
}

static enum reason say_delete(const struct call_said *said, struct json_writer *w)
{
	if (!said->target.len)
		return REASON_UNKNOWN_MESSAGE;
	mixer_method_open(w, SLICE("deleteMessage"));
	json_put_string(w, said->target);
	return REASON_NONE;
}

static enum reason say_clear(const struct call_said *said, struct json_writer *w)
{
	(void)said;
	mixer_method_open(w, SLICE("clearMessages"));
	return REASON_NONE;
}

static enum reason say_purge(const struct call_said *said, struct json_writer *w)
{
	struct slice name = subject_of(said);

	if (!name.len)
		return REASON_UNKNOWN_PERSON;
	mixer_method_open(w, SLICE("purge"));
	json_put_string(w, name);
	return REASON_NONE;
}

static uint64_t seconds_of(uint64_t ms, uint64_t most)
{
	uint64_t seconds = ms / 1000 + (ms % 1000 != 0);

	return seconds < most ? seconds : most;
}

static enum reason put_timeout(const struct call_said *said, uint64_t ms, struct json_writer *w)
{
	struct slice name = subject_of(said);
	char text[32] = "clear";

	if (!name.len)
		return REASON_UNKNOWN_PERSON;
	if (ms)
		snprintf(text, sizeof(text), "%us", (unsigned)seconds_of(ms, MIXER_TIMEOUT_MAX_S));
	mixer_method_open(w, SLICE("timeout"));
	json_put_string(w, name);
	json_put_string(w, slice_of(text));
	return REASON_NONE;
}

static enum reason say_timeout(const struct call_said *said, struct json_writer *w)
{
	return put_timeout(said, said->event->duration_ms, w);
}

/* A ban is none of the chat's methods. */
static enum reason say_kick(const struct call_said *said, struct json_writer *w)
{
	if (said->event->flags & FLAG_PERMANENT)
		return REASON_UNSUPPORTED;
	return put_timeout(said, KICK_MS, w);
}

static enum reason say_poll(const struct call_said *said, struct json_writer *w)
{
	const struct poll *poll = said->event->poll;
	uint64_t seconds;

	if (!poll || !poll->option_count)
		return REASON_BAD_ARGUMENT;
	/* What is counted there, the server tells itself. */
	if (said->event->flags & FLAG_AGAIN)
		return REASON_UNSUPPORTED;
	seconds = seconds_of(poll->duration_ms, MIXER_POLL_MAX_S);
	mixer_method_open(w, SLICE("vote:start"));
	json_put_string(w, poll->question);
	json_array_open(w);
	for (uint32_t i = 0; i < poll->option_count; i++)
		json_put_string(w, poll->options[i]);
	json_array_close(w);
	json_put_unsigned(w, seconds ? seconds : 1);
	return REASON_NONE;
}

static enum reason say_vote(const struct call_said *said, struct json_writer *w)
{
	mixer_method_open(w, SLICE("vote:choose"));
	json_put_unsigned(w, said->event->choice);
	return REASON_NONE;
}

/* ---- all of them ---- */

static enum reason (*const sayings[ENVELOPE_KINDS])(const struct call_said *,
						    struct json_writer *) = {
	[KIND_MESSAGE] = say_message, [KIND_DELETE] = say_delete,   [KIND_CLEAR] = say_clear,
	[KIND_PURGE] = say_purge,     [KIND_TIMEOUT] = say_timeout, [KIND_KICK] = say_kick,
	[KIND_POLL_START] = say_poll, [KIND_POLL_VOTE] = say_vote,
};

/* Its tallies come as somebody else's poll; a whisper to others is not heard again. */
static bool is_heard_again(const struct envelope *event)
{
	return event->kind != KIND_POLL_VOTE && !(event->flags & FLAG_PRIVATE) &&
	       !(event->kind == KIND_TIMEOUT && event->duration_ms == 0);
}

enum codec_status mixer_say(struct call_peer *peer, const struct call_said *said,
			    struct call_out *out, enum reason *why)
{
	const struct envelope *event = said->event;

	(void)peer;
	*why = sayings[event->kind] ? sayings[event->kind](said, &out->frame) : REASON_UNSUPPORTED;
	if (*why != REASON_NONE)
		return CODEC_NOTHING;
	mixer_method_close(&out->frame, (int64_t)said->serial);
	out->settling = SETTLES_REPLY;
	out->echoes = is_heard_again(event);
	return CODEC_OK;
}
