#include <ctype.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "bridge/admin/prometheus.h"
#include "bridge/core/worker.h"
#include "bridge/durable/store.h"
#include "tests/support/floor.h"
#include "tests/support/page.h"

#define FAMILIES_MAX 200
#define LINE_BYTES   1024

/* With everything that a family may be about. */
static const char everything[] =
    "rooms = ( { name = \"lobby\"; metrics = true; }, { name = \"a\\\\b\\\"c\"; metrics = true; },"
    " { name = \"attic\"; } );"
    "backends = ( { name = \"gate\"; bind = \"ipc://gate\"; },"
    " { name = \"other\"; bind = \"ipc://other\"; } );"
    "taps = ( { name = \"feed\"; bind = \"ipc://feed\"; } );"
    "upstreams = ( { name = \"club\"; dialect = \"simple\"; url = \"http://127.0.0.1:9\";"
    " mode = \"relay\"; direction = \"in\"; room = \"lobby\"; user = \"bridge\"; } );"
    "listeners = ( { port = 7000; mounts = ("
    " { path = \"/simple\"; dialect = \"simple\"; room = \"lobby\"; },"
    " { path = \"/odd\"; dialect = \"simple\"; room = \"a\\\\b\\\"c\"; },"
    " { path = \"/attic\"; dialect = \"simple\"; room = \"attic\"; } ); },"
    " { kind = \"admin\"; port = 0; address = \"::1\"; }, { kind = \"admin\"; path = \"sock\"; } "
    ");";

static const char *const labels_known[] = { "backend",  "code",    "dialect", "fault", "level",
					    "listener", "outcome", "reason",  "room",  "tap",
					    "upstream", "version", "worker" };

static void look(struct store *store, struct store_state *state)
{
	(void)store;
	*state = (struct store_state){ "some", "disk full", 70, 7, 3, 8192, 11, 2 };
}

static struct store store = { .look = look };

/* All that is told of a floor, whose rooms are stored. Returns new. late: worker 0 is. */
static char *told(struct floor *floor, bool late)
{
	struct worker_reading workers[WORKERS_MAX];
	struct bridge *bridge = floor->stage->bridge;
	struct prometheus_reading reading = { .bridge = bridge,
					      .main_age_ms = 17,
					      .uptime_ms = 61000,
					      .worker_count = bridge->worker_count,
					      .workers = workers };
	struct snapshot *snapshots[WORKERS_MAX];
	struct exposition exposition = { .family = "" };
	char *text;

	for (unsigned w = 0; w < bridge->worker_count; w++) {
		snapshots[w] = snapshot_take(bridge->workers[w]);
		workers[w] = (struct worker_reading){ .age_ms = 100 * w,
						      .queue = w,
						      .late = late && w == 0,
						      .snapshot = snapshots[w] };
	}
	bridge->store = &store;
	prometheus_write(&exposition, &reading);
	bridge->store = NULL;
	text = strndup(exposition.out.data, exposition.out.len);
	http_output_clear(&exposition.out);
	for (unsigned w = 0; w < bridge->worker_count; w++)
		free(snapshots[w]);
	return text;
}

static void says(const char *text, const char *line)
{
	char whole[LINE_BYTES];

	snprintf(whole, sizeof(whole), "\n%s\n", line);
	if (!strstr(text, whole))
		fail_msg("no line \"%s\" in %s", line, text);
}

/* ---- the format ---- */

struct family {
	char name[EXPOSITION_NAME_MAX], help[LINE_BYTES];
	bool counter;
	char labels[256]; /* "backend, outcome" */
	size_t samples;
};

struct families {
	struct family all[FAMILIES_MAX];
	size_t count;
};

static bool is_name(const char *name)
{
	if (!islower((unsigned char)*name))
		return false;
	for (; *name; name++)
		if (!islower((unsigned char)*name) && !isdigit((unsigned char)*name) &&
		    *name != '_')
			return false;
	return true;
}

static void read_help(struct families *families, const char *line, const char *type)
{
	struct family *family = &families->all[families->count++];
	char kind[16], name[EXPOSITION_NAME_MAX];

	assert_true(families->count <= FAMILIES_MAX);
	assert_int_equal(sscanf(line, "# HELP %95s %1023[^\n]", family->name, family->help), 2);
	assert_non_null(type);
	assert_int_equal(sscanf(type, "# TYPE %95s %15s", name, kind), 2);
	assert_string_equal(name, family->name);
	family->counter = strcmp(kind, "counter") == 0;
	assert_true(family->counter || strcmp(kind, "gauge") == 0);
	assert_true(is_name(name));
	assert_int_equal(strlen(name) > 6 && strcmp(name + strlen(name) - 6, "_total") == 0,
			 family->counter);
	for (size_t i = 0; i + 1 < families->count; i++)
		assert_string_not_equal(families->all[i].name, name);
}

