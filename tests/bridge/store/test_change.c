#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "routes/room/restrictions.h"
#include "tests/support/shelf.h"

static struct shelf shelf;

static void change(struct row row)
{
	shelf_change(&shelf, "lobby", row);
}

/* As it is read by the connection that writes, and after the file was closed and opened. */
static void reads(const char *expected)
{
	assert_string_equal(shelf_read(shelf.database, "lobby", 100), expected);
	shelf_again(&shelf);
	assert_string_equal(shelf_read(shelf.database, "lobby", 100), expected);
}

static void messages_are_kept_in_order(void **state)
{
	(void)state;
	change(row_message(8, 3, "Ann", "hello"));
	change(row_message(9, 4, "", ""));
	change(row_message(7, 0, "Dragoman", NULL));
	reads("message 7 by 0 Dragoman roles 1 at 1007\n"
	      "message 8 by 3 Ann roles 1 at 1008: hello\n"
	      "message 9 by 4  roles 1 at 1009: \n");
}

static void rooms_are_apart(void **state)
{
	(void)state;
	change(row_message(8, 3, "Ann", "hello"));
	shelf_change(&shelf, "attic", row_message(9, 3, "Ann", "up here"));
	shelf_change(&shelf, "attic", row_delete_all(100, 0, NULL));
	reads("message 8 by 3 Ann roles 1 at 1008: hello\n");
	assert_string_equal(shelf_read(shelf.database, "attic", 100),
			    "message 9 by 3 Ann roles 1 at 1009 deleted\n");
	assert_string_equal(shelf_read(shelf.database, "nowhere", 100), "");
}

static void an_edit_stands_beside_the_message(void **state)
{
	(void)state;
	change(row_message(8, 3, "Ann", "hello"));
	change(row_message(9, 3, "Ann", NULL));
	change(row_edit(8, "hullo"));
	change(row_edit(8, "hallo"));
	change(row_edit(9, "of what was not kept"));
	change(row_edit(10, "of nothing"));
	reads("message 8 by 3 Ann roles 1 at 1008: hello | edited: hallo\n"
	      "message 9 by 3 Ann roles 1 at 1009\n");
	change(row_edit(8, NULL));
	reads("message 8 by 3 Ann roles 1 at 1008\nmessage 9 by 3 Ann roles 1 at 1009\n");
	change(row_edit(8, "again"));
	reads("message 8 by 3 Ann roles 1 at 1008\nmessage 9 by 3 Ann roles 1 at 1009\n");
}

static void what_is_forgotten_keeps_its_reactions(void **state)
{
	(void)state;
	change(row_message(8, 3, "Ann", "hello"));
	change(row_edit(8, "hullo"));
	change(row_react(ROW_REACT, 8, 4, ":)", 10));
	change(row_of_id(ROW_FORGET, 8));
	change(row_of_id(ROW_FORGET, 99));
	reads("message 8 by 3 Ann roles 1 at 1008\nreact 8 by 4 :) at 10\n");
}

static void what_is_deleted_does_not(void **state)
{
	(void)state;
	change(row_message(8, 3, "Ann", "hello"));
	change(row_message(9, 3, "Ann", "there"));
	change(row_react(ROW_REACT, 8, 4, ":)", 10));
	change(row_react(ROW_REACT, 9, 4, ":)", 11));
	change(row_of_id(ROW_DELETE, 8));
	change(row_of_id(ROW_DELETE, 77));
	change(row_edit(8, "back"));
	change(row_react(ROW_REACT, 8, 4, ":)", 12));
	reads("message 8 by 3 Ann roles 1 at 1008 deleted\n"
	      "message 9 by 3 Ann roles 1 at 1009: there\nreact 9 by 4 :) at 11\n");
}

static void notes_are_deleted_by_their_id(void **state)
{
	(void)state;
	change(row_message(8, 3, "Ann", "hello"));
	change(row_note(9, 8, true));
	change(row_note(10, 8, false));
	change(row_note(11, 0, false));
	change(row_of_id(ROW_DELETE, 10));
	change(row_of_id(ROW_FORGET, 9));
	change(row_delete_all(100, 9, NULL));
	reads("message 8 by 3 Ann roles 1 at 1008: hello\n"
	      "note 9 about 8 stands\nnote 10 about 8 deleted\nnote 11 about 0\n");
}

