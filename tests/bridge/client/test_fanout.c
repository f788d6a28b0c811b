#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/support/actors.h"
#include "tests/support/floor.h"

#define PEOPLE    100
#define MESSAGES  64
#define METHOD(m) "{\"type\":\"method\",\"method\":\"" m "\",\"arguments\":"

/* PEOPLE of the four dialects in turn. */
static void fill(struct floor *floor, struct stage_client *people[PEOPLE])
{
	for (unsigned i = 0; i < PEOPLE; i++) {
		char name[8];

		snprintf(name, sizeof(name), "p%u", i);
		people[i] = floor_join(floor, name, i % DIALECTS, NULL);
	}
}

/* ---- sharing ---- */

/* However much a turn brings, each session makes one write of it. */
static void one_write_for_each_session(void **state)
{
	static const unsigned workers[] = { 1, 4 };

	(void)state;
	for (size_t n = 0; n < 2; n++) {
		struct floor floor;
		struct stage_client *people[PEOPLE];
		struct counters *before;
		const struct counters *after;

		floor_open(&floor, workers[n], FLOOR_LOBBY "limits = {" FLOOR_NO_RATE " };");
		fill(&floor, people);
		before = stage_counters(floor.stage);
		floor_hold(&floor);
		for (unsigned i = 0; i < MESSAGES; i++)
			actor_says(people[i], "hi");
		floor_go(&floor);
		after = floor_counters(&floor);
		assert_int_equal(after->writes, before->writes + PEOPLE);
		assert_true(after->frames_written >= before->frames_written + MESSAGES * PEOPLE);
		for (unsigned i = 0; i < PEOPLE; i++)
			assert_true(floor_heard(people[i]) >= MESSAGES);
		counters_free(before);
		floor_close(&floor);
	}
}

/* Who speaks the same dialect is sent the same bytes in the same place, on every worker. */
static void frames_are_shared(void **state)
{
	struct floor floor;
	struct stage_client *people[PEOPLE];
	const struct frame *frames[DIALECTS] = { NULL };

	(void)state;
	floor_open(&floor, 4, NULL);
	fill(&floor, people);
	for (unsigned i = 1; i < PEOPLE; i++)
		people[i]->stalled = true;
	actor_says(people[0], "hi");
	for (unsigned i = 1; i < PEOPLE; i++) {
		const struct outbox *outbox = &people[i]->session->outbox;

		assert_int_equal(outbox->count, 1);
		if (!frames[i % DIALECTS])
			frames[i % DIALECTS] = outbox->entries[outbox->first].frame;
		assert_ptr_equal(outbox->entries[outbox->first].frame, frames[i % DIALECTS]);
	}
	for (size_t d = 1; d < DIALECTS; d++)
		assert_ptr_not_equal(frames[d], frames[0]);
	floor_close(&floor);
}

/* ---- the order of reply and echo ---- */

static void replies_stand_where_the_dialect_wants_them(void **state)
{
	struct floor floor;
	struct stage_client *ann, *bob;

	(void)state;
	floor_open(&floor, 4, NULL);
	ann = floor_join(&floor, "ann", DIALECT_MIXER, NULL);
	bob = floor_join(&floor, "bob", DIALECT_SIMPLE, NULL);
	actor_says(ann, "hi");
	floor_hears(&floor, ann, "{\"type\":\"reply\",\"data\":{\"id\":\"@m1.uuid\",...},...}");
	floor_hears(&floor, ann,
		    "{\"event\":\"ChatMessage\",\"data\":{\"id\":\"@m1.uuid\",...},...}");
	floor_forget(&floor);
	actor_says(bob, "hi");
	floor_hears(&floor, bob, "{\"type\":\"message_sent\",...}");
	floor_hears(&floor, bob, "{\"type\":\"reply\",...}");
	floor_close(&floor);
}

/* ---- who hears what ---- */

