#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "bridge/store/lasting/token_rows.h"
#include "tests/support/shelf.h"

static struct shelf shelf;

static struct token_row row_of(unsigned char hash, uint64_t issued_ms)
{
	struct token_row row = { .kind = HOLDER_GUEST,
				 .number = UINT32_C(1) << 30,
				 .roles = 5,
				 .credential = UINT64_MAX - 1,
				 .issued_ms = issued_ms,
				 .expires_ms = issued_ms + 5 };

	memset(row.hash, hash, sizeof(row.hash));
	row.hash[3] = 0;
	snprintf(row.name, sizeof(row.name), "bob");
	snprintf(row.dialect, sizeof(row.dialect), "rooms");
	return row;
}

static bool keep(const struct token_keeping *keeping)
{
	bool done = database_begin(shelf.database) &&
		    database_tokens_keep(shelf.database, keeping) &&
		    database_commit(shelf.database);

	if (!done)
		database_rollback(shelf.database);
	return done;
}

static bool add(const struct token_row *row, const struct token_row *gone)
{
	struct token_keeping keeping = { .adds = true, .row = *row };

	if (gone)
		memcpy(keeping.gone[keeping.gone_count++], gone->hash, TOKEN_ROW_HASH);
	return keep(&keeping);
}

/* What was read. */
static struct token_row rows[4];
static size_t count, damaged;

static void take(void *context, const struct token_row *row)
{
	(void)context;
	assert_in_range(count, 0, 3);
	rows[count++] = *row;
}

static void take_damaged(void *context)
{
	(void)context;
	damaged++;
}

static void read_all(void)
{
	struct token_sink sink = { .token = take, .damaged = take_damaged };

	count = damaged = 0;
	assert_true(database_tokens(shelf.database, &sink));
}

static void they_come_back_as_they_were(void **state)
{
	struct token_row newer = row_of(2, 20), older = row_of(1, 10);

	(void)state;
	assert_true(add(&newer, NULL));
	assert_true(add(&older, NULL));
	read_all();
	assert_int_equal(count, 2);
	assert_memory_equal(&rows[0], &older, sizeof(older));
	assert_memory_equal(&rows[1], &newer, sizeof(newer));
	assert_int_equal(damaged, 0);
}

static void one_goes_for_another(void **state)
{
	struct token_row first = row_of(1, 10), second = row_of(2, 20);
	struct token_keeping none = { .adds = false };

	(void)state;
	assert_true(add(&first, NULL));
	assert_true(add(&second, &first));
	assert_true(keep(&none));
	read_all();
	assert_int_equal(count, 1);
	assert_memory_equal(&rows[0], &second, sizeof(second));
}

/* Both or nothing. */
static void the_same_twice_is_a_fault(void **state)
{
	struct token_row first = row_of(1, 10), second = row_of(2, 20);

	(void)state;
	assert_true(add(&first, NULL));
	assert_true(add(&second, NULL));
	assert_false(add(&first, &second));
	read_all();
	assert_int_equal(count, 2);
}

static void damage_is_left_out(void **state)
{
	struct token_row first = row_of(1, 10), second = row_of(2, 20);

	(void)state;
	assert_true(add(&first, NULL));
	assert_true(add(&second, NULL));
	shelf_sql(&shelf, "UPDATE token SET number = 7 WHERE issued_ms = 10");
	read_all();
	assert_int_equal(count, 1);
	assert_int_equal(damaged, 1);
	assert_int_equal(rows[0].issued_ms, 20);
}

#define TEST(name) SHELF_TEST(name, &shelf)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(they_come_back_as_they_were),
		TEST(one_goes_for_another),
		TEST(the_same_twice_is_a_fault),
		TEST(damage_is_left_out),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