static void reactions_come_in_their_order(void **state)
{
	(void)state;
	change(row_message(8, 3, "Ann", "hello"));
	change(row_message(9, 3, "Ann", "there"));
	change(row_react(ROW_REACT, 9, 4, "B", 10));
	change(row_react(ROW_REACT, 9, 4, "A", 11));
	change(row_react(ROW_REACT, 8, 5, "A", 12));
	change(row_react(ROW_REACT, 9, 5, "A", 13));
	change(row_react(ROW_REACT, 9, 5, "A", 14));
	change(row_react(ROW_REACT, 99, 5, "A", 15));
	change(row_react(ROW_UNREACT, 9, 4, "A", 16));
	change(row_react(ROW_UNREACT, 9, 4, "C", 17));
	reads("message 8 by 3 Ann roles 1 at 1008: hello\n"
	      "message 9 by 3 Ann roles 1 at 1009: there\n"
	      "react 9 by 4 B at 10\nreact 9 by 5 A at 13\nreact 8 by 5 A at 12\n");
	assert_string_equal(shelf_read(shelf.database, "lobby", 1),
			    "message 9 by 3 Ann roles 1 at 1009: there\n"
			    "react 9 by 4 B at 10\nreact 9 by 5 A at 13\n");
}

/* The emojis of a message stand in the order in which those were first who still use them. */
static void an_emoji_keeps_its_place(void **state)
{
	(void)state;
	change(row_message(8, 3, "Ann", "hello"));
	change(row_react(ROW_REACT, 8, 4, "A", 10));
	change(row_react(ROW_REACT, 8, 4, "B", 11));
	change(row_react(ROW_REACT, 8, 5, "A", 12));
	change(row_react(ROW_UNREACT, 8, 4, "A", 13));
	reads("message 8 by 3 Ann roles 1 at 1008: hello\n"
	      "react 8 by 5 A at 12\nreact 8 by 4 B at 11\n");
	change(row_react(ROW_UNREACT, 8, 5, "A", 14));
	change(row_react(ROW_REACT, 8, 5, "A", 15));
	reads("message 8 by 3 Ann roles 1 at 1008: hello\n"
	      "react 8 by 4 B at 11\nreact 8 by 5 A at 15\n");
}

static void marks_of_one_event_keep_their_order(void **state)
{
	(void)state;
	change(row_mark(ROW_BANS, 3, NULL, 500, 3, 20));
	change(row_mark(ROW_BANS, 0, "zoe", 500, 3, 20));
	change(row_mark(ROW_BANS, 0, "ann", 500, 3, 20));
	change(row_mark(ROW_BANS, 3, NULL, 500, 3, 20));
	reads("mark 0: number 0 folded zoe until 500 person 3 at 20\n"
	      "mark 0: number 0 folded ann until 500 person 3 at 20\n"
	      "mark 0: number 3 folded  until 500 person 3 at 20\n");
}

static void marks_are_set_lifted_and_pardoned(void **state)
{
	(void)state;
	change(row_mark(ROW_BANS, 3, NULL, MARK_FOREVER, 3, 20));
	change(row_mark(ROW_BANS, 0, "ann", 500, 3, 21));
	change(row_mark(ROW_MUTES, 3, NULL, 600, 3, 22));
	change(row_mark(ROW_BANS, 4, NULL, 700, 4, 23));
	change(row_mark(ROW_BANS, 5, NULL, 800, 0, 24));
	change(row_mark(ROW_BANS, 6, NULL, 900, 0, 25));
	change(row_mark(ROW_BANS, 4, NULL, 701, 4, 26));
	change(row_mark(ROW_INVITED, 4, NULL, 0, 4, 27));
	reads("mark 0: number 3 folded  until 18446744073709551615 person 3 at 20\n"
	      "mark 0: number 0 folded ann until 500 person 3 at 21\n"
	      "mark 1: number 3 folded  until 600 person 3 at 22\n"
	      "mark 0: number 5 folded  until 800 person 0 at 24\n"
	      "mark 0: number 6 folded  until 900 person 0 at 25\n"
	      "mark 0: number 4 folded  until 701 person 4 at 26\n");
	change(row_pardon(ROW_BANS, 0, "ann"));
	change(row_pardon(ROW_BANS, 5, NULL));
	change(row_pardon(ROW_BANS, 99, NULL));
	change(row_mark(ROW_BANS, 4, NULL, 0, 4, 28));
	reads("mark 1: number 3 folded  until 600 person 3 at 22\n"
	      "mark 0: number 6 folded  until 900 person 0 at 25\n");
}

