#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include <cmocka.h>

#include "bridge/core/bridge.h"
#include "bridge/store/retire.h"
#include "tests/support/shelf.h"
#include "tests/support/toy_records.h"

static struct shelf shelf; /* its database is the thread's */
static struct database *reader;
static struct mailbox box;
static struct store_thread *thread;
static struct bridge bridge;
static struct retire *retire;

/* A room of five messages, of which two are to stay. */
static int open_all(void **state)
{
	static const struct retention two = { .messages = 2 };

	(void)state;
	shelf_open(&shelf);
	for (uint64_t id = 1; id <= 5; id++)
		shelf_change(&shelf, "lobby", row_message(id, 3, "Ann", "x"));
	reader = database_open_reader(shelf.folder, stderr);
	assert_non_null(reader);
	thread = store_thread_new(shelf.database, toy_rows, &box, NULL, NULL);
	assert_true(store_thread_start(thread, &bridge));
	retire = retire_new(thread, &two);
	return 0;
}

static int close_all(void **state)
{
	(void)state;
	store_thread_stop(thread);
	retire_free(retire);
	store_thread_free(thread);
	database_close(reader);
	shelf.database = NULL;
	shelf_close(&shelf);
	return 0;
}

/* One look at all rooms, and what is deleted by it. */
static void look(void)
{
	struct timespec pause = { .tv_nsec = 1000000 };

	retire_begin(retire);
	for (int i = 0; retire_is_going(retire); i++) {
		assert_true(i < 60000);
		assert_true(retire_go_on(retire, reader));
		nanosleep(&pause, NULL);
	}
}

static int64_t messages(void)
{
	return shelf_sql(&shelf, "SELECT count(*) FROM message");
}

static void what_is_kept_too_long_is_deleted(void **state)
{
	(void)state;
	look();
	assert_int_equal(messages(), 2);
	assert_int_equal(retire_count(retire), 3);
	look();
	assert_int_equal(retire_count(retire), 3);
}

/* Such as on a full disk; though nothing was said since. */
static void what_could_not_be_deleted_is_tried_again(void **state)
{
	(void)state;
	shelf_sql(&shelf, "CREATE TRIGGER no BEFORE DELETE ON block"
			  " BEGIN SELECT RAISE(ABORT, 'no'); END");
	look();
	assert_int_equal(messages(), 5);
	assert_int_equal(retire_count(retire), 0);
	shelf_sql(&shelf, "DROP TRIGGER no");
	look();
	assert_int_equal(messages(), 2);
	assert_int_equal(retire_count(retire), 3);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, open_all, close_all)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(what_is_kept_too_long_is_deleted),
		TEST(what_could_not_be_deleted_is_tried_again),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
