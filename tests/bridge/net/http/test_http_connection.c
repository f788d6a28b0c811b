/* A keep-alive connection: what is asked, what is answered, in which order and when. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bridge/net/http/http_connection.h"
#include "codecs/text/memory.h"
#include "tests/support/http_cases.h"

#define CASES     "tests/bridge/net/http/cases.txt"
#define GET(path) "GET " path " HTTP/1.1\r\nHost: a\r\n\r\n"
#define OK(path)  "HTTP/1.1 200 OK\r\nContent-Length: " path "\r\n\r\n"

enum mode { AT_ONCE, LATER, NOBODY };

/* Both sides of a connection. */
struct fixture {
	struct http_connection connection;
	struct http_settings settings;
	enum mode mode;
	uint64_t now;
	struct http_output sent, seen; /* what was written; "METHOD PATH BODY|" of each request */
	uint32_t tickets[64], gone[64];
	size_t calls, gones;
	uint32_t known;
	bool upgrade, ended, paused, worded;
	unsigned wakes, pauses;
	char *rest;
	size_t rest_len;
};

static uint32_t methods(void *user, const struct http_request *request)
{
	const struct fixture *fixture = user;

	return slice_is(request->path, "/none") ? 0 : fixture->known;
}

static void reply(struct fixture *fixture, uint32_t ticket, const char *body)
{
	struct http_answer answer = { .status = 200, .body = slice_of(body) };

	assert_int_equal(http_reply(&fixture->connection, ticket, &answer, fixture->now),
			 HTTP_REPLIED);
}

static bool handle(void *user, const struct http_call *call)
{
	struct fixture *fixture = user;
	char path[64];

	assert_ptr_equal(call->connection, &fixture->connection);
	http_output_add(&fixture->seen, call->request->method_text);
	http_output_add(&fixture->seen, SLICE(" "));
	http_output_add(&fixture->seen, call->request->path);
	http_output_add(&fixture->seen, SLICE(" "));
	http_output_add(&fixture->seen, call->body);
	http_output_add(&fixture->seen, SLICE("|"));
	fixture->upgrade = call->upgrade;
	if (fixture->mode == NOBODY)
		return false;
	if (fixture->calls < 64)
		fixture->tickets[fixture->calls++] = call->ticket;
	if (fixture->mode == AT_ONCE) {
		snprintf(path, sizeof(path), "%.*s", (int)(call->request->path.len % 60),
			 call->request->path.data);
		reply(fixture, call->ticket, path);
	}
	return true;
}

static void gone(void *user, uint32_t ticket)
{
	struct fixture *fixture = user;

	fixture->gone[fixture->gones++] = ticket;
}

static void word(void *user, const struct http_request *request, struct http_answer *answer)
{
	struct fixture *fixture = user;

	(void)request;
	if (fixture->worded) {
		answer->type = SLICE("application/json");
		answer->body = SLICE("{}");
	}
}

static void stream_write(void *user, const unsigned char *bytes, size_t len)
{
	struct fixture *fixture = user;

	assert_false(fixture->ended);
	http_output_add(&fixture->sent, slice_span((const char *)bytes, len));
}

static void stream_pause(void *user, bool paused)
{
	struct fixture *fixture = user;

	assert_true(fixture->paused != paused);
	fixture->paused = paused;
	fixture->pauses++;
}

static void stream_wake(void *user)
{
	((struct fixture *)user)->wakes++;
}

static void stream_upgraded(void *user, unsigned char *rest, size_t len)
{
	struct fixture *fixture = user;

	assert_null(fixture->rest);
	fixture->rest = memory_text((char *)rest, len);
	fixture->rest_len = len;
	http_connection_clear(&fixture->connection);
}

/* The worst moment to free it. */
static void stream_end(void *user)
{
	struct fixture *fixture = user;

	assert_false(fixture->ended);
	fixture->ended = true;
	http_connection_clear(&fixture->connection);
}

static const struct http_handler handler = { methods, handle, gone, word };
static const struct http_stream stream = { stream_write, stream_pause, stream_wake, stream_upgraded,
					   stream_end };

