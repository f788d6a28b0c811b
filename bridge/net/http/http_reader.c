#include "bridge/net/http/http_reader.h"

#include <stdlib.h>

#include "bridge/net/http/http_chars.h"
#include "bridge/net/http/http_head.h"
#include "codecs/text/memory.h"

HTTP_FAULT_OF(no_http, 400, "this is no HTTP request");
HTTP_FAULT_OF(bad_line_end, 400, "a line ends without CR LF");
HTTP_FAULT_OF(empty_lines, 400, "too many empty lines before a request");
HTTP_FAULT_OF(line_too_long, 414, "the request line is too long");
HTTP_FAULT_OF(head_too_long, 431, "the head of the request is too long");
HTTP_FAULT_OF(body_too_long, 413, "the body is too long");

#define GATHERED_MIN 512

enum { START, START_LF, IN_HEAD, LENGTH, CHUNKS, DONE, BROKEN };

void http_reader_init(struct http_reader *reader, const struct http_limits *limits)
{
	*reader = (struct http_reader){ .limits = limits, .state = START };
}

static void drop_head(struct http_reader *reader)
{
	free(reader->gathered);
	reader->gathered = NULL;
	reader->gathered_len = reader->gathered_size = 0;
}

void http_reader_clear(struct http_reader *reader)
{
	drop_head(reader);
}

bool http_reader_idle(const struct http_reader *reader)
{
	return reader->state == START || reader->state == START_LF;
}

static enum http_step fail(struct http_reader *reader, const struct http_fault *fault,
			   struct http_step_out *out)
{
	reader->state = BROKEN;
	reader->fault = out->fault = fault;
	return HTTP_FAULT;
}

static void take(unsigned char **bytes, size_t *len, size_t taken)
{
	*bytes += taken;
	*len -= taken;
}

/* Up to the first byte of a request. */
static const struct http_fault *skip_lines(struct http_reader *reader, unsigned char **bytes,
					   size_t *len)
{
	while (*len > 0 && http_reader_idle(reader)) {
		char byte = (char)**bytes;

		if (reader->state == START_LF) {
			if (byte != '\n')
				return &bad_line_end;
			if (++reader->empty_lines > HTTP_EMPTY_LINES_MAX)
				return &empty_lines;
			reader->state = START;
		} else if (byte == '\r') {
			reader->state = START_LF;
		} else {
			reader->state = IN_HEAD;
			return http_is(byte, HTTP_TOKEN) ? NULL : &no_http;
		}
		take(bytes, len, 1);
	}
	return NULL;
}

/* Looks at the lines of a head of which `len` bytes are here, but for those looked at before. *end:
 * its length once its empty line is here, else 0. */
static const struct http_fault *find_end(struct http_reader *reader, struct http_request *request,
					 const char *head, size_t len, size_t *end)
{
	const struct http_fault *fault = NULL;
	const char *found;

	while (*end == 0 && !fault && reader->scanned < len &&
	       (found = memchr(head + reader->scanned, '\n', len - reader->scanned))) {
		size_t line = reader->line, at = (size_t)(found - head);

		if (at == line || found[-1] != '\r')
			return &bad_line_end;
		if (line == 0)
			fault = http_head_line(request, head, at - 1);
		else if (at == line + 1)
			*end = at + 1;
		reader->line = reader->scanned = (uint32_t)at + 1;
	}
	if (*end == 0 && !fault)
		reader->scanned = (uint32_t)len;
	return fault;
}

/* A whole head: `end` bytes. first: of its first line, which was read already. */
static enum http_step tell_head(struct http_reader *reader, const char *head, size_t end,
				struct http_step_out *out)
{
	struct http_request *request = &out->request;
	size_t first = (size_t)((const char *)memchr(head, '\n', end) - head) + 1;
	const struct http_fault *fault =
	    http_head_fields(request, head + first, end - first, reader->limits->headers_max);

	if (fault)
		return fail(reader, fault, out);
	if (request->length > reader->limits->body_max)
		return fail(reader, &body_too_long, out);
	request->head = slice_span(head, end);
	reader->left = request->length;
	reader->state = request->chunked ? CHUNKS : reader->left > 0 ? LENGTH : DONE;
	if (request->chunked)
		http_chunked_init(&reader->chunked, reader->limits->body_max,
				  reader->limits->head_max, reader->limits->headers_max);
	return HTTP_HEAD;
}