/* Returns what follows the labels. */
static const char *read_labels(struct family *family, const char *at)
{
	char labels[sizeof(family->labels)] = "";

	while (*at != '}') {
		size_t len = strcspn(++at, "="), known = 0;

		while (strncmp(labels_known[known], at, len) != 0 || labels_known[known][len])
			assert_true(++known < sizeof(labels_known) / sizeof(labels_known[0]));
		if (*labels)
			strncat(labels, ", ", sizeof(labels) - strlen(labels) - 1);
		strncat(labels, labels_known[known], sizeof(labels) - strlen(labels) - 1);
		at += len + 1;
		assert_int_equal(*at++, '"');
		for (; *at != '"'; at++) {
			assert_true(*at && *at != '\n');
			at += *at == '\\';
		}
		at++;
		assert_true(*at == ',' || *at == '}');
	}
	if (strlen(labels) > strlen(family->labels))
		memcpy(family->labels, labels, sizeof(labels));
	return at + 1;
}

static void read_sample(struct families *families, const char *line)
{
	struct family *family = &families->all[families->count - 1];
	const char *at = line + strcspn(line, "{ ");
	char *end;

	assert_true(families->count > 0);
	/* So no family comes back. */
	assert_int_equal(strlen(family->name), at - line);
	assert_memory_equal(family->name, line, strlen(family->name));
	if (*at == '{')
		at = read_labels(family, at);
	assert_int_equal(*at, ' ');
	strtod(at + 1, &end);
	assert_true(end > at + 1 && *end == '\0');
	family->samples++;
}

/* Reads it all, line by line. */
static void read_text(struct families *families, const char *text)
{
	char *copy = strdup(text), *rest, *line = strtok_r(copy, "\n", &rest);

	*families = (struct families){ .count = 0 };
	assert_int_equal(text[strlen(text) - 1], '\n');
	for (; line; line = strtok_r(NULL, "\n", &rest)) {
		if (strncmp(line, "# HELP ", 7) == 0)
			read_help(families, line, strtok_r(NULL, "\n", &rest));
		else
			read_sample(families, line);
	}
	free(copy);
	for (size_t i = 0; i < families->count; i++)
		assert_true(families->all[i].samples > 0);
}

static void each_family_is_told_once(void **state)
{
	static struct families families, without;
	struct floor floor;
	char *text;

	(void)state;
	floor_open(&floor, 2, everything);
	floor_join_at(&floor, "ann", DIALECT_SIMPLE, "/simple");
	text = told(&floor, false);
	read_text(&families, text);
	assert_true(families.count > 50);
	free(text);
	floor_close(&floor);
	/* Nothing of what is not configured. */
	floor_open(&floor, 1, NULL);
	text = told(&floor, false);
	read_text(&without, text);
	assert_true(without.count < families.count);
	assert_null(strstr(text, "dragoman_backend"));
	assert_null(strstr(text, "dragoman_tap"));
	assert_null(strstr(text, "dragoman_upstream"));
	assert_null(strstr(text, "dragoman_room_"));
	free(text);
	floor_close(&floor);
}

/* Every count is in a family of its own or in one with others; but for sums of others. */
static void every_row_is_told(void **state)
{
	static const char *const sums[] = { "sessions_cut", "open", "upgrades_refused" };
	const struct counter_rows *tables[] = { &counter_rows_worker, &counter_rows_delivery,
						&counter_rows_backend, &counter_rows_tap,
						&counter_rows_upstream };
	size_t untold = 0;

	(void)state;
	for (size_t t = 0; t < sizeof(tables) / sizeof(tables[0]); t++)
		for (size_t i = 0; i < tables[t]->count; i++) {
			const struct counter_row *row = &tables[t]->rows[i];

			if (counter_width(row->kind) == 0 && row->kind != COUNTER_MAIN &&
			    row->kind != COUNTER_AGAIN)
				assert_null(row->metric);
			else if (!row->metric)
				assert_string_equal(row->name, sums[untold++]);
		}
	assert_int_equal(untold, sizeof(sums) / sizeof(sums[0]));
}

