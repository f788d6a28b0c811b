#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>
#include <jansson.h>

#include "bridge/core/log/log.h"
#include "tests/support/actors.h"
#include "tests/support/desk.h"

#define URL " url = \"http://127.0.0.1:9/simple\"; dialect = \"simple\";"

/* Nobody is called on a stage: each try fails at once. */
static const char two[] =
    "rooms = ( { name = \"lobby\"; }, { name = \"attic\"; } );"
    "listeners = ( { port = 0; mounts = ("
    " { path = \"/simple\"; dialect = \"simple\"; room = \"lobby\"; },"
    " { path = \"/attic\"; dialect = \"simple\"; room = \"attic\"; upstream = \"front\"; } ); } );"
    "upstreams = ( { name = \"club\"; mode = \"relay\"; room = \"lobby\"; user = \"bridge\";" URL
    "outbox_seconds = 30; }, { name = \"front\"; mode = \"session\"; room = \"attic\";" URL "} );";

/* A floor warns of nothing else. */
static void begin(struct desk *desk)
{
	desk_open(desk, two);
	log_set_level(LOG_ERROR);
}

static const json_t *row(const struct desk *desk, size_t index)
{
	return json_array_get(json_object_get(desk->lines[0], "rows"), index);
}

static const char *text(const json_t *object, const char *name)
{
	const char *value = json_string_value(json_object_get(object, name));

	assert_non_null(value);
	return value;
}

static const json_t *club(struct desk *desk)
{
	desk_asked(desk, "{\"verb\":\"upstreams\",\"name\":\"club\"}");
	return row(desk, 0);
}

static void none_is_an_empty_list(void **state)
{
	struct desk desk;

	(void)state;
	desk_open(&desk, FLOOR_LOBBY);
	assert_int_equal(desk_number(desk_asked(&desk, "{\"verb\":\"upstreams\"}"), "count"), 0);
	assert_int_equal(json_array_size(json_object_get(desk.lines[0], "rows")), 0);
	desk_refused(&desk, "{\"verb\":\"upstreams\",\"name\":\"club\"}", "unknown_upstream", 1);
	desk_close(&desk);
}

static void each_is_listed(void **state)
{
	struct desk desk;
	const json_t *link;

	(void)state;
	begin(&desk);
	assert_int_equal(desk_number(desk_asked(&desk, "{\"verb\":\"upstreams\"}"), "count"), 2);
	assert_string_equal(text(row(&desk, 0), "name"), "club");
	assert_string_equal(text(row(&desk, 0), "state"), "down");
	assert_string_equal(text(json_object_get(row(&desk, 0), "link"), "state"), "down");
	assert_null(json_object_get(row(&desk, 0), "connections"));
	assert_string_equal(text(row(&desk, 1), "name"), "front");
	assert_string_equal(text(row(&desk, 1), "mode"), "session");
	assert_string_equal(text(row(&desk, 1), "state"), "idle");
	stage_wait(desk.floor.stage, 500);
	link = json_object_get(club(&desk), "link");
	assert_string_equal(text(link, "state"), "down");
	assert_string_equal(text(link, "why"), "nothing can be called now");
	assert_string_equal(text(link, "name"), "bridge");
	assert_true(desk_number(link, "retry_s") >= 1);
	assert_int_equal(json_array_size(json_object_get(row(&desk, 0), "connections")), 1);
	desk_close(&desk);
}

/* What is said meanwhile waits, and its age is told. */
static void what_waits_is_told(void **state)
{
	struct desk desk;
	struct stage_client *ann;
	const json_t *waiting;

	(void)state;
	begin(&desk);
	stage_wait(desk.floor.stage, 500);
	ann = floor_join_at(&desk.floor, "ann", DIALECT_SIMPLE, "/simple");
	floor_say(ann, "{\"type\":\"send_message\",\"payload_id\":1,\"message\":\"hi\"}");
	stage_wait(desk.floor.stage, 7000);
	waiting = json_object_get(club(&desk), "waiting");
	assert_int_equal(desk_number(waiting, "items"), 1);
	assert_true(desk_number(waiting, "bytes") > 2);
	assert_int_equal(desk_number(waiting, "oldest_s"), 7);
	assert_int_equal(desk_number(row(&desk, 0), "in_flight"), 1);
	desk_asked(&desk, "{\"verb\":\"upstreams pause\",\"name\":\"club\"}");
	stage_wait(desk.floor.stage, 30000);
	assert_int_equal(desk_number(club(&desk), "expired"), 1);
	assert_int_equal(desk_number(json_object_get(row(&desk, 0), "waiting"), "items"), 0);
	desk_close(&desk);
}

static void it_is_paused_and_resumed(void **state)
{
	struct desk desk;
	const json_t *result;
	int64_t failed;

	(void)state;
	begin(&desk);
	stage_wait(desk.floor.stage, 500);
	result = desk_asked(&desk, "{\"verb\":\"upstreams pause\",\"name\":\"club\"}");
	assert_string_equal(text(result, "state"), "paused");
	assert_true(json_is_true(json_object_get(result, "changed")));
	failed = desk_number(club(&desk), "failed");
	stage_wait(desk.floor.stage, 120000);
	assert_string_equal(text(club(&desk), "state"), "paused");
	assert_string_equal(text(json_object_get(row(&desk, 0), "link"), "why"), "paused");
	assert_int_equal(desk_number(json_object_get(row(&desk, 0), "link"), "retry_s"), 0);
	assert_int_equal(desk_number(row(&desk, 0), "failed"), failed);
	result = desk_asked(&desk, "{\"verb\":\"upstreams pause\",\"name\":\"club\"}");
	assert_false(json_is_true(json_object_get(result, "changed")));
	result = json_object_get(desk_asked(&desk, "{\"verb\":\"status\"}"), "upstreams");
	assert_string_equal(json_string_value(json_array_get(json_object_get(result, "paused"), 0)),
			    "club");
	assert_string_equal(json_string_value(json_array_get(json_object_get(result, "idle"), 0)),
			    "front");
	assert_int_equal(json_array_size(json_object_get(result, "up")), 0);
	/* It is tried within the turn. */
	result = desk_asked(&desk, "{\"verb\":\"upstreams resume\",\"name\":\"club\"}");
	assert_true(json_is_true(json_object_get(result, "changed")));
	assert_string_not_equal(text(result, "state"), "paused");
	assert_int_equal(desk_number(club(&desk), "failed"), failed + 1);
	desk_refused(&desk, "{\"verb\":\"upstreams resume\",\"name\":\"cub\"}", "unknown_upstream",
		     1);
	desk_close(&desk);
}

/* A login is tried by who asks, not here. */
static void a_probe_is_not_asked_for(void **state)
{
	struct desk desk;

	(void)state;
	begin(&desk);
	desk_refused(&desk, "{\"verb\":\"upstreams\",\"probe\":\"club\"}", "bad_request", 2);
	desk_close(&desk);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(none_is_an_empty_list),
		cmocka_unit_test(each_is_listed),
		cmocka_unit_test(what_waits_is_told),
		cmocka_unit_test(it_is_paused_and_resumed),
		cmocka_unit_test(a_probe_is_not_asked_for),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
