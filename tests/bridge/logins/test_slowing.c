#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "bridge/logins/slowing.h"

#define NOW UINT64_C(1000000)

static const struct slowing_limits limits = { .failures = 3, .most_ms = 60000 };
static const struct slowing_who ann_here = { .address = 11, .name = 22 };
static const struct slowing_who ann_there = { .address = 12, .name = 22 };
static const struct slowing_who bob_here = { .address = 11, .name = 23 };

static struct slowing *slowing;

static int begin(void **state)
{
	(void)state;
	slowing = slowing_new(limits);
	return 0;
}

static int end(void **state)
{
	(void)state;
	slowing_free(slowing);
	return 0;
}

static enum reason ask(const struct slowing_who *who, uint64_t now_ms)
{
	enum reason reason = slowing_begin(slowing, who, now_ms);

	if (reason == REASON_NONE)
		slowing_end(slowing, who, SLOWING_UNKNOWN, now_ms);
	return reason;
}

static void try(const struct slowing_who *who, enum slowing_outcome outcome, uint64_t now_ms)
{
	assert_int_equal(slowing_begin(slowing, who, now_ms), REASON_NONE);
	slowing_end(slowing, who, outcome, now_ms);
}

static void fail_often(const struct slowing_who *who, unsigned times, uint64_t now_ms)
{
	for (unsigned i = 0; i < times; i++)
		slowing_failed(slowing, who, now_ms);
}

static void so_many_may_fail(void **state)
{
	(void)state;
	for (unsigned i = 0; i < 3; i++)
		try(&ann_here, SLOWING_FAILED, NOW);
	assert_int_equal(ask(&ann_here, NOW), REASON_RATE_LIMITED);
	assert_int_equal(ask(&ann_here, NOW + 999), REASON_RATE_LIMITED);
	assert_int_equal(ask(&ann_here, NOW + 1000), REASON_NONE);
	/* Others are not concerned. */
	assert_int_equal(ask(&(struct slowing_who){ .address = 99, .name = 98 }, NOW), REASON_NONE);
	assert_int_equal(ask(&bob_here, NOW), REASON_RATE_LIMITED);
	assert_int_equal(ask(&ann_there, NOW), REASON_BUSY);
}

static void each_more_takes_twice_as_long(void **state)
{
	uint64_t now_ms = NOW, pause_ms = 1000;

	(void)state;
	fail_often(&ann_here, 3, now_ms);
	for (unsigned i = 0; i < 10; i++) {
		assert_int_equal(ask(&ann_here, now_ms + pause_ms - 1), REASON_RATE_LIMITED);
		now_ms += pause_ms;
		try(&ann_here, SLOWING_FAILED, now_ms);
		pause_ms = pause_ms * 2 < 60000 ? pause_ms * 2 : 60000;
	}
	assert_int_equal(pause_ms, 60000);
	/* Of the name it is less. */
	assert_int_equal(ask(&ann_there, now_ms + 9999), REASON_BUSY);
	assert_int_equal(ask(&ann_there, now_ms + 10000), REASON_NONE);
}

static void all_is_forgotten(void **state)
{
	(void)state;
	fail_often(&ann_here, 100, NOW);
	assert_int_equal(ask(&ann_here, NOW + 59999), REASON_RATE_LIMITED);
	assert_int_equal(ask(&ann_here, NOW + 600000), REASON_NONE);
	try(&ann_here, SLOWING_FAILED, NOW + 600000);
	assert_int_equal(ask(&ann_here, NOW + 600000), REASON_NONE);
}

/* At once no more than may fail; then one at a time. */
static void so_many_are_looked_at_at_a_time(void **state)
{
	(void)state;
	for (unsigned i = 0; i < 3 * SLOWING_AT_ONCE; i++)
		assert_int_equal(slowing_begin(slowing, &ann_here, NOW), REASON_NONE);
	assert_int_equal(slowing_begin(slowing, &ann_here, NOW), REASON_RATE_LIMITED);
	assert_int_equal(slowing_begin(slowing, &ann_there, NOW), REASON_BUSY);
	for (unsigned i = 0; i < 3 * SLOWING_AT_ONCE - 1; i++)
		slowing_end(slowing, &ann_here, SLOWING_UNKNOWN, NOW);
	assert_int_equal(slowing_begin(slowing, &ann_here, NOW), REASON_NONE);
	slowing_end(slowing, &ann_here, SLOWING_FAILED, NOW);
	/* One waits, and two may fail. */
	assert_int_equal(slowing_begin(slowing, &ann_here, NOW), REASON_NONE);
	assert_int_equal(slowing_begin(slowing, &ann_here, NOW), REASON_RATE_LIMITED);
	slowing_end(slowing, &ann_here, SLOWING_FAILED, NOW);
	slowing_end(slowing, &ann_here, SLOWING_FAILED, NOW);
	assert_int_equal(slowing_begin(slowing, &ann_here, NOW + 1000), REASON_NONE);
	assert_int_equal(slowing_begin(slowing, &ann_here, NOW + 1000), REASON_RATE_LIMITED);
	slowing_end(slowing, &ann_here, SLOWING_UNKNOWN, NOW + 1000);
	assert_int_equal(slowing_begin(slowing, &ann_here, NOW + 1000), REASON_NONE);
}