/* A member gets everything from its entry on and nothing before, like everybody else in order. */
static void entering_has_its_place_in_the_order(void **state)
{
	(void)state;
	for (unsigned workers = 1; workers <= 4; workers++) {
		struct floor floor;
		struct stage_client *bob, *dee;

		floor_open(&floor, workers, NULL);
		bob = floor_join(&floor, "bob", DIALECT_CONCORD, NULL);
		floor_hold(&floor);
		actor_says(bob, "before");
		dee = floor_connect(&floor, "dee", DIALECT_CONCORD, "token=dee");
		actor_says(bob, "after");
		floor_go(&floor);
		assert_int_equal(floor_heard(bob), 3);
		assert_in_range(floor_heard(dee), 1, 3);
		while (strcmp(stage_next(bob)->text, stage_next(dee)->text) != 0)
			stage_drop(bob);
		assert_non_null(strstr(stage_next(dee)->text, "ONLINE"));
		if (workers == 1)
			assert_int_equal(floor_heard(dee), 2);
		while (stage_next(bob)) {
			assert_non_null(stage_next(dee));
			assert_string_equal(stage_next(bob)->text, stage_next(dee)->text);
			stage_drop(bob);
			stage_drop(dee);
		}
		floor_hears_nothing(dee);
		floor_close(&floor);
	}
}

/* Gone before the room let it in: the others hear of both, and nothing is left of it. */
static void gone_before_it_was_in(void **state)
{
	(void)state;
	for (unsigned workers = 1; workers <= 4; workers++) {
		struct floor floor;
		struct stage_client *bob, *dee;

		floor_open(&floor, workers, NULL);
		bob = floor_join(&floor, "bob", DIALECT_SIMPLE, NULL);
		floor_hold(&floor);
		dee = floor_connect(&floor, "dee", DIALECT_CONCORD, "token=dee");
		stage_leave(dee);
		floor_go(&floor);
		floor_hears(&floor, bob, "{\"type\":\"user_connected\",\"username\":\"dee\",...}");
		floor_hears(&floor, bob,
			    "{\"type\":\"user_disconnected\",\"username\":\"dee\",...}");
		floor_hears_nothing(bob);
		floor_hears_nothing(dee);
		floor_close(&floor);
	}
}

static void whispers_reach_one_person(void **state)
{
	struct floor floor;
	struct stage_client *ann, *dan[4], *others[DIALECTS];

	(void)state;
	floor_open(&floor, 4, NULL);
	ann = floor_join(&floor, "ann", DIALECT_MIXER, NULL);
	for (unsigned i = 0; i < 4; i++)
		dan[i] = floor_join(&floor, "dan", DIALECT_MIXER, "77:k");
	for (size_t d = 0; d < DIALECTS; d++) {
		char name[8];

		snprintf(name, sizeof(name), "p%zu", d);
		others[d] = floor_join(&floor, name, d, NULL);
	}
	floor_say(ann, METHOD("whisper") "[\"dan\",\"psst\"],\"id\":1}");
	floor_hears(&floor, ann, "{\"type\":\"reply\",\"error\":null,\"id\":1,...}");
	for (unsigned i = 0; i < 4; i++) {
		floor_hears(&floor, dan[i],
			    "{\"event\":\"ChatMessage\",\"data\":{\"target\":\"dan\","
			    "...},...}");
		floor_hears_nothing(dan[i]);
	}
	for (size_t d = 0; d < DIALECTS; d++)
		floor_hears_nothing(others[d]);
	floor_say(ann, METHOD("whisper") "[\"p3\",\"psst\"],\"id\":2}");
	floor_hears(&floor, ann, "{\"type\":\"reply\",\"error\":{...},\"id\":2}");
	floor_hears_nothing(others[DIALECT_SIMPLE]);
	assert_int_equal(floor_counters(&floor)->intake.refused[REASON_NOT_PRIVATE], 1);
	floor_close(&floor);
}

