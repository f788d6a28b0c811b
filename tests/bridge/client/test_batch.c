#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "bridge/client/batch.h"
#include "bridge/client/push.h"
#include "tests/support/actors.h"
#include "tests/support/floor.h"

#define FREE_ROOMS FLOOR_TWO_ROOMS "limits = {" FLOOR_NO_RATE " };"
#define METHOD(m)  "{\"type\":\"method\",\"method\":\"" m "\",\"arguments\":"

static uint64_t writes(struct floor *floor)
{
	return floor_counters(floor)->writes;
}

/* ---- order ---- */

/* Who is in several rooms hears them in the order in which things were said, in one write. */
static void rooms_keep_their_order(void **state)
{
	static const char *const said[] = { "first", "second", "third", "fourth" };
	struct floor floor;
	struct stage_client *bob, *dee, *cy;
	uint64_t before;

	(void)state;
	floor_open(&floor, 1, FREE_ROOMS);
	bob = floor_join(&floor, "bob", DIALECT_SIMPLE, NULL);
	dee = floor_join_at(&floor, "dee", DIALECT_SIMPLE, "/attic");
	cy = floor_join(&floor, "cy", DIALECT_CONCORD, NULL);
	before = writes(&floor);
	floor_hold(&floor);
	for (unsigned i = 0; i < 4; i++)
		actor_says(i % 2 ? dee : bob, said[i]);
	floor_go(&floor);
	assert_int_equal(writes(&floor), before + 3);
	for (unsigned i = 0; i < 4; i++)
		floor_hears_words(cy, said[i]);
	for (unsigned i = 0; i < 4; i++) {
		floor_hears_words(i % 2 ? dee : bob, said[i]);
		floor_hears_words(i % 2 ? dee : bob, "reply");
	}
	floor_hears_nothing(bob);
	floor_hears_nothing(dee);
	floor_close(&floor);
}

/* Three rooms say something; who is in two of them gets the third's for nobody else. */
static void who_is_in_some_rooms_hears_those(void **state)
{
	static const char enter[] = "{\"type\":\"enter\",\"key\":\"dora\",\"room_id\":\"%s\"}";
	struct floor floor;
	struct stage_client *dora, *dan[3];

	(void)state;
	floor_open(&floor, 1,
		   "rooms = ( { name = \"a\"; mixer = 1; rooms = "
		   "\"10bb1e5a-4c1f-4d5e-9b0a-7c2f3d9e6a01\"; },"
		   " { name = \"b\"; mixer = 2; rooms = "
		   "\"20bb1e5a-4c1f-4d5e-9b0a-7c2f3d9e6a02\"; },"
		   " { name = \"c\"; mixer = 3; } );"
		   "listeners = ( { port = 0; mounts = ("
		   " { path = \"/rooms\"; dialect = \"rooms\"; room = \"a\"; },"
		   " { path = \"/a\"; dialect = \"simple\"; room = \"a\"; },"
		   " { path = \"/b\"; dialect = \"simple\"; room = \"b\"; },"
		   " { path = \"/c\"; dialect = \"simple\"; room = \"c\"; } ); } );"
		   "limits = {" FLOOR_NO_RATE " };");
	dan[0] = floor_join_at(&floor, "x", DIALECT_SIMPLE, "/a");
	dan[1] = floor_join_at(&floor, "y", DIALECT_SIMPLE, "/b");
	dan[2] = floor_join_at(&floor, "z", DIALECT_SIMPLE, "/c");
	dora = floor_join(&floor, "dora", DIALECT_ROOMS, NULL);
	floor_say(dora, enter, "20bb1e5a-4c1f-4d5e-9b0a-7c2f3d9e6a02");
	floor_forget(&floor);
	floor_hold(&floor);
	for (unsigned i = 0; i < 6; i++) {
		char word[16];

		snprintf(word, sizeof(word), "word%u", i);
		actor_says(dan[i % 3], word);
	}
	floor_go(&floor);
	floor_hears_words(dora, "word0");
	floor_hears_words(dora, "word1");
	floor_hears_words(dora, "word3");
	floor_hears_words(dora, "word4");
	floor_hears_nothing(dora);
	for (unsigned i = 0; i < 3; i++)
		assert_int_equal(floor_heard(dan[i]), 4);
	floor_close(&floor);
}

