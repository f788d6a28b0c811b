#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "bridge/store/gather.h"

#define NOW UINT64_C(5000000)

/* Transactions of so many records, each of that time, one behind the other, until NOW. */
static struct gather gathered(uint32_t records, uint64_t took_us, unsigned count)
{
	struct gather gather = { 0 };

	for (unsigned i = count; i-- > 0;)
		gather_note(&gather, records, NOW - (i + 1) * took_us, NOW - i * took_us);
	return gather;
}

static void nobody_is_waited_for_at_first(void **state)
{
	const struct gather none = { 0 };

	(void)state;
	assert_int_equal(gather_until(&none, 1, NOW), 0);
}

static void as_many_as_then_are_waited_for(void **state)
{
	const struct gather gather = gathered(64, 600, 5);

	(void)state;
	assert_int_equal(gather_until(&gather, 1, NOW), NOW + 300);
	assert_int_equal(gather_until(&gather, 55, NOW + 10), NOW + 310);
	assert_int_equal(gather_until(&gather, 56, NOW), 0);
	assert_int_equal(gather_until(&gather, 500, NOW), 0);
}

/* Who says something each now and then is alone with it. */
static void one_alone_is_not_held_up(void **state)
{
	const struct gather one = gathered(1, 600, 5), many = gathered(64, 600, 5);

	(void)state;
	assert_int_equal(gather_until(&one, 1, NOW), 0);
	assert_int_equal(gather_until(&many, 1, NOW + 600), NOW + 900);
	assert_int_equal(gather_until(&many, 1, NOW + 601), 0);
}

static void it_is_bounded(void **state)
{
	const struct gather slow = gathered(64, 500000, 2), quick = gathered(64, 99, 5);

	(void)state;
	assert_int_equal(gather_until(&slow, 1, NOW), NOW + GATHER_MOST_US);
	assert_int_equal(gather_until(&quick, 1, NOW), 0);
}

/* One that was late does not make the next ones late. */
static void what_was_is_forgotten(void **state)
{
	struct gather gather = gathered(64, 200, 20);

	(void)state;
	gather_note(&gather, 8, NOW, NOW + 8000);
	assert_true(gather.took_us < 1300);
	assert_int_equal(gather.records, 57);
	for (uint64_t i = 0; i < 40; i++)
		gather_note(&gather, 8, NOW + 8000 + i * 200, NOW + 8200 + i * 200);
	assert_true(gather.took_us < 220);
	assert_int_equal(gather.records, 8);
	gather_note(&gather, 20, NOW + 20000, NOW + 20200);
	assert_int_equal(gather.records, 20);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nobody_is_waited_for_at_first),
		cmocka_unit_test(as_many_as_then_are_waited_for),
		cmocka_unit_test(one_alone_is_not_held_up),
		cmocka_unit_test(it_is_bounded),
		cmocka_unit_test(what_was_is_forgotten),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
