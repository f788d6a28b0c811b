/* Requests off any bytes: the same is read however they are cut, and nothing outside them.
 *
 * Input: the sizes of the pieces, four bytes that are used in turn (the first a multiple of 8: all
 * are cut to single bytes), and what is sent. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bridge/net/http/http_reader.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define CUTS 4

static const struct http_limits limits = { .head_max = 512, .headers_max = 8, .body_max = 300 };

/* What was read: 'H' and the head's meaning, 'E', 'F' and the status; 'B' and bytes, put together.
 */
struct story {
	char *text;
	size_t size;
	FILE *stream;
	bool in_body, ended;
	uint64_t body, told; /* of one request: bytes read, and the length its head told */
	bool chunked;
};

static void require(bool what)
{
	if (!what)
		abort();
}

static void tell(struct story *story, char mark, struct slice text)
{
	fprintf(story->stream, "%c%zu:", mark, text.len);
	if (text.len > 0)
		fwrite(text.data, 1, text.len, story->stream);
}

static bool within(struct slice text, struct slice head)
{
	return text.data >= head.data && text.data + text.len <= head.data + head.len;
}

static void tell_head(struct story *story, const struct http_request *request)
{
	require(request->header_count <= limits.headers_max);
	require(request->head.len <= limits.head_max);
	require(request->length <= limits.body_max);
	require(!request->chunked || request->length == 0);
	require(request->host.data || request->old);
	require(request->path.len > 0 && (request->path.data[0] == '/' || request->path.len == 1));
	fprintf(story->stream, "H%d%d%d%d%d%d%d:%llu", request->method, request->old,
		request->keep_alive, request->chunked, request->expect_continue, request->upgrade,
		request->websocket, (unsigned long long)request->length);
	tell(story, 't', request->target);
	tell(story, 'p', request->path);
	tell(story, 'q', request->query);
	tell(story, 'h', request->host);
	for (size_t i = 0; i < request->header_count; i++) {
		require(within(request->headers[i].name, request->head));
		require(within(request->headers[i].value, request->head));
		tell(story, 'n', request->headers[i].name);
		tell(story, 'v', request->headers[i].value);
	}
	story->chunked = request->chunked;
	story->told = request->length;
	story->body = 0;
}

static void tell_step(struct story *story, enum http_step step, const struct http_step_out *out)
{
	if (step == HTTP_BODY) {
		require(out->body.len > 0);
		fputs(story->in_body ? "" : "B", story->stream);
		fwrite(out->body.data, 1, out->body.len, story->stream);
		story->body += out->body.len;
		story->in_body = true;
		require(story->body <= limits.body_max);
		require(story->chunked || story->body <= story->told);
		return;
	}
	story->in_body = false;
	if (step == HTTP_HEAD)
		tell_head(story, &out->request);
	else if (step == HTTP_END)
		fputc('E', story->stream);
	else
		fprintf(story->stream, "F%u:%s", out->fault->status, out->fault->why.data);
	if (step == HTTP_END)
		require(story->chunked || story->body == story->told);
}

static void feed(struct story *story, struct http_reader *reader, const uint8_t *bytes, size_t len)
{
	unsigned char *segment = malloc(len ? len : 1), *at = segment;
	struct http_step_out out;
	enum http_step step;

	memcpy(segment, bytes, len);
	while (!story->ended && (step = http_read(reader, &at, &len, &out)) != HTTP_MORE) {
		tell_step(story, step, &out);
		story->ended = step == HTTP_FAULT;
	}
	require(story->ended || len == 0);
	free(segment);
}

static struct story read_all(const uint8_t *bytes, size_t len, const uint8_t *pieces)
{
	struct story story = { 0 };
	struct http_reader reader;
	size_t taken = 0;

	story.stream = open_memstream(&story.text, &story.size);
	http_reader_init(&reader, &limits);
	for (size_t turn = 0; taken < len && !story.ended; turn++) {
		size_t piece = pieces ? pieces[turn % CUTS] : len;

		/* A piece of no bytes comes, too, but not for ever. */
		if (piece == 0 && turn % CUTS == 0)
			piece = 1;
		if (piece > len - taken)
			piece = len - taken;
		feed(&story, &reader, bytes + taken, piece);
		taken += piece;
	}
	fprintf(story.stream, "%d", story.ended || http_reader_idle(&reader));
	fclose(story.stream);
	http_reader_clear(&reader);
	return story;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const uint8_t single[CUTS] = { 1, 1, 1, 1 };
	struct story whole, cut;

	if (size < CUTS)
		return 0;
	whole = read_all(data + CUTS, size - CUTS, NULL);
	cut = read_all(data + CUTS, size - CUTS, data[0] % 8 ? data : single);
	require(whole.size == cut.size && memcmp(whole.text, cut.text, whole.size) == 0);
	free(whole.text);
	free(cut.text);
	return 0;
}
