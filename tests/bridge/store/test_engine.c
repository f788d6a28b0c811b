#include <dirent.h>
#include <inttypes.h>
#include <pthread.h>
#include <semaphore.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "bridge/core/bridge.h"
#include "bridge/core/worker.h"
#include "bridge/store/engine.h"
#include "bridge/store/lasting/foreign.h"
#include "tests/support/floor.h"
#include "tests/support/shelf.h"
#include "tests/support/toy_records.h"

static struct shelf shelf; /* of which the folder alone */
static struct store *store;
static struct bridge bridge;
static struct worker worker;
static sem_t come;

static void came(void *owner)
{
	(void)owner;
	sem_post(&come);
}

static void await(void)
{
	struct timespec until;

	clock_gettime(CLOCK_REALTIME, &until);
	until.tv_sec += 60;
	assert_int_equal(sem_timedwait(&come, &until), 0);
}

static bool no_load(struct store *of, struct room_entry *entry, struct room_time now)
{
	(void)of;
	(void)entry;
	(void)now;
	return true;
}

static uint64_t erase_within_ms = 1;

static struct store *opened(enum durability durability, FILE *errors)
{
	struct store_options options = {
		.folder = shelf.folder,
		.keeper = { .durability = durability, .erase_within_ms = erase_within_ms },
		.rows = toy_rows,
		.load = no_load,
	};

	return store_open(&options, errors);
}

static void open_again(enum durability durability)
{
	store = opened(durability, stderr);
	assert_non_null(store);
	foreign_serve(store);
	assert_true(store_start(store, &bridge));
}

static int open_folder(void **state)
{
	(void)state;
	shelf.folder = floor_folder();
	sem_init(&come, 0, 0);
	mailbox_init(&worker.box, came, NULL);
	bridge.worker_count = 1;
	bridge.workers[0] = &worker;
	open_again(DURABLE_COMMIT);
	return 0;
}

static int close_folder(void **state)
{
	(void)state;
	store_close(store);
	store = NULL;
	mailbox_clear(&worker.box);
	floor_folder_remove(shelf.folder);
	return 0;
}

/* Has it stored, and waits for that. */
static void stores(const char *lines)
{
	static uint64_t number;
	struct post *post;

	mailbox_post(&store->box, toy_post(0, 0, ++number, lines));
	while (!(post = mailbox_take(&worker.box)))
		await();
	assert_null(post->next);
	assert_int_equal(((struct post_store *)post)->number, number);
	assert_false(((struct post_store *)post)->failed);
	post_free(post);
}

static void reads(const char *room, const char *expected)
{
	struct row_sink sink = shelf_sink();

	shelf_text_new();
	assert_true(store_read(store, slice_of(room), 100, &sink));
	assert_string_equal(shelf_text(), expected);
}

/* Until that is so; if it never is, the test fails after a minute. */
static void until(bool (*is_so)(void))
{
	struct timespec pause = { .tv_nsec = 5000000 };

	for (int i = 0; !is_so(); i++) {
		assert_true(i < 12000);
		nanosleep(&pause, NULL);
	}
}

#define ONE "message 1 by 3 Ann roles 0 at 0: a-word-of-theirs\n"

static void what_was_stored_is_there_again(void **state)
{
	(void)state;
	assert_ptr_equal(store->load, no_load);
	reads("lobby", "");
	stores("lobby 1 a-word-of-theirs\n");
	reads("lobby", ONE);
	store_close(store);
	store = opened(DURABLE_SECOND, stderr);
	reads("lobby", ONE);
	/* Mail waits for the threads. */
	mailbox_post(&store->box, toy_post(0, 0, 1, "attic 2 b\n"));
	assert_true(store_start(store, &bridge));
	await();
	reads("attic", "message 2 by 3 Ann roles 0 at 0: b\n");
	store_stop(store);
	store_stop(store);
}

static void what_is_refused_is_said(void **state)
{
	char *said = NULL, back[96];
	size_t size;
	FILE *errors = open_memstream(&said, &size);

	(void)state;
	store_close(store);
	snprintf(back, sizeof(back), "UPDATE meta SET value = %d WHERE name = 'schema'",
		 (int)shelf_sql(&shelf, "SELECT value FROM meta WHERE name = 'schema'"));
	shelf_sql(&shelf, "UPDATE meta SET value = 1000 WHERE name = 'schema'");
	assert_null(opened(DURABLE_COMMIT, errors));
	fclose(errors);
	assert_non_null(strstr(said, "is of a newer version of Dragoman"));
	free(said);
	shelf_sql(&shelf, back);
	open_again(DURABLE_COMMIT);
}

