#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "codecs/text/memory.h"
#include "routes/room/shard.h"
#include "tests/support/floor.h"
#include "tests/support/toy.h"

/* ---- of a configuration ---- */

#define MANY 300

/* Rooms room1 .. roomMANY with channels 2i and channelIds 3i, in an order that is none of
 * theirs. Returns new. */
static char *many_rooms(void)
{
	char *text = memory_new(MANY * 128 + 256), *at = text;

	at += sprintf(at, "listeners = ( { port = 0; mounts = ( { path = \"/m\";"
			  " dialect = \"mixer\"; room = \"room1\"; } ); } ); rooms = (");
	for (unsigned i = 1; i <= MANY; i++) {
		unsigned n = i * 11 % (MANY + 1);

		at += sprintf(at,
			      "%s { name = \"room%u\"; mixer = %u; concord = %u;"
			      " rooms = \"%08x-4c1f-4d5e-9b0a-7c2f3d9e6a01\"; }",
			      i > 1 ? "," : "", n, 2 * n, 3 * n, 0x01000000U * (n % 256) + n);
	}
	sprintf(at, " );");
	return text;
}

static void every_room_is_found(void **state)
{
	char *text = many_rooms();
	struct floor floor;
	const struct bridge *bridge;
	struct slice none = { 0 };

	(void)state;
	floor_open(&floor, 3, text);
	bridge = floor.stage->bridge;
	assert_int_equal(room_table_count(bridge->rooms), MANY);
	for (unsigned n = 1; n <= MANY; n++) {
		char name[16], uuid[UUID_TEXT_LEN + 1];
		struct room_entry *room =
		    room_table_called(bridge->rooms, DIALECT_MIXER, 2 * n, none);

		snprintf(name, sizeof(name), "room%u", n);
		snprintf(uuid, sizeof(uuid), "%08X-4C1F-4D5E-9B0A-7C2F3D9E6A01",
			 0x01000000U * (n % 256) + n);
		assert_non_null(room);
		assert_true(slice_is(room->rules.name, name));
		assert_ptr_equal(room_table_called(bridge->rooms, DIALECT_CONCORD, 3 * n, none),
				 room);
		assert_ptr_equal(room_table_called(bridge->rooms, DIALECT_ROOMS, 0, slice_of(uuid)),
				 room);
	}
	floor_close(&floor);
	free(text);
}

static void other_rooms_are_not(void **state)
{
	char *text = many_rooms();
	struct floor floor;
	const struct bridge *bridge;
	struct slice none = { 0 };

	(void)state;
	floor_open(&floor, 1, text);
	bridge = floor.stage->bridge;
	for (uint64_t n = 1; n <= MANY; n++)
		assert_null(room_table_called(bridge->rooms, DIALECT_MIXER, 2 * n - 1, none));
	assert_null(room_table_called(bridge->rooms, DIALECT_MIXER, 0, none));
	assert_null(room_table_called(bridge->rooms, DIALECT_MIXER, 2 * MANY + 2, none));
	assert_null(room_table_called(bridge->rooms, DIALECT_CONCORD, UINT64_MAX, none));
	assert_null(room_table_called(bridge->rooms, DIALECT_ROOMS, 0, none));
	assert_null(room_table_called(bridge->rooms, DIALECT_ROOMS, 0, SLICE("")));
	assert_null(room_table_called(bridge->rooms, DIALECT_ROOMS, 0,
				      SLICE("00000000-0000-0000-0000-000000000000")));
	assert_null(room_table_called(bridge->rooms, DIALECT_ROOMS, 0,
				      SLICE("ffffffff-4c1f-4d5e-9b0a-7c2f3d9e6a01")));
	assert_null(room_table_called(bridge->rooms, DIALECT_ROOMS, 0,
				      SLICE("01000001-4c1f-4d5e-9b0a-7c2f3d9e6a0")));
	floor_close(&floor);
	free(text);
}

/* ---- by hand ---- */

