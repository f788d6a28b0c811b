/* store.c - what the store's database costs: rows written a second in transactions of 1, 16 and
 * 256, and how long a million messages take to be read.
 *
 *   build/bench/store FOLDER [rooms]      an empty folder on the disk that is to be measured */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "bridge/store/change.h"
#include "bridge/store/read.h"
#include "bridge/store/sqlite/database.h"
#include "bridge/store/sqlite/room_numbers.h"
#include "codecs/text/slice.h"

#define BODY_BYTES 160
#define STORED     1000000

static unsigned room_count = 100;
static uint64_t next_id = 1;
static char body[BODY_BYTES];

static double seconds(clockid_t clock)
{
	struct timespec now;

	clock_gettime(clock, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static void give_up(const struct database *database, const char *what)
{
	fprintf(stderr, "%s: %s\n", what, database_fault_text(database));
	exit(1);
}

static void transaction(struct database *database, size_t rows)
{
	bool done = database_begin(database);

	for (size_t i = 0; done && i < rows; i++) {
		char name[32];
		struct row row = { .kind = ROW_MESSAGE,
				   .id = next_id++,
				   .author = 1000 + (uint32_t)(next_id % 50),
				   .name = SLICE("Somebody"),
				   .roles = 1,
				   .time_ms = 1700000000000 + next_id,
				   .body = slice_span(body, sizeof(body)) };

		snprintf(name, sizeof(name), "room-%u", (unsigned)(next_id * 7919 % room_count));
		done = database_change(database, database_room(database, slice_of(name)), &row);
	}
	if (!done || !database_commit(database))
		give_up(database, "write");
}

static void write_rate(struct database *database, size_t batch, size_t total)
{
	double wall = seconds(CLOCK_MONOTONIC), cpu = seconds(CLOCK_PROCESS_CPUTIME_ID);

	for (size_t done = 0; done < total; done += batch) {
		transaction(database, batch);
		if (database_wal_bytes(database) > 64 << 20 &&
		    !database_checkpoint(database, CHECKPOINT_RESTART))
			give_up(database, "checkpoint");
	}
	wall = seconds(CLOCK_MONOTONIC) - wall;
	cpu = seconds(CLOCK_PROCESS_CPUTIME_ID) - cpu;
	printf("  %3zu rows a transaction: %8.0f rows a second, %5.2f us of CPU each\n", batch,
	       (double)total / wall, cpu / (double)total * 1e6);
	fflush(stdout);
}

static void count_row(void *context, const struct row *row)
{
	(void)row;
	++*(size_t *)context;
}

static void count_damage(void *context, const struct damage *damage)
{
	(void)context;
	fprintf(stderr, "damage: %s %" PRIu64 "\n", damage->table, damage->id);
	exit(1);
}

static void read_all(const char *folder, size_t messages)
{
	struct database *database = database_open_reader(folder, stderr);
	size_t rows = 0;
	struct row_sink sink = { .context = &rows, .row = count_row, .damaged = count_damage };
	double wall = seconds(CLOCK_MONOTONIC), cpu = seconds(CLOCK_PROCESS_CPUTIME_ID);

	if (!database)
		exit(1);
	if (!database_read_all(database, messages, &sink))
		give_up(database, "read");
	printf("  read %zu rows of %u rooms: %.2f s, %.2f s of CPU\n", rows, room_count,
	       seconds(CLOCK_MONOTONIC) - wall, seconds(CLOCK_PROCESS_CPUTIME_ID) - cpu);
	database_close(database);
}

int main(int argc, char **argv)
{
	static const enum durability levels[] = { DURABLE_COMMIT, DURABLE_SECOND };
	struct database *database = NULL;

	if (argc < 2)
		return 2;
	if (argc > 2)
		room_count = (unsigned)strtoul(argv[2], NULL, 10);
	memset(body, 'x', sizeof(body));
	for (size_t i = 0; i < 2; i++) {
		database = database_open(argv[1], levels[i], stderr);
		if (!database)
			return 1;
		printf("durability %s, %u rooms\n", i ? "second" : "commit", room_count);
		write_rate(database, 1, 20000);
		write_rate(database, 16, 100000);
		write_rate(database, 256, 200000);
		if (i == 0)
			database_close(database);
	}
	while (next_id <= STORED)
		transaction(database, 256);
	if (!database_checkpoint(database, CHECKPOINT_TRUNCATE))
		give_up(database, "checkpoint");
	database_close(database);
	read_all(argv[1], STORED);
	read_all(argv[1], STORED);
	read_all(argv[1], 100);
	return 0;
}