/* ---- the numbers ---- */

static void numbers_are_those_that_were_counted(void **state)
{
	struct floor floor;
	struct stage_client *ann, *bob;
	struct bridge *bridge;
	char *text;

	(void)state;
	floor_open(&floor, 2, everything);
	bridge = floor.stage->bridge;
	ann = floor_join_at(&floor, "ann", DIALECT_SIMPLE, "/simple");
	bob = floor_join_at(&floor, "bob", DIALECT_SIMPLE, "/odd");
	floor_say(ann, "{\"type\":\"send_message\",\"payload_id\":1,\"message\":\"hi\"}");
	floor_say(bob, "no json");
	bridge->workers[1]->counters->backends[1].asks_failed[POOL_FULL] += 7;
	bridge->workers[1]->counters->backends[1].asked += 7;
	bridge->workers[0]->counters->backends[0].joined += 3;
	bridge->workers[0]->counters->backends[0].died += 2;
	bridge->workers[0]->counters->taps[0].dropped += 5;
	bridge->workers[0]->counters->taps[0].accepted += 5;
	bridge->workers[0]->counters->upstreams[0].accepted += 9;
	bridge->workers[0]->counters->upstreams[0].delivered += 6;
	bridge->workers[0]->counters->upstreams[0].refused[REASON_MUTED] += 2;
	bridge->workers[1]->counters->upstreams[0].in_flight += 1;
	bridge->workers[0]->counters->upstreams[0].heard += 4;
	bridge->workers[0]->counters->upstreams[0].taken_refused[REASON_BUSY] += 3;
	bridge->workers[0]->counters->upstreams[0].looped += 1;
	bridge->workers[0]->counters->upstreams[0].links = 1;
	bridge->refused_full = 4;
	strcpy(bridge->listeners[0].bound, "192.0.2.9");
	bridge->phase = BRIDGE_SERVING;
	text = told(&floor, false);
	says(text, "dragoman_drafts_accepted_total 3");
	says(text, "dragoman_drafts_total{outcome=\"ordered\"} 3");
	says(text, "dragoman_drafts_total{outcome=\"refused\",reason=\"muted\"} 0");
	says(text, "dragoman_drafts_waiting 0");
	says(text, "dragoman_deliveries_total{dialect=\"simple\",outcome=\"delivered\"} 3");
	says(text, "dragoman_deliveries_total{dialect=\"mixer\",outcome=\"dropped_cut\"} 0");
	says(text, "dragoman_room_deliveries_total{room=\"lobby\",outcome=\"delivered\"} 2");
	says(text, "dragoman_room_deliveries_total{room=\"a\\\\b\\\"c\",outcome=\"delivered\"} 1");
	assert_null(strstr(text, "attic"));
	says(text, "dragoman_bad_frames_total{reason=\"malformed\"} 1");
	says(text, "dragoman_connections_open{dialect=\"simple\"} 2");
	says(text, "dragoman_connections_open{dialect=\"mixer\"} 0");
	says(text, "dragoman_connections_turned_away_total 4");
	says(text, "dragoman_backend_asks_total{backend=\"other\",outcome=\"full\"} 7");
	says(text, "dragoman_backend_asks_total{backend=\"gate\",outcome=\"full\"} 0");
	says(text, "dragoman_backend_instances{backend=\"gate\"} 1");
	says(text, "dragoman_tap_events_dropped_total{tap=\"feed\"} 5");
	says(text, "dragoman_upstream_events_accepted_total{upstream=\"club\"} 9");
	says(text, "dragoman_upstream_events_total{upstream=\"club\",outcome=\"delivered\"} 6");
	says(text, "dragoman_upstream_events_total{upstream=\"club\",outcome=\"refused\","
		   "reason=\"muted\"} 2");
	says(text, "dragoman_upstream_events_in_flight{upstream=\"club\"} 1");
	says(text, "dragoman_upstream_heard_total{upstream=\"club\",outcome=\"refused\","
		   "reason=\"busy\"} 3");
	says(text, "dragoman_upstream_heard_total{upstream=\"club\",outcome=\"looped\"} 1");
	says(text, "dragoman_upstream_links{upstream=\"club\"} 1");
	says(text, "dragoman_upstream_links_up{upstream=\"club\"} 0");
	says(text, "dragoman_worker_last_loop_age_seconds{worker=\"1\"} 0.100");
	says(text, "dragoman_worker_queue{worker=\"1\"} 1");
	says(text, "dragoman_worker_late{worker=\"0\"} 0");
	says(text, "dragoman_main_last_loop_age_seconds 0.017");
	says(text, "dragoman_listener_connections_accepted_total{listener=\"192.0.2.9:0\"} 0");
	says(text, "dragoman_listener_connections_accepted_total{listener=\"[::1]:0\"} 0");
	says(text, "dragoman_listener_connections_accepted_total{listener=\"sock\"} 0");
	says(text, "dragoman_send_queues_limit_bytes 1073741824");
	says(text, "dragoman_store_failing 1");
	says(text, "dragoman_store_records_total 70");
	says(text, "dragoman_store_transactions_failed_total 3");
	says(text, "dragoman_store_log_bytes 8192");
	says(text, "dragoman_store_messages_retired_total 11");
	says(text, "dragoman_store_damages_total 2");
	says(text, "dragoman_uptime_seconds 61.000");
	says(text, "dragoman_rooms 3");
	says(text, "dragoman_ready 1");
	free(text);
	bridge->workers[0]->counters->taps[0].dropped -= 5;
	bridge->workers[0]->counters->taps[0].accepted -= 5;
	bridge->workers[1]->counters->backends[1].asks_failed[POOL_FULL] -= 7;
	bridge->workers[1]->counters->backends[1].asked -= 7;
	floor_close(&floor);
}

