#include "codecs/concord/concord.h"

#include "codecs/wording.h"

#define LONG_MAX_TEXT "9223372036854775807"

/* Fields in the order of the real server, type last. */

/* What the server of an upstream said besides. */
static inline void extra_write(struct json_writer *w, const struct envelope *event)
{
	if (event->extra.len)
		wording_extra(w, event, "concord");
}

/* Threads are numbers here: another dialect's, which may be any text, is none. */
static void thread_write(struct json_writer *w, const struct envelope *event)
{
	struct slice thread = event->thread;
	struct slice most = SLICE(LONG_MAX_TEXT);
	bool is_long =
	    thread.len > 0 && thread.data[0] != '0' &&
	    (thread.len < most.len || (thread.len == most.len && slice_order(thread, most) <= 0));

	for (size_t i = 0; is_long && i < thread.len; i++)
		is_long = thread.data[i] >= '0' && thread.data[i] <= '9';
	if (is_long)
		json_put_raw(w, thread);
	else
		json_put_literal(w, "null", 4);
}

static void write_reactions(struct json_writer *w, const struct envelope *event)
{
	json_object_open(w);
	for (size_t i = 0; i < event->reaction_count; i++) {
		json_key_slice(w, event->reactions[i].emoji);
		json_put_unsigned(w, event->reactions[i].count);
	}
	json_object_close(w);
}

void concord_write_chat(struct json_writer *w, const struct envelope *event,
			const struct codec_view *view, uint32_t author)
{
	WORDING_TEMPLATE(w, "{\"id\":");
	json_put_unsigned(w, event->id);
	/* Not the client's sentAt: clients sort by createdAt, and the order is the server's. */
	WORDING_TEMPLATE(w, ",\"createdAt\":");
	json_put_unsigned(w, event->time_ms);
	WORDING_TEMPLATE(w, ",\"authorId\":");
	json_put_unsigned(w, author);
	WORDING_TEMPLATE(w, ",\"channelId\":");
	json_put_unsigned(w, view->room_number);
	/* Hardly anything is said in a thread. */
	if (event->thread.len == 0) {
		WORDING_TEMPLATE(w, ",\"threadId\":null,\"content\":\"");
	} else {
		WORDING_TEMPLATE(w, ",\"threadId\":");
		thread_write(w, event);
		WORDING_TEMPLATE(w, ",\"content\":\"");
	}
	wording_message(w, event);
	/* As most are, but in a history. */
	if (!(event->flags & FLAG_EDITED) && event->reaction_count == 0) {
		WORDING_TEMPLATE(w, "\",\"edited\":false,\"reactions\":{}");
	} else {
		WORDING_TEMPLATE(w, "\",\"edited\":");
		json_put_bool(w, event->flags & FLAG_EDITED);
		WORDING_TEMPLATE(w, ",\"reactions\":");
		write_reactions(w, event);
	}
	extra_write(w, event);
	WORDING_TEMPLATE(w, "}");
}

static void sent_write(struct json_writer *w, const struct envelope *event,
		       const struct codec_view *view, uint32_t author)
{
	WORDING_TEMPLATE(w, "{\"chat\":");
	concord_write_chat(w, event, view, author);
	WORDING_TEMPLATE(w, ",\"type\":\"chat_sent\"}");
}

