#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "bridge/core/log/log.h"
#include "bridge/durable/made_rooms.h"
#include "bridge/known.h"
#include "bridge/reload/reload.h"
#include "conf/load.h"
#include "routes/rules/route_table.h"
#include "tests/support/dialects.h"
#include "tests/support/floor.h"

#define MOUNTS                                                                                     \
	" listeners: ( { mounts: ( { path = \"/simple\"; dialect = \"simple\"; room = \"lobby\"; " \
	"} ); } );\n"
#define ROOMS                                                                                      \
	"rooms: ( { name = \"lobby\"; mixer = 1; }, { name = \"attic\"; mixer = 2; } );" MOUNTS

struct world {
	struct floor floor;
	char *folder, path[512];
	struct stage_client *dan;
};

static void world_open(struct world *world, unsigned workers)
{
	floor_open(&world->floor, workers,
		   "limits: { messages_per_second = 0; };\n" ROOMS
		   "routes: ( { text = \"^no\"; then = ( { refuse = \"old\"; } ); } );");
	world->folder = floor_folder();
	snprintf(world->path, sizeof(world->path), "%s/r.cfg", world->folder);
	world->dan = floor_join(&world->floor, "dan", DIALECT_SIMPLE, NULL);
}

static void world_close(struct world *world)
{
	floor_close(&world->floor);
	floor_folder_remove(world->folder);
}

/* Reloads text. Returns what was told as wrong; freed by the next call. */
static const char *reloads(struct world *world, const char *text, bool wanted)
{
	static char *errors;
	size_t size;
	FILE *stream;

	free(errors);
	stream = open_memstream(&errors, &size);
	floor_file(world->folder, "r.cfg", text, 0600);
	assert_int_equal(reload(world->floor.stage->bridge, world->path, stream), wanted);
	fclose(stream);
	stage_settle(world->floor.stage);
	return errors;
}

static void refuses_as(struct world *world, const char *text)
{
	char pattern[128];

	floor_say(world->dan, "{\"type\":\"send_message\",\"payload_id\":1,\"message\":\"no\"}");
	snprintf(pattern, sizeof(pattern), "{\"type\":\"reply\",\"error\":\"%s\",...}", text);
	floor_hears(&world->floor, world->dan, pattern);
}

static void new_rules_are_taken_over(void **state)
{
	struct world world;

	(void)state;
	world_open(&world, 4);
	refuses_as(&world, "old");
	assert_string_equal(
	    reloads(&world,
		    ROOMS "routes: ( { text = \"^no\"; then = ( { refuse = \"new\"; } ); } );",
		    true),
	    "");
	refuses_as(&world, "new");
	assert_int_equal(route_table_count(world.floor.stage->bridge->rules), 1);
	for (unsigned w = 0; w < 4; w++)
		assert_ptr_equal(world.floor.stage->bridge->workers[w]->rules,
				 world.floor.stage->bridge->rules);
	world_close(&world);
}

static struct conf *room_alone(const char *name)
{
	struct conf_made made = { .name = name, .open = true };
	struct conf_printer printer;
	struct conf *conf;

	conf_printer_init(&printer, stderr);
	conf = conf_make_rooms(&made, 1, known_names(), &printer.report);
	assert_non_null(conf);
	return conf;
}

static struct room_entry *room_of(const struct world *world, const char *name)
{
	return room_table_find(world->floor.stage->bridge->rooms, slice_of(name));
}

