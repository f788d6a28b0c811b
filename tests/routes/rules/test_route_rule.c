#include "routes/rules/route_rule.h"

#include "tests/routes/rules/route_fixture.h"

static void steps_know_what_they_reach(void **state)
{
	static const struct route_step steps[] = {
		{ .action = ROUTE_ASK, .target = 1 },
		{ .action = ROUTE_TAP, .target = 1 },
		{ .action = ROUTE_TAP, .target = 1, .to_backend = true },
		{ .action = ROUTE_BACKEND, .target = 1 },
		{ .action = ROUTE_BACKEND, .target = 2 },
		{ .action = ROUTE_UPSTREAM, .target = 1 },
		{ .action = ROUTE_UPSTREAM, .target = 2 },
		{ .action = ROUTE_ROOM, .target = 1 },
	};

	(void)state;
	for (size_t i = 0; i < LENGTH(steps); i++) {
		assert_int_equal(route_step_reaches(&steps[i], 1, SIZE_MAX),
				 i == 0 || i == 2 || i == 3);
		assert_int_equal(route_step_reaches(&steps[i], SIZE_MAX, 1), i == 5);
		assert_false(route_step_reaches(&steps[i], SIZE_MAX, SIZE_MAX));
	}
	assert_int_equal(route_steps_answering(steps, LENGTH(steps), SIZE_MAX, SIZE_MAX), 7);
	assert_int_equal(route_steps_answering(steps, 7, SIZE_MAX, SIZE_MAX), 3);
	assert_int_equal(route_steps_answering(steps, 7, 1, SIZE_MAX), 4);
	assert_int_equal(route_steps_answering(steps + 5, 2, SIZE_MAX, SIZE_MAX), 0);
	assert_int_equal(route_steps_answering(steps + 5, 2, SIZE_MAX, 1), 1);
	assert_true(route_steps_answering(steps + 5, 1, SIZE_MAX, 1) == SIZE_MAX);
	assert_true(route_steps_answering(steps, 3, SIZE_MAX, SIZE_MAX) == SIZE_MAX);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(steps_know_what_they_reach),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
