#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "bridge/client/life.h"
#include "tests/support/actors.h"
#include "tests/support/floor.h"

#define SEND    "{\"type\":\"send_message\",\"payload_id\":%u,\"message\":\"m%u\"}"
#define WORKERS 4

static void hears_message(struct floor *floor, struct stage_client *client, unsigned number)
{
	char pattern[80];

	snprintf(pattern, sizeof(pattern), "{\"type\":\"message_sent\",\"message\":\"m%u\",...}",
		 number);
	floor_hears(floor, client, pattern);
}

/* error: as it stands in the frame. */
static void hears_reply(struct floor *floor, struct stage_client *client, const char *id,
			const char *error)
{
	char pattern[100];

	snprintf(pattern, sizeof(pattern), "{\"type\":\"reply\",\"payload_id\":%s,\"error\":%s}",
		 id, error);
	floor_hears(floor, client, pattern);
}

/* On one worker and on several, whichever of them is the room's owner. */
static void answers_keep_the_order_of_requests(void **state)
{
	(void)state;
	for (unsigned first = 0; first < WORKERS; first++) {
		struct floor floor;
		struct stage_client *bob = NULL;

		floor_open(&floor, first == 0 ? 1 : WORKERS, NULL);
		for (unsigned i = 0; i <= first; i++) {
			char name[8];

			snprintf(name, sizeof(name), "bob%u", i);
			bob = floor_join(&floor, name, DIALECT_SIMPLE, NULL);
		}
		floor_hold(&floor);
		floor_say(bob, SEND, 1, 1);
		floor_say(bob, "no json");
		floor_say(bob, "{\"type\":\"send_message\",\"payload_id\":\"x\",\"message\":7}");
		floor_say(bob, SEND, 2, 2);
		floor_say(bob, "{\"type\":\"dance\",\"payload_id\":3}");
		floor_hears_nothing(bob);
		floor_go(&floor);
		hears_message(&floor, bob, 1);
		hears_reply(&floor, bob, "1", "null");
		hears_reply(&floor, bob, "null", "\"malformed_payload\"");
		hears_reply(&floor, bob, "\"x\"", "\"malformed_payload\"");
		hears_message(&floor, bob, 2);
		hears_reply(&floor, bob, "2", "null");
		hears_reply(&floor, bob, "null", "\"malformed_payload\"");
		floor_hears_nothing(bob);
		assert_int_equal(bob->session->under_way, 0);
		floor_close(&floor);
	}
}

static void nothing_pending_is_answered_at_once(void **state)
{
	struct floor floor;
	struct stage_client *bob;

	(void)state;
	floor_open(&floor, 1, NULL);
	bob = floor_join(&floor, "bob", DIALECT_SIMPLE, NULL);
	floor_say(bob, "no json");
	hears_reply(&floor, bob, "null", "\"malformed_payload\"");
	assert_int_equal(bob->session->under_way, 0);
	floor_close(&floor);
}

/* A dialect with request ids does not wait. */
static void others_answer_at_once(void **state)
{
	struct floor floor;
	struct stage_client *ann;

	(void)state;
	floor_open(&floor, WORKERS, NULL);
	ann = floor_join(&floor, "ann", DIALECT_MIXER, NULL);
	floor_hold(&floor);
	actor_says(ann, "first");
	floor_say(ann, "no json");
	assert_int_equal(ann->session->under_way, 1);
	floor_go(&floor);
	floor_hears(&floor, ann, "{\"type\":\"reply\",\"error\":\"UNOTJSON\",\"id\":null}");
	floor_hears(&floor, ann, "{\"type\":\"reply\",\"error\":null,\"id\":1,...}");
	floor_hears(&floor, ann, "{\"event\":\"ChatMessage\",...}");
	floor_hears_nothing(ann);
	assert_int_equal(ann->session->under_way, 0);
	floor_close(&floor);
}

