/* Answers, byte by byte. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "bridge/net/http/http_answer.h"

static const struct http_manner keep = { .keep_alive = true };
static const struct http_manner last = { .keep_alive = false };

static void assert_written(const struct http_answer *answer, struct http_manner manner,
			   const char *expected)
{
	struct http_output output = { 0 };

	assert_true(http_answer_write(&output, answer, manner));
	assert_int_equal(output.len, strlen(expected));
	assert_memory_equal(output.data, expected, output.len);
	http_output_clear(&output);
}

static const struct http_answer json = {
	.status = 200,
	.type = { "application/json", 16 },
	.body = { "{\"id\":7}", 8 },
};

static void a_small_answer(void **state)
{
	(void)state;
	assert_written(&json, keep,
		       "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
		       "Content-Length: 8\r\n\r\n{\"id\":7}");
	assert_written(&json, last,
		       "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
		       "Content-Length: 8\r\nConnection: close\r\n\r\n{\"id\":7}");
}

static void an_old_client_is_told_that_the_connection_goes_on(void **state)
{
	(void)state;
	assert_written(&json, (struct http_manner){ .keep_alive = true, .old = true },
		       "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
		       "Content-Length: 8\r\nConnection: keep-alive\r\n\r\n{\"id\":7}");
}

static void head_has_the_length_and_no_body(void **state)
{
	(void)state;
	assert_written(&json, (struct http_manner){ .keep_alive = true, .head = true },
		       "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
		       "Content-Length: 8\r\n\r\n");
}

static void an_answer_without_a_body_says_so(void **state)
{
	(void)state;
	assert_written(&(struct http_answer){ .status = 404 }, keep,
		       "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n");
}

static void some_have_no_body_by_their_number(void **state)
{
	struct http_answer answer = json;

	(void)state;
	answer.type = (struct slice){ NULL, 0 };
	answer.status = 204;
	assert_written(&answer, keep, "HTTP/1.1 204 No Content\r\n\r\n");
	answer.status = 304;
	assert_written(&answer, keep, "HTTP/1.1 304 Not Modified\r\n\r\n");
	answer.status = 101;
	assert_written(&answer, keep,
		       "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n"
		       "Connection: Upgrade\r\n\r\n");
}

static void who_is_to_speak_websocket_is_told_so(void **state)
{
	struct http_answer answer = { .status = 426 };

	(void)state;
	assert_written(&answer, last,
		       "HTTP/1.1 426 Upgrade Required\r\nContent-Length: 0\r\n"
		       "Upgrade: websocket\r\nConnection: Upgrade\r\nConnection: close\r\n\r\n");
}

static void a_refused_method_names_the_others(void **state)
{
	struct http_answer answer = http_answer_text(405, SLICE("not this way\n"));

	(void)state;
	answer.allow = SLICE("GET, HEAD");
	assert_written(&answer, keep,
		       "HTTP/1.1 405 Method Not Allowed\r\n"
		       "Content-Type: text/plain; charset=utf-8\r\nContent-Length: 13\r\n"
		       "Allow: GET, HEAD\r\n\r\nnot this way\n");
}

static void a_date_and_a_while_to_wait(void **state)
{
	struct http_answer answer = { .status = 503, .retry_after_s = 10 };

	(void)state;
	answer.date = SLICE("Sun, 06 Nov 1994 08:49:37 GMT");
	assert_written(&answer, last,
		       "HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\n"
		       "Connection: close\r\nDate: Sun, 06 Nov 1994 08:49:37 GMT\r\n"
		       "Retry-After: 10\r\n\r\n");
}

static void what_is_no_last_word_has_no_date(void **state)
{
	struct http_answer answer = { .status = 101 };

	(void)state;
	answer.date = SLICE("Sun, 06 Nov 1994 08:49:37 GMT");
	assert_written(&answer, keep,
		       "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n"
		       "Connection: Upgrade\r\n\r\n");
}

static void a_page_of_another_origin(void **state)
{
	struct http_cors cors = { .origin = SLICE("https://b.example") };
	struct http_answer answer = { .status = 204, .cors = &cors };

	(void)state;
	assert_written(&answer, keep,
		       "HTTP/1.1 204 No Content\r\n"
		       "Access-Control-Allow-Origin: https://b.example\r\nVary: Origin\r\n\r\n");
	cors.credentials = true;
	cors.methods = SLICE("GET, POST");
	cors.headers = SLICE("authorization, client-id");
	cors.exposed = SLICE("Link");
	cors.max_age_s = 4294967295;
	assert_written(&answer, keep,
		       "HTTP/1.1 204 No Content\r\n"
		       "Access-Control-Allow-Origin: https://b.example\r\nVary: Origin\r\n"
		       "Access-Control-Allow-Credentials: true\r\n"
		       "Access-Control-Allow-Methods: GET, POST\r\n"
		       "Access-Control-Allow-Headers: authorization, client-id\r\n"
		       "Access-Control-Expose-Headers: Link\r\n"
		       "Access-Control-Max-Age: 4294967295\r\n\r\n");
}

static void more_headers(void **state)
{
	static const struct http_header more[] = {
		{ { "Link", 4 }, { "<x>; rel=\"next\"", 15 } },
		{ { "ETag", 4 }, { "\"1\"", 3 } },
	};
	struct http_answer answer = { .status = 200, .headers = more, .header_count = 2 };

	(void)state;
	assert_written(&answer, keep,
		       "HTTP/1.1 200 OK\r\nContent-Length: 0\r\nLink: <x>; rel=\"next\"\r\n"
		       "ETag: \"1\"\r\n\r\n");
}

/* Each alone is left out, and told. */
static void nothing_is_smuggled_into_a_head(void **state)
{
	static const struct http_header bad[] = {
		{ { "X", 1 }, { "a\r\nSet-Cookie: b", 16 } },
		{ { "X", 1 }, { "a\nb", 3 } },
		{ { "X", 1 }, { "a\0b", 3 } },
		{ { "X\r\nY", 4 }, { "a", 1 } },
		{ { "X Y", 3 }, { "a", 1 } },
		{ { "X:", 2 }, { "a", 1 } },
		{ { "", 0 }, { "a", 1 } },
		{ { "content-length", 14 }, { "5", 1 } },
		{ { "Transfer-Encoding", 17 }, { "chunked", 7 } },
		{ { "CONNECTION", 10 }, { "close", 5 } },
	};
	static const char expected[] = "HTTP/1.1 204 No Content\r\n\r\n";

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct http_answer answer = { .status = 204,
					      .headers = &bad[i],
					      .header_count = 1 };
		struct http_output output = { 0 };

		assert_false(http_answer_write(&output, &answer, keep));
		assert_int_equal(output.len, sizeof(expected) - 1);
		assert_memory_equal(output.data, expected, output.len);
		http_output_clear(&output);
	}
}

