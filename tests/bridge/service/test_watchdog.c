#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "bridge/core/worker.h"
#include "bridge/service/watchdog.h"

static void tick(struct worker *worker)
{
	atomic_fetch_add(&worker->ticks, 1);
}

static void one_that_hangs_starves_it(void **state)
{
	static struct worker workers[3];
	struct bridge bridge = { .worker_count = 3 };
	struct watchdog watchdog = { { 0 } };

	(void)state;
	for (unsigned w = 0; w < 3; w++)
		bridge.workers[w] = &workers[w];
	assert_false(watchdog_feeds(&watchdog, &bridge)); /* none has turned yet */
	for (unsigned w = 0; w < 3; w++)
		tick(&workers[w]);
	assert_true(watchdog_feeds(&watchdog, &bridge));
	assert_false(watchdog_feeds(&watchdog, &bridge)); /* nothing since */
	tick(&workers[0]);
	tick(&workers[2]);
	assert_false(watchdog_feeds(&watchdog, &bridge));
	for (int i = 0; i < 10; i++) {
		tick(&workers[0]);
		tick(&workers[2]);
		assert_false(watchdog_feeds(&watchdog, &bridge));
	}
	tick(&workers[1]); /* it was only late */
	assert_true(watchdog_feeds(&watchdog, &bridge));
}

static void it_is_looked_at_several_times(void **state)
{
	(void)state;
	assert_int_equal(watchdog_interval(30000), 7500);
	assert_int_equal(watchdog_interval(2000), WATCHDOG_MS_MIN);
	assert_int_equal(watchdog_interval(1), WATCHDOG_MS_MIN);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_that_hangs_starves_it),
		cmocka_unit_test(it_is_looked_at_several_times),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
