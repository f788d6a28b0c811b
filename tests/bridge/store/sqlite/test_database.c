#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "tests/support/floor.h"
#include "tests/support/shelf.h"

static struct shelf shelf;

/* What is said when a folder's database cannot be opened; freed by the next call. */
static const char *refused(const char *folder, bool reader)
{
	static char *errors;
	size_t size;
	FILE *stream;

	free(errors);
	stream = open_memstream(&errors, &size);
	assert_null(reader ? database_open_reader(folder, stream)
			   : database_open(folder, DURABLE_COMMIT, stream));
	fclose(stream);
	return errors;
}

static void the_file_is_the_owners_alone(void **state)
{
	struct stat status;
	mode_t umask_before = umask(0);

	(void)state;
	shelf_open(&shelf);
	umask(umask_before);
	assert_int_equal(stat(shelf_path(&shelf, DATABASE_FILE), &status), 0);
	assert_int_equal(status.st_mode & 0777, 0600);
	assert_int_equal(stat(shelf_path(&shelf, DATABASE_FILE "-wal"), &status), 0);
	assert_int_equal(status.st_mode & 0777, 0600);
	assert_int_equal(shelf_sql(&shelf, "PRAGMA page_size"), 8192);
	shelf_close(&shelf);
}

static void a_folder_that_is_not_there_is_said(void **state)
{
	const char *said;

	(void)state;
	said = refused("/nowhere/at/all", false);
	assert_non_null(strstr(said, "/nowhere/at/all/rooms.db: No such file or directory"));
	assert_non_null(strstr(refused("/nowhere/at/all", true), "/nowhere/at/all/rooms.db: "));
}

static void a_file_of_another_kind_is_left_alone(void **state)
{
	char *folder = floor_folder();
	const char *path;

	(void)state;
	floor_file(folder, DATABASE_FILE, "this is a letter, and not a database of any kind\n",
		   0600);
	assert_non_null(strstr(refused(folder, false), "rooms.db: file is not a database"));
	assert_non_null(strstr(refused(folder, true), "rooms.db: "));
	shelf.folder = folder;
	path = DATABASE_FILE;
	assert_true(shelf_file_has(&shelf, path, "this is a letter"));
	floor_folder_remove(folder);
}

/* Two connections: one sees what the other committed, and nothing before. */
static void readers_see_what_is_committed(void **state)
{
	struct database *reader = database_open_reader(shelf.folder, stderr);
	struct row row = row_message(8, 3, "Ann", "hello");
	uint64_t room;

	(void)state;
	assert_non_null(reader);
	assert_true(database_begin(shelf.database));
	room = database_room(shelf.database, slice_of("lobby"));
	assert_true(database_change(shelf.database, room, &row));
	assert_string_equal(shelf_read(reader, "lobby", 10), "");
	assert_true(database_commit(shelf.database));
	assert_string_equal(shelf_read(reader, "lobby", 10),
			    "message 8 by 3 Ann roles 1 at 1008: hello\n");
	/* And it cannot write. */
	assert_true(database_begin(reader));
	assert_false(database_number_set(reader, "guests", 1));
	assert_int_equal(database_fault(reader), FAULT_READ_ONLY);
	database_rollback(reader);
	database_close(reader);
}

