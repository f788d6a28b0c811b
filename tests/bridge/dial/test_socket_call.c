/* A WebSocket to a server that is a thread of this program: what both say, and how it ends. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "bridge/core/worker.h"
#include "tests/support/call_house.h"

#define MEBIBYTE 1048576

static struct site site;

/* Not cmocka's: the threads of sites and of the worker are not the test's. */
static void require(bool what)
{
	if (!what)
		abort();
}

/* Opens the site, and a call to it. */
static void begin(struct caller *caller, site_serve *serve)
{
	struct socket_call_request request;

	site_open(&site, serve, NULL, NULL);
	request = caller_request(site.url);
	caller_call(caller, &request);
}

static void finish(struct caller *caller)
{
	caller_free(caller);
	site_close(&site);
}

/* ---- both ways ---- */

static void serve_echo(struct line *line)
{
	struct ws_message message;
	enum ws_step step;

	line_agree(line, "Dragoman-Instance: other\r\n", NULL);
	while ((step = line_next(line, &message)) == WS_MESSAGE)
		line_frame(line, 0x81, message.payload.data, message.payload.len);
	require(step == WS_MORE || step == WS_CLOSE);
	if (step == WS_CLOSE)
		line_frame(line, 0x88, "\x03\xe8", 2);
}

static void both_speak(void **state)
{
	struct caller caller = { 0 };

	(void)state;
	begin(&caller, serve_echo);
	caller_wait(&caller.opened, 1);
	assert_string_equal(caller.instance, "other");
	assert_true(caller_say(&caller, SLICE("one")));
	assert_true(caller_say(&caller, SLICE("")));
	assert_true(caller_say(&caller, SLICE("three")));
	caller_wait(&caller.messages, 3);
	assert_string_equal(caller.heard, " one  three");
	assert_int_equal(caller_unsent(&caller), 0);
	caller_closes(&caller, 1000);
	caller_ends(&caller, SOCKET_CALL_OPEN, 1000, "1000");
	site_close(&site);
}

static void lengths_of_every_form(void **state)
{
	static const size_t lengths[] = { 125, 126, 65535, 65536, MEBIBYTE };
	struct caller caller = { 0 };
	char *text = malloc(MEBIBYTE);
	size_t all = 0;

	(void)state;
	assert_non_null(text);
	memset(text, 'x', MEBIBYTE);
	begin(&caller, serve_echo);
	caller_wait(&caller.opened, 1);
	for (size_t i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++) {
		assert_true(caller_say(&caller, slice_span(text, lengths[i])));
		all += lengths[i];
		caller_wait(&caller.messages, i + 1);
		assert_int_equal(caller_count(&caller.bytes), all);
	}
	finish(&caller);
	free(text);
}

/* What one turn says is one write, and comes as so many messages. */
static void say_many(struct worker *worker, void *data)
{
	struct caller *caller = data;

	(void)worker;
	for (int i = 0; i < 100; i++)
		require(socket_call_send(caller->call, SLICE("again")));
	require(socket_call_unsent(caller->call) > 500);
}

static void many_in_one_turn(void **state)
{
	struct caller caller = { 0 };

	(void)state;
	begin(&caller, serve_echo);
	caller_wait(&caller.opened, 1);
	call_house_do(say_many, &caller);
	caller_wait(&caller.messages, 100);
	assert_int_equal(caller_unsent(&caller), 0);
	finish(&caller);
}

/* ---- the request ---- */

static void serve_request(struct line *line)
{
	char host[32];

	line_agree(line, NULL, NULL);
	snprintf(host, sizeof(host), "127.0.0.1:%u", line->site->port);
	require(slice_is(line_header(line, "Host"), host));
	require(strncmp(line->head, "GET /chat?a=b HTTP/1.1\r\n", 24) == 0);
	require(slice_is(line_header(line, "Authorization"), "Bearer secret"));
	require(slice_is(line_header(line, "Dragoman-Instance"), "own"));
	line_frame(line, 0x81, "right", 5);
	line_drain(line);
}

static void request_says_who_asks(void **state)
{
	struct caller caller = { 0 };
	struct socket_call_request request;

	(void)state;
	site_open(&site, serve_request, NULL, NULL);
	strcat(site.url, "?a=b");
	request = caller_request(site.url);
	request.authorization = SLICE("Bearer secret");
	request.instance = SLICE("own");
	caller_call(&caller, &request);
	caller_wait(&caller.messages, 1);
	finish(&caller);
}

