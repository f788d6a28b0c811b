#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "codecs/model/identity.h"
#include "tests/support/books.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static const struct id_key key = { { 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15 } };
static const struct id_key other_key = { { 1 } };
static const enum id_domain domains[] = { ID_MESSAGE, ID_PERSON, ID_ROOM };
static const uint64_t numbers[] = { 0, 1, 2, 255, 0x7fffffff, 1ull << 52, 12345678901, NUMBER_MAX };
static const uint8_t parts[] = { 0, 1, 7, 8, 31, 32, 127, 255 };

static void uuids_lead_back_to_their_numbers(void **state)
{
	(void)state;
	for (size_t d = 0; d < COUNT(domains); d++)
		for (size_t n = 0; n < COUNT(numbers); n++)
			for (size_t p = 0; p < COUNT(parts); p++) {
				unsigned char uuid[16];
				uint64_t number = 99;

				identity_uuid(&key, domains[d], numbers[n], parts[p], uuid);
				assert_int_equal(uuid[6] >> 4, 4);
				assert_int_equal(uuid[8] >> 6, 2);
				assert_true(identity_number(&key, domains[d], uuid, &number));
				assert_true(number == numbers[n]);
			}
}

static void uuids_of_another_key_or_domain_are_refused(void **state)
{
	unsigned char uuid[16];
	uint64_t number = 99;

	(void)state;
	identity_uuid(&key, ID_MESSAGE, 5, 0, uuid);
	assert_false(identity_number(&other_key, ID_MESSAGE, uuid, &number));
	assert_false(identity_number(&key, ID_PERSON, uuid, &number));
	assert_false(identity_number(&key, ID_ROOM, uuid, &number));
	assert_int_equal(number, 99);
}

/* A client that changes any bit of an id it saw has an id of nothing. */
static void each_bit_counts(void **state)
{
	unsigned char uuid[16];

	(void)state;
	identity_uuid(&key, ID_MESSAGE, 1234567890123, 3, uuid);
	for (unsigned bit = 0; bit < 128; bit++) {
		uint64_t number;

		uuid[bit / 8] ^= (unsigned char)(1 << bit % 8);
		assert_false(identity_number(&key, ID_MESSAGE, uuid, &number));
		uuid[bit / 8] ^= (unsigned char)(1 << bit % 8);
		assert_true(identity_number(&key, ID_MESSAGE, uuid, &number));
	}
}

static void different_things_have_different_uuids(void **state)
{
	unsigned char a[16], b[16];

	(void)state;
	identity_uuid(&key, ID_MESSAGE, 5, 0, a);
	identity_uuid(&key, ID_MESSAGE, 6, 0, b);
	assert_memory_not_equal(a, b, 16);
	identity_uuid(&key, ID_MESSAGE, 5, 1, b);
	assert_memory_not_equal(a, b, 16);
	identity_uuid(&key, ID_PERSON, 5, 0, b);
	assert_memory_not_equal(a, b, 16);
	identity_uuid(&other_key, ID_MESSAGE, 5, 0, b);
	assert_memory_not_equal(a, b, 16);
	identity_uuid(&key, ID_MESSAGE, 5, 0, b);
	assert_memory_equal(a, b, 16);
}

static void uuids_are_printed_and_parsed(void **state)
{
	static const unsigned char bytes[16] = { 0x93, 0xb4, 0xb1, 0x7c, 0x2f, 0x9c, 0x4a, 0x3c,
						 0x8e, 0xa9, 0x51, 0x23, 0xb9, 0xc3, 0x4c, 0x4b };
	static const char text[] = "93b4b17c-2f9c-4a3c-8ea9-5123b9c34c4b";
	char printed[UUID_TEXT_LEN];
	unsigned char parsed[16];

	(void)state;
	uuid_print(bytes, printed);
	assert_memory_equal(printed, text, UUID_TEXT_LEN);
	assert_true(uuid_parse(slice_of(text), parsed));
	assert_memory_equal(parsed, bytes, 16);
	assert_true(uuid_parse(SLICE("93B4B17C-2F9C-4a3c-8EA9-5123B9C34C4B"), parsed));
	assert_memory_equal(parsed, bytes, 16);
}

static void every_byte_is_printed_right(void **state)
{
	(void)state;
	for (unsigned byte = 0; byte < 256; byte++) {
		unsigned char uuid[16], parsed[16];
		char text[UUID_TEXT_LEN];

		for (unsigned i = 0; i < 16; i++)
			uuid[i] = (unsigned char)(byte + i * 17);
		uuid_print(uuid, text);
		assert_int_equal(text[0], "0123456789abcdef"[byte >> 4]);
		assert_int_equal(text[1], "0123456789abcdef"[byte & 15]);
		assert_true(uuid_parse(slice_span(text, sizeof(text)), parsed));
		assert_memory_equal(parsed, uuid, 16);
	}
}

