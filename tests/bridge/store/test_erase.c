#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "bridge/store/check.h"
#include "bridge/store/erase.h"
#include "routes/room/restrictions.h"
#include "tests/support/shelf.h"

static struct shelf shelf;

static void change(const char *room, struct row row)
{
	shelf_change(&shelf, room, row);
}

static void is_whole(void)
{
	const struct check_options options = { 0 };
	struct check_report report;

	assert_true(database_check(shelf.database, &options, stdout, &report));
}

static const char *printed(const struct erase_counts *counts)
{
	static char text[200];

	snprintf(text, sizeof(text),
		 "%" PRIu64 " messages, %" PRIu64 " reactions, %" PRIu64 " votes, %" PRIu64
		 " polls, %" PRIu64 " marks, %" PRIu64 " accounts",
		 counts->messages, counts->reactions, counts->votes, counts->polls, counts->marks,
		 counts->persons);
	return text;
}

static void a_person_goes_with_what_they_wrote(void **state)
{
	struct erase erase;

	(void)state;
	change("lobby", row_message(5, 3, "Zacharias", "words of theirs"));
	change("lobby", row_edit(5, "other words of theirs"));
	change("lobby", row_message(6, 4, "Bea", "mine"));
	change("lobby", row_message(7, 3, "ZACHARIAS", "deleted words"));
	change("lobby", row_of_id(ROW_DELETE, 7));
	change("lobby", row_react(ROW_REACT, 5, 4, "A", 8));
	change("lobby", row_react(ROW_REACT, 6, 3, "A", 9));
	change("lobby", row_react(ROW_REACT, 6, 4, "A", 10));
	change("lobby", row_mark(ROW_BANS, 3, NULL, MARK_FOREVER, 3, 11));
	change("lobby", row_mark(ROW_BANS, 0, "zacharias", MARK_FOREVER, 0, 12));
	change("lobby", row_mark(ROW_BANS, 4, NULL, MARK_FOREVER, 4, 13));
	change("attic", row_message(14, 4, "Bea", NULL));
	change("attic", row_poll(14, "what?"));
	change("attic", row_vote(3, 1, 15));
	change("attic", row_vote(4, 1, 16));
	change("cellar", row_message(17, 3, "Zacharias", NULL));
	change("cellar", row_poll(17, "a poll of theirs"));
	change("cellar", row_vote(4, 1, 18));
	change("cellar", row_delete_all(1, 3, "zacharias"));
	shelf_sql(&shelf, "INSERT INTO person VALUES (3, 'zacharias', 'Zacharias', 'h', 0, 0, 0)");
	shelf_sql(&shelf, "INSERT INTO left_at VALUES (1, 3, 5, 0)");
	shelf_sql(&shelf, "INSERT INTO token VALUES (x'01', 1, 3, 0, 1, 'Zacharias', '', 1, 0, 0),"
			  " (x'02', 1, 4, 0, 1, 'Bea', '', 1, 0, 0)");
	erase_begin(&erase, 3, slice_of("Zacharias"));
	assert_true(erase_person(shelf.database, &erase));
	assert_string_equal(printed(&erase.counts),
			    "3 messages, 2 reactions, 2 votes, 1 polls, 2 marks, 1 accounts");
	assert_string_equal(shelf_read(shelf.database, "lobby", 10),
			    "message 5 by 3  roles 0 at 1005 deleted\n"
			    "message 6 by 4 Bea roles 1 at 1006: mine\n"
			    "message 7 by 3  roles 0 at 1007 deleted\nreact 6 by 4 A at 10\n"
			    "mark 0: number 4 folded  until 18446744073709551615 person 4 at 13\n");
	assert_string_equal(shelf_read(shelf.database, "attic", 10),
			    "message 14 by 4 Bea roles 1 at 1014\n"
			    "poll 14 until 60: what?\nvote by 4: 1 at 16\n");
	assert_string_equal(shelf_read(shelf.database, "cellar", 10),
			    "message 17 by 3  roles 0 at 1017 deleted\n");
	assert_int_equal(shelf_sql(&shelf, "SELECT sum(number) FROM token"), 4);
	shelf_sql(&shelf, "DELETE FROM token"); /* whose checksum nobody wrote */
	is_whole();
	for (int i = 0; i < 2; i++) {
		const char *file = i ? DATABASE_FILE "-wal" : DATABASE_FILE;

		assert_false(shelf_file_has(&shelf, file, "words"));
		assert_false(shelf_file_has(&shelf, file, "acharias"));
		assert_false(shelf_file_has(&shelf, file, "ACHARIAS"));
		assert_false(shelf_file_has(&shelf, file, "a poll of theirs"));
	}
	assert_true(shelf_file_has(&shelf, DATABASE_FILE, "mine"));
	/* Once more: there is nothing left. */
	erase_begin(&erase, 3, slice_of("Zacharias"));
	assert_true(erase_person(shelf.database, &erase));
	assert_string_equal(printed(&erase.counts),
			    "0 messages, 0 reactions, 0 votes, 0 polls, 0 marks, 0 accounts");
}

static void it_is_done_step_by_step(void **state)
{
	struct erase erase;
	bool more = true;
	int steps = 0;

	(void)state;
	assert_true(database_begin(shelf.database));
	for (uint64_t id = 1; id <= 9000; id++) {
		struct row row = row_message(id, id % 2 ? 3 : 4, "Ann", "x");

		assert_true(database_change(shelf.database,
					    database_room(shelf.database, SLICE("lobby")), &row));
	}
	assert_true(database_commit(shelf.database));
	erase_begin(&erase, 3, slice_of(NULL));
	while (more) {
		uint64_t before = erase.counts.messages;

		assert_true(database_begin(shelf.database));
		assert_true(erase_step(shelf.database, &erase, &more));
		assert_true(erase.counts.messages - before <= 500);
		assert_true(database_commit(shelf.database));
		steps++;
	}
	assert_true(steps >= 9);
	assert_int_equal(erase.counts.messages, 4500);
	assert_int_equal(shelf_sql(&shelf, "SELECT count(*) FROM message WHERE body IS NULL"),
			 4500);
	is_whole();
}

static void a_name_alone_takes_no_mark_of_nobody(void **state)
{
	struct erase erase;

	(void)state;
	change("lobby", row_mark(ROW_BANS, 9, NULL, MARK_FOREVER, 9, 11));
	erase_begin(&erase, 3, slice_of(NULL));
	assert_true(erase_person(shelf.database, &erase));
	assert_int_equal(erase.counts.marks, 0);
	assert_int_equal(shelf_sql(&shelf, "SELECT count(*) FROM mark"), 1);
}

#define TEST(name) SHELF_TEST(name, &shelf)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_person_goes_with_what_they_wrote),
		TEST(it_is_done_step_by_step),
		TEST(a_name_alone_takes_no_mark_of_nobody),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
