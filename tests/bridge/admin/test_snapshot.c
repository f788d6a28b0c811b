#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "bridge/admin/snapshot.h"
#include "bridge/core/worker.h"
#include "tests/support/floor.h"

static const char three_rooms[] =
    "rooms = ( { name = \"lobby\"; metrics = true; }, { name = \"attic\"; },"
    " { name = \"cellar\"; metrics = true; } );"
    "listeners = ( { port = 0; mounts = ("
    " { path = \"/simple\"; dialect = \"simple\"; room = \"lobby\"; },"
    " { path = \"/attic\"; dialect = \"simple\"; room = \"attic\"; } ); } );";

/* What the snapshots of all workers have of a room; and how many have it. */
static size_t reading_of(struct floor *floor, const char *room, struct tally *tally)
{
	size_t found = 0;

	*tally = (struct tally){ .accepted = 0 };
	for (unsigned w = 0; w < floor->stage->bridge->worker_count; w++) {
		struct snapshot *snapshot = snapshot_take(floor->stage->bridge->workers[w]);

		for (size_t i = 0; i < snapshot->reading_count; i++)
			if (strcmp(snapshot->readings[i].name, room) == 0) {
				tally_add(tally, &snapshot->readings[i].tally);
				found++;
			}
		free(snapshot);
	}
	return found;
}

static void rooms_are_added_up(void **state)
{
	struct floor floor;
	struct stage_client *ann, *bob;
	struct ledger all = { .dialects = { { .accepted = 0 } } };
	struct tally tally;
	uint32_t connections = 0;

	(void)state;
	floor_open(&floor, 2, three_rooms);
	ann = floor_join_at(&floor, "ann", DIALECT_SIMPLE, "/simple");
	bob = floor_join_at(&floor, "bob", DIALECT_SIMPLE, "/attic");
	floor_say(ann, "{\"type\":\"send_message\",\"payload_id\":1,\"message\":\"hi\"}");
	floor_say(bob, "{\"type\":\"send_message\",\"payload_id\":1,\"message\":\"hi\"}");
	for (unsigned w = 0; w < 2; w++) {
		struct snapshot *snapshot = snapshot_take(floor.stage->bridge->workers[w]);

		tallies_add(all.dialects, snapshot->deliveries.dialects);
		connections += snapshot->connections;
		assert_int_equal(snapshot->room_count, 3);
		assert_null(snapshot->counters.rooms);
		assert_int_equal(snapshot->counters.frames_received,
				 floor.stage->bridge->workers[w]->counters->frames_received);
		free(snapshot);
	}
	assert_int_equal(connections, 2);
	assert_int_equal(all.dialects[DIALECT_SIMPLE].outcomes[OUTCOME_DELIVERED],
			 floor_outcomes(&floor, DIALECT_SIMPLE, OUTCOME_DELIVERED));
	assert_true(tallies_balance(all.dialects));
	assert_true(reading_of(&floor, "lobby", &tally) > 0);
	assert_int_equal(tally.outcomes[OUTCOME_DELIVERED], 2);
	assert_int_equal(reading_of(&floor, "attic", &tally), 0);
	assert_int_equal(reading_of(&floor, "cellar", &tally), 0);
	floor_close(&floor);
}

/* A reload decides anew which rooms are told, and those removed stay in the sum. */
static void rooms_change(void **state)
{
	char *folder = floor_folder(), path[512];
	struct floor floor;
	struct tally tally;
	struct snapshot *snapshot;
	uint64_t before;

	(void)state;
	floor_open(&floor, 1, three_rooms);
	floor_say(floor_join_at(&floor, "ann", DIALECT_SIMPLE, "/simple"),
		  "{\"type\":\"send_message\",\"payload_id\":1,\"message\":\"hi\"}");
	floor_say(floor_join_at(&floor, "bob", DIALECT_SIMPLE, "/attic"),
		  "{\"type\":\"send_message\",\"payload_id\":1,\"message\":\"hi\"}");
	before = floor_outcomes(&floor, DIALECT_SIMPLE, OUTCOME_DELIVERED);
	floor_file(folder, "new.cfg",
		   "rooms = ( { name = \"lobby\"; }, { name = \"attic\"; metrics = true; } );"
		   "listeners = ( { port = 0; mounts = ("
		   " { path = \"/simple\"; dialect = \"simple\"; room = \"lobby\"; },"
		   " { path = \"/attic\"; dialect = \"simple\"; room = \"attic\"; } ); } );",
		   0600);
	snprintf(path, sizeof(path), "%s/new.cfg", folder);
	assert_true(stage_reload(floor.stage, path, stderr));
	assert_int_equal(reading_of(&floor, "lobby", &tally), 0);
	assert_int_equal(reading_of(&floor, "attic", &tally), 1);
	assert_int_equal(tally.outcomes[OUTCOME_DELIVERED], 2);
	snapshot = snapshot_take(floor.stage->bridge->workers[0]);
	assert_int_equal(snapshot->room_count, 2);
	assert_int_equal(snapshot->deliveries.dialects[DIALECT_SIMPLE].outcomes[OUTCOME_DELIVERED],
			 before);
	free(snapshot);
	floor_folder_remove(folder);
	floor_close(&floor);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rooms_are_added_up),
		cmocka_unit_test(rooms_change),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
