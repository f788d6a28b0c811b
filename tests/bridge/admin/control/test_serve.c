#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <jansson.h>

#include "bridge/core/log/log.h"
#include "bridge/core/people/bans.h"
#include "tests/support/accounts.h"
#include "tests/support/actors.h"
#include "tests/support/desk.h"
#include "tests/support/kept.h"

/* How many rows came, in all parts. */
static size_t rows(const struct desk *desk)
{
	size_t count = 0;

	for (size_t i = 0; i < desk->count; i++)
		count += json_array_size(json_object_get(desk->lines[i], "rows"));
	return count;
}

/* ---- looking ---- */

static void every_verb_is_served(void **state)
{
	struct desk desk;

	(void)state;
	desk_open(&desk, NULL);
	for (size_t i = 0; i < admin_verb_count; i++) {
		const struct admin_verb *verb = &admin_verbs[i];
		json_t *request = json_pack("{s:s}", "verb", verb->name);
		char *line;

		for (size_t a = 0; a < verb_argument_count(verb); a++)
			if (verb->arguments[a].required)
				json_object_set_new(request, verb->arguments[a].name,
						    json_string("nobody"));
		if (verb->secret)
			json_object_set_new(request, REQUEST_SECRET, json_string(HASH_RIGHT));
		if (strcmp(verb->name, "accounts role") == 0)
			json_object_set_new(request, "change", json_pack("[s]", "+mod"));
		if (strcmp(verb->name, "drain") == 0)
			json_object_set_new(request, "off", json_true());
		line = json_dumps(request, 0);
		desk_begin(&desk, line);
		desk_settle(&desk);
		if (strcmp(verb->name, "capture") == 0) {
			desk.floor.stage->tick_ms += 60000;
			desk.calls.now_ms = desk.floor.stage->tick_ms;
			calls_look(&desk.calls);
			desk_settle(&desk);
		}
		assert_true(desk.last);
		assert_string_not_equal(
		    json_object_get(desk_final(&desk), "error")
			? json_string_value(json_object_get(desk_final(&desk), "error"))
			: "",
		    "unsupported");
		free(line);
		json_decref(request);
	}
	assert_null(desk.calls.first);
	desk_close(&desk);
}

static void status_adds_all_workers_up(void **state)
{
	struct desk desk;
	const json_t *result;

	(void)state;
	desk_open(&desk, NULL);
	for (size_t d = 0; d < DIALECTS; d++) {
		char name[8];

		snprintf(name, sizeof(name), "p%zu", d);
		floor_join(&desk.floor, name, d, NULL);
	}
	result = desk_asked(&desk, "{\"verb\":\"status\"}");
	assert_int_equal(desk_number(json_object_get(result, "connections"), "open"), DIALECTS);
	assert_int_equal(
	    desk_number(json_object_get(json_object_get(result, "connections"), "dialects"),
			"rooms"),
	    1);
	assert_int_equal(desk_number(json_object_get(result, "messages"), "ordered"), DIALECTS);
	assert_int_equal(json_array_size(json_object_get(result, "silent_workers")), 0);
	desk_close(&desk);
}

/* A connection that is being closed, too. */
static void dialects_add_up_to_all_connections(void **state)
{
	const json_t *connections, *dialects;
	struct stage_client *bob;
	struct desk desk;
	const char *name;
	json_t *count;
	int64_t sum = 0;

	(void)state;
	desk_open(&desk, NULL);
	floor_join(&desk.floor, "ann", DIALECT_ROOMS, NULL);
	bob = floor_join(&desk.floor, "bob", DIALECT_SIMPLE, NULL);
	bob->stalled = true;
	floor_say(bob, "{\"type\":\"send_message\",\"payload_id\":1,\"message\":\"hi\"}");
	desk_asked(&desk, "{\"verb\":\"kick\",\"name\":\"bob\"}");
	assert_false(bob->ended);
	connections = json_object_get(desk_asked(&desk, "{\"verb\":\"status\"}"), "connections");
	dialects = json_object_get(connections, "dialects");
	json_object_foreach((json_t *)(uintptr_t)dialects, name, count) sum +=
	    json_integer_value(count);
	assert_int_equal(desk_number(connections, "open"), 2);
	assert_int_equal(sum, 2);
	stage_resume(bob);
	desk_close(&desk);
}

