#include "tests/routes/balance/test_pool_stage.h"

static void items_go_where_most_credits_are_left(void **state)
{
	struct stage stage;

	(void)state;
	stage_open(&stage, 10);
	ready(&stage, "a", NULL, 2);
	ready(&stage, "b", NULL, 4);
	for (uint64_t id = 1; id <= 7; id++)
		put(&stage, id, "r");
	assert_told(&stage, "b:1 b:2 a:3 b:4 a:5 b:6");
	assert_int_equal(under_way(&stage), 6);
	assert_int_equal(waiting(&stage), 1);
	assert_true(answer(&stage, "a", 3));
	assert_told(&stage, "3=answered a:7");
	stage_close(&stage);
}

/* Waiting or under way, until it is settled. */
static void what_the_pool_has_is_counted(void **state)
{
	struct stage stage;
	uint64_t some = 5, all = 0;

	(void)state;
	stage_open(&stage, 1);
	ready(&stage, "a", NULL, 1);
	for (uint64_t id = 1; id <= 3; id++) {
		struct pool_item *item = item_new(&stage, id, "r");

		item->held[0] = id == 2 ? &some : NULL;
		item->held[1] = &all;
		pool_put(stage.pool, item, stage.now_ms);
	}
	assert_told(&stage, "a:1 3=full");
	assert_int_equal(some, 6);
	assert_int_equal(all, 2);
	assert_true(answer(&stage, "a", 1));
	assert_told(&stage, "1=answered a:2");
	assert_int_equal(some, 6);
	assert_int_equal(all, 1);
	stage_close(&stage);
	assert_told(&stage, "2=closed");
	assert_int_equal(some, 5);
	assert_int_equal(all, 0);
}

static void equals_take_turns(void **state)
{
	struct stage stage;

	(void)state;
	stage_open(&stage, 10);
	ready(&stage, "a", NULL, 4);
	ready(&stage, "b", NULL, 4);
	for (uint64_t id = 1; id <= 4; id++) {
		put(&stage, id, "r");
		assert_true(answer(&stage, id % 2 ? "a" : "b", id));
	}
	assert_told(&stage, "a:1 1=answered b:2 2=answered a:3 3=answered b:4 4=answered");
	stage_close(&stage);
}

static void what_nobody_serves_is_refused_at_once(void **state)
{
	struct stage stage;

	(void)state;
	stage_open(&stage, 10);
	put(&stage, 1, "r");
	assert_told(&stage, "1=unavailable");
	ready(&stage, "a", "r", 1);
	put(&stage, 2, "s");
	put(&stage, 3, "r");
	put(&stage, 4, NULL);
	assert_told(&stage, "2=unavailable a:3");
	assert_true(answer(&stage, "a", 3));
	assert_told(&stage, "3=answered a:4");
	stage_close(&stage);
	assert_told(&stage, "4=closed");
}

static void a_pattern_is_a_name_or_a_prefix(void **state)
{
	static const struct {
		const char *pattern, *room;
		bool served;
	} cases[] = {
		{ "game", "game", true },  { "game", "games", false }, { "game", "gam", false },
		{ "game*", "game", true }, { "game*", "games", true }, { "game*", "gam", false },
		{ "*", "anything", true }, { "*", NULL, true },        { "game", NULL, true },
		{ "", "r", false },        { "g*e", "game", false },   { "g*e", "g*e", true },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct stage stage;

		stage_open(&stage, 10);
		ready(&stage, "a", cases[i].pattern, 1);
		put(&stage, 1, cases[i].room);
		assert_told(&stage, cases[i].served ? "a:1" : "1=unavailable");
		stage_close(&stage);
	}
}

static void a_room_ends_at_its_length(void **state)
{
	struct stage stage;
	struct pool_item *item;

	(void)state;
	stage_open(&stage, 10);
	ready(&stage, "a", "game*", 1);
	item = item_new(&stage, 1, "game");
	item->room.len = 3;
	pool_put(stage.pool, item, stage.now_ms);
	assert_told(&stage, "1=unavailable");
	stage_close(&stage);
}

