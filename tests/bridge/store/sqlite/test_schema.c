#include <setjmp.h>
#include <sqlite3.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "bridge/store/sqlite/schema.h"
#include "bridge/store/sqlite/statement.h"
#include "tests/support/floor.h"
#include "tests/support/shelf.h"

static struct shelf shelf; /* of which the folder alone */
static sqlite3 *sqlite;
static char *said;

static int open_file(void **state)
{
	(void)state;
	shelf.folder = floor_folder();
	assert_int_equal(sqlite3_open(shelf_path(&shelf, DATABASE_FILE), &sqlite), SQLITE_OK);
	assert_true(statement_functions(sqlite));
	return 0;
}

static int close_file(void **state)
{
	(void)state;
	assert_int_equal(sqlite3_close(sqlite), SQLITE_OK);
	floor_folder_remove(shelf.folder);
	free(said);
	said = NULL;
	return 0;
}

static bool carry(const char *const *steps, size_t count)
{
	struct schema schema = { steps, count };
	char path[4096];
	size_t size;
	FILE *errors;
	bool done;

	free(said);
	errors = open_memstream(&said, &size);
	snprintf(path, sizeof(path), "%s", shelf_path(&shelf, DATABASE_FILE));
	done = schema_carry(sqlite, &schema, path, errors);
	fclose(errors);
	return done;
}

#define META "CREATE TABLE meta (name TEXT PRIMARY KEY, value INTEGER, crc INTEGER);"

static const char *const steps[] = {
	META "CREATE TABLE said (words TEXT);",
	"ALTER TABLE said ADD COLUMN at INTEGER DEFAULT 7;",
	"UPDATE said SET words = words || '!'; CREATE TABLE more (a INTEGER);",
};

static void version_is(int version)
{
	assert_int_equal(shelf_sql(&shelf, "SELECT value FROM meta WHERE name = 'schema'"),
			 version);
}

/* A number that the connection with our functions selects. */
static void is(const char *sql, int64_t expected)
{
	sqlite3_stmt *stmt = NULL;

	assert_int_equal(sqlite3_prepare_v2(sqlite, sql, -1, &stmt, NULL), SQLITE_OK);
	assert_int_equal(sqlite3_step(stmt), SQLITE_ROW);
	assert_int_equal(sqlite3_column_int64(stmt, 0), expected);
	sqlite3_finalize(stmt);
}

static void an_empty_file_gets_all_steps(void **state)
{
	(void)state;
	assert_true(carry(steps, 3));
	version_is(3);
	assert_int_not_equal(access(shelf_path(&shelf, DATABASE_FILE "-0.old"), F_OK), 0);
	assert_true(carry(steps, 3));
	assert_string_equal(said, "");
}

static void an_older_file_is_copied_and_carried_over(void **state)
{
	struct stat status;

	(void)state;
	assert_true(carry(steps, 1));
	shelf_sql(&shelf, "INSERT INTO said VALUES ('hello')");
	floor_file(shelf.folder, DATABASE_FILE "-1.old", "of a try before", 0600);
	assert_true(carry(steps, 3));
	version_is(3);
	assert_int_equal(
	    shelf_sql(&shelf, "SELECT count(*) FROM said WHERE words = 'hello!' AND at = 7"), 1);
	assert_int_equal(stat(shelf_path(&shelf, DATABASE_FILE "-1.old"), &status), 0);
	assert_int_equal(status.st_mode & 0777, 0600);
	assert_true(shelf_file_has(&shelf, DATABASE_FILE "-1.old", "hello"));
	assert_int_not_equal(access(shelf_path(&shelf, DATABASE_FILE "-1.old.part"), F_OK), 0);
}

