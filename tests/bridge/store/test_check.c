#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "bridge/store/check.h"
#include "bridge/store/lasting/rows.h"
#include "codecs/model/identity.h"
#include "tests/support/floor.h"
#include "tests/support/shelf.h"

#define PAGE 8192

static struct shelf shelf;
static struct check_report report;
static char *said;

static int open_shelf(void **state)
{
	(void)state;
	shelf_open(&shelf);
	return 0;
}

static int close_shelf(void **state)
{
	(void)state;
	shelf_close(&shelf);
	free(said);
	said = NULL;
	return 0;
}

static bool check_with(const struct check_options *options)
{
	struct database *database = database_open_reader(shelf.folder, stderr);
	size_t size;
	FILE *out;
	bool whole;

	free(said);
	out = open_memstream(&said, &size);
	assert_non_null(database);
	whole = database_check(database, options, out, &report);
	fclose(out);
	database_close(database);
	return whole;
}

static bool check(void)
{
	const struct check_options options = { 0 };

	return check_with(&options);
}

static void change(struct row row)
{
	shelf_change(&shelf, "lobby", row);
}

/* A row in every table. */
static void one_of_each(void)
{
	static const struct lasting person = { .kind = LASTING_PERSON,
					       .person = { .number = 3, .name = "Ann" } };
	static const struct lasting ban = { .kind = LASTING_BAN,
					    .ban = { .key = "nann", .until_ms = 5 } };

	static const struct lasting token = {
		.kind = LASTING_TOKENS,
		.tokens = { .adds = true,
			    .row = { .hash = { 0x1f, 0, 0xe0 }, .number = 3, .name = "Ann" } }
	};

	change(row_message(5, 3, "Ann", "hello"));
	change(row_edit(5, "hullo"));
	change(row_message(6, 3, "Ann", "there"));
	change(row_note(7, 5, true));
	change(row_react(ROW_REACT, 5, 4, "A", 8));
	change(row_mark(ROW_MUTES, 3, "ann", 500, 3, 9));
	change(row_poll(10, "what?"));
	change(row_vote(3, 1, 11));
	change(row_delete_all(6, 99, "someone"));
	assert_true(database_begin(shelf.database));
	assert_true(database_number_set(shelf.database, "guests", 7));
	assert_true(database_keep(shelf.database, &person) && database_keep(shelf.database, &ban) &&
		    database_keep(shelf.database, &token));
	assert_true(database_commit(shelf.database));
}

static void what_is_whole_is(void **state)
{
	(void)state;
	assert_true(check());
	one_of_each();
	assert_true(check());
	assert_string_equal(said, "");
	/* Two of the schema's, and those of each table. */
	assert_int_equal(report.rows, 3 + 1 + 1 + 2 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1);
}

static void every_damaged_row_is_named(void **state)
{
	static const char *const changes[][2] = {
		{ "UPDATE meta SET value = 8 WHERE name = 'guests'",
		  "meta: name guests: damaged row\n" },
		{ "UPDATE room SET name = 'x'", "room: number 1: damaged row\n" },
		{ "UPDATE message SET body = NULL WHERE id = 6",
		  "message: room 1, id 6: damaged row\n" },
		{ "UPDATE note SET deleted = 1", "note: room 1, id 7: damaged row\n" },
		{ "UPDATE reaction SET first = 1",
		  "reaction: room 1, id 5, emoji A: damaged row\n" },
		{ "UPDATE mark SET person = 4", "mark: room 1, turn 1: damaged row\n" },
		{ "UPDATE poll SET until_ms = 4", "poll: room 1, id 10: damaged row\n" },
		{ "UPDATE vote SET at = 4", "vote: room 1, author 3: damaged row\n" },
		{ "UPDATE purge SET done = 4", "purge: number 1, room 1: damaged row\n" },
		{ "UPDATE person SET roles = 4", "person: number 3: damaged row\n" },
		{ "UPDATE server_ban SET until_ms = 4", "server_ban: key nann: damaged row\n" },
		{ "UPDATE token SET roles = 4", "token: hash 1f00e0000000000000" },
		{ "UPDATE block SET ids = CAST(ids || x'00' AS BLOB) WHERE last = 5",
		  "block: room 1, last 5: damaged row\n" },
	};

	(void)state;
	one_of_each();
	for (size_t i = 0; i < sizeof(changes) / sizeof(*changes); i++) {
		shelf_sql(&shelf, changes[i][0]);
		assert_false(check());
		assert_non_null(strstr(said, changes[i][1]));
		assert_int_equal(report.damaged, i + 1);
		/* Messages are found without the ids of their block, too. */
		assert_int_equal(report.rows, i < 12 ? 15 - i - 1 : 3);
	}
	assert_int_equal(report.broken, 0);
}