static const struct id_key key = { "0123456789abcdef" };
static const struct person bridge = { .number = 1 };

/* Names with these ids; mixer 0, "" and NULL: as if there were none. */
static struct room_names *names_of(const struct room_entry *room, uint64_t mixer, const char *rooms,
				   const char *toy)
{
	struct room_names *names = room_names_new(room, &key, SLICE("instance"), &bridge);
	size_t toys = registry_find(SLICE("toy"));

	names->views[DIALECT_MIXER].room_number = mixer;
	names->views[DIALECT_CONCORD].room_number = mixer;
	names->views[DIALECT_ROOMS].room_id = slice_of(rooms);
	if (toys < DIALECTS_MAX)
		names->views[toys].room_id = slice_of(toy);
	return names;
}

#define UUID_A "aabb1e5a-4c1f-4d5e-9b0a-7c2f3d9e6a01"
#define UUID_B "bbbb1e5a-4c1f-4d5e-9b0a-7c2f3d9e6a01"

static void an_entry_has_a_name_and_views(void **state)
{
	struct room_entry *room = room_entry_new(7, 5, SLICE("lobby"));

	(void)state;
	assert_int_equal(room->index, 7);
	assert_int_equal(room->shard, shard_of(SLICE("lobby")));
	assert_int_equal(room->owner, room->shard % 5);
	assert_string_equal(room->rules.name.data, "lobby");
	room_entry_name(room, names_of(room, 5, UUID_A, "a"));
	for (size_t d = 0; d < registry_count(); d++) {
		assert_ptr_equal(room_view(room, d)->codec, registry_codec(d));
		assert_true(slice_is(room_view(room, d)->room, "lobby"));
		assert_int_equal(room_view(room, d)->bridge.number, 1);
	}
	assert_int_equal(room_view(room, DIALECT_MIXER)->room_number, 5);
	room_entry_free(room);
	room_entry_free(NULL);
	room_names_free(NULL);
}

/* Who looks at what it was called may go on. */
static void other_names_leave_the_old_ones_alone(void **state)
{
	struct room_entry *room = room_entry_new(0, 1, SLICE("lobby"));
	const struct codec_view *old;

	(void)state;
	room_entry_name(room, names_of(room, 5, UUID_A, "a"));
	old = room_view(room, DIALECT_MIXER);
	room_entry_name(room, names_of(room, 6, UUID_B, "b"));
	assert_int_equal(room_view(room, DIALECT_MIXER)->room_number, 6);
	assert_int_equal(old->room_number, 5);
	room_entry_free(room);
}

/* A name or an id is one room's; who has it is told, and in which dialect. */
static void no_two_have_the_same(void **state)
{
	struct room_entry *a = room_entry_new(0, 1, SLICE("a")), *taken;
	struct room_entry *b = room_entry_new(1, 1, SLICE("b"));
	struct room_entry *same = room_entry_new(2, 1, SLICE("a"));
	struct room_table *table = room_table_new(2);
	struct room_names *names[4];
	size_t dialect;

	(void)state;
	room_entry_name(a, names_of(a, 5, UUID_A, "x"));
	names[0] = names_of(b, 5, UUID_B, "y");
	names[1] = names_of(b, 6, UUID_A, "y");
	names[2] = names_of(b, 6, UUID_B, "x");
	names[3] = names_of(same, 7, UUID_B, "y");
	assert_true(room_table_add(table, a, atomic_load(&a->names), &taken, &dialect));
	assert_false(room_table_add(table, b, names[0], &taken, &dialect));
	assert_ptr_equal(taken, a);
	assert_int_equal(dialect, DIALECT_MIXER);
	assert_false(room_table_add(table, b, names[1], &taken, &dialect));
	assert_int_equal(dialect, DIALECT_ROOMS);
	assert_false(room_table_add(table, b, names[2], &taken, &dialect));
	assert_int_equal(dialect, registry_find(SLICE("toy")));
	assert_false(room_table_add(table, same, names[3], &taken, &dialect));
	assert_int_equal(dialect, DIALECTS_MAX);
	assert_ptr_equal(taken, a);
	assert_int_equal(room_table_count(table), 1);
	room_table_release(table);
	for (size_t i = 0; i < 4; i++)
		room_names_free(names[i]);
	room_entry_free(a);
	room_entry_free(b);
	room_entry_free(same);
}

