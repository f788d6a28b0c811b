#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "bridge/store/lasting/foreign_rows.h"
#include "bridge/store/retention.h"
#include "codecs/model/identity.h"
#include "routes/room/restrictions.h"
#include "tests/support/shelf.h"

#define NOW (ID_EPOCH_MS + UINT64_C(86400000000))

static struct shelf shelf;

/* Applies it to a room; returns in how many steps, 0: nothing was found. */
static int retain(const char *room, struct retention retention)
{
	uint64_t number = database_room_find(shelf.database, slice_of(room));
	struct surplus surplus;
	size_t messages;
	bool more;
	int steps = 0;

	assert_true(retention_find(shelf.database, number, &retention, NOW, &surplus, &more));
	while (more) {
		assert_true(database_begin(shelf.database));
		assert_true(retention_step(shelf.database, &surplus, &messages, &more));
		assert_true(database_commit(shelf.database));
		steps++;
	}
	assert_true(retention_find(shelf.database, number, &retention, NOW, &surplus, &more));
	assert_false(more);
	return steps;
}

static void fill(const char *room, uint64_t first, uint64_t count, uint64_t apart)
{
	assert_true(database_begin(shelf.database));
	for (uint64_t i = 0; i < count; i++) {
		struct row row = row_message(first + i * apart, 3, "Ann", "ten bytes.");

		assert_true(database_change(shelf.database,
					    database_room(shelf.database, slice_of(room)), &row));
	}
	assert_true(database_commit(shelf.database));
}

static int64_t count(const char *what)
{
	char sql[200];

	snprintf(sql, sizeof(sql), "SELECT count(*) FROM %s", what);
	return shelf_sql(&shelf, sql);
}

static void without_limits_all_stays(void **state)
{
	(void)state;
	fill("lobby", 1, 1000, 1);
	assert_int_equal(retain("lobby", (struct retention){ 0 }), 0);
	assert_int_equal(count("message"), 1000);
}

static void the_newest_messages_stay(void **state)
{
	(void)state;
	fill("lobby", 1, 2000, 1);
	fill("attic", 5001, 20, 1);
	shelf_change(&shelf, "lobby", row_react(ROW_REACT, 1700, 4, "A", 6000));
	shelf_change(&shelf, "lobby", row_react(ROW_REACT, 1900, 4, "A", 6001));
	assert_int_equal(retain("lobby", (struct retention){ .messages = 2000 }), 0);
	assert_int_equal(retain("lobby", (struct retention){ .messages = 200 }), 4);
	assert_int_equal(count("message WHERE room = 1"), 200);
	assert_int_equal(count("message WHERE room = 1 AND id > 1800"), 200);
	assert_int_equal(count("message WHERE room = 2"), 20);
	assert_int_equal(count("reaction"), 1);
}

static void name_there(const char *room, const char *theirs, uint64_t id)
{
	struct foreign_name name = { slice_of(theirs), id };
	struct foreign_keeping keeping = {
		.upstream = SLICE("there"), .room = slice_of(room), .names = &name, .count = 1
	};

	assert_true(database_begin(shelf.database));
	assert_true(database_foreign_keep(shelf.database, &keeping));
	assert_true(database_commit(shelf.database));
}

/* Not before: what is deleted may have to be deleted there, too. */
static void their_names_go_with_them(void **state)
{
	(void)state;
	fill("lobby", 1, 20, 1);
	fill("attic", 1, 20, 1);
	name_there("lobby", "a", 5);
	name_there("lobby", "b", 10);
	name_there("lobby", "c", 10);
	name_there("lobby", "d", 11);
	name_there("attic", "e", 5);
	shelf_change(&shelf, "lobby", row_of_id(ROW_DELETE, 5));
	shelf_change(&shelf, "lobby", row_delete_all(20, 0, ""));
	shelf_purge(&shelf);
	assert_int_equal(count("foreign_id"), 5);
	assert_int_equal(retain("lobby", (struct retention){ .messages = 10 }), 1);
	assert_int_equal(count("foreign_id WHERE room = 1"), 1);
	assert_int_equal(count("foreign_id WHERE theirs = 'd'"), 1);
	assert_int_equal(count("foreign_id WHERE room = 2"), 1);
}

static void what_is_old_goes(void **state)
{
	uint64_t hour = 3600000, first = 0;

	(void)state;
	/* One an hour, until now. */
	while (id_time_ms(first + (UINT64_C(1) << 40)) <= NOW)
		first += UINT64_C(1) << 40;
	for (uint64_t step = UINT64_C(1) << 39; step; step /= 2)
		if (id_time_ms(first + step) <= NOW)
			first += step;
	assert_true(id_time_ms(first) == NOW && id_time_ms(first + 1) > NOW);
	for (uint64_t hours = 10; hours-- > 0;) {
		uint64_t id = first - hours * hour * ((first + 1) / (NOW - ID_EPOCH_MS + 1));

		shelf_change(&shelf, "lobby", row_message(id, 3, "Ann", "x"));
		assert_true(id_time_ms(id) == NOW - hours * hour);
	}
	assert_int_equal(retain("lobby", (struct retention){ .age_ms = 9 * hour }), 0);
	assert_int_equal(retain("lobby", (struct retention){ .age_ms = 9 * hour - 1 }), 1);
	assert_int_equal(count("message"), 9);
	assert_int_equal(retain("lobby", (struct retention){ .age_ms = hour }), 1);
	assert_int_equal(count("message"), 2);
	assert_int_equal(retain("lobby", (struct retention){ .age_ms = NOW + 1 }), 0);
}