static void a_busy_room_holds_up_no_other(void **state)
{
	struct stage stage;

	(void)state;
	stage_open(&stage, 10);
	ready(&stage, "a", "r", 1);
	ready(&stage, "b", "s", 1);
	put(&stage, 1, "r");
	put(&stage, 2, "r");
	put(&stage, 3, "s");
	put(&stage, 4, "r");
	put(&stage, 5, "s");
	put(&stage, 6, NULL);
	assert_told(&stage, "a:1 b:3");
	assert_true(answer(&stage, "b", 3));
	assert_told(&stage, "3=answered b:5");
	assert_true(answer(&stage, "b", 5));
	assert_told(&stage, "5=answered b:6");
	assert_true(answer(&stage, "a", 1));
	assert_told(&stage, "1=answered a:2");
	assert_true(answer(&stage, "a", 2));
	assert_told(&stage, "2=answered a:4");
	stage_close(&stage);
}

static void the_queue_ends_at_its_limit(void **state)
{
	struct stage stage;

	(void)state;
	stage_open(&stage, 2);
	ready(&stage, "a", NULL, 1);
	for (uint64_t id = 1; id <= 4; id++)
		put(&stage, id, "r");
	assert_told(&stage, "a:1 4=full");
	assert_true(answer(&stage, "a", 1));
	put(&stage, 5, "r");
	put(&stage, 6, "r");
	assert_told(&stage, "1=answered a:2 6=full");
	stage_close(&stage);
	stage_open(&stage, 0);
	ready(&stage, "a", NULL, 1);
	put(&stage, 1, "r");
	put(&stage, 2, "r");
	assert_told(&stage, "a:1 2=full");
	stage_close(&stage);
}

static void what_returns_comes_on_top_of_the_queue(void **state)
{
	struct stage stage;

	(void)state;
	stage_open(&stage, 1);
	ready(&stage, "a", NULL, 2);
	for (uint64_t id = 1; id <= 3; id++)
		put(&stage, id, "r");
	assert_told(&stage, "a:1 a:2");
	tick(&stage, 2000);
	assert_told(&stage, "a+");
	assert_int_equal(waiting(&stage), 3);
	ready(&stage, "b", NULL, 4);
	put(&stage, 4, "r");
	put(&stage, 5, "r");
	put(&stage, 6, "r");
	assert_told(&stage, "b:1! b:2! b:3 b:4 6=full");
	stage_close(&stage);
}

static void deadlines_pass_waiting_and_under_way(void **state)
{
	struct stage stage;

	(void)state;
	stage_open(&stage, 10);
	ready(&stage, "a", NULL, 1);
	put(&stage, 1, "r");
	stage.now_ms++;
	put(&stage, 2, "r");
	stage.now_ms++;
	put(&stage, 3, "r");
	for (int i = 0; i < 4; i++) {
		tick(&stage, 1000);
		heard(&stage, "a");
	}
	assert_told(&stage, "a:1 a^ a^ a^ a^");
	tick(&stage, 997);
	assert_told(&stage, "");
	tick(&stage, 1);
	assert_told(&stage, "1=expired a:2");
	assert_false(answer(&stage, "a", 1));
	tick(&stage, 1);
	assert_told(&stage, "2=expired a:3");
	assert_true(answer(&stage, "a", 3));
	assert_int_equal(waiting(&stage) + under_way(&stage), 0);
	assert_told(&stage, "3=answered");
	stage_close(&stage);
}

static void nothing_is_sent_after_its_deadline(void **state)
{
	struct stage stage;
	struct pool_item *late;

	(void)state;
	stage_open(&stage, 10);
	ready(&stage, "a", NULL, 1);
	late = item_new(&stage, 1, "r");
	late->deadline_ms = stage.now_ms;
	pool_put(stage.pool, late, stage.now_ms);
	late = item_new(&stage, 2, "r");
	late->deadline_ms = stage.now_ms;
	pool_put_to(stage.pool, SLICE("a"), late, stage.now_ms);
	assert_told(&stage, "1=expired 2=expired");
	put(&stage, 3, "r");
	put(&stage, 4, "r");
	stage.now_ms += 5000;
	/* The answer comes before the tick. */
	assert_true(answer(&stage, "a", 3));
	assert_told(&stage, "a:3 3=answered 4=expired");
	stage_close(&stage);
}