static void who_left_is_known_by_the_last_time(void **state)
{
	(void)state;
	change(row_left(3, 5));
	change(row_left(4, 6));
	change(row_left(3, 0));
	reads("left 3 at 0\nleft 4 at 6\n");
	change(row_left(3, 9));
	reads("left 3 at 9\nleft 4 at 6\n");
}

static void there_is_one_poll(void **state)
{
	(void)state;
	change(row_vote(3, 1, 29));
	change(row_poll(30, "what?"));
	change(row_vote(3, 1, 31));
	change(row_vote(4, 2, 32));
	change(row_vote(3, 0, 33));
	reads("poll 30 until 60: what?\nvote by 4: 2 at 32\nvote by 3: 0 at 33\n");
	change(row_poll(40, "and now?"));
	reads("poll 40 until 60: and now?\n");
	change(row_vote(4, 2, 41));
	change(row_of_id(ROW_POLL_END, 42));
	reads("");
}

/* DELETE_ALL, before it is carried out and afterwards. */
static void deletes_all(struct row row, const char *expected)
{
	char *once;

	change(row);
	reads(expected);
	once = strdup(shelf_history(shelf.database, "lobby", UINT64_MAX, 100));
	shelf_purge(&shelf);
	reads(expected);
	assert_string_equal(shelf_history(shelf.database, "lobby", UINT64_MAX, 100), once);
	assert_int_equal(shelf_sql(&shelf, "SELECT count(*) FROM purge"), 0);
	free(once);
}

static void say_four(void)
{
	change(row_message(8, 3, "Ann", "one"));
	change(row_message(9, 4, "Bea", "two"));
	change(row_message(10, 3, "ANNIE", "three"));
	change(row_message(11, 3, "Ann", "four"));
	change(row_react(ROW_REACT, 8, 4, "A", 12));
	change(row_react(ROW_REACT, 9, 4, "A", 13));
}

static void all_of_an_author_go(void **state)
{
	(void)state;
	say_four();
	deletes_all(row_delete_all(10, 3, NULL), "message 8 by 3 Ann roles 1 at 1008 deleted\n"
						 "message 9 by 4 Bea roles 1 at 1009: two\n"
						 "message 10 by 3 ANNIE roles 1 at 1010 deleted\n"
						 "message 11 by 3 Ann roles 1 at 1011: four\n"
						 "react 9 by 4 A at 13\n");
	assert_int_equal(shelf_sql(&shelf, "SELECT count(*) FROM message WHERE body NOT NULL"), 2);
	assert_int_equal(shelf_sql(&shelf, "SELECT count(*) FROM reaction"), 1);
}

static void all_under_a_name_go(void **state)
{
	(void)state;
	say_four();
	deletes_all(row_delete_all(11, 3, "annie"),
		    "message 8 by 3 Ann roles 1 at 1008: one\n"
		    "message 9 by 4 Bea roles 1 at 1009: two\n"
		    "message 10 by 3 ANNIE roles 1 at 1010 deleted\n"
		    "message 11 by 3 Ann roles 1 at 1011: four\n"
		    "react 8 by 4 A at 12\nreact 9 by 4 A at 13\n");
}

static void all_of_everybody_go(void **state)
{
	(void)state;
	say_four();
	deletes_all(row_delete_all(10, 0, NULL), "message 8 by 3 Ann roles 1 at 1008 deleted\n"
						 "message 9 by 4 Bea roles 1 at 1009 deleted\n"
						 "message 10 by 3 ANNIE roles 1 at 1010 deleted\n"
						 "message 11 by 3 Ann roles 1 at 1011: four\n");
}

/* More than one step of a purge, and another one behind it. */
static void many_go_step_by_step(void **state)
{
	uint64_t room;

	(void)state;
	assert_true(database_begin(shelf.database));
	room = database_room(shelf.database, slice_of("lobby"));
	for (uint64_t id = 1; id <= 6000; id++) {
		struct row row = row_message(id, id % 2 ? 3 : 4, "Ann", "words");

		assert_true(database_change(shelf.database, room, &row));
	}
	assert_true(database_commit(shelf.database));
	change(row_delete_all(5000, 3, NULL));
	change(row_delete_all(1000, 4, NULL));
	assert_int_equal(shelf_sql(&shelf, "SELECT count(*) FROM message WHERE deleted"), 0);
	shelf_purge(&shelf);
	assert_int_equal(
	    shelf_sql(&shelf, "SELECT count(*) FROM message WHERE deleted AND body IS NULL"), 3000);
	assert_int_equal(
	    shelf_sql(&shelf, "SELECT count(*) FROM message WHERE deleted AND author = 3"), 2500);
	assert_null(strstr(shelf_read(shelf.database, "lobby", 10000), "damaged"));
}

