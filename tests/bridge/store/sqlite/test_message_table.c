#include <inttypes.h>
#include <setjmp.h>
#include <sqlite3.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "bridge/store/sqlite/statement.h"
#include "tests/support/shelf.h"

static struct shelf shelf;
static sqlite3 *sqlite;
static uint64_t drawn = 88172645463325252;

static uint64_t draw(uint64_t below)
{
	drawn ^= drawn << 13;
	drawn ^= drawn >> 7;
	drawn ^= drawn << 17;
	return drawn % below;
}

/* ---- SQL ---- */

static int run(const char *sql)
{
	return sqlite3_exec(sqlite, sql, NULL, NULL, NULL);
}

/* The text of the first row; valid until the next two calls. */
static const char *text_of(const char *sql)
{
	static char texts[2][100000];
	static int turn;
	char *text = texts[turn ^= 1];
	sqlite3_stmt *stmt = NULL;

	assert_int_equal(sqlite3_prepare_v2(sqlite, sql, -1, &stmt, NULL), SQLITE_OK);
	assert_int_equal(sqlite3_step(stmt), SQLITE_ROW);
	snprintf(text, sizeof(texts[0]), "%s",
		 sqlite3_column_text(stmt, 0) ? (const char *)sqlite3_column_text(stmt, 0) : "-");
	sqlite3_finalize(stmt);
	return text;
}

static void is(const char *sql, const char *expected)
{
	assert_string_equal(text_of(sql), expected);
}

/* ---- two rooms, in blocks of one to many messages, short and long ---- */

static void say_some(const char *name, uint64_t first, uint64_t count, size_t len)
{
	char *body = calloc(1, len + 1);
	uint64_t room;

	assert_non_null(body);
	memset(body, 'x', len);
	assert_true(database_begin(shelf.database));
	room = database_room(shelf.database, slice_of(name));
	for (uint64_t id = first; id < first + count; id++) {
		struct row row = row_message(3 * id, (uint32_t)id % 5, "Ann", body);

		assert_true(database_change(shelf.database, room, &row));
	}
	assert_true(database_commit(shelf.database));
	free(body);
}

static int open_all(void **state)
{
	(void)state;
	shelf_open(&shelf);
	say_some("lobby", 1, 1, 10);
	say_some("lobby", 2, 7, 10);
	say_some("attic", 5, 3, 10);
	say_some("lobby", 9, 70, 100);
	say_some("lobby", 79, 1, 5000);
	say_some("attic", 80, 2, 3000);
	say_some("lobby", 82, 3, 0);
	assert_int_equal(sqlite3_open(shelf_path(&shelf, DATABASE_FILE), &sqlite), SQLITE_OK);
	assert_true(statement_functions(sqlite));
	assert_int_equal(run("CREATE TEMP TABLE plain AS SELECT * FROM message"), SQLITE_OK);
	return 0;
}

static int close_all(void **state)
{
	(void)state;
	assert_int_equal(sqlite3_close(sqlite), SQLITE_OK);
	shelf_close(&shelf);
	return 0;
}

/* ---- reading ---- */

static void all_are_there(void **state)
{
	(void)state;
	is("SELECT count(*) FROM message", "87");
	is("SELECT count(*) FROM message WHERE room = 1", "82");
	is("SELECT group_concat(id) FROM message WHERE room = 2", "15,18,21,240,243");
	is("SELECT sum(length(body)) FROM message WHERE room = 2", "6030");
	is("SELECT name || roles || time_ms || deleted FROM message WHERE room = 1 AND id = 6",
	   "Ann110060");
	is("SELECT count(*) FROM message WHERE body IS NULL OR edit IS NOT NULL", "0");
	is("SELECT count(*) FROM message WHERE crc <> row_crc(4, room, id, author, name, roles,"
	   " time_ms, deleted, body, edit)",
	   "0");
	is("SELECT count(*) FROM block", "8");
	is("SELECT count(*) FROM bulk", "3");
}

static void condition(char *to, size_t size)
{
	static const char *const signs[] = { "=", ">", ">=", "<", "<=" };
	size_t len = 0, count = draw(4);

	*to = '\0';
	if (draw(8))
		len = (size_t)snprintf(to, size, " AND room = %d", (int)draw(4));
	for (size_t i = 0; i < count; i++)
		len += (size_t)snprintf(to + len, size - len, " AND id %s %d", signs[draw(5)],
					(int)draw(260));
	if (!draw(5))
		snprintf(to + len, size - len, " AND author = %d", (int)draw(5));
}

/* As a plain table would. */
static void any_range_is_found(void **state)
{
	static const char *const orders[] = { "id", "id DESC", "room, id", "author, id DESC" };

	(void)state;
	for (int i = 0; i < 3000; i++) {
		char where[200], sql[2][600];

		condition(where, sizeof(where));
		for (int table = 0; table < 2; table++)
			snprintf(
			    sql[table], sizeof(sql[table]),
			    "SELECT group_concat(room || ' ' || id || ' ' || length(body) || "
			    "crc) FROM (SELECT * FROM %s WHERE 1%s ORDER BY %s LIMIT %d OFFSET "
			    "%d)",
			    table ? "plain" : "message", where,
			    strstr(where, "room") ? orders[i % 4] : orders[2], 3 + i % 90, i % 3);
		if (strcmp(text_of(sql[0]), text_of(sql[1])) != 0)
			fail_msg("%s", sql[0]);
	}
}

