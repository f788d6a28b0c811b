/* A keep-alive connection: how long things may take, how it ends, and how much it holds. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/support/http_peer.h"

static void a_slow_request_is_ended(void **state)
{
	struct http_peer peer;

	(void)state;
	http_peer_open(&peer, AT_ONCE);
	peer.now = 5000;
	http_peer_say(&peer, "POST / HTTP/1.1\r\n");
	assert_int_equal(http_connection_tick(&peer.connection, 5000), 35000);
	peer.now = 30000;
	http_peer_say(&peer, "Host: a\r\nContent-Length: 5\r\n\r\nab");
	assert_int_equal(http_connection_tick(&peer.connection, 34999), 35000);
	assert_http_sent(&peer, "");
	assert_int_equal(http_connection_tick(&peer.connection, 35000), UINT64_MAX);
	assert_true(peer.ended);
	assert_http_statuses(&peer, "408 ");
	http_peer_close(&peer);
}

static void that_a_request_was_too_slow_is_said_in_its_turn(void **state)
{
	struct http_peer peer;

	(void)state;
	http_peer_open(&peer, LATER);
	peer.settings.answer_ms = 60000;
	http_peer_say(&peer, GET("/a") "GET / HT");
	assert_int_equal(http_connection_tick(&peer.connection, 31000), 61000);
	assert_http_sent(&peer, "");
	assert_false(peer.ended);
	http_peer_say(&peer, "TP/1.1\r\nHost: a\r\n\r\n");
	http_peer_reply(&peer, peer.tickets[0], "a");
	assert_http_statuses(&peer, "200 408 ");
	assert_true(peer.ended);
	assert_int_equal(peer.calls, 1);
	http_peer_close(&peer);
}

static void a_websocket_that_nobody_judges_is_refused(void **state)
{
	struct http_peer peer;

	(void)state;
	http_peer_open(&peer, LATER);
	peer.settings.upgrade_ms = 60000;
	http_peer_say(&peer, GET("/a") "GET / HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\n"
				       "Connection: Upgrade\r\n\r\nabc");
	assert_true(peer.upgrade);
	http_peer_reply(&peer, peer.tickets[0], "");
	assert_http_statuses(&peer, "200 ");
	assert_int_equal(http_connection_tick(&peer.connection, 31000), 61000);
	assert_int_equal(http_connection_tick(&peer.connection, 60999), 61000);
	assert_http_statuses(&peer, "");
	assert_int_equal(http_connection_tick(&peer.connection, 61000), UINT64_MAX);
	assert_http_statuses(&peer, "504 ");
	assert_true(peer.ended);
	assert_int_equal(peer.gones, 1);
	assert_null(peer.rest);
	http_peer_close(&peer);
}

static void a_request_has_its_own_time(void **state)
{
	struct http_peer peer;

	(void)state;
	http_peer_open(&peer, AT_ONCE);
	for (int i = 0; i < 5; i++) {
		http_peer_say(&peer, "GET / HTTP/1.1\r\n");
		peer.now += 20000;
		http_connection_tick(&peer.connection, peer.now);
		http_peer_say(&peer, "Host: a\r\n\r\n");
	}
	assert_http_statuses(&peer, "200 200 200 200 200 ");
	http_peer_close(&peer);
}

static void an_answer_that_does_not_come_is_given(void **state)
{
	struct http_peer peer;
	struct http_answer answer = { .status = 200 };

	(void)state;
	http_peer_open(&peer, LATER);
	http_peer_say(&peer, GET("/a") GET("/b"));
	peer.now = 2000;
	http_peer_say(&peer, GET("/c"));
	http_peer_reply(&peer, peer.tickets[1], "b");
	assert_int_equal(http_connection_tick(&peer.connection, 30999), 31000);
	assert_int_equal(http_connection_tick(&peer.connection, 31000), 32000);
	assert_http_statuses(&peer, "504 200 ");
	assert_int_equal(peer.gones, 1);
	assert_int_equal(peer.gone[0], peer.tickets[0]);
	assert_int_equal(http_reply(&peer.connection, peer.tickets[0], &answer, 31000),
			 HTTP_TOO_LATE);
	assert_false(peer.ended);
	peer.now = 31500;
	http_peer_reply(&peer, peer.tickets[2], "c");
	assert_http_statuses(&peer, "200 ");
	http_peer_close(&peer);
	assert_int_equal(peer.gones, 1);
}

static void all_answers_that_do_not_come_are_given_together(void **state)
{
	struct http_peer peer;

	(void)state;
	http_peer_open(&peer, LATER);
	http_peer_say(&peer, GET("/a") GET("/b") GET("/c"));
	http_peer_reply(&peer, peer.tickets[1], "b");
	http_connection_tick(&peer.connection, 31000);
	assert_http_statuses(&peer, "504 200 504 ");
	assert_int_equal(peer.gones, 2);
	http_peer_close(&peer);
}

static void who_says_nothing_is_closed(void **state)
{
	struct http_peer peer;

	(void)state;
	http_peer_open(&peer, AT_ONCE);
	assert_int_equal(http_connection_tick(&peer.connection, 1000), 76000);
	peer.now = 70000;
	http_peer_say(&peer, GET("/a"));
	assert_int_equal(http_connection_tick(&peer.connection, 76000), 145000);
	http_peer_say(&peer, "\r\n");
	assert_int_equal(http_connection_tick(&peer.connection, 145000), UINT64_MAX);
	assert_true(peer.ended);
	assert_http_statuses(&peer, "200 ");
	http_peer_close(&peer);
}

static void who_sends_no_more_still_gets_answers(void **state)
{
	struct http_peer peer;

	(void)state;
	http_peer_open(&peer, LATER);
	http_peer_say(&peer, GET("/a") "GET /b HT");
	http_connection_eof(&peer.connection, 1000);
	assert_false(peer.ended);
	http_peer_reply(&peer, peer.tickets[0], "a");
	assert_true(peer.ended);
	assert_http_sent(&peer, OK("1") "a");
	http_peer_close(&peer);
}

static void who_sends_no_more_gets_answers_to_what_was_held(void **state)
{
	struct http_peer peer;

	(void)state;
	http_peer_open(&peer, LATER);
	peer.settings.under_way_max = 1;
	http_peer_say(&peer, GET("/a") GET("/b"));
	http_connection_eof(&peer.connection, 1000);
	http_peer_reply(&peer, peer.tickets[0], "a");
	assert_false(peer.ended);
	assert_int_equal(peer.wakes, 1);
	http_connection_tick(&peer.connection, 1000);
	assert_int_equal(peer.calls, 2);
	http_peer_reply(&peer, peer.tickets[1], "b");
	assert_true(peer.ended);
	assert_http_sent(&peer, OK("1") "a" OK("1") "b");
	http_peer_close(&peer);
}

static void a_server_that_closes_answers_what_is_under_way(void **state)
{
	struct http_peer peer;

	(void)state;
	http_peer_open(&peer, LATER);
	http_peer_say(&peer, GET("/a"));
	http_connection_drain(&peer.connection, 1000);
	assert_false(peer.ended);
	http_peer_say(&peer, GET("/b"));
	assert_int_equal(peer.calls, 1);
	http_peer_reply(&peer, peer.tickets[0], "a");
	assert_http_sent(
	    &peer, OK("1") "a"
			   "HTTP/1.1 503 Service Unavailable\r\n"
			   "Content-Type: text/plain; charset=utf-8\r\nContent-Length: 22\r\n"
			   "Connection: close\r\nRetry-After: 5\r\n\r\nthe server is closing\n");
	assert_true(peer.ended);
	http_peer_close(&peer);
}

static void a_server_that_closes_ends_what_is_idle(void **state)
{
	struct http_peer peer;

	(void)state;
	http_peer_open(&peer, LATER);
	http_connection_drain(&peer.connection, 1000);
	assert_true(peer.ended);
	http_peer_close(&peer);
	http_peer_open(&peer, LATER);
	http_peer_say(&peer, "GET / HT");
	http_connection_drain(&peer.connection, 1000);
	assert_false(peer.ended);
	http_peer_say(&peer,
		      "TP/1.1\r\nHost: a\r\nContent-Length: 1\r\nExpect: 100-continue\r\n\r\n");
	assert_true(peer.ended);
	assert_http_statuses(&peer, "503 ");
	http_peer_close(&peer);
}

static void nothing_happens_after_the_end(void **state)
{
	struct http_answer answer = { .status = 200 };
	struct http_peer peer;

	(void)state;
	http_peer_open(&peer, AT_ONCE);
	http_peer_say(&peer, "GET / HTTP/1.0\r\n\r\n");
	assert_true(peer.ended);
	assert_http_statuses(&peer, "200 ");
	http_peer_say(&peer, GET("/a"));
	http_connection_eof(&peer.connection, 2000);
	http_connection_drain(&peer.connection, 2000);
	assert_int_equal(http_connection_tick(&peer.connection, 200000), UINT64_MAX);
	assert_int_equal(http_reply(&peer.connection, 1, &answer, 2000), HTTP_TOO_LATE);
	assert_http_sent(&peer, "");
	assert_int_equal(peer.calls, 1);
	http_peer_close(&peer);
}

static void what_is_under_way_is_told_when_the_connection_goes(void **state)
{
	struct http_peer peer;

	(void)state;
	http_peer_open(&peer, LATER);
	http_peer_say(&peer, GET("/a") GET("/b") GET("/c") "POST / HTTP/1.1\r\nHost: a\r\n"
							   "Content-Length: 9\r\n\r\nabc");
	http_peer_reply(&peer, peer.tickets[1], "b");
	http_peer_close(&peer);
	assert_int_equal(peer.gones, 2);
	assert_int_equal(peer.gone[0], peer.tickets[0]);
	assert_int_equal(peer.gone[1], peer.tickets[2]);
}

/* ---- the most that the directives allow ---- */