/* Who opted out of an event is spared it, and it is counted; the others hear it. */
static void muted_events_are_left_out(void **state)
{
	struct floor floor;
	struct stage_client *ann, *dan, *eve;

	(void)state;
	floor_open(&floor, 2, NULL);
	ann = floor_join(&floor, "ann", DIALECT_MIXER, NULL);
	dan = floor_join(&floor, "dan", DIALECT_MIXER, NULL);
	floor_say(ann, METHOD("optOutEvents") "[\"UserJoin\"],\"id\":1}");
	floor_forget(&floor);
	eve = floor_connect(&floor, "eve", DIALECT_CONCORD, "token=eve");
	floor_hears_nothing(ann);
	floor_hears(&floor, dan, "{\"event\":\"UserJoin\",...}");
	assert_int_equal(floor_outcomes(&floor, DIALECT_MIXER, OUTCOME_DROPPED_MUTED), 1);
	stage_leave(eve);
	floor_hears(&floor, ann, "{\"event\":\"UserLeave\",...}");
	floor_close(&floor);
}

/* ---- what is counted ---- */

static void what_cannot_be_said_is_counted(void **state)
{
	struct floor floor;
	struct stage_client *cy, *bob, *ann;

	(void)state;
	floor_open(&floor, 2, NULL);
	cy = floor_join(&floor, "cy", DIALECT_CONCORD, NULL);
	bob = floor_join(&floor, "bob", DIALECT_SIMPLE, NULL);
	ann = floor_join(&floor, "ann", DIALECT_MIXER, NULL);
	floor_say(cy, "{\"type\":\"chat_typing\",\"channelId\":1,\"sentAt\":1}");
	floor_hears(&floor, cy, "{\"type\":\"chat_typing\",...}");
	floor_hears_nothing(bob);
	floor_hears_nothing(ann);
	assert_int_equal(floor_outcomes(&floor, DIALECT_SIMPLE, OUTCOME_DROPPED_NO_WORD), 1);
	assert_int_equal(floor_outcomes(&floor, DIALECT_MIXER, OUTCOME_DROPPED_NO_WORD), 1);
	assert_int_equal(floor_outcomes(&floor, DIALECT_CONCORD, OUTCOME_DROPPED_NO_WORD), 0);
	floor_close(&floor);
}

static void what_is_said_another_way_is_counted(void **state)
{
	struct floor floor;
	struct stage_client *cy, *bob;
	uint64_t id = 0;

	(void)state;
	floor_open(&floor, 2, NULL);
	cy = floor_join(&floor, "cy", DIALECT_CONCORD, NULL);
	bob = floor_join(&floor, "bob", DIALECT_SIMPLE, NULL);
	actor_says(bob, "hi");
	floor_hears(&floor, cy, "{\"type\":\"chat_sent\",\"chat\":{\"id\":@m1,...}}");
	floor_forget(&floor);
	assert_true(cast_id(&floor.cast, SLICE("m1"), &id));
	bob->stalled = true;
	floor_say(cy,
		  "{\"type\":\"chat_reaction\",\"chatId\":%llu,\"reaction\":\"x\",\"adding\":true}",
		  (unsigned long long)id);
	/* Not before it is written. */
	assert_int_equal(floor_outcomes(&floor, DIALECT_SIMPLE, OUTCOME_DEGRADED), 0);
	stage_resume(bob);
	floor_hears(&floor, bob,
		    "{\"type\":\"message_sent\",\"message\":\"\\\"cy\\\" reacted x to "
		    "\\\"bob\\\"'s message of "
		    "00:00 UTC: \\\"hi\\\"\",\"username\":null,...}");
	assert_int_equal(floor_outcomes(&floor, DIALECT_SIMPLE, OUTCOME_DEGRADED), 1);
	floor_close(&floor);
}

/* ---- a list of members that changes under one's hands ---- */