/* The log first: from there they move to the file, meanwhile. */
static bool words_are_gone(void)
{
	return !shelf_file_has(&shelf, DATABASE_FILE "-wal", "a-word-of-theirs") &&
	       !shelf_file_has(&shelf, DATABASE_FILE, "a-word-of-theirs");
}

static void deleted_words_go_from_the_disk(void **state)
{
	(void)state;
	stores("lobby 1 a-word-of-theirs\nlobby 2 another\n");
	assert_false(words_are_gone());
	stores("lobby 1 -\n");
	until(words_are_gone);
	stores("lobby 3 a-word-of-theirs\n");
	stores("lobby 3 *\n");
	until(words_are_gone);
}

/* They wait for who reads, and go afterwards. */
static void they_do_so_behind_a_reader(void **state)
{
	struct database *reader = database_open_reader(shelf.folder, stderr);

	(void)state;
	stores("lobby 1 a-word-of-theirs\n");
	assert_true(database_begin(reader));
	assert_int_not_equal(database_room_find(reader, slice_of("lobby")), 0);
	stores("lobby 1 -\n");
	stores("lobby 2 b\n");
	assert_true(shelf_file_has(&shelf, DATABASE_FILE "-wal", "a-word-of-theirs") ||
		    shelf_file_has(&shelf, DATABASE_FILE, "a-word-of-theirs"));
	assert_true(database_commit(reader));
	database_close(reader);
	until(words_are_gone);
}

static bool five_are_left(void)
{
	return shelf_sql(&shelf, "SELECT count(*) FROM message WHERE room = 1") == 5;
}

static bool thirty_were_retired(void)
{
	struct store_counts counts;

	store_count(store, &counts);
	return counts.retired == 30;
}

static void a_room_keeps_as_much_as_it_is_to(void **state)
{
	const struct retention five = { .messages = 5 }, none = { 0 };
	char lines[40 * 20] = "";

	(void)state;
	for (int i = 1; i <= 35; i++)
		sprintf(lines + strlen(lines), "lobby %d x\n", i);
	stores(lines);
	stores("attic 100 a\nattic 101 b\n");
	store_retain(store, slice_of("lobby"), &none);
	store_retain(store, slice_of("lobby"), &five);
	store_retain(store, slice_of("cellar"), &five);
	until(five_are_left);
	until(thirty_were_retired);
	store_retain(store, slice_of("lobby"), NULL);
	stores("lobby 36 y\n");
	assert_int_equal(shelf_sql(&shelf, "SELECT count(*) FROM message"), 8);
}

/* ---- queries ---- */

struct asked {
	struct store_query query;
	char text[200];
};

static void run_history(struct store_query *query, struct database *database)
{
	struct asked *asked = (struct asked *)query;

	snprintf(asked->text, sizeof(asked->text), "%s", shelf_history(database, "lobby", 3, 1));
	sem_post(&come);
}

static void old_messages_are_read_beside(void **state)
{
	struct asked asked = { .query = { .run = run_history } };

	(void)state;
	stores("lobby 1 a\nlobby 2 b\nlobby 3 c\n");
	store_ask(store, &asked.query);
	await();
	assert_string_equal(asked.text, "message 2 by 3 Ann roles 0 at 0: b\n");
}

static void count_query(struct store_query *query, struct database *database)
{
	(void)database;
	sem_post(&come);
	free(query);
}

static void all_are_answered_at_the_end(void **state)
{
	int left = 0;

	(void)state;
	while (sem_trywait(&come) == 0)
		;
	for (int i = 0; i < 1000; i++) {
		struct store_query *query = calloc(1, sizeof(*query));

		assert_non_null(query);
		query->run = count_query;
		store_ask(store, query);
	}
	store_stop(store);
	assert_int_equal(sem_getvalue(&come, &left), 0);
	assert_int_equal(left, 1000);
}

static enum job_state set_number(struct store_job *job, struct database *database)
{
	(void)job;
	return database_number_set(database, "guests", 5) ? JOB_DONE : JOB_FAILED;
}

