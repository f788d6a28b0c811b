#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "bridge/core/log/log.h"

#define SAID_MAX 4096

/* Standard error goes to a file between these two. */
static FILE *target;
static int before;

static void capture_begin(void)
{
	target = tmpfile();
	assert_non_null(target);
	before = dup(STDERR_FILENO);
	assert_true(before >= 0);
	assert_true(dup2(fileno(target), STDERR_FILENO) >= 0);
}

/* Borrows until the next call. */
static const char *capture_end(void)
{
	static char said[SAID_MAX];
	size_t len;

	dup2(before, STDERR_FILENO);
	close(before);
	rewind(target);
	len = fread(said, 1, sizeof(said) - 1, target);
	said[len] = '\0';
	fclose(target);
	return said;
}

static void levels_have_names(void **state)
{
	(void)state;
	assert_int_equal(log_level_find("error"), LOG_ERROR);
	assert_int_equal(log_level_find("warning"), LOG_WARNING);
	assert_int_equal(log_level_find("info"), LOG_INFO);
	assert_int_equal(log_level_find("debug"), LOG_DEBUG);
	assert_int_equal(log_level_find("trace"), LOG_TRACE);
	assert_int_equal(log_level_find("loud"), LOG_INFO);
	assert_int_equal(log_level_find(""), LOG_INFO);
	for (int level = LOG_ERROR; level <= LOG_TRACE; level++)
		assert_int_equal(log_level_find(log_level_name((enum log_level)level)), level);
}

static void level_decides(void **state)
{
	(void)state;
	for (int set = LOG_ERROR; set <= LOG_TRACE; set++) {
		log_set_level((enum log_level)set);
		for (int asked = LOG_ERROR; asked <= LOG_TRACE; asked++)
			assert_int_equal(log_enabled((enum log_level)asked), asked <= set);
	}
	log_set_level(LOG_WARNING);
	capture_begin();
	log_line(LOG_INFO, "not this");
	log_line(LOG_WARNING, "but this");
	assert_null(strstr(capture_end(), "not this"));
}

/* Those that are not written because of their level are none. */
static void lines_are_counted(void **state)
{
	uint64_t info = log_lines(LOG_INFO), warning = log_lines(LOG_WARNING);

	(void)state;
	log_set_level(LOG_WARNING);
	capture_begin();
	log_line(LOG_INFO, "not this");
	log_line(LOG_WARNING, "but this");
	log_line(LOG_WARNING, "and this");
	capture_end();
	assert_int_equal(log_lines(LOG_INFO), info);
	assert_int_equal(log_lines(LOG_WARNING), warning + 2);
	assert_int_equal(log_lines_lost(), 0);
}

/* 2026-01-31T12:00:00.123Z level message */
static void line_has_its_form(void **state)
{
	static const char form[] = "0000-00-00T00:00:00.000Z ";
	const char *said;

	(void)state;
	log_set_level(LOG_INFO);
	capture_begin();
	log_line(LOG_INFO, "%s has %d", "ann", 7);
	said = capture_end();
	assert_true(strlen(said) > sizeof(form));
	for (size_t i = 0; i < sizeof(form) - 1; i++)
		if (form[i] == '0')
			assert_in_range(said[i], '0', '9');
		else
			assert_int_equal(said[i], form[i]);
	assert_string_equal(said + sizeof(form) - 1, "info ann has 7\n");
}

static void each_line_is_one(void **state)
{
	const char *said;

	(void)state;
	log_set_level(LOG_TRACE);
	capture_begin();
	log_line(LOG_ERROR, "first");
	log_line(LOG_TRACE, "%s", "");
	said = capture_end();
	assert_non_null(strstr(said, " error first\n"));
	assert_string_equal(said + strlen(said) - 7, "trace \n");
}

static void long_lines_are_clipped(void **state)
{
	char text[3000];
	const char *said;

	(void)state;
	log_set_level(LOG_INFO);
	memset(text, 'x', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	capture_begin();
	log_line(LOG_INFO, "%s", text);
	said = capture_end();
	assert_int_equal(strlen(said), 1001);
	assert_int_equal(said[999], 'x');
	assert_int_equal(said[1000], '\n');
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(levels_have_names), cmocka_unit_test(level_decides),
		cmocka_unit_test(lines_are_counted), cmocka_unit_test(line_has_its_form),
		cmocka_unit_test(each_line_is_one),  cmocka_unit_test(long_lines_are_clipped),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
