/* A copy of what was heard is its own. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "bridge/upstream/heard.h"

static void text_is(struct slice text, const char *expected)
{
	assert_int_equal(text.len, strlen(expected));
	assert_memory_equal(text.data, expected, text.len);
}

static void a_copy(void **state)
{
	char text[] = "hello", id[] = "9007199254740993", removed_id[] = "17";
	struct slice removed[2] = { SLICE("16"), slice_of(removed_id) };
	struct call_heard of = { .event = { .kind = KIND_PURGE, .text = slice_of(text) },
				 .author = { .id = SLICE("5"), .name = SLICE("ann") },
				 .subject = { .id = SLICE("6") },
				 .id = slice_of(id),
				 .target = SLICE("t"),
				 .removed = removed,
				 .removed_count = 2,
				 .late = true };
	struct heard *copy = heard_new(&of);

	(void)state;
	memset(text, 'x', sizeof(text) - 1);
	memset(id, 'x', sizeof(id) - 1);
	memset(removed_id, 'x', sizeof(removed_id) - 1);
	removed[0] = removed[1] = (struct slice){ NULL, 0 };
	text_is(copy->of.event.text, "hello");
	text_is(copy->of.id, "9007199254740993");
	text_is(copy->of.author.id, "5");
	text_is(copy->of.author.name, "ann");
	text_is(copy->of.subject.id, "6");
	assert_null(copy->of.subject.name.data);
	text_is(copy->of.target, "t");
	assert_null(copy->of.room.data);
	assert_int_equal(copy->of.removed_count, 2);
	text_is(copy->of.removed[0], "16");
	text_is(copy->of.removed[1], "17");
	assert_true(copy->of.late);
	heard_free(copy);
	heard_free(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(a_copy) };

	return cmocka_run_group_tests_name("bridge/upstream/heard", tests, NULL, NULL);
}
