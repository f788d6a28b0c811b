#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "bridge/secrets/proven.h"

/* A mark of its own for each number below 65536, which come to different places. */
static const unsigned char *mark_of(unsigned number)
{
	static unsigned char mark[MARK_BYTES];

	memset(mark, 0xa5, sizeof(mark));
	mark[0] = (unsigned char)number;
	mark[1] = (unsigned char)(number >> 8);
	return mark;
}

static void what_is_added_is_there(void **state)
{
	struct proven *proven = calloc(1, sizeof(*proven));

	(void)state;
	assert_true(proven_begin(proven));
	for (unsigned i = 0; i < PROVEN_COUNT; i++)
		assert_false(proven_has(proven, mark_of(i)));
	for (unsigned i = 0; i < PROVEN_COUNT; i++)
		proven_add(proven, mark_of(i));
	for (unsigned i = 0; i < PROVEN_COUNT; i++)
		assert_true(proven_has(proven, mark_of(i)));
	proven_forget(proven);
	for (unsigned i = 0; i < PROVEN_COUNT; i++)
		assert_false(proven_has(proven, mark_of(i)));
	free(proven);
}

static void a_new_one_takes_a_place(void **state)
{
	struct proven *proven = calloc(1, sizeof(*proven));

	(void)state;
	assert_true(proven_begin(proven));
	proven_add(proven, mark_of(5));
	assert_false(proven_has(proven, mark_of(5 + PROVEN_COUNT)));
	proven_add(proven, mark_of(5 + PROVEN_COUNT));
	assert_true(proven_has(proven, mark_of(5 + PROVEN_COUNT)));
	assert_false(proven_has(proven, mark_of(5)));
	free(proven);
}

static void keys_differ(void **state)
{
	struct proven *one = calloc(1, sizeof(*one)), *other = calloc(1, sizeof(*other));

	(void)state;
	assert_true(proven_begin(one));
	assert_true(proven_begin(other));
	assert_memory_not_equal(one->key, other->key, MARK_BYTES);
	free(one);
	free(other);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_added_is_there),
		cmocka_unit_test(a_new_one_takes_a_place),
		cmocka_unit_test(keys_differ),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
