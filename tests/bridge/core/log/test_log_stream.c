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

/* The same, of a text that is written in one piece, to a file. */
static void logs_whole(const char *text, char *log, size_t size)
{
	int kept = dup(STDERR_FILENO);
	FILE *file = tmpfile(), *stream;
	size_t len;

	assert_non_null(file);
	dup2(fileno(file), STDERR_FILENO);
	stream = log_stream();
	fputs(text, stream);
	fclose(stream);
	dup2(kept, STDERR_FILENO);
	close(kept);
	rewind(file);
	len = fread(log, 1, size - 1, file);
	log[len] = '\0';
	fclose(file);
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

#define LINES 1000 /* of 30 bytes: more than a stream hands on at once */

/* A text of many lines may be written in one piece. */
static void long_texts_are_lines_too(void **state)
{
	static char log[LINES * 80], text[LINES * 40];
	char *at = text, *line = log;

	(void)state;
	for (int i = 0; i < LINES; i++)
		at += sprintf(at, "a:%04d: error: ten bytes more\n", i);
	logs_whole(text, log, sizeof(log));
	for (int i = 0; i < LINES; i++) {
		char expected[64];
		int len = sprintf(expected, "error a:%04d: error: ten bytes more\n", i);

		assert_int_equal(strncmp(line + STAMP_LEN, expected, (size_t)len), 0);
		line += STAMP_LEN + (size_t)len;
	}
	assert_string_equal(line, "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lines_have_time_and_level),
		cmocka_unit_test(long_texts_are_lines_too),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
