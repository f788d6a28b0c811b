#include "bridge/net/ws/ws_reader.h"

#include <stdlib.h>
#include <string.h>

#include "bridge/net/ws/ws_deflate.h"
#include "bridge/net/ws/ws_mask.h"
#include "bridge/net/ws/ws_text.h"
#include "codecs/text/memory.h"

enum {
	FIN = 0x80, /* of a frame's first byte */
	RSV1 = 0x40,
	RSV2_RSV3 = 0x30,
	OPCODE = 0x0f,
	CONTROL = 0x08,
	MASKED = 0x80, /* of its second */
	LENGTH = 0x7f,
};

enum { CONTINUATION, TEXT, BINARY, CLOSE = 8, PING, PONG };

/* Flags of a reader. */
enum {
	IN_PAYLOAD = 1, /* the head is read */
	IN_MESSAGE = 2, /* a data frame has begun, or its message is to go on */
	IS_TEXT = 4,
	IS_DEFLATED = 8,
	IS_OVER = 16,
};

enum { NOT_ALLOWED = 1002, WRONG_DATA = 1007, TOO_LONG = 1009, NO_CODE = 1005 };

struct ws_parts {
	unsigned char *data; /* of a message */
	size_t len, size;
	uint8_t control_len;
	unsigned char control[WS_CONTROL_MAX];
};

_Static_assert(sizeof(struct ws_reader) <= 48, "an idle connection costs little");

/* ---- what is gathered ---- */

static void parts_free(struct ws_reader *reader)
{
	if (reader->parts)
		free(reader->parts->data);
	free(reader->parts);
	reader->parts = NULL;
}

static struct ws_parts *parts_of(struct ws_reader *reader)
{
	if (!reader->parts)
		reader->parts = memory_zeroed(1, sizeof(*reader->parts));
	return reader->parts;
}

static size_t gathered(const struct ws_reader *reader)
{
	return reader->parts ? reader->parts->len : 0;
}

/* The most bytes that a message may have on the wire. Compressing may make it longer; who
 * compresses well needs no such grace. */
static size_t wire_limit(bool deflated, size_t limit)
{
	return deflated ? limit + limit / 8 + 64 : limit;
}

/* most: what the head of the frame was judged by. */
static void gather(struct ws_reader *reader, const unsigned char *bytes, size_t len, size_t most)
{
	struct ws_parts *parts;

	if (!len)
		return;
	parts = parts_of(reader);
	if (parts->size - parts->len < len) {
		size_t size = parts->size * 2, all = parts->len + (size_t)reader->left + len;

		/* No more than can come. */
		if (!(reader->frame & FIN))
			all = most;
		if (size > all)
			size = all;
		if (size < parts->len + len)
			size = parts->len + len;
		parts->data = memory_resize(parts->data, size);
		parts->size = size;
	}
	memcpy(parts->data + parts->len, bytes, len);
	parts->len += len;
}

void ws_reader_clear(struct ws_reader *reader)
{
	parts_free(reader);
	*reader = (struct ws_reader){ .parts = NULL };
}

static enum ws_step fault(struct ws_reader *reader, struct ws_message *out, uint16_t code)
{
	parts_free(reader);
	reader->flags |= IS_OVER;
	out->code = code;
	return WS_FAULT;
}

/* ---- the head of a frame ---- */

static bool opening_allowed(const struct ws_reader *reader, uint8_t first, bool deflate)
{
	bool begun = reader->flags & IN_MESSAGE;

	if (first & RSV2_RSV3)
		return false;
	switch (first & OPCODE) {
	case CONTINUATION: return begun && !(first & RSV1);
	case TEXT:
	case BINARY: return !begun && (deflate || !(first & RSV1));
	case CLOSE:
	case PING:
	case PONG: return (first & (FIN | RSV1)) == FIN;
	default: return false;
	}
}

static uint64_t number(const unsigned char *bytes, unsigned len)
{
	uint64_t value = 0;

	for (unsigned i = 0; i < len; i++)
		value = value << 8 | bytes[i];
	return value;
}

static uint16_t length_judge(const struct ws_reader *reader, uint8_t first, uint64_t length,
			     unsigned bytes, size_t limit)
{
	bool deflated = first & OPCODE ? first & RSV1 : reader->flags & IS_DEFLATED;
	size_t most = wire_limit(deflated, limit), have = gathered(reader);

	if (bytes == 2 && length < 126)
		return NOT_ALLOWED;
	if (bytes == 8 && (length <= UINT16_MAX || length >> 63))
		return NOT_ALLOWED;
	if (!(first & CONTROL) && (have > most || length > most - have))
		return TOO_LONG;
	return 0;
}

