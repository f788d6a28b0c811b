/* Rooms of a cluster: one node orders, the others are told the records, and only one's own
 * connections are sent anything. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "codecs/registry.h"
#include "codecs/text/memory.h"
#include "routes/room/fold.h"
#include "routes/room/judge.h"
#include "routes/room/members.h"
#include "routes/room/recording.h"

static const struct room_time now = { .wall_ms = ID_EPOCH_MS + 5000, .steady_ms = 7 };

struct node {
	struct room_rules rules;
	struct id_clock clock;
	struct room *room;
};

struct pair {
	struct node nodes[2];
	size_t records;
};

/* What one room records, the other is told. */
static void tell(void *owner, const struct record *record)
{
	struct pair *pair = owner;
	unsigned char *bytes = memory_new(record_most(record));
	struct record again;

	assert_int_equal(
	    record_read((struct slice){ (const char *)bytes, record_write(record, bytes) }, &again),
	    RECORD_SOUND);
	assert_true(room_apply(pair->nodes[1].room, &again, now));
	record_clear(&again);
	free(bytes);
	pair->records++;
}

static struct pair *pair_new(void)
{
	struct pair *pair = memory_zeroed(1, sizeof(*pair));

	for (unsigned n = 0; n < 2; n++) {
		struct node *node = &pair->nodes[n];

		node->rules = (struct room_rules){
			.name = SLICE("lobby"), .open = true, .history = 10, .remembered = 10
		};
		node->clock = (struct id_clock){ .nodes = ID_NODES, .node = n };
		node->room = room_new(&node->rules, &node->clock, 3);
		room_node_set(node->room, room_node(n, 5));
	}
	room_record(pair->nodes[0].room, tell, pair);
	return pair;
}

static void pair_free(struct pair *pair)
{
	for (unsigned n = 0; n < 2; n++)
		room_free(pair->nodes[n].room);
	free(pair);
}

static uint64_t enter(struct pair *pair, struct session_ref ref, uint32_t number, const char *name)
{
	struct person person = { .number = number, .name = slice_of(name) };
	struct room_entrant who = { .person = &person };
	struct envelope *event;
	uint32_t roles;
	uint64_t id;

	assert_int_equal(room_enter(pair->nodes[0].room, ref, 0, &who, now, &roles, &event),
			 REASON_NONE);
	id = event->id;
	envelope_release(event);
	return id;
}

static void only_own_connections_are_present(void **state)
{
	struct pair *pair = pair_new();
	struct session_ref here = { 2, 1, 1 }, there = { 2 + room_node(1, 5) * WORKERS_MAX, 1, 1 };

	(void)state;
	enter(pair, here, 10, "kim");
	enter(pair, there, 11, "lee");
	assert_int_equal(pair->records, 2);
	for (unsigned n = 0; n < 2; n++) {
		const struct room *room = pair->nodes[n].room;
		const struct room_presence *presence = room_presence(room);

		assert_int_equal(presence->workers, 1 << 2);
		assert_int_equal(presence->by_worker[2], 1);
		assert_true(room_has_person(room, 10) && room_has_person(room, 11));
		assert_true(room_has(room, there));
	}
	assert_true(room_digest(pair->nodes[0].room) == room_digest(pair->nodes[1].room));
	/* The second node calls its own connection what it is there. */
	assert_true(room_has(pair->nodes[1].room, here));
	assert_int_equal(room_roles(pair->nodes[1].room, here), 0);
	pair_free(pair);
}

static void a_node_that_is_gone_leaves_its_seats(void **state)
{
	struct pair *pair = pair_new();
	struct session_ref there = { room_node(1, 5) * WORKERS_MAX, 1, 1 };
	struct session_ref later = { room_node(1, 6) * WORKERS_MAX, 1, 1 };
	struct session_ref *refs;
	struct envelope *exit;
	size_t count;

	(void)state;
	enter(pair, there, 11, "lee");
	enter(pair, later, 12, "max");
	refs = room_seats_of(pair->nodes[0].room, 1, 5, &count);
	assert_int_equal(count, 1);
	assert_true(room_leave(pair->nodes[0].room, refs[0], now, &exit));
	assert_int_equal(exit->author.number, 11);
	envelope_release(exit);
	free(refs);
	assert_false(room_has_person(pair->nodes[1].room, 11));
	assert_true(room_has_person(pair->nodes[1].room, 12));
	room_vacate(pair->nodes[1].room);
	assert_false(room_has_person(pair->nodes[1].room, 12));
	pair_free(pair);
}

static void ids_are_of_their_node(void **state)
{
	struct id_clock clock = { .nodes = ID_NODES, .node = 5 };
	uint64_t last = 0;

	(void)state;
	for (unsigned i = 0; i < 1000; i++) {
		uint64_t id = id_next(&clock, now.wall_ms, 3);

		assert_true(id > last);
		assert_int_equal(id % ID_NODES, 5);
		assert_int_equal(id_shard(id), 3);
		last = id;
	}
	id_clock_pass(&clock, last + 1);
	assert_int_equal(id_next(&clock, now.wall_ms, 3) % ID_NODES, 5);
}

/* A room of one machine takes no seat of elsewhere, and no record out of turn. */
static void strangers_are_refused_without_a_cluster(void **state)
{
	struct pair *pair = pair_new();
	struct room_rules rules = { .name = SLICE("lobby"), .open = true, .remembered = 10 };
	struct id_clock clock = { 0 };
	struct room *room = room_new(&rules, &clock, 3);
	struct envelope event = { .kind = KIND_ENTER,
				  .id = id_floor(now.wall_ms) + (3 << 9),
				  .sequence = 1,
				  .time_ms = now.wall_ms,
				  .room = rules.name,
				  .author = { .number = 11, .name = SLICE("lee") } };
	struct record record = { .kind = RECORD_SEAT,
				 .number = 1,
				 .event = &event,
				 .seat = { .ref = { room_node(1, 5) * WORKERS_MAX, 1, 1 } } };

	(void)state;
	assert_false(room_apply(room, &record, now));
	record.number = event.sequence = 70;
	assert_false(room_apply(room, &record, now));
	assert_true(room_apply(pair->nodes[1].room, &record, now));
	room_free(room);
	pair_free(pair);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(only_own_connections_are_present),
		cmocka_unit_test(a_node_that_is_gone_leaves_its_seats),
		cmocka_unit_test(ids_are_of_their_node),
		cmocka_unit_test(strangers_are_refused_without_a_cluster),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
