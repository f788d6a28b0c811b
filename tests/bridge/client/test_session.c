#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "bridge/client/entry.h"
#include "bridge/client/life.h"
#include "bridge/client/membership.h"
#include "bridge/client/push.h"
#include "bridge/core/directory.h"
#include "bridge/net/transport.h"
#include "codecs/text/name.h"
#include "tests/support/actors.h"
#include "tests/support/floor.h"

/* Returns new. */
static struct frame *frame_small(void)
{
	return frame_of_text(FRAMING_WEBSOCKET, SLICE("{\"last\":1}"));
}

/* ---- closing ---- */

static void closing_flushes_first(void **state)
{
	struct floor floor;
	struct stage_client *bob, *ann;
	struct frame *frame = frame_small();

	(void)state;
	floor_open(&floor, 2, NULL);
	bob = floor_join(&floor, "bob", DIALECT_SIMPLE, NULL);
	ann = floor_join(&floor, "ann", DIALECT_MIXER, NULL);
	floor_hold(&floor);
	session_push(bob->session, frame, NULL, OUTCOME_DELIVERED);
	frame_release(frame);
	session_close(bob->session, CLOSE_KICKED);
	session_close(bob->session, CLOSE_GOING_AWAY); /* the first stands */
	floor_say(bob, "no json");                     /* not read any more */
	assert_int_equal(bob->close_code, 0);
	floor_go(&floor);
	assert_int_equal(bob->close_code, 1008);
	assert_false(bob->killed);
	floor_hears(&floor, bob, "{\"last\":1}");
	floor_hears_nothing(bob);
	floor_hears(&floor, ann,
		    "{\"event\":\"UserLeave\",\"data\":{\"username\":\"bob\",...},...}");
	floor_close(&floor);
}

static void closing_waits_for_a_partial_write(void **state)
{
	struct floor floor;
	struct stage_client *bob;

	(void)state;
	floor_open(&floor, 1, NULL);
	bob = floor_join(&floor, "bob", DIALECT_SIMPLE, NULL);
	bob->stalled = true;
	actor_says(bob, "hi");
	session_close(bob->session, CLOSE_KICKED);
	stage_settle(floor.stage);
	assert_int_equal(bob->close_code, 0);
	assert_int_equal(bob->session->phase, SESSION_CLOSING);
	stage_resume(bob);
	assert_int_equal(floor_heard(bob), 2);
	assert_int_equal(bob->close_code, 1008);
	assert_false(bob->killed);
	floor_close(&floor);
}

static void closing_takes_two_seconds_at_most(void **state)
{
	struct floor floor;
	struct stage_client *bob;

	(void)state;
	floor_open(&floor, 1, NULL);
	bob = floor_join(&floor, "bob", DIALECT_SIMPLE, NULL);
	bob->stalled = true;
	actor_says(bob, "hi");
	session_close(bob->session, CLOSE_KICKED);
	stage_wait(floor.stage, 2000);
	assert_non_null(bob->session);
	stage_wait(floor.stage, 2000);
	assert_null(bob->session);
	assert_true(bob->killed);
	assert_int_equal(bob->close_code, 0);
	assert_int_equal(floor_outcomes(&floor, DIALECT_SIMPLE, OUTCOME_DROPPED_GONE), 1);
	floor_close(&floor);
}

/* A name is free as soon as its session closes, whatever still has to be sent. */
static void who_closes_is_nobody(void **state)
{
	struct floor floor;
	struct stage_client *bob;

	(void)state;
	floor_open(&floor, 2, NULL);
	bob = floor_join(&floor, "bob", DIALECT_SIMPLE, NULL);
	bob->stalled = true;
	actor_says(bob, "hi");
	session_close(bob->session, CLOSE_KICKED);
	life_carry_out(bob->worker);
	assert_false(bob->session->peer.logged_in);
	assert_int_equal(bob->session->membership_count, 0);
	floor_join(&floor, "bob", DIALECT_SIMPLE, NULL);
	floor_close(&floor);
}

/* ---- the upgrade ---- */

