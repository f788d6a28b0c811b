/* kill -9 while rooms are stored: what was sent back as stored is there. ROUNDS=200 tries as many
 * times, SEED=7 others. */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "bridge/core/bridge.h"
#include "bridge/core/worker.h"
#include "bridge/store/check.h"
#include "bridge/store/engine.h"
#include "tests/support/floor.h"
#include "tests/support/shelf.h"
#include "tests/support/toy_records.h"

#define ROUNDS_CHECKED 10
#define UNDER_WAY      32 /* batches that wait to be stored */

static uint64_t asked(const char *name, uint64_t otherwise)
{
	const char *value = getenv(name);

	return value ? strtoull(value, NULL, 10) : otherwise;
}

/* ---- who is killed: stores batches of three, and writes the newest id to told once it is back
 * ---- */

static void send_next(struct store *store, uint64_t *number)
{
	char lines[200];
	uint64_t id = *number * 3;

	snprintf(lines, sizeof(lines), "lobby %llu a\nattic %llu b\nlobby %llu c\n",
		 (unsigned long long)id + 1, (unsigned long long)id + 2,
		 (unsigned long long)id + 3);
	mailbox_post(&store->box, toy_post(0, 0, ++*number, lines));
}

static void take_back(struct worker *worker, uint64_t *back, int told)
{
	struct post *post = mailbox_take(&worker->box);

	if (!post)
		return;
	while (post) {
		struct post *next = post->next;

		if (((struct post_store *)post)->failed)
			_exit(3);
		*back = ((struct post_store *)post)->number;
		post_free(post);
		post = next;
	}
	if (write(told, back, sizeof(*back)) != sizeof(*back))
		_exit(4);
}

static void store_until_killed(const char *folder, enum durability durability, int told)
{
	static struct bridge bridge;
	static struct worker worker;
	struct store_options options = {
		.folder = folder,
		.keeper = { .durability = durability, .erase_within_ms = 1 },
		.rows = toy_rows,
	};
	struct store *store = store_open(&options, stderr);
	uint64_t sent = 0, back = 0;

	mailbox_init(&worker.box, NULL, NULL);
	bridge.worker_count = 1;
	bridge.workers[0] = &worker;
	if (!store || !store_start(store, &bridge))
		_exit(2);
	for (;;) {
		while (sent < back + UNDER_WAY)
			send_next(store, &sent);
		take_back(&worker, &back, told);
	}
}

/* ---- who kills ---- */

/* The number of the last batch that was told. */
static uint64_t kill_after(const char *folder, enum durability durability, uint64_t pause_ns)
{
	struct timespec pause = { .tv_nsec = (long)pause_ns };
	uint64_t last = 0, next;
	int told[2], status;
	pid_t pid;

	assert_int_equal(pipe(told), 0);
	pid = fork();
	if (pid == 0) {
		close(told[0]);
		store_until_killed(folder, durability, told[1]);
	}
	close(told[1]);
	while (last < 5 && read(told[0], &next, sizeof(next)) == sizeof(next))
		last = next;
	assert_true(last >= 5);
	nanosleep(&pause, NULL);
	assert_int_equal(kill(pid, SIGKILL), 0);
	while (read(told[0], &next, sizeof(next)) == sizeof(next))
		last = next;
	close(told[0]);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFSIGNALED(status));
	return last;
}

static void is_all_there(const char *folder, uint64_t batches)
{
	const struct check_options options = { 0 };
	struct shelf shelf = { .folder = (char *)(uintptr_t)folder };
	struct check_report report;
	struct database *database = database_open(folder, DURABLE_COMMIT, stderr);
	uint64_t count;

	assert_non_null(database);
	assert_true(database_check(database, &options, stdout, &report));
	count = (uint64_t)shelf_sql(&shelf, "SELECT count(*) FROM message");
	assert_true(count >= batches * 3);
	/* Whole batches, none missing. */
	assert_int_equal(count % 3, 0);
	assert_int_equal(shelf_sql(&shelf, "SELECT max(id) FROM message"), count);
	database_close(database);
}

static void rounds_of(enum durability durability)
{
	uint64_t drawn = 88172645463325252 ^ asked("SEED", 1) << 20;

	for (uint64_t i = asked("ROUNDS", ROUNDS_CHECKED); i > 0; i--) {
		char *folder = floor_folder();

		drawn ^= drawn << 13;
		drawn ^= drawn >> 7;
		drawn ^= drawn << 17;
		is_all_there(folder, kill_after(folder, durability, drawn % 60000000));
		floor_folder_remove(folder);
	}
}

static void what_came_back_is_there(void **state)
{
	(void)state;
	rounds_of(DURABLE_COMMIT);
}

static void so_it_is_without_a_sync(void **state)
{
	(void)state;
	rounds_of(DURABLE_SECOND);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_came_back_is_there),
		cmocka_unit_test(so_it_is_without_a_sync),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
