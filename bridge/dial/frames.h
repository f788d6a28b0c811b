/* frames.h - frames that a client writes (RFC 6455 section 5.2), and the bytes that wait to be
 * sent. Called by socket_call.c. One thread. */
#ifndef BRIDGE_DIAL_FRAMES_H
#define BRIDGE_DIAL_FRAMES_H

#include <stddef.h>

#include "codecs/text/slice.h"

/* Of a frame's first byte, with FIN. */
#define FRAME_TEXT  0x81
#define FRAME_CLOSE 0x88
#define FRAME_PING  0x89
#define FRAME_PONG  0x8a

#define FRAME_HEAD_MAX 14

/* Random bytes for masks, fetched from the system by the block: no signal interrupts one of 256.
 * Zeroed is ready. */
struct masks {
	unsigned char bytes[256];
	size_t left;
};

/* What waits to be sent. Zeroed is empty. */
struct output {
	unsigned char *bytes;
	size_t at, len, room; /* at: so much of len is sent */
};

static inline size_t output_left(const struct output *output)
{
	return output->len - output->at;
}

/* Adds bytes as they are. */
void output_add(struct output *output, struct slice bytes);

/* Adds a frame, with a mask that nobody can guess. */
void output_frame(struct output *output, struct masks *masks, unsigned first, struct slice payload);

/* So many bytes are sent. When none are left it has no memory. */
void output_sent(struct output *output, size_t len);

void output_clear(struct output *output);

#endif
