#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "bridge/client/push.h"
#include "bridge/client/relief/budget.h"
#include "bridge/client/relief/relief.h"
#include "tests/support/actors.h"
#include "tests/support/floor.h"

/* One budget is as much as one connection may have waiting. */
#define SMALL_BUDGET                                                                               \
	FLOOR_LOBBY "limits = { outbox_bytes = 1048576; memory_bytes = 1048576;" FLOOR_NO_RATE " " \
		    "}"                                                                            \
		    ";"

#define TEXT_BYTES 30000

/* Says so many long messages. */
static void say_much(struct floor *floor, struct stage_client *speaker, unsigned count)
{
	static char text[TEXT_BYTES + 1];

	memset(text, 'w', TEXT_BYTES);
	while (count--) {
		actor_says(speaker, text);
		stage_drop_all(speaker);
	}
	(void)floor;
}

/* What is counted, settled or not. */
static int64_t used(const struct floor *floor)
{
	struct bridge *bridge = floor->stage->bridge;
	int64_t sum = bridge->budget->used;

	for (unsigned w = 0; w < bridge->worker_count; w++)
		sum += bridge->workers[w]->outbox_bytes;
	return sum;
}

static bool is_cut(const struct stage_client *client)
{
	return !client->session || client->session->cut;
}

static void the_fullest_goes_first(void **state)
{
	(void)state;
	for (unsigned workers = 1; workers <= 4; workers++) {
		struct floor floor;
		struct stage_client *bob, *early, *late, *reader;

		floor_open(&floor, workers, SMALL_BUDGET);
		bob = floor_join(&floor, "bob", DIALECT_SIMPLE, NULL);
		/* Frames of its own: else the budget is used up just when one connection's limit is
		 * reached, and it is by chance which comes first. */
		late = floor_join(&floor, "late", DIALECT_ROOMS, NULL);
		early = floor_join(&floor, "early", DIALECT_CONCORD, NULL);
		reader = floor_join(&floor, "reader", DIALECT_CONCORD, NULL);
		early->stalled = true;
		say_much(&floor, bob, 20);
		assert_false(is_cut(early));
		late->stalled = true;
		say_much(&floor, bob, 20);
		assert_true(is_cut(early));
		assert_false(is_cut(late));
		assert_true(early->killed);
		assert_true(used(&floor) <= 1048576);
		assert_int_equal(floor_counters(&floor)->cut_for_memory, 1);
		assert_int_equal(floor_counters(&floor)->sessions_cut, 1);
		stage_resume(late);
		stage_drop_all(late);
		stage_wait(floor.stage, 2000); /* at rest they keep nothing */
		assert_int_equal(used(&floor), 0);
		actor_says(bob, "after");
		stage_drop_all(bob);
		assert_true(floor_heard(reader) > 40);
		floor_close(&floor);
	}
}

/* The same frame for many is counted once: they are no danger together. */
static void what_many_wait_for_is_counted_once(void **state)
{
	struct stage_client *readers[20], *bob;
	struct floor floor;

	(void)state;
	floor_open(&floor, 2, SMALL_BUDGET);
	bob = floor_join(&floor, "bob", DIALECT_SIMPLE, NULL);
	for (unsigned i = 0; i < 20; i++) {
		char name[8];

		snprintf(name, sizeof(name), "r%u", i);
		readers[i] = floor_join(&floor, name, DIALECT_SIMPLE, NULL);
		readers[i]->stalled = true;
	}
	/* What the connections keep of their first writes is theirs alone. */
	actor_says(bob, "first");
	say_much(&floor, bob, 15);
	assert_int_equal(floor_counters(&floor)->sessions_cut, 0);
	assert_true(used(&floor) > 15 * TEXT_BYTES);
	assert_true(used(&floor) < 17 * TEXT_BYTES);
	for (unsigned i = 0; i < 20; i++)
		stage_resume(readers[i]);
	stage_wait(floor.stage, 2000);
	assert_int_equal(used(&floor), 0);
	floor_close(&floor);
}

/* However they end, all is given back. */
static void nothing_stays_counted(void **state)
{
	struct stage_client *bob, *one, *two;
	struct floor floor;

	(void)state;
	floor_open(&floor, 2, SMALL_BUDGET);
	bob = floor_join(&floor, "bob", DIALECT_SIMPLE, NULL);
	one = floor_join(&floor, "one", DIALECT_ROOMS, NULL);
	two = floor_join(&floor, "two", DIALECT_MIXER, NULL);
	one->stalled = two->stalled = true;
	say_much(&floor, bob, 10);
	assert_true(used(&floor) > 0);
	stage_leave(one);
	stage_resume(two);
	stage_leave(two);
	stage_wait(floor.stage, 5000);
	assert_int_equal(used(&floor), 0);
	floor_close(&floor);
}

/* What is said within one turn is bounded, too: nobody has to wait for the turn's end to be cut. */
static void a_turn_does_not_fill_the_memory(void **state)
{
	struct stage_client *clients[8];
	struct floor floor;
	char name[16];
	size_t waiting = 0;
	unsigned cut = 0;

	(void)state;
	floor_open(&floor, 1, SMALL_BUDGET);
	for (unsigned i = 0; i < 8; i++) {
		snprintf(name, sizeof(name), "stopped%u", i);
		clients[i] = floor_join(&floor, name, DIALECT_CONCORD, NULL);
		clients[i]->stalled = true;
	}
	/* Different bytes for each, 900,000 of them, without a turn in between. */
	for (unsigned n = 0; n < 30; n++)
		for (unsigned i = 0; i < 8; i++) {
			static char text[TEXT_BYTES];
			struct frame *frame;

			memset(text, 'a' + (int)i, sizeof(text));
			frame = frame_of_text(FRAMING_WEBSOCKET, slice_span(text, sizeof(text)));
			session_push(clients[i]->session, frame, NULL, OUTCOME_DELIVERED);
			frame_release(frame);
		}
	for (unsigned i = 0; i < 8; i++) {
		waiting += clients[i]->session->outbox.bytes;
		cut += clients[i]->session->cut;
	}
	assert_true(cut > 0);
	assert_true(waiting < 1048576 + 1048576 / 8 + 8 * (65536 + 2 * TEXT_BYTES));
	stage_settle(floor.stage);
	assert_true(used(&floor) <= 1048576);
	floor_close(&floor);
}

static void count_wake(void *wakes)
{
	++*(unsigned *)wakes;
}

/* Whoever sleeps has to do its share of each round, whether it is logged or not. */
static void all_are_woken_for_each_relief(void **state)
{
	struct worker *first, *second;
	struct budget *budget;
	struct floor floor;
	unsigned wakes = 0;

	(void)state;
	floor_open(&floor, 2, SMALL_BUDGET);
	budget = floor.stage->bridge->budget;
	first = floor.stage->bridge->workers[0];
	second = floor.stage->bridge->workers[1];
	for (unsigned relief = 1; relief <= 2; relief++) {
		second->box.wake = count_wake;
		second->box.owner = &wakes;
		budget->used = budget->most + 1;
		assert_false(relief_turn(first));
		assert_int_equal(wakes, relief);
		second->box.wake = NULL;
		budget->used = 0;
		assert_false(relief_turn(second));
		assert_false(budget->relieving);
	}
	floor_close(&floor);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_fullest_goes_first),
		cmocka_unit_test(what_many_wait_for_is_counted_once),
		cmocka_unit_test(nothing_stays_counted),
		cmocka_unit_test(a_turn_does_not_fill_the_memory),
		cmocka_unit_test(all_are_woken_for_each_relief),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