static void open_as(struct fixture *fixture, enum mode mode)
{
	*fixture = (struct fixture){ .settings = http_settings_usual,
				     .mode = mode,
				     .now = 1000,
				     .known = UINT32_MAX & ~(UINT32_C(1) << METHOD_OPTIONS) };
	http_connection_init(&fixture->connection, &fixture->settings, &handler, fixture, &stream,
			     fixture, fixture->now);
}

static void close_it(struct fixture *fixture)
{
	http_connection_clear(&fixture->connection);
	http_output_clear(&fixture->sent);
	http_output_clear(&fixture->seen);
	free(fixture->rest);
}

/* Each segment in memory of its own, gone afterwards. */
static void send_bytes(struct fixture *fixture, const void *bytes, size_t len)
{
	unsigned char *segment = memory_new(len);

	memcpy(segment, bytes, len);
	assert_true(http_connection_bytes(&fixture->connection, segment, len, fixture->now));
	free(segment);
}

static void send_text(struct fixture *fixture, const char *text)
{
	send_bytes(fixture, text, strlen(text));
}

static void assert_sent(struct fixture *fixture, const char *expected)
{
	if (fixture->sent.len != strlen(expected) ||
	    (fixture->sent.len && memcmp(fixture->sent.data, expected, fixture->sent.len) != 0))
		fail_msg("sent:\n%.*s\nis to be:\n%s", (int)fixture->sent.len,
			 fixture->sent.data ? fixture->sent.data : "", expected);
	http_output_clear(&fixture->sent);
}

static void assert_seen(struct fixture *fixture, const char *expected)
{
	assert_true(slice_is(slice_span(fixture->seen.data, fixture->seen.len), expected));
	http_output_clear(&fixture->seen);
}

/* Only the statuses that were sent, of bodies without "HTTP/1.1 ". */
static void assert_statuses(struct fixture *fixture, const char *expected)
{
	char found[128] = "";
	const char *at = fixture->sent.data, *end = at + fixture->sent.len;

	while (at && (at = memmem(at, (size_t)(end - at), "HTTP/1.1 ", 9))) {
		strncat(found, at + 9, 4);
		at += 9;
	}
	assert_string_equal(found, expected);
	http_output_clear(&fixture->sent);
}

static void a_request_is_answered_at_once(void **state)
{
	struct fixture fixture;

	(void)state;
	open_as(&fixture, AT_ONCE);
	send_text(&fixture, GET("/a"));
	assert_sent(&fixture, OK("2") "/a");
	send_text(&fixture, GET("/b") GET("/cc"));
	assert_sent(&fixture, OK("2") "/b" OK("3") "/cc");
	assert_seen(&fixture, "GET /a |GET /b |GET /cc |");
	assert_false(fixture.ended);
	close_it(&fixture);
	assert_int_equal(fixture.gones, 0);
}

static void a_body_comes_whole(void **state)
{
	static const char text[] =
	    "POST /a HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello"
	    "POST /b HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
	    "2\r\nhe\r\n3\r\nllo\r\n0\r\n\r\n" GET("/c");

	(void)state;
	for (size_t cut = 1; cut < sizeof(text) - 1; cut++) {
		struct fixture fixture;

		open_as(&fixture, AT_ONCE);
		send_bytes(&fixture, text, cut);
		send_bytes(&fixture, text + cut, sizeof(text) - 1 - cut);
		assert_seen(&fixture, "POST /a hello|POST /b hello|GET /c |");
		assert_sent(&fixture, OK("2") "/a" OK("2") "/b" OK("2") "/c");
		close_it(&fixture);
	}
}

static void answers_leave_in_the_order_of_the_requests(void **state)
{
	struct fixture fixture;

	(void)state;
	open_as(&fixture, LATER);
	send_text(&fixture, GET("/a") GET("/b") GET("/c"));
	assert_int_equal(fixture.calls, 3);
	reply(&fixture, fixture.tickets[2], "third");
	reply(&fixture, fixture.tickets[1], "second");
	assert_sent(&fixture, "");
	reply(&fixture, fixture.tickets[0], "first");
	assert_sent(&fixture, OK("5") "first" OK("6") "second" OK("5") "third");
	close_it(&fixture);
	assert_int_equal(fixture.gones, 0);
}

