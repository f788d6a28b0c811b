#include "codecs/wording.h"

void wording_message(struct json_writer *w, const struct envelope *message)
{
	if (!(message->flags & FLAG_ACTION)) {
		json_put_piece(w, message->text);
		return;
	}
	json_put_literal(w, "*", 1);
	json_put_piece(w, message->author.name);
	json_put_literal(w, " ", 1);
	json_put_piece(w, message->text);
	json_put_literal(w, "*", 1);
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