static void refusals_wait_their_turn_too(void **state)
{
	struct floor floor;
	struct stage_client *bob;

	(void)state;
	floor_open(&floor, WORKERS,
		   FLOOR_LOBBY "limits = { burst = 1; messages_per_second = 1; };");
	bob = floor_join(&floor, "bob", DIALECT_SIMPLE, NULL);
	floor_hold(&floor);
	floor_say(bob, SEND, 1, 1);
	floor_say(bob, SEND, 2, 2);
	floor_go(&floor);
	hears_message(&floor, bob, 1);
	hears_reply(&floor, bob, "1", "null");
	hears_reply(&floor, bob, "2", "\"rate_limited\"");
	floor_close(&floor);
}

static void pauses(size_t dialect)
{
	struct floor floor;
	struct stage_client *client;

	floor_open(&floor, 2, FLOOR_LOBBY "limits = { requests_under_way = 4; };");
	client = floor_join(&floor, "bob", dialect, NULL);
	floor_hold(&floor);
	for (unsigned i = 0; i < 3; i++)
		actor_says(client, "hi");
	assert_false(client->paused);
	actor_says(client, "hi");
	assert_true(client->paused);
	assert_int_equal(client->session->under_way, 4);
	for (unsigned i = 0; i < 6; i++)
		actor_says(client, "hi"); /* not read */
	assert_int_equal(client->session->under_way, 4);
	assert_non_null(client->said);
	floor_go(&floor);
	assert_false(client->paused);
	assert_null(client->said);
	assert_int_equal(client->session->under_way, 0);
	/* Each is shown once; mixer and simple have a reply as well. */
	assert_int_equal(floor_heard(client),
			 dialect == DIALECT_MIXER || dialect == DIALECT_SIMPLE ? 20 : 10);
	assert_int_equal(client->close_code, 0);
	floor_close(&floor);
}

static void too_many_under_way_stop_reading(void **state)
{
	(void)state;
	for (size_t d = 0; d < DIALECTS; d++)
		pauses(d);
}

/* Frames that are no requests of their own fill up the row of answers as well. */
static void bad_frames_behind_a_request_count(void **state)
{
	struct floor floor;
	struct stage_client *bob;

	(void)state;
	floor_open(&floor, 2, FLOOR_LOBBY "limits = { requests_under_way = 4; };");
	bob = floor_join(&floor, "bob", DIALECT_SIMPLE, NULL);
	floor_hold(&floor);
	floor_say(bob, SEND, 1, 1);
	for (unsigned i = 0; i < 10; i++)
		floor_say(bob, "bad");
	assert_true(bob->paused);
	assert_int_equal(bob->session->under_way, 4);
	floor_go(&floor);
	hears_message(&floor, bob, 1);
	hears_reply(&floor, bob, "1", "null");
	for (unsigned i = 0; i < 10; i++)
		hears_reply(&floor, bob, "null", "\"malformed_payload\"");
	floor_hears_nothing(bob);
	floor_close(&floor);
}

/* A message already read may come in spite of the pause, but not without end. */
static void a_flood_in_spite_of_the_pause_is_closed(void **state)
{
	struct floor floor;
	struct stage_client *bob;

	(void)state;
	floor_open(&floor, 2, FLOOR_LOBBY "limits = { requests_under_way = 64; };");
	bob = floor_join(&floor, "bob", DIALECT_SIMPLE, NULL);
	floor_hold(&floor);
	floor_say(bob, SEND, 1, 1);
	for (unsigned i = 1; i < REQUESTS_MAX; i++)
		life_receive(bob->session, SLICE("bad"), false);
	assert_int_equal(bob->session->under_way, REQUESTS_MAX);
	assert_int_equal(bob->session->phase, SESSION_OPEN);
	life_receive(bob->session, SLICE("bad"), false);
	assert_int_equal(bob->session->phase, SESSION_CLOSING);
	floor_go(&floor);
	assert_int_equal(bob->close_code, 1008);
	floor_close(&floor);
}