static void an_upgrade_may_come_to_nothing(void **state)
{
	struct floor floor;
	struct stage_client *ann;
	struct codec_handshake request = { .path = SLICE("/concord"), .query = SLICE("token=bob") };
	struct session *session;
	struct person who;
	char name[NAME_BYTES_MAX];

	(void)state;
	floor_open(&floor, 1, NULL);
	ann = floor_join(&floor, "ann", DIALECT_CONCORD, NULL);
	session = life_begin(floor.stage->bridge->workers[0],
			     stage_mount(floor.stage, DIALECT_CONCORD, NULL), 0,
			     ann->session->transport, NULL);
	assert_int_equal(session->phase, SESSION_UPGRADING);
	life_handshake(session, &request);
	assert_true(directory_find_name(floor.stage->bridge->directory, SLICE("bob"), &who, name));
	life_gone(session);
	stage_settle(floor.stage);
	assert_false(directory_find_name(floor.stage->bridge->directory, SLICE("bob"), &who, name));
	assert_int_equal(floor_counters(&floor)->connections_open, 1);
	assert_int_equal(floor_counters(&floor)->connections_accepted, 1);
	assert_int_equal(floor.stage->bridge->workers[0]->session_count, 1);
	floor_close(&floor);
}

static void a_refused_upgrade_is_counted_and_told(void **state)
{
	struct floor floor;

	(void)state;
	floor_open(&floor, 1, NULL);
	floor_refused(&floor, DIALECT_CONCORD, "", "401");
	assert_int_equal(floor_counters(&floor)->connections_accepted, 0);
	assert_int_equal(floor_counters(&floor)->connections_open, 0);
	assert_int_equal(floor_counters(&floor)->connections_refused[REASON_BAD_LOGIN], 1);
	floor_close(&floor);
}

/* ---- reading ---- */

static void binary_where_it_is_read(void **state)
{
	struct floor floor;
	struct stage_client *clients[DIALECTS];

	(void)state;
	floor_open(&floor, 1, NULL);
	for (size_t d = 0; d < DIALECTS; d++) {
		char name[8];

		snprintf(name, sizeof(name), "p%zu", d);
		clients[d] = floor_join(&floor, name, d, NULL);
	}
	for (size_t d = 0; d < DIALECTS; d++) {
		stage_say(clients[d], SLICE("{}"), true);
		if (registry_codec(d)->reads_binary)
			assert_int_equal(clients[d]->close_code, 0);
		else
			assert_int_equal(clients[d]->close_code, 1003);
	}
	floor_close(&floor);
}

static void messages_may_be_longer_after_the_login(void **state)
{
	struct floor floor;
	struct stage_client *ann;

	(void)state;
	floor_open(&floor, 1, FLOOR_LOBBY "limits = { message_bytes = 2000; login_bytes = 300; };");
	ann = floor_connect(&floor, "ann", DIALECT_MIXER, "name=ann");
	assert_int_equal(life_message_limit(ann->session), 300);
	floor_say(ann,
		  "{\"type\":\"method\",\"method\":\"auth\",\"arguments\":[1,7,\"k\"],\"id\":0}");
	assert_int_equal(life_message_limit(ann->session), 2000);
	floor_close(&floor);
}

static void frames_are_counted(void **state)
{
	struct floor floor;
	struct stage_client *bob;

	(void)state;
	floor_open(&floor, 1, NULL);
	bob = floor_join(&floor, "bob", DIALECT_SIMPLE, NULL);
	stage_say(bob, SLICE("12345"), false);
	stage_say(bob, SLICE("678"), false);
	assert_int_equal(floor_counters(&floor)->frames_received, 2);
	assert_int_equal(floor_counters(&floor)->bytes_received, 8);
	assert_int_equal(floor_counters(&floor)->bad_frames[REASON_MALFORMED], 2);
	floor_close(&floor);
}