/* For programs: a list that has nothing is a list. */
static void an_empty_list_is_a_list(void **state)
{
	static const char *const lists[] = { "{\"verb\":\"who\"}", "{\"verb\":\"ban\"}",
					     "{\"verb\":\"backends\"}",
					     "{\"verb\":\"accounts list\"}",
					     "{\"verb\":\"history\",\"room\":\"lobby\"}" };
	struct desk desk;

	(void)state;
	desk_open(&desk, FLOOR_LOBBY);
	for (size_t i = 0; i < sizeof(lists) / sizeof(*lists); i++) {
		const json_t *result = desk_asked(&desk, lists[i]);

		assert_int_equal(desk_number(result, "count"), 0);
		assert_int_equal(desk.count, 2);
		assert_true(json_is_array(json_object_get(desk.lines[0], "rows")));
	}
	desk_close(&desk);
}

/* A worker that does not answer is named, in time; what it says later belongs to nobody. */
static void a_slow_worker_is_not_waited_for(void **state)
{
	struct desk desk;
	const json_t *result;

	(void)state;
	desk_open(&desk, NULL);
	floor_hold(&desk.floor);
	desk_begin(&desk, "{\"verb\":\"status\"}");
	desk.calls.now_ms += CALL_STATUS_MS - 1;
	calls_tick(&desk.calls);
	assert_int_equal(desk.count, 0);
	desk.calls.now_ms++;
	calls_tick(&desk.calls);
	result = json_object_get(desk_final(&desk), "result");
	assert_int_equal(json_array_size(json_object_get(result, "silent_workers")), DESK_WORKERS);
	calls_sweep(&desk.calls);
	assert_null(desk.calls.first);
	floor_go(&desk.floor);
	desk_settle(&desk);
	assert_int_equal(desk.count, 1);
	desk_close(&desk);
}

/* Who waits long is told so each second. */
static void waiting_is_told(void **state)
{
	struct desk desk;

	(void)state;
	desk_open(&desk, NULL);
	floor_hold(&desk.floor);
	desk_begin(&desk, "{\"verb\":\"backends\"}");
	for (unsigned i = 0; i < 4; i++) {
		desk.calls.now_ms += CALL_SIGN_MS;
		calls_tick(&desk.calls);
	}
	assert_int_equal(desk.count, 4);
	assert_true(json_is_true(json_object_get(desk.lines[3], "waiting")));
	floor_go(&desk.floor);
	desk_settle(&desk);
	assert_int_equal(json_array_size(json_object_get(
			     json_object_get(desk_final(&desk), "result"), "silent_workers")),
			 0);
	desk_close(&desk);
}

/* When the server ends, it says so. */
static void who_waits_is_told_of_the_end(void **state)
{
	struct desk desk;

	(void)state;
	desk_open(&desk, NULL);
	floor_hold(&desk.floor);
	desk_begin(&desk, "{\"verb\":\"backends\"}");
	calls_close(&desk.calls);
	assert_null(desk.calls.first);
	assert_string_equal(json_string_value(json_object_get(desk_final(&desk), "error")),
			    "closing");
	floor_go(&desk.floor);
	desk_settle(&desk);
	desk_close(&desk);
}

/* In parts that nobody has to hold as a whole; when who asked goes, it ends. */
static void lists_come_in_parts(void **state)
{
	struct desk desk;
	struct call *call;

	(void)state;
	desk_open(&desk, "limits = { connections_per_address = 0; };" FLOOR_TWO_ROOMS);
	for (unsigned i = 0; i < 600; i++) {
		char name[16];

		snprintf(name, sizeof(name), "p%u", i);
		floor_join(&desk.floor, name, DIALECT_SIMPLE, NULL);
		floor_forget(&desk.floor);
	}
	assert_int_equal(desk_number(desk_asked(&desk, "{\"verb\":\"who\"}"), "count"), 600);
	assert_int_equal(rows(&desk), 600);
	assert_true(desk.count > 4);
	assert_int_equal(
	    desk_number(desk_asked(&desk, "{\"verb\":\"who\",\"room\":\"attic\"}"), "count"), 0);
	assert_int_equal(desk_number(desk_asked(&desk, "{\"verb\":\"rooms\"}"), "count"), 2);
	assert_int_equal(
	    desk_number(json_array_get(json_object_get(desk.lines[0], "rows"), 0), "people"), 600);
	call = desk_begin(&desk, "{\"verb\":\"who\"}");
	stage_settle(desk.floor.stage);
	assert_true(call->writing);
	call_orphan(call);
	calls_sweep(&desk.calls);
	assert_null(desk.calls.first);
	desk_close(&desk);
}

