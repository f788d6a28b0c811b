#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "codecs/text/memory.h"
#include "tests/support/floor.h"

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

static void mounts_are_found_by_path(void **state)
{
	struct mount mounts[] = { { .path = "/a" }, { .path = "/a/b" }, { .path = "/" } };
	struct listener_info listener = { .mounts = mounts, .mount_count = 3 };

	(void)state;
	assert_ptr_equal(bridge_mount(&listener, SLICE("/a")), &mounts[0]);
	assert_ptr_equal(bridge_mount(&listener, SLICE("/a/")), &mounts[0]);
	assert_ptr_equal(bridge_mount(&listener, SLICE("/a/b")), &mounts[1]);
	assert_ptr_equal(bridge_mount(&listener, SLICE("/a/b/")), &mounts[1]);
	assert_ptr_equal(bridge_mount(&listener, SLICE("/")), &mounts[2]);
	assert_null(bridge_mount(&listener, SLICE("/a//")));
	assert_null(bridge_mount(&listener, SLICE("/A")));
	assert_null(bridge_mount(&listener, SLICE("a")));
	assert_null(bridge_mount(&listener, SLICE("")));
	assert_null(bridge_mount(&listener, (struct slice){ 0 }));
	listener.mount_count = 2;
	assert_null(bridge_mount(&listener, SLICE("/")));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_room_is_found),
		cmocka_unit_test(other_rooms_are_not),
		cmocka_unit_test(mounts_are_found_by_path),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