static void jobs_are_done_before_the_end(void **state)
{
	struct store_job job = { .run = set_number };

	(void)state;
	store_do(store, &job);
	store_stop(store);
	assert_int_equal(shelf_sql(&shelf, "SELECT value FROM meta WHERE name = 'guests'"), 5);
}

static void damage_is_counted(void **state)
{
	struct store_counts counts;

	(void)state;
	stores("lobby 1 a\nlobby 2 b\n");
	store_count(store, &counts);
	assert_int_equal(counts.damaged, 0);
	assert_int_equal(counts.written.records, 2);
	shelf_sql(&shelf, "UPDATE message SET author = 9 WHERE id = 1");
	reads("lobby", "damaged: message 1\nmessage 2 by 3 Ann roles 0 at 0: b\n");
	store_count(store, &counts);
	assert_int_equal(counts.damaged, 1);
}

/* ---- what others call messages ---- */

static char names[200];
static uint64_t settled;

static void take_name(void *context, const struct foreign_name *name)
{
	size_t len = strlen(names);

	(void)context;
	snprintf(names + len, sizeof(names) - len, "%.*s=%d ", (int)name->theirs.len,
		 name->theirs.data, (int)name->id);
}

static const char *names_are(void)
{
	struct foreign_sink sink = { .name = take_name };

	*names = '\0';
	assert_true(
	    store->load_foreign(store, slice_of("there"), slice_of("lobby"), 10, &sink, &settled));
	return names;
}

/* What it is given is no longer the caller's. */
static void keep_name(const char *theirs, uint64_t id)
{
	char copy[20], upstream[] = "there", room[] = "lobby";
	struct foreign_name name = { { copy, strlen(theirs) }, id };
	struct foreign_keeping keeping = { .upstream = slice_of(upstream),
					   .room = slice_of(room),
					   .names = &name,
					   .count = 1,
					   .settled = id };

	snprintf(copy, sizeof(copy), "%s", theirs);
	store->keep_foreign(store, &keeping);
	memset(copy, '!', sizeof(copy));
	memset(upstream, '!', sizeof(upstream));
	memset(room, '!', sizeof(room));
	name.id = 0;
}

static void what_others_call_messages_is_there_again(void **state)
{
	(void)state;
	assert_string_equal(names_are(), "");
	keep_name("a", 1);
	stores("lobby 1 hello\n");
	assert_string_equal(names_are(), "a=1 ");
	assert_true(settled == 1);
	keep_name("b", 2);
	store_close(store);
	open_again(DURABLE_COMMIT);
	assert_string_equal(names_are(), "a=1 b=2 ");
	assert_true(settled == 2);
}

/* In the same transaction as what was posted before, at the latest: nothing else is awaited. */
static void their_names_need_no_other_mail(void **state)
{
	(void)state;
	keep_name("a", 1);
	for (int i = 0; !*names_are(); i++) {
		struct timespec pause = { .tv_nsec = 5000000 };

		assert_true(i < 12000);
		nanosleep(&pause, NULL);
	}
	assert_string_equal(names, "a=1 ");
}

static void a_name_that_is_damaged_is_left_out_and_counted(void **state)
{
	struct store_counts counts;

	(void)state;
	keep_name("a", 1);
	keep_name("b", 2);
	stores("lobby 1 hello\n");
	shelf_sql(&shelf, "UPDATE foreign_id SET theirs = 'x' WHERE id = 1");
	assert_string_equal(names_are(), "b=2 ");
	store_count(store, &counts);
	assert_int_equal(counts.damaged, 1);
}

static uint64_t damages(void)
{
	struct store_counts counts;

	store_count(store, &counts);
	return counts.damaged;
}

static bool is_damage_seen(void)
{
	return damages() > 0;
}

/* Once: who stops does not look at the whole file again for what is left to be stored. */
static void a_damaged_page_is_noticed_at_start(void **state)
{
	char line[100];

	(void)state;
	for (int id = 1; id <= 200; id++) {
		snprintf(line, sizeof(line), "lobby %d message number %d\n", id, id);
		stores(line);
	}
	assert_int_equal(damages(), 0);
	store_close(store);
	shelf_break_page(&shelf, "number 7");
	open_again(DURABLE_COMMIT);
	until(is_damage_seen);
	store_stop(store);
	assert_int_equal(damages(), 1);
	assert_true(store_start(store, &bridge));
	store_stop(store);
	assert_int_equal(damages(), 1);
	store_damaged(store, 3);
	assert_int_equal(damages(), 4);
}