/* ---- acting ---- */

static void kicks_reach_every_room(void **state)
{
	struct desk desk;
	struct stage_client *bob, *ann;
	const json_t *result;

	(void)state;
	desk_open(&desk, FLOOR_TWO_ROOMS);
	bob = floor_join(&desk.floor, "bob", DIALECT_CONCORD, NULL);
	ann = floor_join_at(&desk.floor, "ann", DIALECT_SIMPLE, "/attic");
	floor_forget(&desk.floor);
	result = desk_asked(&desk, "{\"verb\":\"kick\",\"name\":\"BOB\",\"reason\":\"spam\"}");
	assert_int_equal(desk_number(result, "rooms"), 2);
	assert_int_equal(desk_number(result, "connections"), 1);
	floor_hears_words(ann, "user_disconnected");
	floor_hears_words(ann, "was kicked: spam");
	assert_true(bob->ended);
	desk_refused(&desk, "{\"verb\":\"kick\",\"name\":\"bob\"}", "unknown_person", 1);
	desk_refused(&desk, "{\"verb\":\"kick\",\"name\":\"ann\",\"room\":\"cellar\"}",
		     "unknown_room", 1);
	desk_refused(&desk, "{\"verb\":\"kick\",\"name\":\"ann\",\"room\":\"lobby\"}",
		     "unknown_person", 1);
	desk_close(&desk);
}

static void room_bans_end_and_are_lifted(void **state)
{
	struct desk desk;

	(void)state;
	desk_open(&desk, NULL);
	floor_join(&desk.floor, "bob", DIALECT_SIMPLE, NULL);
	desk_asked(&desk,
		   "{\"verb\":\"ban\",\"target\":\"bob\",\"room\":\"lobby\",\"for\":\"60s\"}");
	floor_refused(&desk.floor, DIALECT_SIMPLE, "bob:", "403");
	stage_wait(desk.floor.stage, 59000);
	floor_refused(&desk.floor, DIALECT_SIMPLE, "bob:", "403");
	stage_wait(desk.floor.stage, 2000);
	floor_join(&desk.floor, "bob", DIALECT_SIMPLE, NULL);
	desk_asked(&desk, "{\"verb\":\"ban\",\"target\":\"bob\",\"room\":\"lobby\"}");
	floor_refused(&desk.floor, DIALECT_SIMPLE, "bob:", "403");
	desk_asked(&desk, "{\"verb\":\"unban\",\"target\":\"Bob\",\"room\":\"lobby\"}");
	floor_join(&desk.floor, "bob", DIALECT_SIMPLE, NULL);
	desk_refused(&desk, "{\"verb\":\"unban\",\"target\":\"bob\",\"room\":\"lobby\"}",
		     "not_banned", 1);
	desk_close(&desk);
}

/* A name that the configuration bans stays so. */
static void configured_bans_stay(void **state)
{
	const json_t *configured;
	struct desk desk;

	(void)state;
	desk_open(&desk, "rooms = ( { name = \"lobby\"; banned = [ \"eve\" ]; } );");
	desk_refused(&desk, "{\"verb\":\"unban\",\"target\":\"eve\",\"room\":\"lobby\"}",
		     "configured", 1);
	desk_asked(&desk, "{\"verb\":\"ban\",\"target\":\"eve\",\"room\":\"lobby\"}");
	configured = json_object_get(
	    desk_asked(&desk, "{\"verb\":\"unban\",\"target\":\"eve\",\"room\":\"lobby\"}"),
	    "configured");
	assert_true(json_is_true(configured));
	floor_refused(&desk.floor, DIALECT_SIMPLE, "eve:", "403");
	desk_close(&desk);
}

/* Each dialect refuses in its own way, whoever was connected is gone, and a guest's address holds
 * for other guests. */
