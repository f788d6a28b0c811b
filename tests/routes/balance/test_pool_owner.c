#include "tests/routes/balance/test_pool_stage.h"

static void an_item_for_one_instance_never_moves(void **state)
{
	struct stage stage;

	(void)state;
	stage_open(&stage, 10);
	ready(&stage, "a", "s", 1);
	ready(&stage, "b", NULL, 3);
	put_to(&stage, "a", 1);
	put_to(&stage, "a", 2);
	put_to(&stage, "c", 3);
	assert_told(&stage, "a:1 2=full 3=unavailable");
	assert_true(answer(&stage, "a", 1));
	put_to(&stage, "a", 4);
	put(&stage, 5, "r");
	assert_told(&stage, "1=answered a:4 b:5");
	stage.now_ms += 1000;
	heard(&stage, "b");
	tick(&stage, 1000);
	assert_told(&stage, "4=unavailable a+ b^");
	stage.lost = 'b';
	put_to(&stage, "b", 6);
	assert_told(&stage, "b/6 b* 6=unavailable");
	assert_int_equal(waiting(&stage), 1);
	stage_close(&stage);
}

/* So long an instance is heard every second, and nothing else happens; then a tick. */
static void seconds_alive(struct stage *stage, const char *identity, unsigned seconds)
{
	for (unsigned i = 0; i < seconds; i++) {
		stage->now_ms += 1000;
		heard(stage, identity);
	}
	tick(stage, 0);
}

static void an_item_for_one_instance_expires_there(void **state)
{
	struct stage stage;

	(void)state;
	stage_open(&stage, 10);
	ready(&stage, "a", NULL, 1);
	put_to(&stage, "a", 1);
	seconds_alive(&stage, "a", 5);
	assert_told(&stage, "a:1 1=expired a^");
	stage_close(&stage);
}

static void only_the_one_that_has_it_answers(void **state)
{
	struct stage stage;
	struct pool_item *item;

	(void)state;
	stage_open(&stage, 10);
	ready(&stage, "a", NULL, 1);
	ready(&stage, "ab", NULL, 0);
	put(&stage, 1, "r");
	put(&stage, 2, "r");
	assert_null(pool_find(stage.pool, SLICE("ab"), 1));
	assert_null(pool_find(stage.pool, SLICE("b"), 1));
	assert_null(pool_find(stage.pool, SLICE("a"), 2));
	assert_null(pool_find(stage.pool, SLICE("a"), 0));
	assert_null(pool_find(stage.pool, SLICE("a"), 3));
	item = pool_find(stage.pool, SLICE("a"), 1);
	assert_non_null(item);
	assert_int_equal(item->id, 1);
	assert_false(item->repeated);
	assert_true(answer(&stage, "a", 1));
	assert_false(answer(&stage, "a", 1));
	stage_close(&stage);
}

static void hearts_beat_and_silence_is_death(void **state)
{
	struct stage stage;

	(void)state;
	stage_open(&stage, 10);
	ready(&stage, "a", NULL, 1);
	tick(&stage, 500);
	ready(&stage, "b", NULL, 1);
	tick(&stage, 499);
	assert_told(&stage, "");
	tick(&stage, 1);
	assert_told(&stage, "a^");
	heard(&stage, "a");
	tick(&stage, 500);
	assert_told(&stage, "b^");
	tick(&stage, 999);
	assert_told(&stage, "a^");
	assert_true(pool_subscribe(stage.pool, SLICE("b"), true));
	tick(&stage, 1);
	assert_told(&stage, "b+");
	assert_false(pool_subscribe(stage.pool, SLICE("b"), true));
	tick(&stage, 499);
	assert_told(&stage, "");
	/* A clock that runs backwards stands still. */
	stage.now_ms -= 2000;
	tick(&stage, 0);
	assert_told(&stage, "");
	stage.now_ms += 2000;
	tick(&stage, 1);
	assert_told(&stage, "a+");
	stage_close(&stage);
}

static void without_heartbeats_nobody_dies_of_silence(void **state)
{
	const struct pool_limits limits = { 10, 0, 5, 10 };
	struct stage stage;

	(void)state;
	memset(&stage, 0, sizeof(stage));
	stage.pool = pool_new(&limits, &stage_ops, &stage);
	ready(&stage, "a", NULL, 1);
	tick(&stage, 1000000);
	assert_told(&stage, "");
	assert_int_equal(pool_instances(stage.pool), 1);
	stage_close(&stage);
}

