/* Things found by their keys, while others come and go. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "codecs/text/index.h"

struct thing {
	uint64_t key;
	size_t seen;
};

static uint64_t key_of(const void *thing)
{
	return ((const struct thing *)thing)->key;
}

static void an_empty_one_has_nothing(void **state)
{
	struct index index = { .key_of = key_of };
	size_t place = 0;

	(void)state;
	assert_null(index_find(&index, 0));
	assert_null(index_next(&index, &place));
	index_clear(&index);
}

static void all_are_found_and_no_other(void **state)
{
	struct index index = { .key_of = key_of };
	struct thing things[1000] = { 0 };

	(void)state;
	for (size_t i = 0; i < 1000; i++) {
		things[i].key = i * 3;
		index_add(&index, &things[i]);
	}
	assert_int_equal(index.count, 1000);
	for (uint64_t key = 0; key < 3000; key++)
		assert_ptr_equal(index_find(&index, key), key % 3 ? NULL : &things[key / 3]);
	index_clear(&index);
	assert_null(index_find(&index, 3));
	index_add(&index, &things[1]);
	assert_ptr_equal(index_find(&index, 3), &things[1]);
	index_clear(&index);
}

static void each_comes_by_once(void **state)
{
	struct index index = { .key_of = key_of };
	struct thing things[100] = { 0 };
	struct thing *thing;
	size_t place = 0;

	(void)state;
	for (size_t i = 0; i < 100; i++) {
		things[i].key = i % 10; /* some share a key */
		index_add(&index, &things[i]);
	}
	while ((thing = index_next(&index, &place)))
		thing->seen++;
	for (size_t i = 0; i < 100; i++)
		assert_int_equal(things[i].seen, 1);
	index_clear(&index);
}

static void those_with_one_key_leave_one_by_one(void **state)
{
	struct index index = { .key_of = key_of };
	struct thing things[3] = { { .key = 7 }, { .key = 7 }, { .key = 7 } };

	(void)state;
	for (size_t i = 0; i < 3; i++)
		index_add(&index, &things[i]);
	index_remove(&index, &things[1]);
	assert_true(index_find(&index, 7) == &things[0] || index_find(&index, 7) == &things[2]);
	index_remove(&index, &things[0]);
	assert_ptr_equal(index_find(&index, 7), &things[2]);
	index_remove(&index, &things[2]);
	assert_null(index_find(&index, 7));
	index_clear(&index);
}

/* Keys that lie close together meet in the table: whoever goes must not hide who stays. */
static void who_stays_is_found_whoever_goes(void **state)
{
	struct index index = { .key_of = key_of };
	struct thing things[400] = { 0 };
	bool there[400] = { false };
	uint32_t count = 0;

	(void)state;
	srand(1);
	for (size_t i = 0; i < 400; i++)
		things[i].key = (uint64_t)i << (i % 3 * 20);
	things[0].key = UINT64_MAX;
	for (size_t turn = 0; turn < 20000; turn++) {
		size_t i = (size_t)rand() % 400;

		if (there[i])
			index_remove(&index, &things[i]);
		else
			index_add(&index, &things[i]);
		there[i] = !there[i];
		count += there[i] ? 1 : UINT32_MAX;
		assert_int_equal(index.count, count);
		if (turn % 50 == 0)
			for (size_t j = 0; j < 400; j++)
				assert_ptr_equal(index_find(&index, things[j].key),
						 there[j] ? &things[j] : NULL);
	}
	index_clear(&index);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_empty_one_has_nothing),
		cmocka_unit_test(all_are_found_and_no_other),
		cmocka_unit_test(each_comes_by_once),
		cmocka_unit_test(those_with_one_key_leave_one_by_one),
		cmocka_unit_test(who_stays_is_found_whoever_goes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