/* Rooms that were made stay over a reload, unless the file has their name, or an id of theirs. */
static void one_room_comes_and_goes(void **state)
{
	struct bridge *bridge;
	struct world world;
	char *why, clash[512];

	(void)state;
	world_open(&world, 4);
	bridge = world.floor.stage->bridge;
	for (unsigned i = 0; i < 2; i++) {
		static const char *const names[] = { "cellar", "garage" };
		struct conf_made made = { .name = names[i], .open = true };

		assert_null(reload_add_room(bridge, room_alone(names[i])));
		assert_true(reload_busy(bridge));
		stage_settle(world.floor.stage);
		assert_false(reload_busy(bridge));
		made_rooms_add(bridge->made_rooms, &made);
	}
	assert_int_equal(bridge->reloads.ended, 0);
	for (unsigned w = 0; w < 4; w++)
		assert_ptr_equal(bridge->workers[w]->rooms, bridge->rooms);
	why = reload_add_room(bridge, room_alone("cellar"));
	assert_string_equal(why, "there is a room \"cellar\"");
	free(why);
	assert_false(reload_busy(bridge));
	assert_string_equal(reloads(&world, ROOMS, true), "");
	assert_non_null(room_of(&world, "cellar"));
	/* Under that id another room is found in the file now. */
	snprintf(
	    clash, sizeof(clash),
	    "rooms: ( { name = \"lobby\"; mixer = 1; }, { name = \"other\"; mixer = %llu; },"
	    " { name = \"garage\"; history = 9; } );" MOUNTS,
	    (unsigned long long)room_view(room_of(&world, "cellar"), DIALECT_MIXER)->room_number);
	assert_string_equal(reloads(&world, clash, true), "");
	assert_null(room_of(&world, "cellar"));
	assert_false(room_of(&world, "garage")->conf->made);
	why = reload_add_room(bridge, room_alone("cellar"));
	assert_non_null(strstr(why, "room \"other\" has the mixer id that \"cellar\" would have"));
	free(why);
	assert_string_equal(reloads(&world, ROOMS, true), "");
	assert_true(room_of(&world, "cellar")->conf->made);
	assert_true(room_of(&world, "garage")->conf->made);
	assert_null(reload_remove_room(bridge, "garage"));
	stage_settle(world.floor.stage);
	assert_null(room_of(&world, "garage"));
	for (unsigned i = 0; i < 2; i++) {
		why = reload_remove_room(bridge, i ? "lobby" : "garage");
		assert_string_equal(why, i ? "a mount names it" : "there is none");
		free(why);
	}
	for (unsigned i = 0; i < 10; i++) {
		reload_sweep(bridge);
		stage_settle(world.floor.stage);
	}
	assert_false(reload_sweeps(bridge));
	world_close(&world);
}

/* Whatever is wrong, the old rules stay, and it is told where. */
static void a_wrong_file_changes_nothing(void **state)
{
	static const struct {
		const char *text, *told;
	} wrong[] = {
		{ "rooms: (", ":1: error: " },
		{ ROOMS "routes: ( { text = \"(\"; then = ( { drop = true; } ); } );",
		  ":2: error: " },
		{ "rooms: ( { name = \"attic\"; mixer = 2; } );\n"
		  "listeners: ( { mounts: (\n{ path = \"/simple\"; dialect = \"simple\"; } ); } );",
		  ":3: error: room \"lobby\" cannot be removed without a restart: a mount names "
		  "it" },
		{ ROOMS "backends: ( { name = \"b\"; bind = \"ipc://b\"; } );", "needs a restart" },
		{ ROOMS "taps: ( { name = \"t\"; bind = \"ipc://t\"; } );", "needs a restart" },
	};
	struct world world;

	(void)state;
	world_open(&world, 2);
	for (size_t i = 0; i < sizeof(wrong) / sizeof(*wrong); i++) {
		const char *errors = reloads(&world, wrong[i].text, false);

		if (!strstr(errors, wrong[i].told))
			fail_msg("%s told \"%s\"", wrong[i].text, errors);
		refuses_as(&world, "old");
	}
	unlink(world.path);
	assert_false(reload(world.floor.stage->bridge, world.path, stderr));
	refuses_as(&world, "old");
	world_close(&world);
}

/* A file that is being written, or was truncated, is no wish for the defaults. */
static void a_truncated_file_changes_nothing(void **state)
{
	static const char *const cut[] = { "", "\n# nothing\n", "workers = 1;\n",
					   "rooms: ( { name = \"lobby\"; mixer = 1; }, { name = "
					   "\"attic\"; mixer = 2; } );\n" };
	struct world world;

	(void)state;
	world_open(&world, 2);
	for (size_t i = 0; i < sizeof(cut) / sizeof(*cut); i++) {
		const char *errors = reloads(&world, cut[i], false);
		const char *told = i < 2   ? ":1: error: the file is empty, and was not at start"
				   : i < 3 ? ":1: error: listeners is missing, and was not at start"
					   : "mounts is missing";

		if (!strstr(errors, told))
			fail_msg("%s told \"%s\"", cut[i], errors);
		refuses_as(&world, "old");
	}
	world_close(&world);
}

/* Where it was so before, it may stay so. */
static void an_empty_file_stays_empty(void **state)
{
	struct world world;

	(void)state;
	floor_open(&world.floor, 1, "");
	world.folder = floor_folder();
	snprintf(world.path, sizeof(world.path), "%s/r.cfg", world.folder);
	assert_string_equal(reloads(&world, "", true), "");
	assert_string_equal(reloads(&world, "log_level = \"error\";", true), "");
	world_close(&world);
}

static void the_log_level_is_taken_over(void **state)
{
	struct world world;

	(void)state;
	world_open(&world, 1);
	log_set_level(LOG_ERROR);
	reloads(&world, ROOMS "log_level = \"trace\";", true);
	assert_true(log_enabled(LOG_TRACE));
	log_set_level(LOG_ERROR);
	world_close(&world);
}

