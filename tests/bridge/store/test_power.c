/* The power fails while rooms are stored. ROUNDS=50 tries as many times for each durability, SEED=7
 * others. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "bridge/store/check.h"
#include "tests/support/floor.h"
#include "tests/support/power.h"
#include "tests/support/shelf.h"

#define ROUNDS_CHECKED 8

static uint64_t draw_state;

static uint64_t draw(uint64_t below)
{
	draw_state ^= draw_state << 13;
	draw_state ^= draw_state >> 7;
	draw_state ^= draw_state << 17;
	return draw_state % below;
}

static uint64_t asked(const char *name, uint64_t otherwise)
{
	const char *value = getenv(name);

	return value ? strtoull(value, NULL, 10) : otherwise;
}

struct round {
	char *folder;
	struct database *writer, *keeper;
	uint64_t stored;   /* ids up to that one are */
	uint64_t promised; /* and up to that one they are for sure */
};

static void store_some(struct round *round)
{
	uint64_t count = 1 + draw(40);

	assert_true(database_begin(round->writer));
	for (uint64_t i = 1; i <= count; i++) {
		struct row row = row_message(round->stored + i, 3, "Ann",
					     "words, words, words, and more of these");
		const char *room = draw(2) ? "lobby" : "attic";

		assert_true(database_change(round->writer,
					    database_room(round->writer, slice_of(room)), &row));
	}
	assert_true(database_commit(round->writer));
	round->stored += count;
}

/* As the store thread and the keeper do it. */
static void look_after_log(struct round *round)
{
	switch (draw(12)) {
	case 0: assert_true(database_checkpoint(round->keeper, CHECKPOINT_PASSIVE)); break;
	case 1: assert_true(database_checkpoint(round->writer, CHECKPOINT_RESTART)); break;
	case 2: assert_true(database_checkpoint(round->writer, CHECKPOINT_TRUNCATE)); break;
	case 3:
		assert_true(database_sync(round->keeper));
		round->promised = round->stored;
		break;
	default: break;
	}
}

/* How many of those that were stored are there, all of them from the first. */
static uint64_t found_in(const char *folder, uint64_t stored)
{
	const struct check_options options = { 0 };
	struct shelf shelf = { .folder = (char *)(uintptr_t)folder };
	struct check_report report;
	struct database *database = database_open(folder, DURABLE_COMMIT, stderr);
	uint64_t count;

	assert_non_null(database);
	assert_true(database_check(database, &options, stdout, &report));
	count = (uint64_t)shelf_sql(&shelf, "SELECT count(*) FROM message");
	assert_int_equal(shelf_sql(&shelf, "SELECT ifnull(max(id), 0) FROM message"), count);
	assert_true(count <= stored);
	database_close(database);
	return count;
}

/* Returns how many that were stored are lost. */
static uint64_t play(enum durability durability, uint64_t seed)
{
	struct round round = { .folder = floor_folder() };
	char *after = floor_folder();
	uint64_t found;

	power_watch(seed);
	round.writer = database_open(round.folder, durability, stderr);
	round.keeper = database_open_reader(round.folder, stderr);
	assert_true(round.writer && round.keeper);
	for (uint64_t i = 3 + draw(60); i > 0; i--) {
		store_some(&round);
		if (durability == DURABLE_COMMIT)
			round.promised = round.stored;
		look_after_log(&round);
	}
	power_cut(after);
	database_close(round.keeper);
	database_close(round.writer);
	power_forget();
	found = found_in(after, round.stored);
	assert_true(found >= round.promised);
	floor_folder_remove(round.folder);
	floor_folder_remove(after);
	return round.stored - found;
}

static void what_was_committed_is_there(void **state)
{
	(void)state;
	for (uint64_t i = asked("ROUNDS", ROUNDS_CHECKED); i > 0; i--)
		assert_int_equal(play(DURABLE_COMMIT, draw(1000000)), 0);
}

/* And a loss of power is one: without a sync something is lost. */
static void what_was_synced_is_there(void **state)
{
	uint64_t rounds = asked("ROUNDS", ROUNDS_CHECKED), lossy = 0;

	(void)state;
	for (uint64_t i = rounds; i > 0; i--)
		lossy += play(DURABLE_SECOND, draw(1000000)) > 0;
	assert_true(lossy > rounds / 4);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_was_committed_is_there),
		cmocka_unit_test(what_was_synced_is_there),
	};

	draw_state = 88172645463325252 ^ asked("SEED", 1) << 20;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
