/* A keep-alive connection: what is asked, what is answered, and in which order. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "tests/support/http_cases.h"
#include "tests/support/http_peer.h"

#define CASES "tests/bridge/net/http/cases.txt"

static void a_request_is_answered_at_once(void **state)
{
	struct http_peer peer;

	(void)state;
	http_peer_open(&peer, AT_ONCE);
	http_peer_say(&peer, GET("/a"));
	assert_http_sent(&peer, OK("2") "/a");
	http_peer_say(&peer, GET("/b") GET("/cc"));
	assert_http_sent(&peer, OK("2") "/b" OK("3") "/cc");
	assert_http_seen(&peer, "GET /a |GET /b |GET /cc |");
	assert_false(peer.ended);
	http_peer_close(&peer);
	assert_int_equal(peer.gones, 0);
}

static void a_body_comes_whole(void **state)
{
	static const char text[] =
	    "POST /a HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello"
	    "POST /b HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
	    "2\r\nhe\r\n3\r\nllo\r\n0\r\n\r\n" GET("/c");

	(void)state;
	for (size_t cut = 1; cut < sizeof(text) - 1; cut++) {
		struct http_peer peer;

		http_peer_open(&peer, AT_ONCE);
		http_peer_send(&peer, text, cut);
		http_peer_send(&peer, text + cut, sizeof(text) - 1 - cut);
		assert_http_seen(&peer, "POST /a hello|POST /b hello|GET /c |");
		assert_http_sent(&peer, OK("2") "/a" OK("2") "/b" OK("2") "/c");
		http_peer_close(&peer);
	}
}

static void answers_leave_in_the_order_of_the_requests(void **state)
{
	struct http_peer peer;

	(void)state;
	http_peer_open(&peer, LATER);
	http_peer_say(&peer, GET("/a") GET("/b") GET("/c"));
	assert_int_equal(peer.calls, 3);
	http_peer_reply(&peer, peer.tickets[2], "third");
	http_peer_reply(&peer, peer.tickets[1], "second");
	assert_http_sent(&peer, "");
	http_peer_reply(&peer, peer.tickets[0], "first");
	assert_http_sent(&peer, OK("5") "first" OK("6") "second" OK("5") "third");
	http_peer_close(&peer);
	assert_int_equal(peer.gones, 0);
}

static void a_ticket_is_answered_once(void **state)
{
	struct http_peer peer;
	struct http_answer answer = { .status = 200 };

	(void)state;
	http_peer_open(&peer, LATER);
	http_peer_say(&peer, GET("/a") GET("/b"));
	http_peer_reply(&peer, peer.tickets[1], "b");
	assert_int_equal(http_reply(&peer.connection, peer.tickets[1], &answer, 0), HTTP_TOO_LATE);
	http_peer_reply(&peer, peer.tickets[0], "a");
	assert_int_equal(http_reply(&peer.connection, peer.tickets[0], &answer, 0), HTTP_TOO_LATE);
	assert_int_equal(http_reply(&peer.connection, 4711, &answer, 0), HTTP_TOO_LATE);
	assert_http_statuses(&peer, "200 200 ");
	http_peer_close(&peer);
}

static void head_options_and_methods_that_are_not_known(void **state)
{
	struct http_peer peer;

	(void)state;
	http_peer_open(&peer, AT_ONCE);
	peer.known = 1 << METHOD_GET | 1 << METHOD_POST;
	http_peer_say(&peer, "HEAD /abc HTTP/1.1\r\nHost: a\r\n\r\n");
	assert_http_sent(&peer, OK("4"));
	assert_http_seen(&peer, "HEAD /abc |");
	http_peer_say(&peer, "OPTIONS /a HTTP/1.1\r\nHost: a\r\n\r\n");
	assert_http_sent(&peer,
			 "HTTP/1.1 204 No Content\r\nAllow: GET, HEAD, POST, OPTIONS\r\n\r\n");
	http_peer_say(&peer, "OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n");
	assert_http_statuses(&peer, "204 ");
	http_peer_say(&peer,
		      "DELETE /a HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\nxx" GET("/b"));
	assert_http_sent(&peer, "HTTP/1.1 405 Method Not Allowed\r\n"
				"Content-Type: text/plain; charset=utf-8\r\nContent-Length: 35\r\n"
				"Allow: GET, HEAD, POST, OPTIONS\r\n\r\n"
				"this path does not know the method\n" OK("2") "/b");
	http_peer_say(&peer, "BREW /a HTTP/1.1\r\nHost: a\r\n\r\n" GET("/none"));
	assert_http_statuses(&peer, "501 404 ");
	assert_http_seen(&peer, "GET /b |");
	assert_false(peer.ended);
	http_peer_close(&peer);
}

static void options_goes_to_a_handler_that_wants_it(void **state)
{
	struct http_peer peer;

	(void)state;
	http_peer_open(&peer, AT_ONCE);
	peer.known = 1 << METHOD_GET | 1 << METHOD_OPTIONS;
	http_peer_say(&peer, "OPTIONS /a HTTP/1.1\r\nHost: a\r\n\r\n");
	assert_http_seen(&peer, "OPTIONS /a |");
	http_peer_close(&peer);
}

static void what_nobody_answers_is_not_found(void **state)
{
	struct http_peer peer;

	(void)state;
	http_peer_open(&peer, NOBODY);
	http_peer_say(&peer, GET("/a"));
	assert_http_sent(&peer,
			 "HTTP/1.1 404 Not Found\r\nContent-Type: text/plain; charset=utf-8\r\n"
			 "Content-Length: 31\r\n\r\nnothing is served at this path\n");
	peer.worded = true;
	http_peer_say(&peer, GET("/a"));
	assert_http_sent(&peer, "HTTP/1.1 404 Not Found\r\nContent-Type: application/json\r\n"
				"Content-Length: 2\r\n\r\n{}");
	http_peer_close(&peer);
}

#define EXPECT   "POST /a HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n"
#define CONTINUE "HTTP/1.1 100 Continue\r\n\r\n"

static void a_client_that_waits_is_told_once_to_go_on(void **state)
{
	struct http_peer peer;

	(void)state;
	http_peer_open(&peer, AT_ONCE);
	http_peer_say(&peer, EXPECT);
	assert_http_sent(&peer, CONTINUE);
	http_peer_say(&peer, "h");
	assert_http_sent(&peer, "");
	http_peer_say(&peer, "i");
	assert_http_sent(&peer, OK("2") "/a");
	assert_http_seen(&peer, "POST /a hi|");
	http_peer_say(&peer, EXPECT "hi");
	assert_http_sent(&peer, CONTINUE OK("2") "/a");
	http_peer_close(&peer);
}

static void to_go_on_is_said_in_its_turn(void **state)
{
	struct http_peer peer;

	(void)state;
	http_peer_open(&peer, LATER);
	http_peer_say(&peer, GET("/1") EXPECT);
	assert_http_sent(&peer, "");
	http_peer_reply(&peer, peer.tickets[0], "one");
	assert_http_sent(&peer, OK("3") "one" CONTINUE);
	http_peer_say(&peer, "hi");
	http_peer_reply(&peer, peer.tickets[1], "two");
	assert_http_sent(&peer, OK("3") "two");
	/* A client that did not wait needs not be told. */
	http_peer_say(&peer, GET("/1") EXPECT "hi");
	http_peer_reply(&peer, peer.tickets[2], "");
	assert_http_sent(&peer, OK("0"));
	http_peer_reply(&peer, peer.tickets[3], "");
	assert_http_sent(&peer, OK("0"));
	http_peer_close(&peer);
}

