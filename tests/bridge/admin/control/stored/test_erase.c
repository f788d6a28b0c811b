#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <jansson.h>

#include "bridge/core/directory.h"
#include "bridge/durable/roster.h"
#include "bridge/durable/store.h"
#include "tests/support/accounts.h"
#include "tests/support/desk.h"

static char *folder;

/* A desk of a server that has an account, Ann with number 7. */
static void open_with_account(struct desk *desk)
{
	char config[1024];

	folder = floor_folder();
	floor_file(folder, "ann.secret", "s\n", 0600);
	snprintf(config, sizeof(config),
		 FLOOR_LOBBY
		 "accounts = ( { name = \"Ann\"; number = 7; secret_file = \"%s/ann.secret\"; } );",
		 folder);
	desk_open(desk, config);
}

static void close_with_account(struct desk *desk)
{
	desk_close(desk);
	floor_folder_remove(folder);
}

static void say(struct stage_client *client, const char *text)
{
	floor_say(client, "{\"type\":\"send_message\",\"payload_id\":1,\"message\":\"%s\"}", text);
}

static int64_t history_of(struct desk *desk, const char *room, const char *author)
{
	char line[64];
	int64_t count = 0;

	snprintf(line, sizeof(line), "{\"verb\":\"history\",\"room\":\"%s\"}", room);
	desk_asked(desk, line);
	for (size_t i = 0; i < desk->count; i++) {
		const json_t *rows = json_object_get(desk->lines[i], "rows");

		for (size_t r = 0; r < json_array_size(rows); r++)
			count += strcmp(json_string_value(
					    json_object_get(json_array_get(rows, r), "author")),
					author) == 0;
	}
	return count;
}

/* ---- without a store ---- */

/* In every room, whoever owns it; and each dialect's clients are told. */
static void rooms_forget_a_person(void **state)
{
	struct stage_client *ann, *bob, *eve;
	const json_t *result;
	struct desk desk;

	(void)state;
	desk_open(&desk, FLOOR_TWO_ROOMS);
	bob = floor_join(&desk.floor, "bob", DIALECT_CONCORD, NULL);
	ann = floor_join_at(&desk.floor, "ann", DIALECT_SIMPLE, "/attic");
	eve = floor_join(&desk.floor, "eve", DIALECT_MIXER, NULL);
	for (int channel = 1; channel <= 2; channel++)
		floor_say(bob, "{\"type\":\"chat_written\",\"channelId\":%d,\"content\":\"hi\"}",
			  channel);
	say(ann, "hello");
	assert_int_equal(history_of(&desk, "lobby", "bob"), 1);
	assert_int_equal(history_of(&desk, "attic", "bob"), 1);
	floor_forget(&desk.floor);
	result = desk_asked(&desk, "{\"verb\":\"erase\",\"name\":\"BOB\",\"yes\":true}");
	assert_int_equal(desk_number(result, "messages"), 2);
	assert_int_equal(desk_number(result, "number"), bob->number);
	assert_string_equal(json_string_value(json_object_get(result, "name")), "bob");
	assert_null(json_object_get(result, "erase_seconds"));
	floor_hears_words(eve, "PurgeMessage");
	assert_true(floor_heard(ann) > 0);
	assert_int_equal(history_of(&desk, "lobby", "bob"), 0);
	assert_int_equal(history_of(&desk, "attic", "bob"), 0);
	assert_int_equal(history_of(&desk, "attic", "ann"), 1);
	assert_non_null(bob->session);
	/* Nothing is left, and nobody is told. */
	floor_forget(&desk.floor);
	result = desk_asked(&desk, "{\"verb\":\"erase\",\"name\":\"bob\"}");
	assert_int_equal(desk_number(result, "messages"), 0);
	floor_hears_nothing(eve);
	desk_close(&desk);
}