#define HEAD_MOST 65536
#define BODY_MOST 1048576

static void http_peer_open_wide(struct http_peer *peer)
{
	http_peer_open(peer, AT_ONCE);
	peer->settings.limits = (struct http_limits){ .head_max = HEAD_MOST,
						      .headers_max = HTTP_HEADERS_MAX,
						      .body_max = BODY_MOST };
}

static void an_endless_head_takes_no_more_than_its_limit(void **state)
{
	struct http_peer peer;
	uint32_t most = 0;

	(void)state;
	http_peer_open_wide(&peer);
	http_peer_say(&peer, "GET / HTTP/1.1\r\nHost: a\r\nX: ");
	for (int i = 0; i < 200 && !peer.ended; i++) {
		char piece[1000];

		memset(piece, 'x', sizeof(piece));
		http_peer_send(&peer, piece, sizeof(piece));
		if (peer.connection.reader.gathered_size > most)
			most = peer.connection.reader.gathered_size;
	}
	assert_in_range(most, HEAD_MOST / 2, HEAD_MOST);
	assert_true(peer.ended);
	assert_http_statuses(&peer, "431 ");
	http_peer_close(&peer);
}

static void an_endless_body_takes_no_more_than_its_limit(void **state)
{
	struct http_peer peer;
	size_t most = 0;

	(void)state;
	http_peer_open_wide(&peer);
	http_peer_say(&peer, "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n");
	for (int i = 0; i < 300 && !peer.ended; i++) {
		char piece[6 + 4096 + 2] = "1000\r\n";

		memset(piece + 6, 'x', 4096);
		memcpy(piece + 6 + 4096, "\r\n", 2);
		http_peer_send(&peer, piece, sizeof(piece));
		if (peer.connection.body.size > most)
			most = peer.connection.body.size;
	}
	assert_in_range(most, BODY_MOST, BODY_MOST);
	assert_true(peer.ended);
	assert_http_statuses(&peer, "413 ");
	http_peer_close(&peer);
}

