#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "bridge/client/auth.h"
#include "bridge/core/directory.h"
#include "codecs/text/name.h"
#include "tests/support/actors.h"
#include "tests/support/floor.h"

#define AUTH "{\"type\":\"method\",\"method\":\"auth\",\"arguments\":[1,%u,\"%s\"],\"id\":0}"

static bool is_known(struct floor *floor, const char *name)
{
	char found[NAME_BYTES_MAX];
	struct person who;

	return directory_find_name(floor->stage->bridge->directory, slice_of(name), &who, found);
}

/* A mixer client of that name tries to log in, and hears this error. */
static void mixer_refused(struct floor *floor, const char *name, unsigned number, const char *key,
			  const char *error)
{
	char query[64], pattern[100];
	struct stage_client *client;

	snprintf(query, sizeof(query), "name=%s", name);
	snprintf(pattern, sizeof(pattern), "{\"type\":\"reply\",\"error\":\"%s\",\"id\":0}", error);
	client = floor_connect(floor, "nobody", DIALECT_MIXER, query);
	floor_forget(floor);
	floor_say(client, AUTH, number, key);
	floor_hears(floor, client, pattern);
	floor_hears_nothing(client);
	assert_false(client->session->peer.logged_in);
	assert_int_equal(client->session->peer.self.number, 0);
	stage_leave(client);
}

/* A name belongs to whoever holds it, whatever the dialect. */
static void a_name_is_held_in_all_dialects(void **state)
{
	(void)state;
	for (size_t d = 0; d < DIALECTS; d++) {
		struct floor floor;

		floor_open(&floor, 4, NULL);
		floor_join(&floor, "ann", d, NULL);
		floor_refused(&floor, DIALECT_CONCORD, "ann", "401");
		floor_refused(&floor, DIALECT_CONCORD, "ANN:other", "401");
		floor_refused(&floor, DIALECT_ROOMS, "Ann", "401");
		floor_refused(&floor, DIALECT_SIMPLE, "aNN:", "403");
		mixer_refused(&floor, "Ann", 7, "other", "UNOTFOUND");
		assert_int_equal(floor_counters(&floor)->connections_refused[REASON_NAME_TAKEN], 5);
		floor_close(&floor);
	}
}

/* The same secret is the same person, but for a dialect with one connection for a name. */
static void the_same_secret_comes_in(void **state)
{
	struct floor floor;
	struct stage_client *ann, *second, *third, *witness;

	(void)state;
	floor_open(&floor, 4, NULL);
	witness = floor_join(&floor, "bob", DIALECT_SIMPLE, NULL);
	ann = floor_join(&floor, "ann", DIALECT_MIXER, "7:mine");
	second = floor_join(&floor, "ann", DIALECT_CONCORD, "ann:mine");
	third = floor_join(&floor, "ann", DIALECT_ROOMS, "Ann:mine");
	assert_int_equal(ann->number, 7);
	assert_int_equal(second->number, 7);
	assert_int_equal(third->number, 7);
	floor_refused(&floor, DIALECT_SIMPLE, "ann:mine", "403");
	floor_hears_nothing(witness);
	stage_leave(ann);
	stage_leave(third);
	floor_hears_nothing(witness);
	assert_true(is_known(&floor, "ann"));
	stage_leave(second);
	floor_hears(&floor, witness, "{\"type\":\"user_disconnected\",\"username\":\"ann\",...}");
	assert_false(is_known(&floor, "ann"));
	floor_close(&floor);
}

static void the_owner_secret_is_one_in_every_dialect(void **state)
{
	static const char *const credentials[DIALECTS] = { "7:" STAGE_OWNER_SECRET,
							   "ann:" STAGE_OWNER_SECRET,
							   "ann:" STAGE_OWNER_SECRET,
							   "ann:" STAGE_OWNER_SECRET };

	(void)state;
	for (size_t d = 0; d < DIALECTS; d++) {
		struct floor floor;
		struct stage_client *ann, *bob;

		floor_open(&floor, 2, NULL);
		ann = floor_join(&floor, "ann", d, credentials[d]);
		bob = floor_join(&floor, "bob", d, NULL);
		assert_true(ann->session->peer.self.roles & ROLE_OWNER);
		assert_false(bob->session->peer.self.roles & ROLE_OWNER);
		floor_close(&floor);
	}
}