static void other_texts_are_no_uuids(void **state)
{
	static const char *const texts[] = {
		"",
		"93b4b17c",
		"93b4b17c2f9c4a3c8ea95123b9c34c4b",
		"93b4b17c-2f9c-4a3c-8ea9-5123b9c34c4",
		"93b4b17c-2f9c-4a3c-8ea9-5123b9c34c4bb",
		"{93b4b17c-2f9c-4a3c-8ea9-5123b9c34c4}",
		"93b4b17c-2f9c-4a3c-8ea9_5123b9c34c4b",
		"93b4b17c-2f9c4-a3c-8ea9-5123b9c34c4b",
		"93b4b17g-2f9c-4a3c-8ea9-5123b9c34c4b",
		"93b4b17c-2f9c-4a3c-8ea9-5123b9c34c4 ",
		"-3b4b17c-2f9c-4a3c-8ea9-5123b9c34c4b",
	};
	unsigned char uuid[16];
	char lower[UUID_TEXT_LEN];

	(void)state;
	for (size_t i = 0; i < COUNT(texts); i++) {
		assert_false(uuid_parse(slice_of(texts[i]), uuid));
		assert_false(uuid_lower(slice_of(texts[i]), lower));
	}
	assert_false(uuid_parse((struct slice){ 0 }, uuid));
	assert_false(uuid_lower((struct slice){ 0 }, lower));
}

/* As far as it is one, in the letters that uuid_print() writes. */
static void uuids_in_either_case_are_the_same_text(void **state)
{
	(void)state;
	for (unsigned at = 0; at < UUID_TEXT_LEN; at++)
		for (unsigned byte = 0; byte < 256; byte++) {
			char text[] = "93B4B17C-2F9C-4a3c-8EA9-5123B9C34C4B", lower[UUID_TEXT_LEN],
			     printed[UUID_TEXT_LEN];
			unsigned char uuid[16];
			bool is_one;

			text[at] = (char)byte;
			is_one = uuid_parse(slice_span(text, UUID_TEXT_LEN), uuid);
			assert_int_equal(uuid_lower(slice_span(text, UUID_TEXT_LEN), lower),
					 is_one);
			if (!is_one)
				continue;
			uuid_print(uuid, printed);
			assert_memory_equal(lower, printed, UUID_TEXT_LEN);
		}
}

/* The first vectors of the SipHash-2-4 reference implementation: the bytes 0, 1, 2 ... under the
 * key 0, 1, 2 ... */
static void the_hash_is_siphash_2_4(void **state)
{
	static const unsigned char bytes[] = { 0, 1, 2, 3, 4, 5, 6, 7 };

	(void)state;
	assert_true(keyed_hash(&key, NULL, 0) == UINT64_C(0x726fdb47dd0e0e31));
	assert_true(keyed_hash(&key, bytes, 1) == UINT64_C(0x74f839c593dc67fd));
	assert_true(keyed_hash(&key, bytes, 8) == UINT64_C(0x93f5f5799a932462));
	assert_false(keyed_hash(&other_key, bytes, 8) == UINT64_C(0x93f5f5799a932462));
}

/* ---- message ids ---- */

static void an_id_tells_its_time_and_shard(void **state)
{
	(void)state;
	for (unsigned shard = 0; shard < ID_SHARDS; shard++) {
		struct id_clock clock = { 0 };
		uint64_t id = id_next(&clock, 1795289388027, shard);

		assert_int_equal(id_shard(id), shard);
		assert_true(id_time_ms(id) == 1795289388027);
		assert_true(id > 0 && id <= NUMBER_MAX);
	}
}

static void ids_increase_in_a_burst(void **state)
{
	struct id_clock clock = { 0 };
	uint64_t last = 0, now = ID_EPOCH_MS + 1000;

	(void)state;
	for (unsigned i = 0; i < 2000; i++) {
		uint64_t id = id_next(&clock, now, 3);

		assert_true(id > last);
		assert_int_equal(id_shard(id), 3);
		last = id;
	}
	/* 512 fit into a millisecond; the rest was borrowed from the three that follow. */
	assert_true(id_time_ms(last) == now + 3);
	assert_true(id_time_ms(id_next(&clock, now + 100, 3)) == now + 100);
}

static void a_clock_that_steps_back_is_ignored(void **state)
{
	struct id_clock clock = { 0 };
	uint64_t now = ID_EPOCH_MS + 5000, first = id_next(&clock, now, 0);

	(void)state;
	assert_true(id_next(&clock, now - 4000, 0) == first + 1);
	assert_true(id_next(&clock, 0, 0) == first + 2);
	assert_true(id_time_ms(id_next(&clock, now + 1, 0)) == now + 1);
}

