#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>
#include <jansson.h>

#include "bridge/core/worker.h"
#include "tests/support/actors.h"
#include "tests/support/desk.h"

/* Time passes for the calls alone, then they look. */
static void pass(struct desk *desk, uint64_t ms)
{
	desk->floor.stage->tick_ms += ms;
	desk->calls.now_ms = desk->floor.stage->tick_ms;
	calls_look(&desk->calls);
	desk_settle(desk);
}

/* How many lines so far have that text? */
static size_t lines_with(const struct desk *desk, const char *text)
{
	size_t count = 0;

	for (size_t i = 0; i < desk->count; i++) {
		const json_t *rows = json_object_get(desk->lines[i], "rows"), *row;
		size_t at;

		json_array_foreach((json_t *)(uintptr_t)rows, at, row)
			count += strstr(json_string_value(row), text) != NULL;
	}
	return count;
}

static size_t capturing(const struct desk *desk)
{
	const struct bridge *bridge = desk->floor.stage->bridge;
	size_t count = 0;

	for (unsigned w = 0; w < bridge->worker_count; w++)
		count += bridge->workers[w]->capture != NULL;
	return count;
}

static void frames_come_as_they_pass(void **state)
{
	struct stage_client *ann, *zoe;
	struct desk desk;
	char text[2000]; /* enough to be compressed */

	(void)state;
	desk_open(&desk, NULL);
	ann = floor_join(&desk.floor, "ann", DIALECT_SIMPLE, NULL);
	zoe = floor_join_compressed(&desk.floor, "zoe", DIALECT_CONCORD);
	desk_begin(&desk, "{\"verb\":\"capture\",\"for\":\"10s\",\"bodies\":true}");
	desk_settle(&desk);
	assert_int_equal(capturing(&desk), DESK_WORKERS);
	assert_int_equal(lines_with(&desk, "\"event\":\"begins\""), 1);
	memset(text, 'z', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	actor_says(ann, text);
	pass(&desk, 200);
	assert_int_equal(lines_with(&desk, "\"direction\":\"in\""), 1);
	/* Its echo, its reply, and the other's, though that came compressed. */
	assert_int_equal(zoe->compressed > 0, 1);
	assert_int_equal(lines_with(&desk, "\"direction\":\"out\""), 3);
	assert_int_equal(lines_with(&desk, "zzzzzzzz"), 3);
	assert_int_equal(lines_with(&desk, "\"event\":\"enters\",\"name\":\"zoe\""), 1);
	stage_leave(zoe);
	pass(&desk, 10000);
	assert_int_equal(lines_with(&desk, "\"event\":\"leaves\""), 1);
	assert_int_equal(lines_with(&desk, "\"event\":\"ends\""), 1);
	assert_true(json_is_true(json_object_get(desk_final(&desk), "ok")));
	assert_int_equal(capturing(&desk), 0);
	desk_close(&desk);
}

static void bodies_are_not_shown_by_default(void **state)
{
	struct stage_client *ann;
	struct desk desk;

	(void)state;
	desk_open(&desk, NULL);
	ann = floor_join(&desk.floor, "wilhelmina", DIALECT_SIMPLE, NULL);
	desk_begin(&desk, "{\"verb\":\"capture\",\"for\":\"1s\"}");
	desk_settle(&desk);
	actor_says(ann, "hello there");
	pass(&desk, 1000);
	assert_int_equal(lines_with(&desk, "\"direction\":\"in\""), 1);
	assert_int_equal(lines_with(&desk, "hello") + lines_with(&desk, "there") +
			     lines_with(&desk, "wilhelmina"),
			 0);
	desk_close(&desk);
}

static void of_one_room(void **state)
{
	struct stage_client *ann, *bob;
	struct desk desk;

	(void)state;
	desk_open(&desk, FLOOR_TWO_ROOMS);
	ann = floor_join(&desk.floor, "ann", DIALECT_SIMPLE, NULL);
	bob = floor_join_at(&desk.floor, "bob", DIALECT_SIMPLE, "/attic");
	desk_begin(&desk, "{\"verb\":\"capture\",\"for\":\"1s\",\"room\":\"attic\",\"bodies\":true}");
	desk_settle(&desk);
	actor_says(ann, "in the lobby");
	actor_says(bob, "in the attic");
	pass(&desk, 1000);
	assert_int_equal(lines_with(&desk, "in the lobby"), 0);
	assert_int_equal(lines_with(&desk, "in the attic"), 2);
	desk_refused(&desk, "{\"verb\":\"capture\",\"room\":\"cellar\"}", "unknown_room", 1);
	desk_close(&desk);
}

static void one_at_a_time(void **state)
{
	struct call *first;
	struct desk desk;

	(void)state;
	desk_open(&desk, NULL);
	first = desk_begin(&desk, "{\"verb\":\"capture\"}");
	desk_settle(&desk);
	desk_refused(&desk, "{\"verb\":\"capture\"}", "busy", 1);
	desk_refused(&desk, "{\"verb\":\"capture\",\"for\":\"2h\"}", "usage", 2);
	assert_int_equal(capturing(&desk), DESK_WORKERS);
	/* Who asked goes away: it ends, and another one may begin. */
	call_orphan(first);
	calls_sweep(&desk.calls);
	desk_settle(&desk);
	assert_int_equal(capturing(&desk), 0);
	desk_begin(&desk, "{\"verb\":\"capture\",\"for\":\"1s\"}");
	desk_settle(&desk);
	pass(&desk, 1000);
	assert_true(json_is_true(json_object_get(desk_final(&desk), "ok")));
	desk_close(&desk);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(frames_come_as_they_pass),
		cmocka_unit_test(bodies_are_not_shown_by_default),
		cmocka_unit_test(of_one_room),
		cmocka_unit_test(one_at_a_time),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
