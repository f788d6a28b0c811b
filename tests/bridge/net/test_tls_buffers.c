#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>
#include <openssl/crypto.h>

#include "bridge/net/tls_buffers.h"

#define LARGE   16709 /* about what a record takes */
#define MANY    4000  /* more than there is place for */
#define THREADS 4
#define ROUNDS  2000

static void fill(unsigned char *block, size_t size, unsigned seed)
{
	for (size_t i = 0; i < size; i++)
		block[i] = (unsigned char)(seed + i * 7);
}

static bool holds(const unsigned char *block, size_t size, unsigned seed)
{
	for (size_t i = 0; i < size; i++)
		if (block[i] != (unsigned char)(seed + i * 7))
			return false;
	return true;
}

static void large_blocks_are_used_again(void **state)
{
	void *first = OPENSSL_malloc(LARGE), *after = OPENSSL_malloc(100), *small, *again;

	(void)state;
	OPENSSL_free(first);
	/* On the heap this would lie where the large one was. */
	small = OPENSSL_malloc(2000);
	again = OPENSSL_malloc(LARGE + 1000);
	assert_ptr_equal(again, first);
	OPENSSL_free(again);
	OPENSSL_free(small);
	OPENSSL_free(after);
	OPENSSL_free(NULL);
}

static void resized_blocks_keep_what_they_hold(void **state)
{
	static const size_t sizes[] = { 10, 12287, 12288, 24576, 24577, 100000, 24576, 20000, 50 };
	unsigned char *block = OPENSSL_malloc(1);
	size_t before = 1;

	(void)state;
	fill(block, 1, 3);
	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		block = OPENSSL_realloc(block, sizes[i]);
		assert_non_null(block);
		assert_true(holds(block, before < sizes[i] ? before : sizes[i], 3));
		fill(block, sizes[i], 3);
		before = sizes[i];
	}
	OPENSSL_free(block);
	/* From a buffer to the heap. */
	block = OPENSSL_malloc(LARGE);
	fill(block, LARGE, 5);
	block = OPENSSL_realloc(block, 1000000);
	assert_true(holds(block, LARGE, 5));
	OPENSSL_free(block);
}

static void more_than_there_is_place_for(void **state)
{
	static unsigned char *blocks[MANY];

	(void)state;
	for (int round = 0; round < 2; round++) {
		for (unsigned i = 0; i < MANY; i++) {
			blocks[i] = OPENSSL_malloc(LARGE);
			assert_non_null(blocks[i]);
			fill(blocks[i], LARGE, i);
		}
		for (unsigned i = 0; i < MANY; i++) {
			assert_true(holds(blocks[i], LARGE, i));
			OPENSSL_free(blocks[i]);
		}
	}
}

static void *churn(void *data)
{
	unsigned char *blocks[8] = { NULL };
	unsigned seed = *(unsigned *)data, bad = 0;

	for (unsigned round = 0; round < ROUNDS; round++) {
		unsigned at = (round * 5 + seed) % 8;

		if (blocks[at]) {
			bad += !holds(blocks[at], LARGE, seed + at);
			OPENSSL_free(blocks[at]);
			blocks[at] = NULL;
		} else {
			blocks[at] = OPENSSL_malloc(LARGE);
			fill(blocks[at], LARGE, seed + at);
		}
	}
	for (unsigned i = 0; i < 8; i++)
		OPENSSL_free(blocks[i]);
	*(unsigned *)data = bad;
	return NULL;
}

static void threads_do_not_share_blocks(void **state)
{
	pthread_t threads[THREADS];
	unsigned data[THREADS];

	(void)state;
	for (unsigned i = 0; i < THREADS; i++) {
		data[i] = i * 31;
		assert_int_equal(pthread_create(&threads[i], NULL, churn, &data[i]), 0);
	}
	for (unsigned i = 0; i < THREADS; i++) {
		pthread_join(threads[i], NULL);
		assert_int_equal(data[i], 0);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(large_blocks_are_used_again),
		cmocka_unit_test(resized_blocks_keep_what_they_hold),
		cmocka_unit_test(more_than_there_is_place_for),
		cmocka_unit_test(threads_do_not_share_blocks),
	};

	tls_buffers_use();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