static void sent_bytes_are_counted(void **state)
{
	struct floor floor;
	struct stage_client *bob;
	const struct counters *counters;
	uint64_t frames, bytes;
	struct frame *frame = frame_small();

	(void)state;
	floor_open(&floor, 1, NULL);
	bob = floor_join(&floor, "bob", DIALECT_SIMPLE, NULL);
	counters = floor_counters(&floor);
	frames = counters->frames_written;
	bytes = counters->bytes_written;
	session_push(bob->session, frame, NULL, OUTCOME_DELIVERED);
	session_push(bob->session, frame, NULL, OUTCOME_DELIVERED);
	stage_settle(floor.stage);
	counters = floor_counters(&floor);
	assert_int_equal(counters->frames_written, frames + 2);
	assert_int_equal(counters->bytes_written, bytes + 2 * frame->len);
	frame_release(frame);
	floor_close(&floor);
}

static void the_rate_is_limited(void **state)
{
	struct floor floor;
	struct stage_client *bob;

	(void)state;
	floor_open(&floor, 1, FLOOR_LOBBY "limits = { burst = 3; messages_per_second = 2; };");
	bob = floor_join(&floor, "bob", DIALECT_SIMPLE, NULL);
	for (unsigned i = 0; i < 3; i++)
		assert_true(session_afford(bob->session));
	assert_false(session_afford(bob->session));
	stage_wait(floor.stage, 250);
	assert_false(session_afford(bob->session));
	stage_wait(floor.stage, 250);
	assert_true(session_afford(bob->session));
	assert_false(session_afford(bob->session));
	/* Credit does not grow beyond the burst. */
	stage_wait(floor.stage, 20000);
	for (unsigned i = 0; i < 3; i++)
		assert_true(session_afford(bob->session));
	assert_false(session_afford(bob->session));
	actor_says(bob, "hi");
	floor_hears(&floor, bob, "{\"type\":\"reply\",\"error\":\"rate_limited\",...}");
	assert_int_equal(floor_counters(&floor)->intake.refused[REASON_RATE_LIMITED], 1);
	floor_close(&floor);
	floor_open(&floor, 1, FLOOR_LOBBY "limits = { burst = 1; messages_per_second = 0; };");
	bob = floor_join(&floor, "bob", DIALECT_SIMPLE, NULL);
	for (unsigned i = 0; i < 1000; i++)
		assert_true(session_afford(bob->session));
	floor_close(&floor);
}

/* ---- time ---- */

static void a_login_has_its_time(void **state)
{
	struct floor floor;
	struct stage_client *ann, *bob;

	(void)state;
	floor_open(&floor, 2, FLOOR_LOBBY "limits = { login_seconds = 3; };");
	ann = floor_connect(&floor, "ann", DIALECT_MIXER, "name=ann");
	bob = floor_join(&floor, "bob", DIALECT_MIXER, NULL);
	stage_wait(floor.stage, 2750);
	assert_int_equal(ann->close_code, 0);
	stage_wait(floor.stage, 1250);
	assert_int_equal(ann->close_code, 1008);
	assert_int_equal(bob->close_code, 0);
	assert_int_equal(floor_counters(&floor)->sessions_timed_out, 1);
	floor_close(&floor);
}

static void a_ping_is_an_empty_control_frame(void **state)
{
	(void)state;
	assert_int_equal(websocket_ping.len, 2);
	assert_memory_equal(websocket_ping.data, "\x89\x00", 2);
}

/* Who answers the pings stays; who says nothing at all is gone. */
static void silence_is_pinged_and_then_ended(void **state)
{
	struct floor floor;
	struct stage_client *bob, *cy;

	(void)state;
	floor_open(&floor, 2, FLOOR_LOBBY "limits = { ping_seconds = 5; idle_seconds = 8; };");
	bob = floor_join(&floor, "bob", DIALECT_SIMPLE, NULL);
	cy = floor_join(&floor, "cy", DIALECT_SIMPLE, NULL);
	cy->silent = true;
	stage_wait(floor.stage, 4750);
	assert_int_equal(bob->pings + cy->pings, 0);
	stage_wait(floor.stage, 1250);
	assert_int_equal(bob->pings, 1);
	assert_int_equal(cy->pings, 1);
	stage_wait(floor.stage, 1750);
	assert_int_equal(cy->close_code, 0);
	stage_wait(floor.stage, 1250);
	assert_int_equal(cy->close_code, 1008);
	assert_int_equal(cy->pings, 1);
	stage_wait(floor.stage, 60000);
	assert_int_equal(bob->close_code, 0);
	assert_in_range(bob->pings, 8, 14);
	assert_int_equal(floor_counters(&floor)->sessions_timed_out, 1);
	floor_close(&floor);
}

