#include "codecs/model/frame.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "codecs/text/memory.h"

#define FINAL         0x80
#define RSV1          0x40
#define OPCODE_TEXT   0x1
#define LENGTH_16     126
#define LENGTH_64     127
#define HEADER_SHORT  2
#define HEADER_MEDIUM 4 /* the usual one: this much is left free before a payload */
#define HEADER_LONG   10

#define LINE_END     "\r\n"
#define LINE_END_LEN 2

/* The json writer's buffer becomes the frame itself. */
#define FIRST_HEADER offsetof(struct frame, bytes)

static size_t header_size(size_t payload)
{
	if (payload < LENGTH_16)
		return HEADER_SHORT;
	return payload <= UINT16_MAX ? HEADER_MEDIUM : HEADER_LONG;
}

static void header_write(unsigned char *header, size_t payload)
{
	header[0] = FINAL | OPCODE_TEXT;
	if (payload < LENGTH_16) {
		header[1] = (unsigned char)payload;
	} else if (payload <= UINT16_MAX) {
		header[1] = LENGTH_16;
		header[2] = (unsigned char)(payload >> 8);
		header[3] = (unsigned char)payload;
	} else {
		header[1] = LENGTH_64;
		for (unsigned i = 0; i < 8; i++)
			header[2 + i] = (unsigned char)((uint64_t)payload >> (56 - 8 * i));
	}
}

/* What is left free before a payload. */
static size_t head_room(enum framing framing)
{
	return framing == FRAMING_WEBSOCKET ? HEADER_MEDIUM : 0;
}

void frame_start(struct frame_writer *w, enum framing framing, size_t hint)
{
	w->framing = framing;
	w->message = FIRST_HEADER + head_room(framing);
	w->messages = 0;
	w->events = 0;
	json_start(&w->json, w->message, hint);
}

void frame_next(struct frame_writer *w)
{
	static const char blank[HEADER_MEDIUM];

	json_put_literal(&w->json, blank, head_room(w->framing));
	w->json.comma = false;
	w->message = w->json.len;
}

/* A short header leaves some of the head room, a long one needs more: the payload moves. */
static __attribute__((noinline)) void payload_move(struct frame_writer *w, size_t header)
{
	static const char blank[HEADER_LONG - HEADER_MEDIUM];
	size_t payload = w->json.len - w->message;
	size_t start = w->message - HEADER_MEDIUM;

	if (header == HEADER_LONG)
		json_put_literal(&w->json, blank, sizeof(blank));
	memmove(w->json.data + start + header, w->json.data + w->message, payload);
	w->json.len = start + header + payload;
}

static void websocket_end(struct frame_writer *w)
{
	size_t payload = w->json.len - w->message;
	size_t header = header_size(payload);

	if (header != HEADER_MEDIUM)
		payload_move(w, header);
	header_write((unsigned char *)w->json.data + w->message - HEADER_MEDIUM, payload);
}

void frame_end_message(struct frame_writer *w)
{
	w->messages++;
	switch (w->framing) {
	case FRAMING_WEBSOCKET: websocket_end(w); return;
	case FRAMING_LINES: json_put_literal(&w->json, LINE_END, LINE_END_LEN); return;
	case FRAMING_BARE: w->messages = 1; return;
	}
}

void frame_end_compressed(struct frame_writer *w)
{
	frame_end_message(w);
	w->json.data[w->message - HEADER_MEDIUM] |= RSV1;
}

struct frame *frame_finish(struct frame_writer *w)
{
	struct frame *frame = (struct frame *)(void *)w->json.data;

	atomic_init(&frame->holders, 1);
	atomic_init(&frame->queued, 0);
	frame->events = w->events;
	frame->messages = w->messages;
	frame->size = (uint32_t)w->json.cap;
	frame->len = (uint32_t)(w->json.len - FIRST_HEADER);
	frame->framing = w->framing;
	return frame;
}

struct frame *frame_of_text(enum framing framing, struct slice payload)
{
	struct frame_writer w;

	frame_start(&w, framing, payload.len);
	json_put_literal(&w.json, payload.data, payload.len);
	frame_end_message(&w);
	return frame_finish(&w);
}

struct frame *frame_join(struct frame *first, struct frame *second)
{
	struct frame *both;
	size_t size;

	if (!first || !second)
		return first ? first : second;
	size = FIRST_HEADER + first->len + second->len;
	both = memory_take(size);
	atomic_init(&both->holders, 1);
	atomic_init(&both->queued, 0);
	both->events = first->events | second->events;
	both->messages = first->framing == FRAMING_BARE ? 1 : first->messages + second->messages;
	both->size = (uint32_t)size;
	both->len = first->len + second->len;
	both->framing = first->framing;
	memcpy(both->bytes, first->bytes, first->len);
	memcpy(both->bytes + first->len, second->bytes, second->len);
	frame_release(first);
	frame_release(second);
	return both;
}

struct frame *frame_hold(struct frame *frame)
{
	atomic_fetch_add_explicit(&frame->holders, 1, memory_order_relaxed);
	return frame;
}

void frame_release(struct frame *frame)
{
	if (frame && atomic_fetch_sub_explicit(&frame->holders, 1, memory_order_acq_rel) == 1)
		memory_give(frame, frame->size);
}

static size_t header_read(const unsigned char *header, size_t *payload)
{
	if (header[1] < LENGTH_16) {
		*payload = header[1];
		return HEADER_SHORT;
	}
	if (header[1] == LENGTH_16) {
		*payload = (size_t)header[2] << 8 | header[3];
		return HEADER_MEDIUM;
	}
	*payload = 0;
	for (unsigned i = 0; i < 8; i++)
		*payload = *payload << 8 | header[2 + i];
	return HEADER_LONG;
}

static struct slice websocket_payload(const struct frame *frame, uint32_t index)
{
	const unsigned char *at = frame->bytes;

	for (;;) {
		size_t payload;

		at += header_read(at, &payload);
		if (index-- == 0)
			return slice_span((const char *)at, payload);
		at += payload;
	}
}

static struct slice line_payload(const struct frame *frame, uint32_t index)
{
	const char *at = (const char *)frame->bytes, *end = at + frame->len;

	for (;;) {
		const char *stop = memmem(at, (size_t)(end - at), LINE_END, LINE_END_LEN);

		if (index-- == 0)
			return slice_span(at, (size_t)(stop - at));
		at = stop + LINE_END_LEN;
	}
}

struct slice frame_payload(const struct frame *frame, uint32_t index)
{
	if (index >= frame->messages)
		return (struct slice){ 0 };
	switch (frame->framing) {
	case FRAMING_WEBSOCKET: return websocket_payload(frame, index);
	case FRAMING_LINES: return line_payload(frame, index);
	case FRAMING_BARE: break;
	}
	return slice_span((const char *)frame->bytes, frame->len);
}