static void what_an_instance_may_ask_for_is_limited(void **state)
{
	const struct pool_limits limits = { 10, 1000, 2, 10 };
	struct slice rooms[POOL_PATTERNS_MAX + 1];
	char identity[POOL_IDENTITY_MAX + 1];
	struct stage stage;
	uint32_t granted = 77;

	(void)state;
	memset(&stage, 0, sizeof(stage));
	memset(identity, 'i', sizeof(identity));
	for (size_t i = 0; i <= POOL_PATTERNS_MAX; i++)
		rooms[i] = SLICE("x");
	rooms[POOL_PATTERNS_MAX - 1] = SLICE("r");
	stage.pool = pool_new(&limits, &stage_ops, &stage);
	assert_false(pool_ready(stage.pool, SLICE(""), rooms, 1, 1, false, 0, &granted));
	assert_false(pool_ready(stage.pool, slice_span(identity, POOL_IDENTITY_MAX + 1), rooms, 1,
				1, false, 0, &granted));
	assert_false(pool_ready(stage.pool, SLICE("a"), rooms, POOL_PATTERNS_MAX + 1, 1, false, 0,
				&granted));
	assert_int_equal(pool_instances(stage.pool), 0);
	assert_true(pool_ready(stage.pool, slice_span(identity, POOL_IDENTITY_MAX), rooms,
			       POOL_PATTERNS_MAX, 11, false, 0, &granted));
	assert_int_equal(granted, 10);
	for (uint64_t id = 1; id <= 11; id++)
		put(&stage, id, "r");
	assert_int_equal(under_way(&stage), 10);
	ready(&stage, "b", NULL, 0);
	assert_false(pool_ready(stage.pool, SLICE("c"), NULL, 0, 1, false, 0, &granted));
	bye(&stage, "b");
	ready(&stage, "c", NULL, 0);
	stage_close(&stage);
}

struct visit {
	struct stage *stage;
	uint64_t id;
};

static void visit_present(void *context, struct slice identity)
{
	struct visit *visit = context;

	pool_put_to(visit->stage->pool, identity, item_new(visit->stage, ++visit->id, "r"),
		    visit->stage->now_ms);
	told(visit->stage, " %.*s", (int)identity.len, identity.data);
}

static void presence_goes_to_those_who_want_it(void **state)
{
	struct slice rooms[] = { SLICE("r") };
	struct visit visit = { NULL, 0 };
	struct stage stage;
	uint32_t granted;

	(void)state;
	stage_open(&stage, 10);
	visit.stage = &stage;
	ready(&stage, "a", NULL, 5);
	assert_true(pool_ready(stage.pool, SLICE("b"), rooms, 1, 5, true, 100, &granted));
	assert_true(pool_ready(stage.pool, SLICE("c"), NULL, 0, 5, true, 100, &granted));
	assert_true(pool_ready(stage.pool, SLICE("d"), NULL, 0, 5, true, 100, &granted));
	stage.lost = 'c';
	pool_each_present(stage.pool, SLICE("r"), visit_present, &visit);
	assert_told(&stage, "b:1 b c/2 c* 2=unavailable c d:3 d");
	pool_each_present(stage.pool, SLICE("s"), visit_present, &visit);
	assert_told(&stage, "d:4 d");
	assert_true(pool_subscribe(stage.pool, SLICE("a"), true));
	assert_true(pool_subscribe(stage.pool, SLICE("d"), false));
	bye(&stage, "b");
	pool_each_present(stage.pool, SLICE("r"), visit_present, &visit);
	assert_told(&stage, "a:5 a");
	stage_close(&stage);
}

static void name_it(void *context, struct slice identity)
{
	told(context, " %c", *identity.data);
}

/* All that are not gone, also who has said BYE and still has something. */
static void all_instances_are_visited(void **state)
{
	struct stage stage;

	(void)state;
	stage_open(&stage, 1);
	pool_each(stage.pool, name_it, &stage);
	assert_told(&stage, "");
	ready(&stage, "a", NULL, 1);
	put(&stage, 1, "r");
	ready(&stage, "b", NULL, 1);
	ready(&stage, "c", NULL, 1);
	assert_told(&stage, "a:1");
	bye(&stage, "a");
	bye(&stage, "b");
	assert_told(&stage, "b-");
	pool_each(stage.pool, name_it, &stage);
	assert_told(&stage, "a c");
	stage_close(&stage);
}

static void what_is_settled_may_be_followed_by_another(void **state)
{
	struct stage stage;

	(void)state;
	stage_open(&stage, 1);
	ready(&stage, "a", NULL, 1);
	put(&stage, 1, "r");
	put(&stage, 2, "r");
	/* The credit is back when 1 is settled, but 2 was there before 3. */
	stage.put = item_new(&stage, 3, "r");
	assert_true(answer(&stage, "a", 1));
	assert_told(&stage, "a:1 1=answered a:2");
	stage.put = item_new(&stage, 5, "r");
	put(&stage, 4, "r");
	assert_told(&stage, "4=full 5=full");
	stage.put = item_new(&stage, 6, "r");
	stage.now_ms += 1000;
	heard(&stage, "a");
	stage.put->deadline_ms = stage.now_ms;
	assert_true(answer(&stage, "a", 2));
	assert_told(&stage, "2=answered 6=expired a:3");
	stage_close(&stage);
}

