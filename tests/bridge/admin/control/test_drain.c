#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>
#include <jansson.h>

#include "bridge/admin/health.h"
#include "tests/support/desk.h"

static void ready_is(const struct desk *desk, unsigned expected)
{
	unsigned status;

	free(ready_write(desk->floor.stage->bridge, false, &status));
	assert_int_equal(status, expected);
}

static size_t open_ones(const struct desk *desk)
{
	size_t count = 0;

	for (const struct stage_client *c = desk->floor.stage->clients; c; c = c->next)
		count += c->session && !c->ended;
	return count;
}

static void wait_ms(struct desk *desk, uint64_t ms)
{
	stage_wait(desk->floor.stage, ms);
	desk->calls.now_ms = desk->floor.stage->tick_ms;
	calls_tick(&desk->calls);
	calls_look(&desk->calls);
	desk_settle(desk);
}

/* One after the other, each told first; newcomers are sent elsewhere; then the server ends. */
static void clients_go_one_after_the_other(void **state)
{
	struct desk desk;
	size_t half;

	(void)state;
	desk_open(&desk, "limits = { connections_per_address = 0; };");
	for (unsigned i = 0; i < 40; i++) {
		char name[16];

		snprintf(name, sizeof(name), "p%u", i);
		floor_join(&desk.floor, name, i % DIALECTS, NULL);
	}
	floor_forget(&desk.floor);
	desk_begin(&desk, "{\"verb\":\"drain\",\"timeout\":\"10s\"}");
	desk_settle(&desk);
	floor_refused(&desk.floor, DIALECT_CONCORD, "late", "503");
	assert_int_equal(floor_counters(&desk.floor)->connections_refused[REASON_CLOSING], 1);
	desk_refused(&desk, "{\"verb\":\"drain\"}", "already", 1);
	desk_forget(&desk);
	wait_ms(&desk, 4000);
	half = open_ones(&desk);
	assert_true(half > 10 && half < 30);
	for (unsigned i = 0; i < 20 && desk.ended == 0; i++)
		wait_ms(&desk, 250);
	assert_int_equal(desk.ended, 1);
	assert_int_equal(open_ones(&desk), 0);
	assert_int_equal(desk_number(json_object_get(desk_final(&desk), "result"), "left"), 0);
	assert_int_equal(desk_number(json_object_get(desk_final(&desk), "result"), "connections"),
			 40);
	desk_close(&desk);
}

static void a_drain_can_stay_and_be_stopped(void **state)
{
	struct desk desk;
	struct stage_client *ann;

	(void)state;
	desk_open(&desk, NULL);
	desk.floor.stage->bridge->phase = BRIDGE_SERVING;
	ready_is(&desk, 200);
	ann = floor_join(&desk.floor, "ann", DIALECT_SIMPLE, NULL);
	floor_forget(&desk.floor);
	desk_begin(&desk, "{\"verb\":\"drain\",\"timeout\":\"1s\",\"stay\":true}");
	for (unsigned i = 0; i < 8; i++)
		wait_ms(&desk, 250);
	assert_true(
	    json_is_true(json_object_get(json_object_get(desk_final(&desk), "result"), "stays")));
	floor_hears_words(ann, "Please connect again");
	assert_int_equal(ann->close_code, 1001);
	assert_int_equal(desk.ended, 0);
	floor_refused(&desk.floor, DIALECT_SIMPLE, "eve:", "503");
	ready_is(&desk, 503);
	desk_asked(&desk, "{\"verb\":\"drain\",\"off\":true}");
	ready_is(&desk, 200);
	floor_join(&desk.floor, "eve", DIALECT_SIMPLE, NULL);
	wait_ms(&desk, 5000);
	assert_int_equal(open_ones(&desk), 1);
	desk_refused(&desk, "{\"verb\":\"drain\",\"off\":true}", "not_draining", 1);
	desk_refused(&desk, "{\"verb\":\"drain\",\"off\":true,\"stay\":true}", "bad_argument", 2);
	desk_close(&desk);
}

/* What TERM began is not taken back. */
static void a_server_that_ends_does_not_drain(void **state)
{
	struct desk desk;

	(void)state;
	desk_open(&desk, NULL);
	desk.floor.stage->bridge->phase = BRIDGE_CLOSING;
	desk_refused(&desk, "{\"verb\":\"drain\",\"off\":true}", "closing", 1);
	desk_refused(&desk, "{\"verb\":\"drain\"}", "closing", 1);
	ready_is(&desk, 503);
	assert_int_equal(desk.floor.stage->bridge->phase, BRIDGE_CLOSING);
	floor_refused(&desk.floor, DIALECT_SIMPLE, "eve:", "503");
	desk_close(&desk);
}

/* Events on their way are waited for, and are no connections. */
static void events_on_their_way_are_told(void **state)
{
	const json_t *result;
	struct desk desk;

	(void)state;
	desk_open(&desk, NULL);
	desk_begin(&desk, "{\"verb\":\"drain\",\"timeout\":\"1s\",\"stay\":true}");
	desk.floor.stage->bridge->workers[1]->routing_count += 3;
	desk_settle(&desk);
	assert_false(desk.last);
	for (unsigned i = 0; i < 5; i++)
		wait_ms(&desk, 250);
	desk.floor.stage->bridge->workers[1]->routing_count -= 3;
	result = json_object_get(desk_final(&desk), "result");
	assert_int_equal(desk_number(result, "left"), 0);
	assert_int_equal(desk_number(result, "events_left"), 3);
	desk_close(&desk);
}

/* Who asked for it may go: it goes on. */
static void a_drain_needs_nobody_to_wait(void **state)
{
	struct desk desk;

	(void)state;
	desk_open(&desk, NULL);
	floor_join(&desk.floor, "ann", DIALECT_SIMPLE, NULL);
	call_orphan(desk_begin(&desk, "{\"verb\":\"drain\",\"timeout\":\"1s\"}"));
	for (unsigned i = 0; i < 8; i++)
		wait_ms(&desk, 250);
	assert_int_equal(desk.ended, 1);
	assert_int_equal(desk.count, 0);
	desk_close(&desk);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(clients_go_one_after_the_other),
		cmocka_unit_test(a_drain_can_stay_and_be_stopped),
		cmocka_unit_test(a_server_that_ends_does_not_drain),
		cmocka_unit_test(events_on_their_way_are_told),
		cmocka_unit_test(a_drain_needs_nobody_to_wait),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