static void header_values_are_one_line(void **state)
{
	struct socket_call_request request = caller_request("ws://127.0.0.1:1/");
	struct caller caller = { 0 };

	(void)state;
	request.authorization = SLICE("a\r\nCookie: b");
	caller_call(&caller, &request);
	caller_ends(&caller, SOCKET_CALL_DIALS, 0, "control character");
}

/* ---- what a server may send ---- */

static void serve_behind_head(struct line *line)
{
	line_agree(line, NULL, "\x81\x05hello\x81\x05world");
	line_drain(line);
}

static void frames_behind_the_answer(void **state)
{
	struct caller caller = { 0 };

	(void)state;
	begin(&caller, serve_behind_head);
	caller_wait(&caller.messages, 2);
	assert_string_equal(caller.heard, " hello world");
	assert_int_equal(caller_count(&caller.opened), 1);
	finish(&caller);
}

/* Byte by byte: fragments with a ping and a pong between them, a binary message, and one that is
 * masked. */
static void serve_pieces(struct line *line)
{
	static const char bytes[] = "\x01\x03one\x89\x01p\x00\x03two\x8a\x00\x80\x01!"
				    "\x82\x06\xe2\x82\xac\xc3\xa9x\x81\x82\x01\x01\x01\x01ho";

	line_agree(line, NULL, NULL);
	for (size_t i = 0; i < sizeof(bytes) - 1; i++)
		line_send(line, bytes + i, 1);
	line_drain(line);
}

static void messages_in_pieces(void **state)
{
	struct caller caller = { 0 };

	(void)state;
	begin(&caller, serve_pieces);
	caller_wait(&caller.messages, 3);
	assert_string_equal(caller.heard, " onetwo! \xe2\x82\xac\xc3\xa9x in");
	finish(&caller);
}

static void serve_ping(struct line *line)
{
	unsigned char frame[8];

	line_agree(line, NULL, NULL);
	line_frame(line, 0x89, "hi", 2);
	require(line_read(line, frame, sizeof(frame)) && frame[0] == 0x8a && frame[1] == 0x82);
	require((frame[6] ^ frame[2]) == 'h' && (frame[7] ^ frame[3]) == 'i');
	line_frame(line, 0x81, "seen", 4);
	line_drain(line);
}

static void pings_are_answered(void **state)
{
	struct caller caller = { 0 };

	(void)state;
	begin(&caller, serve_ping);
	caller_wait(&caller.messages, 1);
	finish(&caller);
}

static void serve_pong(struct line *line)
{
	struct ws_message message;

	line_agree(line, NULL, NULL);
	require(line_next(line, &message) == WS_PING);
	line_frame(line, 0x8a, "", 0);
	line_frame(line, 0x81, "seen", 4);
	line_drain(line);
}

static void say_ping(struct worker *worker, void *data)
{
	(void)worker;
	socket_call_ping(((struct caller *)data)->call);
}

static void take_heard(struct worker *worker, void *data)
{
	struct caller *caller = data;

	require(socket_call_heard_ms(caller->call) <= worker->tick_ms);
	require(socket_call_heard_ms(caller->call) + 60000 > worker->tick_ms);
}

static void pings_are_sent(void **state)
{
	struct caller caller = { 0 };

	(void)state;
	begin(&caller, serve_pong);
	caller_wait(&caller.opened, 1);
	call_house_do(say_ping, &caller);
	caller_wait(&caller.messages, 1);
	call_house_do(take_heard, &caller);
	finish(&caller);
}

/* ---- ends ---- */

/* Says what the site holds, then expects the same code back, and the end. */
static void serve_last_words(struct line *line)
{
	struct slice said = *(const struct slice *)line->site->data;
	struct ws_message message;

	line_agree(line, NULL, NULL);
	line_send(line, said.data, said.len);
	require(line_next(line, &message) == WS_CLOSE);
	line->site->done = message.code;
	line_drain(line);
}

/* code: the caller's user is told, and it said to the site. */
static void ends_after(struct slice said, unsigned code, const char *words)
{
	struct caller caller = { 0 };

	site.data = &said;
	begin(&caller, serve_last_words);
	caller_ends(&caller, SOCKET_CALL_OPEN, code, words);
	site_close(&site);
	assert_int_equal(site.done, code);
}

