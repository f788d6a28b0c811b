#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "bridge/command/translate/input.h"
#include "codecs/model/envelope.h"

static void expect(const char *line, enum input_kind kind, const char *name, uint32_t role,
		   const char *frame)
{
	struct input input;

	input_read(slice_of(line), &input);
	assert_int_equal(input.kind, kind);
	assert_true(slice_is(input.name, name));
	assert_int_equal(input.role, role);
	assert_true(slice_is(input.frame, frame));
}

static void lines_say_who_and_what(void **state)
{
	(void)state;
	expect("", INPUT_NOTHING, NULL, 0, NULL);
	expect("  \t\r", INPUT_NOTHING, NULL, 0, NULL);
	expect("# {\"a\":1}", INPUT_NOTHING, NULL, 0, NULL);
	expect("{\"a\":\"x: y\"}\r", INPUT_FRAME, NULL, 0, "{\"a\":\"x: y\"}");
	expect("bob: {\"a\":1}", INPUT_FRAME, "bob", 0, "{\"a\":1}");
	expect("bob@mod:{\"a\":1}", INPUT_FRAME, "bob", ROLE_MOD, "{\"a\":1}");
	expect("bob:", INPUT_ENTERS, "bob", 0, NULL);
	expect("bob@owner: ", INPUT_ENTERS, "bob", ROLE_OWNER, NULL);
	expect("bob: leaves", INPUT_LEAVES, "bob", 0, "leaves");
}

/* Nothing is guessed: what is no prefix belongs to the frame. */
static void what_is_no_name_is_a_frame(void **state)
{
	(void)state;
	expect("leaves", INPUT_FRAME, NULL, 0, "leaves");
	expect("garbage", INPUT_FRAME, NULL, 0, "garbage");
	expect("bob@king: {}", INPUT_FRAME, NULL, 0, "bob@king: {}");
	expect("two words: {}", INPUT_FRAME, NULL, 0, "two words: {}");
	expect("\"a\": 1", INPUT_FRAME, NULL, 0, "\"a\": 1");
	expect(": {}", INPUT_FRAME, NULL, 0, ": {}");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lines_say_who_and_what),
		cmocka_unit_test(what_is_no_name_is_a_frame),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