static void a_ticket_is_answered_once(void **state)
{
	struct fixture fixture;
	struct http_answer answer = { .status = 200 };

	(void)state;
	open_as(&fixture, LATER);
	send_text(&fixture, GET("/a") GET("/b"));
	reply(&fixture, fixture.tickets[1], "b");
	assert_int_equal(http_reply(&fixture.connection, fixture.tickets[1], &answer, 0),
			 HTTP_TOO_LATE);
	reply(&fixture, fixture.tickets[0], "a");
	assert_int_equal(http_reply(&fixture.connection, fixture.tickets[0], &answer, 0),
			 HTTP_TOO_LATE);
	assert_int_equal(http_reply(&fixture.connection, 4711, &answer, 0), HTTP_TOO_LATE);
	assert_statuses(&fixture, "200 200 ");
	close_it(&fixture);
}

static void head_options_and_methods_that_are_not_known(void **state)
{
	struct fixture fixture;

	(void)state;
	open_as(&fixture, AT_ONCE);
	fixture.known = 1 << METHOD_GET | 1 << METHOD_POST;
	send_text(&fixture, "HEAD /abc HTTP/1.1\r\nHost: a\r\n\r\n");
	assert_sent(&fixture, OK("4"));
	assert_seen(&fixture, "HEAD /abc |");
	send_text(&fixture, "OPTIONS /a HTTP/1.1\r\nHost: a\r\n\r\n");
	assert_sent(&fixture, "HTTP/1.1 204 No Content\r\nAllow: GET, HEAD, POST, OPTIONS\r\n\r\n");
	send_text(&fixture, "OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n");
	assert_statuses(&fixture, "204 ");
	send_text(&fixture,
		  "DELETE /a HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\nxx" GET("/b"));
	assert_sent(&fixture, "HTTP/1.1 405 Method Not Allowed\r\n"
			      "Content-Type: text/plain; charset=utf-8\r\nContent-Length: 35\r\n"
			      "Allow: GET, HEAD, POST, OPTIONS\r\n\r\n"
			      "this path does not know the method\n" OK("2") "/b");
	send_text(&fixture, "BREW /a HTTP/1.1\r\nHost: a\r\n\r\n" GET("/none"));
	assert_statuses(&fixture, "501 404 ");
	assert_seen(&fixture, "GET /b |");
	assert_false(fixture.ended);
	close_it(&fixture);
}

static void options_goes_to_a_handler_that_wants_it(void **state)
{
	struct fixture fixture;

	(void)state;
	open_as(&fixture, AT_ONCE);
	fixture.known = 1 << METHOD_GET | 1 << METHOD_OPTIONS;
	send_text(&fixture, "OPTIONS /a HTTP/1.1\r\nHost: a\r\n\r\n");
	assert_seen(&fixture, "OPTIONS /a |");
	close_it(&fixture);
}

static void what_nobody_answers_is_not_found(void **state)
{
	struct fixture fixture;

	(void)state;
	open_as(&fixture, NOBODY);
	send_text(&fixture, GET("/a"));
	assert_sent(&fixture,
		    "HTTP/1.1 404 Not Found\r\nContent-Type: text/plain; charset=utf-8\r\n"
		    "Content-Length: 31\r\n\r\nnothing is served at this path\n");
	fixture.worded = true;
	send_text(&fixture, GET("/a"));
	assert_sent(&fixture, "HTTP/1.1 404 Not Found\r\nContent-Type: application/json\r\n"
			      "Content-Length: 2\r\n\r\n{}");
	close_it(&fixture);
}

#define EXPECT   "POST /a HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n"
#define CONTINUE "HTTP/1.1 100 Continue\r\n\r\n"

