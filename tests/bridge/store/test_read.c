#include <fcntl.h>
#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "tests/support/shelf.h"

static struct shelf shelf;

static void change(struct row row)
{
	shelf_change(&shelf, "lobby", row);
}

static void reads(size_t messages, const char *expected)
{
	assert_string_equal(shelf_read(shelf.database, "lobby", messages), expected);
}

/* Messages of that many ids, from 1, whose bodies are that long, so many in a transaction. */
static void fill(const char *name, uint64_t count, size_t len, uint64_t together)
{
	char *body = calloc(1, len + 1);
	uint64_t room;

	assert_non_null(body);
	memset(body, 'x', len);
	assert_true(database_begin(shelf.database));
	room = database_room(shelf.database, slice_of(name));
	for (uint64_t id = 1; id <= count; id++) {
		struct row row = row_message(id, 3, "Ann", body);

		assert_true(database_change(shelf.database, room, &row));
		if (id % together == 0)
			assert_true(database_commit(shelf.database) &&
				    database_begin(shelf.database));
	}
	assert_true(database_commit(shelf.database));
	free(body);
}

static void the_newest_messages_are_given(void **state)
{
	(void)state;
	for (uint64_t id = 1; id <= 5; id++)
		change(row_message(id, 3, "Ann", "x"));
	reads(2, "message 4 by 3 Ann roles 1 at 1004: x\nmessage 5 by 3 Ann roles 1 at 1005: x\n");
	reads(0, "");
	assert_int_equal(strncmp(shelf_read(shelf.database, "lobby", 5), "message 1 ", 10), 0);
	assert_int_equal(strncmp(shelf_read(shelf.database, "lobby", 6), "message 1 ", 10), 0);
}

static void the_order_is_that_of_a_room(void **state)
{
	(void)state;
	change(row_poll(2, "what?"));
	change(row_vote(3, 1, 3));
	change(row_mark(ROW_MUTES, 3, NULL, 500, 3, 4));
	change(row_message(5, 3, "Ann", "hello"));
	change(row_note(6, 5, true));
	change(row_react(ROW_REACT, 5, 4, "A", 7));
	reads(10, "message 5 by 3 Ann roles 1 at 1005: hello\nnote 6 about 5 stands\n"
		  "react 5 by 4 A at 7\nmark 1: number 3 folded  until 500 person 3 at 4\n"
		  "poll 2 until 60: what?\nvote by 3: 1 at 3\n");
}

static size_t count_of(const char *text, const char *word)
{
	size_t count = 0;

	while ((text = strstr(text, word))) {
		count++;
		text++;
	}
	return count;
}

static void notes_are_bounded_by_their_sort(void **state)
{
	uint64_t room;
	const char *text;

	(void)state;
	assert_true(database_begin(shelf.database));
	room = database_room(shelf.database, slice_of("lobby"));
	for (uint64_t id = 1; id <= 1500; id++) {
		struct row row = row_note(id, 0, id % 10 == 0);

		assert_true(database_change(shelf.database, room, &row));
	}
	assert_true(database_commit(shelf.database));
	text = shelf_read(shelf.database, "lobby", 10);
	assert_int_equal(count_of(text, "stands\n"), 150);
	assert_int_equal(count_of(text, "note "), 150 + 1024);
	assert_non_null(strstr(text, "note 1500 about 0 stands\n"));
	assert_int_equal(strncmp(text, "note 10 about 0 stands\n", 23), 0);
}

static void all_rooms_come_one_behind_the_other(void **state)
{
	struct row_sink sink = shelf_sink();

	(void)state;
	change(row_message(5, 3, "Ann", "hello"));
	shelf_change(&shelf, "Attic", row_message(6, 3, "Ann", "up"));
	change(row_message(7, 3, "Ann", "there"));
	shelf_text_new();
	assert_true(database_read_all(shelf.database, 10, &sink));
	assert_string_equal(shelf_text(), "room 1 lobby\n"
					  "message 5 by 3 Ann roles 1 at 1005: hello\n"
					  "message 7 by 3 Ann roles 1 at 1007: there\n"
					  "room 2 Attic\n"
					  "message 6 by 3 Ann roles 1 at 1006: up\n");
}

static void history_is_what_was_said_before(void **state)
{
	(void)state;
	for (uint64_t id = 1; id <= 6; id++)
		change(row_message(id, 3, "Ann", id == 2 ? NULL : "x"));
	change(row_of_id(ROW_DELETE, 4));
	change(row_edit(3, "y"));
	assert_string_equal(shelf_history(shelf.database, "lobby", 6, 2),
			    "message 3 by 3 Ann roles 1 at 1003: x | edited: y\n"
			    "message 5 by 3 Ann roles 1 at 1005: x\n");
	assert_string_equal(shelf_history(shelf.database, "lobby", 2, 10),
			    "message 1 by 3 Ann roles 1 at 1001: x\n");
	assert_string_equal(shelf_history(shelf.database, "lobby", UINT64_MAX, 1),
			    "message 6 by 3 Ann roles 1 at 1006: x\n");
	assert_string_equal(shelf_history(shelf.database, "lobby", 1, 10), "");
	assert_string_equal(shelf_history(shelf.database, "lobby", 6, 0), "");
	assert_string_equal(shelf_history(shelf.database, "nowhere", 6, 10), "");
}

