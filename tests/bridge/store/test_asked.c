#include <inttypes.h>
#include <semaphore.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "bridge/core/bridge.h"
#include "bridge/core/worker.h"
#include "bridge/store/asked.h"
#include "bridge/store/engine.h"
#include "tests/support/floor.h"
#include "tests/support/shelf.h"
#include "tests/support/toy_records.h"

static struct shelf shelf;
static struct store *store;
static struct bridge bridge;
static struct worker worker;
static sem_t come;

static void message(const char *room, uint64_t id, uint32_t author, const char *name,
		    const char *text, const char *edited)
{
	shelf_say(&shelf, room, id, author, name, text, edited);
}

static int open_shelf(void **state)
{
	(void)state;
	shelf_open(&shelf);
	message("Lobby", 5, 3, "Ann", "first", NULL);
	message("Lobby", 6, 4, "Bob", "second", "changed");
	message("Lobby", 7, 3, "ANN", NULL, NULL);
	message("Lobby", 8, 0, "", NULL, NULL);
	message("Lobby", 9, 3, "Ann", "deleted", NULL);
	shelf_change(&shelf, "Lobby", row_of_id(ROW_DELETE, 9));
	message("Lobby", 10, 5, "Cat", "purged", NULL);
	shelf_change(&shelf, "Lobby", row_delete_all(10, 5, NULL));
	message("attic", 11, 6, "ann", "elsewhere", NULL);
	return 0;
}

static int close_shelf(void **state)
{
	(void)state;
	shelf_close(&shelf);
	return 0;
}

/* As "5 Ann first, 7 ANN -, 9 Ann deleted". */
static const char *read_as(struct past *past)
{
	static char text[512];
	size_t at = 0;

	text[0] = '\0';
	for (size_t i = 0; i < past->count; i++) {
		const struct envelope *event = past->events[i];
		const char *none = event->kind == KIND_DELETE ? "deleted" : "-";
		struct slice words = event->text.len ? event->text : slice_of(none);

		at += (size_t)snprintf(text + at, sizeof(text) - at, "%s%" PRIu64 " %.*s %.*s%s",
				       i ? ", " : "", event->id, (int)event->author.name.len,
				       event->author.name.data, (int)words.len, words.data,
				       event->flags & FLAG_EDITED ? " edited" : "");
	}
	past_clear(past);
	return text;
}

static void what_was_said_is_read(void **state)
{
	struct past past = { .room = SLICE("lobby"), .before = UINT64_MAX, .wanted = 10 };

	(void)state;
	past_read(shelf.database, &past);
	assert_false(past.failed || past.unknown);
	assert_string_equal(read_as(&past), "5 Ann first, 6 Bob changed edited");
	past.bare = true;
	past_read(shelf.database, &past);
	assert_string_equal(read_as(&past), "5 Ann first, 6 Bob changed edited, 7 ANN -, 9 Ann "
					    "deleted, 10 Cat deleted");
	past.before = 9;
	past.wanted = 2;
	past_read(shelf.database, &past);
	assert_string_equal(read_as(&past), "6 Bob changed edited, 7 ANN -");
	past.before = 5;
	past_read(shelf.database, &past);
	assert_string_equal(read_as(&past), "");
	assert_false(past.failed || past.unknown);
	past.room = SLICE("cellar");
	past_read(shelf.database, &past);
	assert_true(past.unknown && !past.failed && past.count == 0);
	past_clear(&past);
}

/* A fault of before is not this one's. */
static void what_failed_before_is_over(void **state)
{
	struct past past = { .room = SLICE("cellar"), .before = UINT64_MAX, .wanted = 10 };
	struct row twice = row_message(5, 3, "Ann", "again");
	uint64_t room = database_room_find(shelf.database, SLICE("lobby"));

	(void)state;
	assert_false(database_change(shelf.database, room, &twice));
	assert_int_equal(database_fault(shelf.database), FAULT_RECORD);
	past_read(shelf.database, &past);
	assert_true(past.unknown && !past.failed);
	past_clear(&past);
}

