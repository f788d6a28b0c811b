#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <jansson.h>

#include "bridge/durable/made_rooms.h"
#include "bridge/durable/roster.h"
#include "bridge/reload/reload.h"
#include "routes/room/rows.h"
#include "tests/support/accounts.h"
#include "tests/support/desk.h"
#include "tests/support/kept.h"

static struct desk desk;
static struct kept kept;

static void retain(struct store *store, const struct room_entry *room)
{
	(void)store;
	(void)room;
}

static bool load(struct store *store, struct room_entry *room, struct room_time now)
{
	(void)store;
	room_restored(room->room, now);
	return true;
}

static int open_desk(void **state)
{
	(void)state;
	desk_open(&desk, FLOOR_LOBBY
		  "accounts = ( { name = \"ann\"; number = 1; secret_hash = \"" HASH_OTHER
		  "\"; } );");
	kept_use(&kept, desk.floor.stage->bridge);
	kept.store.retain = retain;
	kept.store.load = load;
	desk.server.add_room = reload_add_room;
	desk.server.remove_room = reload_remove_room;
	desk.server.changes_rooms = reload_busy;
	return 0;
}

static int close_desk(void **state)
{
	(void)state;
	kept_leave(&kept, desk.floor.stage->bridge);
	desk_close(&desk);
	return 0;
}

#define ADD(name, more) "{\"verb\":\"room add\",\"name\":\"" name "\"" more "}"
#define REMOVE(name)    "{\"verb\":\"room remove\",\"name\":\"" name "\"}"

static const struct room_entry *room(const char *name)
{
	return room_table_find(desk.floor.stage->bridge->rooms, slice_of(name));
}

static bool is_stored(const char *name)
{
	return made_rooms_find(desk.floor.stage->bridge->made_rooms, name) != NULL;
}

/* It is there once it is stored; who hears every room comes in. */
static void a_room_is_added_and_removed(void **state)
{
	struct stage_client *bob = floor_join(&desk.floor, "bob", DIALECT_CONCORD, NULL);

	(void)state;
	floor_forget(&desk.floor);
	kept.holds = true;
	desk_begin(&desk, ADD("attic", ",\"closed\":false,\"history\":\"5\""));
	desk_settle(&desk);
	assert_false(desk.last);
	assert_null(room("attic"));
	assert_string_equal(kept_last(&kept, LASTING_ROOM)->room, "attic");
	assert_non_null(strstr(kept_last(&kept, LASTING_ROOM)->settings, "\"history\":5"));
	kept_go(&kept, desk.floor.stage->bridge);
	kept.holds = false;
	desk_settle(&desk);
	assert_true(desk.last);
	assert_non_null(room("attic"));
	assert_true(room("attic")->conf->made);
	assert_int_equal(room("attic")->rules.history, 5);
	assert_int_equal(
	    desk_number(desk_asked(&desk, "{\"verb\":\"who\",\"room\":\"attic\"}"), "count"), 1);
	floor_hears_words(bob, "channel_created");
	desk_asked(&desk, REMOVE("attic"));
	assert_string_equal(kept_last(&kept, LASTING_ROOM)->settings, "");
	assert_null(room("attic"));
	assert_false(is_stored("attic"));
	floor_hears_words(bob, "This room was removed");
	floor_hears_words(bob, "channel_deleted");
	desk_asked(&desk, ADD("attic", ""));
	assert_non_null(room("attic"));
}