static void a_client_that_waits_is_told_once_to_go_on(void **state)
{
	struct fixture fixture;

	(void)state;
	open_as(&fixture, AT_ONCE);
	send_text(&fixture, EXPECT);
	assert_sent(&fixture, CONTINUE);
	send_text(&fixture, "h");
	assert_sent(&fixture, "");
	send_text(&fixture, "i");
	assert_sent(&fixture, OK("2") "/a");
	assert_seen(&fixture, "POST /a hi|");
	send_text(&fixture, EXPECT "hi");
	assert_sent(&fixture, CONTINUE OK("2") "/a");
	close_it(&fixture);
}

static void to_go_on_is_said_in_its_turn(void **state)
{
	struct fixture fixture;

	(void)state;
	open_as(&fixture, LATER);
	send_text(&fixture, GET("/1") EXPECT);
	assert_sent(&fixture, "");
	reply(&fixture, fixture.tickets[0], "one");
	assert_sent(&fixture, OK("3") "one" CONTINUE);
	send_text(&fixture, "hi");
	reply(&fixture, fixture.tickets[1], "two");
	assert_sent(&fixture, OK("3") "two");
	/* A client that did not wait needs not be told. */
	send_text(&fixture, GET("/1") EXPECT "hi");
	reply(&fixture, fixture.tickets[2], "");
	assert_sent(&fixture, OK("0"));
	reply(&fixture, fixture.tickets[3], "");
	assert_sent(&fixture, OK("0"));
	close_it(&fixture);
}

static void a_body_that_is_not_wanted_is_not_asked_for(void **state)
{
	struct fixture fixture;

	(void)state;
	open_as(&fixture, AT_ONCE);
	fixture.known = 1 << METHOD_GET;
	send_text(&fixture, EXPECT);
	assert_true(fixture.ended);
	assert_statuses(&fixture, "405 ");
	close_it(&fixture);
	open_as(&fixture, AT_ONCE);
	send_text(&fixture,
		  "POST /a HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\nExpect: x\r\n\r\n");
	assert_true(fixture.ended);
	assert_statuses(&fixture, "417 ");
	close_it(&fixture);
}

static void what_cannot_be_read_is_answered_last(void **state)
{
	struct fixture fixture;

	(void)state;
	open_as(&fixture, LATER);
	send_text(&fixture, GET("/a") "GET / HTTP/1.1\r\n\r\n" GET("/b"));
	assert_sent(&fixture, "");
	assert_int_equal(fixture.calls, 1);
	assert_false(fixture.ended);
	assert_true(fixture.paused);
	send_text(&fixture, GET("/c"));
	reply(&fixture, fixture.tickets[0], "a");
	assert_sent(&fixture,
		    OK("1") "a"
			    "HTTP/1.1 400 Bad Request\r\n"
			    "Content-Type: text/plain; charset=utf-8\r\nContent-Length: 23\r\n"
			    "Connection: close\r\n\r\na request needs a Host\n");
	assert_true(fixture.ended);
	assert_int_equal(fixture.calls, 1);
	close_it(&fixture);
}

static void a_request_that_closes_is_the_last(void **state)
{
	struct fixture fixture;

	(void)state;
	open_as(&fixture, LATER);
	send_text(&fixture, "GET /a HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n" GET("/b"));
	assert_int_equal(fixture.calls, 1);
	reply(&fixture, fixture.tickets[0], "a");
	assert_sent(&fixture, "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nConnection: close\r\n\r\na");
	assert_true(fixture.ended);
	close_it(&fixture);
}