static void the_dead_ones_items_move_in_their_order(void **state)
{
	struct stage stage;

	(void)state;
	stage_open(&stage, 10);
	ready(&stage, "a", NULL, 3);
	for (uint64_t id = 1; id <= 5; id++)
		put(&stage, id, "r");
	assert_true(answer(&stage, "a", 2));
	assert_told(&stage, "a:1 a:2 a:3 2=answered a:4");
	stage.now_ms += 1000;
	ready(&stage, "b", NULL, 3);
	assert_told(&stage, "b:5");
	tick(&stage, 1000);
	assert_told(&stage, "a+ b^ b:1! b:3!");
	assert_int_equal(pool_instances(stage.pool), 1);
	assert_false(pool_heard(stage.pool, SLICE("a"), stage.now_ms));
	assert_false(answer(&stage, "a", 1));
	/* It comes back with the same identity: what it had is not its own any more. */
	ready(&stage, "a", NULL, 1);
	assert_told(&stage, "a:4!");
	assert_false(answer(&stage, "a", 3));
	assert_true(answer(&stage, "b", 3));
	assert_true(answer(&stage, "a", 4));
	assert_told(&stage, "3=answered 4=answered");
	stage_close(&stage);
}

static void what_the_last_one_leaves_waits_for_another(void **state)
{
	struct stage stage;

	(void)state;
	stage_open(&stage, 10);
	ready(&stage, "a", "r", 1);
	put(&stage, 1, "r");
	put(&stage, 2, "r");
	tick(&stage, 2000);
	put(&stage, 3, "r");
	assert_told(&stage, "a:1 a+ 3=unavailable");
	assert_int_equal(pool_instances(stage.pool), 0);
	ready(&stage, "b", "s", 5);
	assert_told(&stage, "");
	ready(&stage, "c", "r*", 5);
	put(&stage, 4, "r");
	assert_told(&stage, "c:1! c:2 c:4");
	bye(&stage, "c");
	tick(&stage, 1999);
	assert_told(&stage, "b^ c^");
	tick(&stage, 1);
	assert_told(&stage, "b+ c+");
	tick(&stage, 1000);
	assert_told(&stage, "1=expired 2=expired");
	tick(&stage, 2000);
	assert_told(&stage, "4=expired");
	stage_close(&stage);
}

static void after_its_bye_an_instance_gets_nothing(void **state)
{
	struct stage stage;

	(void)state;
	stage_open(&stage, 10);
	ready(&stage, "a", NULL, 1);
	ready(&stage, "b", NULL, 2);
	put(&stage, 1, "r");
	put(&stage, 2, "r");
	put(&stage, 3, "r");
	put(&stage, 4, "r");
	assert_told(&stage, "b:1 a:2 b:3");
	bye(&stage, "b");
	assert_true(answer(&stage, "b", 1));
	put_to(&stage, "b", 5);
	heard(&stage, "b");
	assert_told(&stage, "1=answered 5=unavailable");
	assert_true(answer(&stage, "b", 3));
	assert_told(&stage, "3=answered b-");
	bye(&stage, "b");
	assert_true(answer(&stage, "a", 2));
	assert_true(answer(&stage, "a", 4));
	bye(&stage, "a");
	assert_told(&stage, "2=answered a:4 4=answered a-");
	assert_int_equal(pool_instances(stage.pool), 0);
	stage_close(&stage);
}

static void one_that_said_bye_may_stay(void **state)
{
	struct stage stage;

	(void)state;
	stage_open(&stage, 10);
	ready(&stage, "a", NULL, 1);
	put(&stage, 1, "r");
	put(&stage, 2, "r");
	bye(&stage, "a");
	put(&stage, 3, "r");
	ready(&stage, "a", NULL, 2);
	assert_told(&stage, "a:1 3=unavailable a:2");
	bye(&stage, "a");
	tick(&stage, 2000);
	assert_told(&stage, "a+");
	ready(&stage, "b", NULL, 1);
	assert_told(&stage, "b:1!");
	stage_close(&stage);
}