static void closes_are_told_and_answered(void **state)
{
	(void)state;
	ends_after(SLICE("\x88\x02\x03\xf4"), 1012, "1012");
	ends_after(SLICE("\x88\x06\x03\xf0gone"), 1008, "gone");
	ends_after(SLICE("\x88\x02\x0f\xa0"), 4000, "4000");
	ends_after(SLICE("\x88\x00"), 1005, "1005");
}

static void faults_are_closed(void **state)
{
	(void)state;
	ends_after(SLICE("\x81\x02\xc3("), 1007, "UTF-8");
	ends_after(SLICE("\x82\x02\xc3("), 1007, "UTF-8");
	ends_after(SLICE("\x83\x01x"), 1002, "rules");
	ends_after(SLICE("\xc1\x01x"), 1002, "rules");
	ends_after(SLICE("\x81\x7f\x00\x00\x00\x00\x00\x40\x00\x01"), 1009, "too long");
}

static void serve_end(struct line *line)
{
	line_agree(line, NULL, NULL);
	line_frame(line, 0x81, "bye", 3);
}

static void serve_reset(struct line *line)
{
	struct ws_message message;

	line_agree(line, NULL, NULL);
	line_next(line, &message);
	line_reset(line);
}

static void ends_without_a_close(void **state)
{
	struct caller caller = { 0 }, other = { 0 };

	(void)state;
	begin(&caller, serve_end);
	caller_ends(&caller, SOCKET_CALL_OPEN, 1006, "without a goodbye");
	assert_string_equal(caller.heard, " bye");
	site_close(&site);
	begin(&other, serve_reset);
	caller_wait(&other.opened, 1);
	assert_true(caller_say(&other, SLICE("x")));
	caller_ends(&other, SOCKET_CALL_OPEN, 1006, "reset");
	site_close(&site);
}

/* Says goodbye, and closes without having read all: that resets the connection. */
static void serve_unread(struct line *line)
{
	unsigned char byte;

	line_agree(line, NULL, NULL);
	require(line_read(line, &byte, 1));
	line_frame(line, 0x88, "\x03\xf0", 2);
}

static void goodbye_before_a_reset(void **state)
{
	struct caller caller = { 0 };

	(void)state;
	begin(&caller, serve_unread);
	caller_wait(&caller.opened, 1);
	assert_true(caller_say(&caller, SLICE("more than a byte")));
	caller_ends(&caller, SOCKET_CALL_OPEN, 1008, "1008");
	site_close(&site);
}

static void serve_deaf(struct line *line)
{
	line_agree(line, NULL, NULL);
	line_drain(line);
}

static void goodbye_is_waited_for_so_long(void **state)
{
	struct caller caller = { 0 };

	(void)state;
	begin(&caller, serve_deaf);
	caller_wait(&caller.opened, 1);
	caller_closes(&caller, 1001);
	assert_false(caller_say(&caller, SLICE("late")));
	caller_ends(&caller, SOCKET_CALL_OPEN, 1006, "no goodbye");
	site_close(&site);
}

/* ---- a server that does not read ---- */

static void serve_unwilling(struct line *line)
{
	struct ws_message message;

	line_agree(line, NULL, NULL);
	while (!line->site->done)
		usleep(1000);
	while (line_next(line, &message) == WS_MESSAGE && message.payload.len != 4)
		;
	line_frame(line, 0x81, "read", 4);
	line_drain(line);
}

/* Says as much as is taken, which is more than may wait, and not without end. */
static void fill(struct caller *caller)
{
	char *text = malloc(65536);
	int taken = 0;

	assert_non_null(text);
	memset(text, 'x', 65536);
	while (taken < 10000 && caller_say(caller, slice_span(text, 65536)))
		taken++;
	assert_true(taken >= 60 && taken < 10000);
	free(text);
}

static void what_waits_is_bounded(void **state)
{
	struct caller caller = { 0 };

	(void)state;
	begin(&caller, serve_unwilling);
	caller_wait(&caller.opened, 1);
	fill(&caller);
	assert_true(caller_unsent(&caller) <= 4 * MEBIBYTE);
	assert_int_equal(caller_count(&caller.drained), 0);
	site.done = 1;
	caller_wait(&caller.drained, 1);
	assert_int_equal(caller_unsent(&caller), 0);
	assert_true(caller_say(&caller, SLICE("last")));
	caller_wait(&caller.messages, 1);
	finish(&caller);
}

/* ---- freed ---- */

