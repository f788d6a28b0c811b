/* frame.h - one or more whole messages, framed for a carrier and ready to be sent as they are.
 *
 * A frame is written once, by one frame_writer, and then immutable; the same bytes go to every
 * member who is sent the same form, on every thread. What a carrier says for itself (pings, closes)
 * does not belong to a frame: see bridge/net. */
#ifndef CODECS_MODEL_FRAME_H
#define CODECS_MODEL_FRAME_H

#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>

#include "codecs/text/json_write.h"
#include "codecs/text/slice.h"

/* How messages are told apart on their way. Given when a frame is started, the same for all of its
 * messages. */
enum framing {
	/* RFC 6455 section 5.2: FIN set, opcode text, no mask (the serving side). */
	FRAMING_WEBSOCKET,
	/* The payload, then CR LF. There may be no CR, LF or NUL in a payload: that is the codec's
	 * to see to, nothing here looks (JSON text has none). */
	FRAMING_LINES,
	/* The payload as it is, for a carrier that knows how long it is (the body of an HTTP
	 * response): all that is written is one message. */
	FRAMING_BARE
};

struct frame {
	atomic_uint holders;
	uint32_t events;   /* bits the dialect gives its events; 0 where it does not number them */
	uint32_t messages; /* how many are in bytes */
	uint32_t size;     /* of the block, for memory_give() */
	uint32_t len;      /* of bytes */
	enum framing framing; /* of bytes */
	atomic_uint queued;   /* for who keeps frames in queues: in how many this is */
	unsigned char bytes[];
};

/* Builds a frame in place. Usage:
 *   frame_start(&w, framing, hint); json_...(&w.json, ...); frame_end_message(&w);
 *   more messages: frame_next(&w); json_...; frame_end_message(&w);
 *   frame = frame_finish(&w)
 * There is no way back but json_clear(&w.json): whether there is something to say is found out
 * first. */
struct frame_writer {
	struct json_writer json; /* write the payload with json_* into this */
	enum framing framing;
	size_t message; /* offset of the current message's payload */
	uint32_t messages, events;
};

/* Begins the first message. hint: expected payload bytes, 0 if unknown. */
void frame_start(struct frame_writer *w, enum framing framing, size_t hint);

/* Begins a further message after frame_end_message(); with FRAMING_BARE it goes on with the one. */
void frame_next(struct frame_writer *w);

/* Frames the current message's payload. */
void frame_end_message(struct frame_writer *w);

/* The same where the payload is compressed already: RSV1 is set (RFC 7692 section 6). With
 * FRAMING_WEBSOCKET only. */
void frame_end_compressed(struct frame_writer *w);

/* Returns new: the frame, count one. The writer is spent. */
struct frame *frame_finish(struct frame_writer *w);

/* One message with this payload (borrows; must be UTF-8). Returns new. */
struct frame *frame_of_text(enum framing framing, struct slice payload);

/* Two frames of the same framing as one: what is in second comes behind first. Takes both, of which
 * nobody else may hold one. Returns new; when one is NULL, the other. */
struct frame *frame_join(struct frame *first, struct frame *second);

/* Counting. hold returns its argument; release frees at zero and ignores NULL. Any thread. */
struct frame *frame_hold(struct frame *frame);
void frame_release(struct frame *frame);

/* The payload of the index-th message (0-based) of frame, as it is sent; absent when there is none.
 * Borrows from the frame. For tests, logs, and who compresses. */
struct slice frame_payload(const struct frame *frame, uint32_t index);

/* Whoever makes smaller frames of those that are made here: how, and with which library, is only
 * known above. One thread. */
struct compressor {
	/* Borrows plain, which is of FRAMING_WEBSOCKET. Returns new: the same messages, compressed
	 * where that saves something; plain itself, held, where it never does. */
	struct frame *(*compress)(struct compressor *compressor, struct frame *plain);
};

#endif