static void server_bans_hold_everywhere(void **state)
{
	struct desk desk;
	struct stage_request request = { .query = "token=other", .address = "192.0.2.7" };
	struct stage_client *bob;
	struct slice response;

	(void)state;
	desk_open(&desk, NULL);
	request.mount = stage_mount(desk.floor.stage, DIALECT_CONCORD, NULL);
	request.query = "token=bob";
	bob = stage_connect(desk.floor.stage, "bob", &request, &response);
	assert_non_null(bob->session);
	assert_int_equal(
	    desk_number(desk_asked(&desk, "{\"verb\":\"ban\",\"target\":\"bob\"}"), "connections"),
	    1);
	assert_true(bob->ended);
	floor_refused(&desk.floor, DIALECT_CONCORD, "BOB", "403");
	floor_refused(&desk.floor, DIALECT_ROOMS, "bob", "403");
	floor_refused(&desk.floor, DIALECT_SIMPLE, "bob:", "403");
	request.query = "token=other";
	assert_null(stage_connect(desk.floor.stage, "other", &request, &response)->session);
	assert_true(slice_starts_with(response, "HTTP/1.1 403"));
	desk_asked(&desk, "{\"verb\":\"ban\"}");
	assert_int_equal(rows(&desk), 1);
	desk_asked(&desk, "{\"verb\":\"unban\",\"target\":\"bob\"}");
	assert_non_null(stage_connect(desk.floor.stage, "other", &request, &response)->session);
	desk_asked(&desk, "{\"verb\":\"ban\",\"target\":\"192.0.2.0/24\"}");
	assert_null(stage_connect(desk.floor.stage, "other", &request, &response)->session);
	desk_refused(&desk, "{\"verb\":\"ban\",\"target\":\"192.0.2.7\",\"room\":\"lobby\"}",
		     "bad_argument", 2);
	desk_refused(&desk, "{\"verb\":\"ban\",\"room\":\"lobby\"}", "bad_argument", 2);
	desk_refused(&desk, "{\"verb\":\"ban\",\"for\":\"60s\"}", "bad_argument", 2);
	desk_close(&desk);
}

/* In some dialects the kick that goes before the ban ends the connection, on whichever thread it
 * is: the address is known all the same. */
static void a_banned_guests_address_is_known(void **state)
{
	const struct actor actor = { .address = "192.0.2.7" };
	struct desk desk;
	const json_t *row;

	(void)state;
	desk_open(&desk, NULL);
	for (size_t d = 0; d < DIALECTS; d++)
		for (unsigned i = 0; i <= DESK_WORKERS; i++) {
			assert_non_null(actor_join(desk.floor.stage, "bob", d, &actor));
			desk_asked(&desk, "{\"verb\":\"ban\",\"target\":\"bob\"}");
			desk_asked(&desk, "{\"verb\":\"ban\"}");
			row = json_array_get(json_object_get(desk.lines[0], "rows"), 0);
			assert_int_equal(desk_number(row, "addresses"), 1);
			desk_asked(&desk, "{\"verb\":\"unban\",\"target\":\"bob\"}");
		}
	desk_close(&desk);
}

/* Whoever left in the same turn has no connection any more to ask for an address. */
static void who_left_is_not_asked_for_an_address(void **state)
{
	struct desk desk;
	struct stage_client *bob;

	(void)state;
	desk_open(&desk, NULL);
	bob = floor_join(&desk.floor, "bob", DIALECT_SIMPLE, NULL);
	floor_hold(&desk.floor);
	stage_leave(bob);
	desk_begin(&desk, "{\"verb\":\"ban\",\"target\":\"127.0.0.0/8\"}");
	floor_go(&desk.floor);
	desk_settle(&desk);
	assert_int_equal(desk_number(json_object_get(desk_final(&desk), "result"), "connections"),
			 0);
	desk_close(&desk);
}

