#include "codecs/mixer/mixer.h"

#include <string.h>

/* ---- the events of one frame ---- */

struct event_writer {
	struct frame_writer frame;
	enum framing framing;
	size_t hint;
	uint32_t muted;
	bool started;
};

#define TEXT(literal)                                                                              \
	{                                                                                          \
		literal, sizeof(literal) - 1                                                       \
	}
#define EVENT(name)                                                                                \
	{                                                                                          \
		TEXT(name), TEXT("{\"type\":\"event\",\"event\":\"" name "\",\"data\":")           \
	}

static const struct {
	struct slice name, opening;
} events[MIXER_EVENTS] = {
	[MIXER_CHAT_MESSAGE] = EVENT("ChatMessage"),
	[MIXER_USER_JOIN] = EVENT("UserJoin"),
	[MIXER_USER_LEAVE] = EVENT("UserLeave"),
	[MIXER_USER_UPDATE] = EVENT("UserUpdate"),
	[MIXER_USER_TIMEOUT] = EVENT("UserTimeout"),
	[MIXER_DELETE_MESSAGE] = EVENT("DeleteMessage"),
	[MIXER_PURGE_MESSAGE] = EVENT("PurgeMessage"),
	[MIXER_CLEAR_MESSAGES] = EVENT("ClearMessages"),
	[MIXER_POLL_START] = EVENT("PollStart"),
	[MIXER_POLL_END] = EVENT("PollEnd"),
};

uint32_t mixer_event_find(struct slice name)
{
	for (unsigned i = 0; i < MIXER_EVENTS; i++)
		if (slice_equal(name, events[i].name))
			return 1U << i;
	return 0;
}

/* Begins an event, up to its data. NULL when it is muted; else close it. */
static struct json_writer *event_open(struct event_writer *out, enum mixer_event event)
{
	uint32_t bit = 1U << event;

	if (out->muted & bit)
		return NULL;
	if (out->started)
		frame_next(&out->frame);
	else
		frame_start(&out->frame, out->framing, out->hint);
	out->started = true;
	out->frame.events |= bit;
	json_put_literal(&out->frame.json, events[event].opening.data, events[event].opening.len);
	return &out->frame.json;
}

/* The members of data are written, but for what a mixer server said besides: event NULL: nothing.
 */
static void data_close(struct event_writer *out, const struct envelope *event)
{
	if (event)
		wording_extra(&out->frame.json, event, "mixer");
	WORDING_TEMPLATE(&out->frame.json, "}");
}

static void event_close(struct event_writer *out)
{
	WORDING_TEMPLATE(&out->frame.json, "}");
	frame_end_message(&out->frame);
}

/* ---- one event each ---- */

static void write_chat_message(struct event_writer *out, const struct envelope *event,
			       const struct codec_view *view, enum audience audience)
{
	struct json_writer *w;

	(void)audience;
	out->hint = mixer_chat_message_size(event);
	w = event_open(out, MIXER_CHAT_MESSAGE);
	if (!w)
		return;
	mixer_write_chat_message(w, event, view);
	event_close(out);
}

static void write_presence(struct event_writer *out, enum mixer_event name,
			   const struct envelope *event, const struct person *person,
			   const struct codec_view *view)
{
	struct json_writer *w = event_open(out, name);

	if (!w)
		return;
	WORDING_TEMPLATE(w, "{\"originatingChannel\":");
	json_put_unsigned(w, view->room_number);
	WORDING_TEMPLATE(w, ",\"username\":");
	json_put_string(w, person->name);
	WORDING_TEMPLATE(w, ",\"roles\":");
	mixer_write_roles(w, person->roles);
	WORDING_TEMPLATE(w, ",\"id\":");
	json_put_unsigned(w, person->number);
	data_close(out, event);
	event_close(out);
}

/* Readers come and go unseen. */
static void write_join(struct event_writer *out, const struct envelope *event,
		       const struct codec_view *view, enum audience audience)
{
	(void)audience;
	if (event->author.number)
		write_presence(out, MIXER_USER_JOIN, event, &event->author, view);
}

static void write_leave(struct event_writer *out, const struct envelope *event,
			const struct codec_view *view, enum audience audience)
{
	(void)audience;
	if (event->author.number)
		write_presence(out, MIXER_USER_LEAVE, event, &event->author, view);
}

static void write_user_update(struct event_writer *out, const struct envelope *event,
			      uint32_t roles)
{
	const struct person *user = &event->subject;
	bool is_of_update = event->kind == KIND_USER_UPDATE;
	struct json_writer *w = event_open(out, MIXER_USER_UPDATE);

	if (!w)
		return;
	WORDING_TEMPLATE(w, "{\"user\":");
	json_put_unsigned(w, user->number);
	WORDING_TEMPLATE(w, ",\"roles\":");
	mixer_write_roles(w, roles);
	WORDING_TEMPLATE(w, ",\"username\":");
	json_put_string(w, user->name);
	WORDING_TEMPLATE(w, ",\"permissions\":");
	mixer_write_permissions(w, roles);
	data_close(out, is_of_update ? event : NULL);
	event_close(out);
}

