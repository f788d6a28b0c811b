#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>
#include <jansson.h>

#include "bridge/command/control/stopped.h"
#include "bridge/known.h"
#include "bridge/lock.h"
#include "conf/load.h"
#include "tests/support/floor.h"
#include "tests/support/shelf.h"

static struct shelf shelf;
static struct conf *conf;
static json_t *answer;

static struct conf *configured(const char *more)
{
	char text[1024];
	struct conf_printer printer;

	snprintf(text, sizeof(text), "state = \"%s\"; %s %s", shelf.folder, FLOOR_LOBBY, more);
	conf_printer_init(&printer, stderr);
	return conf_parse(text, known_names(), &printer.report);
}

static int open_all(void **state)
{
	(void)state;
	shelf_open(&shelf);
	floor_file(shelf.folder, "ann.secret", "s\n", 0600);
	conf = configured("");
	assert_non_null(conf);
	shelf_say(&shelf, "lobby", 5, 3, "Ann", "the-first", NULL);
	shelf_say(&shelf, "lobby", 6, 4, "Bob", "the-second", "the-change");
	shelf_say(&shelf, "lobby", 7, 5, "bob", "the-third", NULL);
	return 0;
}

static int close_all(void **state)
{
	(void)state;
	json_decref(answer);
	answer = NULL;
	conf_free(conf);
	shelf_close(&shelf);
	return 0;
}

/* What the command line says, word by word. */
static void asks(const char *line)
{
	static char copy[512];
	char *words[16];
	struct words out;
	json_t *request;
	int count = 0;

	snprintf(copy, sizeof(copy), "%s", line);
	for (char *word = strtok(copy, " "); word; word = strtok(NULL, " "))
		words[count++] = word;
	assert_int_equal(words_read(admin_verb_find(words[0]), words + 1, count - 1, &out, stderr),
			 WORDS_READ);
	out.file = "some.cfg";
	json_decref(answer);
	request = json_pack("{s:s}", "verb", words[0]);
	answer = stopped_answer(&out, conf, request);
	json_decref(request);
}

static const json_t *result(const char *line)
{
	asks(line);
	if (!json_is_true(json_object_get(answer, "ok")))
		fail_msg("%s: %s", line, json_string_value(json_object_get(answer, "text")));
	return json_object_get(answer, "result");
}

static void refused(const char *line, const char *error, const char *words)
{
	const char *text;

	asks(line);
	assert_true(json_is_false(json_object_get(answer, "ok")));
	assert_string_equal(json_string_value(json_object_get(answer, "error")), error);
	assert_int_equal(json_integer_value(json_object_get(answer, "exit")), 1);
	text = json_string_value(json_object_get(answer, "text"));
	if (!strstr(text, words))
		fail_msg("%s: %s", line, text);
	assert_null(strchr(text, '\n'));
	assert_int_not_equal(strncmp(text, "dragoman", 8), 0);
}

static int64_t number(const json_t *object, const char *name)
{
	assert_true(json_is_integer(json_object_get(object, name)));
	return json_integer_value(json_object_get(object, name));
}

static void history_is_read(void **state)
{
	const json_t *rows;

	(void)state;
	assert_int_equal(number(result("history Lobby"), "count"), 3);
	rows = json_object_get(answer, "rows");
	assert_int_equal(json_array_size(rows), 3);
	assert_string_equal(json_string_value(json_object_get(json_array_get(rows, 1), "text")),
			    "the-change");
	assert_int_equal(number(result("history lobby --before 7 --count 1"), "count"), 1);
	assert_int_equal(number(json_array_get(json_object_get(answer, "rows"), 0), "id"), 6);
	refused("history cellar", "unknown_room", "'cellar'");
}