/* Does another process see that a connection has the file open? */
static bool is_locked(void)
{
	/* The bytes that SQLite locks to read, shared. */
	struct flock lock = {
		.l_type = F_WRLCK, .l_whence = SEEK_SET, .l_start = 0x40000002, .l_len = 510
	};
	pid_t child = fork();
	int fd, status = 0;

	assert_true(child >= 0);
	if (child == 0) {
		fd = open(shelf_path(&shelf, DATABASE_FILE), O_RDWR);
		_exit(fd >= 0 && fcntl(fd, F_GETLK, &lock) == 0 && lock.l_type != F_UNLCK);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	return WEXITSTATUS(status);
}

/* Else another process would take the log away under those that are left. */
static void who_closes_leaves_the_locks_of_others(void **state)
{
	struct database *other;

	(void)state;
	assert_true(is_locked());
	other = database_open(shelf.folder, DURABLE_COMMIT, stderr);
	assert_non_null(other);
	assert_true(is_locked());
	database_close(other);
	assert_true(is_locked());
}

static void rooms_are_found_by_their_folded_names(void **state)
{
	uint64_t lobby, attic;

	(void)state;
	assert_true(database_begin(shelf.database));
	lobby = database_room(shelf.database, slice_of("Lobby"));
	attic = database_room(shelf.database, slice_of("attic"));
	assert_int_not_equal(lobby, attic);
	assert_int_equal(database_room(shelf.database, slice_of("LOBBY")), lobby);
	assert_true(database_commit(shelf.database));
	shelf_again(&shelf);
	assert_int_equal(database_room_find(shelf.database, slice_of("lobby")), lobby);
	assert_int_equal(database_room_find(shelf.database, slice_of("attic")), attic);
	assert_int_equal(database_room_find(shelf.database, slice_of("cellar")), 0);
	assert_int_equal(database_fault(shelf.database), FAULT_NONE);
}

static void numbers_outlive_the_process(void **state)
{
	(void)state;
	assert_int_equal(database_number(shelf.database, "guests"), 0);
	assert_true(database_begin(shelf.database));
	assert_true(database_number_set(shelf.database, "guests", 70000));
	assert_true(database_number_set(shelf.database, "guests", UINT64_MAX));
	assert_true(database_commit(shelf.database));
	shelf_again(&shelf);
	assert_true(database_number(shelf.database, "guests") == UINT64_MAX);
	shelf_sql(&shelf, "UPDATE meta SET value = 7 WHERE name = 'guests'");
	assert_int_equal(database_number(shelf.database, "guests"), 0);
}

static void the_log_grows_and_begins_anew(void **state)
{
	struct database *keeper = database_open(shelf.folder, DURABLE_COMMIT, stderr);
	struct stat status;

	(void)state;
	shelf_change(&shelf, "lobby", row_message(8, 3, "Ann", "a secret word"));
	assert_true(database_wal_bytes(shelf.database) > 8192);
	assert_true(database_sync(keeper));
	assert_true(database_checkpoint(keeper, CHECKPOINT_PASSIVE));
	assert_true(shelf_file_has(&shelf, DATABASE_FILE, "a secret word"));
	assert_true(database_checkpoint(shelf.database, CHECKPOINT_RESTART));
	assert_int_equal(database_wal_bytes(shelf.database), 0);
	shelf_change(&shelf, "lobby", row_of_id(ROW_DELETE, 8));
	assert_true(shelf_file_has(&shelf, DATABASE_FILE "-wal", "a secret word") ||
		    shelf_file_has(&shelf, DATABASE_FILE, "a secret word"));
	assert_true(database_checkpoint(shelf.database, CHECKPOINT_TRUNCATE));
	assert_false(shelf_file_has(&shelf, DATABASE_FILE, "a secret word"));
	assert_int_equal(stat(shelf_path(&shelf, DATABASE_FILE "-wal"), &status), 0);
	assert_int_equal(status.st_size, 0);
	database_close(keeper);
}

/* Who reads keeps the log from beginning anew, which is no fault. */
static void a_reader_keeps_the_log(void **state)
{
	struct database *reader = database_open_reader(shelf.folder, stderr);

	(void)state;
	shelf_change(&shelf, "lobby", row_message(8, 3, "Ann", "hello"));
	assert_true(database_begin(reader));
	assert_int_not_equal(database_room_find(reader, slice_of("lobby")), 0);
	shelf_change(&shelf, "lobby", row_message(9, 3, "Ann", "hello"));
	assert_false(database_checkpoint(shelf.database, CHECKPOINT_TRUNCATE));
	assert_int_equal(database_fault(shelf.database), FAULT_NONE);
	assert_true(database_checkpoint(shelf.database, CHECKPOINT_PASSIVE));
	assert_true(database_commit(reader));
	assert_true(database_checkpoint(shelf.database, CHECKPOINT_TRUNCATE));
	database_close(reader);
}

/* Files may grow no further: as on a full disk, but for the error's number. */
static void limit_files(rlim_t bytes)
{
	struct rlimit limit;

	assert_int_equal(getrlimit(RLIMIT_FSIZE, &limit), 0);
	limit.rlim_cur = bytes;
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
}

static void a_full_disk_is_named_and_rolled_back(void **state)
{
	struct database *reader;
	struct row row = row_message(9, 3, "Ann", "hello");
	uint64_t room;

	(void)state;
	shelf_change(&shelf, "lobby", row_message(8, 3, "Ann", "hello"));
	assert_true(database_checkpoint(shelf.database, CHECKPOINT_TRUNCATE));
	reader = database_open_reader(shelf.folder, stderr);
	assert_true(database_begin(shelf.database));
	room = database_room(shelf.database, slice_of("lobby"));
	assert_true(database_change(shelf.database, room, &row));
	signal(SIGXFSZ, SIG_IGN);
	limit_files(4096);
	assert_false(database_commit(shelf.database));
	limit_files(RLIM_INFINITY);
	assert_int_equal(database_fault(shelf.database), FAULT_FULL);
	assert_string_equal(fault_name(FAULT_FULL), "the disk is full");
	assert_string_not_equal(database_fault_text(shelf.database), "");
	database_rollback(shelf.database);
	assert_string_equal(shelf_read(reader, "lobby", 10),
			    "message 8 by 3 Ann roles 1 at 1008: hello\n");
	/* The same connection goes on. */
	shelf_change(&shelf, "lobby", row);
	assert_string_equal(shelf_read(reader, "lobby", 10),
			    "message 8 by 3 Ann roles 1 at 1008: hello\n"
			    "message 9 by 3 Ann roles 1 at 1009: hello\n");
	database_close(reader);
}

static bool changes(struct row row)
{
	bool done;

	assert_true(database_begin(shelf.database));
	done = database_change(shelf.database, database_room(shelf.database, slice_of("lobby")),
			       &row) &&
	       database_commit(shelf.database);
	if (!done)
		database_rollback(shelf.database);
	return done;
}

/* What would be written then would be in a file that nobody opens again. */
static void a_file_that_was_moved_takes_nothing(void **state)
{
	char path[4096], aside[4096];

	(void)state;
	shelf_change(&shelf, "lobby", row_message(8, 3, "Ann", "hello"));
	snprintf(path, sizeof(path), "%s", shelf_path(&shelf, DATABASE_FILE));
	snprintf(aside, sizeof(aside), "%s", shelf_path(&shelf, "aside"));
	assert_int_equal(rename(path, aside), 0);
	assert_false(changes(row_message(9, 3, "Ann", "hello")));
	assert_int_equal(database_fault(shelf.database), FAULT_MOVED);
	assert_string_equal(fault_name(FAULT_MOVED), "the file was moved, removed or replaced");
	floor_file(shelf.folder, DATABASE_FILE, "another one", 0600);
	assert_false(changes(row_message(9, 3, "Ann", "hello")));
	assert_int_equal(database_fault(shelf.database), FAULT_MOVED);
	assert_int_equal(rename(aside, path), 0);
	assert_true(changes(row_message(10, 3, "Ann", "hello")));
	assert_string_equal(shelf_read(shelf.database, "lobby", 10),
			    "message 8 by 3 Ann roles 1 at 1008: hello\n"
			    "message 10 by 3 Ann roles 1 at 1010: hello\n");
}

/* Bytes of the file are overwritten, in the middle of a page. */
static void overwrite(const char *find, size_t len)
{
	int fd = open(shelf_path(&shelf, DATABASE_FILE), O_RDWR);
	static char all[1 << 20];
	ssize_t size = pread(fd, all, sizeof(all), 0);
	char *at = memmem(all, (size_t)size, find, strlen(find));

	assert_non_null(at);
	memset(at, 0xff, len);
	assert_int_equal(pwrite(fd, all, (size_t)size, 0), size);
	close(fd);
}

static uint64_t log_size(void)
{
	struct stat about;

	assert_int_equal(stat(shelf_path(&shelf, DATABASE_FILE "-wal"), &about), 0);
	return (uint64_t)about.st_size;
}

/* And holds what it held; what is written next is found by whoever opens the file again. */
static void the_log_is_filled_ahead(void **state)
{
	struct database *reader;
	const char *text;

	(void)state;
	shelf_change(&shelf, "lobby", row_message(1, 3, "Ann", "before"));
	assert_true(log_size() < DATABASE_LOG_FILLED);
	database_fill_log(shelf.database);
	assert_true(log_size() >= DATABASE_LOG_FILLED);
	shelf_change(&shelf, "lobby", row_message(2, 3, "Ann", "behind"));
	reader = database_open_reader(shelf.folder, stderr);
	assert_non_null(reader);
	database_close(reader);
	assert_true(database_checkpoint(shelf.database, CHECKPOINT_TRUNCATE));
	assert_int_equal(log_size(), 0);
	database_fill_log(shelf.database);
	assert_true(log_size() >= DATABASE_LOG_FILLED);
	shelf_change(&shelf, "lobby", row_message(3, 3, "Ann", "later"));
	shelf_again(&shelf);
	text = shelf_read(shelf.database, "lobby", 9);
	assert_non_null(strstr(text, "before"));
	assert_non_null(strstr(text, "behind"));
	assert_non_null(strstr(text, "later"));
}

static void the_log_is_filled_on(void **state)
{
	static char body[4096];
	uint64_t id = 1;

	(void)state;
	memset(body, 'x', sizeof(body) - 1);
	database_fill_log(shelf.database);
	assert_true(log_size() < DATABASE_LOG_FILLED * 5 / 4);
	for (int parts = 1; parts <= 3; parts++) {
		uint64_t before = log_size();

		while (log_size() == before) {
			assert_true(database_wal_bytes(shelf.database) < before);
			shelf_change(&shelf, "lobby", row_message(id++, 3, "Ann", body));
			database_fill_log(shelf.database);
		}
		assert_true(log_size() >=
			    database_wal_bytes(shelf.database) + DATABASE_LOG_FILLED / 2 - 65536);
	}
}

static void a_broken_file_is_named(void **state)
{
	char *folder = shelf.folder;

	(void)state;
	database_close(shelf.database);
	overwrite("SQLite format 3", 40);
	assert_non_null(strstr(refused(folder, false), "rooms.db: "));
	shelf.database = NULL;
}

/* SQLite quotes what makes no sense to it. */
static void what_a_broken_file_says_is_escaped(void **state)
{
	char *folder = floor_folder(), *page, *at;
	char path[256];
	FILE *file;
	size_t size = 1 << 20;
	const char *said;

	(void)state;
	database_close(database_open(folder, DURABLE_COMMIT, stderr));
	snprintf(path, sizeof(path), "%s/" DATABASE_FILE, folder);
	file = fopen(path, "r+b");
	assert_non_null(file);
	page = calloc(1, size);
	assert_non_null(page);
	size = fread(page, 1, size, file);
	at = memmem(page, size, "NOT NULL", strlen("NOT NULL"));
	assert_non_null(at);
	at[5] = '\xef';
	rewind(file);
	assert_int_equal(fwrite(page, 1, size, file), size);
	fclose(file);
	said = refused(folder, false);
	assert_non_null(strstr(said, "rooms.db"));
	assert_null(strchr(said, '\xef'));
	assert_non_null(strstr(said, "\\xef"));
	free(page);
	floor_folder_remove(folder);
}

static void rows_that_are_gone_are_noticed(void **state)
{
	char said[100];

	(void)state;
	for (uint64_t id = 1; id <= 400; id++) {
		snprintf(said, sizeof(said), "a message of some length that is number %d", (int)id);
		shelf_change(&shelf, "lobby", row_message(id, 3, "Ann", said));
	}
	shelf_again(&shelf);
	assert_int_equal(database_pages(shelf.database, 10000), PAGES_WHOLE);
	assert_true(database_checkpoint(shelf.database, CHECKPOINT_TRUNCATE));
	shelf_break_page(&shelf, "number 7");
	assert_int_equal(database_pages(shelf.database, 10000), PAGES_BROKEN);
	assert_true(strlen(database_fault_text(shelf.database)) > 0);
}

#define TEST(name) SHELF_TEST(name, &shelf)

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_file_is_the_owners_alone),
		cmocka_unit_test(a_folder_that_is_not_there_is_said),
		cmocka_unit_test(a_file_of_another_kind_is_left_alone),
		TEST(readers_see_what_is_committed),
		TEST(who_closes_leaves_the_locks_of_others),
		TEST(rooms_are_found_by_their_folded_names),
		TEST(numbers_outlive_the_process),
		TEST(the_log_grows_and_begins_anew),
		TEST(a_reader_keeps_the_log),
		TEST(the_log_is_filled_ahead),
		TEST(the_log_is_filled_on),
		TEST(a_full_disk_is_named_and_rolled_back),
		TEST(a_file_that_was_moved_takes_nothing),
		TEST(a_broken_file_is_named),
		TEST(rows_that_are_gone_are_noticed),
		cmocka_unit_test(what_a_broken_file_says_is_escaped),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
