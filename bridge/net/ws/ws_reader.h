/* ws_reader.h - what the peer sends on a WebSocket, made of the bytes that came (RFC 6455 section
 * 5; RFC 7692 section 6): whole messages, pings, the close, or what is wrong with it. The peer is a
 * client; or, for who calls others (bridge/dial), a server, whose frames are not masked.
 *
 * Whoever reads a connection (net/stream to come) hands over each segment as it was read:
 *
 *   struct ws_input input = { bytes, len, limit, inflate };
 *   do {
 *           step = ws_read(&reader, &input, &out);
 *           ...
 *   } while (step != WS_MORE);
 *
 * It may stop before WS_MORE, and go on later with what is left in *input.
 *
 * Nothing depends on where the stream is cut into segments. A message that lies in one segment and
 * one frame is passed on where it lies. What is incomplete is gathered on the heap, in a block that
 * doubles up to the limit; an idle connection has none. Time is linear in the bytes that came.
 *
 * Pure; each reader on one thread. */
#ifndef BRIDGE_NET_WS_WS_READER_H
#define BRIDGE_NET_WS_WS_READER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "codecs/text/slice.h"

struct ws_inflate;
struct ws_parts;

/* The longest head of a frame, RFC 6455 section 5.2: two bytes, eight of length, four of mask. */
#define WS_HEAD_MAX 14

/* The longest payload of a control frame (RFC 6455 section 5.5). */
#define WS_CONTROL_MAX 125

/* One connection's. All zeros: at its beginning. Its fields are ws_reader.c's own. */
struct ws_reader {
	struct ws_parts *parts; /* what is gathered; NULL: nothing */
	uint64_t left;          /* of the frame's payload */
	unsigned char mask[4];  /* for the next byte, and those after it */
	unsigned char head[WS_HEAD_MAX];
	uint8_t head_len; /* how much of it came, while it is incomplete */
	uint8_t frame;    /* its first byte */
	uint8_t flags;
	uint8_t text; /* ws_text.h's state of the message; every message ends whole */
};

/* What came, and is not read yet. */
struct ws_input {
	unsigned char *bytes; /* borrows; they are unmasked in place */
	size_t len;
	size_t limit;               /* bytes of a message, plain; below 2^30 */
	struct ws_inflate *inflate; /* borrows; NULL: compression was not agreed on */
	bool calling;               /* the peer is a server; one that masks is borne with */
};

enum ws_step {
	WS_MORE,    /* all is read; go on with the next segment */
	WS_MESSAGE, /* payload, binary */
	WS_PING,    /* payload: to be sent back in a pong, before what later messages bring about */
	WS_CLOSE,   /* code, payload: the reason. Answer with the same code, 1005: with none */
	WS_FAULT,   /* code: close with it */
};

struct ws_message {
	struct slice payload; /* borrowed, until the next call for a WebSocket of this worker */
	bool binary;
	uint16_t code; /* WS_CLOSE: the peer's, 1005 (none), 1000 to 1003, 1007 to 1014, or 3000 to
			* 4999. WS_FAULT: 1002, 1007 or 1009 */
};

/* The next thing that the bytes of *input amount to; what was read is taken off them. *out is set
 * as far as the step's comment says. Pongs are read over. After WS_CLOSE and WS_FAULT whatever
 * comes is read over, too.
 *
 * 1002: unmasked by a client, reserved bits and opcodes (RSV1 is known at the beginning of a
 * message, if inflate is given), control frames that are fragmented or longer than 125, fragments
 * out of order, lengths not written in the shortest way or of 2^63 and more, a close of one byte or
 * with a code that must not be sent. 1007: a text or a reason that is not UTF-8, told at the first
 * such byte (a compressed text: at its end), and what does not inflate. 1009: a message longer than
 * the limit, told with the head of the frame that makes it so; or a compressed one that is longer
 * than the limit and an eighth before it is inflated. */
enum ws_step ws_read(struct ws_reader *reader, struct ws_input *input, struct ws_message *out);

/* Frees what is gathered; the reader is at its beginning again. */
void ws_reader_clear(struct ws_reader *reader);

#endif