/* One of whom only rooms know; several of the same name. */
static void who_left_is_found_by_what_they_wrote(void **state)
{
	struct stage_client *dan;
	char line[64], told[32];
	const char *text;
	struct desk desk;
	uint32_t number;

	(void)state;
	desk_open(&desk, FLOOR_TWO_ROOMS);
	dan = floor_join(&desk.floor, "dan", DIALECT_SIMPLE, "dan:first");
	say(dan, "hello");
	number = dan->number;
	stage_leave(dan);
	dan = floor_join_at(&desk.floor, "dan", DIALECT_SIMPLE, "/attic");
	assert_int_not_equal(dan->number, number);
	desk_refused(&desk, "{\"verb\":\"erase\",\"name\":\"dan\"}", "several", 1);
	text = json_string_value(json_object_get(desk_final(&desk), "text"));
	snprintf(told, sizeof(told), " #%u", number);
	assert_non_null(strstr(text, told));
	snprintf(told, sizeof(told), " #%u", dan->number);
	assert_non_null(strstr(text, told));
	stage_leave(dan);
	assert_int_equal(
	    desk_number(desk_asked(&desk, "{\"verb\":\"erase\",\"name\":\"Dan\"}"), "number"),
	    number);
	desk_refused(&desk, "{\"verb\":\"erase\",\"name\":\"dan\"}", "unknown_person", 1);
	snprintf(line, sizeof(line), "{\"verb\":\"erase\",\"name\":\"#%u\"}", number);
	assert_int_equal(desk_number(desk_asked(&desk, line), "messages"), 0);
	desk_close(&desk);
}

static void a_silent_worker_is_told(void **state)
{
	struct desk desk;

	(void)state;
	open_with_account(&desk);
	floor_hold(&desk.floor);
	desk_begin(&desk, "{\"verb\":\"erase\",\"name\":\"ann\"}");
	desk.floor.stage->tick_ms += CALL_ACT_MS;
	desk.calls.now_ms = desk.floor.stage->tick_ms;
	calls_tick(&desk.calls);
	assert_string_equal(json_string_value(json_object_get(desk_final(&desk), "error")),
			    "no_answer");
	calls_sweep(&desk.calls);
	floor_go(&desk.floor);
	desk_settle(&desk);
	close_with_account(&desk);
}

/* ---- with one ---- */

struct fake {
	struct store store;
	struct finding *finding;
	struct erasing *erasing;
	unsigned erased;
};

static void fake_find(struct store *store, struct finding *finding)
{
	((struct fake *)store)->finding = finding;
}

static void fake_erase(struct store *store, struct erasing *erasing)
{
	struct fake *fake = (struct fake *)store;

	fake->erasing = erasing;
	fake->erased++;
}

static void fake_erased(struct desk *desk, struct fake *fake, uint64_t messages, const char *fault)
{
	struct erasing *erasing = fake->erasing;

	fake->erasing = NULL;
	erasing->counts.messages += messages;
	erasing->fault = fault;
	erasing->done(erasing);
	desk_settle(desk);
}

static struct fake fake_of(struct desk *desk)
{
	(void)desk;
	return (struct fake){ .store = { .find = fake_find, .erase = fake_erase } };
}

/* Before the rooms, and once more for what was said meanwhile. */
static void the_store_erases_before_and_after_the_rooms(void **state)
{
	struct stage_client *ann;
	const json_t *result;
	struct desk desk;
	struct fake fake;

	(void)state;
	open_with_account(&desk);
	fake = fake_of(&desk);
	ann = floor_join(&desk.floor, "Ann", DIALECT_SIMPLE, "Ann:s");
	assert_int_equal(ann->number, 7);
	say(ann, "hello");
	desk.floor.stage->bridge->store = &fake.store;
	desk_begin(&desk, "{\"verb\":\"erase\",\"name\":\"ann\"}");
	desk_settle(&desk);
	assert_int_equal(fake.erasing->number, 7);
	assert_true(slice_is(fake.erasing->name, "Ann"));
	assert_true(slice_is(fake.erasing->name, "Ann") && fake.erased == 1);
	floor_forget(&desk.floor);
	floor_hears_nothing(ann);
	fake_erased(&desk, &fake, 5, NULL);
	assert_int_equal(fake.erased, 2);
	assert_int_equal(desk.count, 0);
	assert_true(floor_heard(ann) > 0);
	fake_erased(&desk, &fake, 1, NULL);
	result = json_object_get(desk_final(&desk), "result");
	assert_int_equal(desk_number(result, "messages"), 6);
	assert_int_equal(desk_number(result, "erase_seconds"), 60);
	/* A disk that fails. */
	desk_begin(&desk, "{\"verb\":\"erase\",\"name\":\"ann\"}");
	desk_settle(&desk);
	fake_erased(&desk, &fake, 5, "disk full");
	assert_string_equal(json_string_value(json_object_get(desk_final(&desk), "error")),
			    "unstored");
	desk.floor.stage->bridge->store = NULL;
	close_with_account(&desk);
}