static void write_roles_changed(struct event_writer *out, const struct envelope *event,
				const struct codec_view *view, enum audience audience)
{
	(void)view;
	(void)audience;
	write_user_update(out, event, event->subject.roles);
}

static void write_deletion(struct event_writer *out, const struct envelope *event,
			   const struct codec_view *view, uint64_t id)
{
	struct json_writer *w = event_open(out, MIXER_DELETE_MESSAGE);

	if (!w)
		return;
	WORDING_TEMPLATE(w, "{");
	mixer_write_message_id(w, view, id);
	WORDING_TEMPLATE(w, "\"moderator\":");
	mixer_write_person(w, mixer_actor(event, view), true);
	data_close(out, event);
	event_close(out);
}

/* Who read it in the history knows it by its first id, others by that of its last edit. */
static void write_delete(struct event_writer *out, const struct envelope *event,
			 const struct codec_view *view, enum audience audience)
{
	(void)audience;
	write_deletion(out, event, view, event->target);
	if (event->note && event->note->shown)
		write_deletion(out, event, view, event->note->shown);
}

static void write_clear(struct event_writer *out, const struct envelope *event,
			const struct codec_view *view, enum audience audience)
{
	struct json_writer *w;

	(void)audience;
	/* The rest of what is gone was gone with the first. */
	w = event->flags & FLAG_AGAIN ? NULL : event_open(out, MIXER_CLEAR_MESSAGES);
	if (!w)
		return;
	WORDING_TEMPLATE(w, "{\"clearer\":");
	mixer_write_person(w, mixer_actor(event, view), true);
	data_close(out, event);
	event_close(out);
}

/* Those who read it know no less than a second. */
static uint64_t whole_seconds(const struct envelope *event)
{
	uint64_t ms = event->duration_ms;

	return ms % 1000 ? ms - ms % 1000 + 1000 : ms;
}

enum purge_cause { PURGE_ALONE, PURGE_BAN, PURGE_TIMEOUT };

static void write_purge_message(struct event_writer *out, const struct envelope *event,
				const struct codec_view *view, enum purge_cause cause)
{
	/* Somebody who is known by name alone has said nothing here. */
	struct json_writer *w = event->subject.number ? event_open(out, MIXER_PURGE_MESSAGE) : NULL;
	char text[WORDING_DURATION_MAX];

	if (!w)
		return;
	WORDING_TEMPLATE(w, "{\"user_id\":");
	json_put_unsigned(w, event->subject.number);
	WORDING_TEMPLATE(w, ",\"moderator\":");
	mixer_write_person(w, mixer_actor(event, view), true);
	if (cause == PURGE_BAN) {
		WORDING_TEMPLATE(w, ",\"cause\":{\"type\":\"ban\"}");
	} else if (cause == PURGE_TIMEOUT) {
		WORDING_TEMPLATE(w, ",\"cause\":{\"type\":\"timeout\",\"durationString\":");
		json_put_string(w, slice_span(text, wording_duration(whole_seconds(event), text)));
		WORDING_TEMPLATE(w, "}");
	}
	data_close(out, event);
	event_close(out);
}

static void write_purge(struct event_writer *out, const struct envelope *event,
			const struct codec_view *view, enum audience audience)
{
	(void)audience;
	if (!(event->flags & FLAG_AGAIN))
		write_purge_message(out, event, view, PURGE_ALONE);
}

static void write_user_timeout(struct event_writer *out, const struct envelope *event)
{
	struct json_writer *w = event_open(out, MIXER_USER_TIMEOUT);

	if (!w)
		return;
	WORDING_TEMPLATE(w, "{\"user\":");
	mixer_write_person(w, &event->subject, false);
	WORDING_TEMPLATE(w, ",\"duration\":");
	json_put_unsigned(w, event->duration_ms);
	data_close(out, event);
	event_close(out);
}

/* Only the one concerned hears that a timeout is lifted. */
static void write_timeout(struct event_writer *out, const struct envelope *event,
			  const struct codec_view *view, enum audience audience)
{
	if (audience == AUDIENCE_SUBJECT)
		write_user_timeout(out, event);
	if (event->duration_ms)
		write_purge_message(out, event, view, PURGE_TIMEOUT);
}

