#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "codecs/text/memory.h"

#define MANY 300

static void sizes_hold_what_was_asked_for(void **state)
{
	(void)state;
	assert_true(memory_fit(0) > 0);
	for (size_t size = 1; size < 3 * MEMORY_KEPT_MAX; size++) {
		assert_true(memory_fit(size) >= size);
		assert_int_equal(memory_fit(memory_fit(size)), memory_fit(size));
	}
}

/* More than a thread keeps, of every size, written to the last byte. */
static void blocks_are_apart(void **state)
{
	unsigned char *blocks[MANY];

	(void)state;
	for (size_t size = 1; size < 2 * MEMORY_KEPT_MAX; size += 61) {
		for (int again = 0; again < 2; again++) {
			for (size_t i = 0; i < MANY; i++) {
				blocks[i] = memory_take(size);
				memset(blocks[i], (int)i & 0xff, memory_fit(size));
			}
			for (size_t i = 0; i < MANY; i++) {
				assert_int_equal(blocks[i][0], i & 0xff);
				assert_int_equal(blocks[i][memory_fit(size) - 1], i & 0xff);
				memory_give(blocks[i], size);
			}
		}
	}
	memory_give(NULL, 8);
}

static void a_block_is_any_block(void **state)
{
	char *block = memory_take(100);

	(void)state;
	block = memory_resize(block, memory_fit(700));
	memset(block, 'x', memory_fit(700));
	memory_give(block, 700);
	free(memory_take(100));
	block = memset(memory_take(100), 'x', 100);
	memory_give(block, 100);
	block = memory_take_zeroed(100);
	for (int i = 0; i < 100; i++)
		assert_int_equal(block[i], 0);
	memory_give(block, 100);
	memory_give(memory_new(memory_fit(100)), 100);
}

static void *give_all(void *data)
{
	void **blocks = data;

	for (size_t i = 0; i < MANY; i++)
		memory_give(blocks[i], 200);
	for (size_t i = 0; i < MANY; i++)
		memset(blocks[i] = memory_take(200), 1, memory_fit(200));
	return NULL;
}

static void another_thread_gives_back(void **state)
{
	void *blocks[MANY];
	pthread_t thread;

	(void)state;
	for (size_t i = 0; i < MANY; i++)
		memset(blocks[i] = memory_take(200), 0, memory_fit(200));
	assert_int_equal(pthread_create(&thread, NULL, give_all, blocks), 0);
	assert_int_equal(pthread_join(thread, NULL), 0);
	for (size_t i = 0; i < MANY; i++) {
		assert_int_equal(((char *)blocks[i])[199], 1);
		memory_give(blocks[i], 200);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sizes_hold_what_was_asked_for),
		cmocka_unit_test(blocks_are_apart),
		cmocka_unit_test(a_block_is_any_block),
		cmocka_unit_test(another_thread_gives_back),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