static void a_body_that_is_not_wanted_is_not_asked_for(void **state)
{
	struct http_peer peer;

	(void)state;
	http_peer_open(&peer, AT_ONCE);
	peer.known = 1 << METHOD_GET;
	http_peer_say(&peer, EXPECT);
	assert_true(peer.ended);
	assert_http_statuses(&peer, "405 ");
	http_peer_close(&peer);
	http_peer_open(&peer, AT_ONCE);
	http_peer_say(&peer,
		      "POST /a HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\nExpect: x\r\n\r\n");
	assert_true(peer.ended);
	assert_http_statuses(&peer, "417 ");
	http_peer_close(&peer);
}

static void what_cannot_be_read_is_answered_last(void **state)
{
	struct http_peer peer;

	(void)state;
	http_peer_open(&peer, LATER);
	http_peer_say(&peer, GET("/a") "GET / HTTP/1.1\r\n\r\n" GET("/b"));
	assert_http_sent(&peer, "");
	assert_int_equal(peer.calls, 1);
	assert_false(peer.ended);
	assert_true(peer.paused);
	http_peer_say(&peer, GET("/c"));
	http_peer_reply(&peer, peer.tickets[0], "a");
	assert_http_sent(&peer,
			 OK("1") "a"
				 "HTTP/1.1 400 Bad Request\r\n"
				 "Content-Type: text/plain; charset=utf-8\r\nContent-Length: 23\r\n"
				 "Connection: close\r\n\r\na request needs a Host\n");
	assert_true(peer.ended);
	assert_int_equal(peer.calls, 1);
	http_peer_close(&peer);
}

