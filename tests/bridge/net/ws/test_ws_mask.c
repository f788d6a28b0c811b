#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "bridge/net/ws/ws_mask.h"
#include "codecs/text/memory.h"

#define LONGEST 150
#define SHIFTS  33

static unsigned char plain(size_t i)
{
	return (unsigned char)(i * 7 + 1) & 0x7f;
}

static const unsigned char mask[4] = { 0x81, 0x02, 0xf3, 0x44 };

/* Of every length, at every place of memory, and no byte beside it is touched. */
static void every_length_and_place(void **state)
{
	unsigned char *block = memory_new(LONGEST + SHIFTS + 1);

	(void)state;
	for (size_t len = 0; len <= LONGEST; len++)
		for (size_t shift = 1; shift < SHIFTS; shift++) {
			uint64_t any;

			memset(block, 0xaa, LONGEST + SHIFTS + 1);
			for (size_t i = 0; i < len; i++)
				block[shift + i] = plain(i) ^ mask[i & 3];
			any = ws_mask(block + shift, len, mask);
			for (size_t i = 0; i < len; i++)
				assert_int_equal(block[shift + i], plain(i));
			assert_int_equal(block[shift - 1], 0xaa);
			assert_int_equal(block[shift + len], 0xaa);
			assert_int_equal(any & WS_MASK_NOT_ASCII, 0);
		}
	free(block);
}

static void one_byte_beyond_ascii_is_told(void **state)
{
	unsigned char bytes[LONGEST];

	(void)state;
	for (size_t len = 1; len <= LONGEST; len++)
		for (size_t at = 0; at < len; at++) {
			for (size_t i = 0; i < len; i++)
				bytes[i] = (i == at ? 0x80 : 'a') ^ mask[i & 3];
			assert_true(ws_mask(bytes, len, mask) & WS_MASK_NOT_ASCII);
		}
}

static void goes_on_behind_a_cut(void **state)
{
	unsigned char bytes[LONGEST], turned[4];

	(void)state;
	for (size_t cut = 0; cut <= LONGEST; cut++) {
		for (size_t i = 0; i < LONGEST; i++)
			bytes[i] = plain(i) ^ mask[i & 3];
		memcpy(turned, mask, 4);
		ws_mask(bytes, cut, turned);
		ws_mask_turn(turned, cut);
		ws_mask(bytes + cut, LONGEST - cut, turned);
		for (size_t i = 0; i < LONGEST; i++)
			assert_int_equal(bytes[i], plain(i));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_length_and_place),
		cmocka_unit_test(one_byte_beyond_ascii_is_told),
		cmocka_unit_test(goes_on_behind_a_cut),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
