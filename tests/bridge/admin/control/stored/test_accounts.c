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
#include "tests/support/accounts.h"
#include "tests/support/desk.h"
#include "tests/support/kept.h"

static struct desk desk;
static struct kept kept;

static int open_desk(void **state)
{
	(void)state;
	desk_open(&desk, FLOOR_LOBBY
		  "accounts = ( { name = \"root\"; number = 1; secret_hash = \"" HASH_OTHER
		  "\"; } );");
	kept_use(&kept, desk.floor.stage->bridge);
	return 0;
}

static int close_desk(void **state)
{
	(void)state;
	kept_leave(&kept, desk.floor.stage->bridge);
	desk_close(&desk);
	return 0;
}

#define ADD(name, more)                                                                            \
	"{\"verb\":\"accounts add\",\"name\":\"" name "\",\"secret_hash\":\"" HASH_RIGHT "\"" more \
	"}"
#define REMOVE(name) "{\"verb\":\"accounts remove\",\"name\":\"" name "\"}"

/* As a login that was compared. */
static enum reason come(const char *name, const char *hash, struct person *who)
{
	struct directory *directory = desk.floor.stage->bridge->directory;
	struct directory_login login = { .name = slice_of(name), .secret = SLICE("right") };
	struct secret_check check;
	struct person other;
	bool guest;

	if (directory_must_check(directory, &login, &check)) {
		check.matches = check.account != 0 && strcmp(check.hash, hash) == 0;
		login.checked = &check;
	}
	return directory_login(directory, &login, who ? who : &other, &guest);
}

static void leave(uint32_t number)
{
	directory_offline(desk.floor.stage->bridge->directory, number);
	directory_logout(desk.floor.stage->bridge->directory, number, 0);
}

static void an_account_counts_once_it_is_stored(void **state)
{
	const struct lasting *lasting;
	const json_t *result;
	struct person ann;

	(void)state;
	kept.holds = true;
	desk_begin(&desk, ADD(" Ann ", ",\"role\":[\"mod\",\"pro\"]"));
	desk_settle(&desk);
	assert_false(desk.last);
	assert_int_equal(come("ann", HASH_RIGHT, NULL), REASON_BAD_LOGIN);
	lasting = kept_last(&kept, LASTING_PERSON);
	assert_string_equal(lasting->person.name, "Ann");
	assert_string_equal(lasting->person.hash, HASH_RIGHT);
	assert_int_equal(lasting->person.roles, ROLE_MOD | ROLE_PRO);
	assert_string_equal(lasting->number, ROSTER_NUMBER_NEXT);
	assert_int_equal(lasting->value, ROSTER_NUMBER_FIRST + 1);
	kept_go(&kept, desk.floor.stage->bridge);
	desk_settle(&desk);
	result = json_object_get(desk_final(&desk), "result");
	assert_int_equal(desk_number(result, "number"), ROSTER_NUMBER_FIRST);
	assert_int_equal(json_array_size(json_object_get(result, "roles")), 3);
	assert_int_equal(come("ANN", HASH_RIGHT, &ann), REASON_NONE);
	assert_int_equal(ann.number, ROSTER_NUMBER_FIRST);
	assert_int_equal(ann.roles, ROLE_USER | ROLE_MOD | ROLE_PRO);
	leave(ann.number);
	assert_int_equal(come("ann", HASH_OTHER, NULL), REASON_BAD_LOGIN);
}

static void what_cannot_be_stored_is_not_done(void **state)
{
	(void)state;
	kept.fails = true;
	desk_refused(&desk, ADD("ann", ""), "unstored", 1);
	assert_int_equal(come("ann", HASH_RIGHT, NULL), REASON_BAD_LOGIN);
	kept.fails = false;
	/* The number was told to nobody, but may be on disk. */
	assert_int_equal(desk_number(desk_asked(&desk, ADD("ann", "")), "number"),
			 ROSTER_NUMBER_FIRST + 1);
	kept.fails = true;
	desk_refused(&desk, REMOVE("ann"), "unstored", 1);
	desk_refused(&desk,
		     "{\"verb\":\"accounts passwd\",\"name\":\"ann\",\"secret_hash\":\"" HASH_AGAIN
		     "\"}",
		     "unstored", 1);
	desk_refused(&desk, "{\"verb\":\"accounts role\",\"name\":\"ann\",\"change\":[\"+mod\"]}",
		     "unstored", 1);
	assert_int_equal(come("ann", HASH_RIGHT, NULL), REASON_NONE);
	leave(ROSTER_NUMBER_FIRST + 1);
}