static void a_person_is_erased(void **state)
{
	const json_t *made;

	(void)state;
	refused("erase bob", "several", " #4 #5");
	refused("erase eve", "unknown_person", "'eve'");
	made = result("erase #4");
	assert_int_equal(number(made, "messages"), 1);
	assert_int_equal(number(made, "number"), 4);
	assert_null(json_object_get(made, "name"));
	made = result("erase BOB --yes");
	assert_int_equal(number(made, "number"), 5);
	assert_string_equal(json_string_value(json_object_get(made, "name")), "BOB");
	assert_false(shelf_file_has(&shelf, DATABASE_FILE, "the-second"));
	assert_false(shelf_file_has(&shelf, DATABASE_FILE, "the-change"));
	assert_false(shelf_file_has(&shelf, DATABASE_FILE, "the-third"));
	assert_false(shelf_file_has(&shelf, DATABASE_FILE "-wal", "the-third"));
	assert_true(shelf_file_has(&shelf, DATABASE_FILE, "the-first"));
}

/* Whatever name somebody else wrote under. */
static void an_account_is_meant_first(void **state)
{
	char more[512];

	(void)state;
	conf_free(conf);
	snprintf(more, sizeof(more),
		 "accounts = ( { name = \"Bob\"; number = 5; secret_file = \"%s/ann.secret\"; } );",
		 shelf.folder);
	conf = configured(more);
	assert_non_null(conf);
	assert_int_equal(number(result("erase bob"), "number"), 5);
}

static void a_copy_is_made(void **state)
{
	char line[600], *folder = floor_folder();
	struct shelf copy = { .folder = folder };

	(void)state;
	snprintf(line, sizeof(line), "backup %s/" DATABASE_FILE, folder);
	assert_true(number(result(line), "bytes") > 0);
	assert_true(shelf_file_has(&copy, DATABASE_FILE, "the-first"));
	assert_null(json_object_get(answer, "rows"));
	snprintf(line, sizeof(line), "backup %s/none/copy.db", folder);
	refused(line, "not_copied", "/none/copy.db");
	floor_folder_remove(folder);
}

static void a_server_that_runs_is_told(void **state)
{
	int lock = lock_state(shelf.folder, stderr);

	(void)state;
	assert_true(lock >= 0);
	refused("history lobby", "in_use", "is in use by process");
	refused("erase bob", "in_use", "is in use by process");
	refused("backup copy.db", "in_use", "is in use by process");
	close(lock);
	assert_int_equal(number(result("history lobby"), "count"), 3);
}

static void where_nothing_is_stored_nothing_is_made(void **state)
{
	char *other = floor_folder(), *text = NULL;
	struct conf_printer printer;

	(void)state;
	conf_free(conf);
	assert_true(asprintf(&text, "state = \"%s/none\"; " FLOOR_LOBBY, other) > 0);
	conf_printer_init(&printer, stderr);
	conf = conf_parse(text, known_names(), &printer.report);
	free(text);
	refused("history lobby", "no_state", "nothing is stored in ");
	refused("backup copy.db", "no_state", "nothing is stored in ");
	assert_int_equal(access(conf->state, F_OK), -1);
	floor_folder_remove(other);
	conf_free(conf);
	conf = configured("storage = { engine = \"memory\"; };");
	refused("erase bob", "not_stored", "some.cfg: ");
	refused("erase bob", "not_stored", "engine is memory");
	conf_free(conf);
	conf = conf_parse(FLOOR_LOBBY, known_names(), &printer.report);
	refused("history lobby", "not_stored", "it has no state");
}

static void a_broken_file_is_told(void **state)
{
	(void)state;
	database_close(shelf.database);
	shelf.database = NULL;
	floor_file(shelf.folder, DATABASE_FILE, "no database at all, but a text of a file", 0600);
	refused("history lobby", "unreadable", DATABASE_FILE);
	refused("erase bob", "unreadable", DATABASE_FILE);
	refused("backup copy.db", "not_copied", DATABASE_FILE);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, open_all, close_all)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(history_is_read),
		TEST(a_person_is_erased),
		TEST(an_account_is_meant_first),
		TEST(a_copy_is_made),
		TEST(a_server_that_runs_is_told),
		TEST(where_nothing_is_stored_nothing_is_made),
		TEST(a_broken_file_is_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