static void the_bridge_is_nobody_else(void **state)
{
	struct floor floor;

	(void)state;
	floor_open(&floor, 1, NULL);
	floor_refused(&floor, DIALECT_CONCORD, "dragoman", "401");
	floor_refused(&floor, DIALECT_ROOMS, "DRAGOMAN:" STAGE_OWNER_SECRET, "401");
	floor_refused(&floor, DIALECT_SIMPLE, "Dragoman:x", "403");
	mixer_refused(&floor, "Dragoman", 7, "x", "UNOTFOUND");
	floor_close(&floor);
}

static void guests_are_a_mounts_choice(void **state)
{
	struct floor floor;
	struct stage_client *rita;

	(void)state;
	floor_open(&floor, 2, "guests = false;" FLOOR_LOBBY);
	floor_refused(&floor, DIALECT_CONCORD, "ann", "401");
	floor_refused(&floor, DIALECT_ROOMS, "ann:" STAGE_OWNER_SECRET, "401");
	floor_refused(&floor, DIALECT_SIMPLE, "ann:x", "401");
	mixer_refused(&floor, "ann", 7, "k", "UNOTFOUND");
	rita = floor_connect(&floor, "rita", DIALECT_MIXER, NULL);
	floor_forget(&floor);
	floor_say(rita, "{\"type\":\"method\",\"method\":\"auth\",\"arguments\":[1,null,null],"
			"\"id\":0}");
	floor_hears(&floor, rita, "{\"type\":\"reply\",\"error\":\"UNOTFOUND\",\"id\":0}");
	assert_int_equal(floor_counters(&floor)->connections_refused[REASON_BAD_LOGIN], 5);
	assert_int_equal(floor_counters(&floor)->intake.accepted, 0);
	floor_close(&floor);
}

static void accounts_come_in_where_guests_do_not(void **state)
{
	char *folder = floor_folder(), text[1024];
	struct floor floor;
	struct stage_client *mo;

	(void)state;
	floor_file(folder, "mo", "right\n", 0600);
	snprintf(text, sizeof(text),
		 "guests = false;" FLOOR_LOBBY " accounts = ( { name = \"mo\"; number = 42;"
		 " secret_file = \"%s/mo\"; roles = [ \"mod\" ]; } );",
		 folder);
	floor_open(&floor, 2, text);
	floor_refused(&floor, DIALECT_CONCORD, "mo", "401");
	floor_refused(&floor, DIALECT_SIMPLE, "mo:wrong", "401");
	for (size_t d = 0; d < DIALECTS; d++) {
		mo = floor_join(&floor, "mo", d, d == DIALECT_MIXER ? "42:right" : "mo:right");
		assert_int_equal(mo->number, 42);
		assert_false(mo->session->guest);
		assert_int_equal(mo->session->peer.self.roles, ROLE_USER | ROLE_MOD);
		stage_leave(mo);
	}
	floor_close(&floor);
	floor_folder_remove(folder);
}

static void a_reader_is_nobody(void **state)
{
	struct floor floor;
	struct stage_client *rita, *bob;

	(void)state;
	floor_open(&floor, 2, NULL);
	bob = floor_join(&floor, "bob", DIALECT_SIMPLE, NULL);
	rita = floor_connect(&floor, "rita", DIALECT_MIXER, "name=rita");
	floor_forget(&floor);
	floor_say(rita, "{\"type\":\"method\",\"method\":\"auth\",\"arguments\":[1,null,null],"
			"\"id\":0}");
	floor_hears(&floor, rita,
		    "{\"type\":\"reply\",\"error\":null,\"id\":0,"
		    "\"data\":{\"authenticated\":false,...}}");
	assert_true(rita->session->peer.logged_in);
	assert_int_equal(rita->session->peer.self.number, 0);
	assert_false(is_known(&floor, "rita"));
	stage_leave(rita);
	floor_hears_nothing(bob);
	floor_close(&floor);
}

static void claimed_numbers_are_shown(void **state)
{
	struct floor floor;
	struct stage_client *ann, *bob;

	(void)state;
	floor_open(&floor, 2, NULL);
	ann = floor_join(&floor, "ann", DIALECT_MIXER, "54321:a");
	bob = floor_join(&floor, "bob", DIALECT_MIXER, "54321:b");
	assert_int_equal(ann->number, 54321);
	assert_true(bob->number >= GUEST_NUMBER_FIRST);
	stage_leave(ann);
	/* It is kept for her. */
	assert_true(floor_join(&floor, "cy", DIALECT_MIXER, "54321:c")->number >=
		    GUEST_NUMBER_FIRST);
	assert_int_equal(floor_join(&floor, "ann", DIALECT_MIXER, "54321:a")->number, 54321);
	floor_close(&floor);
}

