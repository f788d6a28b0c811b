#include "codecs/rooms/rooms.h"

#include "codecs/wording.h"

/* Fields in the order of the documents. */

static void uuid_write(struct json_writer *w, const unsigned char uuid[16])
{
	char text[UUID_TEXT_LEN];

	uuid_print(uuid, text);
	json_put_literal(w, text, UUID_TEXT_LEN);
}

/* Behind a string that is still open. */
static struct frame *frame_close(struct frame_writer *w, const struct envelope *event)
{
	WORDING_TEMPLATE(&w->json, "\"");
	if (event->extra.len)
		wording_extra(&w->json, event, "rooms");
	WORDING_TEMPLATE(&w->json, "}");
	frame_end_message(w);
	return frame_finish(w);
}

static struct frame *message_frame(const struct envelope *event, const struct codec_view *view,
				   const struct form *form, const struct person *author)
{
	struct frame_writer w;

	frame_start(&w, form->framing, event->text.len + 280);
	WORDING_TEMPLATE(&w.json, "{\"type\":\"message\",\"time\":");
	json_put_unsigned(&w.json, event->time_ms / 1000);
	WORDING_TEMPLATE(&w.json, ",\"content\":\"");
	wording_message(&w.json, event);
	WORDING_TEMPLATE(&w.json, "\",\"user_id\":\"");
	uuid_write(&w.json, author->uuid);
	WORDING_TEMPLATE(&w.json, "\",\"message_id\":\"");
	json_put_unsigned(&w.json, event->id);
	WORDING_TEMPLATE(&w.json, "\",\"room_id\":\"");
	json_put_piece(&w.json, view->room_id);
	return frame_close(&w, event);
}

static struct frame *read_frame(const struct envelope *event, const struct form *form)
{
	struct frame_writer w;

	frame_start(&w, form->framing, 128);
	WORDING_TEMPLATE(&w.json, "{\"type\":\"read\",\"message_id\":\"");
	json_put_unsigned(&w.json, event->target);
	WORDING_TEMPLATE(&w.json, "\",\"user_id\":\"");
	uuid_write(&w.json, event->author.uuid);
	return frame_close(&w, event);
}

/* What enter, exit and invite have in common. */
static struct frame *person_frame(struct slice type, const struct envelope *event,
				  const struct person *person, const struct codec_view *view,
				  const struct form *form)
{
	struct frame_writer w;

	frame_start(&w, form->framing, 160);
	WORDING_TEMPLATE(&w.json, "{\"type\":\"");
	json_put_literal(&w.json, type.data, type.len);
	WORDING_TEMPLATE(&w.json, "\",\"user_id\":\"");
	uuid_write(&w.json, person->uuid);
	WORDING_TEMPLATE(&w.json, "\",\"room_id\":\"");
	json_put_piece(&w.json, view->room_id);
	return frame_close(&w, event);
}

static struct frame *kick_frame(const struct envelope *event, const struct codec_view *view,
				const struct form *form)
{
	struct frame_writer w;

	frame_start(&w, form->framing, event->text.len + 160);
	WORDING_TEMPLATE(&w.json, "{\"type\":\"kick\",\"room_id\":\"");
	json_put_piece(&w.json, view->room_id);
	if (event->text.len) {
		WORDING_TEMPLATE(&w.json, "\",\"message\":\"");
		json_put_piece(&w.json, event->text);
	}
	WORDING_TEMPLATE(&w.json, "\",\"permanent\":");
	json_put_bool(&w.json, event->flags & FLAG_PERMANENT);
	if (event->extra.len)
		wording_extra(&w.json, event, "rooms");
	WORDING_TEMPLATE(&w.json, "}");
	frame_end_message(&w);
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
		return message_frame(event, view, form, &event->author);
	case KIND_NOTICE: return message_frame(event, view, form, &view->bridge);
	case KIND_READ: return read_frame(event, form);
	case KIND_ENTER: return person_frame(SLICE("enter"), event, &event->author, view, form);
	case KIND_EXIT: return person_frame(SLICE("exit"), event, &event->author, view, form);
	case KIND_INVITE: return person_frame(SLICE("invite"), event, &event->author, view, form);
	case KIND_KICK:
		if (audience == AUDIENCE_SUBJECT)
			return kick_frame(event, view, form);
		if (event->flags & FLAG_ABSENT)
			return NULL;
		return person_frame(SLICE("exit"), event, &event->subject, view, form);
	case KIND_OPAQUE: return wording_opaque(event, form->framing, "rooms");
	default: return NULL;
	}
}

enum codec_status rooms_encode(const struct envelope *event, const struct codec_view *view,
			       const struct form *form, enum audience audience,
			       uint32_t muted_events, struct frame **out)
{
	(void)muted_events;
	*out = event_frame(event, view, form, audience);
	return *out ? CODEC_OK : CODEC_NOTHING;
}

enum codec_status rooms_keepalive(struct codec_peer *peer, struct frame **out)
{
	struct frame_writer w;

	frame_start(&w, peer->form.framing, 48);
	WORDING_TEMPLATE(&w.json, "{\"type\":\"ping\",\"time\":");
	json_put_unsigned(&w.json, peer->now_ms / 1000);
	WORDING_TEMPLATE(&w.json, "}");
	frame_end_message(&w);
	*out = frame_finish(&w);
	return CODEC_OK;
}
