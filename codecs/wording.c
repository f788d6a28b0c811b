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

struct frame *wording_error(enum reason reason)
{
	struct frame_writer w;

	frame_start(&w, 160);
	json_object_open(&w.json);
	json_field_string(&w.json, "type", SLICE("error"));
	json_field_string(&w.json, "error", slice_of(reason_code(reason)));
	json_field_string(&w.json, "message", slice_of(reason_text(reason)));
	json_object_close(&w.json);
	frame_end_message(&w);
	return frame_finish(&w);
}
