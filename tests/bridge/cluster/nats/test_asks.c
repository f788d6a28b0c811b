#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "bridge/cluster/nats/asks.h"

static void an_ask_is_taken_once(void **state)
{
	struct asks asks;
	struct ask *ask;
	uint64_t first;

	(void)state;
	asks_init(&asks);
	ask = asks_add(&asks);
	assert_null(asks_take(&asks, ask->serial)); /* it does not wait yet */
	asks_wait(&asks, ask, 100);
	first = ask->serial;
	assert_null(asks_take(&asks, 0));
	assert_null(asks_take(&asks, first + LOG_ASKED_MOST));
	assert_ptr_equal(asks_take(&asks, first), ask);
	assert_null(asks_take(&asks, first));
	asks_wait(&asks, ask, 200);
	assert_null(asks_take(&asks, first)); /* an answer of before comes late */
	assert_ptr_equal(asks_take(&asks, ask->serial), ask);
	ask->most = 2;
	ask_add_record(ask, 5, "five", 4);
	ask_add_record(ask, 6, "", 0);
	assert_int_equal(ask->bytes, 4);
	asks_drop(&asks, ask);
	asks_clear(&asks);
}

static void the_first_to_be_late_comes_first(void **state)
{
	static const uint64_t times[] = { 300, 100, 200, 100 };
	struct asks asks;
	struct ask *ask[4];

	(void)state;
	asks_init(&asks);
	for (int i = 0; i < 4; i++) {
		ask[i] = asks_add(&asks);
		asks_wait(&asks, ask[i], times[i]);
	}
	assert_null(asks_take_late(&asks, 99));
	assert_ptr_equal(asks_take(&asks, ask[2]->serial), ask[2]);
	assert_ptr_equal(asks_take_late(&asks, 150), ask[1]);
	assert_ptr_equal(asks_take_late(&asks, 150), ask[3]);
	assert_null(asks_take_late(&asks, 150));
	assert_ptr_equal(asks_take_late(&asks, UINT64_MAX), ask[0]);
	assert_null(asks_take_late(&asks, UINT64_MAX));
	for (int i = 0; i < 4; i++)
		asks_drop(&asks, ask[i]);
	asks_clear(&asks);
}

static void there_are_so_many_and_no_more(void **state)
{
	struct asks asks;

	(void)state;
	asks_init(&asks);
	for (int i = 0; i < LOG_ASKED_MOST; i++)
		asks_wait(&asks, asks_add(&asks), 1);
	assert_null(asks_add(&asks));
	asks_drop(&asks, asks_take_late(&asks, 1));
	assert_non_null(asks_add(&asks));
	asks_clear(&asks);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_ask_is_taken_once),
		cmocka_unit_test(the_first_to_be_late_comes_first),
		cmocka_unit_test(there_are_so_many_and_no_more),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
