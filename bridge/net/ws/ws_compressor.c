#include "bridge/net/ws/ws_compressor.h"

#include <stdlib.h>

#include "bridge/net/ws/ws_deflate.h"
#include "codecs/text/memory.h"

struct ws_compressor {
	struct compressor compressor; /* first */
	struct ws_deflate *there;     /* NULL until it is needed */
	size_t above;
};

/* Does *payload become smaller? Then it is what to send. */
static bool payload_compress(struct ws_compressor *own, struct slice *payload)
{
	if (payload->len < own->above)
		return false;
	if (!own->there)
		own->there = ws_deflate_new();
	return ws_deflate_message(own->there, *payload, payload);
}

/* Adds a message. Returns whether it is compressed. */
static bool message_add(struct ws_compressor *own, struct frame_writer *w, struct slice payload)
{
	bool compressed = payload_compress(own, &payload);

	json_put_literal(&w->json, payload.data, payload.len);
	if (compressed)
		frame_end_compressed(w);
	else
		frame_end_message(w);
	return compressed;
}

static struct frame *compress(struct compressor *compressor, struct frame *plain)
{
	struct ws_compressor *own = (struct ws_compressor *)compressor;
	struct frame_writer w;
	bool any = false;

	if (plain->len < own->above)
		return frame_hold(plain);
	frame_start(&w, FRAMING_WEBSOCKET, plain->len / 2);
	for (uint32_t i = 0; i < plain->messages; i++) {
		if (i > 0)
			frame_next(&w);
		any = message_add(own, &w, frame_payload(plain, i)) || any;
	}
	if (!any) {
		json_clear(&w.json);
		return frame_hold(plain);
	}
	w.events = plain->events;
	return frame_finish(&w);
}

struct compressor *ws_compressor_new(size_t above)
{
	struct ws_compressor *own = memory_zeroed(1, sizeof(*own));

	own->compressor.compress = compress;
	own->above = above;
	return &own->compressor;
}

void ws_compressor_free(struct compressor *compressor)
{
	struct ws_compressor *own = (struct ws_compressor *)compressor;

	if (own)
		ws_deflate_free(own->there);
	free(own);
}
