#include "bridge/dial/frames.h"

#include <stdlib.h>
#include <sys/random.h>

#include "bridge/net/ws/ws_mask.h"
#include "codecs/text/memory.h"

#define ROOM_FIRST 1024
#define MASK_BYTES 4

static void mask_take(struct masks *masks, unsigned char mask[MASK_BYTES])
{
	if (masks->left < MASK_BYTES) {
		if (getrandom(masks->bytes, sizeof(masks->bytes), 0) !=
		    (ssize_t)sizeof(masks->bytes))
			abort();
		masks->left = sizeof(masks->bytes);
	}
	masks->left -= MASK_BYTES;
	memcpy(mask, masks->bytes + masks->left, MASK_BYTES);
}

static unsigned char *make_room(struct output *output, size_t len)
{
	if (output->at > 0 && output->room - output->len < len) {
		memmove(output->bytes, output->bytes + output->at, output_left(output));
		output->len -= output->at;
		output->at = 0;
	}
	if (output->room - output->len < len) {
		output->room = output->room ? output->room * 2 : ROOM_FIRST;
		if (output->room < output->len + len)
			output->room = output->len + len;
		output->bytes = memory_resize(output->bytes, output->room);
	}
	return output->bytes + output->len;
}

void output_add(struct output *output, struct slice bytes)
{
	if (bytes.len > 0)
		memcpy(make_room(output, bytes.len), bytes.data, bytes.len);
	output->len += bytes.len;
}

void output_frame(struct output *output, struct masks *masks, unsigned first, struct slice payload)
{
	unsigned char *at = make_room(output, FRAME_HEAD_MAX + payload.len), mask[MASK_BYTES];
	unsigned bytes = payload.len < 126 ? 0 : payload.len <= UINT16_MAX ? 2 : 8;

	*at++ = (unsigned char)first;
	*at++ = (unsigned char)(0x80 | (bytes == 0 ? payload.len : bytes == 2 ? 126 : 127));
	for (unsigned i = bytes; i-- > 0;)
		*at++ = (unsigned char)((uint64_t)payload.len >> (8 * i));
	mask_take(masks, mask);
	memcpy(at, mask, MASK_BYTES);
	at += MASK_BYTES;
	if (payload.len > 0)
		memcpy(at, payload.data, payload.len);
	ws_mask(at, payload.len, mask);
	output->len += 2 + bytes + MASK_BYTES + payload.len;
}

void output_sent(struct output *output, size_t len)
{
	output->at += len;
	if (output->at == output->len)
		output_clear(output);
}

void output_clear(struct output *output)
{
	free(output->bytes);
	*output = (struct output){ .bytes = NULL };
}
