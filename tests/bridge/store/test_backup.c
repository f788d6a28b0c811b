#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <cmocka.h>

#include "bridge/store/backup.h"
#include "tests/support/floor.h"
#include "tests/support/shelf.h"

static struct shelf shelf;

static void change(const char *room, struct row row)
{
	shelf_change(&shelf, room, row);
}

static void a_backup_is_a_database_without_what_was_deleted(void **state)
{
	struct shelf copy;
	struct stat status;
	char path[4096];

	(void)state;
	change("lobby", row_message(5, 3, "Ann", "deleted-words"));
	change("lobby", row_message(6, 3, "Ann", "kept-words"));
	change("lobby", row_of_id(ROW_DELETE, 5));
	copy.folder = floor_folder();
	snprintf(path, sizeof(path), "%s", shelf_path(&copy, DATABASE_FILE));
	floor_file(copy.folder, DATABASE_FILE, "of yesterday", 0644);
	assert_true(store_backup(shelf.folder, path, stderr));
	assert_int_equal(stat(path, &status), 0);
	assert_int_equal(status.st_mode & 0777, 0600);
	assert_false(shelf_file_has(&copy, DATABASE_FILE, "deleted-words"));
	assert_true(shelf_file_has(&copy, DATABASE_FILE, "kept-words"));
	copy.database = database_open(copy.folder, DURABLE_COMMIT, stderr);
	assert_non_null(copy.database);
	assert_string_equal(shelf_read(copy.database, "lobby", 10),
			    "message 5 by 3 Ann roles 1 at 1005 deleted\n"
			    "message 6 by 3 Ann roles 1 at 1006: kept-words\n");
	shelf_close(&copy);
}

static void a_backup_that_fails_leaves_the_old_one(void **state)
{
	char *said = NULL, path[4096];
	size_t size;
	FILE *errors = open_memstream(&said, &size);
	struct shelf empty = { .folder = floor_folder() };

	(void)state;
	floor_file(shelf.folder, "backup", "of yesterday", 0600);
	snprintf(path, sizeof(path), "%s", shelf_path(&shelf, "backup"));
	assert_false(store_backup(empty.folder, path, errors));
	assert_false(store_backup(shelf.folder, "/nowhere/at/all", errors));
	fclose(errors);
	assert_non_null(strstr(said, "/rooms.db: "));
	assert_non_null(strstr(said, "/nowhere/at/all.part: No such file or directory"));
	assert_true(shelf_file_has(&shelf, "backup", "of yesterday"));
	free(said);
	floor_folder_remove(empty.folder);
}

#define TEST(name) SHELF_TEST(name, &shelf)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_backup_is_a_database_without_what_was_deleted),
		TEST(a_backup_that_fails_leaves_the_old_one),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