static struct frame *message_frame(const struct envelope *event, const struct codec_view *view,
				   const struct form *form, uint32_t author)
{
	struct frame_writer w;

	frame_start(&w, form->framing, event->text.len + 220);
	sent_write(&w.json, event, view, author);
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

static struct frame *edited_frame(const struct envelope *event, const struct codec_view *view,
				  const struct form *form)
{
	struct frame_writer w;

	frame_start(&w, form->framing, event->text.len + 120);
	target_write(&w.json, event->target, view);
	WORDING_TEMPLATE(&w.json, ",\"content\":\"");
	wording_edit(&w.json, event);
	WORDING_TEMPLATE(&w.json, "\"");
	extra_write(&w.json, event);
	WORDING_TEMPLATE(&w.json, ",\"type\":\"chat_edited\"}");
	frame_end_message(&w);
	return frame_finish(&w);
}

static struct frame *reactions_frame(const struct envelope *event, const struct codec_view *view,
				     const struct form *form)
{
	struct frame_writer w;

	frame_start(&w, form->framing, 160 + event->reaction_count * 16);
	target_write(&w.json, event->target, view);
	WORDING_TEMPLATE(&w.json, ",\"reactions\":");
	write_reactions(&w.json, event);
	extra_write(&w.json, event);
	WORDING_TEMPLATE(&w.json, ",\"type\":\"chat_reactions_updated\"}");
	frame_end_message(&w);
	return frame_finish(&w);
}

static struct frame *typing_frame(const struct envelope *event, const struct codec_view *view,
				  const struct form *form)
{
	struct frame_writer w;

	frame_start(&w, form->framing, 120);
	WORDING_TEMPLATE(&w.json, "{\"userId\":");
	json_put_unsigned(&w.json, event->author.number);
	WORDING_TEMPLATE(&w.json, ",\"channelId\":");
	json_put_unsigned(&w.json, view->room_number);
	WORDING_TEMPLATE(&w.json, ",\"threadId\":");
	thread_write(&w.json, event);
	WORDING_TEMPLATE(&w.json, ",\"sentAt\":");
	json_put_integer(&w.json, event->client_time_ms);
	extra_write(&w.json, event);
	WORDING_TEMPLATE(&w.json, ",\"type\":\"chat_typing\"}");
	frame_end_message(&w);
	return frame_finish(&w);
}

/* event: whose extra belongs to it; NULL: none. */
static void status_write(struct frame_writer *w, uint32_t person, struct slice status,
			 const struct envelope *event)
{
	WORDING_TEMPLATE(&w->json, "{\"userId\":");
	json_put_unsigned(&w->json, person);
	WORDING_TEMPLATE(&w->json, ",\"status\":\"");
	json_put_piece(&w->json, status);
	WORDING_TEMPLATE(&w->json, "\"");
	if (event)
		extra_write(&w->json, event);
	WORDING_TEMPLATE(&w->json, ",\"type\":\"user_status_updated\"}");
	frame_end_message(w);
}

static struct frame *status_frame(const struct form *form, uint32_t person, struct slice status,
				  const struct envelope *event)
{
	struct frame_writer w;

	frame_start(&w, form->framing, 80);
	status_write(&w, person, status, event);
	return frame_finish(&w);
}

static struct frame *deleted_frame(const struct envelope *event, const struct codec_view *view,
				   const struct form *form)
{
	struct frame_writer w;

	frame_start(&w, form->framing, 100);
	target_write(&w.json, event->target, view);
	extra_write(&w.json, event);
	WORDING_TEMPLATE(&w.json, ",\"type\":\"chat_deleted\"}");
	frame_end_message(&w);
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
				     const struct codec_view *view, const struct form *form)
{
	struct frame_writer w;

	if (count == 0)
		return NULL;
	frame_start(&w, form->framing, count * 100);
	deletions_write(&w, ids, count, view);
	return frame_finish(&w);
}

static struct frame *kick_frame(const struct envelope *event, const struct codec_view *view,
				const struct form *form, enum audience audience)
{
	struct frame_writer w;

	if (audience == AUDIENCE_ELSEWHERE || event->flags & FLAG_ABSENT)
		return deletions_frame(event->removed, event->removed_count, view, form);
	if (audience == AUDIENCE_SUBJECT)
		return status_frame(form, event->subject.number, SLICE("OFFLINE"), NULL);
	frame_start(&w, form->framing, 80 + event->removed_count * 100);
	status_write(&w, event->subject.number, SLICE("OFFLINE"), NULL);
	deletions_write(&w, event->removed, event->removed_count, view);
	return frame_finish(&w);
}

static struct frame *event_frame(const struct envelope *event, const struct codec_view *view,
				 const struct form *form, enum audience audience)
{
	switch (event->kind) {
	case KIND_MESSAGE:
		/* There is no private form, and a whisper is never widened. */
		if (event->flags & FLAG_PRIVATE)
			return NULL;
		return message_frame(event, view, form, event->author.number);
	case KIND_NOTICE: return message_frame(event, view, form, view->bridge.number);
	case KIND_EDIT: return edited_frame(event, view, form);
	case KIND_DELETE: return deleted_frame(event, view, form);
	case KIND_CLEAR:
	case KIND_PURGE:
	case KIND_TIMEOUT: return deletions_frame(event->removed, event->removed_count, view, form);
	case KIND_REACTION: return reactions_frame(event, view, form);
	case KIND_TYPING: return typing_frame(event, view, form);
	case KIND_ENTER:
	case KIND_EXIT:
		/* Being online is not a matter of rooms here. */
		if (audience == AUDIENCE_ELSEWHERE)
			return NULL;
		return status_frame(form, event->author.number,
				    event->kind == KIND_ENTER ? SLICE("ONLINE") : SLICE("OFFLINE"),
				    event);
	case KIND_PRESENCE: return status_frame(form, event->author.number, event->text, event);
	case KIND_KICK: return kick_frame(event, view, form, audience);
	case KIND_OPAQUE: return wording_opaque(event, form->framing, "concord");
	default: return NULL;
	}
}

enum codec_status concord_room(const struct codec_view *view, const struct form *form, bool there,
			       struct frame **out)
{
	struct frame_writer w;

	frame_start(&w, form->framing, 256);
	if (there) {
		WORDING_TEMPLATE(&w.json, "{\"channel\":");
		concord_write_channel(&w.json, view);
		WORDING_TEMPLATE(&w.json, ",\"type\":\"channel_created\"}");
	} else {
		WORDING_TEMPLATE(&w.json, "{\"channelId\":");
		json_put_unsigned(&w.json, view->room_number);
		WORDING_TEMPLATE(&w.json, ",\"type\":\"channel_deleted\"}");
	}
	frame_end_message(&w);
	*out = frame_finish(&w);
	return CODEC_OK;
}

enum codec_status concord_encode(const struct envelope *event, const struct codec_view *view,
				 const struct form *form, enum audience audience,
				 uint32_t muted_events, struct frame **out)
{
	(void)muted_events;
	*out = event_frame(event, view, form, audience);
	return *out ? CODEC_OK : CODEC_NOTHING;
}