static void gather(struct http_reader *reader, const unsigned char *bytes, size_t len)
{
	size_t needed = reader->gathered_len + len;

	if (needed > reader->gathered_size) {
		size_t size = reader->gathered_size ? reader->gathered_size : GATHERED_MIN;

		while (size < needed)
			size *= 2;
		reader->gathered = memory_resize(reader->gathered, size);
		reader->gathered_size = (uint32_t)size;
	}
	memcpy(reader->gathered + reader->gathered_len, bytes, len);
	reader->gathered_len += (uint32_t)len;
}

static enum http_step want_more(struct http_reader *reader, size_t have, struct http_step_out *out)
{
	if (have < reader->limits->head_max)
		return HTTP_MORE;
	return fail(reader, reader->line ? &head_too_long : &line_too_long, out);
}

/* The head lies in the segment, or its first bytes do. */
static enum http_step read_here(struct http_reader *reader, unsigned char **bytes, size_t *len,
				struct http_step_out *out)
{
	const char *head = (const char *)*bytes;
	size_t have = *len < reader->limits->head_max ? *len : reader->limits->head_max, end = 0;
	const struct http_fault *fault = find_end(reader, &out->request, head, have, &end);

	if (fault)
		return fail(reader, fault, out);
	if (end == 0) {
		gather(reader, *bytes, have);
		take(bytes, len, have);
		return want_more(reader, have, out);
	}
	take(bytes, len, end);
	return tell_head(reader, head, end, out);
}

/* Its first bytes were in segments before this one. */
static enum http_step read_gathered(struct http_reader *reader, unsigned char **bytes, size_t *len,
				    struct http_step_out *out)
{
	size_t before = reader->gathered_len, room = reader->limits->head_max - before, end = 0;
	size_t more = *len < room ? *len : room;
	const struct http_fault *fault;

	gather(reader, *bytes, more);
	fault = find_end(reader, &out->request, reader->gathered, before + more, &end);
	if (fault)
		return fail(reader, fault, out);
	take(bytes, len, end ? end - before : more);
	if (end == 0)
		return want_more(reader, before + more, out);
	/* Its first line was read in another place. */
	(void)http_head_line(
	    &out->request, reader->gathered,
	    (size_t)((char *)memchr(reader->gathered, '\n', end) - reader->gathered) - 1);
	return tell_head(reader, reader->gathered, end, out);
}

static enum http_step read_head(struct http_reader *reader, unsigned char **bytes, size_t *len,
				struct http_step_out *out)
{
	const struct http_fault *fault;

	if (http_reader_idle(reader))
		drop_head(reader);
	fault = skip_lines(reader, bytes, len);
	if (fault)
		return fail(reader, fault, out);
	if (*len == 0)
		return HTTP_MORE;
	if (reader->gathered)
		return read_gathered(reader, bytes, len, out);
	return read_here(reader, bytes, len, out);
}

static enum http_step read_length(struct http_reader *reader, unsigned char **bytes, size_t *len,
				  struct http_step_out *out)
{
	size_t most = reader->left < *len ? (size_t)reader->left : *len;

	drop_head(reader);
	if (most == 0)
		return HTTP_MORE;
	out->body = slice_span((const char *)*bytes, most);
	take(bytes, len, most);
	reader->left -= most;
	if (reader->left == 0)
		reader->state = DONE;
	return HTTP_BODY;
}

static enum http_step end_request(struct http_reader *reader)
{
	reader->state = START;
	reader->line = reader->scanned = 0;
	reader->empty_lines = 0;
	return HTTP_END;
}

static enum http_step read_chunks(struct http_reader *reader, unsigned char **bytes, size_t *len,
				  struct http_step_out *out)
{
	const char *at = (const char *)*bytes;
	const struct http_fault *fault;
	enum http_chunk_step step;
	size_t before = *len;

	drop_head(reader);
	step = http_chunked_read(&reader->chunked, &at, len, &out->body, &fault);
	*bytes += before - *len;
	switch (step) {
	case HTTP_CHUNK_BYTES: return HTTP_BODY;
	case HTTP_CHUNK_END: return end_request(reader);
	case HTTP_CHUNK_FAULT: return fail(reader, fault, out);
	default: return HTTP_MORE;
	}
}

enum http_step http_read(struct http_reader *reader, unsigned char **bytes, size_t *len,
			 struct http_step_out *out)
{
	switch (reader->state) {
	case LENGTH: return read_length(reader, bytes, len, out);
	case CHUNKS: return read_chunks(reader, bytes, len, out);
	case DONE: return end_request(reader);
	case BROKEN: return fail(reader, reader->fault, out);
	default: break;
	}
	return read_head(reader, bytes, len, out);
}