/* ---- rooms ---- */

#define LOBBY "{ name = \"lobby\"; mixer = 1; concord = 1; }"
#define ONE   "log_level = \"error\"; rooms: ( " LOBBY " );" MOUNTS
#define TWO(attic)                                                                                 \
	"log_level = \"error\"; rooms: ( " LOBBY                                                   \
	", { name = \"attic\"; mixer = 2; concord = 2;" attic " } );" MOUNTS

/* How many entries there are, with those that are on their way out. */
static size_t entries(const struct world *world)
{
	const struct bridge *bridge = world->floor.stage->bridge;
	size_t count = 0;

	for (size_t i = 0; i < bridge->place_count; i++)
		count += bridge->places[i] != NULL;
	return count;
}

static void a_room_keeps_its_entry_until_it_goes(void **state)
{
	struct world world;
	struct room_entry *lobby, *attic;

	(void)state;
	world_open(&world, 4);
	lobby = room_of(&world, "lobby");
	attic = room_of(&world, "attic");
	reloads(&world, TWO(" open = false; history = 3; admins = [];"), true);
	assert_ptr_equal(room_of(&world, "lobby"), lobby);
	assert_ptr_equal(room_of(&world, "attic"), attic);
	assert_false(attic->rules.open);
	assert_int_equal(attic->rules.history, 3);
	assert_true(slice_is(attic->rules.name, "attic"));
	for (unsigned w = 0; w < 4; w++)
		assert_ptr_equal(world.floor.stage->bridge->workers[w]->rooms,
				 world.floor.stage->bridge->rooms);
	reloads(&world, ONE, true);
	assert_null(room_of(&world, "attic"));
	assert_int_equal(entries(&world), 1);
	assert_false(reload_sweeps(world.floor.stage->bridge));
	reloads(&world, TWO(""), true);
	assert_int_equal(room_of(&world, "attic")->index, 1);
	assert_int_equal(entries(&world), 2);
	world_close(&world);
}

/* Who reads nothing holds a room that it was in, until it reads or is gone; the counters add up. */
static void slow_readers_hold_a_removed_room(void **state)
{
	struct world world;
	struct floor *floor = &world.floor;
	struct stage_client *cy;
	const struct counters *counters;

	(void)state;
	memset(&world, 0, sizeof(world));
	floor_open(floor, 2,
		   "limits: { messages_per_second = 0; }; rooms: ( " LOBBY
		   ", { name = \"attic\"; mixer = 2; concord = 2; } ); listeners: ( { mounts: ( { "
		   "path = \"/simple\"; dialect = \"simple\"; room = \"lobby\"; }, { path = "
		   "\"/concord\"; dialect = \"concord\"; room = \"lobby\"; } ); } );");
	world.folder = floor_folder();
	snprintf(world.path, sizeof(world.path), "%s/r.cfg", world.folder);
	cy = floor_join(floor, "cy", DIALECT_CONCORD, NULL);
	cy->stalled = true;
	reloads(&world, ONE, true);
	assert_int_equal(entries(&world), 2);
	assert_true(reload_sweeps(floor->stage->bridge));
	counters = floor_counters(floor);
	assert_int_equal(tallies_in_flight(counters->removed.dialects), 1);
	/* Another of the name: the old one is still there. */
	reloads(&world, TWO(""), true);
	assert_int_equal(entries(&world), 3);
	assert_int_equal(room_of(&world, "attic")->index, 2);
	stage_resume(cy);
	floor_forget(floor);
	reload_sweep(floor->stage->bridge);
	stage_settle(floor->stage);
	assert_int_equal(entries(&world), 2);
	counters = floor_counters(floor);
	assert_int_equal(tallies_in_flight(counters->removed.dialects), 0);
	assert_true(counters->removed.dialects[DIALECT_CONCORD].accepted > 0);
	world_close(&world);
}

/* What is asked for while workers take over what came before is done after that. */
static void one_reload_after_the_other(void **state)
{
	struct world world;
	struct bridge *bridge;

	(void)state;
	world_open(&world, 2);
	bridge = world.floor.stage->bridge;
	floor_file(world.folder, "r.cfg", ONE, 0600);
	assert_true(reload(bridge, world.path, stderr));
	floor_file(world.folder, "r.cfg", TWO(" history = 9;"), 0600);
	assert_true(reload(bridge, world.path, stderr));
	assert_null(room_of(&world, "attic"));
	stage_settle(world.floor.stage);
	assert_int_equal(room_of(&world, "attic")->rules.history, 9);
	world_close(&world);
}