/* Judges as much of a head as there is, which is at least a byte, and sets how long it will be.
 * Returns 0 or a close code. */
static uint16_t head_judge(struct ws_reader *reader, const unsigned char *head, size_t have,
			   const struct ws_input *input, size_t *need)
{
	unsigned bytes;
	uint64_t length;

	*need = 2;
	if (!opening_allowed(reader, head[0], input->inflate))
		return NOT_ALLOWED;
	if (have < 2)
		return 0;
	length = head[1] & LENGTH;
	if (head[0] & CONTROL && length > WS_CONTROL_MAX)
		return NOT_ALLOWED;
	bytes = length == 127 ? 8 : length == 126 ? 2 : 0;
	*need = 2 + bytes + sizeof(reader->mask);
	if (!(head[1] & MASKED)) {
		if (!input->calling)
			return NOT_ALLOWED;
		*need = 2 + bytes;
	}
	if (have < 2 + bytes)
		return 0;
	if (bytes)
		length = number(head + 2, bytes);
	reader->left = length;
	return length_judge(reader, head[0], length, bytes, input->limit);
}

static void frame_begin(struct ws_reader *reader, const unsigned char *head, size_t len)
{
	uint8_t first = head[0];

	reader->frame = first;
	reader->head_len = 0;
	if (head[1] & MASKED)
		memcpy(reader->mask, head + len - sizeof(reader->mask), sizeof(reader->mask));
	else
		memset(reader->mask, 0, sizeof(reader->mask));
	reader->flags |= IN_PAYLOAD;
	if (first & CONTROL) {
		if (reader->parts)
			reader->parts->control_len = 0;
	} else if (first & OPCODE) {
		reader->flags = IN_PAYLOAD | IN_MESSAGE;
		reader->flags |= (first & OPCODE) == TEXT ? IS_TEXT : 0;
		reader->flags |= first & RSV1 ? IS_DEFLATED : 0;
	}
}

static void input_take(struct ws_input *input, size_t len)
{
	input->bytes += len;
	input->len -= len;
}

/* Returns 0 or a close code; when the head is whole, the frame has begun. */
static uint16_t head_read(struct ws_reader *reader, struct ws_input *input)
{
	const unsigned char *head = input->bytes;
	size_t kept = reader->head_len, more = input->len, need;
	uint16_t code;

	if (more > WS_HEAD_MAX - kept)
		more = WS_HEAD_MAX - kept;
	if (kept) {
		memcpy(reader->head + kept, head, more);
		head = reader->head;
	}
	code = head_judge(reader, head, kept + more, input, &need);
	if (code)
		return code;
	if (kept + more < need) {
		memcpy(reader->head + kept, input->bytes, more);
		reader->head_len = (uint8_t)(kept + more);
		input_take(input, more);
	} else {
		frame_begin(reader, head, need);
		input_take(input, need - kept);
	}
	return 0;
}

/* ---- control frames ---- */

/* RFC 6455 section 7.4, and what is registered since: 1012 to 1014. */
static bool code_allowed(unsigned code)
{
	return (code >= 1000 && code <= 1003) || (code >= 1007 && code <= 1014) ||
	       (code >= 3000 && code <= 4999);
}

static enum ws_step close_judge(struct ws_reader *reader, const unsigned char *bytes, size_t len,
				struct ws_message *out)
{
	out->payload = SLICE("");
	out->code = NO_CODE;
	if (len) {
		if (len == 1)
			return fault(reader, out, NOT_ALLOWED);
		out->code = (uint16_t)number(bytes, 2);
		if (!code_allowed(out->code))
			return fault(reader, out, NOT_ALLOWED);
		if (ws_text_next(WS_TEXT_WHOLE, bytes + 2, len - 2) != WS_TEXT_WHOLE)
			return fault(reader, out, WRONG_DATA);
		out->payload = slice_span((const char *)bytes + 2, len - 2);
	}
	reader->flags |= IS_OVER;
	return WS_CLOSE;
}

