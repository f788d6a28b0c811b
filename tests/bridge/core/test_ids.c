#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "bridge/core/ids.h"
#include "bridge/core/log/log.h"
#include "bridge/core/state.h"
#include "bridge/core/worker.h"
#include "bridge/known.h"
#include "bridge/setup.h"
#include "conf/load.h"
#include "tests/support/books.h"
#include "tests/support/floor.h"

#define NOW_MS     UINT64_C(1767225600000)
#define DAY_MS     UINT64_C(86400000)
#define YEAR_2060  UINT64_C(2840140800000)
#define YEAR_2100  UINT64_C(4102444800000)
#define YEAR_1999  UINT64_C(915148800000)
#define WORKERS    2
#define RESTARTS   200
#define STEPS      12
#define BURST_MOST 2000

/* A server with this state folder: returns new, the configuration in *conf. */
static struct bridge *start(const char *folder, struct conf **conf)
{
	struct conf_printer printer;
	char text[1024];
	struct bridge *bridge;

	snprintf(text, sizeof(text), "workers = 2; state = \"%s\";" FLOOR_LOBBY, folder);
	conf_printer_init(&printer, stderr);
	*conf = conf_parse(text, known_names(), &printer.report);
	assert_non_null(*conf);
	bridge = setup_bridge(*conf, NULL, stderr);
	assert_non_null(bridge);
	return bridge;
}

struct run {
	struct conf *conf;
	struct bridge *bridge;
	uint64_t clock_ms;
	uint64_t newest[WORKERS];
};

static void run_start(struct run *run, const char *folder, uint64_t clock_ms)
{
	*run = (struct run){ .clock_ms = clock_ms };
	run->bridge = start(folder, &run->conf);
	ids_reserve(run->bridge, clock_ms);
}

/* As by a crash: nothing more is written. */
static void run_end(struct run *run)
{
	setup_free(run->bridge);
	conf_free(run->conf);
}

/* A worker's turn in which it gives some ids. Each is greater than those before it. */
static void run_turn(struct run *run, unsigned w, unsigned count, uint64_t above)
{
	struct worker *worker = run->bridge->workers[w];

	ids_bound(worker);
	while (count-- > 0) {
		uint64_t id = id_next(&worker->clock, run->clock_ms, w);

		assert_int_equal(id_shard(id), w);
		if (id <= run->newest[w] || id <= above || id > NUMBER_MAX)
			fail_msg("id %llu after %llu, %llu at %llu", (unsigned long long)id,
				 (unsigned long long)run->newest[w], (unsigned long long)above,
				 (unsigned long long)run->clock_ms);
		run->newest[w] = id;
	}
}

static uint64_t run_newest(const struct run *run)
{
	return run->newest[0] > run->newest[1] ? run->newest[0] : run->newest[1];
}

/* The first id after a restart. */
static uint64_t first_id(const char *folder, uint64_t clock_ms, uint64_t above)
{
	struct run run;

	run_start(&run, folder, clock_ms);
	run_turn(&run, 0, 1, above);
	run_end(&run);
	return run.newest[0];
}

static void a_clock_that_was_ahead_leaves_its_mark(void **state)
{
	char *folder = floor_folder();
	uint64_t ahead = first_id(folder, NOW_MS + DAY_MS, 0), id;
	struct run run;

	(void)state;
	assert_true(id_time_ms(ahead) == NOW_MS + DAY_MS);
	/* Corrected between the runs. */
	id = first_id(folder, NOW_MS, ahead);
	/* Corrected while it runs, with marks written before and after. */
	run_start(&run, folder, NOW_MS + DAY_MS);
	run_turn(&run, 0, 1, id);
	run.clock_ms = NOW_MS;
	ids_reserve(run.bridge, NOW_MS);
	run_turn(&run, 0, 1, id);
	id = run.newest[0];
	run_end(&run);
	/* That day comes. */
	id = first_id(folder, NOW_MS + DAY_MS, id);
	assert_true(first_id(folder, NOW_MS + 2 * DAY_MS, id) > id);
	floor_folder_remove(folder);
}

/* Between two marks nothing is written: ids may not follow at once. */
static void a_step_forward_waits_for_the_mark(void **state)
{
	char *folder = floor_folder();
	struct run run;

	(void)state;
	run_start(&run, folder, NOW_MS);
	run.clock_ms = NOW_MS + DAY_MS;
	run_turn(&run, 0, BURST_MOST, 0);
	assert_true(id_time_ms(run.newest[0]) < NOW_MS + IDS_AHEAD_MS);
	run_end(&run);
	run_start(&run, folder, NOW_MS);
	run_turn(&run, 0, 1, run_newest(&run));
	run.clock_ms = NOW_MS + DAY_MS;
	ids_reserve(run.bridge, run.clock_ms);
	run_turn(&run, 0, 1, 0);
	assert_true(id_time_ms(run.newest[0]) == NOW_MS + DAY_MS);
	run_end(&run);
	floor_folder_remove(folder);
}