/* What went before a step that fails stays; the step does not. */
static void a_step_that_fails_leaves_nothing(void **state)
{
	const char *const bad[] = { steps[0], steps[1],
				    "UPDATE said SET words = ''; CREATE TABLE said (a);" };

	(void)state;
	assert_true(carry(steps, 1));
	shelf_sql(&shelf, "INSERT INTO said VALUES ('hello')");
	assert_false(carry(bad, 3));
	assert_non_null(strstr(said, "rooms.db: cannot be brought to this version's schema: "));
	version_is(2);
	assert_int_equal(shelf_sql(&shelf, "SELECT count(*) FROM said WHERE words = 'hello'"), 1);
	assert_true(carry(steps, 3));
	version_is(3);
}

static void a_newer_file_is_refused(void **state)
{
	(void)state;
	assert_true(carry(steps, 3));
	assert_false(carry(steps, 2));
	assert_non_null(strstr(said,
			       "rooms.db is of a newer version of Dragoman: its schema is 3, and "
			       "this version knows those up to 2\n"));
	version_is(3);
}

static void somebody_elses_file_is_refused(void **state)
{
	(void)state;
	shelf_sql(&shelf, "CREATE TABLE notes (words TEXT)");
	assert_false(carry(steps, 3));
	assert_non_null(strstr(said, "rooms.db: is not a file of Dragoman's"));
	shelf_sql(&shelf, META);
	assert_false(carry(steps, 3));
	assert_non_null(strstr(said, "rooms.db: does not say of which version it is"));
}

/* Who writes to tables that are not as they were made writes who knows what. */
static void changed_tables_are_refused(void **state)
{
	(void)state;
	assert_true(carry(steps, 2));
	shelf_sql(&shelf, "ALTER TABLE said RENAME COLUMN at TO az");
	assert_false(schema_is_whole(sqlite));
	assert_false(carry(steps, 2));
	assert_non_null(
	    strstr(said, "rooms.db is damaged: its tables are not as they were made\n"));
	assert_false(carry(steps, 3));
	version_is(2);
}

static void no_copy_no_step(void **state)
{
	(void)state;
	assert_true(carry(steps, 1));
	assert_int_equal(mkdir(shelf_path(&shelf, DATABASE_FILE "-1.old.part"), 0700), 0);
	assert_false(carry(steps, 3));
	assert_non_null(strstr(said, "rooms.db-1.old.part: Is a directory"));
	version_is(1);
	assert_int_equal(rmdir(shelf_path(&shelf, DATABASE_FILE "-1.old.part")), 0);
}

/* What a crash has left of a copy is replaced: nothing of it stays in the folder. */
static void a_copy_begun_before_is_replaced(void **state)
{
	struct stat status;

	(void)state;
	assert_true(carry(steps, 1));
	floor_file(shelf.folder, DATABASE_FILE "-1.old.part", "begun", 0644);
	floor_file(shelf.folder, DATABASE_FILE "-1.old.part-journal", "begun", 0644);
	assert_true(carry(steps, 3));
	assert_int_equal(stat(shelf_path(&shelf, DATABASE_FILE "-1.old"), &status), 0);
	assert_int_equal(status.st_mode & 0777, 0600);
	assert_int_equal(stat(shelf_path(&shelf, DATABASE_FILE "-1.old.part"), &status), -1);
	assert_int_equal(stat(shelf_path(&shelf, DATABASE_FILE "-1.old.part-journal"), &status),
			 -1);
}

/* A reader carries nothing over. */
static void a_check_changes_nothing(void **state)
{
	struct schema schema = { steps, 2 };
	size_t size;
	FILE *errors;

	(void)state;
	assert_true(carry(steps, 2));
	assert_true(schema_check(sqlite, &schema, "rooms.db", stderr));
	schema.count = 3;
	free(said);
	errors = open_memstream(&said, &size);
	assert_false(schema_check(sqlite, &schema, "rooms.db", errors));
	fclose(errors);
	assert_string_equal(said,
			    "dragoman: rooms.db is of an older version: a start of the server "
			    "carries it over\n");
	version_is(2);
}

