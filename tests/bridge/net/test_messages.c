/* Connections on a loop, with a user that pauses, accepts late and closes: what neither the tables
 * of the readers nor an echo shows. Each over TCP and over TLS. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/support/net_house.h"
#include "tests/support/pem_folder.h"

#define PINGS 2000 /* more than are answered in one write */
#define TEXT  0x81
#define PING  0x89
#define CLOSE 0x88

/* Messages from one number up to before another; some are long. */
static void messages_add(struct ws_bytes *bytes, unsigned from, unsigned to)
{
	char text[128];

	for (unsigned i = from; i < to; i++) {
		int len = snprintf(text, sizeof(text), "%u%.*s", i, (int)(i % 3) * 30,
				   "-----------------------------------------------------------");

		ws_frame_add(bytes, TEXT, text, (size_t)len);
	}
}

static void heard_are(unsigned from, unsigned to)
{
	const char *at = user.heard;
	char *end;

	for (unsigned i = from; i < to; i++) {
		assert_true(*at == ' ');
		assert_int_equal(strtoul(at + 1, &end, 10), i);
		at = end + strspn(end, "-");
	}
	assert_string_equal(at, "");
}

/* ---- the tests: *state is whether over TLS ---- */

static bool over_tls(void **state)
{
	return *(bool *)*state;
}

static void pausing_within_a_segment_loses_nothing(void **state)
{
	struct ws_bytes bytes = { 0 };
	struct peer peer;

	user.pauses = true;
	peer = peer_upgraded(over_tls(state));
	for (unsigned part = 0; part < 5; part++) {
		messages_add(&bytes, part * 100, part * 100 + 100);
		peer_send(&peer, &bytes);
	}
	house_wait(&user.count, 500);
	heard_are(0, 500);
	peer_close(&peer);
}

/* One that was read already may still come. */
static void who_is_paused_hears_no_more(void **state)
{
	struct ws_bytes bytes = { 0 };
	struct peer peer;

	user.pauses = user.stays_paused = true;
	peer = peer_upgraded(over_tls(state));
	for (unsigned i = 0; i < 10; i++) {
		messages_add(&bytes, i * 2, i * 2 + 2);
		peer_send(&peer, &bytes);
		sleep_ms(5);
	}
	assert_in_range(house_count(&user.count), 1, 2);
	house_pauses(false);
	house_tell((struct house_orders){ .resume = true });
	house_wait(&user.count, 20);
	heard_are(0, 20);
	peer_close(&peer);
}

static void what_comes_before_the_answer_is_heard_after_it(void **state)
{
	struct peer peer = { 0 };
	struct ws_bytes bytes = { 0 };

	user.waits = true;
	peer = peer_open(over_tls(state));
	request_add(&bytes);
	messages_add(&bytes, 0, 50);
	peer_send(&peer, &bytes);
	sleep_ms(20);
	messages_add(&bytes, 50, 100);
	peer_send(&peer, &bytes);
	sleep_ms(20);
	assert_int_equal(house_count(&user.count), 0);
	house_tell((struct house_orders){ .accept = true });
	peer_agrees(&peer);
	house_wait(&user.count, 100);
	heard_are(0, 100);
	peer_close(&peer);
}

static void who_is_paused_before_the_answer_stays_so(void **state)
{
	struct ws_bytes bytes = { 0 };
	struct peer peer;

	user.waits = user.stays_paused = true;
	peer = peer_open(over_tls(state));
	request_add(&bytes);
	messages_add(&bytes, 0, 10);
	peer_send(&peer, &bytes);
	sleep_ms(20);
	house_tell((struct house_orders){ .accept = true });
	peer_agrees(&peer);
	messages_add(&bytes, 10, 20);
	peer_send(&peer, &bytes);
	sleep_ms(50);
	assert_int_equal(house_count(&user.count), 0);
	house_tell((struct house_orders){ .resume = true });
	house_wait(&user.count, 20);
	heard_are(0, 20);
	peer_close(&peer);
}