/* len bytes of it came, and were taken off what is left. */
static enum ws_step control_take(struct ws_reader *reader, unsigned char *bytes, size_t len,
				 struct ws_message *out)
{
	struct ws_parts *parts = reader->parts;
	unsigned opcode = reader->frame & OPCODE;

	if (!reader->left)
		reader->flags &= (uint8_t)~IN_PAYLOAD;
	if (opcode == PONG)
		return WS_MORE;
	ws_mask(bytes, len, reader->mask);
	if (reader->left || (parts && parts->control_len)) {
		parts = parts_of(reader);
		memcpy(parts->control + parts->control_len, bytes, len);
		parts->control_len = (uint8_t)(parts->control_len + len);
		bytes = parts->control;
		len = parts->control_len;
	}
	if (reader->left)
		return WS_MORE;
	if (opcode == CLOSE)
		return close_judge(reader, bytes, len, out);
	out->payload = slice_span((const char *)bytes, len);
	return WS_PING;
}

/* ---- data frames ---- */

static enum ws_step message_end(struct ws_reader *reader, const struct ws_input *input,
				struct ws_message *out)
{
	bool deflated = reader->flags & IS_DEFLATED;

	reader->flags &= (uint8_t)~IN_MESSAGE;
	out->binary = !(reader->flags & IS_TEXT);
	if (deflated) {
		const unsigned char *bytes = (const unsigned char *)out->payload.data;
		uint16_t code = ws_inflate_message(input->inflate, bytes, out->payload.len,
						   input->limit, &out->payload);

		if (code)
			return fault(reader, out, code);
		bytes = (const unsigned char *)out->payload.data;
		if (!out->binary)
			reader->text = ws_text_next(WS_TEXT_WHOLE, bytes, out->payload.len);
	}
	return reader->text == WS_TEXT_WHOLE ? WS_MESSAGE : fault(reader, out, WRONG_DATA);
}

/* len bytes of it came, and were taken off what is left. */
static enum ws_step data_take(struct ws_reader *reader, const struct ws_input *input,
			      unsigned char *bytes, size_t len, struct ws_message *out)
{
	bool last = !reader->left && reader->frame & FIN;
	uint64_t any = ws_mask(bytes, len, reader->mask);

	if ((reader->flags & (IS_TEXT | IS_DEFLATED)) == IS_TEXT &&
	    (reader->text != WS_TEXT_WHOLE || any & WS_MASK_NOT_ASCII)) {
		reader->text = ws_text_next(reader->text, bytes, len);
		if (reader->text == WS_TEXT_BAD)
			return fault(reader, out, WRONG_DATA);
	}
	out->payload = slice_span((const char *)bytes, len);
	if (!last || gathered(reader)) {
		gather(reader, bytes, len, wire_limit(reader->flags & IS_DEFLATED, input->limit));
		if (last)
			out->payload =
			    slice_span((const char *)reader->parts->data, reader->parts->len);
	}
	if (!reader->left)
		reader->flags &= (uint8_t)~IN_PAYLOAD;
	return last ? message_end(reader, input, out) : WS_MORE;
}

static enum ws_step payload_read(struct ws_reader *reader, struct ws_input *input,
				 struct ws_message *out)
{
	unsigned char *bytes = input->bytes;
	size_t len = input->len < reader->left ? input->len : (size_t)reader->left;
	enum ws_step step;

	input_take(input, len);
	reader->left -= len;
	if (reader->frame & CONTROL)
		step = control_take(reader, bytes, len, out);
	else
		step = data_take(reader, input, bytes, len, out);
	if (reader->left)
		ws_mask_turn(reader->mask, len);
	return step;
}

enum ws_step ws_read(struct ws_reader *reader, struct ws_input *input, struct ws_message *out)
{
	/* What was passed on from there is not needed any more. */
	if (reader->parts &&
	    (!(reader->flags & (IN_MESSAGE | IN_PAYLOAD)) || reader->flags & IS_OVER))
		parts_free(reader);
	if (reader->flags & IS_OVER)
		input_take(input, input->len);
	while (input->len) {
		enum ws_step step;

		if (!(reader->flags & IN_PAYLOAD)) {
			uint16_t code = head_read(reader, input);

			if (code)
				return fault(reader, out, code);
			if (!(reader->flags & IN_PAYLOAD))
				break;
		}
		step = payload_read(reader, input, out);
		if (step != WS_MORE)
			return step;
	}
	return WS_MORE;
}
