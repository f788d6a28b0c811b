#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>
#include <zlib.h>

#include "bridge/net/ws/ws_deflate.h"
#include "codecs/text/memory.h"
#include "tests/support/ws_cases.h"

#define LIMIT ((size_t)1 << 22)

struct both {
	struct ws_deflate *there;
	struct ws_inflate *back;
};

static int both_open(void **state)
{
	struct both *both = memory_new(sizeof(*both));

	both->there = ws_deflate_new();
	both->back = ws_inflate_new();
	*state = both;
	return 0;
}

static int both_close(void **state)
{
	struct both *both = *state;

	ws_deflate_free(both->there);
	ws_inflate_free(both->back);
	free(both);
	ws_deflate_free(NULL);
	ws_inflate_free(NULL);
	return 0;
}

static uint16_t inflated(struct both *both, const void *payload, size_t len, size_t limit,
			 struct slice *out)
{
	return ws_inflate_message(both->back, payload, len, limit, out);
}

/* Words in an order that a seed gives: like what people write, so that it can be compressed. */
static char *words_new(size_t len)
{
	static const char *const words[] = { "the ",      "server ", "holds, ",        "said ",
					     "somebody ", "in ",     "a caf\xc3\xa9. " };
	char *text = memory_new(len + 16);
	uint32_t seed = 99;

	for (size_t at = 0; at < len;) {
		const char *word = words[(seed >> 24) % 7];

		seed = seed * 1664525 + 1013904223;
		memcpy(text + at, word, strlen(word));
		at += strlen(word);
	}
	return text;
}

static void there_and_back(void **state)
{
	struct both *both = *state;
	char *text = words_new(1 << 21);
	struct slice packed, plain;

	for (size_t len = 64; len <= 1 << 21; len = len * 3 / 2) {
		assert_true(ws_deflate_message(both->there, slice_span(text, len), &packed));
		assert_true(packed.len < len);
		assert_int_equal(inflated(both, packed.data, packed.len, len, &plain), 0);
		assert_true(slice_equal(plain, slice_span(text, len)));
		assert_int_equal(inflated(both, packed.data, packed.len, len - 1, &plain), 1009);
	}
	free(text);
}

/* What does not become smaller is not sent compressed, whatever its size. */
static void not_smaller(void **state)
{
	struct both *both = *state;
	unsigned char *noise = memory_new(100000);
	uint64_t seed = 5;
	struct slice packed;

	for (size_t i = 0; i < 100000; i++) {
		seed = seed * 6364136223846793005u + 1442695040888963407u;
		noise[i] = (unsigned char)(seed >> 56);
	}
	for (size_t len = 0; len <= 100000; len = len * 2 + 1)
		assert_false(
		    ws_deflate_message(both->there, slice_span((char *)noise, len), &packed));
	assert_false(ws_deflate_message(both->there, SLICE("Hello"), &packed));
	assert_true(ws_deflate_message(both->there, SLICE("aaaaaaaaaaaaaaaaaaaa"), &packed));
	free(noise);
}

/* Who agreed on a window of 2^12 can read it, and needs nothing of what was before. */
static void window_and_context(void **state)
{
	struct both *both = *state;
	char *text = words_new(40000), *out = memory_new(40000);
	struct slice packed;

	for (int round = 0; round < 2; round++) {
		z_stream zlib = { .zalloc = NULL };

		assert_true(ws_deflate_message(both->there, slice_span(text, 40000), &packed));
		assert_int_equal(inflateInit2(&zlib, -WS_DEFLATE_BITS), Z_OK);
		zlib.next_in = (unsigned char *)(uintptr_t)packed.data;
		zlib.avail_in = (unsigned)packed.len;
		zlib.next_out = (unsigned char *)out;
		zlib.avail_out = 40000;
		assert_int_equal(inflate(&zlib, Z_SYNC_FLUSH), Z_OK);
		assert_int_equal(zlib.avail_out, 0);
		assert_memory_equal(out, text, 40000);
		inflateEnd(&zlib);
	}
	free(out);
	free(text);
}