/* Slow readers anywhere in it are cut by a broadcast; everybody else hears it exactly once. */
static void cuts_disturb_nobody(void **state)
{
	(void)state;
	for (unsigned pattern = 1; pattern < 64; pattern++) {
		struct floor floor;
		struct stage_client *people[6], *bob;
		char text[2500];

		floor_open(&floor, 1,
			   FLOOR_LOBBY "limits = { message_bytes = 4096; outbox_bytes = 4096; };");
		bob = floor_join(&floor, "bob", DIALECT_SIMPLE, NULL);
		for (unsigned i = 0; i < 6; i++) {
			char name[8];

			snprintf(name, sizeof(name), "p%u", i);
			people[i] = floor_join(&floor, name, DIALECT_CONCORD, NULL);
			people[i]->stalled = pattern & 1U << i;
		}
		memset(text, 'w', sizeof(text) - 1);
		text[sizeof(text) - 1] = '\0';
		actor_says(bob, text);
		actor_says(bob, text);
		for (unsigned i = 0; i < 6; i++)
			if (pattern & 1U << i)
				assert_int_equal(people[i]->session->phase, SESSION_CLOSING);
			else
				for (unsigned k = 0; k < 2; k++)
					floor_hears(&floor, people[i],
						    "{\"type\":\"chat_sent\",...}");
		/* Then everybody left hears of each who is gone. */
		for (unsigned i = 0; i < 6; i++)
			if (!(pattern & 1U << i))
				assert_int_equal(floor_heard(people[i]),
						 (size_t)__builtin_popcount(pattern));
		assert_int_equal(floor_counters(&floor)->sessions_cut,
				 (uint64_t)__builtin_popcount(pattern));
		floor_close(&floor);
	}
}

/* Several connections of one person among others, all on one worker. */
static void kicks_disturb_nobody(void **state)
{
	struct floor floor;
	struct stage_client *people[12];

	(void)state;
	floor_open(&floor, 1, NULL);
	for (unsigned i = 0; i < 12; i++) {
		char name[8];

		snprintf(name, sizeof(name), "p%u", i);
		people[i] = i % 3 == 0 || i == 11
				? floor_join(&floor, "eve", DIALECT_CONCORD, "eve:k")
				: floor_join(&floor, name, DIALECT_SIMPLE, NULL);
	}
	floor_inject(&floor, "{\"kind\":\"kick\",\"subject\":\"eve\"}");
	for (unsigned i = 0; i < 12; i++)
		if (i % 3 == 0 || i == 11) {
			assert_int_equal(people[i]->close_code, 1008);
			assert_int_equal(floor_heard(people[i]), 2);
		} else {
			floor_hears(&floor, people[i],
				    "{\"type\":\"user_disconnected\",\"username\":\"eve\",...}");
			floor_hears(&floor, people[i],
				    "{\"message\":\"\\\"eve\\\" was kicked\",...}");
			floor_hears_nothing(people[i]);
		}
	floor_close(&floor);
}

/* The victim hears something else than the rest. */
static void the_kicked_is_told_why(void **state)
{
	struct floor floor;
	struct stage_client *ben, *bob;

	(void)state;
	floor_open(&floor, 4, NULL);
	ben = floor_join(&floor, "ben", DIALECT_SIMPLE, NULL);
	bob = floor_join(&floor, "bob", DIALECT_SIMPLE, NULL);
	floor_inject(&floor, "{\"kind\":\"kick\",\"subject\":\"ben\",\"text\":\"too loud\"}");
	floor_hears(&floor, ben,
		    "{\"type\":\"message_sent\",\"message\":\"You were kicked: too loud\","
		    "...}");
	floor_hears_nothing(ben);
	floor_hears(&floor, bob, "{\"type\":\"user_disconnected\",\"username\":\"ben\",...}");
	floor_hears(&floor, bob, "{\"message\":\"\\\"ben\\\" was kicked: too loud\",...}");
	floor_hears_nothing(bob);
	floor_close(&floor);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_write_for_each_session),
		cmocka_unit_test(frames_are_shared),
		cmocka_unit_test(replies_stand_where_the_dialect_wants_them),
		cmocka_unit_test(entering_has_its_place_in_the_order),
		cmocka_unit_test(gone_before_it_was_in),
		cmocka_unit_test(whispers_reach_one_person),
		cmocka_unit_test(muted_events_are_left_out),
		cmocka_unit_test(what_cannot_be_said_is_counted),
		cmocka_unit_test(what_is_said_another_way_is_counted),
		cmocka_unit_test(cuts_disturb_nobody),
		cmocka_unit_test(kicks_disturb_nobody),
		cmocka_unit_test(the_kicked_is_told_why),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
