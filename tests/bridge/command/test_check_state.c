#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "bridge/command/check_state.h"
#include "bridge/known.h"
#include "bridge/lock.h"
#include "codecs/model/identity.h"
#include "conf/load.h"
#include "tests/support/floor.h"
#include "tests/support/shelf.h"

#define AT(ms) ((((ms)-ID_EPOCH_MS) << 13)) /* the first id of that time */
#define NOW_MS UINT64_C(1767225600000)

static struct shelf shelf;
static char *said;

static int open_shelf(void **state)
{
	(void)state;
	shelf_open(&shelf);
	shelf_say(&shelf, "lobby", AT(NOW_MS), 3, "Ann", "hello", NULL);
	shelf_say(&shelf, "lobby", AT(NOW_MS + 1), 4, "Bob", "hello", "hallo");
	return 0;
}

static int close_shelf(void **state)
{
	(void)state;
	free(said);
	said = NULL;
	shelf_close(&shelf);
	return 0;
}

/* What is printed of a folder, without its name. */
static bool checks(const char *folder, const char *more)
{
	struct conf_printer printer;
	struct conf *conf;
	char text[1024];
	size_t size;
	FILE *out;
	bool whole;

	snprintf(text, sizeof(text), "state = \"%s\"; %s %s", folder, FLOOR_LOBBY, more);
	conf_printer_init(&printer, stderr);
	conf = conf_parse(text, known_names(), &printer.report);
	assert_non_null(conf);
	free(said);
	out = open_memstream(&said, &size);
	whole = check_state(conf, out, out);
	fclose(out);
	conf_free(conf);
	return whole;
}

static void says(const char *words)
{
	if (!strstr(said, words))
		fail_msg("no '%s' in: %s", words, said);
}

static void what_is_whole_is_counted(void **state)
{
	(void)state;
	assert_true(checks(shelf.folder, ""));
	says("/" DATABASE_FILE ": 5 rows are whole\n");
}

static void damage_is_named(void **state)
{
	char line[100];

	(void)state;
	shelf_sql(&shelf, "UPDATE message SET time_ms = time_ms + 1 WHERE author = 4");
	assert_false(checks(shelf.folder, ""));
	snprintf(line, sizeof(line), "message: room 1, id %llu: damaged row\n",
		 (unsigned long long)AT(NOW_MS + 1));
	says(line);
	says(": 4 rows are whole, 1 is damaged\n");
}

/* A row that is as it was written, and yet none of ours. */
static void what_cannot_be_read_is_named(void **state)
{
	(void)state;
	shelf_change(&shelf, "lobby", row_message(AT(NOW_MS + 2), 4, "Bob", "no record"));
	assert_false(checks(shelf.folder, ""));
	says(": what it has cannot be read\n");
	says(", 1 of them cannot be read\n");
}

static void ids_are_of_their_time(void **state)
{
	int lock;

	(void)state;
	floor_file(shelf.folder, "ids", "1767225600002\n", 0600);
	assert_true(checks(shelf.folder, ""));
	floor_file(shelf.folder, "ids", "1767225600001\n", 0600);
	assert_false(checks(shelf.folder, ""));
	says(", 1 id is ahead of its time\n");
	floor_file(shelf.folder, "ids", "soon\n", 0600);
	assert_false(checks(shelf.folder, ""));
	says("/ids: not a time");
	/* That of a server that runs goes on. */
	lock = lock_state(shelf.folder, stderr);
	assert_true(checks(shelf.folder, ""));
	close(lock);
}

static void nothing_may_be_stored(void **state)
{
	char *empty = floor_folder(), none[600];

	(void)state;
	assert_true(checks(empty, ""));
	says("nothing is stored yet: there is no ");
	snprintf(none, sizeof(none), "%s/none", empty);
	assert_true(checks(none, ""));
	assert_int_equal(access(none, F_OK), -1);
	assert_true(checks("", ""));
	assert_string_equal(said, "nothing is stored: there is no state\n");
	assert_true(checks(shelf.folder, "storage = { engine = \"memory\"; };"));
	assert_string_equal(said, "nothing is stored: the storage engine is memory\n");
	floor_file(empty, DATABASE_FILE, "no database at all, but a text of a file", 0600);
	assert_false(checks(empty, ""));
	says(DATABASE_FILE);
	floor_folder_remove(empty);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, open_shelf, close_shelf)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(what_is_whole_is_counted),     TEST(damage_is_named),
		TEST(what_cannot_be_read_is_named), TEST(ids_are_of_their_time),
		TEST(nothing_may_be_stored),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