/* What is for one person alone stands where it was said. */
static void private_words_stand_between(void **state)
{
	struct floor floor;
	struct stage_client *ann, *dan, *eve;

	(void)state;
	floor_open(&floor, 1, FREE_ROOMS);
	ann = floor_join(&floor, "ann", DIALECT_MIXER, NULL);
	dan = floor_join(&floor, "dan", DIALECT_MIXER, NULL);
	eve = floor_join(&floor, "eve", DIALECT_MIXER, NULL);
	floor_hold(&floor);
	actor_says(ann, "before");
	floor_say(ann, METHOD("whisper") "[\"dan\",\"psst\"],\"id\":9}");
	actor_says(ann, "after");
	floor_go(&floor);
	floor_hears_words(dan, "before");
	floor_hears_words(dan, "psst");
	floor_hears_words(dan, "after");
	floor_hears_words(eve, "before");
	floor_hears_words(eve, "after");
	floor_hears_nothing(eve);
	floor_close(&floor);
}

/* ---- coming, going, and other tastes within one turn ---- */

static void who_goes_has_heard_what_was_before(void **state)
{
	struct floor floor;
	struct stage_client *dora;

	(void)state;
	floor_open(&floor, 1, FREE_ROOMS);
	dora = floor_join(&floor, "dora", DIALECT_ROOMS, NULL);
	floor_hold(&floor);
	floor_inject(&floor, "{\"kind\":\"notice\",\"text\":\"before\"}");
	floor_inject(&floor, "{\"kind\":\"kick\",\"subject\":\"dora\"}");
	floor_inject(&floor, "{\"kind\":\"notice\",\"text\":\"after\"}");
	floor_go(&floor);
	floor_hears_words(dora, "before");
	assert_non_null(stage_next(dora));
	while (stage_next(dora)) {
		assert_null(strstr(stage_next(dora)->text, "after"));
		stage_drop(dora);
	}
	floor_close(&floor);
}

static void who_opted_out_gets_the_rest(void **state)
{
	struct floor floor;
	struct stage_client *ann, *dan, *bob;

	(void)state;
	floor_open(&floor, 1, FREE_ROOMS);
	ann = floor_join(&floor, "ann", DIALECT_MIXER, NULL);
	dan = floor_join(&floor, "dan", DIALECT_MIXER, NULL);
	bob = floor_join(&floor, "bob", DIALECT_SIMPLE, NULL);
	floor_say(ann, METHOD("optOutEvents") "[\"UserJoin\"],\"id\":1}");
	floor_forget(&floor);
	floor_hold(&floor);
	actor_says(bob, "one");
	floor_connect(&floor, "eve", DIALECT_CONCORD, "token=eve");
	actor_says(bob, "two");
	floor_go(&floor);
	floor_hears_words(ann, "one");
	floor_hears_words(ann, "two");
	floor_hears_nothing(ann);
	floor_hears_words(dan, "one");
	floor_hears_words(dan, "UserJoin");
	floor_hears_words(dan, "two");
	assert_int_equal(floor_outcomes(&floor, DIALECT_MIXER, OUTCOME_DROPPED_MUTED), 1);
	floor_close(&floor);
}

/* ---- size ---- */

/* More events than a batch holds, and more bytes than a write. */
static void long_turns_lose_nothing(void **state)
{
	static const unsigned counts[] = { BATCH_ENTRIES_MAX, BATCH_ENTRIES_MAX + 1,
					   3 * BATCH_ENTRIES_MAX };
	static const size_t lengths[] = { 5, 1200 };

	(void)state;
	for (size_t i = 0; i < 6; i++) {
		unsigned count = counts[i / 2];
		struct floor floor;
		struct stage_client *bob, *cy;

		floor_open(&floor, 1, FREE_ROOMS);
		bob = floor_join(&floor, "bob", DIALECT_CONCORD, NULL);
		cy = floor_join(&floor, "cy", DIALECT_SIMPLE, NULL);
		for (unsigned n = 0; n < count; n++) {
			char json[2048], text[1600];

			snprintf(text, sizeof(text), "%u-%0*d", n, (int)lengths[i % 2], 0);
			snprintf(json, sizeof(json), "{\"kind\":\"notice\",\"text\":\"%s\"}", text);
			floor_hold(&floor);
			floor_inject(&floor, json);
		}
		floor_go(&floor);
		for (unsigned n = 0; n < count; n++) {
			char text[16];

			snprintf(text, sizeof(text), "\"%u-0", n);
			floor_hears_words(bob, text);
			floor_hears_words(cy, text);
		}
		floor_hears_nothing(cy);
		floor_close(&floor);
	}
}