/* What the second came to, which is refused at once, does not hide what the first did. */
static void each_has_its_outcome(void **state)
{
	const struct reloads *all;
	struct world world;

	(void)state;
	world_open(&world, 2);
	all = &world.floor.stage->bridge->reloads;
	floor_file(world.folder, "r.cfg", ONE, 0600);
	assert_true(reload(world.floor.stage->bridge, world.path, stderr));
	floor_file(world.folder, "r.cfg", "rooms: 7;\n", 0600);
	assert_true(reload(world.floor.stage->bridge, world.path, stderr));
	stage_settle(world.floor.stage);
	assert_int_equal(all->ended, 2);
	assert_true(all->before.taken);
	assert_non_null(strstr(all->before.text, "removed (attic)"));
	assert_false(all->last.taken);
	assert_non_null(strstr(all->last.text, "r.cfg:1: error"));
	world_close(&world);
}

/* All or nothing, also of rooms and accounts that came before the error. */
static void nothing_is_left_of_what_is_refused(void **state)
{
	struct world world;
	const char *errors;

	(void)state;
	world_open(&world, 2);
	errors = reloads(&world,
			 "rooms: ( " LOBBY ",\n{ name = \"cellar\"; mixer = 2; },\n"
			 "{ name = \"loft\"; concord = 1; } );" MOUNTS,
			 false);
	assert_non_null(strstr(errors, "concord 1 is taken"));
	errors = reloads(
	    &world,
	    "rooms: ( " LOBBY ", { name = \"cellar\"; } );\n" MOUNTS
	    "accounts: ( { name = \"dragoman\"; number = 4;\n secret_file = \"r.cfg\"; } );",
	    false);
	assert_non_null(strstr(
	    errors, ":3: error: account \"dragoman\": its name or number is invalid, or belongs "));
	assert_null(room_of(&world, "cellar"));
	assert_non_null(room_of(&world, "attic"));
	assert_int_equal(entries(&world), 2);
	world_close(&world);
}

/* Somebody has a number that an account is to have, leaves before the worker hears of the reload,
 * and the account's owner is there by then. */
static void who_has_the_account_may_stay(void **state)
{
	static const char rest[] = "rooms: ( { name = \"lobby\"; mixer = 1; } );\n"
				   "listeners: ( { mounts: (\n"
				   "{ path = \"/mixer\"; dialect = \"mixer\"; },\n"
				   "{ path = \"/simple\"; dialect = \"simple\"; } ); } );\n";
	struct stage_request request = { .authorization = "Basic bW86c2VjcmV0" };
	char *folder = floor_folder(), path[512], text[1024];
	struct stage_client *zed, *mo;
	struct slice response;
	struct floor floor;

	(void)state;
	floor_open(&floor, 1, rest);
	zed = floor_join(&floor, "zed", DIALECT_MIXER, "9:k");
	assert_int_equal(zed->session->peer.self.number, 9);
	snprintf(text, sizeof(text),
		 "%saccounts: ( { name = \"mo\"; number = 9; secret_file = \"mo.secret\"; } );",
		 rest);
	floor_file(folder, "mo.secret", "secret\n", 0600);
	floor_file(folder, "r.cfg", text, 0600);
	snprintf(path, sizeof(path), "%s/r.cfg", folder);
	floor_hold(&floor);
	assert_true(reload(floor.stage->bridge, path, stderr));
	stage_leave(zed);
	request.mount = stage_mount(floor.stage, DIALECT_SIMPLE, NULL);
	mo = stage_connect(floor.stage, "mo", &request, &response);
	assert_non_null(mo->session);
	assert_int_equal(mo->session->peer.self.number, 9);
	floor_go(&floor);
	stage_drop_all(mo);
	floor_say(mo, "{\"type\":\"send_message\",\"payload_id\":1,\"message\":\"hi\"}");
	floor_hears(&floor, mo, "{\"type\":\"message_sent\",...}");
	floor_close(&floor);
	floor_folder_remove(folder);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(new_rules_are_taken_over),
		cmocka_unit_test(one_room_comes_and_goes),
		cmocka_unit_test(a_wrong_file_changes_nothing),
		cmocka_unit_test(a_truncated_file_changes_nothing),
		cmocka_unit_test(an_empty_file_stays_empty),
		cmocka_unit_test(the_log_level_is_taken_over),
		cmocka_unit_test(a_room_keeps_its_entry_until_it_goes),
		cmocka_unit_test(slow_readers_hold_a_removed_room),
		cmocka_unit_test(one_reload_after_the_other),
		cmocka_unit_test(each_has_its_outcome),
		cmocka_unit_test(nothing_is_left_of_what_is_refused),
		cmocka_unit_test(who_has_the_account_may_stay),
	};

	log_set_level(LOG_ERROR);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
