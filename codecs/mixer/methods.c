#include "codecs/mixer/mixer.h"

#include <string.h>

bool mixer_arguments(const struct json_object *frame, struct json_value *values, size_t count)
{
	struct json_value list = mixer_member(frame, SLICE("arguments"));
	size_t cursor = 0, i = 0;

	while (i < count && json_item(list, &cursor, &values[i]))
		i++;
	for (; i < count; i++)
		values[i] = (struct json_value){ .type = JSON_ABSENT };
	return list.type == JSON_ARRAY || mixer_is_nothing(list);
}

static struct codec_draft draft_new(const struct codec_peer *peer, enum envelope_kind kind)
{
	return (struct codec_draft){ .event = { .kind = kind,
						.correlation = peer->correlation,
						.origin = { .dialect = SLICE("mixer") } } };
}

static enum reason text_check(struct slice text)
{
	if (!text.data)
		return REASON_BAD_ARGUMENT;
	if (text.len == 0)
		return REASON_EMPTY;
	/* A UTF-8 byte is at most one UTF-16 unit: most texts need no counting. */
	if (text.len > MIXER_TEXT_MAX && text_utf16_length(text) > MIXER_TEXT_MAX)
		return REASON_TOO_LONG;
	return REASON_NONE;
}

enum reason mixer_msg(struct codec_peer *peer, const struct json_object *frame,
		      struct codec_sink *sink)
{
	struct mixer_scratch scratch = { .free = peer->scratch };
	struct codec_draft draft = draft_new(peer, KIND_MESSAGE);
	struct json_value given[1];
	struct slice text;
	enum reason reason;

	if (!mixer_arguments(frame, given, 1))
		return REASON_BAD_ARGUMENT;
	text = mixer_take_text(&scratch, given[0]);
	reason = text_check(text);
	if (reason != REASON_NONE)
		return reason;
	if (slice_starts_with(text, "/me ")) {
		text = slice_span(text.data + 4, text.len - 4);
		if (text.len == 0)
			return REASON_EMPTY;
		draft.event.flags |= FLAG_ACTION;
	}
	if (scratch.replaced)
		draft.event.flags |= FLAG_DEGRADED;
	draft.event.text = text;
	sink->draft(sink, &draft);
	return REASON_NONE;
}

/* Reads [name, ...] into given, and the name into the draft's subject. */
static enum reason subject_read(const struct json_object *frame, struct json_value *given,
				size_t count, struct mixer_scratch *scratch,
				struct codec_draft *draft)
{
	if (!mixer_arguments(frame, given, count))
		return REASON_BAD_ARGUMENT;
	draft->event.subject.name = mixer_take_text(scratch, given[0]);
	return draft->event.subject.name.len ? REASON_NONE : REASON_BAD_ARGUMENT;
}

enum reason mixer_whisper(struct codec_peer *peer, const struct json_object *frame,
			  struct codec_sink *sink)
{
	struct mixer_scratch scratch = { .free = peer->scratch };
	struct codec_draft draft = draft_new(peer, KIND_MESSAGE);
	struct json_value given[2];
	enum reason reason = subject_read(frame, given, 2, &scratch, &draft);

	if (reason != REASON_NONE)
		return reason;
	draft.event.text = mixer_take_text(&scratch, given[1]);
	reason = text_check(draft.event.text);
	if (reason != REASON_NONE)
		return reason;
	draft.event.flags = FLAG_PRIVATE | (scratch.replaced ? FLAG_DEGRADED : 0);
	sink->draft(sink, &draft);
	return REASON_NONE;
}

enum reason mixer_history(struct codec_peer *peer, const struct json_object *frame,
			  struct codec_sink *sink)
{
	struct codec_query query = { .kind = QUERY_HISTORY, .correlation = peer->correlation };
	struct json_value given[1];
	int64_t count;

	if (!mixer_arguments(frame, given, 1) || !json_int64_or_text(given[0], &count) ||
	    count < 1 || count > MIXER_HISTORY_MAX)
		return REASON_BAD_ARGUMENT;
	query.count = (uint32_t)count;
	sink->query(sink, &query);
	return REASON_NONE;
}

enum reason mixer_delete(struct codec_peer *peer, const struct json_object *frame,
			 struct codec_sink *sink)
{
	struct codec_draft draft = draft_new(peer, KIND_DELETE);
	struct json_value given[1];
	unsigned char uuid[16];
	struct slice text;

	if (!mixer_arguments(frame, given, 1))
		return REASON_BAD_ARGUMENT;
	text = json_text(given[0], peer->scratch, NULL);
	if (!text.data)
		return REASON_BAD_ARGUMENT;
	if (!uuid_parse(text, uuid) ||
	    !identity_number(peer->view->ids, ID_MESSAGE, uuid, &draft.event.target))
		return REASON_UNKNOWN_MESSAGE;
	sink->draft(sink, &draft);
	return REASON_NONE;
}

enum reason mixer_clear(struct codec_peer *peer, const struct json_object *frame,
			struct codec_sink *sink)
{
	struct codec_draft draft = draft_new(peer, KIND_CLEAR);

	if (!mixer_arguments(frame, NULL, 0))
		return REASON_BAD_ARGUMENT;
	sink->draft(sink, &draft);
	return REASON_NONE;
}