static void who_talks_is_not_pinged(void **state)
{
	struct floor floor;
	struct stage_client *bob;

	(void)state;
	floor_open(&floor, 1, FLOOR_LOBBY "limits = { ping_seconds = 5; idle_seconds = 8; };");
	bob = floor_join(&floor, "bob", DIALECT_SIMPLE, NULL);
	bob->silent = true;
	for (unsigned i = 0; i < 20; i++) {
		stage_wait(floor.stage, 3000);
		actor_says(bob, "hi");
	}
	assert_int_equal(bob->pings, 0);
	assert_int_equal(bob->close_code, 0);
	floor_close(&floor);
}

/* Some clients look for an event of the dialect itself, beside the WebSocket's ping. */
static void keepalives_are_of_the_dialect(void **state)
{
	struct floor floor;
	struct stage_client *clients[DIALECTS];

	(void)state;
	floor_open(&floor, 1, FLOOR_LOBBY "limits = { ping_seconds = 5; idle_seconds = 8; };");
	for (size_t d = 0; d < DIALECTS; d++) {
		char name[8];

		snprintf(name, sizeof(name), "p%zu", d);
		clients[d] = floor_join(&floor, name, d, NULL);
	}
	stage_wait(floor.stage, 6000);
	for (size_t d = 0; d < DIALECTS; d++) {
		assert_int_equal(clients[d]->pings, 1);
		assert_int_equal(floor_heard(clients[d]),
				 registry_codec(d)->serves->keepalive ? 1 : 0);
	}
	floor_close(&floor);
}

/* ---- rooms ---- */

static void rooms_are_limited_in_number(void **state)
{
	struct floor floor;
	struct stage_client *dora, *cy;
	struct room_entry *rooms[2];

	(void)state;
	floor_open(&floor, 2, FLOOR_TWO_ROOMS "limits = { rooms_per_connection = 1; };");
	for (size_t i = 0; i < 2; i++)
		rooms[i] = room_table_at(floor.stage->bridge->rooms, i);
	dora = floor_join(&floor, "dora", DIALECT_ROOMS, NULL);
	assert_true(session_membership(dora->session, rooms[0])->in);
	assert_null(session_membership(dora->session, rooms[1]));
	assert_false(entry_join(dora->session, rooms[0]));
	assert_false(entry_join(dora->session, rooms[1]));
	floor_say(dora, "{\"type\":\"enter\",\"key\":\"dora\","
			"\"room_id\":\"20bb1e5a-4c1f-4d5e-9b0a-7c2f3d9e6a02\"}");
	floor_hears(&floor, dora, "{\"type\":\"error\",\"error\":\"too_many\",...}");
	/* Not those who hear every room. */
	cy = floor_join(&floor, "cy", DIALECT_CONCORD, NULL);
	assert_int_equal(cy->session->membership_count, 2);
	floor_close(&floor);
}

/* Members move within the worker's list when others go; nobody loses their place. */
static void places_follow_who_moves(void **state)
{
	struct floor floor;
	struct stage_client *people[12], *left[6];
	size_t rest = 0;

	(void)state;
	floor_open(&floor, 1, FLOOR_TWO_ROOMS);
	for (unsigned i = 0; i < 12; i++) {
		char name[8];

		snprintf(name, sizeof(name), "p%u", i);
		people[i] =
		    floor_join(&floor, name, i % 2 ? DIALECT_CONCORD : DIALECT_SIMPLE, NULL);
	}
	for (unsigned i = 0; i < 12; i++)
		if (i % 3 == 0 || i == 11 || i == 1)
			stage_leave(people[i]);
		else
			left[rest++] = people[i];
	assert_int_equal(rest, 6);
	for (size_t i = 0; i < rest; i++)
		for (size_t m = 0; m < left[i]->session->membership_count; m++) {
			const struct membership *its = &left[i]->session->memberships[m];
			const struct hub *room =
			    &room_share(floor.stage->bridge->workers[0], its->room)->hub;

			assert_true(its->place < room->count);
			assert_ptr_equal(room->members[its->place].session, left[i]->session);
		}
	floor_close(&floor);
}