static void names_and_numbers_of_others_are_refused(void **state)
{
	(void)state;
	desk_refused(&desk, ADD("ROOT", ""), "name_taken", 1);
	desk_refused(&desk, ADD("Dragoman", ""), "name_taken", 1);
	desk_refused(&desk, ADD("ann", ",\"number\":\"1\""), "number_taken", 1);
	desk_refused(&desk, ADD("\\u200b", ""), "bad_argument", 2);
	assert_int_equal(desk_number(desk_asked(&desk, ADD("ann", ",\"number\":\"7\"")), "number"),
			 7);
	assert_null(kept_last(&kept, LASTING_PERSON)->number);
	desk_refused(&desk, ADD("Ann", ""), "name_taken", 1);
	desk_refused(&desk, ADD("bob", ",\"number\":\"7\""), "number_taken", 1);
	desk_refused(&desk, REMOVE("root"), "configured", 1);
	desk_refused(&desk, REMOVE("#1"), "configured", 1);
	desk_refused(&desk, REMOVE("bob"), "unknown_person", 1);
	desk_refused(&desk, REMOVE("#9"), "unknown_person", 1);
	desk_asked(&desk, REMOVE("#7"));
}

/* One at a time: of the other nothing is done. */
static void a_change_under_way_is_not_changed(void **state)
{
	(void)state;
	desk_asked(&desk, ADD("ann", ""));
	kept.holds = true;
	desk_begin(&desk, REMOVE("ann"));
	desk_refused(&desk, "{\"verb\":\"accounts role\",\"name\":\"ann\",\"change\":[\"+mod\"]}",
		     "busy", 1);
	desk_refused(&desk, ADD("ann", ""), "name_taken", 1);
	desk_forget(&desk);
	kept_go(&kept, desk.floor.stage->bridge);
	desk_settle(&desk);
	assert_true(json_is_true(json_object_get(desk_final(&desk), "ok")));
	assert_null(desk.calls.first);
}

/* Whoever asked may be gone: what was stored counts. */
static void nobody_has_to_wait_for_it(void **state)
{
	struct call *call;

	(void)state;
	kept.holds = true;
	call = desk_begin(&desk, ADD("ann", ""));
	call_orphan(call);
	calls_sweep(&desk.calls);
	kept_go(&kept, desk.floor.stage->bridge);
	stage_settle(desk.floor.stage);
	calls_sweep(&desk.calls);
	assert_null(desk.calls.first);
	assert_int_equal(come("ann", HASH_RIGHT, NULL), REASON_NONE);
	leave(ROSTER_NUMBER_FIRST);
}

static void secrets_and_roles_are_changed(void **state)
{
	struct person before, after;

	(void)state;
	desk_asked(&desk, ADD("ann", ",\"role\":[\"pro\"]"));
	assert_int_equal(come("ann", HASH_RIGHT, &before), REASON_NONE);
	desk_asked(&desk,
		   "{\"verb\":\"accounts passwd\",\"name\":\"ann\",\"secret_hash\":\"" HASH_AGAIN
		   "\"}");
	desk_asked(
	    &desk,
	    "{\"verb\":\"accounts role\",\"name\":\"ann\",\"change\":[\"+staff\",\"-pro\"]}");
	assert_int_equal(kept_last(&kept, LASTING_PERSON)->person.roles, ROLE_STAFF);
	assert_string_equal(kept_last(&kept, LASTING_PERSON)->person.hash, HASH_AGAIN);
	assert_int_equal(come("ann", HASH_RIGHT, NULL), REASON_BAD_LOGIN);
	assert_int_equal(come("ann", HASH_AGAIN, &after), REASON_NONE);
	assert_int_equal(after.roles, ROLE_USER | ROLE_STAFF);
	assert_int_equal(before.number, after.number);
	leave(after.number);
	leave(after.number);
}