/* Two at once of one table. */
static void it_is_joined_with_itself(void **state)
{
	(void)state;
	is("SELECT count(*) FROM message a, message b WHERE a.room = 1 AND b.room = 1"
	   " AND b.id = a.id + 3",
	   "80");
	is("SELECT max((SELECT max(b.id) FROM message b WHERE b.room = a.room)) FROM message a",
	   "252");
}

/* ---- changes ---- */

static void same_as_plain(void)
{
	static const char sql[] = "SELECT count(*) FROM (SELECT * FROM %s EXCEPT SELECT * FROM %s)";
	char one[200], other[200];

	snprintf(one, sizeof(one), sql, "message", "plain");
	snprintf(other, sizeof(other), sql, "plain", "message");
	is(one, "0");
	is(other, "0");
	is("SELECT count(*) FROM block WHERE crc <> row_crc(15, room, last, ids, bulk)", "0");
	is("SELECT count(*) FROM block WHERE (items IS NULL) <> (bulk <> 0)", "0");
	is("SELECT count(*) FROM bulk WHERE number NOT IN (SELECT bulk FROM block)", "0");
	is("SELECT count(*) FROM block WHERE bulk <> 0 AND bulk NOT IN (SELECT number FROM bulk)",
	   "0");
}

static void both(const char *format, const char *values)
{
	char sql[6000];

	for (int table = 0; table < 2; table++) {
		snprintf(sql, sizeof(sql), format, table ? "plain" : "message", values);
		assert_int_equal(run(sql), SQLITE_OK);
	}
}

static void change_some(void)
{
	char values[200];
	unsigned room = 1 + (unsigned)draw(3), id = (unsigned)draw(260);

	switch (draw(5)) {
	case 0:
		snprintf(
		    values, sizeof(values),
		    "body = zeroblob(%u), edit = x'0102', crc = crc + 1 WHERE room = %u AND id "
		    "= %u",
		    (unsigned)draw(3000), room, id);
		both("UPDATE %s SET %s", values);
		break;
	case 1:
		snprintf(values, sizeof(values),
			 "name = '', deleted = 1, body = NULL, edit = NULL WHERE room = %u AND id "
			 "BETWEEN %u AND %u",
			 room, id, id + 5);
		both("UPDATE %s SET %s", values);
		break;
	case 2:
		snprintf(values, sizeof(values), "room = %u AND id BETWEEN %u AND %u", room, id,
			 id + (unsigned)draw(3));
		both("DELETE FROM %s WHERE %s", values);
		break;
	default:
		snprintf(values, sizeof(values),
			 "SELECT %u, %u, 9, 'Bea', 1, 2, 0, zeroblob(%u), NULL, 4 WHERE NOT EXISTS"
			 " (SELECT 1 FROM plain WHERE room = %u AND id = %u)",
			 room, id, (unsigned)draw(1200), room, id);
		snprintf(values + strlen(values), sizeof(values) - strlen(values), " LIMIT 1");
		both("INSERT INTO %s %s", values);
	}
}

static void changes_are_those_of_a_plain_table(void **state)
{
	(void)state;
	assert_int_equal(run("BEGIN"), SQLITE_OK);
	for (int i = 0; i < 1000; i++) {
		change_some();
		if (i % 20 == 0)
			same_as_plain();
	}
	same_as_plain();
	assert_int_equal(run("COMMIT"), SQLITE_OK);
	same_as_plain();
	is("PRAGMA integrity_check", "ok");
}

static void an_id_is_there_once(void **state)
{
	(void)state;
	assert_int_equal(
	    run("INSERT INTO message VALUES (1, 30, 9, 'Bea', 1, 2, 0, NULL, NULL, 4)"),
	    SQLITE_CONSTRAINT);
	assert_string_equal(sqlite3_errmsg(sqlite),
			    "UNIQUE constraint failed: message.room, message.id");
	same_as_plain();
}

/* What does not fit is not made fit. */
static void damage_stays_damage(void **state)
{
	(void)state;
	assert_int_equal(run("UPDATE message SET crc = crc + 4294967296 WHERE id = 30"), SQLITE_OK);
	assert_int_equal(run("UPDATE message SET author = 4294967296 WHERE id = 33"), SQLITE_OK);
	assert_int_equal(run("UPDATE block SET crc = 7 WHERE last = 3"), SQLITE_OK);
	is("SELECT count(*) FROM message WHERE crc <> row_crc(4, room, id, author, name, roles,"
	   " time_ms, deleted, body, edit)",
	   "2");
	shelf_change(&shelf, "lobby", row_of_id(ROW_DELETE, 3));
	is("SELECT count(*) FROM block WHERE crc <> row_crc(15, room, last, ids, bulk)", "1");
	is("SELECT deleted FROM message WHERE room = 1 AND id = 3", "1");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, open_all, close_all)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(all_are_there),
		TEST(any_range_is_found),
		TEST(it_is_joined_with_itself),
		TEST(changes_are_those_of_a_plain_table),
		TEST(an_id_is_there_once),
		TEST(damage_stays_damage),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