/* Accounts, by their numbers: of the configuration, or made at run time. */
static void people_are_named(void **state)
{
	static const char *const sources[] = { "configuration", "store" };
	const struct room_rules *rules;
	const json_t *rows;
	struct lasting_person made = { .number = 70, .name = "mo" };

	(void)state;
	assert_non_null(roster_add(desk.floor.stage->bridge->roster, &made));
	desk_refused(&desk, ADD("attic", ",\"admin\":[\"ann\",\"nobody\"]"), "unknown_person", 1);
	desk_refused(&desk, ADD("attic", ",\"member\":[\"#9\"]"), "unknown_person", 1);
	assert_int_equal(kept.count, 0);
	desk_asked(&desk, ADD("attic", ",\"closed\":true,\"admin\":[\"ANN\"],"
				       "\"member\":[\"mo\",\"#1\"]"));
	rules = &room("attic")->rules;
	assert_int_equal(rules->admin_number_count, 1);
	assert_int_equal(rules->admin_numbers[0], 1);
	assert_int_equal(rules->member_number_count, 2);
	assert_int_equal(rules->member_numbers[0], 70);
	assert_int_equal(rules->member_numbers[1], 1);
	assert_non_null(strstr(kept_last(&kept, LASTING_ROOM)->settings, "\"members\":[70,1]"));
	desk_forget(&desk);
	assert_int_equal(desk_number(desk_asked(&desk, "{\"verb\":\"rooms\"}"), "count"), 2);
	rows = json_object_get(desk.lines[0], "rows");
	for (size_t i = 0; i < 2; i++)
		assert_string_equal(
		    json_string_value(json_object_get(json_array_get(rows, i), "source")),
		    sources[i]);
}

static void what_cannot_be_is_refused(void **state)
{
	(void)state;
	desk_refused(&desk, ADD("lobby", ""), "room_taken", 1);
	desk_refused(&desk, ADD("LOBBY", ""), "room_taken", 1);
	desk_refused(&desk, ADD("attic", ",\"remembered\":\"10\",\"history\":\"50\""),
		     "bad_argument", 2);
	desk_refused(&desk, REMOVE("lobby"), "configured", 1);
	desk_refused(&desk, REMOVE("attic"), "unknown_room", 1);
	assert_int_equal(kept.count, 0);
	kept.fails = true;
	desk_refused(&desk, ADD("attic", ""), "unstored", 1);
	assert_null(room("attic"));
	assert_false(is_stored("attic"));
	kept.fails = false;
	desk_asked(&desk, ADD("attic", ",\"closed\":true"));
	assert_false(room("attic")->rules.open);
	desk_refused(&desk, ADD("Attic", ""), "room_taken", 1);
	kept.fails = true;
	desk_refused(&desk, REMOVE("attic"), "unstored", 1);
	assert_non_null(room("attic"));
	kept.fails = false;
	kept.holds = true;
	desk_begin(&desk, REMOVE("attic"));
	desk_refused(&desk, REMOVE("attic"), "busy", 1);
	kept_go(&kept, desk.floor.stage->bridge);
	desk_forget(&desk);
	desk_settle(&desk);
	assert_null(room("attic"));
}

/* Workers that still take a reload are waited for. */
static void a_reload_is_waited_for(void **state)
{
	struct conf_made other = { .name = "other", .open = true };
	struct bridge *bridge = desk.floor.stage->bridge;

	(void)state;
	assert_null(
	    reload_add_room(bridge, conf_make_rooms(&other, 1, bridge->conf->known,
						    &(struct conf_report){ .error = NULL })));
	assert_true(reload_busy(bridge));
	desk_begin(&desk, ADD("attic", ""));
	for (unsigned i = 0; i < 3 && !desk.last; i++)
		desk_settle(&desk);
	assert_true(json_is_true(json_object_get(desk_final(&desk), "ok")));
	assert_non_null(room("attic"));
	assert_non_null(room("other"));
	assert_false(reload_busy(bridge));
}

/* Where nobody uses rooms, it is only stored. */
static void alone_it_is_stored(void **state)
{
	(void)state;
	desk.server.add_room = NULL;
	desk.server.remove_room = NULL;
	desk.server.changes_rooms = NULL;
	desk_asked(&desk, ADD("attic", ""));
	assert_null(room("attic"));
	assert_true(is_stored("attic"));
	desk_asked(&desk, REMOVE("attic"));
	assert_false(is_stored("attic"));
	desk.floor.stage->bridge->store = NULL;
	desk_refused(&desk, ADD("attic", ""), "not_kept", 1);
	desk_refused(&desk, REMOVE("attic"), "not_kept", 1);
}

#define TEST(test) cmocka_unit_test_setup_teardown(test, open_desk, close_desk)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_room_is_added_and_removed), TEST(people_are_named),
		TEST(what_cannot_be_is_refused),   TEST(a_reload_is_waited_for),
		TEST(alone_it_is_stored),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