#define LONG_NOTICE 70000

/* Returns new. */
static char *long_notice(void)
{
	char *json = NULL;

	assert_true(asprintf(&json, "{\"kind\":\"notice\",\"text\":\"%0*d\"}", LONG_NOTICE, 0) > 0);
	return json;
}

/* One event longer than a write goes out alone. */
static void a_long_event_goes_alone(void **state)
{
	char *json = long_notice();
	struct floor floor;
	struct stage_client *ann;

	(void)state;
	floor_open(&floor, 1, FREE_ROOMS);
	ann = floor_join(&floor, "ann", DIALECT_MIXER, NULL);
	floor_hold(&floor);
	floor_inject(&floor, "{\"kind\":\"notice\",\"text\":\"short\"}");
	floor_inject(&floor, json);
	floor_inject(&floor, json);
	floor_inject(&floor, "{\"kind\":\"notice\",\"text\":\"short\"}");
	floor_go(&floor);
	floor_hears_words(ann, "short");
	floor_hears_words(ann, "0000");
	floor_hears_words(ann, "0000");
	floor_hears_words(ann, "short");
	floor_close(&floor);
	free(json);
}

/* Beside it there may be what the dialect has no word for, and what other rooms say. */
static void a_long_event_is_not_alone(void **state)
{
	char *json = long_notice();
	struct floor floor;
	struct stage_client *ann, *dee;

	(void)state;
	floor_open(&floor, 1, FREE_ROOMS);
	ann = floor_join(&floor, "ann", DIALECT_MIXER, NULL);
	dee = floor_join_at(&floor, "dee", DIALECT_SIMPLE, "/attic");
	floor_hold(&floor);
	floor_inject(&floor, json);
	floor_inject(&floor, "{\"kind\":\"typing\"}");
	floor_inject(&floor, "{\"kind\":\"notice\",\"room\":\"attic\",\"text\":\"up here\"}");
	floor_go(&floor);
	floor_hears_words(ann, "0000");
	floor_hears_nothing(ann);
	floor_hears_words(dee, "up here");
	assert_int_equal(floor_outcomes(&floor, DIALECT_MIXER, OUTCOME_DROPPED_NO_WORD), 1);
	floor_close(&floor);
	free(json);
}

/* ---- connections that do not take it ---- */

/* Of what is under way each event is counted when it has arrived. */
static void a_part_is_in_flight(void **state)
{
	struct floor floor;
	struct stage_client *ann, *bob;
	uint64_t delivered;

	(void)state;
	floor_open(&floor, 1, FREE_ROOMS);
	ann = floor_join(&floor, "ann", DIALECT_MIXER, NULL);
	bob = floor_join(&floor, "bob", DIALECT_CONCORD, NULL);
	delivered = floor_outcomes(&floor, DIALECT_CONCORD, OUTCOME_DELIVERED);
	bob->stalled = true;
	floor_hold(&floor);
	for (unsigned i = 0; i < 3; i++)
		actor_says(ann, "hi");
	floor_go(&floor);
	assert_int_equal(bob->session->outbox.count, 3);
	assert_int_equal(bob->session->outbox.sent, 3);
	assert_int_equal(tallies_in_flight(floor_counters(&floor)->rooms[0].dialects), 3);
	actor_says(ann, "more");
	assert_int_equal(bob->session->outbox.sent, 3);
	stage_resume(bob);
	assert_int_equal(floor_heard(bob), 4);
	assert_int_equal(floor_outcomes(&floor, DIALECT_CONCORD, OUTCOME_DELIVERED), delivered + 4);
	floor_close(&floor);
}