/* ---- damage ---- */

/* A value of a row is another one, and its checksum the old. */
static void one_of_each(void)
{
	change(row_message(5, 3, "Ann", "hello"));
	change(row_edit(5, "hullo"));
	change(row_message(6, 3, "Ann", "there"));
	change(row_note(7, 5, true));
	change(row_react(ROW_REACT, 5, 4, "A", 8));
	change(row_mark(ROW_MUTES, 3, "ann", 500, 3, 9));
	change(row_poll(10, "what?"));
	change(row_vote(3, 1, 11));
}

static void any_changed_value_is_found(void **state)
{
	static const char *const changes[][2] = {
		{ "UPDATE message SET author = 4 WHERE id = 5", "damaged: message 5\n" },
		{ "UPDATE message SET name = 'Ana' WHERE id = 5", "damaged: message 5\n" },
		{ "UPDATE message SET roles = 9 WHERE id = 5", "damaged: message 5\n" },
		{ "UPDATE message SET time_ms = 9 WHERE id = 5", "damaged: message 5\n" },
		{ "UPDATE message SET deleted = 1 WHERE id = 5", "damaged: message 5\n" },
		{ "UPDATE message SET body = x'00' WHERE id = 5", "damaged: message 5\n" },
		{ "UPDATE message SET body = NULL WHERE id = 5", "damaged: message 5\n" },
		{ "UPDATE message SET edit = x'' WHERE id = 5", "damaged: message 5\n" },
		{ "UPDATE message SET crc = crc + 1 WHERE id = 5", "damaged: message 5\n" },
		{ "UPDATE message SET crc = crc + 4294967296 WHERE id = 5",
		  "damaged: message 5\n" },
		{ "UPDATE message SET id = 4 WHERE id = 5", "damaged: message 4\n" },
		{ "UPDATE note SET about = 6", "damaged: note 7\n" },
		{ "UPDATE note SET stands = 0", "damaged: note 7\n" },
		{ "UPDATE reaction SET at = 7", "damaged: reaction 5\n" },
		{ "UPDATE reaction SET emoji = 'B'", "damaged: reaction 5\n" },
		{ "UPDATE mark SET until_ms = 501", "damaged: mark 1\n" },
		{ "UPDATE mark SET folded = ''", "damaged: mark 1\n" },
		{ "UPDATE poll SET body = NULL", "damaged: poll 10\n" },
		{ "UPDATE vote SET choice = 0", "damaged: vote 3\n" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(changes) / sizeof(*changes); i++) {
		const char *text;

		shelf_change(&shelf, "lobby", row_message(1000 + i, 3, "Ann", "whole"));
		shelf_close(&shelf);
		shelf_open(&shelf);
		one_of_each();
		shelf_sql(&shelf, changes[i][0]);
		text = shelf_read(shelf.database, "lobby", 10);
		assert_non_null(strstr(text, changes[i][1]));
		assert_int_equal(count_of(text, "damaged"), 1);
		assert_int_equal(count_of(text, "\n"), 7);
		assert_non_null(strstr(text, "message 6 by 3 Ann"));
	}
}

/* A change of a damaged row does not make it look whole. */
static void damage_stays_damage(void **state)
{
	(void)state;
	change(row_message(5, 3, "Ann", "hello"));
	change(row_message(6, 3, "Ann", "there"));
	change(row_note(7, 5, true));
	shelf_sql(&shelf, "UPDATE message SET author = 4");
	shelf_sql(&shelf, "UPDATE note SET about = 4");
	change(row_edit(5, "hullo"));
	change(row_of_id(ROW_DELETE, 6));
	change(row_of_id(ROW_DELETE, 7));
	reads(10, "damaged: message 5\ndamaged: message 6\ndamaged: note 7\n");
}

static void a_damaged_room_does_not_hurt_others(void **state)
{
	struct row_sink sink = shelf_sink();

	(void)state;
	change(row_message(5, 3, "Ann", "hello"));
	shelf_change(&shelf, "attic", row_message(6, 3, "Ann", "up"));
	shelf_sql(&shelf, "UPDATE room SET name = 'lobbx' WHERE number = 1");
	shelf_text_new();
	assert_true(database_read_all(shelf.database, 10, &sink));
	assert_string_equal(shelf_text(), "damaged: room 1\n"
					  "room 2 attic\n"
					  "message 6 by 3 Ann roles 1 at 1006: up\n");
	reads(10, "message 5 by 3 Ann roles 1 at 1005: hello\n");
}

static void a_damaged_purge_is_told_of_and_stays(void **state)
{
	(void)state;
	change(row_message(5, 3, "Ann", "hello"));
	change(row_delete_all(5, 0, NULL));
	shelf_sql(&shelf, "UPDATE purge SET id = 6");
	change(row_message(6, 3, "Ann", "there"));
	change(row_delete_all(5, 3, NULL));
	shelf_purge(&shelf);
	reads(10, "damaged: purge 0\nmessage 5 by 3 Ann roles 1 at 1005 deleted\n"
		  "message 6 by 3 Ann roles 1 at 1006: there\n");
	assert_int_equal(shelf_sql(&shelf, "SELECT count(*) FROM purge"), 1);
}

/* Every page of the file but the first, one after the other: of that many pages the header is
 * overwritten. What is read is what was written, without some; and of rooms whose pages are whole,
 * all. */
static void break_page(uint64_t page)
{
	static const unsigned char junk[16] = { 0xff, 0xff, 0xff, 0xff };
	int fd = open(shelf_path(&shelf, DATABASE_FILE), O_RDWR);

	assert_int_equal(pwrite(fd, junk, sizeof(junk), (off_t)(page * 8192)), sizeof(junk));
	assert_int_equal(close(fd), 0);
}

static void check_order(const char *text)
{
	uint64_t before = 0, id;

	while ((text = strstr(text, "message "))) {
		/* "broken: message from 8" */
		if (sscanf(text, "message %" SCNu64 " by 3 Ann", &id) == 1) {
			assert_true(id > before);
			before = id;
		}
		text++;
	}
}

static void a_broken_page_loses_its_rows_alone(void **state)
{
	char *whole, *text;
	size_t lost;

	(void)state;
	fill("lobby", 600, 200, 4);
	fill("attic", 3, 200, 4);
	whole = strdup(shelf_read(shelf.database, "attic", 1000));
	assert_int_equal(count_of(shelf_read(shelf.database, "lobby", 1000), "\n"), 600);
	assert_true(database_checkpoint(shelf.database, CHECKPOINT_TRUNCATE));
	database_close(shelf.database);
	/* The leaf that the middle one is in. */
	break_page((uint64_t)shelf_sql(&shelf, "SELECT pageno - 1 FROM dbstat WHERE name = 'block'"
					       " AND path = '/001/002/'"));
	shelf.database = database_open(shelf.folder, DURABLE_COMMIT, stderr);
	assert_non_null(shelf.database);
	text = strdup(shelf_read(shelf.database, "lobby", 1000));
	assert_int_equal(count_of(text, "broken: message from "), 1);
	lost = 600 - (count_of(text, "\n") - 1);
	assert_true(lost > 0 && lost < 60);
	assert_non_null(strstr(text, "message 600 by"));
	check_order(text);
	assert_string_equal(shelf_read(shelf.database, "attic", 1000), whole);
	free(text);
	free(whole);
}

/* Of a block whose items fill some pages. */
static void a_broken_page_of_a_long_block_loses_that_alone(void **state)
{
	char *text;

	(void)state;
	fill("lobby", 600, 400, 100);
	assert_true(database_checkpoint(shelf.database, CHECKPOINT_TRUNCATE));
	database_close(shelf.database);
	break_page((uint64_t)shelf_sql(&shelf, "SELECT pageno - 1 FROM dbstat WHERE name = 'bulk'"
					       " AND pagetype = 'overflow' ORDER BY path LIMIT 1"));
	shelf.database = database_open(shelf.folder, DURABLE_COMMIT, stderr);
	assert_non_null(shelf.database);
	text = strdup(shelf_read(shelf.database, "lobby", 1000));
	assert_int_equal(count_of(text, "broken: message from "), 1);
	assert_int_equal(count_of(text, "message ") - 1, 600 - 64);
	assert_non_null(strstr(text, "message 600 by"));
	check_order(text);
	free(text);
}

static void a_damaged_message_of_a_block_is_lost_alone(void **state)
{
	char *text;

	(void)state;
	fill("lobby", 128, 200, 128);
	shelf_sql(&shelf, "UPDATE message SET author = 9 WHERE id = 70");
	shelf_sql(&shelf, "UPDATE block SET crc = crc + 1 WHERE last = 64");
	text = strdup(shelf_read(shelf.database, "lobby", 1000));
	assert_int_equal(count_of(text, "message "), 128);
	assert_int_equal(count_of(text, "damaged: message 70\n"), 1);
	check_order(text);
	free(text);
}

#define TEST(name) SHELF_TEST(name, &shelf)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(the_newest_messages_are_given),
		TEST(the_order_is_that_of_a_room),
		TEST(notes_are_bounded_by_their_sort),
		TEST(all_rooms_come_one_behind_the_other),
		TEST(history_is_what_was_said_before),
		TEST(any_changed_value_is_found),
		TEST(damage_stays_damage),
		TEST(a_damaged_room_does_not_hurt_others),
		TEST(a_damaged_purge_is_told_of_and_stays),
		TEST(a_broken_page_loses_its_rows_alone),
		TEST(a_broken_page_of_a_long_block_loses_that_alone),
		TEST(a_damaged_message_of_a_block_is_lost_alone),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
