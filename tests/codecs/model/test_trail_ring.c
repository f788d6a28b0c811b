#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "codecs/model/trail_ring.h"

static void what_is_put_is_found(void **state)
{
	struct trail_ring *ring = trail_ring_new();

	(void)state;
	assert_int_equal(trail_ring_find(NULL, SLICE("x/1")), 0);
	assert_int_equal(trail_ring_find(ring, SLICE("x/1")), 0);
	trail_ring_put(ring, SLICE("x/1"), 5);
	trail_ring_put(ring, SLICE("x/12"), 6);
	trail_ring_put(ring, SLICE("x/1"), 7);
	trail_ring_put(ring, SLICE("-"), 8);
	assert_int_equal(trail_ring_find(ring, SLICE("x/1")), 5);
	assert_int_equal(trail_ring_find(ring, SLICE("x/12")), 6);
	assert_int_equal(trail_ring_find(ring, SLICE("x/")), 0);
	assert_int_equal(trail_ring_find(ring, SLICE("-")), 0);
	assert_int_equal(trail_ring_find(ring, SLICE("")), 0);
	trail_ring_free(ring);
	trail_ring_free(NULL);
}

/* What one server says in several messages, and another in one. */
static void parts_and_the_whole_are_the_same(void **state)
{
	struct trail_ring *ring = trail_ring_new();

	(void)state;
	trail_ring_put(ring, SLICE("whole/1"), 5);
	assert_int_equal(trail_ring_find(ring, SLICE("whole/1+1")), 5);
	assert_int_equal(trail_ring_find(ring, SLICE("whole/1+2")), 5);
	trail_ring_put(ring, SLICE("split/1+1"), 6);
	assert_int_equal(trail_ring_find(ring, SLICE("split/1")), 6);
	assert_int_equal(trail_ring_find(ring, SLICE("split/1+2")), 0);
	trail_ring_put(ring, SLICE("split/1+2"), 7);
	assert_int_equal(trail_ring_find(ring, SLICE("split/1+2")), 7);
	trail_ring_free(ring);
}

/* Also when there was no other one before, and when it has gone. */
static void a_part_stands_for_the_whole_as_long_as_it_is_kept(void **state)
{
	struct trail_ring *ring = trail_ring_new();
	char text[16];

	(void)state;
	for (unsigned i = 0; i < TRAIL_RING_MAX; i++)
		trail_ring_put(ring, slice_span(text, (size_t)snprintf(text, 16, "a/%u", i)), 1);
	assert_int_equal(trail_ring_find(ring, SLICE("split/1")), 0);
	for (unsigned round = 0; round < 2; round++) {
		trail_ring_put(ring, SLICE("split/1+1"), 6 + round);
		assert_int_equal(trail_ring_find(ring, SLICE("split/1")), 6 + round);
		for (unsigned i = 0; i < TRAIL_RING_MAX; i++)
			trail_ring_put(
			    ring, slice_span(text, (size_t)snprintf(text, 16, "b/%u-%u", round, i)),
			    1);
		assert_int_equal(trail_ring_find(ring, SLICE("split/1")), 0);
	}
	trail_ring_free(ring);
}

static struct slice numbered(char out[16], unsigned i)
{
	return slice_span(out, (size_t)snprintf(out, 16, "n/%u", i));
}

static void the_oldest_go(void **state)
{
	struct trail_ring *ring = trail_ring_new();
	char text[16];

	(void)state;
	for (unsigned i = 0; i < 2 * TRAIL_RING_MAX + 10; i++)
		trail_ring_put(ring, numbered(text, i), i + 1);
	for (unsigned i = 0; i < TRAIL_RING_MAX + 10; i++)
		assert_int_equal(trail_ring_find(ring, numbered(text, i)), 0);
	for (unsigned i = TRAIL_RING_MAX + 10; i < 2 * TRAIL_RING_MAX + 10; i++)
		assert_int_equal(trail_ring_find(ring, numbered(text, i)), i + 1);
	trail_ring_free(ring);
}

static void what_is_too_long_is_no_id(void **state)
{
	struct trail_ring *ring = trail_ring_new();
	char text[100];

	(void)state;
	memset(text, 'x', sizeof(text));
	trail_ring_put(ring, slice_span(text, 80), 5);
	trail_ring_put(ring, slice_span(text, 81), 6);
	assert_int_equal(trail_ring_find(ring, slice_span(text, 80)), 5);
	assert_int_equal(trail_ring_find(ring, slice_span(text, 79)), 0);
	assert_int_equal(trail_ring_find(ring, slice_span(text, 81)), 0);
	trail_ring_free(ring);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_put_is_found),
		cmocka_unit_test(parts_and_the_whole_are_the_same),
		cmocka_unit_test(a_part_stands_for_the_whole_as_long_as_it_is_kept),
		cmocka_unit_test(the_oldest_go),
		cmocka_unit_test(what_is_too_long_is_no_id),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