static void a_request_that_closes_is_the_last(void **state)
{
	struct http_peer peer;

	(void)state;
	http_peer_open(&peer, LATER);
	http_peer_say(&peer, "GET /a HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n" GET("/b"));
	assert_int_equal(peer.calls, 1);
	http_peer_reply(&peer, peer.tickets[0], "a");
	assert_http_sent(&peer,
			 "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nConnection: close\r\n\r\na");
	assert_true(peer.ended);
	http_peer_close(&peer);
}

static void http_1_0_stays_only_when_it_asks(void **state)
{
	struct http_peer peer;

	(void)state;
	http_peer_open(&peer, AT_ONCE);
	http_peer_say(&peer, "GET /a HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
	assert_http_sent(
	    &peer, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: keep-alive\r\n\r\n/a");
	assert_false(peer.ended);
	http_peer_say(&peer, "GET /a HTTP/1.0\r\n\r\n");
	assert_http_sent(&peer,
			 "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\n/a");
	assert_true(peer.ended);
	http_peer_close(&peer);
}

static void so_many_are_under_way_and_then_reading_pauses(void **state)
{
	struct http_peer peer;
	char all[64 * 40] = "";

	(void)state;
	http_peer_open(&peer, LATER);
	peer.settings.under_way_max = 4;
	for (int i = 0; i < 10; i++)
		strcat(all, GET("/a"));
	http_peer_say(&peer, all);
	assert_int_equal(peer.calls, 4);
	assert_true(peer.paused);
	http_peer_say(&peer, GET("/z"));
	assert_int_equal(peer.calls, 4);
	http_peer_reply(&peer, peer.tickets[1], "");
	assert_int_equal(peer.wakes, 0);
	http_peer_reply(&peer, peer.tickets[0], "");
	assert_int_equal(peer.wakes, 1);
	assert_int_equal(peer.calls, 4);
	http_connection_tick(&peer.connection, peer.now);
	assert_int_equal(peer.calls, 6);
	for (size_t i = 2; i < peer.calls; i++) {
		http_peer_reply(&peer, peer.tickets[i], "");
		http_connection_tick(&peer.connection, peer.now);
	}
	assert_int_equal(peer.calls, 11);
	assert_false(peer.paused);
	assert_true(
	    slice_starts_with(slice_span(peer.seen.data + peer.seen.len - 8, 8), "GET /z |"));
	assert_http_statuses(&peer, "200 200 200 200 200 200 200 200 200 200 200 ");
	http_peer_close(&peer);
}

static void nothing_more_is_asked_while_answers_wait(void **state)
{
	struct http_peer peer;

	(void)state;
	http_peer_open(&peer, AT_ONCE);
	peer.full = true;
	http_peer_say(&peer, GET("/a") GET("/b"));
	assert_int_equal(peer.calls, 0);
	assert_true(peer.paused);
	http_connection_tick(&peer.connection, peer.now);
	assert_int_equal(peer.calls, 0);
	peer.full = false;
	http_connection_tick(&peer.connection, peer.now);
	assert_http_sent(&peer, OK("2") "/a" OK("2") "/b");
	assert_false(peer.paused);
	/* What has begun is read to its end. */
	http_peer_say(&peer, "POST /c HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\nx");
	peer.full = true;
	http_peer_say(&peer, "y" GET("/d"));
	assert_http_seen(&peer, "GET /a |GET /b |POST /c xy|");
	assert_true(peer.paused);
	http_peer_close(&peer);
}

/* One after the other, as they are written. */
static void answers_at_once_do_not_pile_up(void **state)
{
	static char body[40000];
	struct http_answer answer = { .status = 200, .body = { body, sizeof(body) } };
	struct http_peer peer;

	(void)state;
	http_peer_open(&peer, LATER);
	peer.answer = &answer;
	http_peer_say(&peer, GET("/a") GET("/b") GET("/c") GET("/d"));
	assert_int_equal(peer.calls, 2);
	assert_int_equal(peer.wakes, 1);
	peer.full = true;
	http_connection_tick(&peer.connection, peer.now);
	assert_int_equal(peer.calls, 2);
	peer.full = false;
	http_connection_tick(&peer.connection, peer.now);
	assert_int_equal(peer.calls, 4);
	assert_http_statuses(&peer, "200 200 200 200 ");
	http_peer_close(&peer);
}

static void what_comes_while_it_pauses_is_bounded(void **state)
{
	struct http_peer peer;
	unsigned char bytes[1000];

	(void)state;
	memset(bytes, 'x', sizeof(bytes));
	http_peer_open(&peer, LATER);
	peer.settings.under_way_max = 1;
	peer.settings.held_max = 2000;
	http_peer_say(&peer, GET("/a"));
	assert_true(http_connection_bytes(&peer.connection, bytes, 1000, 0));
	assert_true(http_connection_bytes(&peer.connection, bytes, 1000, 0));
	assert_false(http_connection_bytes(&peer.connection, bytes, 1, 0));
	http_peer_close(&peer);
	assert_int_equal(peer.gones, 1);
}

#define WEBSOCKET                                                                                  \
	"GET /chat HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n"
#define SWITCHED                                                                                   \
	"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n"

static void a_websocket_may_wait(void **state)
{
	struct http_answer switched = { .status = 101 };
	struct http_peer peer;

	(void)state;
	http_peer_open(&peer, LATER);
	http_peer_say(&peer, GET("/a") WEBSOCKET "\x81\x80");
	assert_true(peer.upgrade);
	assert_true(peer.paused);
	http_peer_say(&peer, "zzzz");
	assert_int_equal(http_reply(&peer.connection, peer.tickets[1], &switched, 1000),
			 HTTP_REPLIED);
	assert_null(peer.rest);
	http_peer_reply(&peer, peer.tickets[0], "a");
	assert_http_sent(&peer, OK("1") "a" SWITCHED);
	assert_int_equal(peer.rest_len, 6);
	assert_memory_equal(peer.rest, "\x81\x80zzzz", 6);
	assert_false(peer.ended);
	http_peer_close(&peer);
}

static bool switch_at_once(void *user, const struct http_call *call)
{
	struct http_answer switched = { .status = 101 };

	(void)user;
	return http_reply(call->connection, call->ticket, &switched, 0) == HTTP_REPLIED;
}

static void a_websocket_at_once(void **state)
{
	static const struct http_handler at_once = { NULL, switch_at_once, NULL, NULL, true };
	struct http_peer peer;

	(void)state;
	http_peer_open(&peer, LATER);
	peer.connection.handler = &at_once;
	http_peer_say(&peer, WEBSOCKET "abc");
	assert_http_sent(&peer, SWITCHED);
	assert_int_equal(peer.rest_len, 3);
	assert_string_equal(peer.rest, "abc");
	http_peer_close(&peer);
}

static void answers_tell_the_date(void **state)
{
	struct http_answer old = { .status = 204 };
	struct http_peer peer;

	(void)state;
	old.date = SLICE("Thu, 01 Jan 1970 00:00:00 GMT");
	http_peer_open(&peer, LATER);
	peer.date = SLICE("Sun, 06 Nov 1994 08:49:37 GMT");
	http_peer_say(&peer, GET("/a") GET("/none") GET("/b"));
	http_peer_reply(&peer, peer.tickets[0], "a");
	assert_int_equal(http_reply(&peer.connection, peer.tickets[1], &old, 1000), HTTP_REPLIED);
	assert_http_sent(&peer, "HTTP/1.1 200 OK\r\nContent-Length: 1\r\n"
				"Date: Sun, 06 Nov 1994 08:49:37 GMT\r\n\r\na"
				"HTTP/1.1 404 Not Found\r\n"
				"Content-Type: text/plain; charset=utf-8\r\nContent-Length: 31\r\n"
				"Date: Sun, 06 Nov 1994 08:49:37 GMT\r\n\r\n"
				"nothing is served at this path\n"
				"HTTP/1.1 204 No Content\r\n"
				"Date: Thu, 01 Jan 1970 00:00:00 GMT\r\n\r\n");
	http_peer_close(&peer);
}

static void a_refused_websocket_closes(void **state)
{
	struct http_answer refused = { .status = 403 };
	struct http_peer peer;

	(void)state;
	http_peer_open(&peer, LATER);
	http_peer_say(&peer, WEBSOCKET GET("/x"));
	assert_int_equal(http_reply(&peer.connection, peer.tickets[0], &refused, 1000),
			 HTTP_REPLIED);
	assert_http_sent(
	    &peer, "HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
	assert_true(peer.ended);
	assert_int_equal(peer.calls, 1);
	http_peer_close(&peer);
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
		struct http_peer peer;

		http_peer_open(&peer, AT_ONCE);
		http_peer_say(&peer, requests[i]);
		assert_false(peer.upgrade);
		assert_http_statuses(&peer, "200 ");
		http_peer_close(&peer);
	}
}

static void a_switch_that_nobody_asked_for_closes(void **state)
{
	struct http_answer switched = { .status = 101 };
	struct http_peer peer;

	(void)state;
	http_peer_open(&peer, LATER);
	http_peer_say(&peer, GET("/a"));
	assert_int_equal(http_reply(&peer.connection, peer.tickets[0], &switched, 1000),
			 HTTP_REPLIED);
	assert_true(peer.ended);
	assert_null(peer.rest);
	http_peer_close(&peer);
}

static void a_bad_header_is_told_to_who_answers(void **state)
{
	static const struct http_header bad = { { "X", 1 }, { "a\r\nb", 4 } };
	struct http_answer answer = { .status = 200, .headers = &bad, .header_count = 1 };
	struct http_peer peer;

	(void)state;
	http_peer_open(&peer, LATER);
	http_peer_say(&peer, GET("/a"));
	assert_int_equal(http_reply(&peer.connection, peer.tickets[0], &answer, 1000),
			 HTTP_REPLIED_IN_PART);
	assert_http_sent(&peer, OK("0"));
	http_peer_close(&peer);
}

/* What is sent, and what is handled, does not depend on how the bytes of the table are cut. */
static void every_case_is_answered_the_same_however_it_is_cut(void **state)
{
	struct http_cases table = http_cases_open(CASES);

	(void)state;
	for (size_t i = 0; i < table.count; i++) {
		const struct http_case *one = &table.cases[i];
		struct http_peer whole, cut;

		http_peer_open(&whole, AT_ONCE);
		http_peer_open(&cut, AT_ONCE);
		http_peer_send(&whole, one->bytes, one->len);
		for (size_t at = 0; at < one->len; at++)
			http_peer_send(&cut, one->bytes + at, 1);
		assert_true(slice_equal(slice_span(whole.sent.data, whole.sent.len),
					slice_span(cut.sent.data, cut.sent.len)));
		assert_true(slice_equal(slice_span(whole.seen.data, whole.seen.len),
					slice_span(cut.seen.data, cut.seen.len)));
		assert_int_equal(whole.ended, cut.ended);
		if (strstr(one->steps, "fault "))
			assert_true(whole.ended);
		http_peer_close(&whole);
		http_peer_close(&cut);
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
		cmocka_unit_test(nothing_more_is_asked_while_answers_wait),
		cmocka_unit_test(answers_at_once_do_not_pile_up),
		cmocka_unit_test(what_comes_while_it_pauses_is_bounded),
		cmocka_unit_test(a_websocket_may_wait),
		cmocka_unit_test(a_websocket_at_once),
		cmocka_unit_test(answers_tell_the_date),
		cmocka_unit_test(a_refused_websocket_closes),
		cmocka_unit_test(not_everything_may_become_a_websocket),
		cmocka_unit_test(a_switch_that_nobody_asked_for_closes),
		cmocka_unit_test(a_bad_header_is_told_to_who_answers),
		cmocka_unit_test(every_case_is_answered_the_same_however_it_is_cut),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