static void what_is_not_believed_moves_no_mark(void **state)
{
	static const uint64_t odd[] = { 0, YEAR_1999, YEAR_2060, YEAR_2100 };
	char *folder = floor_folder();
	uint64_t newest = 0;

	(void)state;
	/* Even when there was never another. */
	for (size_t i = 0; i < 2 * sizeof(odd) / sizeof(odd[0]); i++) {
		newest = first_id(folder, odd[i % 4], newest);
		assert_true(id_time_ms(newest) < ID_EPOCH_MS + 600000);
	}
	newest = first_id(folder, NOW_MS, newest);
	assert_true(id_time_ms(newest) == NOW_MS);
	for (size_t i = 0; i < sizeof(odd) / sizeof(odd[0]); i++) {
		newest = first_id(folder, odd[i], newest);
		assert_true(id_time_ms(newest) < NOW_MS + 600000);
	}
	floor_folder_remove(folder);
}

static void an_odd_clock_is_told_once(void **state)
{
	char *folder = floor_folder();
	struct run run;

	(void)state;
	run_start(&run, folder, NOW_MS);
	assert_false(run.bridge->ids.disbelieved);
	ids_reserve(run.bridge, YEAR_2060);
	assert_true(run.bridge->ids.disbelieved);
	ids_reserve(run.bridge, YEAR_2060 + IDS_RESERVE_MS);
	ids_reserve(run.bridge, NOW_MS);
	assert_false(run.bridge->ids.disbelieved);
	run_end(&run);
	floor_folder_remove(folder);
}

static void ids_go_on_without_the_file(void **state)
{
	char *folder = floor_folder();
	struct run run;

	(void)state;
	run_start(&run, folder, NOW_MS);
	run_turn(&run, 0, 1, 0);
	floor_folder_remove(folder);
	run.clock_ms += IDS_RESERVE_MS;
	ids_reserve(run.bridge, run.clock_ms);
	assert_true(run.bridge->ids.unwritten);
	run_turn(&run, 0, 1, 0);
	assert_true(id_time_ms(run.newest[0]) == run.clock_ms);
	run_end(&run);
}

/* While the disk is waited for, ids keep to the mark that is there. */
static void ids_follow_what_is_written(void **state)
{
	char *folder = floor_folder();
	struct ids_mark mark;
	struct run run;
	uint64_t end_ms;

	(void)state;
	run_start(&run, folder, NOW_MS);
	end_ms = run.bridge->ids.end_ms;
	assert_true(ids_next(run.bridge, NOW_MS + DAY_MS, &mark));
	assert_true(mark.ms > NOW_MS + DAY_MS);
	assert_true(run.bridge->ids.end_ms == end_ms);
	run.clock_ms = NOW_MS + DAY_MS;
	run_turn(&run, 0, BURST_MOST, 0);
	ids_write(&mark);
	assert_int_equal(mark.error, 0);
	assert_true(run.bridge->ids.end_ms == end_ms);
	ids_written(run.bridge, &mark);
	assert_true(run.bridge->ids.end_ms > NOW_MS + DAY_MS);
	assert_false(ids_next(run.bridge, NOW_MS, &mark));
	run_end(&run);
	assert_true(first_id(folder, NOW_MS, run.newest[0]) > NOW_MS);
	floor_folder_remove(folder);
}

/* ---- any clock ---- */

static uint64_t draw_state = 20260101;

static uint64_t draw(uint64_t below)
{
	draw_state ^= draw_state << 13;
	draw_state ^= draw_state >> 7;
	draw_state ^= draw_state << 17;
	return draw_state % below;
}

/* It goes on by up to five seconds; or somebody sets it, a little or to anything. */
static uint64_t clock_drawn(uint64_t clock_ms)
{
	switch (draw(8)) {
	case 0: return draw(YEAR_2100);
	case 1: return clock_ms + draw(2 * DAY_MS);
	case 2: return clock_ms > DAY_MS ? clock_ms - draw(DAY_MS) : clock_ms;
	default: return clock_ms + draw(IDS_RESERVE_MS);
	}
}

static void ids_rise_over_restarts_at_any_clock(void **state)
{
	char *folder = floor_folder();
	uint64_t above = 0;

	(void)state;
	for (unsigned n = 0; n < RESTARTS; n++) {
		struct run run;

		run_start(&run, folder, draw(YEAR_2100));
		for (uint64_t step = draw(STEPS); step > 0; step--) {
			run.clock_ms = clock_drawn(run.clock_ms);
			run_turn(&run, 0, (unsigned)draw(BURST_MOST), above);
			run_turn(&run, 1, (unsigned)draw(BURST_MOST), above);
			/* Killed in the middle of a turn, it had not told how far it was. */
			ids_given(run.bridge->workers[draw(2)]);
			ids_given(run.bridge->workers[1]);
			ids_reserve(run.bridge, run.clock_ms);
			run_turn(&run, (unsigned)draw(WORKERS), (unsigned)draw(3), above);
		}
		if (run_newest(&run))
			above = run_newest(&run);
		run_end(&run);
	}
	assert_true(above > 0);
	floor_folder_remove(folder);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_clock_that_was_ahead_leaves_its_mark),
		cmocka_unit_test(a_step_forward_waits_for_the_mark),
		cmocka_unit_test(what_is_not_believed_moves_no_mark),
		cmocka_unit_test(an_odd_clock_is_told_once),
		cmocka_unit_test(ids_go_on_without_the_file),
		cmocka_unit_test(ids_follow_what_is_written),
		cmocka_unit_test(ids_rise_over_restarts_at_any_clock),
	};

	log_set_level(LOG_ERROR);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