/* The places in the row are used again and again. */
static void a_long_row_keeps_its_order(void **state)
{
	struct floor floor;
	struct stage_client *bob;
	unsigned asked = 0;

	(void)state;
	floor_open(&floor, 2,
		   FLOOR_LOBBY "limits = { requests_under_way = 64; messages_per_second = 0;"
			       " signals_per_second = 0; };");
	bob = floor_join(&floor, "bob", DIALECT_SIMPLE, NULL);
	for (unsigned batch = 1; batch <= 20; batch++) {
		unsigned first = asked;

		floor_hold(&floor);
		for (unsigned i = 0; i < batch * 3; i++, asked++)
			if (asked % 3 == 1)
				floor_say(bob, "{\"type\":\"send_message\",\"payload_id\":%u}",
					  asked);
			else
				floor_say(bob, SEND, asked, asked);
		floor_go(&floor);
		for (unsigned i = first; i < asked; i++) {
			char id[12];

			snprintf(id, sizeof(id), "%u", i);
			if (i % 3 != 1)
				hears_message(&floor, bob, i);
			hears_reply(&floor, bob, id, i % 3 == 1 ? "\"malformed_payload\"" : "null");
		}
		floor_hears_nothing(bob);
	}
	floor_close(&floor);
}

static void tickets_come_round(void **state)
{
	struct floor floor;
	struct stage_client *bob;

	(void)state;
	floor_open(&floor, 2, NULL);
	bob = floor_join(&floor, "bob", DIALECT_SIMPLE, NULL);
	bob->session->first_ticket = bob->session->next_ticket = INT32_MAX - 1;
	floor_hold(&floor);
	for (unsigned i = 0; i < 5; i++)
		floor_say(bob, SEND, i, i);
	floor_go(&floor);
	for (unsigned i = 0; i < 5; i++) {
		char id[12];

		snprintf(id, sizeof(id), "%u", i);
		hears_message(&floor, bob, i);
		hears_reply(&floor, bob, id, "null");
	}
	assert_int_equal(bob->session->next_ticket, 3);
	floor_close(&floor);
}

/* The rest hears what was asked before; nothing is left of the row. */
static void who_goes_leaves_its_requests(void **state)
{
	struct floor floor;
	struct stage_client *bob, *cy;

	(void)state;
	floor_open(&floor, WORKERS, NULL);
	bob = floor_join(&floor, "bob", DIALECT_SIMPLE, NULL);
	cy = floor_join(&floor, "cy", DIALECT_SIMPLE, NULL);
	floor_hold(&floor);
	floor_say(bob, SEND, 1, 1);
	floor_say(bob, "bad");
	stage_leave(bob);
	floor_go(&floor);
	hears_message(&floor, cy, 1);
	floor_hears(&floor, cy, "{\"type\":\"user_disconnected\",\"username\":\"bob\",...}");
	floor_hears_nothing(cy);
	floor_close(&floor);
}

/* A request without an answer in its dialect ends as well. */
static void silence_is_an_answer(void **state)
{
	struct floor floor;
	struct stage_client *cy;

	(void)state;
	floor_open(&floor, 2, NULL);
	cy = floor_join(&floor, "cy", DIALECT_CONCORD, NULL);
	floor_say(cy, "{\"type\":\"chat_typing\",\"channelId\":1,\"sentAt\":1}");
	actor_says(cy, "hi");
	floor_hears(&floor, cy, "{\"type\":\"chat_typing\",...}");
	floor_hears(&floor, cy, "{\"type\":\"chat_sent\",...}");
	floor_hears_nothing(cy);
	assert_int_equal(cy->session->under_way, 0);
	floor_close(&floor);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(answers_keep_the_order_of_requests),
		cmocka_unit_test(nothing_pending_is_answered_at_once),
		cmocka_unit_test(others_answer_at_once),
		cmocka_unit_test(refusals_wait_their_turn_too),
		cmocka_unit_test(too_many_under_way_stop_reading),
		cmocka_unit_test(bad_frames_behind_a_request_count),
		cmocka_unit_test(a_flood_in_spite_of_the_pause_is_closed),
		cmocka_unit_test(a_long_row_keeps_its_order),
		cmocka_unit_test(tickets_come_round),
		cmocka_unit_test(who_goes_leaves_its_requests),
		cmocka_unit_test(silence_is_an_answer),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