static void no_value_breaks_a_line(void **state)
{
	struct slice bad = SLICE("a\r\nX: b");
	struct http_cors cors = { .origin = bad, .methods = bad, .headers = bad, .exposed = bad };
	struct http_answer answer = {
		.status = 200, .type = bad, .allow = bad, .date = bad, .cors = &cors
	};
	struct http_output output = { 0 };

	(void)state;
	assert_false(http_answer_write(&output, &answer, keep));
	assert_null(memmem(output.data, output.len, "X: b", 4));
	http_output_clear(&output);
}

static void answers_follow_each_other(void **state)
{
	static char large[5000];
	struct http_answer answer = { .status = 200, .body = { large, sizeof(large) } };
	struct http_output output = { 0 };

	(void)state;
	memset(large, 'x', sizeof(large));
	http_answer_continue(&output);
	assert_true(http_answer_write(&output, &answer, keep));
	assert_true(http_answer_write(&output, &(struct http_answer){ .status = 299 }, last));
	assert_memory_equal(output.data, "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\n", 42);
	assert_non_null(memmem(output.data, output.len, "xHTTP/1.1 299 \r\n", 16));
	http_output_clear(&output);
}

static void every_status_has_a_phrase(void **state)
{
	static const unsigned sent[] = { 100, 101, 200, 204, 304, 400, 401, 403, 404, 405, 408,
					 413, 414, 417, 426, 429, 431, 500, 501, 503, 504, 505 };

	(void)state;
	for (size_t i = 0; i < sizeof(sent) / sizeof(sent[0]); i++)
		assert_true(http_phrase(sent[i]).len > 1);
	assert_true(slice_is(http_phrase(404), "Not Found"));
	assert_true(slice_is(http_phrase(299), ""));
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_small_answer),
		cmocka_unit_test(an_old_client_is_told_that_the_connection_goes_on),
		cmocka_unit_test(head_has_the_length_and_no_body),
		cmocka_unit_test(an_answer_without_a_body_says_so),
		cmocka_unit_test(some_have_no_body_by_their_number),
		cmocka_unit_test(who_is_to_speak_websocket_is_told_so),
		cmocka_unit_test(a_refused_method_names_the_others),
		cmocka_unit_test(a_date_and_a_while_to_wait),
		cmocka_unit_test(what_is_no_last_word_has_no_date),
		cmocka_unit_test(a_page_of_another_origin),
		cmocka_unit_test(more_headers),
		cmocka_unit_test(nothing_is_smuggled_into_a_head),
		cmocka_unit_test(no_value_breaks_a_line),
		cmocka_unit_test(answers_follow_each_other),
		cmocka_unit_test(every_status_has_a_phrase),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
