/* The table of requests, however their bytes are cut. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bridge/net/http/http_reader.h"
#include "codecs/text/memory.h"
#include "tests/support/http_cases.h"
#include "tests/support/http_peer.h"

#define CASES          "tests/bridge/net/http/cases.txt"
#define CUT_EVERYWHERE 1200 /* bytes; longer ones are cut at some places only */
#define BODY_SHOWN     40

/* What was read, as the table writes it. */
struct story {
	struct http_reader reader;
	char *text;
	size_t size;
	FILE *stream;
	char *body;
	size_t body_len;
	bool ended; /* by a fault */
};

static void story_init(struct story *story)
{
	*story = (struct story){ 0 };
	http_reader_init(&story->reader, &http_limits_usual);
	story->stream = open_memstream(&story->text, &story->size);
	assert_non_null(story->stream);
}

static void tell_text(struct story *story, const char *before, struct slice text)
{
	char *escaped = http_cases_escape(text.data, text.len);

	fprintf(story->stream, "%s%s", before, escaped);
	free(escaped);
}

static void tell_head(struct story *story, const struct http_request *request)
{
	struct slice method = http_method_text(request->method);

	if (request->method == METHOD_OTHER)
		fprintf(story->stream, "(%.*s)", (int)request->method_text.len,
			request->method_text.data);
	else
		fprintf(story->stream, "%.*s", (int)method.len, method.data);
	tell_text(story, " ", request->path);
	if (request->query.data)
		tell_text(story, request->query.len ? " ? " : " ?", request->query);
	tell_text(story, " host=", request->host);
	fputs(request->keep_alive ? " keep" : " close", story->stream);
	fputs(request->old ? " 1.0" : "", story->stream);
	fputs(request->chunked ? " chunked" : "", story->stream);
	if (request->length > 0)
		fprintf(story->stream, " length=%llu", (unsigned long long)request->length);
	fputs(request->expect_continue ? " continue" : "", story->stream);
	fputs(request->upgrade ? " upgrade" : "", story->stream);
	fputs(request->websocket ? " websocket" : "", story->stream);
	fputc('\n', story->stream);
}

static void tell_body(struct story *story)
{
	if (story->body_len > 0) {
		fprintf(story->stream, "body %zu", story->body_len);
		if (story->body_len <= BODY_SHOWN)
			tell_text(story, " ", slice_span(story->body, story->body_len));
		fputc('\n', story->stream);
	}
	free(story->body);
	story->body = NULL;
	story->body_len = 0;
}

static void tell_step(struct story *story, enum http_step step, const struct http_step_out *out)
{
	switch (step) {
	case HTTP_HEAD: tell_head(story, &out->request); return;
	case HTTP_BODY:
		assert_true(out->body.len > 0);
		story->body = memory_resize(story->body, story->body_len + out->body.len);
		memcpy(story->body + story->body_len, out->body.data, out->body.len);
		story->body_len += out->body.len;
		return;
	default: break;
	}
	tell_body(story);
	if (step == HTTP_END)
		fputs("end\n", story->stream);
	else
		fprintf(story->stream, "fault %u\n", out->fault->status);
}

/* One segment, in memory of its own, so that a look beyond it is seen; and gone afterwards. */
static void feed(struct story *story, const unsigned char *bytes, size_t len)
{
	unsigned char *segment = memory_new(len), *at = segment;
	struct http_step_out *out = memory_new(sizeof(*out));
	enum http_step step;

	memcpy(segment, bytes, len);
	while (!story->ended && (step = http_read(&story->reader, &at, &len, out)) != HTTP_MORE) {
		tell_step(story, step, out);
		story->ended = step == HTTP_FAULT;
	}
	if (!story->ended)
		assert_int_equal(len, 0);
	else
		assert_int_equal(http_read(&story->reader, &at, &len, out), HTTP_FAULT);
	free(out);
	free(segment);
}

static void assert_story(struct story *story, const struct http_case *one, const char *cut)
{
	tell_body(story);
	if (!story->ended && !http_reader_idle(&story->reader))
		fputs("more\n", story->stream);
	fclose(story->stream);
	if (strcmp(story->text, one->steps) != 0)
		fail_msg("%s, %s:\n%s... is to be\n%s", one->name, cut, story->text, one->steps);
	http_reader_clear(&story->reader);
	free(story->text);
}

static void read_in_two(const struct http_case *one, size_t at)
{
	struct story story;
	char cut[32];

	snprintf(cut, sizeof(cut), "cut at %zu", at);
	story_init(&story);
	feed(&story, one->bytes, at);
	feed(&story, one->bytes + at, one->len - at);
	assert_story(&story, one, cut);
}

static void read_in_pieces(const struct http_case *one, size_t size, const char *cut)
{
	struct story story;

	story_init(&story);
	for (size_t at = 0; at < one->len; at += size)
		feed(&story, one->bytes + at, one->len - at < size ? one->len - at : size);
	assert_story(&story, one, cut);
}

static void every_case_is_read_the_same_however_it_is_cut(void **state)
{
	struct http_cases table = http_cases_open(CASES);

	(void)state;
	assert_true(table.count >= 80);
	for (size_t i = 0; i < table.count; i++) {
		const struct http_case *one = &table.cases[i];
		size_t step = one->len > CUT_EVERYWHERE ? one->len / 97 : 1;

		read_in_pieces(one, one->len, "whole");
		read_in_pieces(one, 1, "byte by byte");
		read_in_pieces(one, 2, "two by two");
		read_in_pieces(one, 1460, "in packets");
		for (size_t at = 1; at < one->len; at += step)
			read_in_two(one, at);
	}
	http_cases_close(&table);
}