/* Whoever fails for a name from elsewhere does not lock its owner out. */
static void who_came_in_before_comes_in(void **state)
{
	(void)state;
	try(&ann_here, SLOWING_PASSED, NOW);
	fail_often(&ann_there, 50, NOW);
	assert_int_equal(ask(&ann_there, NOW), REASON_RATE_LIMITED);
	assert_int_equal(ask(&(struct slowing_who){ .address = 13, .name = 22 }, NOW), REASON_BUSY);
	assert_int_equal(ask(&ann_here, NOW), REASON_NONE);
	/* But not to guess another's from there. */
	fail_often(&bob_here, 3, NOW);
	assert_int_equal(ask(&ann_here, NOW), REASON_RATE_LIMITED);
}

static void giving_up_counts_for_the_address(void **state)
{
	(void)state;
	for (unsigned i = 0; i < 3; i++)
		try(&ann_here, SLOWING_GIVEN_UP, NOW);
	assert_int_equal(ask(&ann_here, NOW), REASON_RATE_LIMITED);
	assert_int_equal(ask(&ann_there, NOW), REASON_NONE);
}

static void loopback_and_the_nameless(void **state)
{
	static const struct slowing_who local = { .name = 22 }, nameless = { .address = 11 };

	(void)state;
	fail_often(&local, 3, NOW);
	assert_int_equal(ask(&local, NOW), REASON_BUSY);
	assert_int_equal(ask(&(struct slowing_who){ .address = 0, .name = 23 }, NOW), REASON_NONE);
	fail_often(&nameless, 3, NOW);
	assert_int_equal(ask(&nameless, NOW), REASON_RATE_LIMITED);
	assert_int_equal(ask(&(struct slowing_who){ .address = 0, .name = 0 }, NOW), REASON_NONE);
}

/* However many there are, who failed often is not forgotten for who failed once. */
static void there_is_room_for_so_many(void **state)
{
	(void)state;
	fail_often(&ann_here, 20, NOW);
	srand(7);
	for (unsigned i = 0; i < 20 * SLOWING_PLACES; i++) {
		struct slowing_who who = {
			.address = (uint64_t)rand() << 31 | (uint64_t)rand() | 1,
			.name = (uint64_t)rand() << 31 | (uint64_t)rand() | 1,
		};

		slowing_failed(slowing, &who, NOW + 1);
	}
	assert_int_equal(ask(&bob_here, NOW + 2), REASON_RATE_LIMITED);
	assert_int_equal(ask(&(struct slowing_who){ .address = 13, .name = 22 }, NOW + 2),
			 REASON_BUSY);
}

/* A worker may know less of the time than the one before it. */
static void an_earlier_time_forgets_nothing(void **state)
{
	(void)state;
	fail_often(&ann_here, 3, NOW + 5);
	assert_int_equal(ask(&ann_here, NOW), REASON_RATE_LIMITED);
	slowing_failed(slowing, &bob_here, NOW);
	assert_int_equal(ask(&ann_here, NOW + 1004), REASON_RATE_LIMITED);
	assert_int_equal(ask(&ann_there, NOW + 4), REASON_BUSY);
}

static void it_is_tried_under_two_names(void **state)
{
	static const struct slowing_who both = { .address = 11, .name = 22, .other = 23 };

	(void)state;
	try(&both, SLOWING_PASSED, NOW);
	for (unsigned i = 0; i < 3; i++)
		try(&both, SLOWING_FAILED, NOW);
	assert_int_equal(ask(&ann_there, NOW), REASON_BUSY);
	assert_int_equal(ask(&(struct slowing_who){ .address = 12, .name = 23 }, NOW), REASON_BUSY);
	assert_int_equal(ask(&(struct slowing_who){ .address = 12, .name = 24, .other = 23 }, NOW),
			 REASON_BUSY);
	assert_int_equal(ask(&both, NOW + 1000), REASON_NONE);
}

static void nobody_is_slowed(void **state)
{
	struct slowing *none = slowing_new((struct slowing_limits){ 0, 1000 });

	(void)state;
	for (unsigned i = 0; i < 100; i++) {
		slowing_failed(none, &ann_here, NOW);
		assert_int_equal(slowing_begin(none, &ann_here, NOW), REASON_NONE);
		slowing_end(none, &ann_here, SLOWING_FAILED, NOW);
	}
	slowing_free(none);
	slowing_free(NULL);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(so_many_may_fail),
		TEST(each_more_takes_twice_as_long),
		TEST(all_is_forgotten),
		TEST(so_many_are_looked_at_at_a_time),
		TEST(who_came_in_before_comes_in),
		TEST(giving_up_counts_for_the_address),
		TEST(loopback_and_the_nameless),
		TEST(there_is_room_for_so_many),
		TEST(an_earlier_time_forgets_nothing),
		TEST(it_is_tried_under_two_names),
		TEST(nobody_is_slowed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