static void http_1_0_stays_only_when_it_asks(void **state)
{
	struct fixture fixture;

	(void)state;
	open_as(&fixture, AT_ONCE);
	send_text(&fixture, "GET /a HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
	assert_sent(&fixture,
		    "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: keep-alive\r\n\r\n/a");
	assert_false(fixture.ended);
	send_text(&fixture, "GET /a HTTP/1.0\r\n\r\n");
	assert_sent(&fixture,
		    "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\n/a");
	assert_true(fixture.ended);
	close_it(&fixture);
}

static void so_many_are_under_way_and_then_reading_pauses(void **state)
{
	struct fixture fixture;
	char all[64 * 40] = "";

	(void)state;
	open_as(&fixture, LATER);
	fixture.settings.under_way_max = 4;
	for (int i = 0; i < 10; i++)
		strcat(all, GET("/a"));
	send_text(&fixture, all);
	assert_int_equal(fixture.calls, 4);
	assert_true(fixture.paused);
	send_text(&fixture, GET("/z"));
	assert_int_equal(fixture.calls, 4);
	reply(&fixture, fixture.tickets[1], "");
	assert_int_equal(fixture.wakes, 0);
	reply(&fixture, fixture.tickets[0], "");
	assert_int_equal(fixture.wakes, 1);
	assert_int_equal(fixture.calls, 4);
	http_connection_tick(&fixture.connection, fixture.now);
	assert_int_equal(fixture.calls, 6);
	for (size_t i = 2; i < fixture.calls; i++) {
		reply(&fixture, fixture.tickets[i], "");
		http_connection_tick(&fixture.connection, fixture.now);
	}
	assert_int_equal(fixture.calls, 11);
	assert_false(fixture.paused);
	assert_true(
	    slice_starts_with(slice_span(fixture.seen.data + fixture.seen.len - 8, 8), "GET /z |"));
	assert_statuses(&fixture, "200 200 200 200 200 200 200 200 200 200 200 ");
	close_it(&fixture);
}

static void what_comes_while_it_pauses_is_bounded(void **state)
{
	struct fixture fixture;
	unsigned char bytes[1000];

	(void)state;
	memset(bytes, 'x', sizeof(bytes));
	open_as(&fixture, LATER);
	fixture.settings.under_way_max = 1;
	fixture.settings.held_max = 2000;
	send_text(&fixture, GET("/a"));
	assert_true(http_connection_bytes(&fixture.connection, bytes, 1000, 0));
	assert_true(http_connection_bytes(&fixture.connection, bytes, 1000, 0));
	assert_false(http_connection_bytes(&fixture.connection, bytes, 1, 0));
	close_it(&fixture);
	assert_int_equal(fixture.gones, 1);
}

static void a_slow_request_is_ended(void **state)
{
	struct fixture fixture;

	(void)state;
	open_as(&fixture, AT_ONCE);
	fixture.now = 5000;
	send_text(&fixture, "POST / HTTP/1.1\r\n");
	assert_int_equal(http_connection_tick(&fixture.connection, 5000), 35000);
	fixture.now = 30000;
	send_text(&fixture, "Host: a\r\nContent-Length: 5\r\n\r\nab");
	assert_int_equal(http_connection_tick(&fixture.connection, 34999), 35000);
	assert_sent(&fixture, "");
	assert_int_equal(http_connection_tick(&fixture.connection, 35000), UINT64_MAX);
	assert_true(fixture.ended);
	assert_statuses(&fixture, "408 ");
	close_it(&fixture);
}

static void a_request_has_its_own_time(void **state)
{
	struct fixture fixture;

	(void)state;
	open_as(&fixture, AT_ONCE);
	for (int i = 0; i < 5; i++) {
		send_text(&fixture, "GET / HTTP/1.1\r\n");
		fixture.now += 20000;
		http_connection_tick(&fixture.connection, fixture.now);
		send_text(&fixture, "Host: a\r\n\r\n");
	}
	assert_statuses(&fixture, "200 200 200 200 200 ");
	close_it(&fixture);
}

static void an_answer_that_does_not_come_is_given(void **state)
{
	struct fixture fixture;
	struct http_answer answer = { .status = 200 };

	(void)state;
	open_as(&fixture, LATER);
	send_text(&fixture, GET("/a") GET("/b"));
	fixture.now = 2000;
	send_text(&fixture, GET("/c"));
	reply(&fixture, fixture.tickets[1], "b");
	assert_int_equal(http_connection_tick(&fixture.connection, 30999), 31000);
	assert_int_equal(http_connection_tick(&fixture.connection, 31000), 32000);
	assert_statuses(&fixture, "504 200 ");
	assert_int_equal(fixture.gones, 1);
	assert_int_equal(fixture.gone[0], fixture.tickets[0]);
	assert_int_equal(http_reply(&fixture.connection, fixture.tickets[0], &answer, 31000),
			 HTTP_TOO_LATE);
	assert_false(fixture.ended);
	fixture.now = 31500;
	reply(&fixture, fixture.tickets[2], "c");
	assert_statuses(&fixture, "200 ");
	close_it(&fixture);
	assert_int_equal(fixture.gones, 1);
}

static void all_answers_that_do_not_come_are_given_together(void **state)
{
	struct fixture fixture;

	(void)state;
	open_as(&fixture, LATER);
	send_text(&fixture, GET("/a") GET("/b") GET("/c"));
	reply(&fixture, fixture.tickets[1], "b");
	http_connection_tick(&fixture.connection, 31000);
	assert_statuses(&fixture, "504 200 504 ");
	assert_int_equal(fixture.gones, 2);
	close_it(&fixture);
}

static void who_says_nothing_is_closed(void **state)
{
	struct fixture fixture;

	(void)state;
	open_as(&fixture, AT_ONCE);
	assert_int_equal(http_connection_tick(&fixture.connection, 1000), 76000);
	fixture.now = 70000;
	send_text(&fixture, GET("/a"));
	assert_int_equal(http_connection_tick(&fixture.connection, 76000), 145000);
	send_text(&fixture, "\r\n");
	assert_int_equal(http_connection_tick(&fixture.connection, 145000), UINT64_MAX);
	assert_true(fixture.ended);
	assert_statuses(&fixture, "200 ");
	close_it(&fixture);
}

static void who_sends_no_more_still_gets_answers(void **state)
{
	struct fixture fixture;

	(void)state;
	open_as(&fixture, LATER);
	send_text(&fixture, GET("/a") "GET /b HT");
	http_connection_eof(&fixture.connection, 1000);
	assert_false(fixture.ended);
	reply(&fixture, fixture.tickets[0], "a");
	assert_true(fixture.ended);
	assert_sent(&fixture, OK("1") "a");
	close_it(&fixture);
}

static void who_sends_no_more_gets_answers_to_what_was_held(void **state)
{
	struct fixture fixture;

	(void)state;
	open_as(&fixture, LATER);
	fixture.settings.under_way_max = 1;
	send_text(&fixture, GET("/a") GET("/b"));
	http_connection_eof(&fixture.connection, 1000);
	reply(&fixture, fixture.tickets[0], "a");
	assert_false(fixture.ended);
	assert_int_equal(fixture.wakes, 1);
	http_connection_tick(&fixture.connection, 1000);
	assert_int_equal(fixture.calls, 2);
	reply(&fixture, fixture.tickets[1], "b");
	assert_true(fixture.ended);
	assert_sent(&fixture, OK("1") "a" OK("1") "b");
	close_it(&fixture);
}

static void a_server_that_closes_answers_what_is_under_way(void **state)
{
	struct fixture fixture;

	(void)state;
	open_as(&fixture, LATER);
	send_text(&fixture, GET("/a"));
	http_connection_drain(&fixture.connection, 1000);
	assert_false(fixture.ended);
	send_text(&fixture, GET("/b"));
	assert_int_equal(fixture.calls, 1);
	reply(&fixture, fixture.tickets[0], "a");
	assert_sent(&fixture,
		    OK("1") "a"
			    "HTTP/1.1 503 Service Unavailable\r\n"
			    "Content-Type: text/plain; charset=utf-8\r\nContent-Length: 22\r\n"
			    "Connection: close\r\nRetry-After: 5\r\n\r\nthe server is closing\n");
	assert_true(fixture.ended);
	close_it(&fixture);
}

static void a_server_that_closes_ends_what_is_idle(void **state)
{
	struct fixture fixture;

	(void)state;
	open_as(&fixture, LATER);
	http_connection_drain(&fixture.connection, 1000);
	assert_true(fixture.ended);
	close_it(&fixture);
	open_as(&fixture, LATER);
	send_text(&fixture, "GET / HT");
	http_connection_drain(&fixture.connection, 1000);
	assert_false(fixture.ended);
	send_text(&fixture,
		  "TP/1.1\r\nHost: a\r\nContent-Length: 1\r\nExpect: 100-continue\r\n\r\n");
	assert_true(fixture.ended);
	assert_statuses(&fixture, "503 ");
	close_it(&fixture);
}

static void what_is_under_way_is_told_when_the_connection_goes(void **state)
{
	struct fixture fixture;

	(void)state;
	open_as(&fixture, LATER);
	send_text(&fixture, GET("/a") GET("/b") GET("/c") "POST / HTTP/1.1\r\nHost: a\r\n"
							  "Content-Length: 9\r\n\r\nabc");
	reply(&fixture, fixture.tickets[1], "b");
	close_it(&fixture);
	assert_int_equal(fixture.gones, 2);
	assert_int_equal(fixture.gone[0], fixture.tickets[0]);
	assert_int_equal(fixture.gone[1], fixture.tickets[2]);
}

#define WEBSOCKET                                                                                  \
	"GET /chat HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n"
#define SWITCHED                                                                                   \
	"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n"

static void a_websocket_may_wait(void **state)
{
	struct http_answer switched = { .status = 101 };
	struct fixture fixture;

	(void)state;
	open_as(&fixture, LATER);
	send_text(&fixture, GET("/a") WEBSOCKET "\x81\x80");
	assert_true(fixture.upgrade);
	assert_true(fixture.paused);
	send_text(&fixture, "zzzz");
	assert_int_equal(http_reply(&fixture.connection, fixture.tickets[1], &switched, 1000),
			 HTTP_REPLIED);
	assert_null(fixture.rest);
	reply(&fixture, fixture.tickets[0], "a");
	assert_sent(&fixture, OK("1") "a" SWITCHED);
	assert_int_equal(fixture.rest_len, 6);
	assert_memory_equal(fixture.rest, "\x81\x80zzzz", 6);
	assert_false(fixture.ended);
	close_it(&fixture);
}

static bool switch_at_once(void *user, const struct http_call *call)
{
	struct http_answer switched = { .status = 101 };

	(void)user;
	return http_reply(call->connection, call->ticket, &switched, 0) == HTTP_REPLIED;
}

static void a_websocket_at_once(void **state)
{
	static const struct http_handler at_once = { methods, switch_at_once, gone, NULL };
	struct fixture fixture;

	(void)state;
	open_as(&fixture, LATER);
	fixture.connection.handler = &at_once;
	send_text(&fixture, WEBSOCKET "abc");
	assert_sent(&fixture, SWITCHED);
	assert_int_equal(fixture.rest_len, 3);
	assert_string_equal(fixture.rest, "abc");
	close_it(&fixture);
}

static void a_refused_websocket_closes(void **state)
{
	struct http_answer refused = { .status = 403 };
	struct fixture fixture;

	(void)state;
	open_as(&fixture, LATER);
	send_text(&fixture, WEBSOCKET GET("/x"));
	assert_int_equal(http_reply(&fixture.connection, fixture.tickets[0], &refused, 1000),
			 HTTP_REPLIED);
	assert_sent(&fixture,
		    "HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
	assert_true(fixture.ended);
	assert_int_equal(fixture.calls, 1);
	close_it(&fixture);
}

static void not_everything_may_become_a_websocket(void **state)
{
	static const char *const requests[] = {
		"POST / HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n",
		"GET / HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\n\r\n",
		"GET / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\n\r\n",
		"GET / HTTP/1.1\r\nHost: a\r\nUpgrade: h2c\r\nConnection: Upgrade\r\n\r\n",
		"GET / HTTP/1.0\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n",
		"GET / HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
		"Content-Length: 1\r\n\r\na",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(requests) / sizeof(requests[0]); i++) {
		struct fixture fixture;

		open_as(&fixture, AT_ONCE);
		send_text(&fixture, requests[i]);
		assert_false(fixture.upgrade);
		assert_statuses(&fixture, "200 ");
		close_it(&fixture);
	}
}

static void a_switch_that_nobody_asked_for_closes(void **state)
{
	struct http_answer switched = { .status = 101 };
	struct fixture fixture;

	(void)state;
	open_as(&fixture, LATER);
	send_text(&fixture, GET("/a"));
	assert_int_equal(http_reply(&fixture.connection, fixture.tickets[0], &switched, 1000),
			 HTTP_REPLIED);
	assert_true(fixture.ended);
	assert_null(fixture.rest);
	close_it(&fixture);
}

static void a_bad_header_is_told_to_who_answers(void **state)
{
	static const struct http_header bad = { { "X", 1 }, { "a\r\nb", 4 } };
	struct http_answer answer = { .status = 200, .headers = &bad, .header_count = 1 };
	struct fixture fixture;

	(void)state;
	open_as(&fixture, LATER);
	send_text(&fixture, GET("/a"));
	assert_int_equal(http_reply(&fixture.connection, fixture.tickets[0], &answer, 1000),
			 HTTP_REPLIED_IN_PART);
	assert_sent(&fixture, OK("0"));
	close_it(&fixture);
}

/* What is sent, and what is handled, does not depend on how the bytes of the table are cut. */
static void every_case_is_answered_the_same_however_it_is_cut(void **state)
{
	struct http_cases table = http_cases_open(CASES);

	(void)state;
	for (size_t i = 0; i < table.count; i++) {
		const struct http_case *one = &table.cases[i];
		struct fixture whole, cut;

		open_as(&whole, AT_ONCE);
		open_as(&cut, AT_ONCE);
		send_bytes(&whole, one->bytes, one->len);
		for (size_t at = 0; at < one->len; at++)
			send_bytes(&cut, one->bytes + at, 1);
		assert_true(slice_equal(slice_span(whole.sent.data, whole.sent.len),
					slice_span(cut.sent.data, cut.sent.len)));
		assert_true(slice_equal(slice_span(whole.seen.data, whole.seen.len),
					slice_span(cut.seen.data, cut.seen.len)));
		assert_int_equal(whole.ended, cut.ended);
		if (strstr(one->steps, "fault "))
			assert_true(whole.ended);
		close_it(&whole);
		close_it(&cut);
	}
	http_cases_close(&table);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_request_is_answered_at_once),
		cmocka_unit_test(a_body_comes_whole),
		cmocka_unit_test(answers_leave_in_the_order_of_the_requests),
		cmocka_unit_test(a_ticket_is_answered_once),
		cmocka_unit_test(head_options_and_methods_that_are_not_known),
		cmocka_unit_test(options_goes_to_a_handler_that_wants_it),
		cmocka_unit_test(what_nobody_answers_is_not_found),
		cmocka_unit_test(a_client_that_waits_is_told_once_to_go_on),
		cmocka_unit_test(to_go_on_is_said_in_its_turn),
		cmocka_unit_test(a_body_that_is_not_wanted_is_not_asked_for),
		cmocka_unit_test(what_cannot_be_read_is_answered_last),
		cmocka_unit_test(a_request_that_closes_is_the_last),
		cmocka_unit_test(http_1_0_stays_only_when_it_asks),
		cmocka_unit_test(so_many_are_under_way_and_then_reading_pauses),
		cmocka_unit_test(what_comes_while_it_pauses_is_bounded),
		cmocka_unit_test(a_slow_request_is_ended),
		cmocka_unit_test(a_request_has_its_own_time),
		cmocka_unit_test(an_answer_that_does_not_come_is_given),
		cmocka_unit_test(all_answers_that_do_not_come_are_given_together),
		cmocka_unit_test(who_says_nothing_is_closed),
		cmocka_unit_test(who_sends_no_more_still_gets_answers),
		cmocka_unit_test(who_sends_no_more_gets_answers_to_what_was_held),
		cmocka_unit_test(a_server_that_closes_answers_what_is_under_way),
		cmocka_unit_test(a_server_that_closes_ends_what_is_idle),
		cmocka_unit_test(what_is_under_way_is_told_when_the_connection_goes),
		cmocka_unit_test(a_websocket_may_wait),
		cmocka_unit_test(a_websocket_at_once),
		cmocka_unit_test(a_refused_websocket_closes),
		cmocka_unit_test(not_everything_may_become_a_websocket),
		cmocka_unit_test(a_switch_that_nobody_asked_for_closes),
		cmocka_unit_test(a_bad_header_is_told_to_who_answers),
		cmocka_unit_test(every_case_is_answered_the_same_however_it_is_cut),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