enum reason mixer_purge(struct codec_peer *peer, const struct json_object *frame,
			struct codec_sink *sink)
{
	struct mixer_scratch scratch = { .free = peer->scratch };
	struct codec_draft draft = draft_new(peer, KIND_PURGE);
	struct json_value given[1];
	enum reason reason = subject_read(frame, given, 1, &scratch, &draft);

	if (reason != REASON_NONE)
		return reason;
	sink->draft(sink, &draft);
	return REASON_NONE;
}

bool mixer_seconds(struct slice text, uint64_t most, uint64_t *seconds)
{
	static const struct {
		char small, large;
		uint32_t seconds;
	} units[] = { { 's', 'S', 1 }, { 'm', 'M', 60 }, { 'h', 'H', 3600 }, { 'd', 'D', 86400 } };
	unsigned seen = 0;
	size_t at = 0;

	*seconds = 0;
	while (at < text.len) {
		uint64_t value = 0;
		size_t first = at;
		unsigned unit = 0;

		for (; at < text.len && text.data[at] >= '0' && text.data[at] <= '9'; at++) {
			value = value * 10 + (uint64_t)(text.data[at] - '0');
			if (at - first > 8)
				return false;
		}
		if (at == first)
			return false;
		if (at == text.len) {
			*seconds = value;
			return first == 0 && value > 0 && value <= most;
		}
		while (unit < 4 && text.data[at] != units[unit].small &&
		       text.data[at] != units[unit].large)
			unit++;
		if (unit == 4 || seen & 1U << unit)
			return false;
		seen |= 1U << unit;
		*seconds += value * units[unit].seconds;
		at++;
	}
	return *seconds > 0 && *seconds <= most;
}

/* The duration argument into the draft; "clear" is none. */
static bool duration_read(struct json_value value, struct mixer_scratch *scratch,
			  struct envelope *event)
{
	struct slice typed = mixer_take_text(scratch, value);
	uint64_t seconds;

	if (value.type == JSON_NUMBER)
		typed = value.source;
	if (slice_is(typed, "clear"))
		return true;
	if (!mixer_seconds(typed, MIXER_TIMEOUT_MAX_S, &seconds))
		return false;
	event->duration_ms = seconds * 1000;
	return true;
}

enum reason mixer_timeout(struct codec_peer *peer, const struct json_object *frame,
			  struct codec_sink *sink)
{
	struct mixer_scratch scratch = { .free = peer->scratch };
	struct codec_draft draft = draft_new(peer, KIND_TIMEOUT);
	struct json_value given[2];
	enum reason reason = subject_read(frame, given, 2, &scratch, &draft);

	if (reason != REASON_NONE)
		return reason;
	if (!duration_read(given[1], &scratch, &draft.event))
		return REASON_BAD_ARGUMENT;
	sink->draft(sink, &draft);
	return REASON_NONE;
}

static enum reason options_read(struct json_value list, struct mixer_scratch *scratch,
				struct poll *poll)
{
	struct json_value item;
	size_t cursor = 0;

	while (json_item(list, &cursor, &item)) {
		struct slice option = mixer_take_text(scratch, item);
		enum reason reason = text_check(option);

		if (reason != REASON_NONE)
			return reason;
		if (poll->option_count == POLL_OPTIONS_MAX)
			return REASON_TOO_MANY;
		poll->options[poll->option_count++] = option;
	}
	return poll->option_count ? REASON_NONE : REASON_BAD_ARGUMENT;
}

/* [question, [option, ...], seconds] */
enum reason mixer_vote_start(struct codec_peer *peer, const struct json_object *frame,
			     struct codec_sink *sink)
{
	struct mixer_scratch scratch = { .free = peer->scratch };
	struct codec_draft draft = draft_new(peer, KIND_POLL_START);
	struct poll poll = { .option_count = 0 };
	struct json_value given[3];
	enum reason reason;
	int64_t seconds;

	if (!mixer_arguments(frame, given, 3))
		return REASON_BAD_ARGUMENT;
	poll.question = mixer_take_text(&scratch, given[0]);
	reason = text_check(poll.question);
	if (reason == REASON_NONE)
		reason = options_read(given[1], &scratch, &poll);
	if (reason != REASON_NONE)
		return reason;
	if (!json_int64_or_text(given[2], &seconds) || seconds < 1 || seconds > MIXER_POLL_MAX_S)
		return REASON_BAD_ARGUMENT;
	poll.duration_ms = (uint64_t)seconds * 1000;
	draft.event.poll = &poll;
	if (scratch.replaced)
		draft.event.flags |= FLAG_DEGRADED;
	sink->draft(sink, &draft);
	return REASON_NONE;
}

enum reason mixer_vote_choose(struct codec_peer *peer, const struct json_object *frame,
			      struct codec_sink *sink)
{
	struct codec_draft draft = draft_new(peer, KIND_POLL_VOTE);
	struct json_value given[1];
	int64_t choice;

	if (!mixer_arguments(frame, given, 1) || !json_int64_or_text(given[0], &choice) ||
	    choice < 0 || choice >= POLL_OPTIONS_MAX)
		return REASON_BAD_ARGUMENT;
	draft.event.choice = (uint32_t)choice;
	sink->draft(sink, &draft);
	return REASON_NONE;
}
