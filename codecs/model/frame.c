#include "codecs/model/frame.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "codecs/text/memory.h"

#define FINAL         0x80
#define OPCODE_TEXT   0x1
#define OPCODE_PING   0x9
#define LENGTH_16     126
#define LENGTH_64     127
#define HEADER_SHORT  2
#define HEADER_MEDIUM 4 /* the usual one: this much is left free before a payload */
#define HEADER_LONG   10

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

void frame_start(struct frame_writer *w, size_t hint)
{
	json_start(&w->json, FIRST_HEADER + HEADER_MEDIUM, hint);
	w->message = w->json.len;
	w->messages = 0;
	w->events = 0;
}

void frame_next(struct frame_writer *w)
{
	static const char blank[HEADER_MEDIUM];

	json_put_literal(&w->json, blank, HEADER_MEDIUM);
	w->json.comma = false;
	w->message = w->json.len;
}

void frame_end_message(struct frame_writer *w)
{
	static const char blank[HEADER_LONG - HEADER_MEDIUM];
	size_t payload = w->json.len - w->message;
	size_t header = header_size(payload);
	size_t start = w->message - HEADER_MEDIUM;

	if (header == HEADER_LONG)
		json_put_literal(&w->json, blank, sizeof(blank));
	if (header != HEADER_MEDIUM)
		memmove(w->json.data + start + header, w->json.data + w->message, payload);
	w->json.len = start + header + payload;
	header_write((unsigned char *)w->json.data + start, payload);
	w->messages++;
}

struct frame *frame_finish(struct frame_writer *w)
{
	struct frame *frame = (struct frame *)(void *)w->json.data;

	atomic_init(&frame->holders, 1);
	frame->events = w->events;
	frame->messages = w->messages;
	frame->size = (uint32_t)w->json.cap;
	frame->len = w->json.len - FIRST_HEADER;
	return frame;
}

void frame_abandon(struct frame_writer *w)
{
	json_clear(&w->json);
}

static struct frame *frame_blank(size_t len, uint32_t messages)
{
	struct frame *frame = memory_take(sizeof(*frame) + len);

	atomic_init(&frame->holders, 1);
	frame->events = 0;
	frame->messages = messages;
	frame->size = (uint32_t)(sizeof(*frame) + len);
	frame->len = len;
	return frame;
}

struct frame *frame_of_text(struct slice payload)
{
	size_t header = header_size(payload.len);
	struct frame *frame = frame_blank(header + payload.len, 1);

	header_write(frame->bytes, payload.len);
	if (payload.len)
		memcpy(frame->bytes + header, payload.data, payload.len);
	return frame;
}

struct frame *frame_of_ping(void)
{
	struct frame *frame = frame_blank(HEADER_SHORT, 0);

	frame->bytes[0] = FINAL | OPCODE_PING;
	frame->bytes[1] = 0;
	return frame;
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

struct slice frame_payload(const struct frame *frame, uint32_t index)
{
	const unsigned char *at = frame->bytes;

	if (index >= frame->messages)
		return (struct slice){ 0 };
	for (;;) {
		size_t payload;

		at += header_read(at, &payload);
		if (index-- == 0)
			return slice_span((const char *)at, payload);
		at += payload;
	}
}