/* The tail is off: an empty stored block is left without its length. */
static void no_tail(void **state)
{
	struct both *both = *state;
	struct slice packed;

	assert_true(ws_deflate_message(both->there, SLICE("ababababababababababab"), &packed));
	assert_true(packed.len >= 4);
	assert_memory_not_equal(packed.data + packed.len - 4, "\x00\x00\xff\xff", 4);
	assert_int_equal(packed.data[packed.len - 1], 0);
}

static void empty_is_not_absent(void **state)
{
	struct ws_inflate *fresh = ws_inflate_new();
	struct slice plain;

	(void)state;
	assert_int_equal(ws_inflate_message(fresh, (const unsigned char *)"", 0, 10, &plain), 0);
	assert_non_null(plain.data);
	assert_int_equal(plain.len, 0);
	ws_inflate_free(fresh);
}

static void limit_is_exact(void **state)
{
	struct both *both = *state;
	static char zeros[200000];
	struct slice plain;

	for (size_t len = 0; len <= sizeof(zeros); len = len * 5 + 1) {
		struct ws_bytes packed = { .data = NULL };

		ws_deflated_add(&packed, zeros, len);
		assert_int_equal(inflated(both, packed.data, packed.len, len, &plain), 0);
		assert_int_equal(plain.len, len);
		if (len)
			assert_int_equal(inflated(both, packed.data, packed.len, len - 1, &plain),
					 1009);
		free(packed.data);
	}
}

/* 100 MB of zeros in 100 KB: neither made nor waited for. */
static void bomb(void **state)
{
	struct both *both = *state;
	size_t len = 100 * 1000 * 1000;
	char *zeros = memory_zeroed(1, len);
	struct ws_bytes packed = { .data = NULL };
	struct slice plain;
	clock_t began;

	ws_deflated_add(&packed, zeros, len);
	free(zeros);
	began = clock();
	for (int i = 0; i < 100; i++)
		assert_int_equal(inflated(both, packed.data, packed.len, 65536, &plain), 1009);
	assert_true(clock() - began < CLOCKS_PER_SEC);
	free(packed.data);
}

/* Thousands of last blocks, each a beginning: linear time, and no more than the limit. */
static void many_last_blocks(void **state)
{
	struct both *both = *state;
	struct ws_bytes packed = { .data = NULL };
	struct slice plain;
	clock_t began;

	for (int i = 0; i < 100000; i++)
		ws_bytes_add(&packed, "\x4b\x04\x00", 3); /* "a" in a last block */
	ws_bytes_add(&packed, "\x00", 1);
	began = clock();
	assert_int_equal(inflated(both, packed.data, packed.len, LIMIT, &plain), 0);
	assert_int_equal(plain.len, 100000);
	assert_int_equal(inflated(both, packed.data, packed.len, 99999, &plain), 1009);
	assert_true(clock() - began < CLOCKS_PER_SEC);
	free(packed.data);
}

/* Every payload cut short is either wrong or less, never more, and the next one is right again. */
static void cut_short(void **state)
{
	struct both *both = *state;
	char *text = words_new(2000);
	struct ws_bytes packed = { .data = NULL };
	struct slice plain;

	ws_deflated_add(&packed, text, 2000);
	for (size_t len = 0; len < packed.len; len++) {
		uint16_t code = inflated(both, packed.data, len, LIMIT, &plain);

		assert_true(code == 0 || code == 1007);
		if (!code)
			assert_true(plain.len <= 2000 && memcmp(plain.data, text, plain.len) == 0);
	}
	assert_int_equal(inflated(both, packed.data, packed.len, LIMIT, &plain), 0);
	assert_true(slice_equal(plain, slice_span(text, 2000)));
	free(packed.data);
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(there_and_back),
		cmocka_unit_test(not_smaller),
		cmocka_unit_test(window_and_context),
		cmocka_unit_test(no_tail),
		cmocka_unit_test(empty_is_not_absent),
		cmocka_unit_test(limit_is_exact),
		cmocka_unit_test(bomb),
		cmocka_unit_test(many_last_blocks),
		cmocka_unit_test(cut_short),
	};

	return cmocka_run_group_tests(tests, both_open, both_close);
}