static void write_kick(struct event_writer *out, const struct envelope *event,
		       const struct codec_view *view, enum audience audience)
{
	bool ban = event->flags & FLAG_PERMANENT;

	if (audience == AUDIENCE_SUBJECT) {
		write_user_update(out, event, ban ? (uint32_t)ROLE_BANNED : event->subject.roles);
		return;
	}
	if (ban)
		write_purge_message(out, event, view, PURGE_BAN);
	else if (event->removed_count)
		write_purge_message(out, event, view, PURGE_ALONE);
	if (!(event->flags & FLAG_ABSENT))
		write_presence(out, MIXER_USER_LEAVE, NULL, &event->subject, view);
}

/* ---- polls ---- */

static uint64_t votes_for(const struct poll *poll, struct slice option)
{
	uint64_t votes = 0;

	for (uint32_t i = 0; i < poll->option_count; i++)
		if (slice_equal(poll->options[i], option))
			votes += poll->counts[i];
	return votes;
}

static bool option_came_before(const struct poll *poll, uint32_t index)
{
	for (uint32_t i = 0; i < index; i++)
		if (slice_equal(poll->options[i], poll->options[index]))
			return true;
	return false;
}

/* The map has each text once, even where two options read the same. */
static void write_responses(struct json_writer *w, const struct poll *poll)
{
	WORDING_TEMPLATE(w, ",\"responses\":{");
	for (uint32_t i = 0; i < poll->option_count; i++) {
		if (option_came_before(poll, i))
			continue;
		json_key_slice(w, poll->options[i]);
		json_put_unsigned(w, votes_for(poll, poll->options[i]));
	}
	WORDING_TEMPLATE(w, "},\"responsesByIndex\":[");
	for (uint32_t i = 0; i < poll->option_count; i++)
		json_put_unsigned(w, poll->counts[i]);
	WORDING_TEMPLATE(w, "]");
}

static void write_poll(struct event_writer *out, enum mixer_event name,
		       const struct envelope *event, const struct codec_view *view)
{
	const struct poll *poll = event->poll;
	struct json_writer *w = poll ? event_open(out, name) : NULL;

	if (!w)
		return;
	WORDING_TEMPLATE(w, "{\"originatingChannel\":");
	json_put_unsigned(w, view->room_number);
	WORDING_TEMPLATE(w, ",\"q\":");
	json_put_string(w, poll->question);
	WORDING_TEMPLATE(w, ",\"answers\":[");
	for (uint32_t i = 0; i < poll->option_count; i++)
		json_put_string(w, poll->options[i]);
	WORDING_TEMPLATE(w, "],\"author\":");
	mixer_write_person(w, mixer_actor(event, view), false);
	WORDING_TEMPLATE(w, ",\"duration\":");
	json_put_unsigned(w, poll->duration_ms);
	WORDING_TEMPLATE(w, ",\"endsAt\":");
	json_put_unsigned(w, poll->ends_ms);
	WORDING_TEMPLATE(w, ",\"voters\":");
	json_put_unsigned(w, poll->voters);
	write_responses(w, poll);
	data_close(out, event);
	event_close(out);
}

static void write_poll_start(struct event_writer *out, const struct envelope *event,
			     const struct codec_view *view, enum audience audience)
{
	(void)audience;
	write_poll(out, MIXER_POLL_START, event, view);
}

static void write_poll_end(struct event_writer *out, const struct envelope *event,
			   const struct codec_view *view, enum audience audience)
{
	(void)audience;
	write_poll(out, MIXER_POLL_END, event, view);
}

/* ---- all of them ---- */

typedef void event_write(struct event_writer *, const struct envelope *, const struct codec_view *,
			 enum audience);

static event_write *const writers[ENVELOPE_KINDS] = {
	[KIND_MESSAGE] = write_chat_message,
	[KIND_NOTICE] = write_chat_message,
	[KIND_DELETE] = write_delete,
	[KIND_CLEAR] = write_clear,
	[KIND_PURGE] = write_purge,
	[KIND_ENTER] = write_join,
	[KIND_EXIT] = write_leave,
	[KIND_KICK] = write_kick,
	[KIND_TIMEOUT] = write_timeout,
	[KIND_USER_UPDATE] = write_roles_changed,
	[KIND_POLL_START] = write_poll_start,
	[KIND_POLL_END] = write_poll_end,
};

enum codec_status mixer_encode(const struct envelope *event, const struct codec_view *view,
			       const struct form *form, enum audience audience,
			       uint32_t muted_events, struct frame **out)
{
	struct event_writer frame = { .framing = form->framing,
				      .hint = 512,
				      .muted = muted_events };

	if (event->kind == KIND_OPAQUE) {
		*out = wording_opaque(event, form->framing, "mixer");
		return *out ? CODEC_OK : CODEC_NOTHING;
	}
	if (!writers[event->kind])
		return CODEC_NOTHING;
	writers[event->kind](&frame, event, view, audience);
	if (!frame.started)
		return CODEC_NOTHING;
	*out = frame_finish(&frame.frame);
	return CODEC_OK;
}
