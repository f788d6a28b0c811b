/* The way out of a session: writes, partial ones, slow readers. The rest is in test_session.c. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "bridge/client/push.h"
#include "bridge/turn.h"
#include "tests/support/actors.h"
#include "tests/support/floor.h"

#define SMALL_OUTBOX                                                                               \
	FLOOR_LOBBY "limits = { message_bytes = 4096; outbox_bytes = 4096;" FLOOR_NO_RATE " };"

/* A JSON object in a frame whose bytes are len long, header included; more than 127. Returns
 * new. */
static struct frame *frame_sized(size_t len)
{
	static char text[8192];

	memset(text, 'x', sizeof(text));
	memcpy(text, "{\"x\":\"", 6);
	memcpy(text + len - 4 - 2, "\"}", 2);
	return frame_of_text(FRAMING_WEBSOCKET, slice_span(text, len - 4));
}

/* Returns new. */
static struct frame *frame_small(void)
{
	return frame_of_text(FRAMING_WEBSOCKET, SLICE("{\"last\":1}"));
}

static void push(struct session *session, size_t len, struct tally *tally)
{
	struct frame *frame = frame_sized(len);

	assert_int_equal(frame->len, len);
	if (tally)
		tally->accepted++;
	session_push(session, frame, tally, OUTCOME_DELIVERED);
	frame_release(frame);
}

/* Words of len letters. Borrows until the next call. */
static const char *words(size_t len)
{
	static char text[4096];

	memset(text, 'w', len);
	text[len] = '\0';
	return text;
}

/* ---- writing ---- */

static void a_turn_makes_one_write(void **state)
{
	struct floor floor;
	struct stage_client *bob;
	uint64_t before;

	(void)state;
	floor_open(&floor, 1, NULL);
	bob = floor_join(&floor, "bob", DIALECT_SIMPLE, NULL);
	before = floor_counters(&floor)->writes;
	floor_hold(&floor);
	for (unsigned i = 0; i < 10; i++)
		actor_says(bob, "hi");
	floor_go(&floor);
	assert_int_equal(floor_heard(bob), 20);
	assert_int_equal(floor_counters(&floor)->writes, before + 1);
	assert_int_equal(floor_outcomes(&floor, DIALECT_SIMPLE, OUTCOME_DELIVERED), 11);
	floor_close(&floor);
}

static void partial_writes_count_when_complete(void **state)
{
	struct floor floor;
	struct stage_client *bob, *ann;
	uint64_t delivered, writes;

	(void)state;
	floor_open(&floor, 2, NULL);
	bob = floor_join(&floor, "bob", DIALECT_CONCORD, NULL);
	ann = floor_join(&floor, "ann", DIALECT_MIXER, NULL);
	delivered = floor_outcomes(&floor, DIALECT_CONCORD, OUTCOME_DELIVERED);
	writes = floor_counters(&floor)->writes;
	bob->stalled = true;
	for (unsigned i = 0; i < 3; i++)
		actor_says(ann, "hi");
	floor_hears_nothing(bob);
	/* One is in a write, two wait; nothing is counted, all is in flight. */
	assert_int_equal(bob->session->outbox.count, 3);
	assert_int_equal(bob->session->outbox.sent, 1);
	assert_int_equal(floor_outcomes(&floor, DIALECT_CONCORD, OUTCOME_DELIVERED), delivered);
	assert_int_equal(tallies_in_flight(floor_counters(&floor)->rooms[0].dialects), 3);
	stage_resume(bob);
	assert_int_equal(floor_heard(bob), 3);
	assert_int_equal(floor_outcomes(&floor, DIALECT_CONCORD, OUTCOME_DELIVERED), delivered + 3);
	assert_int_equal(tallies_in_flight(floor_counters(&floor)->rooms[0].dialects), 0);
	/* ann's three, and two for bob: the one held up, and the two that waited together. */
	assert_int_equal(floor_counters(&floor)->writes, writes + 5);
	floor_close(&floor);
}

static void what_is_unsent_when_gone_is_dropped(void **state)
{
	struct floor floor;
	struct stage_client *bob, *ann;

	(void)state;
	floor_open(&floor, 2, NULL);
	bob = floor_join(&floor, "bob", DIALECT_CONCORD, NULL);
	ann = floor_join(&floor, "ann", DIALECT_MIXER, NULL);
	bob->stalled = true;
	for (unsigned i = 0; i < 3; i++)
		actor_says(ann, "hi");
	stage_leave(bob);
	assert_int_equal(floor_outcomes(&floor, DIALECT_CONCORD, OUTCOME_DROPPED_GONE), 3);
	assert_int_equal(floor_outcomes(&floor, DIALECT_CONCORD, OUTCOME_DROPPED_CUT), 0);
	floor_close(&floor);
}