static void ready_again_replaces_rooms_and_credits(void **state)
{
	struct stage stage;

	(void)state;
	stage_open(&stage, 10);
	ready(&stage, "a", "r", 2);
	put(&stage, 1, "r");
	put(&stage, 2, "r");
	put(&stage, 3, "r");
	ready(&stage, "a", "s", 2);
	put(&stage, 4, "r");
	put(&stage, 5, "s");
	assert_told(&stage, "a:1 a:2 4=unavailable");
	assert_true(answer(&stage, "a", 1));
	assert_told(&stage, "1=answered a:5");
	ready(&stage, "a", NULL, 1);
	assert_true(answer(&stage, "a", 2));
	assert_told(&stage, "2=answered");
	assert_true(answer(&stage, "a", 5));
	assert_told(&stage, "5=answered a:3");
	ready(&stage, "a", NULL, 0);
	assert_true(answer(&stage, "a", 3));
	put(&stage, 6, "r");
	assert_told(&stage, "3=answered");
	ready(&stage, "a", NULL, 1);
	assert_told(&stage, "a:6");
	stage_close(&stage);
}

static void a_full_pipe_rests_until_the_next_tick(void **state)
{
	struct stage stage;

	(void)state;
	stage_open(&stage, 10);
	ready(&stage, "a", NULL, 5);
	ready(&stage, "b", "s", 2);
	stage.blocked = 'a';
	put(&stage, 1, "r");
	put(&stage, 2, "r");
	put(&stage, 3, "s");
	put_to(&stage, "a", 4);
	assert_told(&stage, "a~1 b:3 4=full");
	tick(&stage, 100);
	assert_told(&stage, "a~1");
	stage.blocked = 0;
	put(&stage, 5, "r");
	assert_told(&stage, "");
	tick(&stage, 100);
	assert_told(&stage, "a:1 a:2 a:5");
	stage.blocked = 'a';
	put_to(&stage, "a", 6);
	assert_told(&stage, "a~6 6=full");
	stage_close(&stage);
}

static void the_lost_are_buried_at_once(void **state)
{
	struct stage stage;

	(void)state;
	stage_open(&stage, 10);
	ready(&stage, "a", NULL, 5);
	ready(&stage, "b", NULL, 1);
	put(&stage, 1, "r");
	stage.lost = 'a';
	put(&stage, 2, "r");
	put(&stage, 3, "r");
	/* 1 is older than 2, so b gets it first. */
	assert_told(&stage, "a:1 a/2 a* b:1!");
	assert_int_equal(waiting(&stage), 2);
	stage.lost = 'b';
	assert_true(answer(&stage, "b", 1));
	assert_told(&stage, "1=answered b/2 b*");
	put(&stage, 4, "r");
	ready(&stage, "c", NULL, 5);
	assert_told(&stage, "4=unavailable c:2 c:3");
	stage.lost = 'c';
	put(&stage, 5, "r");
	assert_told(&stage, "c/5 c* 5=unavailable");
	stage_close(&stage);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(items_go_where_most_credits_are_left),
		cmocka_unit_test(what_the_pool_has_is_counted),
		cmocka_unit_test(equals_take_turns),
		cmocka_unit_test(what_nobody_serves_is_refused_at_once),
		cmocka_unit_test(a_pattern_is_a_name_or_a_prefix),
		cmocka_unit_test(a_room_ends_at_its_length),
		cmocka_unit_test(a_busy_room_holds_up_no_other),
		cmocka_unit_test(the_queue_ends_at_its_limit),
		cmocka_unit_test(what_returns_comes_on_top_of_the_queue),
		cmocka_unit_test(deadlines_pass_waiting_and_under_way),
		cmocka_unit_test(nothing_is_sent_after_its_deadline),
		cmocka_unit_test(the_dead_ones_items_move_in_their_order),
		cmocka_unit_test(what_the_last_one_leaves_waits_for_another),
		cmocka_unit_test(after_its_bye_an_instance_gets_nothing),
		cmocka_unit_test(one_that_said_bye_may_stay),
		cmocka_unit_test(ready_again_replaces_rooms_and_credits),
		cmocka_unit_test(a_full_pipe_rests_until_the_next_tick),
		cmocka_unit_test(the_lost_are_buried_at_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