/* Too much of it in one turn is too slow; all of it is counted as that. */
static void too_much_under_way_is_cut(void **state)
{
	struct floor floor;
	struct stage_client *ann, *bob;
	char text[301];

	(void)state;
	floor_open(&floor, 1,
		   FLOOR_LOBBY "limits = { message_bytes = 4096; outbox_bytes = 4096;" FLOOR_NO_RATE
			       " };");
	ann = floor_join(&floor, "ann", DIALECT_MIXER, NULL);
	bob = floor_join(&floor, "bob", DIALECT_CONCORD, NULL);
	memset(text, 'w', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	bob->stalled = true;
	floor_hold(&floor);
	for (unsigned i = 0; i < 20; i++)
		actor_says(ann, text);
	floor_go(&floor);
	assert_int_equal(bob->session->phase, SESSION_CLOSING);
	assert_int_equal(floor_outcomes(&floor, DIALECT_CONCORD, OUTCOME_DROPPED_CUT), 20);
	assert_int_equal(floor_counters(&floor)->sessions_cut, 1);
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

static void what_a_broken_one_was_to_get_is_gone(void **state)
{
	struct floor floor;
	struct stage_client *ann, *bob;
	struct transport broken;

	(void)state;
	floor_open(&floor, 1, FREE_ROOMS);
	ann = floor_join(&floor, "ann", DIALECT_MIXER, NULL);
	bob = floor_join(&floor, "bob", DIALECT_CONCORD, NULL);
	broken = *bob->session->transport;
	broken.write = broken_write;
	bob->session->transport = &broken;
	floor_hold(&floor);
	actor_says(ann, "one");
	actor_says(ann, "two");
	floor_go(&floor);
	assert_true(bob->killed);
	assert_null(bob->session);
	assert_int_equal(floor_outcomes(&floor, DIALECT_CONCORD, OUTCOME_DROPPED_GONE), 2);
	floor_close(&floor);
}

/* ---- sharing ---- */

static const unsigned char *shown[4];
static size_t shown_count;

static bool showing_write(void *conn, const unsigned char *bytes, size_t len, bool *complete)
{
	(void)conn;
	(void)len;
	shown[shown_count++] = bytes;
	*complete = true;
	return true;
}

/* The bytes of a turn are put together once for all who get the same. */
static void bytes_are_put_together_once(void **state)
{
	struct floor floor;
	struct stage_client *ann;
	struct transport showing;

	(void)state;
	floor_open(&floor, 1, FREE_ROOMS);
	ann = floor_join(&floor, "ann", DIALECT_MIXER, NULL);
	shown_count = 0;
	for (unsigned i = 0; i < 3; i++) {
		char name[8];
		struct stage_client *reader;

		snprintf(name, sizeof(name), "p%u", i);
		reader = floor_join(&floor, name, DIALECT_CONCORD, NULL);
		showing = *reader->session->transport;
		showing.write = showing_write;
		reader->session->transport = &showing;
		/* What its own entry brings is of no interest here. */
		shown_count = 0;
	}
	floor_hold(&floor);
	actor_says(ann, "one");
	actor_says(ann, "two");
	floor_go(&floor);
	assert_int_equal(shown_count, 3);
	assert_ptr_equal(shown[0], shown[1]);
	assert_ptr_equal(shown[0], shown[2]);
	floor_close(&floor);
}

/* More is said than a batch takes, before the closing is carried out. */
static void who_is_to_be_closed_is_sent_nothing(void **state)
{
	struct envelope event = { .kind = KIND_MESSAGE, .text = SLICE("too late") };
	struct stage_client *cy;
	struct worker *worker;
	struct room_entry *room;
	struct floor floor;

	(void)state;
	floor_open(&floor, 1, FREE_ROOMS);
	cy = floor_join(&floor, "cy", DIALECT_ROOMS, NULL);
	worker = floor.stage->bridge->workers[0];
	room = cy->session->home;
	session_close(cy->session, CLOSE_SILENT);
	for (unsigned i = 0; i <= BATCH_ENTRIES_MAX; i++) {
		struct broadcast *broadcast =
		    broadcast_new(envelope_seal(&event), room_view(room, 0),
				  UINT64_C(1) << cy->session->form, NULL);

		batch_add(worker, room, broadcast, 0);
		broadcast_release(broadcast);
	}
	stage_settle(floor.stage);
	floor_hears_nothing(cy);
	floor_close(&floor);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rooms_keep_their_order),
		cmocka_unit_test(who_is_in_some_rooms_hears_those),
		cmocka_unit_test(private_words_stand_between),
		cmocka_unit_test(who_goes_has_heard_what_was_before),
		cmocka_unit_test(who_opted_out_gets_the_rest),
		cmocka_unit_test(long_turns_lose_nothing),
		cmocka_unit_test(a_long_event_goes_alone),
		cmocka_unit_test(a_long_event_is_not_alone),
		cmocka_unit_test(a_part_is_in_flight),
		cmocka_unit_test(too_much_under_way_is_cut),
		cmocka_unit_test(what_a_broken_one_was_to_get_is_gone),
		cmocka_unit_test(bytes_are_put_together_once),
		cmocka_unit_test(who_is_to_be_closed_is_sent_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