static void messages_of_a_room_that_is_gone_are_looked_at(void **state)
{
	(void)state;
	one_of_each();
	shelf_sql(&shelf, "DELETE FROM room");
	shelf_sql(&shelf, "UPDATE message SET author = 9 WHERE id = 6");
	assert_false(check());
	assert_string_equal(said, "message: room 1, id 6: damaged row\n");
}

static bool is_not_there(struct slice body)
{
	return !slice_is(body, "there");
}

static void ids_and_bodies_are_looked_at(void **state)
{
	struct check_options options = { .mark_ms = ID_EPOCH_MS + 1 };

	(void)state;
	one_of_each();
	assert_true(check_with(&options));
	options.mark_ms = ID_EPOCH_MS;
	assert_false(check_with(&options));
	assert_int_equal(report.above, 4);
	assert_non_null(strstr(said, "message: room 1, id 5: the id is of a time that was not "
				     "reached\n"));
	assert_non_null(strstr(said, "note: room 1, id 7: the id is"));
	options = (struct check_options){ .is_sound = is_not_there };
	assert_false(check_with(&options));
	assert_int_equal(report.unsound, 1);
	assert_string_equal(said, "message: room 1, id 6: what it has cannot be read\n");
}

static void lines_are_bounded(void **state)
{
	int lines = 0;

	(void)state;
	assert_true(database_begin(shelf.database));
	for (uint64_t id = 1; id <= CHECK_LINES + 500; id++) {
		struct row row = row_message(id, 3, "Ann", "x");

		assert_true(database_change(shelf.database,
					    database_room(shelf.database, SLICE("lobby")), &row));
	}
	assert_true(database_commit(shelf.database));
	shelf_sql(&shelf, "UPDATE message SET author = 9");
	assert_false(check());
	assert_int_equal(report.damaged, CHECK_LINES + 500);
	for (const char *at = said; *at; at++)
		lines += *at == '\n';
	assert_int_equal(lines, CHECK_LINES + 1);
}

/* ---- the file ---- */

static unsigned char *whole;
static size_t whole_len;

static void read_whole(void)
{
	FILE *file = fopen(shelf_path(&shelf, DATABASE_FILE), "r");

	assert_int_equal(fseek(file, 0, SEEK_END), 0);
	whole_len = (size_t)ftell(file);
	rewind(file);
	whole = realloc(whole, whole_len);
	assert_int_equal(fread(whole, 1, whole_len, file), whole_len);
	fclose(file);
}

static void flip(size_t at, int bit)
{
	int fd = open(shelf_path(&shelf, DATABASE_FILE), O_WRONLY);
	unsigned char byte = whole[at] ^ (unsigned char)(1 << bit);

	assert_int_equal(pwrite(fd, &byte, 1, (off_t)at), 1);
	close(fd);
}

static void mend(size_t at)
{
	int fd = open(shelf_path(&shelf, DATABASE_FILE), O_WRONLY);

	assert_int_equal(pwrite(fd, whole + at, 1, (off_t)at), 1);
	close(fd);
}

