#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "routes/room/restrictions.h"

static struct mark_key number(uint32_t value)
{
	return (struct mark_key){ .number = value };
}

static struct mark_key address(uint64_t value)
{
	return (struct mark_key){ .address = value };
}

static struct mark_key name(const char *folded)
{
	return (struct mark_key){ .folded = slice_of(folded) };
}

static void a_mark_holds_until_it_is_lifted(void **state)
{
	struct marks marks = { 0 };

	(void)state;
	assert_int_equal(marks_until(&marks, number(1)), 0);
	marks_set(&marks, number(1), 50);
	marks_set(&marks, number(2), MARK_FOREVER);
	assert_int_equal(marks_until(&marks, number(1)), 50);
	assert_true(marks_until(&marks, number(2)) == MARK_FOREVER);
	marks_set(&marks, number(1), 70);
	assert_int_equal(marks_until(&marks, number(1)), 70);
	assert_int_equal(marks.count, 2);
	marks_set(&marks, number(1), 0);
	marks_set(&marks, number(3), 0);
	assert_int_equal(marks_until(&marks, number(1)), 0);
	assert_int_equal(marks.count, 1);
	marks_clear(&marks);
	assert_int_equal(marks_until(&marks, number(2)), 0);
}

static void numbers_addresses_and_names_do_not_meet(void **state)
{
	struct marks marks = { 0 };

	(void)state;
	marks_set(&marks, number(1), 10);
	marks_set(&marks, address(1), 20);
	marks_set(&marks, name("1"), 30);
	assert_int_equal(marks_until(&marks, number(1)), 10);
	assert_int_equal(marks_until(&marks, address(1)), 20);
	assert_int_equal(marks_until(&marks, name("1")), 30);
	assert_int_equal(marks_until(&marks, name("11")), 0);
	assert_int_equal(marks_until(&marks, name("2")), 0);
	marks_clear(&marks);
}

static void nobody_is_never_marked(void **state)
{
	struct marks marks = { 0 };

	(void)state;
	marks_set(&marks, number(0), 10);
	marks_set(&marks, name(""), 10);
	assert_int_equal(marks.count, 0);
	assert_int_equal(marks_until(&marks, number(0)), 0);
	marks_clear(&marks);
}

static void the_oldest_is_forgotten_for_one_too_many(void **state)
{
	struct marks marks = { 0 };

	(void)state;
	for (uint32_t i = 1; i <= MARKS_MAX; i++)
		marks_set(&marks, number(i), MARK_FOREVER);
	marks_set(&marks, number(1), MARK_FOREVER); /* now the newest */
	assert_int_equal(marks.count, MARKS_MAX);
	marks_set(&marks, name("one more"), MARK_FOREVER);
	assert_int_equal(marks.count, MARKS_MAX);
	assert_int_equal(marks_until(&marks, number(2)), 0);
	assert_true(marks_until(&marks, number(1)) == MARK_FOREVER);
	assert_true(marks_until(&marks, number(3)) == MARK_FOREVER);
	assert_true(marks_until(&marks, name("one more")) == MARK_FOREVER);
	marks_clear(&marks);
	assert_int_equal(marks.count, 0);
}

static void marks_do_as_a_plain_array_does(void **state)
{
	uint64_t model[64] = { 0 };
	struct marks marks = { 0 };
	uint32_t random = 7;
	char text[8];

	(void)state;
	for (int turn = 0; turn < 20000; turn++) {
		uint32_t i;

		random = random * 1664525 + 1013904223;
		i = (random >> 8) % 64;
		snprintf(text, sizeof(text), "n%u", i);
		assert_int_equal(marks_until(&marks, i % 2 ? number(i) : name(text)), model[i]);
		model[i] = (random >> 20) % 4;
		marks_set(&marks, i % 2 ? number(i) : name(text), model[i]);
	}
	marks_clear(&marks);
}

static void a_person_is_forgotten(void **state)
{
	struct marks marks = { 0 };
	const struct room_time until = { 50, 50 };

	(void)state;
	marks_set_for(&marks, number(7), until, 0);
	marks_set_for(&marks, address(70), until, 7);
	marks_set_for(&marks, name("ann"), until, 8);
	marks_set_for(&marks, name("bob"), until, 9);
	marks_set_for(&marks, address(90), until, 0);
	assert_int_equal(marks_forget(&marks, 7, (struct slice){ NULL, 0 }), 2);
	assert_int_equal(marks_forget(&marks, 7, SLICE("ann")), 1);
	assert_int_equal(marks_forget(&marks, 7, SLICE("ann")), 0);
	assert_int_equal(marks.count, 2);
	assert_int_equal(marks_until(&marks, name("bob")), 50);
	assert_int_equal(marks_until(&marks, address(90)), 50);
	marks_clear(&marks);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_mark_holds_until_it_is_lifted),
		cmocka_unit_test(a_person_is_forgotten),
		cmocka_unit_test(numbers_addresses_and_names_do_not_meet),
		cmocka_unit_test(nobody_is_never_marked),
		cmocka_unit_test(the_oldest_is_forgotten_for_one_too_many),
		cmocka_unit_test(marks_do_as_a_plain_array_does),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
