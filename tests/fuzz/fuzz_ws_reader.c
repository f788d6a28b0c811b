/* Any bytes on a WebSocket: what comes of them does not depend on where they are cut into reads,
 * and it is what ws_reader.h promises.
 *
 * Input: the limit (one byte, a power of two or thereabouts), options (bit 0: compression was
 * agreed on; bit 1: the peer is a server), two bytes that the cuts are made from, and what is sent.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bridge/net/ws/ws_deflate.h"
#include "bridge/net/ws/ws_reader.h"
#include "codecs/text/name.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define HEAD 4

static struct ws_inflate *inflater;

struct sent {
	const uint8_t *bytes;
	size_t len, limit;
	bool deflate, calling;
};

/* What came: a line for each event, with all its bytes. */
struct story {
	char *text;
	size_t size;
	FILE *stream;
	bool over;
};

static void require(bool what)
{
	if (!what)
		abort();
}

static bool code_known(unsigned code)
{
	return (code >= 1000 && code <= 1003) || code == 1005 || (code >= 1007 && code <= 1014) ||
	       (code >= 3000 && code <= 4999);
}

static void event_judge(const struct sent *sent, enum ws_step step,
			const struct ws_message *message)
{
	struct slice payload = message->payload;

	if (step == WS_MESSAGE) {
		require(payload.len <= sent->limit);
		require(message->binary || text_is_utf8(payload));
	} else if (step == WS_PING) {
		require(payload.len <= WS_CONTROL_MAX);
	} else if (step == WS_CLOSE) {
		require(code_known(message->code));
		require(payload.len <= WS_CONTROL_MAX - 2 && text_is_utf8(payload));
	} else {
		require(message->code == 1002 || message->code == 1007 || message->code == 1009);
	}
}

static void event_tell(struct story *story, enum ws_step step, const struct ws_message *message)
{
	fprintf(story->stream, "%d ", step);
	if (step == WS_CLOSE || step == WS_FAULT)
		fprintf(story->stream, "%u ", message->code);
	else if (step == WS_MESSAGE)
		fprintf(story->stream, "%d ", message->binary);
	if (step != WS_FAULT)
		fwrite(message->payload.data, 1, message->payload.len, story->stream);
	fputc('\n', story->stream);
}

static void feed(struct story *story, struct ws_reader *reader, const struct sent *sent,
		 size_t from, size_t to)
{
	size_t len = to - from;
	/* A block of its own, so that the sanitizers see who looks beyond it. */
	unsigned char *segment = malloc(len);
	struct ws_input input = { segment, len, sent->limit, sent->deflate ? inflater : NULL,
				  sent->calling };
	struct ws_message message;
	enum ws_step step;

	memcpy(segment, sent->bytes + from, len);
	while ((step = ws_read(reader, &input, &message)) != WS_MORE) {
		require(!story->over);
		story->over = step == WS_CLOSE || step == WS_FAULT;
		event_judge(sent, step, &message);
		event_tell(story, step, &message);
	}
	require(input.len == 0 && input.bytes == segment + len);
	free(segment);
}

/* A read has 1 to most bytes. */
static struct story story_of(const struct sent *sent, size_t most, uint32_t seed)
{
	struct story story = { .text = NULL };
	struct ws_reader reader = { .parts = NULL };

	story.stream = open_memstream(&story.text, &story.size);
	for (size_t at = 0; at < sent->len;) {
		size_t len = most;

		if (seed) {
			seed = seed * 1664525 + 1013904223;
			len = 1 + (seed >> 8) % most;
		}
		if (len > sent->len - at)
			len = sent->len - at;
		feed(&story, &reader, sent, at, at + len);
		at += len;
	}
	ws_reader_clear(&reader);
	fclose(story.stream);
	return story;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct sent sent;
	struct story whole, single, cut;

	if (size <= HEAD)
		return 0;
	if (!inflater)
		inflater = ws_inflate_new();
	sent =
	    (struct sent){ data + HEAD, size - HEAD, ((size_t)1 << data[0] % 18) - data[0] / 128u,
			   data[1] & 1, data[1] & 2 };
	whole = story_of(&sent, sent.len, 0);
	single = story_of(&sent, 1, 0);
	cut = story_of(&sent, 1 + data[2], 1u + data[3]);
	require(single.size == whole.size && memcmp(single.text, whole.text, whole.size) == 0);
	require(cut.size == whole.size && memcmp(cut.text, whole.text, whole.size) == 0);
	free(whole.text);
	free(single.text);
	free(cut.text);
	return 0;
}