/* Everything that can be read of the file, as text. */
static char *contents(struct database *database)
{
	struct row_sink sink = shelf_sink();

	shelf_text_new();
	if (!database_read_all(database, SIZE_MAX, &sink))
		return NULL;
	return strdup(shelf_text());
}

/* One bit of what is read is another one: found, or nothing is read differently. Bytes of the file
 * that mean nothing, such as those between rows, may be others. */
static void a_bit_is(size_t at, int bit, const char *expected, size_t *found)
{
	char *errors = NULL, *now;
	size_t size;
	FILE *stream = open_memstream(&errors, &size);
	struct database *database;
	bool sound;

	flip(at, bit);
	database = database_open_reader(shelf.folder, stream);
	fclose(stream);
	free(errors);
	if (!database) {
		++*found;
		mend(at);
		return;
	}
	now = contents(database);
	database_close(database);
	sound = check();
	if (!sound)
		++*found;
	else if (!now || strcmp(now, expected) != 0)
		fail_msg("bit %d of byte %zu was not found", bit, at);
	free(now);
	mend(at);
}

/* STEP=1 tries each byte. */
static void any_bit_that_matters_is_found(void **state)
{
	const char *asked = getenv("STEP");
	size_t step = asked ? strtoull(asked, NULL, 10) : 11, found = 0, tried = 0;
	char *expected;

	(void)state;
	one_of_each();
	for (uint64_t id = 100; id < 150; id++)
		change(row_message(id, 3, "Ann", "some words, as people say them every day"));
	assert_true(database_checkpoint(shelf.database, CHECKPOINT_TRUNCATE));
	expected = contents(shelf.database);
	assert_non_null(expected);
	database_close(shelf.database);
	read_whole();
	/* Pages are mostly empty: those bytes that are there. */
	for (size_t at = 0; at < whole_len; at++) {
		if (!whole[at] || at % step)
			continue;
		a_bit_is(at, (int)(at / step % 8), expected, &found);
		tried++;
	}
	assert_true(tried > 50);
	assert_true(found > tried / 2);
	free(expected);
	free(whole);
	whole = NULL;
	shelf.database = database_open(shelf.folder, DURABLE_COMMIT, stderr);
	assert_non_null(shelf.database);
	assert_true(check());
}

static void a_broken_page_is_named(void **state)
{
	static const unsigned char junk[16] = { 0xff, 0xff, 0xff, 0xff };
	off_t page;
	int fd;

	(void)state;
	for (uint64_t id = 1; id <= 500; id++)
		change(row_message(id, 3, "Ann", "a few words, to fill the pages with"));
	shelf_sql(&shelf, "UPDATE message SET author = 9 WHERE id = 500");
	assert_true(database_checkpoint(shelf.database, CHECKPOINT_TRUNCATE));
	page = (off_t)shelf_sql(&shelf, "SELECT pageno - 1 FROM dbstat WHERE name = 'block'"
					" AND path = '/001/'");
	database_close(shelf.database);
	fd = open(shelf_path(&shelf, DATABASE_FILE), O_WRONLY);
	assert_int_equal(pwrite(fd, junk, sizeof(junk), page * PAGE), sizeof(junk));
	close(fd);
	shelf.database = database_open(shelf.folder, DURABLE_COMMIT, stderr);
	assert_false(check());
	assert_true(report.broken >= 2);
	assert_non_null(strstr(said, "file: "));
	assert_non_null(strstr(said, ": the file is broken, and messages are lost\n"));
	/* And what lies behind it is looked at. */
	assert_int_equal(report.damaged, 1);
	assert_non_null(strstr(said, "message: room 1, id 500: damaged row\n"));
	assert_true(report.rows > 300 && report.rows < 500);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, open_shelf, close_shelf)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(what_is_whole_is),
		TEST(every_damaged_row_is_named),
		TEST(messages_of_a_room_that_is_gone_are_looked_at),
		TEST(ids_and_bodies_are_looked_at),
		TEST(lines_are_bounded),
		TEST(any_bit_that_matters_is_found),
		TEST(a_broken_page_is_named),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