/* What was made with the second step of ours, which the third changes. */
static void the_table_of_foreign_names_gets_another_key(void **state)
{
	(void)state;
	assert_true(schema_ours.count >= 3);
	assert_true(carry(schema_ours.steps, 2));
	version_is(2);
	assert_int_equal(shelf_sql(&shelf, "SELECT count(*) FROM pragma_table_info('foreign_id')"
					   " WHERE name = 'turn'"),
			 0);
	assert_true(carry(schema_ours.steps, 3));
	version_is(3);
	shelf_sql(&shelf, "INSERT INTO foreign_id VALUES ('there', 8, 1, 'a', 1, 0)");
	shelf_sql(&shelf, "INSERT INTO foreign_id VALUES ('there', 8, 2, 'b', 1, 0)");
	assert_int_equal(shelf_sql(&shelf, "SELECT count(*) FROM foreign_id WHERE id = 8"), 2);
	assert_true(schema_is_whole(sqlite));
	assert_true(carry(schema_ours.steps, schema_ours.count));
}

/* Rows of the third step's table of messages are messages of blocks: those that are damaged are so
 * as before. */
static void messages_become_blocks(void **state)
{
	static const char add[] =
	    "INSERT INTO main.message SELECT 1 + ?1 % 2, ?1, 3, 'Ann', 1, 1000 + ?1, 0,"
	    " iif(?1 % 3, zeroblob(40 * ?1), NULL), NULL, 5";
	char sql[300];

	(void)state;
	assert_true(carry(schema_ours.steps, 3));
	for (int id = 1; id <= 60; id++) {
		size_t len = 0;

		for (const char *at = add; *at; at++)
			if (at[0] == '?' && at[1] == '1') {
				len += (size_t)snprintf(sql + len, sizeof(sql) - len, "%d", id);
				at++;
			} else
				sql[len++] = *at;
		sql[len] = '\0';
		shelf_sql(&shelf, sql);
	}
	shelf_sql(&shelf, "UPDATE message SET id = id + 1000 WHERE id = 60");
	assert_int_equal(
	    sqlite3_exec(
		sqlite,
		"UPDATE message SET crc = row_crc(4, room, id, author, name, roles, time_ms,"
		" deleted, body, edit) WHERE id <> 7;"
		"UPDATE message SET roles = 4294967296 WHERE id = 8;"
		"CREATE TEMP TABLE before AS SELECT * FROM message",
		NULL, NULL, NULL),
	    SQLITE_OK);
	assert_true(carry(schema_ours.steps, 4));
	version_is(4);
	assert_true(schema_is_whole(sqlite));
	assert_int_equal(shelf_sql(&shelf, "SELECT count(*) FROM message"), 60);
	assert_int_equal(shelf_sql(&shelf, "SELECT count(*) FROM sqlite_schema WHERE name LIKE "
					   "'message%'"),
			 0);
	is("SELECT count(*) FROM (SELECT * FROM message EXCEPT SELECT * FROM before)", 1);
	is("SELECT sum(id) FROM message WHERE crc <> row_crc(4, room, id, author, name, roles,"
	   " time_ms, deleted, body, edit)",
	   7 + 8);
	is("SELECT count(*) FROM block WHERE crc = row_crc(15, room, last, ids, bulk)", 60);
	assert_int_equal(access(shelf_path(&shelf, DATABASE_FILE "-3.old"), F_OK), 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, open_file, close_file)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(an_empty_file_gets_all_steps),
		TEST(an_older_file_is_copied_and_carried_over),
		TEST(a_step_that_fails_leaves_nothing),
		TEST(a_newer_file_is_refused),
		TEST(somebody_elses_file_is_refused),
		TEST(changed_tables_are_refused),
		TEST(no_copy_no_step),
		TEST(a_copy_begun_before_is_replaced),
		TEST(a_check_changes_nothing),
		TEST(the_table_of_foreign_names_gets_another_key),
		TEST(messages_become_blocks),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
