/* What pages ask about messages: asked once, answered once, never more than there is room for. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "bridge/core/board/lookups.h"
#include "codecs/text/memory.h"

#define NOW UINT64_C(1000000)

static bool asks(struct lookups *lookups, const char *id, uint64_t now_ms)
{
	bool fresh;

	assert_null(lookups_read(lookups, slice_of(id), now_ms, &fresh));
	return fresh;
}

static void reads(struct lookups *lookups, const char *id, const char *text)
{
	bool fresh;
	char *read = lookups_read(lookups, slice_of(id), NOW, &fresh);

	assert_string_equal(read, text);
	assert_false(fresh);
	free(read);
}

static void next_at(struct lookups *lookups, uint64_t now_ms, const char *wanted)
{
	char id[LOOKUP_ID_MAX + 1];

	assert_int_equal(lookups_next(lookups, now_ms, id), wanted != NULL);
	if (wanted)
		assert_string_equal(id, wanted);
}

static void next_is(struct lookups *lookups, const char *wanted)
{
	next_at(lookups, NOW, wanted);
}

static void it_is_asked_and_answered_once(void **state)
{
	struct lookups *lookups = lookups_new();

	(void)state;
	next_is(lookups, NULL);
	assert_true(asks(lookups, "17", NOW));
	assert_false(asks(lookups, "17", NOW + 1));
	assert_true(asks(lookups, "1156d644-3805-4008-801f-fc8e322f0597", NOW + 1));
	next_is(lookups, "17");
	next_is(lookups, "1156d644-3805-4008-801f-fc8e322f0597");
	next_is(lookups, NULL);
	lookups_write(lookups, "17", memory_text("{}", 2));
	reads(lookups, "17", "{}");
	/* What became of it may be more by now. */
	assert_true(asks(lookups, "17", NOW + 2));
	lookups_free(lookups);
}

static void what_is_no_id_is_not_asked_for(void **state)
{
	static const char *const wrong[] = {
		"", "x", "1 ", "1\"", "../1", "1111111111111111111111111111111111111"
	};
	struct lookups *lookups = lookups_new();

	(void)state;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		assert_false(asks(lookups, wrong[i], NOW));
	next_is(lookups, NULL);
	lookups_free(lookups);
	lookups_free(NULL);
}

static void answers_that_nobody_asked_for_are_freed(void **state)
{
	struct lookups *lookups = lookups_new();

	(void)state;
	lookups_write(lookups, "17", memory_text("{}", 2));
	assert_true(asks(lookups, "17", NOW));
	/* Not taken yet: this is not the answer. */
	lookups_write(lookups, "17", memory_text("{}", 2));
	assert_false(asks(lookups, "17", NOW));
	lookups_free(lookups);
}

static void no_more_than_there_is_room_for(void **state)
{
	struct lookups *lookups = lookups_new();
	char id[16];

	(void)state;
	for (int i = 0; i < LOOKUPS_MAX; i++) {
		snprintf(id, sizeof(id), "%d", i + 1);
		assert_true(asks(lookups, id, NOW));
	}
	assert_false(asks(lookups, "999", NOW));
	/* Nobody wants those any more. */
	assert_true(asks(lookups, "999", NOW + LOOKUPS_KEPT_MS));
	assert_true(asks(lookups, "64", NOW + LOOKUPS_KEPT_MS));
	next_at(lookups, NOW + LOOKUPS_KEPT_MS, "999");
	next_at(lookups, NOW + LOOKUPS_KEPT_MS, "64");
	next_at(lookups, NOW + LOOKUPS_KEPT_MS, NULL);
	lookups_free(lookups);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(it_is_asked_and_answered_once),
		cmocka_unit_test(what_is_no_id_is_not_asked_for),
		cmocka_unit_test(answers_that_nobody_asked_for_are_freed),
		cmocka_unit_test(no_more_than_there_is_room_for),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