static enum http_step read_text(struct http_reader *reader, const char *text, size_t *left,
				struct http_step_out *out)
{
	unsigned char *at = (unsigned char *)(uintptr_t)text;

	*left = strlen(text);
	return http_read(reader, &at, left, out);
}

static void headers_are_found_whatever_their_case(void **state)
{
	static const char text[] = "GET / HTTP/1.1\r\nHost: a\r\nX-Forwarded-For: 1, 2\r\n"
				   "x-ONE:  b c \r\nX-FORWARDED-FOR: 3\r\nEmpty:\r\n\r\n";
	struct http_reader reader;
	struct http_step_out out;
	struct slice value;
	size_t left, at = 0;

	(void)state;
	http_reader_init(&reader, &http_limits_usual);
	assert_int_equal(read_text(&reader, text, &left, &out), HTTP_HEAD);
	assert_true(slice_is(http_header(&out.request, "x-one"), "b c"));
	assert_true(slice_is(http_header(&out.request, "x-forwarded-for"), "1, 2"));
	assert_non_null(http_header(&out.request, "empty").data);
	assert_null(http_header(&out.request, "x-on").data);
	assert_null(http_header(&out.request, "x-one-").data);
	assert_int_equal(http_header_times(&out.request, "x-forwarded-for"), 2);
	assert_int_equal(http_header_times(&out.request, "host"), 1);
	assert_int_equal(http_header_times(&out.request, "cookie"), 0);
	assert_true(http_header_next(&out.request, "x-forwarded-for", &at, &value));
	assert_true(http_header_next(&out.request, "x-forwarded-for", &at, &value));
	assert_true(slice_is(value, "3"));
	assert_false(http_header_next(&out.request, "x-forwarded-for", &at, &value));
	http_reader_clear(&reader);
}

static void a_whole_head_is_not_copied(void **state)
{
	static const char text[] = "GET /a HTTP/1.1\r\nHost: a\r\n\r\n";
	struct http_reader reader;
	struct http_step_out out;
	size_t left;

	(void)state;
	http_reader_init(&reader, &http_limits_usual);
	assert_int_equal(read_text(&reader, text, &left, &out), HTTP_HEAD);
	assert_ptr_equal(out.request.path.data, text + 4);
	assert_ptr_equal(out.request.head.data, text);
	assert_int_equal(out.request.head.len, sizeof(text) - 1);
	assert_null(reader.gathered);
	http_reader_clear(&reader);
}

static void what_follows_a_request_stays_with_the_caller(void **state)
{
	static const char text[] = "GET /a HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\n"
				   "Upgrade: websocket\r\n\r\n\x81\x80zzzz";
	struct http_reader reader;
	struct http_step_out out;
	unsigned char *at = (unsigned char *)(uintptr_t)text;
	size_t left = sizeof(text) - 1;

	(void)state;
	http_reader_init(&reader, &http_limits_usual);
	assert_int_equal(http_read(&reader, &at, &left, &out), HTTP_HEAD);
	assert_int_equal(http_read(&reader, &at, &left, &out), HTTP_END);
	assert_int_equal(left, 6);
	assert_true(at[0] == 0x81);
	http_reader_clear(&reader);
}

static void a_copy_outlives_its_segment(void **state)
{
	char text[] = "GET http://b?q HTTP/1.1\r\nHost: a\r\nX: y\r\n\r\n", bytes[sizeof(text)];
	struct http_reader reader;
	struct http_step_out out;
	struct http_request copy;
	size_t left;

	(void)state;
	http_reader_init(&reader, &http_limits_usual);
	assert_int_equal(read_text(&reader, text, &left, &out), HTTP_HEAD);
	http_request_copy(&copy, &out.request, bytes);
	memset(text, '#', sizeof(text));
	memset(&out, '#', sizeof(out));
	assert_true(slice_is(copy.path, "/"));
	assert_true(slice_is(copy.query, "q"));
	assert_true(slice_is(copy.host, "b"));
	assert_true(slice_is(copy.method_text, "GET"));
	assert_true(slice_is(http_header(&copy, "x"), "y"));
	http_reader_clear(&reader);
}

static void every_fault_is_told_in_a_sentence(void **state)
{
	struct http_cases table = http_cases_open(CASES);

	(void)state;
	for (size_t i = 0; i < table.count; i++) {
		unsigned char *at = table.cases[i].bytes;
		size_t len = table.cases[i].len;
		struct http_reader reader;
		struct http_step_out out;
		enum http_step step;

		http_reader_init(&reader, &http_limits_usual);
		while ((step = http_read(&reader, &at, &len, &out)) != HTTP_MORE &&
		       step != HTTP_FAULT)
			;
		if (step == HTTP_FAULT) {
			assert_true(out.fault->why.len > 10);
			assert_true(memchr(out.fault->why.data, '\n', out.fault->why.len) ==
				    out.fault->why.data + out.fault->why.len - 1);
		}
		http_reader_clear(&reader);
	}
	http_cases_close(&table);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_case_is_read_the_same_however_it_is_cut),
		cmocka_unit_test(headers_are_found_whatever_their_case),
		cmocka_unit_test(a_whole_head_is_not_copied),
		cmocka_unit_test(what_follows_a_request_stays_with_the_caller),
		cmocka_unit_test(a_copy_outlives_its_segment),
		cmocka_unit_test(every_fault_is_told_in_a_sentence),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