static void freed_in(enum caller_frees when, bool closes, site_serve *serve)
{
	struct caller caller = { .frees = when, .closes = closes };

	begin(&caller, serve);
	if (when == FREES_AT_OPEN)
		caller_wait(&caller.opened, 1);
	else if (when == FREES_AT_MESSAGE)
		caller_wait(&caller.messages, 1);
	if (when == FREES_AT_END || closes)
		caller_wait(&caller.ended, 1);
	finish(&caller);
	assert_int_equal(caller.ended, when == FREES_AT_END || closes);
	assert_true(caller.messages <= 1);
}

static void freed_in_each_callback(void **state)
{
	(void)state;
	freed_in(FREES_AT_OPEN, false, serve_behind_head);
	freed_in(FREES_AT_MESSAGE, false, serve_behind_head);
	freed_in(FREES_AT_END, false, serve_end);
	freed_in(FREES_AT_OPEN, true, serve_echo);
	freed_in(FREES_AT_MESSAGE, true, serve_behind_head);
}

static void freed_when_drained(void **state)
{
	struct caller caller = { .frees = FREES_AT_DRAINED };

	(void)state;
	begin(&caller, serve_unwilling);
	caller_wait(&caller.opened, 1);
	fill(&caller);
	site.done = 1;
	caller_wait(&caller.drained, 1);
	site_close(&site);
	assert_null(caller.call);
	assert_int_equal(caller.ended, 0);
}

static void serve_silent(struct line *line)
{
	line->site->done += line_head(line);
	line_drain(line);
}

static void freed_in_each_stage(void **state)
{
	struct caller caller = { 0 };
	struct socket_call_request request;

	(void)state;
	site_open(&site, serve_silent, NULL, NULL);
	request = caller_request(site.url);
	/* It dials, or has just been asked to. */
	for (int i = 0; i < 50; i++) {
		caller_call(&caller, &request);
		caller_free(&caller);
	}
	caller_call(&caller, &request);
	while (!site.done)
		usleep(1000);
	caller_free(&caller);
	site_close(&site);
	assert_int_equal(caller.opened + caller.ended, 0);
}

static void closed_before_it_is_open(void **state)
{
	struct caller caller = { 0 };

	(void)state;
	begin(&caller, serve_silent);
	while (!site.done)
		usleep(1000);
	caller_closes(&caller, 1000);
	caller_ends(&caller, SOCKET_CALL_HANDSHAKES, 0, "before it was open");
	site_close(&site);
}

/* ---- the end of a server ---- */

static void end_of_the_threads(void **state)
{
	struct socket_call_request request = caller_request("ws://127.0.0.1:1/");
	struct caller caller = { .frees = FREES_AT_END }, late = { 0 };

	(void)state;
	begin(&caller, serve_echo);
	caller_wait(&caller.opened, 1);
	call_house_stop_dialer();
	assert_true(caller_say(&caller, SLICE("still")));
	caller_wait(&caller.messages, 1);
	caller_call(&late, &request);
	caller_ends(&late, SOCKET_CALL_DIALS, 0, "nothing can be called now");
	call_house_close();
	/* Told by the end of its loop. */
	assert_int_equal(caller.ended, 1);
	assert_string_equal(caller.why, "the server ends");
	site_close(&site);
	call_house_open();
}

static int house_open(void **state)
{
	(void)state;
	call_house_open();
	return 0;
}

static int house_close(void **state)
{
	(void)state;
	call_house_close();
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(both_speak),
		cmocka_unit_test(lengths_of_every_form),
		cmocka_unit_test(many_in_one_turn),
		cmocka_unit_test(request_says_who_asks),
		cmocka_unit_test(header_values_are_one_line),
		cmocka_unit_test(frames_behind_the_answer),
		cmocka_unit_test(messages_in_pieces),
		cmocka_unit_test(pings_are_answered),
		cmocka_unit_test(pings_are_sent),
		cmocka_unit_test(closes_are_told_and_answered),
		cmocka_unit_test(faults_are_closed),
		cmocka_unit_test(ends_without_a_close),
		cmocka_unit_test(goodbye_before_a_reset),
		cmocka_unit_test(goodbye_is_waited_for_so_long),
		cmocka_unit_test(what_waits_is_bounded),
		cmocka_unit_test(freed_in_each_callback),
		cmocka_unit_test(freed_when_drained),
		cmocka_unit_test(freed_in_each_stage),
		cmocka_unit_test(closed_before_it_is_open),
		cmocka_unit_test(end_of_the_threads),
	};

	return cmocka_run_group_tests(tests, house_open, house_close);
}
