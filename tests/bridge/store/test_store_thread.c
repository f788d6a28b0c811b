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
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "bridge/core/bridge.h"
#include "bridge/core/worker.h"
#include "bridge/store/store_thread.h"
#include "tests/support/shelf.h"
#include "tests/support/toy_records.h"

#define WORKERS 3

static struct shelf shelf; /* its database is the thread's */
static struct database *reader;
static struct mailbox box;
static struct store_thread *thread;
static struct bridge bridge;
static struct worker workers[WORKERS];
static sem_t come; /* once for each post that came back, and job that is done */

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

static int open_thread(void **state)
{
	(void)state;
	shelf_open(&shelf);
	reader = database_open_reader(shelf.folder, stderr);
	assert_non_null(reader);
	sem_init(&come, 0, 0);
	bridge.worker_count = WORKERS;
	for (unsigned i = 0; i < WORKERS; i++) {
		mailbox_init(&workers[i].box, came, NULL);
		bridge.workers[i] = &workers[i];
	}
	thread = store_thread_new(shelf.database, toy_rows, &box, NULL, NULL);
	return 0;
}

static int close_thread(void **state)
{
	(void)state;
	store_thread_stop(thread);
	store_thread_free(thread);
	for (unsigned i = 0; i < WORKERS; i++)
		mailbox_clear(&workers[i].box);
	database_close(reader);
	shelf.database = NULL;
	shelf_close(&shelf);
	return 0;
}

static void start(void)
{
	assert_true(store_thread_start(thread, &bridge));
}

/* The next of a worker's posts that came back, waited for. */
static struct post *back[WORKERS];

static struct post_store *next_back(unsigned worker)
{
	struct post *post = back[worker];

	while (!post) {
		post = mailbox_take(&workers[worker].box);
		if (!post)
			await();
	}
	back[worker] = post->next;
	assert_int_equal(post->kind, POST_STORED);
	return (struct post_store *)post;
}

static void comes_back(unsigned worker, uint64_t number, bool failed)
{
	struct post_store *post = next_back(worker);

	assert_int_equal(post->worker, worker);
	assert_int_equal(post->number, number);
	assert_int_equal(post->failed, failed);
	post_free(&post->post);
}

static void what_waits_is_committed_and_comes_back(void **state)
{
	struct store_figures figures;

	(void)state;
	mailbox_post(&box, toy_post(1, 0, 1, "lobby 1 a\n"));
	mailbox_post(&box, toy_post(0, 0, 1, "lobby 2 b\nlobby 3 c\n"));
	mailbox_post(&box, toy_post(1, 0, 2, "lobby 4 d\n"));
	start();
	comes_back(1, 1, false);
	comes_back(1, 2, false);
	comes_back(0, 1, false);
	/* It is committed by then. */
	assert_string_equal(shelf_read(reader, "lobby", 2), "message 3 by 3 Ann roles 0 at 0: c\n"
							    "message 4 by 3 Ann roles 0 at 0: d\n");
	store_thread_figures(thread, &figures);
	assert_int_equal(figures.transactions, 1);
	assert_int_equal(figures.records, 4);
	assert_int_equal(figures.failures, 0);
	assert_int_equal(figures.fault, FAULT_NONE);
	mailbox_post(&box, toy_post(2, 0, 1, "attic 5 e\n"));
	comes_back(2, 1, false);
	assert_string_equal(shelf_read(reader, "attic", 2), "message 5 by 3 Ann roles 0 at 0: e\n");
}

static void failures_come_back_in_order(void **state)
{
	struct store_figures figures;

	(void)state;
	start();
	mailbox_post(&box, toy_post(0, 0, 1, "lobby 1 a\n"));
	comes_back(0, 1, false);
	mailbox_post(&box, toy_post(0, 0, 2, "?\n"));
	mailbox_post(&box, toy_post(0, 0, 3, "lobby 2 b\n"));
	mailbox_post(&box, toy_post(1, 0, 1, "attic 3 c\n"));
	comes_back(0, 2, true);
	comes_back(0, 3, true);
	comes_back(1, 1, false);
	mailbox_post(&box, toy_post(0, 0, 4, "lobby 4 d\n"));
	comes_back(0, 4, true);
	store_thread_figures(thread, &figures);
	assert_true(figures.failures >= 1);
	mailbox_post(&box, toy_post(0, 1, 5, "lobby 5 e\n"));
	comes_back(0, 5, false);
	store_thread_figures(thread, &figures);
	assert_int_equal(figures.fault, FAULT_NONE);
}

static void its_end_commits_all_and_empties_the_log(void **state)
{
	char lines[32];
	struct stat status;

	(void)state;
	start();
	for (int i = 1; i <= 500; i++) {
		snprintf(lines, sizeof(lines), "lobby %d x\n", i);
		mailbox_post(&box, toy_post(0, 0, (uint64_t)i, lines));
	}
	store_thread_stop(thread);
	for (uint64_t i = 1; i <= 500; i++)
		comes_back(0, i, false);
	assert_int_equal(shelf_sql(&shelf, "SELECT count(*) FROM message"), 500);
	assert_int_equal(stat(shelf_path(&shelf, DATABASE_FILE "-wal"), &status), 0);
	assert_int_equal(status.st_size, 0);
}