static void the_newest_bytes_stay(void **state)
{
	(void)state;
	fill("lobby", 1, 100, 1);
	shelf_change(&shelf, "lobby", row_edit(100, "and ten more, and that"));
	assert_int_equal(retain("lobby", (struct retention){ .bytes = 1022 }), 0);
	assert_int_equal(retain("lobby", (struct retention){ .bytes = 1021 }), 1);
	assert_int_equal(count("message"), 99);
	assert_int_equal(retain("lobby", (struct retention){ .bytes = 102 }), 1);
	assert_int_equal(count("message"), 8);
	/* The strictest one holds. */
	assert_int_equal(retain("lobby", (struct retention){ .bytes = 52, .messages = 5 }), 1);
	assert_int_equal(count("message"), 3);
	assert_int_equal(retain("lobby", (struct retention){ .bytes = 52, .messages = 2 }), 1);
	assert_int_equal(count("message"), 2);
	assert_int_equal(retain("lobby", (struct retention){ .bytes = 1 }), 1);
	assert_int_equal(count("message"), 0);
}

static void notes_are_as_many_as_a_room_remembers(void **state)
{
	(void)state;
	assert_true(database_begin(shelf.database));
	for (uint64_t id = 1; id <= 4000; id++) {
		struct row row = row_note(id, 0, id > 3000);

		assert_true(database_change(shelf.database,
					    database_room(shelf.database, SLICE("lobby")), &row));
	}
	assert_true(database_commit(shelf.database));
	assert_int_equal(retain("lobby", (struct retention){ 0 }), 4);
	assert_int_equal(count("note WHERE stands"), 1000);
	assert_int_equal(count("note WHERE NOT stands"), 1024);
	assert_int_equal(count("note WHERE NOT stands AND id > 1976"), 1024);
}

static void marks_that_ended_long_ago_go(void **state)
{
	(void)state;
	shelf_change(&shelf, "lobby", row_mark(ROW_BANS, 3, NULL, MARK_FOREVER, 3, 20));
	shelf_change(&shelf, "lobby", row_mark(ROW_BANS, 4, NULL, NOW - 86400001, 3, 21));
	shelf_change(&shelf, "lobby", row_mark(ROW_MUTES, 4, NULL, NOW - 86400000, 3, 22));
	assert_int_equal(retain("lobby", (struct retention){ 0 }), 1);
	assert_int_equal(count("mark"), 2);
	assert_int_equal(count("mark WHERE at = 21"), 0);
}

static void the_newest_marks_of_a_list_stay(void **state)
{
	(void)state;
	assert_true(database_begin(shelf.database));
	for (uint32_t i = 1; i <= MARKS_MAX + 700; i++) {
		struct row row = row_mark(ROW_BANS, i, NULL, MARK_FOREVER, i, i);

		assert_true(database_change(shelf.database,
					    database_room(shelf.database, SLICE("lobby")), &row));
	}
	assert_true(database_commit(shelf.database));
	assert_int_equal(retain("lobby", (struct retention){ 0 }), 2);
	assert_int_equal(count("mark"), MARKS_MAX);
	assert_int_equal(count("mark WHERE at > 700"), MARKS_MAX);
}

static void rooms_are_found_one_by_one(void **state)
{
	uint64_t room, added;

	(void)state;
	fill("lobby", 1, 3, 1);
	fill("attic", 10, 3, 5);
	assert_true(database_begin(shelf.database));
	assert_int_equal(database_room(shelf.database, SLICE("empty")), 3);
	assert_true(database_commit(shelf.database));
	assert_true(retention_next(shelf.database, 0, &room, &added));
	assert_true(room == 1 && added == 3);
	assert_true(retention_next(shelf.database, 1, &room, &added));
	assert_true(room == 2 && added == 20);
	assert_true(retention_next(shelf.database, 2, &room, &added));
	assert_true(room == 3 && added == 0);
	assert_true(retention_next(shelf.database, 3, &room, &added));
	assert_true(room == 0 && added == 0);
}

/* People may react, and be invited, where nobody says anything. */
static void what_is_added_to_a_room_is_seen(void **state)
{
	uint64_t room, before, after;

	(void)state;
	fill("lobby", 1, 3, 1);
	assert_true(retention_next(shelf.database, 0, &room, &before));
	shelf_change(&shelf, "lobby", row_note(4, 1, false));
	assert_true(retention_next(shelf.database, 0, &room, &after));
	assert_true(after > before);
	before = after;
	shelf_change(&shelf, "lobby", row_mark(ROW_INVITED, 3, NULL, MARK_FOREVER, 3, 5));
	assert_true(retention_next(shelf.database, 0, &room, &after));
	assert_true(after > before);
}

#define TEST(name) SHELF_TEST(name, &shelf)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(without_limits_all_stays),     TEST(the_newest_messages_stay),
		TEST(their_names_go_with_them),     TEST(what_is_old_goes),
		TEST(the_newest_bytes_stay),        TEST(notes_are_as_many_as_a_room_remembers),
		TEST(marks_that_ended_long_ago_go), TEST(the_newest_marks_of_a_list_stay),
		TEST(rooms_are_found_one_by_one),   TEST(what_is_added_to_a_room_is_seen),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