static void pings_are_answered_before_messages_behind_them(void **state)
{
	struct ws_bytes bytes = { 0 };
	struct peer peer;

	user.pauses = true;
	peer = peer_upgraded(over_tls(state));
	for (unsigned i = 0; i < PINGS; i++)
		ws_frame_add(&bytes, PING, "a", 1);
	messages_add(&bytes, 0, 1);
	ws_frame_add(&bytes, PING, "b", 1);
	ws_frame_add(&bytes, CLOSE, "\x03\xe8", 2);
	peer_send(&peer, &bytes);
	for (unsigned i = 0; i < PINGS; i++)
		peer_gets(&peer,
			  "\x8a\x01"
			  "a",
			  3);
	peer_gets(&peer,
		  "\x8a\x01"
		  "b\x88\x02\x03\xe8",
		  7);
	peer_ends(&peer);
	peer_close(&peer);
	heard_are(0, 1);
}

/* Nothing is heard after our close frame, nor is anything written; the peer's own ends it. */
static void after_a_close_nothing_is_heard(void **state)
{
	static const char closed[] = "\x88\x08\x03\xf0kicked";
	struct ws_bytes bytes = { 0 };
	struct peer peer = peer_upgraded(over_tls(state));

	messages_add(&bytes, 0, 1);
	peer_send(&peer, &bytes);
	house_wait(&user.count, 1);
	house_tell((struct house_orders){ .close = true });
	peer_gets(&peer, closed, sizeof(closed) - 1);
	messages_add(&bytes, 1, 9);
	ws_frame_add(&bytes, PING, "a", 1);
	ws_frame_add(&bytes, CLOSE, "\x03\xf0", 2);
	peer_send(&peer, &bytes);
	peer_ends(&peer);
	assert_int_equal(house_count(&user.count), 1);
	peer_close(&peer);
}

/* A peer that broke the rules is told once, and what it sends then is not looked at. */
static void a_fault_is_told_once(void **state)
{
	static const char closed[] = "\x88\x08\x03\xf0kicked";
	struct ws_bytes bytes = { 0 };
	struct peer peer = peer_upgraded(over_tls(state));

	messages_add(&bytes, 0, 1);
	ws_bytes_add(&bytes, "\x81\x01x", 3);
	messages_add(&bytes, 1, 5);
	peer_send(&peer, &bytes);
	peer_gets(&peer, closed, sizeof(closed) - 1);
	ws_bytes_add(&bytes, "\xff\xff\xff", 3);
	peer_send(&peer, &bytes);
	peer_ends(&peer);
	peer_close(&peer);
	assert_int_equal(user.rejected, 1);
	heard_are(0, 1);
}

static void who_is_killed_while_something_is_held_is_gone_once(void **state)
{
	struct ws_bytes bytes = { 0 };
	struct peer peer;

	user.pauses = user.stays_paused = true;
	peer = peer_upgraded(over_tls(state));
	messages_add(&bytes, 0, 10);
	peer_send(&peer, &bytes);
	house_wait(&user.count, 1);
	house_tell((struct house_orders){ .kill = true });
	peer_ends(&peer);
	peer_close(&peer);
	assert_int_equal(user.count, 1);
}

/* ---- the house ---- */

static int house_make(void **state)
{
	if (pem_folder_make(state) != 0)
		return -1;
	pem_make("one", &(struct pem){ .kind = "EC", .name = "localhost" });
	house_open(pem_path("one.pem"), pem_path("one.key"));
	return 0;
}

static int house_remove(void **state)
{
	house_close();
	return pem_folder_remove(state);
}

static int user_new(void **state)
{
	(void)state;
	house_user_new();
	return 0;
}

static bool plain = false, secure = true;

#define BOTH(test)                                                                                 \
	{ #test, test, user_new, NULL, &plain },                                                   \
	{                                                                                          \
#test " (TLS)", test, user_new, NULL, &secure                                      \
	}

int main(void)
{
	const struct CMUnitTest tests[] = {
		BOTH(pausing_within_a_segment_loses_nothing),
		BOTH(who_is_paused_hears_no_more),
		BOTH(what_comes_before_the_answer_is_heard_after_it),
		BOTH(who_is_paused_before_the_answer_stays_so),
		BOTH(pings_are_answered_before_messages_behind_them),
		BOTH(after_a_close_nothing_is_heard),
		BOTH(a_fault_is_told_once),
		BOTH(who_is_killed_while_something_is_held_is_gone_once),
	};

	return cmocka_run_group_tests(tests, house_make, house_remove);
}
