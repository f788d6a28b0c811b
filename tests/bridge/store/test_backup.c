#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

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
	assert_non_null(strstr(said, "/nowhere/at/all: No such file or directory"));
	assert_true(shelf_file_has(&shelf, "backup", "of yesterday"));
	free(said);
	floor_folder_remove(empty.folder);
}

static char *refused(const char *path)
{
	char *said = NULL;
	size_t size;
	FILE *errors = open_memstream(&said, &size);

	assert_false(store_backup(shelf.folder, path, errors));
	fclose(errors);
	return said;
}

/* What is there is no copy of before: a pipe, a device, a link, a folder stay what they are. */
static void a_backup_replaces_nothing_but_a_file(void **state)
{
	char *folder = floor_folder(), path[4096], *said;
	struct stat status;

	(void)state;
	snprintf(path, sizeof(path), "%s/there", folder);
	assert_int_equal(mkfifo(path, 0600), 0);
	said = refused(path);
	assert_non_null(strstr(said, "/there: is not a regular file\n"));
	free(said);
	assert_int_equal(lstat(path, &status), 0);
	assert_true(S_ISFIFO(status.st_mode));
	assert_int_equal(unlink(path), 0);
	assert_int_equal(symlink("elsewhere", path), 0);
	said = refused(path);
	assert_non_null(strstr(said, "/there: is not a regular file\n"));
	free(said);
	assert_int_equal(lstat(path, &status), 0);
	assert_true(S_ISLNK(status.st_mode));
	said = refused(folder);
	assert_non_null(strstr(said, ": Is a directory\n"));
	free(said);
	floor_folder_remove(folder);
}

/* Where the server has its files open, by whatever name; and what is erased would stay there. */
static void a_backup_is_not_in_the_state_folder(void **state)
{
	static const char *const names[] = { "rooms.db", "rooms.db-wal", "key", "copy.db",
					     "./rooms.db" };
	char path[4096], before[4096];
	struct stat is, was;

	(void)state;
	snprintf(before, sizeof(before), "%s", shelf_path(&shelf, DATABASE_FILE));
	assert_int_equal(stat(before, &was), 0);
	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		char *said;

		snprintf(path, sizeof(path), "%s/%s", shelf.folder, names[i]);
		said = refused(path);
		assert_non_null(strstr(said, ": a copy cannot be in the state folder\n"));
		free(said);
	}
	assert_int_equal(stat(before, &is), 0);
	assert_true(is.st_ino == was.st_ino);
}

#define COPIERS 4
#define COPIES  8

static void *copy_again_and_again(void *path)
{
	uintptr_t failed = 0;

	for (int i = 0; i < COPIES; i++)
		failed += !store_backup(shelf.folder, path, stderr);
	return (void *)failed;
}

/* Each is whole, whoever is the last. */
static void backups_to_one_file_at_once_are_whole(void **state)
{
	struct shelf copy = { .folder = floor_folder() };
	pthread_t copiers[COPIERS];
	char path[4096];
	void *failed;

	(void)state;
	for (uint64_t id = 1; id < 400; id++)
		change("lobby",
		       row_message(id, 3, "Ann", "what was said there, and a little more"));
	snprintf(path, sizeof(path), "%s", shelf_path(&copy, DATABASE_FILE));
	for (int i = 0; i < COPIERS; i++)
		assert_int_equal(pthread_create(&copiers[i], NULL, copy_again_and_again, path), 0);
	for (int i = 0; i < COPIERS; i++) {
		assert_int_equal(pthread_join(copiers[i], &failed), 0);
		assert_ptr_equal(failed, NULL);
	}
	copy.database = database_open(copy.folder, DURABLE_COMMIT, stderr);
	assert_non_null(copy.database);
	assert_non_null(strstr(shelf_read(copy.database, "lobby", 1000), "message 399 by"));
	shelf_close(&copy);
}

#define TEST(name) SHELF_TEST(name, &shelf)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_backup_is_a_database_without_what_was_deleted),
		TEST(a_backup_that_fails_leaves_the_old_one),
		TEST(a_backup_replaces_nothing_but_a_file),
		TEST(a_backup_is_not_in_the_state_folder),
		TEST(backups_to_one_file_at_once_are_whole),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