/* With its connections; and nobody changes it meanwhile. */
static void an_account_made_at_run_time_goes(void **state)
{
	struct lasting_person person = { .number = 9, .name = "Eve", .hash = HASH_RIGHT };
	struct people_change change;
	struct bridge *bridge;
	struct account account;
	struct desk desk;
	struct fake fake;

	(void)state;
	desk_open(&desk, NULL);
	bridge = desk.floor.stage->bridge;
	fake = fake_of(&desk);
	bridge->store = &fake.store;
	account = roster_account(roster_add(bridge->roster, &person));
	directory_put(bridge->directory, &account, &change);
	people_change_clear(&change);
	for (unsigned failed = 2; failed-- > 0;) {
		desk_begin(&desk, "{\"verb\":\"erase\",\"name\":\"eve\"}");
		desk_settle(&desk);
		desk_forget(&desk);
		desk_refused(&desk, "{\"verb\":\"accounts remove\",\"name\":\"eve\"}", "busy", 1);
		desk_refused(&desk, "{\"verb\":\"erase\",\"name\":\"eve\"}", "busy", 1);
		desk_forget(&desk);
		assert_int_equal(directory_clash(bridge->directory, SLICE("eve"), 0),
				 ACCOUNT_NAME_TAKEN);
		fake_erased(&desk, &fake, 1, failed ? "disk full" : NULL);
	}
	fake_erased(&desk, &fake, 0, NULL);
	assert_true(json_is_true(json_object_get(desk_final(&desk), "ok")));
	assert_null(roster_find_number(bridge->roster, 9));
	assert_int_equal(directory_clash(bridge->directory, SLICE("eve"), 9), ACCOUNT_FITS);
	bridge->store = NULL;
	desk_close(&desk);
}

static void the_store_finds_who_wrote(void **state)
{
	struct desk desk;
	struct fake fake;

	(void)state;
	desk_open(&desk, NULL);
	fake = fake_of(&desk);
	desk.floor.stage->bridge->store = &fake.store;
	desk_begin(&desk, "{\"verb\":\"erase\",\"name\":\"Gone\"}");
	desk_settle(&desk);
	assert_true(slice_is(fake.finding->name, "Gone"));
	fake.finding->numbers[fake.finding->count++] = 12;
	fake.finding->done(fake.finding);
	desk_settle(&desk);
	assert_int_equal(fake.erasing->number, 12);
	fake_erased(&desk, &fake, 0, NULL);
	fake_erased(&desk, &fake, 0, NULL);
	assert_true(desk.last);
	desk_begin(&desk, "{\"verb\":\"erase\",\"name\":\"Gone\"}");
	desk_settle(&desk);
	fake.finding->failed = true;
	fake.finding->done(fake.finding);
	desk_settle(&desk);
	assert_string_equal(json_string_value(json_object_get(desk_final(&desk), "error")),
			    "unreadable");
	desk.floor.stage->bridge->store = NULL;
	desk_close(&desk);
}

/* It goes on when who asked is gone. */
static void nobody_has_to_wait_for_it(void **state)
{
	struct desk desk;
	struct fake fake;

	(void)state;
	desk_open(&desk, NULL);
	fake = fake_of(&desk);
	desk.floor.stage->bridge->store = &fake.store;
	call_orphan(desk_begin(&desk, "{\"verb\":\"erase\",\"name\":\"#12\"}"));
	calls_sweep(&desk.calls);
	fake_erased(&desk, &fake, 0, NULL);
	assert_int_equal(fake.erased, 2);
	/* Nor is it an error that the server ends meanwhile. */
	calls_close(&desk.calls);
	fake_erased(&desk, &fake, 0, NULL);
	assert_null(desk.calls.first);
	desk.floor.stage->bridge->store = NULL;
	desk_close(&desk);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rooms_forget_a_person),
		cmocka_unit_test(who_left_is_found_by_what_they_wrote),
		cmocka_unit_test(a_silent_worker_is_told),
		cmocka_unit_test(the_store_erases_before_and_after_the_rooms),
		cmocka_unit_test(an_account_made_at_run_time_goes),
		cmocka_unit_test(the_store_finds_who_wrote),
		cmocka_unit_test(nobody_has_to_wait_for_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