static void a_high_water_mark_is_never_reused(void **state)
{
	struct id_clock before = { 0 }, after = { 0 };
	uint64_t now = ID_EPOCH_MS + 5000, last = id_next(&before, now, 1);

	(void)state;
	id_clock_start(&after, id_clock_newest_ms(&before) + 1);
	assert_true(id_next(&after, now, 1) > last);
}

/* Given by another clock, in whichever shard. */
static void ids_of_others_are_passed(void **state)
{
	struct id_clock other = { 0 }, clock = { 0 };
	uint64_t now = ID_EPOCH_MS + 5000, id = 0;

	(void)state;
	for (unsigned i = 0; i < 600; i++)
		id = id_next(&other, now, 9);
	id_clock_pass(&clock, id);
	assert_true(id_clock_newest_ms(&clock) == now + 1);
	assert_true(id_next(&clock, now - 4000, 9) == id + 1);
	id_clock_pass(&clock, id);
	assert_true(id_next(&clock, now - 4000, 9) == id + 2);
}

static void a_clock_out_of_range_is_not_believed(void **state)
{
	static const uint64_t odd[] = {
		0, 1, ID_EPOCH_MS - 1, ID_CLOCK_END_MS, UINT64_C(4102444800000), UINT64_MAX
	};
	struct id_clock clock = { 0 };
	uint64_t last = id_next(&clock, ID_CLOCK_END_MS - 1, ID_SHARDS - 1);

	(void)state;
	assert_true(id_time_ms(last) == ID_CLOCK_END_MS - 1);
	for (size_t i = 0; i < sizeof(odd) / sizeof(odd[0]); i++) {
		uint64_t id = id_next(&clock, odd[i], ID_SHARDS - 1);

		assert_false(id_clock_believes(odd[i]));
		assert_true(id == last + 1 && id < NUMBER_MAX);
		last = id;
	}
}

static void a_clock_is_followed_up_to_the_bound(void **state)
{
	uint64_t now = ID_EPOCH_MS + 5000;
	struct id_clock clock = { .end_ms = now + 10 };
	uint64_t last;

	(void)state;
	assert_true(id_time_ms(id_next(&clock, now, 0)) == now);
	last = id_next(&clock, now + 86400000, 0);
	assert_true(id_time_ms(last) == now + 10);
	assert_true(id_next(&clock, now + 86400000, 0) == last + 1);
	assert_true(id_next(&clock, ID_CLOCK_END_MS, 0) == last + 2);
	clock.end_ms = 0;
	assert_true(id_time_ms(id_next(&clock, now + 86400000, 0)) == now + 86400000);
}

static void the_first_id_is_not_zero(void **state)
{
	struct id_clock clock = { 0 };

	(void)state;
	assert_true(id_next(&clock, 0, 0) > 0);
}

static void the_first_id_of_a_time_is_known(void **state)
{
	struct id_clock clock = { 0 };
	const uint64_t then = ID_EPOCH_MS + 12345678;
	uint64_t id;

	(void)state;
	id = id_next(&clock, then, 0);
	assert_true(id_floor(then) <= id);
	assert_true(id_floor(then + 1) > id_next(&clock, then, ID_SHARDS - 1));
	assert_true(id_time_ms(id_floor(then)) == then);
	assert_true(id_floor(0) == 1);
	assert_true(id_floor(ID_EPOCH_MS) == 1);
	assert_true(id_floor(UINT64_MAX) <= NUMBER_MAX);
	assert_true(id_floor(ID_CLOCK_END_MS) < id_floor(UINT64_MAX));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(uuids_lead_back_to_their_numbers),
		cmocka_unit_test(uuids_of_another_key_or_domain_are_refused),
		cmocka_unit_test(each_bit_counts),
		cmocka_unit_test(different_things_have_different_uuids),
		cmocka_unit_test(uuids_are_printed_and_parsed),
		cmocka_unit_test(every_byte_is_printed_right),
		cmocka_unit_test(other_texts_are_no_uuids),
		cmocka_unit_test(uuids_in_either_case_are_the_same_text),
		cmocka_unit_test(the_hash_is_siphash_2_4),
		cmocka_unit_test(an_id_tells_its_time_and_shard),
		cmocka_unit_test(ids_increase_in_a_burst),
		cmocka_unit_test(a_clock_that_steps_back_is_ignored),
		cmocka_unit_test(a_high_water_mark_is_never_reused),
		cmocka_unit_test(ids_of_others_are_passed),
		cmocka_unit_test(a_clock_out_of_range_is_not_believed),
		cmocka_unit_test(a_clock_is_followed_up_to_the_bound),
		cmocka_unit_test(the_first_id_is_not_zero),
		cmocka_unit_test(the_first_id_of_a_time_is_known),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
