#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "bridge/store/sqlite/block.h"
#include "codecs/text/crc32c.h"

#define ROOM 7

static struct block block;

static struct block_item item_of(uint64_t id)
{
	struct block_item item = { .id = id,
				   .time_ms = UINT64_C(1700000000000) + id,
				   .author = 0xfffffff0u + (uint32_t)id,
				   .roles = 5,
				   .name = SLICE("Ann"),
				   .body = SLICE("some words") };

	if (id == 2)
		item.body = (struct slice){ NULL, 0 };
	if (id == 3)
		item.edit = SLICE("other words");
	if (id == 4)
		item = (struct block_item){ .id = 4, .deleted = true };
	if (id == 5)
		item.body = item.edit = SLICE("");
	item.crc = block_item_crc(ROOM, &item);
	return item;
}

static int fill(void **state)
{
	(void)state;
	block = (struct block){ .room = ROOM };
	for (uint64_t id = 1; id <= 6; id++) {
		struct block_item item = item_of(id);

		block_add(&block, &item);
	}
	return 0;
}

static int empty(void **state)
{
	(void)state;
	block_clear(&block);
	assert_int_equal(block.count, 0);
	return 0;
}

static struct block_view view_of(bool sound)
{
	return (struct block_view){ .room = ROOM,
				    .last = block.last,
				    .ids = slice_span(block.ids.data, block.ids.len),
				    .items = slice_span(block.items.data, block.items.len),
				    .sound = sound };
}

static void same(struct slice a, struct slice b)
{
	assert_true(slice_equal(a, b));
	assert_int_equal(a.data == NULL, b.data == NULL);
}

/* Those ids are found, with all that they have; of the others, of which '-' stands for each, that
 * they are damaged. */
static void finds(bool sound, const char *expected)
{
	struct block_view view = view_of(sound);
	struct block_place *places = NULL;
	size_t max = 0, count = block_find(&view, &places, &max);

	assert_int_equal(count, strlen(expected));
	for (size_t i = 0; i < count; i++) {
		struct block_item item, wanted = item_of((uint64_t)(expected[i] - '0'));
		bool read = block_item(&view, &places[i], &item);

		if (expected[i] == '-') {
			assert_true(!read || item.crc != block_item_crc(ROOM, &item));
			continue;
		}
		assert_true(read);
		assert_int_equal(item.id, wanted.id);
		assert_int_equal(item.time_ms, wanted.time_ms);
		assert_int_equal(item.author, wanted.author);
		assert_int_equal(item.roles, wanted.roles);
		assert_int_equal(item.deleted, wanted.deleted);
		same(item.body, wanted.body);
		same(item.edit, wanted.edit);
		assert_true(slice_equal(item.name, wanted.name));
		assert_int_equal(item.crc, block_item_crc(ROOM, &item));
	}
	free(places);
}

static void what_was_added_is_found(void **state)
{
	(void)state;
	assert_true(block.first == 1 && block.last == 6 && block.count == 6);
	finds(true, "123456");
	finds(false, "123456");
}

static void any_bit_costs_one_message(void **state)
{
	size_t at = 0;

	(void)state;
	for (uint64_t id = 1; id <= 6; id++) {
		char expected[] = "123456";
		size_t len = (unsigned char)block.ids.data[12 * (id - 1) + 8];

		expected[id - 1] = '-';
		for (size_t bit = 8 * at; bit < 8 * (at + len); bit++) {
			block.items.data[bit / 8] ^= (char)(1 << bit % 8);
			finds(true, expected);
			block.items.data[bit / 8] ^= (char)(1 << bit % 8);
		}
		at += len;
	}
	assert_int_equal(at, block.items.len);
}

/* Without the ids all are found up to what is damaged. */
static void items_are_found_without_ids(void **state)
{
	size_t third = (unsigned char)block.ids.data[8] + (unsigned char)block.ids.data[20];

	(void)state;
	for (size_t bit = 0; bit < 8 * block.ids.len; bit++) {
		uint32_t crc = block_crc(ROOM, 6, view_of(true).ids, 0);

		block.ids.data[bit / 8] ^= (char)(1 << bit % 8);
		assert_int_not_equal(block_crc(ROOM, 6, view_of(true).ids, 0), crc);
		finds(false, "123456");
		block.ids.data[bit / 8] ^= (char)(1 << bit % 8);
	}
	block.items.data[third + 20] ^= 1;
	finds(false, "12-");
}

static void the_checksum_is_over_the_row(void **state)
{
	struct slice ids = view_of(true).ids;
	uint32_t crc = block_crc(ROOM, 6, ids, 3);

	(void)state;
	assert_int_not_equal(crc, block_crc(ROOM + 1, 6, ids, 3));
	assert_int_not_equal(crc, block_crc(ROOM, 5, ids, 3));
	assert_int_not_equal(crc, block_crc(ROOM, 6, ids, 2));
}

static void cut_items_are_damaged(void **state)
{
	(void)state;
	block.items.len--;
	finds(true, "12345-");
	finds(false, "12345-");
	block.items.len = 0;
	finds(true, "------");
	finds(false, "-");
}

/* Also what cannot be read. */
static void what_is_copied_is_the_same(void **state)
{
	struct block_view view = view_of(false);
	struct block_place *places = NULL;
	struct block copy = { .room = ROOM };
	size_t max = 0, count;

	(void)state;
	block.items.data[(unsigned char)block.ids.data[8] + 20] ^= 1;
	count = block_find(&view, &places, &max);
	assert_int_equal(count, 2);
	for (size_t i = 0; i < count; i++)
		block_copy(&copy, &view, &places[i]);
	assert_int_equal(copy.items.len, block.items.len);
	assert_memory_equal(copy.items.data, block.items.data, copy.items.len);
	assert_true(copy.first == 1 && copy.last == 6);
	free(places);
	block_clear(&copy);
}

static void a_checksum_that_is_known_is_the_same(void **state)
{
	struct block_item item = item_of(1);

	(void)state;
	item.body_crc = crc32c(item.body.data, item.body.len);
	assert_int_equal(block_item_crc(ROOM, &item), item.crc);
	item.body_crc ^= 1;
	assert_int_not_equal(block_item_crc(ROOM, &item), item.crc);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, fill, empty)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(what_was_added_is_found),
		TEST(any_bit_costs_one_message),
		TEST(items_are_found_without_ids),
		TEST(the_checksum_is_over_the_row),
		TEST(cut_items_are_damaged),
		TEST(what_is_copied_is_the_same),
		TEST(a_checksum_that_is_known_is_the_same),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
