/* What other servers call our messages, in the file. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "bridge/store/lasting/foreign_rows.h"
#include "codecs/calls.h"
#include "tests/support/shelf.h"

static struct shelf shelf;

static bool keep(const struct foreign_keeping *keeping)
{
	bool done = database_begin(shelf.database) &&
		    database_foreign_keep(shelf.database, keeping) &&
		    database_commit(shelf.database);

	if (!done)
		database_rollback(shelf.database);
	return done;
}

static bool put_in(const char *upstream, const char *room, const char *theirs, uint64_t id)
{
	struct foreign_name name = { slice_of(theirs), id };
	struct foreign_keeping keeping = {
		.upstream = slice_of(upstream), .room = slice_of(room), .names = &name, .count = 1
	};

	return keep(&keeping);
}

static bool put(const char *theirs, uint64_t id)
{
	return put_in("there", "lobby", theirs, id);
}

static bool settle(const char *upstream, const char *room, uint64_t id)
{
	struct foreign_keeping keeping = { .upstream = slice_of(upstream),
					   .room = slice_of(room),
					   .settled = id };

	return keep(&keeping);
}

/* What was read. */
static char text[4000];
static uint64_t settled;
static size_t damaged;

static void take(void *context, const struct foreign_name *name)
{
	size_t len = strlen(text);

	(void)context;
	snprintf(text + len, sizeof(text) - len, "%.*s=%llu ", (int)name->theirs.len,
		 name->theirs.data, (unsigned long long)name->id);
}

static const char *read_of(const char *upstream, const char *room, size_t most)
{
	struct foreign_sink sink = { .name = take };

	*text = '\0';
	assert_true(database_foreign(shelf.database, slice_of(upstream), slice_of(room), most,
				     &sink, &settled, &damaged));
	return text;
}

static const char *read_all(void)
{
	return read_of("there", "lobby", SIZE_MAX);
}

static void nothing_is_kept_at_first(void **state)
{
	(void)state;
	assert_string_equal(read_all(), "");
	assert_true(settled == 0);
	assert_int_equal(damaged, 0);
}

static void they_come_by_our_id(void **state)
{
	(void)state;
	assert_true(put("300", 30));
	assert_true(put("900", 10));
	assert_true(put("100", 20));
	assert_string_equal(read_all(), "900=10 100=20 300=30 ");
	shelf_again(&shelf);
	assert_string_equal(read_all(), "900=10 100=20 300=30 ");
}

static void they_are_exact(void **state)
{
	(void)state;
	assert_true(put("9007199254740993", (UINT64_C(1) << 53) - 1));
	assert_true(put("9007199254740992", (UINT64_C(1) << 53) - 2));
	assert_true(put("09007199254740992", 5));
	assert_true(put("aBc", 6));
	assert_true(put("abc", 7));
	assert_string_equal(read_all(), "09007199254740992=5 aBc=6 abc=7 "
					"9007199254740992=9007199254740990 "
					"9007199254740993=9007199254740991 ");
}

static void parts_stand_in_the_order_they_were_put(void **state)
{
	const struct foreign_name names[] = {
		{ SLICE("z"), 1 }, { SLICE("y"), 2 }, { SLICE("m"), 1 }, { SLICE("a"), 1 }
	};
	struct foreign_keeping keeping = {
		.upstream = SLICE("there"), .room = SLICE("lobby"), .names = names, .count = 4
	};

	(void)state;
	assert_true(keep(&keeping));
	assert_string_equal(read_all(), "z=1 m=1 a=1 y=2 ");
	assert_true(put("z", 1));
	assert_true(put("b", 1));
	assert_string_equal(read_all(), "z=1 m=1 a=1 b=1 y=2 ");
	/* Of another message, and back. */
	assert_true(put("m", 2));
	assert_string_equal(read_all(), "z=1 a=1 b=1 y=2 m=2 ");
	assert_true(put("m", 1));
	assert_string_equal(read_all(), "z=1 a=1 b=1 m=1 y=2 ");
	assert_int_equal(shelf_sql(&shelf, "SELECT count(*) FROM foreign_id"), 5);
}