/* Once they are stored they are told; lifted ones are gone there, too. */
static void bans_of_the_server_are_kept(void **state)
{
	struct kept kept;
	struct desk desk;

	(void)state;
	desk_open(&desk, NULL);
	kept_use(&kept, desk.floor.stage->bridge);
	floor_join(&desk.floor, "bob", DIALECT_SIMPLE, NULL);
	kept.holds = true;
	desk_begin(&desk,
		   "{\"verb\":\"ban\",\"target\":\"Bob\",\"for\":\"60s\",\"reason\":\"spam\"}");
	desk_settle(&desk);
	assert_false(desk.last);
	floor_refused(&desk.floor, DIALECT_SIMPLE, "bob:", "403");
	assert_string_equal(kept_last(&kept, LASTING_BAN)->ban.key, "nbob");
	assert_string_equal(kept_last(&kept, LASTING_BAN)->ban.reason, "spam");
	assert_true(kept_last(&kept, LASTING_BAN)->ban.number > 0);
	kept_go(&kept, desk.floor.stage->bridge);
	desk_settle(&desk);
	assert_int_equal(desk_number(json_object_get(desk_final(&desk), "result"), "connections"),
			 1);
	kept.holds = false;
	desk_asked(&desk, "{\"verb\":\"ban\",\"target\":\"192.0.2.0/24\"}");
	assert_true(kept_last(&kept, LASTING_BAN)->ban.until_ms == LASTING_FOREVER);
	desk_asked(&desk, "{\"verb\":\"unban\",\"target\":\"BOB\"}");
	assert_string_equal(kept_last(&kept, LASTING_BAN_GONE)->ban.key, "nbob");
	kept.fails = true;
	desk_refused(&desk, "{\"verb\":\"ban\",\"target\":\"eve\"}", "unstored", 1);
	floor_refused(&desk.floor, DIALECT_SIMPLE, "eve:", "403");
	desk_refused(&desk, "{\"verb\":\"unban\",\"target\":\"eve\"}", "unstored", 1);
	kept_leave(&kept, desk.floor.stage->bridge);
	desk_close(&desk);
}

static void roles_are_changed_and_shown(void **state)
{
	struct desk desk;
	struct stage_client *ann;
	const json_t *rooms;

	(void)state;
	desk_open(&desk, FLOOR_TWO_ROOMS);
	ann = floor_join(&desk.floor, "ann", DIALECT_CONCORD, NULL);
	floor_forget(&desk.floor);
	rooms = json_object_get(
	    desk_asked(&desk, "{\"verb\":\"roles\",\"name\":\"ann\",\"change\":[\"+mod\"]}"),
	    "rooms");
	assert_int_equal(json_array_size(rooms), 2);
	for (size_t i = 0; i < 2; i++)
		assert_int_equal(
		    json_array_size(json_object_get(json_array_get(rooms, i), "roles")), 2);
	rooms = json_object_get(
	    desk_asked(&desk, "{\"verb\":\"roles\",\"name\":\"ann\",\"room\":\"attic\","
			      "\"change\":[\"-mod\",\"+muted\"]}"),
	    "rooms");
	assert_int_equal(json_array_size(rooms), 1);
	assert_true(json_is_true(json_object_get(json_array_get(rooms, 0), "muted")));
	desk_refused(&desk, "{\"verb\":\"roles\",\"name\":\"eve\"}", "unknown_person", 1);
	stage_leave(ann);
	desk_refused(&desk, "{\"verb\":\"roles\",\"name\":\"ann\",\"change\":[\"+mod\"]}",
		     "unknown_person", 1);
	desk_close(&desk);
}

/* A request of all workers' that none answers in time. What was told as not done is not done
 * later. */
static void late(struct desk *desk, const char *line, const char *error)
{
	struct stage *stage = desk->floor.stage;

	floor_hold(&desk->floor);
	desk_begin(desk, line);
	stage->tick_ms += CALL_ACT_MS;
	desk->calls.now_ms = stage->tick_ms;
	calls_tick(&desk->calls);
	assert_string_equal(json_string_value(json_object_get(desk_final(desk), "error")), error);
	calls_sweep(&desk->calls);
	floor_go(&desk->floor);
	desk_settle(desk);
}