/* Of a handler that wants none: whole in one segment, or in pieces; and as bounded as others. */
static void a_body_that_nobody_wants_is_not_kept(void **state)
{
	static const char length[] =
	    "POST /a HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello",
			  chunks[] =
			      "POST /b HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
			      "2\r\nhe\r\n3\r\nllo\r\n0\r\n\r\n" GET("/c");
	struct http_handler handler;
	struct http_peer peer;

	(void)state;
	http_peer_open_wide(&peer);
	handler = *peer.connection.handler;
	handler.bodies = false;
	peer.connection.handler = &handler;
	http_peer_say(&peer, length);
	http_peer_say(&peer, chunks);
	for (size_t at = 0; at < sizeof(length) - 1; at++) {
		http_peer_send(&peer, length + at, 1);
		assert_int_equal(peer.connection.body.size, 0);
	}
	for (size_t at = 0; at < sizeof(chunks) - 1; at++) {
		http_peer_send(&peer, chunks + at, 1);
		assert_int_equal(peer.connection.body.size, 0);
	}
	assert_http_seen(&peer, "POST /a |POST /b |GET /c |POST /a |POST /b |GET /c |");
	assert_http_statuses(&peer, "200 200 200 200 200 200 ");
	peer.settings.limits.body_max = 4;
	http_peer_say(&peer, length);
	assert_true(peer.ended);
	assert_http_statuses(&peer, "413 ");
	http_peer_close(&peer);
}

static void a_request_has_room_for_the_most_headers(void **state)
{
	(void)state;
	for (int count = HTTP_HEADERS_MAX; count <= HTTP_HEADERS_MAX + 1; count++) {
		struct http_peer peer;

		http_peer_open_wide(&peer);
		http_peer_say(&peer, "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n");
		for (int i = 2; i < count; i++)
			http_peer_say(&peer, "x: y\r\n");
		http_peer_say(&peer, "\r\n");
		http_peer_say(&peer, "ab");
		assert_http_statuses(&peer, count > HTTP_HEADERS_MAX ? "431 " : "200 ");
		http_peer_close(&peer);
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_slow_request_is_ended),
		cmocka_unit_test(that_a_request_was_too_slow_is_said_in_its_turn),
		cmocka_unit_test(a_websocket_that_nobody_judges_is_refused),
		cmocka_unit_test(a_request_has_its_own_time),
		cmocka_unit_test(an_answer_that_does_not_come_is_given),
		cmocka_unit_test(all_answers_that_do_not_come_are_given_together),
		cmocka_unit_test(who_says_nothing_is_closed),
		cmocka_unit_test(who_sends_no_more_still_gets_answers),
		cmocka_unit_test(who_sends_no_more_gets_answers_to_what_was_held),
		cmocka_unit_test(a_server_that_closes_answers_what_is_under_way),
		cmocka_unit_test(a_server_that_closes_ends_what_is_idle),
		cmocka_unit_test(nothing_happens_after_the_end),
		cmocka_unit_test(what_is_under_way_is_told_when_the_connection_goes),
		cmocka_unit_test(an_endless_head_takes_no_more_than_its_limit),
		cmocka_unit_test(an_endless_body_takes_no_more_than_its_limit),
		cmocka_unit_test(a_body_that_nobody_wants_is_not_kept),
		cmocka_unit_test(a_request_has_room_for_the_most_headers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
