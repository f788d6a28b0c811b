#include "codecs/wording.h"

#include <inttypes.h>
#include <stdio.h>

#include "codecs/model/trail.h"

size_t wording_duration(uint64_t ms, char out[WORDING_DURATION_MAX])
{
	static const struct {
		uint64_t ms;
		const char *name;
	} units[] = {
		{ 86400000, "d" }, { 3600000, "h" }, { 60000, "m" }, { 1000, "s" }, { 1, "ms" }
	};
	size_t len = 0;

	for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
		if (ms < units[i].ms)
			continue;
		len += (size_t)snprintf(out + len, WORDING_DURATION_MAX - len, "%" PRIu64 "%s",
					ms / units[i].ms, units[i].name);
		ms %= units[i].ms;
	}
	if (len == 0)
		len = (size_t)snprintf(out, WORDING_DURATION_MAX, "0s");
	return len;
}

static void write_text(struct json_writer *w, const struct envelope *event,
		       const struct person *writer)
{
	if (!(event->flags & FLAG_ACTION)) {
		json_put_piece(w, event->text);
		return;
	}
	json_put_literal(w, "*", 1);
	json_put_piece(w, writer->name);
	json_put_literal(w, " ", 1);
	json_put_piece(w, event->text);
	json_put_literal(w, "*", 1);
}

void wording_message(struct json_writer *w, const struct envelope *message)
{
	write_text(w, message, &message->author);
}

void wording_edit(struct json_writer *w, const struct envelope *edit)
{
	write_text(w, edit, &edit->subject);
}

void wording_extra(struct json_writer *w, const struct envelope *event, const char *dialect)
{
	if (event->extra.len == 0 || event->kind == KIND_OPAQUE ||
	    !slice_is(event->origin.dialect, dialect))
		return;
	json_put_literal(w, ",", 1);
	json_put_literal(w, event->extra.data, event->extra.len);
}

void wording_trail(struct json_writer *w, const struct envelope *event,
		   const struct codec_view *view)
{
	char out[TRAIL_MAX];
	struct slice trail =
	    trail_onward(event->origin.trail, view->instance, view->ids, event->id, out);

	if (trail.len)
		trail_put(w, trail);
}

struct frame *wording_opaque(const struct envelope *event, enum framing framing,
			     const char *dialect)
{
	if (event->extra.len == 0 || !slice_is(event->origin.dialect, dialect))
		return NULL;
	return frame_of_text(framing, event->extra);
}

struct slice wording_why(const struct codec_reply *reply)
{
	return reply->text.data ? reply->text : slice_of(reason_text(reply->reason));
}

enum codec_status wording_reply(struct codec_peer *peer, const struct codec_reply *reply,
				struct frame **out)
{
	struct frame_writer w;

	*out = NULL;
	if (reply->kind != REPLY_REFUSED || peer->strict)
		return CODEC_NOTHING;
	frame_start(&w, peer->form.framing, 160);
	json_object_open(&w.json);
	json_field_string(&w.json, "type", SLICE("error"));
	json_field_string(&w.json, "error", slice_of(reason_code(reply->reason)));
	json_field_string(&w.json, "message", wording_why(reply));
	json_object_close(&w.json);
	frame_end_message(&w);
	*out = frame_finish(&w);
	return CODEC_OK;
}