static bool broken_write(void *conn, const unsigned char *bytes, size_t len, bool *complete)
{
	(void)conn;
	(void)bytes;
	(void)len;
	(void)complete;
	return false;
}

static void a_broken_connection_is_killed(void **state)
{
	struct floor floor;
	struct stage_client *bob, *ann;
	struct transport broken;

	(void)state;
	floor_open(&floor, 2, NULL);
	bob = floor_join(&floor, "bob", DIALECT_CONCORD, NULL);
	ann = floor_join(&floor, "ann", DIALECT_MIXER, NULL);
	broken = *bob->session->transport;
	broken.write = broken_write;
	bob->session->transport = &broken;
	actor_says(ann, "hi");
	assert_true(bob->killed);
	assert_null(bob->session);
	assert_int_equal(floor_outcomes(&floor, DIALECT_CONCORD, OUTCOME_DROPPED_GONE), 1);
	floor_close(&floor);
}

/* ---- slow readers ---- */

/* At the limit, and a few bytes beyond. */
static void an_outbox_over_the_limit_is_cut(void **state)
{
	struct floor floor;
	struct stage_client *bob;
	struct tally *tally;
	struct frame *frame = frame_small();
	uint64_t delivered;

	(void)state;
	floor_open(&floor, 1, SMALL_OUTBOX);
	bob = floor_join(&floor, "bob", DIALECT_SIMPLE, NULL);
	delivered = floor_outcomes(&floor, DIALECT_SIMPLE, OUTCOME_DELIVERED);
	tally = &room_share(bob->worker, bob->session->mount->room)->tallies[DIALECT_SIMPLE];
	bob->stalled = true;
	push(bob->session, 1000, tally);
	stage_settle(floor.stage);
	assert_true(bob->session->partial);
	push(bob->session, 3096, tally); /* 4096 in all */
	stage_settle(floor.stage);
	assert_int_equal(bob->session->phase, SESSION_OPEN);
	tally->accepted++;
	session_push(bob->session, frame, tally, OUTCOME_DELIVERED);
	frame_release(frame);
	stage_settle(floor.stage);
	assert_int_equal(bob->session->phase, SESSION_CLOSING);
	assert_false(bob->ended); /* no close frame can follow half a message */
	assert_int_equal(floor_outcomes(&floor, DIALECT_SIMPLE, OUTCOME_DROPPED_CUT), 3);
	assert_int_equal(floor_outcomes(&floor, DIALECT_SIMPLE, OUTCOME_DELIVERED), delivered);
	assert_int_equal(floor_counters(&floor)->sessions_cut, 1);
	/* Whoever does not read on is not waited for. */
	stage_wait(floor.stage, 3500);
	assert_true(bob->killed);
	assert_null(bob->session);
	floor_close(&floor);
}

/* One frame is taken however long it is. */
static void one_frame_alone_cuts_nobody(void **state)
{
	struct floor floor;
	struct stage_client *bob;

	(void)state;
	floor_open(&floor, 1, SMALL_OUTBOX);
	bob = floor_join(&floor, "bob", DIALECT_SIMPLE, NULL);
	bob->stalled = true;
	push(bob->session, 8000, NULL);
	stage_settle(floor.stage);
	assert_int_equal(bob->session->phase, SESSION_OPEN);
	stage_resume(bob);
	assert_int_equal(floor_heard(bob), 1);
	bob->stalled = true;
	push(bob->session, 8000, NULL);
	push(bob->session, 200, NULL);
	stage_settle(floor.stage);
	assert_int_equal(bob->session->phase, SESSION_CLOSING);
	floor_close(&floor);
}

/* Somebody who reads all that comes is not slow, however much there was to say at once. */
static void who_asks_for_much_is_not_cut(void **state)
{
	struct floor floor;
	struct stage_client *bob, *ann;

	(void)state;
	floor_open(&floor, 1, SMALL_OUTBOX);
	ann = floor_join(&floor, "ann", DIALECT_MIXER, NULL);
	bob = floor_join(&floor, "bob", DIALECT_SIMPLE, NULL);
	for (unsigned i = 0; i < 10; i++)
		actor_says(bob, words(1000));
	floor_forget(&floor);
	floor_say(ann, "{\"type\":\"method\",\"method\":\"history\",\"arguments\":[10],\"id\":1}");
	assert_int_equal(ann->close_code, 0);
	floor_hears(&floor, ann, "{\"type\":\"reply\",\"id\":1,\"error\":null,...}");
	assert_int_equal(floor_counters(&floor)->sessions_cut, 0);
	floor_close(&floor);
}