/* What answering and sending took is given back within a second or so of rest; what is under way
 * is kept. */
static void a_session_at_rest_keeps_little(void **state)
{
	struct floor floor;
	struct stage_client *bob, *ann;

	(void)state;
	floor_open(&floor, 1, NULL);
	ann = floor_join(&floor, "ann", DIALECT_MIXER, NULL);
	bob = floor_join(&floor, "bob", DIALECT_SIMPLE, NULL);
	actor_says(bob, "hi");
	assert_non_null(bob->session->answers);
	assert_non_null(bob->session->outbox.entries);
	stage_wait(floor.stage, 1500);
	assert_null(bob->session->answers);
	assert_null(bob->session->outbox.entries);
	bob->stalled = true;
	actor_says(ann, "hi");
	stage_wait(floor.stage, 1500);
	assert_int_equal(bob->session->outbox.count, 1);
	stage_resume(bob);
	actor_says(bob, "again");
	assert_int_equal(floor_heard(bob), 5);
	floor_hold(&floor);
	actor_says(bob, "more");
	assert_int_equal(bob->session->under_way, 1);
	bob->worker->session_tick_ms = 0;
	life_tick(bob->worker);
	assert_non_null(bob->session->answers);
	floor_go(&floor);
	assert_int_equal(floor_heard(bob), 7);
	floor_close(&floor);
}

/* Out of a room: the others hear it once, and a second time there is nothing to leave. */
static void parting_is_told(void **state)
{
	struct floor floor;
	struct stage_client *bob, *cy;
	struct room_entry *lobby;

	(void)state;
	floor_open(&floor, 2, NULL);
	lobby = room_table_at(floor.stage->bridge->rooms, 0);
	bob = floor_join(&floor, "bob", DIALECT_SIMPLE, NULL);
	cy = floor_join(&floor, "cy", DIALECT_SIMPLE, NULL);
	assert_true(entry_part(bob->session, lobby, true, TICKET_NONE));
	assert_false(entry_part(bob->session, lobby, true, TICKET_NONE));
	stage_settle(floor.stage);
	floor_hears(&floor, cy, "{\"type\":\"user_disconnected\",\"username\":\"bob\",...}");
	floor_hears_nothing(cy);
	floor_hears_nothing(bob);
	floor_close(&floor);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(closing_flushes_first),
		cmocka_unit_test(closing_waits_for_a_partial_write),
		cmocka_unit_test(closing_takes_two_seconds_at_most),
		cmocka_unit_test(who_closes_is_nobody),
		cmocka_unit_test(an_upgrade_may_come_to_nothing),
		cmocka_unit_test(a_refused_upgrade_is_counted_and_told),
		cmocka_unit_test(binary_where_it_is_read),
		cmocka_unit_test(messages_may_be_longer_after_the_login),
		cmocka_unit_test(frames_are_counted),
		cmocka_unit_test(sent_bytes_are_counted),
		cmocka_unit_test(the_rate_is_limited),
		cmocka_unit_test(a_login_has_its_time),
		cmocka_unit_test(a_ping_is_an_empty_control_frame),
		cmocka_unit_test(silence_is_pinged_and_then_ended),
		cmocka_unit_test(who_talks_is_not_pinged),
		cmocka_unit_test(keepalives_are_of_the_dialect),
		cmocka_unit_test(rooms_are_limited_in_number),
		cmocka_unit_test(places_follow_who_moves),
		cmocka_unit_test(parting_is_told),
		cmocka_unit_test(a_session_at_rest_keeps_little),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