/* Under whichever spelling, and who has an account. */
static void authors_are_found(void **state)
{
	struct finding finding = { .name = SLICE("aNN") };

	(void)state;
	shelf_sql(&shelf, "INSERT INTO person VALUES (9, 'ann', 'Ann', 'h', 0, 0, 0)");
	authors_find(shelf.database, &finding);
	assert_false(finding.failed);
	assert_int_equal(finding.count, 3);
	assert_int_equal(finding.numbers[0], 3);
	assert_int_equal(finding.numbers[1], 6);
	assert_int_equal(finding.numbers[2], 9);
	finding.name = SLICE("eve");
	authors_find(shelf.database, &finding);
	assert_true(!finding.failed && finding.count == 0);
	for (uint32_t i = 0; i < FINDING_MOST + 2; i++)
		message("attic", 20 + i, 40 + i, "Dan", "x", NULL);
	finding.name = SLICE("dan");
	authors_find(shelf.database, &finding);
	assert_int_equal(finding.count, FINDING_MOST);
}

/* ---- of an engine ---- */

static bool no_load(struct store *of, struct room_entry *entry, struct room_time now)
{
	(void)of;
	(void)entry;
	(void)now;
	return true;
}

static void await(void)
{
	struct timespec until;

	clock_gettime(CLOCK_REALTIME, &until);
	until.tv_sec += 60;
	assert_int_equal(sem_timedwait(&come, &until), 0);
}

static void past_done(struct past *past)
{
	(void)past;
	sem_post(&come);
}

static void finding_done(struct finding *finding)
{
	(void)finding;
	sem_post(&come);
}

static void erasing_done(struct erasing *erasing)
{
	(void)erasing;
	sem_post(&come);
}

static void an_engine_is_asked(void **state)
{
	struct store_options options = {
		.folder = shelf.folder,
		.keeper = { .durability = DURABLE_COMMIT, .erase_within_ms = 1 },
		.rows = toy_rows,
		.load = no_load,
	};
	struct past past = {
		.room = SLICE("lobby"), .before = 8, .wanted = 9, .bare = true, .done = past_done
	};
	struct store_counts counts;
	struct finding finding = { .name = SLICE("bob"), .done = finding_done };
	struct erasing erasing = {
		.number = 4, .name = SLICE("bob"), .counts = { .messages = 7 }, .done = erasing_done
	};

	(void)state;
	sem_init(&come, 0, 0);
	mailbox_init(&worker.box, NULL, NULL);
	bridge.worker_count = 1;
	bridge.workers[0] = &worker;
	store = store_open(&options, stderr);
	assert_non_null(store);
	asked_serve(store);
	assert_true(store_start(store, &bridge));
	store->read(store, &past);
	await();
	assert_string_equal(read_as(&past), "5 Ann first, 6 Bob changed edited, 7 ANN -");
	store->find(store, &finding);
	await();
	assert_int_equal(finding.count, 1);
	assert_int_equal(finding.numbers[0], 4);
	store->erase(store, &erasing);
	await();
	assert_null(erasing.fault);
	assert_int_equal(erasing.counts.messages, 8);
	store->read(store, &past);
	await();
	assert_string_equal(read_as(&past), "5 Ann first, 6  deleted, 7 ANN -");
	store_count(store, &counts);
	assert_int_equal(counts.damaged, 0);
	shelf_sql(&shelf, "UPDATE message SET author = 9 WHERE id = 5");
	store->read(store, &past);
	await();
	assert_string_equal(read_as(&past), "6  deleted, 7 ANN -");
	store_count(store, &counts);
	assert_int_equal(counts.damaged, 1);
	store_stop(store);
	store_close(store);
	mailbox_clear(&worker.box);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, open_shelf, close_shelf)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(what_was_said_is_read),
		TEST(what_failed_before_is_over),
		TEST(authors_are_found),
		TEST(an_engine_is_asked),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