/* Whoever reads too slowly loses all that was unsent, also what a write had begun. */
static void a_slow_reader_is_cut(void **state)
{
	struct floor floor;
	struct stage_client *bob, *ann;
	unsigned said = 0;

	(void)state;
	floor_open(&floor, 2, SMALL_OUTBOX);
	bob = floor_join(&floor, "bob", DIALECT_CONCORD, NULL);
	ann = floor_join(&floor, "ann", DIALECT_MIXER, NULL);
	bob->stalled = true;
	for (; bob->session->phase == SESSION_OPEN && said < 100; said++)
		actor_says(ann, words(300));
	/* Above 300 and below 600 bytes each: the limit was passed by the 7th to 14th. */
	assert_in_range(said, 7, 14);
	assert_int_equal(floor_outcomes(&floor, DIALECT_CONCORD, OUTCOME_DROPPED_CUT), said);
	assert_int_equal(floor_outcomes(&floor, DIALECT_CONCORD, OUTCOME_DROPPED_GONE), 0);
	assert_int_equal(floor_counters(&floor)->sessions_cut, 1);
	/* The others hear of it, and go on. */
	for (unsigned i = 0; i < said; i++) {
		floor_hears(&floor, ann, "{\"type\":\"reply\",...}");
		floor_hears(&floor, ann, "{\"event\":\"ChatMessage\",...}");
	}
	floor_hears(&floor, ann,
		    "{\"event\":\"UserLeave\",\"data\":{\"username\":\"bob\",...},...}");
	actor_says(ann, "bye");
	assert_int_equal(floor_heard(ann), 2);
	/* When it reads on in time, it is told why. */
	stage_wait(floor.stage, 1000);
	stage_resume(bob);
	assert_int_equal(bob->close_code, 1013);
	assert_int_equal(floor_heard(bob), 1);
	floor_close(&floor);
}

static void a_burst_in_one_turn_is_not_slowness(void **state)
{
	struct floor floor;
	struct stage_client *bob, *cy;

	(void)state;
	floor_open(&floor, 1, SMALL_OUTBOX);
	bob = floor_join(&floor, "bob", DIALECT_SIMPLE, NULL);
	cy = floor_join(&floor, "cy", DIALECT_CONCORD, NULL);
	floor_hold(&floor);
	for (unsigned i = 0; i < 20; i++)
		actor_says(bob, words(1000));
	floor_go(&floor);
	assert_int_equal(floor_heard(bob), 40);
	assert_int_equal(floor_heard(cy), 20);
	assert_int_equal(bob->close_code, 0);
	assert_int_equal(floor_counters(&floor)->sessions_cut, 0);
	assert_int_equal(floor_outcomes(&floor, DIALECT_CONCORD, OUTCOME_DELIVERED), 21);
	floor_close(&floor);
}

/* The answer to what was asked before a cut must not be written after it. */
static void nothing_follows_a_cut(void **state)
{
	struct floor floor;
	struct stage_client *bob;

	(void)state;
	floor_open(&floor, 1, NULL);
	bob = floor_join(&floor, "bob", DIALECT_SIMPLE, NULL);
	floor_hold(&floor);
	actor_says(bob, "hi");
	session_cut(bob->session);
	turn_run(bob->worker);
	assert_int_equal(bob->close_code, 1013);
	floor_hears_nothing(bob);
	floor_go(&floor);
	floor_close(&floor);
}

/* The answer to a request that was under way when the session closed comes too late. */
static void nothing_follows_a_close(void **state)
{
	struct floor floor;
	struct stage_client *bob;
	struct worker *own, *home;

	(void)state;
	floor_open(&floor, 2, NULL);
	home = floor.stage->bridge->workers[room_table_at(floor.stage->bridge->rooms, 0)->owner];
	do
		bob = floor_join(&floor, "bob", DIALECT_SIMPLE, NULL);
	while (bob->worker == home && (stage_leave(bob), true));
	own = bob->worker;
	floor_hold(&floor);
	actor_says(bob, "hi");
	session_close(bob->session, CLOSE_KICKED);
	turn_run(own);
	assert_int_equal(bob->close_code, 1008);
	turn_run(home);
	turn_run(own);
	floor_hears_nothing(bob);
	floor_go(&floor);
	floor_close(&floor);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_turn_makes_one_write),
		cmocka_unit_test(partial_writes_count_when_complete),
		cmocka_unit_test(what_is_unsent_when_gone_is_dropped),
		cmocka_unit_test(a_broken_connection_is_killed),
		cmocka_unit_test(an_outbox_over_the_limit_is_cut),
		cmocka_unit_test(one_frame_alone_cuts_nobody),
		cmocka_unit_test(who_asks_for_much_is_not_cut),
		cmocka_unit_test(a_slow_reader_is_cut),
		cmocka_unit_test(a_burst_in_one_turn_is_not_slowness),
		cmocka_unit_test(nothing_follows_a_cut),
		cmocka_unit_test(nothing_follows_a_close),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