static void the_newest_are_given(void **state)
{
	(void)state;
	for (unsigned i = 1; i <= 200; i++) {
		char theirs[8];

		snprintf(theirs, sizeof(theirs), "%u", 500 - i);
		assert_true(put(theirs, i));
	}
	assert_string_equal(read_of("there", "lobby", 3), "302=198 301=199 300=200 ");
	assert_string_equal(read_of("there", "lobby", 0), "");
	assert_memory_equal(read_all(), "499=1 498=2 ", 12);
}

static void upstreams_and_rooms_keep_apart(void **state)
{
	(void)state;
	assert_true(put_in("there", "lobby", "1", 10));
	assert_true(put_in("elsewhere", "lobby", "1", 20));
	assert_true(put_in("there", "attic", "2", 30));
	assert_true(settle("there", "lobby", 10));
	assert_true(settle("elsewhere", "lobby", 20));
	assert_string_equal(read_of("there", "lobby", 9), "1=10 ");
	assert_true(settled == 10);
	assert_string_equal(read_of("elsewhere", "lobby", 9), "1=20 ");
	assert_true(settled == 20);
	assert_string_equal(read_of("there", "attic", 9), "2=30 ");
	assert_true(settled == 0);
	assert_string_equal(read_of("there", "cellar", 9), "");
	assert_string_equal(read_of("nowhere", "lobby", 9), "");
	/* Rooms have one number, however they are written. */
	assert_string_equal(read_of("there", "LOBBY", 9), "1=10 ");
}

static void what_is_settled_is_what_was_said_last(void **state)
{
	struct foreign_name name = { SLICE("7"), 70 };
	struct foreign_keeping both = { .upstream = SLICE("there"),
					.room = SLICE("lobby"),
					.names = &name,
					.count = 1,
					.settled = 70 };

	(void)state;
	assert_true(settle("there", "lobby", 60));
	assert_true(keep(&both));
	assert_true(put("8", 80));
	assert_string_equal(read_all(), "7=70 8=80 ");
	assert_true(settled == 70);
	shelf_again(&shelf);
	read_all();
	assert_true(settled == 70);
}

/* All of it or nothing. */
static void what_cannot_be_one_is_a_fault(void **state)
{
	char longest[FOREIGN_ID_MAX + 2] = "";
	struct foreign_name names[] = { { SLICE("1"), 10 }, { SLICE(""), 20 } };
	struct foreign_keeping keeping = { .upstream = SLICE("there"),
					   .room = SLICE("lobby"),
					   .names = names,
					   .count = 2,
					   .settled = 20 };

	(void)state;
	memset(longest, 'x', FOREIGN_ID_MAX + 1);
	assert_false(keep(&keeping));
	assert_false(put(longest, 10));
	assert_false(put("1", 0));
	assert_string_equal(read_all(), "");
	assert_true(settled == 0);
	longest[FOREIGN_ID_MAX] = '\0';
	assert_true(put(longest, 10));
	assert_int_equal(strlen(read_all()), FOREIGN_ID_MAX + 4);
}

static void damage_is_left_out_and_mended(void **state)
{
	(void)state;
	assert_true(put("1", 10));
	assert_true(put("2", 20));
	assert_true(put("3", 30));
	shelf_sql(&shelf, "UPDATE foreign_id SET id = 21 WHERE theirs = '2'");
	assert_string_equal(read_all(), "1=10 3=30 ");
	assert_int_equal(damaged, 1);
	assert_true(put("2", 21));
	assert_string_equal(read_all(), "1=10 2=21 3=30 ");
	assert_int_equal(damaged, 0);
}

#define TEST(name) SHELF_TEST(name, &shelf)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(nothing_is_kept_at_first),
		TEST(they_come_by_our_id),
		TEST(they_are_exact),
		TEST(parts_stand_in_the_order_they_were_put),
		TEST(the_newest_are_given),
		TEST(upstreams_and_rooms_keep_apart),
		TEST(what_is_settled_is_what_was_said_last),
		TEST(what_cannot_be_one_is_a_fault),
		TEST(damage_is_left_out_and_mended),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