/* ---- jobs ---- */

struct counting {
	struct store_job job;
	int pieces; /* that are left */
	int runs;
	enum fault fault;
	bool ended;
};

static enum job_state count_run(struct store_job *job, struct database *database)
{
	struct counting *counting = (struct counting *)job;

	counting->runs++;
	assert_true(database_number_set(database, "counted", (uint64_t)counting->runs));
	if (counting->pieces < 0)
		return JOB_FAILED;
	return --counting->pieces > 0 ? JOB_AGAIN : JOB_DONE;
}

static void count_done(struct store_job *job, enum fault fault)
{
	struct counting *counting = (struct counting *)job;

	counting->fault = fault;
	counting->ended = true;
	sem_post(&come);
}

static void jobs_are_done_piece_by_piece(void **state)
{
	struct counting job = { .job = { .run = count_run, .done = count_done }, .pieces = 3 };

	(void)state;
	start();
	store_thread_do(thread, &job.job);
	await();
	assert_true(job.ended);
	assert_int_equal(job.runs, 3);
	assert_int_equal(database_number(reader, "counted"), 3);
}

static void a_job_that_fails_is_rolled_back(void **state)
{
	struct counting job = { .job = { .run = count_run, .done = count_done }, .pieces = -1 };

	(void)state;
	start();
	store_thread_do(thread, &job.job);
	await();
	assert_int_equal(job.runs, 1);
	assert_int_equal(database_number(reader, "counted"), 0);
	/* And the workers' transactions go on. */
	mailbox_post(&box, toy_post(0, 0, 1, "lobby 1 a\n"));
	comes_back(0, 1, false);
}

static void jobs_end_before_the_thread(void **state)
{
	struct counting job = { .job = { .run = count_run, .done = count_done }, .pieces = 1000 };

	(void)state;
	start();
	store_thread_do(thread, &job.job);
	store_thread_stop(thread);
	assert_true(job.ended);
	assert_int_equal(job.runs, 1000);
}

static atomic_bool enough;

static enum job_state endless_run(struct store_job *job, struct database *database)
{
	(void)job;
	(void)database;
	return atomic_load(&enough) ? JOB_DONE : JOB_AGAIN;
}

/* Between any two of its pieces workers' posts are stored. */
static void posts_do_not_wait_for_a_job(void **state)
{
	struct store_job job = { .run = endless_run };

	(void)state;
	start();
	store_thread_do(thread, &job);
	mailbox_post(&box, toy_post(0, 0, 1, "lobby 1 a\n"));
	comes_back(0, 1, false);
	mailbox_post(&box, toy_post(0, 0, 2, "lobby 2 a\n"));
	comes_back(0, 2, false);
	atomic_store(&enough, true);
	store_thread_stop(thread);
}

static void deleting_all_is_carried_out(void **state)
{
	(void)state;
	start();
	mailbox_post(&box, toy_post(0, 0, 1, "lobby 1 a\nlobby 2 b\nlobby 3 c\n"));
	mailbox_post(&box, toy_post(0, 0, 2, "lobby 2 *\n"));
	comes_back(0, 1, false);
	comes_back(0, 2, false);
	assert_string_equal(shelf_read(reader, "lobby", 2),
			    "message 2 by 3 Ann roles 0 at 0 deleted\n"
			    "message 3 by 3 Ann roles 0 at 0: c\n");
	for (int i = 0; shelf_sql(&shelf, "SELECT count(*) FROM purge"); i++)
		assert_true(i < 100000);
	assert_int_equal(shelf_sql(&shelf, "SELECT count(*) FROM message WHERE deleted"), 2);
}

/* The log is emptied on demand; then nothing is left to be erased. */
static void a_checkpoint_is_a_job(void **state)
{
	struct store_figures figures;

	(void)state;
	start();
	mailbox_post(&box, toy_post(0, 0, 1, "lobby 1 a-word-of-theirs\n"));
	mailbox_post(&box, toy_post(0, 0, 2, "lobby 1 -\n"));
	comes_back(0, 1, false);
	comes_back(0, 2, false);
	store_thread_figures(thread, &figures);
	assert_int_not_equal(figures.erased_ms, 0);
	assert_int_not_equal(figures.wal_bytes, 0);
	for (int i = 0; figures.erased_ms; i++) {
		assert_true(i < 100000);
		usleep(200); /* a disk may be slow */
		store_thread_checkpoint(thread, CHECKPOINT_TRUNCATE);
		store_thread_figures(thread, &figures);
	}
	assert_false(shelf_file_has(&shelf, DATABASE_FILE, "a-word-of-theirs"));
	assert_false(shelf_file_has(&shelf, DATABASE_FILE "-wal", "a-word-of-theirs"));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, open_thread, close_thread)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(what_waits_is_committed_and_comes_back),
		TEST(failures_come_back_in_order),
		TEST(its_end_commits_all_and_empties_the_log),
		TEST(jobs_are_done_piece_by_piece),
		TEST(a_job_that_fails_is_rolled_back),
		TEST(jobs_end_before_the_thread),
		TEST(posts_do_not_wait_for_a_job),
		TEST(deleting_all_is_carried_out),
		TEST(a_checkpoint_is_a_job),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