/* Also of who does not come back before the server starts once more. */
static void who_was_here_at_the_end_has_left(void **state)
{
	(void)state;
	store_close(store);
	store = NULL;
	shelf.database = database_open(shelf.folder, DURABLE_COMMIT, stderr);
	assert_non_null(shelf.database);
	shelf_change(&shelf, "lobby", row_message(5, 4, "Bob", "heard"));
	shelf_change(&shelf, "lobby", row_left(3, 0));
	shelf_change(&shelf, "lobby", row_left(4, 2));
	shelf_change(&shelf, "attic", row_left(3, 0));
	database_close(shelf.database);
	shelf.database = NULL;
	open_again(DURABLE_COMMIT);
	stores("lobby 6 missed\n");
	reads("lobby", "message 5 by 4 Bob roles 1 at 1005: heard\n"
		       "message 6 by 3 Ann roles 0 at 0: missed\n"
		       "left 3 at 5\nleft 4 at 2\n");
	reads("attic", "left 3 at 1\n");
}

/* The names of the threads, as whoever operates the server sees them. */
static bool has_thread(const char *wanted)
{
	DIR *tasks = opendir("/proc/self/task");
	struct dirent *entry;
	bool found = false;

	assert_non_null(tasks);
	while ((entry = readdir(tasks))) {
		char path[300], name[64] = "";
		FILE *file;

		snprintf(path, sizeof(path), "/proc/self/task/%s/comm", entry->d_name);
		file = fopen(path, "r");
		if (file && fgets(name, sizeof(name), file))
			found |= strncmp(name, wanted, strlen(wanted)) == 0;
		if (file)
			fclose(file);
	}
	closedir(tasks);
	return found;
}

static bool are_threads_named(void)
{
	return has_thread("store\n") && has_thread("keeper\n");
}

static void its_threads_have_names(void **state)
{
	(void)state;
	until(are_threads_named);
}

/* Readers and the writer at once, and a log that grows beyond its bound while it is written. */
static atomic_bool enough;

static void *read_always(void *context)
{
	struct row_sink sink = { 0 };

	(void)context;
	while (!atomic_load(&enough))
		assert_true(store_read(store, slice_of("lobby"), 10, &sink));
	return NULL;
}

static bool log_began_anew(void)
{
	struct store_counts counts;

	store_count(store, &counts);
	return counts.written.wal_bytes <= KEEPER_LOG_BYTES;
}

static void the_log_is_bounded(void **state)
{
	static char lines[260000];
	pthread_t reader;
	struct post *post;
	size_t back = 0;

	(void)state;
	/* Nothing else empties it. */
	store_close(store);
	erase_within_ms = 3600000;
	open_again(DURABLE_COMMIT);
	erase_within_ms = 1;
	assert_int_equal(pthread_create(&reader, NULL, read_always, NULL), 0);
	/* As much as two logs, without a pause. */
	for (int id = 1; id <= 540; id++) {
		int head = sprintf(lines, "lobby %d ", id);

		memset(lines + head, 'x', 250000);
		strcpy(lines + head + 250000, "\n");
		mailbox_post(&store->box, toy_post(0, 0, (uint64_t)id, lines));
	}
	while (back < 540) {
		await();
		for (post = mailbox_take(&worker.box); post; back++) {
			struct post *next = post->next;

			assert_false(((struct post_store *)post)->failed);
			post_free(post);
			post = next;
		}
	}
	atomic_store(&enough, true);
	pthread_join(reader, NULL);
	until(log_began_anew);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, open_folder, close_folder)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(what_was_stored_is_there_again),
		TEST(what_is_refused_is_said),
		TEST(what_others_call_messages_is_there_again),
		TEST(their_names_need_no_other_mail),
		TEST(a_name_that_is_damaged_is_left_out_and_counted),
		TEST(deleted_words_go_from_the_disk),
		TEST(they_do_so_behind_a_reader),
		TEST(a_room_keeps_as_much_as_it_is_to),
		TEST(old_messages_are_read_beside),
		TEST(all_are_answered_at_the_end),
		TEST(jobs_are_done_before_the_end),
		TEST(damage_is_counted),
		TEST(a_damaged_page_is_noticed_at_start),
		TEST(who_was_here_at_the_end_has_left),
		TEST(its_threads_have_names),
		TEST(the_log_is_bounded),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
