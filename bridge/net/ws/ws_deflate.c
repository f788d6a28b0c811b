#include "bridge/net/ws/ws_deflate.h"

#include <limits.h>
#include <stdlib.h>
#include <zlib.h>

#include "codecs/text/memory.h"

#define LEAST 512

/* What a sender takes off the end (RFC 7692 section 7.2.1). */
static unsigned char tail[] = { 0x00, 0x00, 0xff, 0xff };

struct buffer {
	unsigned char *data;
	size_t size;
};

static void buffer_fit(struct buffer *buffer, size_t size)
{
	if (size < LEAST)
		size = LEAST;
	if (buffer->size >= size && buffer->size <= WS_DEFLATE_KEPT)
		return;
	free(buffer->data);
	buffer->data = memory_new(size);
	buffer->size = size;
}

static void buffer_free(struct buffer *buffer)
{
	free(buffer->data);
}

/* ---- back ---- */

struct ws_inflate {
	z_stream zlib;
	struct buffer out;
};

struct ws_inflate *ws_inflate_new(void)
{
	struct ws_inflate *back = memory_zeroed(1, sizeof(*back));

	/* Raw, and of the largest window: that reads all others. It fails for want of memory only,
	 * or of the right library. */
	if (inflateInit2(&back->zlib, -MAX_WBITS) != Z_OK)
		abort();
	return back;
}

void ws_inflate_free(struct ws_inflate *back)
{
	if (!back)
		return;
	inflateEnd(&back->zlib);
	buffer_free(&back->out);
	free(back);
}

/* Room behind what is made already: one byte above the limit at most, which tells that it is
 * exceeded. None: it is. */
static size_t room_make(struct buffer *out, size_t made, size_t limit)
{
	if (made > limit)
		return 0;
	if (made == out->size) {
		out->size = out->size > limit / 2 ? limit + 1 : out->size * 2;
		out->data = memory_resize(out->data, out->size);
	}
	return (out->size > limit ? limit + 1 : out->size) - made;
}

static uint16_t inflate_some(struct ws_inflate *back, size_t limit, size_t *made)
{
	z_stream *zlib = &back->zlib;
	int got;

	do {
		size_t room = room_make(&back->out, *made, limit);

		if (!room)
			return 1009;
		zlib->next_out = back->out.data + *made;
		zlib->avail_out = (uInt)room;
		got = inflate(zlib, Z_SYNC_FLUSH);
		*made += room - zlib->avail_out;
		if (got == Z_STREAM_END) {
			/* A block that says it is the last: what follows is a beginning, and here
			 * is a place to end (RFC 7692 section 7.2.3.4). */
			got = inflateReset(zlib);
			zlib->data_type = 128;
		}
	} while (got == Z_OK && (zlib->avail_in || !zlib->avail_out));
	return got == Z_OK || got == Z_BUF_ERROR ? 0 : 1007;
}

static uint16_t inflate_all(struct ws_inflate *back, const unsigned char *payload, size_t len,
			    size_t limit, size_t *made)
{
	uint16_t code;

	inflateReset(&back->zlib);
	/* Only read, but older libraries take no const. */
	back->zlib.next_in = (unsigned char *)(uintptr_t)payload;
	back->zlib.avail_in = (uInt)len;
	code = inflate_some(back, limit, made);
	if (code)
		return code;
	back->zlib.next_in = tail;
	back->zlib.avail_in = sizeof(tail);
	code = inflate_some(back, limit, made);
	if (code)
		return code;
	/* 128: between two blocks. Else it was cut short. */
	return back->zlib.data_type & 128 ? 0 : 1007;
}

uint16_t ws_inflate_message(struct ws_inflate *back, const unsigned char *payload, size_t len,
			    size_t limit, struct slice *out)
{
	size_t made = 0;
	uint16_t code;

	buffer_fit(&back->out, len < limit / 4 ? len * 4 : limit + 1);
	code = len ? inflate_all(back, payload, len, limit, &made) : 0;
	*out = slice_span((const char *)back->out.data, made);
	return code;
}

/* ---- there ---- */

struct ws_deflate {
	z_stream zlib;
	struct buffer out;
};

struct ws_deflate *ws_deflate_new(void)
{
	struct ws_deflate *there = memory_zeroed(1, sizeof(*there));

	/* A small hash table: it is cleared for each message. A message of 200 bytes takes 4 us on
	 * any level; one of 8 KB takes half of the usual level's time, and is 4 % longer. */
	if (deflateInit2(&there->zlib, Z_BEST_SPEED, Z_DEFLATED, -WS_DEFLATE_BITS, 5,
			 Z_DEFAULT_STRATEGY) != Z_OK)
		abort();
	return there;
}

void ws_deflate_free(struct ws_deflate *there)
{
	if (!there)
		return;
	deflateEnd(&there->zlib);
	buffer_free(&there->out);
	free(there);
}

bool ws_deflate_message(struct ws_deflate *there, struct slice payload, struct slice *out)
{
	z_stream *zlib = &there->zlib;
	/* A flush that fills its room may not be done: so there is more of it than may be used. */
	size_t room = payload.len + 2 * sizeof(tail), made;

	buffer_fit(&there->out, room);
	deflateReset(zlib);
	zlib->next_in = (unsigned char *)(uintptr_t)payload.data;
	zlib->avail_in = (uInt)payload.len;
	zlib->next_out = there->out.data;
	zlib->avail_out = (uInt)room;
	if (deflate(zlib, Z_SYNC_FLUSH) != Z_OK)
		return false;
	made = room - zlib->avail_out;
	if (made > payload.len)
		return false;
	*out = slice_span((const char *)there->out.data, made - sizeof(tail));
	return true;
}
