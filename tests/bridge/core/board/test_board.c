/* What operators are shown: written only while somebody reads it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "bridge/core/board/board.h"
#include "codecs/text/memory.h"

#define NOW UINT64_C(1000000)

static void says(struct board *board, uint64_t now_ms, const char *text)
{
	char *read = board_read(board, now_ms);

	if (text)
		assert_string_equal(read, text);
	else
		assert_null(read);
	free(read);
}

static void it_is_wanted_while_it_is_read(void **state)
{
	struct board *board = board_new();

	(void)state;
	assert_false(board_is_wanted(board, NOW));
	says(board, NOW, NULL);
	assert_true(board_is_wanted(board, NOW));
	assert_true(board_is_wanted(board, NOW + BOARD_WANTED_MS - 1));
	assert_false(board_is_wanted(board, NOW + BOARD_WANTED_MS));
	/* A clock of another thread that is a little behind shortens nothing. */
	says(board, NOW + 100, NULL);
	says(board, NOW, NULL);
	assert_true(board_is_wanted(board, NOW + 100 + BOARD_WANTED_MS - 1));
	board_free(board);
}

static void it_says_what_was_written_last(void **state)
{
	struct board *board = board_new();

	(void)state;
	says(board, NOW, NULL);
	board_write(board, memory_text("one", 3));
	says(board, NOW + 1, "one");
	says(board, NOW + 2, "one");
	board_write(board, memory_text("two", 3));
	says(board, NOW + 3, "two");
	board_free(board);
}

/* Nobody had it written meanwhile. */
static void what_is_old_is_not_said(void **state)
{
	struct board *board = board_new();

	(void)state;
	says(board, NOW, NULL);
	board_write(board, memory_text("one", 3));
	says(board, NOW + BOARD_WANTED_MS, NULL);
	board_write(board, memory_text("two", 3));
	says(board, NOW + BOARD_WANTED_MS + 1, "two");
	board_free(board);
	board_free(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(it_is_wanted_while_it_is_read),
		cmocka_unit_test(it_says_what_was_written_last),
		cmocka_unit_test(what_is_old_is_not_said),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
