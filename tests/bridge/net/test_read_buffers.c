#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>

#include <cmocka.h>

#include "bridge/net/read_buffers.h"

#define FILES 64
#define PAGE  4096

static unsigned pages_in(void *buffer)
{
	unsigned char resident[READ_BUFFER_MAX / PAGE];
	unsigned count = 0;

	assert_int_equal(mincore(buffer, READ_BUFFER_MAX, resident), 0);
	for (size_t i = 0; i < sizeof(resident); i++)
		count += resident[i] & 1;
	return count;
}

static void each_is_whole_and_its_own(void **state)
{
	unsigned char *taken[FILES];

	(void)state;
	for (size_t i = 0; i < FILES; i++) {
		taken[i] = read_buffer_take(READ_BUFFER_MAX);
		assert_non_null(taken[i]);
		memset(taken[i], (int)i, READ_BUFFER_MAX);
	}
	for (size_t i = 0; i < FILES; i++) {
		assert_int_equal(taken[i][0], i);
		assert_int_equal(taken[i][READ_BUFFER_MAX - 1], i);
		assert_true(read_buffer_give(taken[i]));
	}
}

static void there_are_as_many_as_files(void **state)
{
	void *taken[FILES];

	(void)state;
	for (size_t i = 0; i < FILES; i++)
		assert_non_null(taken[i] = read_buffer_take(1));
	assert_null(read_buffer_take(1));
	assert_true(read_buffer_give(taken[7]));
	assert_ptr_equal(read_buffer_take(1), taken[7]);
	for (size_t i = 0; i < FILES; i++)
		assert_true(read_buffer_give(taken[i]));
}

/* What was never written to, or was given back, takes no memory. */
static void only_what_is_written_takes_memory(void **state)
{
	unsigned char *one = read_buffer_take(READ_BUFFER_MAX);
	unsigned char *next = read_buffer_take(READ_BUFFER_MAX);

	(void)state;
	assert_int_equal(pages_in(one), 0);
	one[PAGE] = 1;
	assert_int_equal(pages_in(one), 1);
	assert_int_equal(pages_in(next), 0);
	assert_true(read_buffer_give(one));
	assert_int_equal(pages_in(one), 0);
	assert_true(read_buffer_give(next));
}

static void what_is_none_is_told(void **state)
{
	char other[16];

	(void)state;
	assert_false(read_buffer_give(NULL));
	assert_false(read_buffer_give(other));
	assert_null(read_buffer_take(READ_BUFFER_MAX + 1));
}

int main(void)
{
	const struct rlimit files = { FILES, FILES };
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_is_whole_and_its_own),
		cmocka_unit_test(there_are_as_many_as_files),
		cmocka_unit_test(only_what_is_written_takes_memory),
		cmocka_unit_test(what_is_none_is_told),
	};

	setrlimit(RLIMIT_NOFILE, &files);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