static void who_is_late_is_told(void **state)
{
	struct worker_reading workers[2] = { { .late = true, .age_ms = 9000, .queue = 12 } };
	struct floor floor;
	struct prometheus_reading reading = { .worker_count = 2, .workers = workers };
	struct exposition exposition = { .family = "" };
	static struct families families;
	char *text;

	(void)state;
	floor_open(&floor, 2, NULL);
	text = told(&floor, true);
	says(text, "dragoman_worker_late{worker=\"0\"} 1");
	says(text, "dragoman_worker_late{worker=\"1\"} 0");
	free(text);
	/* One that never answered has no numbers yet. */
	reading.bridge = floor.stage->bridge;
	prometheus_write(&exposition, &reading);
	text = strndup(exposition.out.data, exposition.out.len);
	http_output_clear(&exposition.out);
	read_text(&families, text);
	says(text, "dragoman_worker_late{worker=\"0\"} 1");
	says(text, "dragoman_worker_last_loop_age_seconds{worker=\"0\"} 9.000");
	says(text, "dragoman_worker_queue{worker=\"0\"} 12");
	says(text, "dragoman_worker_connections{worker=\"0\"} 0");
	free(text);
	floor_close(&floor);
}

/* ---- the page ---- */

static char *page_of(const struct families *families)
{
	char *page;
	size_t size;
	FILE *out = open_memstream(&page, &size);

	fputs("# Metrics\n\nWhat `GET /metrics` of an admin listener tells Prometheus. "
	      "`tests/bridge/admin/test_prometheus.c`\ncompares this page with the program, and "
	      "writes it with `UPDATE=1` before its name. Families that\nare about backends, taps, "
	      "upstreams or rooms are there when such are configured; rooms are told one\nby one "
	      "only with `metrics = true`. No label has a value that a client chooses.\n\n"
	      "| family | type | labels | what it says |\n|---|---|---|---|\n",
	      out);
	for (size_t i = 0; i < families->count; i++)
		fprintf(out, "| `%s` | %s | %s | %s |\n", families->all[i].name,
			families->all[i].counter ? "counter" : "gauge", families->all[i].labels,
			families->all[i].help);
	fclose(out);
	return page;
}

static void the_page_has_every_family(void **state)
{
	static struct families families;
	struct floor floor;
	char *text, *page;

	(void)state;
	floor_open(&floor, 2, everything);
	floor_join_at(&floor, "ann", DIALECT_SIMPLE, "/simple");
	text = told(&floor, false);
	read_text(&families, text);
	page = page_of(&families);
	page_has("contrib/doc/metrics.md", NULL, NULL, page);
	free(page);
	free(text);
	floor_close(&floor);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_family_is_told_once),
		cmocka_unit_test(every_row_is_told),
		cmocka_unit_test(numbers_are_those_that_were_counted),
		cmocka_unit_test(who_is_late_is_told),
		cmocka_unit_test(the_page_has_every_family),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
