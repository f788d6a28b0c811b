#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "bridge/core/log/log.h"
#include "bridge/core/log/log_stream.h"

#define STAMP_LEN (sizeof("2026-01-31T12:00:00.123Z ") - 1)

/* What is logged while it writes to a stream of the log. */
static void logs(const char *text, char *log, size_t size)
{
	int kept = dup(STDERR_FILENO), ends[2];
	FILE *stream;
	ssize_t len;

	assert_int_equal(pipe(ends), 0);
	dup2(ends[1], STDERR_FILENO);
	stream = log_stream();
	for (; *text; text += text[1] ? 2 : 1)
		fprintf(stream, "%.2s", text);
	fclose(stream);
	dup2(kept, STDERR_FILENO);
	close(kept);
	close(ends[1]);
	len = read(ends[0], log, size - 1);
	close(ends[0]);
	log[len > 0 ? len : 0] = '\0';
}

/* However it is written, each line is one, with time and level. */
static void lines_have_time_and_level(void **state)
{
	char log[4096], *second;

	(void)state;
	logs("a:1: error: one\n\nb:2: error: two\nthree", log, sizeof(log));
	assert_int_equal(log[10], 'T');
	assert_true(strncmp(log + STAMP_LEN, "error a:1: error: one\n", 22) == 0);
	second = log + STAMP_LEN + 22;
	assert_true(strncmp(second + STAMP_LEN, "error b:2: error: two\n", 22) == 0);
	second += STAMP_LEN + 22;
	assert_string_equal(second + STAMP_LEN, "error three\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lines_have_time_and_level),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