static void what_is_late_is_not_done(void **state)
{
	struct stage_client *ann, *bob;
	const char *text;
	struct desk desk;

	(void)state;
	desk_open(&desk, NULL);
	ann = floor_join(&desk.floor, "ann", DIALECT_SIMPLE, NULL);
	bob = floor_join(&desk.floor, "bob", DIALECT_ROOMS, NULL);
	floor_forget(&desk.floor);
	late(&desk, "{\"verb\":\"say\",\"room\":\"lobby\",\"text\":\"hi\"}", "no_answer");
	late(&desk, "{\"verb\":\"kick\",\"name\":\"bob\",\"room\":\"lobby\"}", "no_answer");
	late(&desk, "{\"verb\":\"roles\",\"name\":\"bob\",\"change\":[\"+mod\"]}", "no_answer");
	text = json_string_value(json_object_get(desk_final(&desk), "text"));
	assert_non_null(strstr(text, "worker 0, 1, 2, 3"));
	floor_hears_nothing(ann);
	floor_hears_nothing(bob);
	desk_asked(&desk, "{\"verb\":\"ban\",\"target\":\"bob\",\"room\":\"lobby\"}");
	late(&desk, "{\"verb\":\"unban\",\"target\":\"bob\",\"room\":\"lobby\"}", "no_answer");
	floor_refused(&desk.floor, DIALECT_SIMPLE, "bob:", "403");
	desk_close(&desk);
}

static void the_level_is_changed(void **state)
{
	enum log_level before = log_level_now();
	struct desk desk;

	(void)state;
	desk_open(&desk, NULL);
	desk_asked(&desk, "{\"verb\":\"log\",\"level\":\"error\"}");
	assert_int_equal(log_level_now(), LOG_ERROR);
	log_set_level(before);
	desk_close(&desk);
}

/* ---- reload ---- */

static void reloads_are_waited_for(void **state)
{
	struct desk desk;
	struct reloads *reloads;
	static char good[] = "reloaded: 1 routes\n", bad[] = "x.cfg:7: error: no\n";

	(void)state;
	desk_open(&desk, NULL);
	reloads = &desk.floor.stage->bridge->reloads;
	desk.reloads = 2; /* one is under way already */
	desk_begin(&desk, "{\"verb\":\"reload\"}");
	*reloads = (struct reloads){ .ended = 1, .last = { .taken = true, .text = good } };
	desk_settle(&desk);
	assert_false(desk.last);
	reloads->ended = 2;
	desk_settle(&desk);
	assert_string_equal(json_string_value(json_object_get(
				json_object_get(desk_final(&desk), "result"), "text")),
			    good);
	/* Another one ended beside it. */
	desk.reloads = 3;
	desk_begin(&desk, "{\"verb\":\"reload\"}");
	*reloads = (struct reloads){ .ended = 4,
				     .last = { .text = bad },
				     .before = { .taken = true, .text = good } };
	desk_settle(&desk);
	assert_true(json_is_true(json_object_get(desk_final(&desk), "ok")));
	desk.reloads = 2;
	*reloads = (struct reloads){ .ended = 2, .last = { .taken = false, .text = bad } };
	desk_refused(&desk, "{\"verb\":\"reload\"}", "invalid", 78);
	assert_string_equal(json_string_value(json_object_get(desk_final(&desk), "text")), bad);
	*reloads = (struct reloads){ .begun = 0 };
	desk.server.file = NULL;
	desk_refused(&desk, "{\"verb\":\"reload\"}", "no_file", 1);
	desk_refused(&desk, "{\"verb\":\"status\",\"file\":\"/etc/passwd\"}", "other_file", 1);
	desk_close(&desk);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_verb_is_served),
		cmocka_unit_test(status_adds_all_workers_up),
		cmocka_unit_test(dialects_add_up_to_all_connections),
		cmocka_unit_test(an_empty_list_is_a_list),
		cmocka_unit_test(a_slow_worker_is_not_waited_for),
		cmocka_unit_test(waiting_is_told),
		cmocka_unit_test(who_waits_is_told_of_the_end),
		cmocka_unit_test(lists_come_in_parts),
		cmocka_unit_test(kicks_reach_every_room),
		cmocka_unit_test(room_bans_end_and_are_lifted),
		cmocka_unit_test(configured_bans_stay),
		cmocka_unit_test(server_bans_hold_everywhere),
		cmocka_unit_test(a_banned_guests_address_is_known),
		cmocka_unit_test(who_left_is_not_asked_for_an_address),
		cmocka_unit_test(bans_of_the_server_are_kept),
		cmocka_unit_test(roles_are_changed_and_shown),
		cmocka_unit_test(what_is_late_is_not_done),
		cmocka_unit_test(the_level_is_changed),
		cmocka_unit_test(reloads_are_waited_for),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