/* The next table has other rooms, or the same under other ids; the one before finds what it did. */
static void tables_come_one_after_the_other(void **state)
{
	struct room_entry *a = room_entry_new(0, 1, SLICE("a")), *taken;
	struct room_entry *b = room_entry_new(1, 1, SLICE("b"));
	struct room_table *first = room_table_new(2), *second = room_table_new(2);
	const struct slice none = { NULL, 0 };
	size_t dialect;

	(void)state;
	room_entry_name(a, names_of(a, 5, UUID_A, "x"));
	room_entry_name(b, names_of(b, 6, UUID_B, "y"));
	assert_true(room_table_add(first, a, atomic_load(&a->names), &taken, &dialect));
	assert_true(room_table_add(first, b, atomic_load(&b->names), &taken, &dialect));
	assert_ptr_equal(room_table_hold(first), first);
	room_table_release(first);
	room_entry_name(b, names_of(b, 5, UUID_A, "z"));
	assert_true(room_table_add(second, b, atomic_load(&b->names), &taken, &dialect));
	assert_ptr_equal(room_table_called(first, DIALECT_MIXER, 5, none), a);
	assert_ptr_equal(room_table_called(first, DIALECT_ROOMS, 0, SLICE(UUID_B)), b);
	assert_ptr_equal(room_table_called(second, DIALECT_MIXER, 5, none), b);
	assert_null(room_table_called(second, DIALECT_MIXER, 6, none));
	assert_null(room_table_find(second, SLICE("a")));
	assert_ptr_equal(room_table_find(second, SLICE("b")), b);
	assert_ptr_equal(room_table_at(first, 0), a);
	assert_ptr_equal(room_table_at(first, 1), b);
	room_table_release(first);
	room_table_release(second);
	room_table_release(NULL);
	room_entry_free(a);
	room_entry_free(b);
}

/* By numbers no text is looked for, by text no number; who names no rooms finds none. */
static void dialects_ask_in_their_own_way(void **state)
{
	struct room_entry *a = room_entry_new(0, 1, SLICE("a")), *taken;
	struct room_table *table = room_table_new(1);
	const struct slice none = { NULL, 0 };
	size_t dialect, toys = registry_find(SLICE("toy"));

	(void)state;
	room_entry_name(a, names_of(a, 5, UUID_A, "The Attic"));
	assert_true(room_table_add(table, a, atomic_load(&a->names), &taken, &dialect));
	assert_ptr_equal(room_table_called(table, toys, 0, SLICE("The Attic")), a);
	assert_null(room_table_called(table, toys, 0, SLICE("the attic")));
	assert_null(room_table_called(table, toys, 5, none));
	assert_null(room_table_called(table, DIALECT_MIXER, 5, SLICE("5")));
	assert_null(room_table_called(table, DIALECT_ROOMS, 5, none));
	assert_null(room_table_called(table, DIALECT_SIMPLE, 5, none));
	assert_null(room_table_called(table, DIALECT_SIMPLE, 0, SLICE("a")));
	room_table_release(table);
	room_entry_free(a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_room_is_found),
		cmocka_unit_test(other_rooms_are_not),
		cmocka_unit_test(an_entry_has_a_name_and_views),
		cmocka_unit_test(other_names_leave_the_old_ones_alone),
		cmocka_unit_test(no_two_have_the_same),
		cmocka_unit_test(tables_come_one_after_the_other),
		cmocka_unit_test(dialects_ask_in_their_own_way),
	};

	if (!registry_add(&codec_toy))
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
