#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <jansson.h>

#include "bridge/admin/health.h"
#include "bridge/core/worker.h"
#include "tests/support/floor.h"

#define NOW 100000

/* All turned now. */
static void all_turn(struct bridge *bridge)
{
	bridge->turned_ms = NOW;
	for (unsigned w = 0; w < bridge->worker_count; w++)
		bridge->workers[w]->turned_ms = NOW;
}

static void health_is(const struct bridge *bridge, bool details, unsigned status, const char *text)
{
	unsigned answered;
	char *found = health_write(bridge, NOW, details, &answered);
	json_t *json = json_loads(found, 0, NULL);

	assert_non_null(json);
	json_decref(json);
	assert_int_equal(answered, status);
	assert_string_equal(found, text);
	free(found);
}

static void who_is_late(void **state)
{
	struct floor floor;
	struct bridge *bridge;

	(void)state;
	floor_open(&floor, 2, NULL);
	bridge = floor.stage->bridge;
	all_turn(bridge);
	health_is(bridge, false, 200, "{\"status\":\"ok\"}");
	/* Another thread's clock may be ahead of what this one has read. */
	bridge->turned_ms = NOW + 5;
	bridge->workers[1]->turned_ms = NOW - HEALTH_LATE_MS;
	health_is(bridge, true, 200,
		  "{\"status\":\"ok\",\"threads\":[{\"thread\":\"main\",\"age_ms\":0},"
		  "{\"thread\":\"worker-0\",\"age_ms\":0},"
		  "{\"thread\":\"worker-1\",\"age_ms\":2000}]}");
	bridge->workers[1]->turned_ms = NOW - HEALTH_LATE_MS - 1;
	health_is(bridge, false, 503, "{\"status\":\"late\"}");
	bridge->workers[1]->turned_ms = NOW - 3210;
	health_is(bridge, true, 503,
		  "{\"status\":\"late\",\"late\":[\"worker-1\"],"
		  "\"message\":\"worker-1 has not responded for 3.2 s\","
		  "\"threads\":[{\"thread\":\"main\",\"age_ms\":0},"
		  "{\"thread\":\"worker-0\",\"age_ms\":0},"
		  "{\"thread\":\"worker-1\",\"age_ms\":3210}]}");
	bridge->turned_ms = 0;
	health_is(bridge, true, 503,
		  "{\"status\":\"late\",\"late\":[\"main\",\"worker-1\"],"
		  "\"message\":\"main has not responded for 100.0 s\","
		  "\"threads\":[{\"thread\":\"main\",\"age_ms\":100000},"
		  "{\"thread\":\"worker-0\",\"age_ms\":0},"
		  "{\"thread\":\"worker-1\",\"age_ms\":3210}]}");
	floor_close(&floor);
}

static void ready_is(struct bridge *bridge, enum bridge_phase phase, bool details, unsigned status,
		     const char *text)
{
	unsigned answered;
	char *found;

	bridge->phase = phase;
	found = ready_write(bridge, details, &answered);
	assert_int_equal(answered, status);
	assert_string_equal(found, text);
	free(found);
}

static void who_is_ready(void **state)
{
	struct bridge bridge = { .worker_count = 0 };

	(void)state;
	ready_is(&bridge, BRIDGE_STARTING, false, 503, "{\"status\":\"starting\"}");
	ready_is(&bridge, BRIDGE_SERVING, false, 200, "{\"status\":\"ready\"}");
	ready_is(&bridge, BRIDGE_SERVING, true, 200,
		 "{\"status\":\"ready\",\"message\":\"clients may connect\"}");
	ready_is(&bridge, BRIDGE_DRAINING, true, 503,
		 "{\"status\":\"draining\",\"message\":\"the server is being drained: clients are "
		 "sent away\"}");
	ready_is(&bridge, BRIDGE_CLOSING, true, 503,
		 "{\"status\":\"draining\",\"message\":\"the server is shutting down: clients are "
		 "sent away\"}");
	ready_is(&bridge, BRIDGE_ENDING, false, 503, "{\"status\":\"ending\"}");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(who_is_late),
		cmocka_unit_test(who_is_ready),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