/* A guest with the name has to go; so has whoever has an account that is removed. */
static void connections_end(void **state)
{
	struct stage_client *guest, *other;
	uint32_t number;

	(void)state;
	guest = floor_join(&desk.floor, "ann", DIALECT_SIMPLE, NULL);
	other = floor_join(&desk.floor, "bob", DIALECT_CONCORD, NULL);
	assert_int_equal(desk_number(desk_asked(&desk, ADD("ann", "")), "connections"), 1);
	assert_true(guest->ended);
	assert_false(other->ended);
	assert_int_equal(come("ann", HASH_RIGHT, NULL), REASON_NONE);
	number = ROSTER_NUMBER_FIRST;
	desk_asked(&desk, REMOVE("ann"));
	assert_int_equal(kept_last(&kept, LASTING_PERSON_GONE)->person.number, number);
	assert_true(directory_evicts(desk.floor.stage->bridge->directory, number));
	leave(number);
	/* The number is not given again, the name is free. */
	assert_int_equal(desk_number(desk_asked(&desk, ADD("ann", "")), "number"), number + 1);
}

static const json_t *row_of(const char *name)
{
	for (size_t i = 0; i < desk.count; i++) {
		const json_t *rows = json_object_get(desk.lines[i], "rows");

		for (size_t r = 0; r < json_array_size(rows); r++) {
			const json_t *row = json_array_get(rows, r);

			if (strcmp(json_string_value(json_object_get(row, "name")), name) == 0)
				return row;
		}
	}
	fail_msg("%s is not listed", name);
	return NULL;
}

static const char *source_of(const char *name)
{
	return json_string_value(json_object_get(row_of(name), "source"));
}

static void all_are_listed(void **state)
{
	(void)state;
	for (unsigned i = 0; i < 200; i++) {
		char line[512];

		kept.count = 0;
		snprintf(line, sizeof(line),
			 "{\"verb\":\"accounts add\",\"name\":\"a%u\",\"secret_hash\":\"%s\"}", i,
			 HASH_RIGHT);
		desk_asked(&desk, line);
	}
	roster_find(desk.floor.stage->bridge->roster, SLICE("a7"))->shadowed = true;
	assert_int_equal(desk_number(desk_asked(&desk, "{\"verb\":\"accounts list\"}"), "count"),
			 202);
	assert_int_equal(desk.count, 3);
	assert_string_equal(source_of("root"), "configuration");
	assert_string_equal(source_of("a0"), "store");
	assert_true(json_is_null(json_object_get(row_of("a199"), "seen")));
	assert_false(json_is_true(json_object_get(row_of("a8"), "shadowed")));
}

/* Without a store there is no account but the configuration's. */
static void without_a_store_nothing_is_kept(void **state)
{
	(void)state;
	desk.floor.stage->bridge->store = NULL;
	desk_refused(&desk, ADD("ann", ""), "not_kept", 1);
	desk_refused(&desk, REMOVE("ann"), "not_kept", 1);
	assert_int_equal(desk_number(desk_asked(&desk, "{\"verb\":\"accounts list\"}"), "count"),
			 1);
}

#define TEST(test) cmocka_unit_test_setup_teardown(test, open_desk, close_desk)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(an_account_counts_once_it_is_stored),
		TEST(what_cannot_be_stored_is_not_done),
		TEST(names_and_numbers_of_others_are_refused),
		TEST(a_change_under_way_is_not_changed),
		TEST(nobody_has_to_wait_for_it),
		TEST(secrets_and_roles_are_changed),
		TEST(connections_end),
		TEST(all_are_listed),
		TEST(without_a_store_nothing_is_kept),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
