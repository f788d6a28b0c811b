#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "bridge/store/sqlite/appending.h"
#include "tests/support/shelf.h"

static struct shelf shelf;

static uint64_t room(const char *name)
{
	return database_room(shelf.database, slice_of(name));
}

static void begin(void)
{
	assert_true(database_begin(shelf.database));
}

static void commit(void)
{
	assert_true(database_commit(shelf.database));
}

static void change(const char *name, struct row row)
{
	assert_true(database_change(shelf.database, room(name), &row));
}

static void say(const char *name, uint64_t id)
{
	change(name, row_message(id, 3, "Ann", "words"));
}

static int64_t blocks(void)
{
	return shelf_sql(&shelf, "SELECT count(*) FROM block");
}

static void those_of_one_room_are_one_row(void **state)
{
	(void)state;
	begin();
	for (uint64_t id = 1; id <= 10; id++)
		say(id % 2 ? "lobby" : "attic", id);
	commit();
	assert_int_equal(blocks(), 2);
	begin();
	say("lobby", 20);
	commit();
	assert_int_equal(blocks(), 3);
	assert_int_equal(shelf_sql(&shelf, "SELECT count(*) FROM message WHERE room = 1"), 6);
}

static void a_row_has_a_bound(void **state)
{
	static char longs[BLOCK_BYTES / 2];

	(void)state;
	begin();
	for (uint64_t id = 1; id <= 2 * BLOCK_MESSAGES + 1; id++)
		say("lobby", id);
	commit();
	assert_int_equal(blocks(), 3);
	memset(longs, 'x', sizeof(longs) - 1);
	begin();
	for (uint64_t id = 1; id <= 4; id++)
		change("attic", row_message(id, 3, "Ann", longs));
	commit();
	assert_int_equal(shelf_sql(&shelf, "SELECT count(*) FROM block WHERE room = 2"), 2);
}

static void what_waits_can_be_changed(void **state)
{
	(void)state;
	begin();
	for (uint64_t id = 1; id <= 4; id++)
		say("lobby", id);
	assert_true(appending_has(shelf.database, room("lobby"), 2));
	assert_false(appending_has(shelf.database, room("lobby"), 5));
	change("lobby", row_edit(2, "other"));
	assert_false(appending_has(shelf.database, room("lobby"), 2));
	say("lobby", 5);
	change("lobby", row_react(ROW_REACT, 5, 4, "A", 6));
	say("lobby", 7);
	change("lobby", row_of_id(ROW_DELETE, 7));
	commit();
	assert_string_equal(shelf_read(shelf.database, "lobby", 10),
			    "message 1 by 3 Ann roles 1 at 1001: words\n"
			    "message 2 by 3 Ann roles 1 at 1002: words | edited: other\n"
			    "message 3 by 3 Ann roles 1 at 1003: words\n"
			    "message 4 by 3 Ann roles 1 at 1004: words\n"
			    "message 5 by 3 Ann roles 1 at 1005: words\n"
			    "message 7 by 3 Ann roles 1 at 1007 deleted\n"
			    "react 5 by 4 A at 6\n");
}

static void what_is_rolled_back_is_gone(void **state)
{
	(void)state;
	begin();
	say("lobby", 1);
	say("lobby", 9);
	database_rollback(shelf.database);
	begin();
	say("lobby", 5);
	commit();
	assert_string_equal(shelf_read(shelf.database, "lobby", 10),
			    "message 5 by 3 Ann roles 1 at 1005: words\n");
	assert_int_equal(blocks(), 1);
}

/* Ids of a room rise; where they do not, its messages are in their order all the same. */
static void what_comes_late_is_put_between(void **state)
{
	static const uint64_t ids[] = { 10, 20, 30, 5, 15, 40, 35, 3 };
	struct row row = row_message(15, 3, "Ann", "again");
	uint64_t before = 0;
	const char *at;

	(void)state;
	begin();
	for (size_t i = 0; i < 8; i++)
		say("lobby", ids[i]);
	commit();
	at = shelf_read(shelf.database, "lobby", 10);
	for (int i = 0; i < 8; i++) {
		uint64_t id = strtoull(strstr(at, "message ") + 8, NULL, 10);

		assert_true(id > before);
		before = id;
		at = strchr(at, '\n') + 1;
	}
	assert_int_equal(before, 40);
	begin();
	assert_false(database_change(shelf.database, room("lobby"), &row));
	assert_int_equal(database_fault(shelf.database), FAULT_RECORD);
	database_rollback(shelf.database);
}

#define TEST(name) SHELF_TEST(name, &shelf)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(those_of_one_room_are_one_row),  TEST(a_row_has_a_bound),
		TEST(what_waits_can_be_changed),      TEST(what_is_rolled_back_is_gone),
		TEST(what_comes_late_is_put_between),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