static void a_burial_may_be_followed_by_anything(void **state)
{
	struct stage stage;

	(void)state;
	stage_open(&stage, 10);
	ready(&stage, "a", NULL, 4);
	put(&stage, 1, "r");
	put_to(&stage, "a", 2);
	put_to(&stage, "a", 3);
	ready(&stage, "b", NULL, 1);
	put_to(&stage, "a", 4);
	assert_told(&stage, "a:1 a:2 a:3 a:4");
	stage.now_ms += 1000;
	heard(&stage, "b");
	/* While 2 is settled, 1 waits again, and 3 is nobody's any more. */
	stage.put = item_new(&stage, 5, "r");
	stage.settle = 3;
	tick(&stage, 1000);
	assert_told(&stage, "2=unavailable b:1! 3=unavailable 4=unavailable a+ b^");
	assert_int_equal(waiting(&stage), 1);
	stage_close(&stage);
	assert_told(&stage, "1=closed 5=closed");
}

static void the_dead_and_their_heirs_are_not_mixed_up(void **state)
{
	struct stage stage;

	(void)state;
	stage_open(&stage, 10);
	ready(&stage, "a", NULL, 2);
	put_to(&stage, "a", 1);
	put_to(&stage, "a", 2);
	/* b has a's place in the pool before 2 is settled, but not a's credits. */
	stage.ready = "b";
	tick(&stage, 2000);
	put(&stage, 3, "r");
	assert_told(&stage, "a:1 a:2 1=unavailable 2=unavailable a+");
	assert_int_equal(waiting(&stage), 1);
	ready(&stage, "b", NULL, 1);
	assert_told(&stage, "b:3");
	stage_close(&stage);
}

static void the_end_settles_everything(void **state)
{
	struct stage stage;

	(void)state;
	stage_open(&stage, 10);
	ready(&stage, "a", NULL, 2);
	put_to(&stage, "a", 1);
	put(&stage, 2, "r");
	put(&stage, 3, "r");
	stage.put = item_new(&stage, 4, "r");
	assert_told(&stage, "a:1 a:2");
	stage.settle = 2;
	stage_close(&stage);
	assert_told(&stage, "1=closed 4=closed 2=answered 3=closed");
	pool_free(NULL);
}

#define MANY 100000

static uint64_t deadline_of(uint64_t id)
{
	return 1000 + id * 7919 % 30011;
}

/* A hundred thousand with mixed deadlines: each expires at its time. */
static void many_wait_and_each_has_its_time(void **state)
{
	const struct pool_limits limits = { MANY, 0, 5, 10 };
	size_t left = MANY;
	struct stage stage;

	(void)state;
	memset(&stage, 0, sizeof(stage));
	stage.pool = pool_new(&limits, &stage_ops, &stage);
	ready(&stage, "a", NULL, 0);
	ready(&stage, "b", "r1*", 0);
	for (uint64_t id = 1; id <= MANY; id++) {
		struct pool_item *item = item_new(&stage, id, id % 3 ? "r1" : "r2");

		item->deadline_ms = deadline_of(id);
		pool_put(stage.pool, item, 0);
	}
	assert_int_equal(waiting(&stage), MANY);
	for (uint64_t now_ms = 0; now_ms < 32000; now_ms += 100) {
		stage.told[0] = '\0';
		pool_tick(stage.pool, now_ms);
		left = 0;
		for (uint64_t id = 1; id <= MANY; id++)
			left += deadline_of(id) > now_ms;
		assert_int_equal(waiting(&stage), left);
	}
	assert_int_equal(left, 0);
	stage_close(&stage);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_item_for_one_instance_never_moves),
		cmocka_unit_test(an_item_for_one_instance_expires_there),
		cmocka_unit_test(only_the_one_that_has_it_answers),
		cmocka_unit_test(hearts_beat_and_silence_is_death),
		cmocka_unit_test(without_heartbeats_nobody_dies_of_silence),
		cmocka_unit_test(what_an_instance_may_ask_for_is_limited),
		cmocka_unit_test(presence_goes_to_those_who_want_it),
		cmocka_unit_test(all_instances_are_visited),
		cmocka_unit_test(what_is_settled_may_be_followed_by_another),
		cmocka_unit_test(a_burial_may_be_followed_by_anything),
		cmocka_unit_test(the_dead_and_their_heirs_are_not_mixed_up),
		cmocka_unit_test(the_end_settles_everything),
		cmocka_unit_test(many_wait_and_each_has_its_time),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