/* What is left of its block stays; of the words nothing is left in the file. */
static void words_leave_a_long_block(void **state)
{
	char name[32];
	uint64_t room;

	(void)state;
	assert_true(database_begin(shelf.database));
	room = database_room(shelf.database, slice_of("lobby"));
	for (uint64_t id = 1; id <= 60; id++) {
		char words[400];
		struct row row;

		snprintf(words, sizeof(words), "%0300d number %02d-", 7, (int)id);
		row = row_message(id, 3, "Ann", words);
		assert_true(database_change(shelf.database, room, &row));
	}
	assert_true(database_commit(shelf.database));
	assert_int_equal(shelf_sql(&shelf, "SELECT count(*) FROM bulk"), 1);
	for (uint64_t id = 1; id <= 60; id++)
		if (id % 7 == 0)
			change(row_of_id(id % 2 ? ROW_DELETE : ROW_FORGET, id));
	assert_int_equal(shelf_sql(&shelf, "SELECT count(*) FROM bulk"), 1);
	assert_true(database_checkpoint(shelf.database, CHECKPOINT_TRUNCATE));
	for (int id = 1; id <= 60; id++) {
		snprintf(name, sizeof(name), "number %02d-", id);
		assert_int_equal(shelf_file_has(&shelf, DATABASE_FILE, name), id % 7 != 0);
	}
}

static void an_id_is_given_once(void **state)
{
	struct row row = row_message(8, 3, "Ann", "hello");

	(void)state;
	change(row);
	assert_true(database_begin(shelf.database));
	row.body = slice_of("other");
	assert_false(database_change(shelf.database,
				     database_room(shelf.database, slice_of("lobby")), &row));
	assert_int_equal(database_fault(shelf.database), FAULT_RECORD);
	assert_false(database_commit(shelf.database));
	database_rollback(shelf.database);
	row.kind = ROW_KINDS;
	assert_true(database_begin(shelf.database));
	assert_false(database_change(shelf.database, 1, &row));
	assert_int_equal(database_fault(shelf.database), FAULT_RECORD);
	database_rollback(shelf.database);
	reads("message 8 by 3 Ann roles 1 at 1008: hello\n");
}

static void a_rollback_leaves_nothing(void **state)
{
	struct row row = row_message(8, 3, "Ann", "hello");
	uint64_t room;

	(void)state;
	assert_true(database_begin(shelf.database));
	room = database_room(shelf.database, slice_of("lobby"));
	assert_true(database_change(shelf.database, room, &row));
	database_rollback(shelf.database);
	database_rollback(shelf.database);
	assert_int_equal(database_room_find(shelf.database, slice_of("lobby")), 0);
	/* The number is somebody else's now. */
	shelf_change(&shelf, "attic", row);
	change(row_message(9, 3, "Ann", "hello"));
	reads("message 9 by 3 Ann roles 1 at 1009: hello\n");
}

static void only_what_erases_is_said_to(void **state)
{
	(void)state;
	assert_true(change_erases(ROW_DELETE));
	assert_true(change_erases(ROW_DELETE_ALL));
	assert_true(change_erases(ROW_FORGET));
	assert_true(change_erases(ROW_EDIT));
	assert_false(change_erases(ROW_MESSAGE));
	assert_false(change_erases(ROW_UNREACT));
}

#define TEST(name) SHELF_TEST(name, &shelf)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(messages_are_kept_in_order),
		TEST(rooms_are_apart),
		TEST(an_edit_stands_beside_the_message),
		TEST(what_is_forgotten_keeps_its_reactions),
		TEST(what_is_deleted_does_not),
		TEST(notes_are_deleted_by_their_id),
		TEST(reactions_come_in_their_order),
		TEST(an_emoji_keeps_its_place),
		TEST(marks_of_one_event_keep_their_order),
		TEST(marks_are_set_lifted_and_pardoned),
		TEST(there_is_one_poll),
		TEST(who_left_is_known_by_the_last_time),
		TEST(all_of_an_author_go),
		TEST(all_under_a_name_go),
		TEST(all_of_everybody_go),
		TEST(many_go_step_by_step),
		TEST(words_leave_a_long_block),
		TEST(an_id_is_given_once),
		TEST(a_rollback_leaves_nothing),
		cmocka_unit_test(only_what_erases_is_said_to),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