/* Who hears every room is in all of them; the mount's comes first. */
static void some_enter_every_room(void **state)
{
	struct floor floor;
	struct stage_client *cy, *ann;
	struct room_entry *rooms[2];

	(void)state;
	floor_open(&floor, 4, FLOOR_TWO_ROOMS);
	for (size_t i = 0; i < 2; i++)
		rooms[i] = room_table_at(floor.stage->bridge->rooms, i);
	cy = floor_join(&floor, "cy", DIALECT_CONCORD, NULL);
	assert_int_equal(cy->session->membership_count, 2);
	assert_ptr_equal(cy->session->memberships[0].room, rooms[0]);
	assert_true(cy->session->memberships[0].in);
	assert_true(cy->session->memberships[1].in);
	/* Others are in the one they ask for. */
	ann = floor_connect(&floor, "ann", DIALECT_MIXER, "name=ann");
	floor_say(ann,
		  "{\"type\":\"method\",\"method\":\"auth\",\"arguments\":[2,7,\"k\"],\"id\":0}");
	assert_int_equal(ann->session->membership_count, 1);
	assert_ptr_equal(ann->session->memberships[0].room, rooms[1]);
	assert_ptr_equal(ann->session->peer.view, room_view(rooms[1], DIALECT_MIXER));
	floor_close(&floor);
}

/* A login whose room says no is undone: the name is free, and another may be tried. */
static void a_room_may_refuse_a_login(void **state)
{
	struct floor floor;
	struct stage_client *eve, *client;

	(void)state;
	floor_open(
	    &floor, 4,
	    "rooms = ( { name = \"lobby\"; mixer = 1; concord = 1; banned = [ \"eve\" ]; } );");
	eve = floor_connect(&floor, "eve", DIALECT_MIXER, "name=eve");
	floor_forget(&floor);
	floor_say(eve, AUTH, 7U, "k");
	floor_hears(&floor, eve, "{\"type\":\"reply\",\"error\":\"UACCESS\",\"id\":0}");
	assert_false(eve->session->peer.logged_in);
	assert_int_equal(eve->session->membership_count, 0);
	assert_int_equal(eve->session->under_way, 0);
	assert_false(is_known(&floor, "eve"));
	/* A login that came with the request is refused as the request. */
	floor_refused(&floor, DIALECT_ROOMS, "eve", "403");
	/* Who hears every room is just not in this one. */
	client = floor_connect(&floor, "eve", DIALECT_CONCORD, "token=eve");
	assert_int_equal(client->close_code, 0);
	assert_int_equal(client->session->membership_count, 0);
	floor_hears_nothing(client);
	assert_int_equal(floor_counters(&floor)->intake.refused[REASON_BANNED], 3);
	floor_close(&floor);
}

static void logging_out_is_undoing_it(void **state)
{
	struct floor floor;
	struct stage_client *ann;

	(void)state;
	floor_open(&floor, 1, NULL);
	ann = floor_join(&floor, "ann", DIALECT_CONCORD, NULL);
	auth_logout(ann->session);
	auth_logout(ann->session); /* once is enough */
	assert_false(ann->session->peer.logged_in);
	assert_int_equal(ann->session->peer.self.number, 0);
	assert_false(is_known(&floor, "ann"));
	floor_close(&floor);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_name_is_held_in_all_dialects),
		cmocka_unit_test(the_same_secret_comes_in),
		cmocka_unit_test(the_owner_secret_is_one_in_every_dialect),
		cmocka_unit_test(the_bridge_is_nobody_else),
		cmocka_unit_test(guests_are_a_mounts_choice),
		cmocka_unit_test(accounts_come_in_where_guests_do_not),
		cmocka_unit_test(a_reader_is_nobody),
		cmocka_unit_test(claimed_numbers_are_shown),
		cmocka_unit_test(some_enter_every_room),
		cmocka_unit_test(a_room_may_refuse_a_login),
		cmocka_unit_test(logging_out_is_undoing_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
