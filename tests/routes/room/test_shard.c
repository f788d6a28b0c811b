#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "routes/room/shard.h"
#include "tests/routes/room/room_fixture.h"

/* Ids that were given hold them: they may never be others. */
static void shards_are_what_they_were(void **state)
{
	static const struct {
		const char *folded;
		unsigned shard;
	} known[] = {
		{ "", 15 },      { "lobby", 5 },   { "attic", 8 }, { "tea room", 6 },
		{ "römer", 11 }, { "general", 9 }, { "a", 0 },     { "b", 4 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		assert_int_equal(shard_of(slice_of(known[i].folded)), known[i].shard);
	assert_int_equal(shard_of((struct slice){ NULL, 0 }), shard_of(SLICE("")));
}

static void rooms_are_spread_over_all_shards(void **state)
{
	unsigned counts[ID_SHARDS] = { 0 };

	(void)state;
	for (unsigned i = 0; i < 1600; i++) {
		char name[16];
		int len = snprintf(name, sizeof(name), "room %u", i);
		unsigned shard = shard_of(slice_span(name, (size_t)len));

		assert_true(shard < ID_SHARDS);
		counts[shard]++;
	}
	for (unsigned shard = 0; shard < ID_SHARDS; shard++)
		assert_in_range(counts[shard], 60, 140);
}

static void each_shard_has_one_owner(void **state)
{
	(void)state;
	for (unsigned workers = 1; workers <= WORKERS_MAX; workers++) {
		unsigned owned[WORKERS_MAX] = { 0 };

		for (unsigned shard = 0; shard < ID_SHARDS; shard++) {
			assert_true(shard_owner(shard, workers) < workers);
			owned[shard_owner(shard, workers)]++;
		}
		/* Ids that a worker gives beside its rooms' are of the shard with its number. */
		for (unsigned w = 0; w < workers; w++) {
			assert_int_equal(shard_owner(w, workers), w);
			assert_in_range(owned[w], ID_SHARDS / workers, ID_SHARDS / workers + 1);
		}
	}
}

/* One clock for all shards of a worker, as many workers as there may be; then they are others. */
static void no_id_is_given_twice_whoever_owns_the_shards(void **state)
{
	uint64_t newest[ID_SHARDS] = { 0 }, mark_ms = START_MS;

	(void)state;
	for (unsigned start = 0; start < 40; start++) {
		unsigned workers = start * 7 % WORKERS_MAX + 1;
		struct id_clock clocks[WORKERS_MAX] = { 0 };

		for (unsigned w = 0; w < workers; w++)
			id_clock_start(&clocks[w], mark_ms);
		for (unsigned i = 0; i < 5000; i++) {
			unsigned shard = (i * 11 + start) % ID_SHARDS;
			struct id_clock *clock = &clocks[shard_owner(shard, workers)];
			uint64_t id = id_next(clock, START_MS + i / 400, shard);

			assert_int_equal(id_shard(id), shard);
			assert_true(id > newest[shard]);
			newest[shard] = id;
		}
		for (unsigned w = 0; w < workers; w++)
			if (id_clock_newest_ms(&clocks[w]) >= mark_ms)
				mark_ms = id_clock_newest_ms(&clocks[w]) + 1;
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(shards_are_what_they_were),
		cmocka_unit_test(rooms_are_spread_over_all_shards),
		cmocka_unit_test(each_shard_has_one_owner),
		cmocka_unit_test(no_id_is_given_twice_whoever_owns_the_shards),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
