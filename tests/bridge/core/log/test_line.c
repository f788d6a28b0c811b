#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <jansson.h>

#include "bridge/core/log/line.h"

#define STAMP "2026-01-31T12:00:00.007Z"

static const struct timespec noon = { .tv_sec = 1769860800, .tv_nsec = 7999999 };

/* Borrows until the next call; without the line's end. */
static const char *written(struct line line)
{
	static char bytes[LINE_BYTES_MAX];
	size_t len;

	line.time = noon;
	len = line_write(&line, bytes);
	assert_in_range(len, 1, sizeof(bytes));
	assert_int_equal(bytes[len - 1], '\n');
	assert_null(memchr(bytes, '\n', len - 1));
	bytes[len - 1] = '\0';
	return bytes;
}

/* Of a line of JSON. Returns new. */
static json_t *object(struct line line)
{
	json_t *json;

	line.format = LOG_JSON;
	json = json_loads(written(line), JSON_REJECT_DUPLICATES, NULL);
	assert_true(json_is_object(json));
	return json;
}

static const char *field(const json_t *json, const char *key)
{
	return json_string_value(json_object_get(json, key));
}

static void text_has_time_and_level(void **state)
{
	struct line line = { .level = LOG_WARNING, .message = "a b" };

	(void)state;
	assert_string_equal(written(line), STAMP " warning a b");
	line.fields = (struct log_fields){ .event = "x", .address = "192.0.2.1" };
	assert_string_equal(written(line), STAMP " warning a b");
}

static void journal_has_priorities_only(void **state)
{
	static const char *const wanted[] = { "<3>m", "<4>m", "<6>m", "<7>m", "<7>m" };

	(void)state;
	for (int level = LOG_ERROR; level <= LOG_TRACE; level++) {
		struct line line = { .level = (enum log_level)level, .journal = true };

		line.message = "m";
		assert_string_equal(written(line), wanted[level]);
	}
}

static void journal_has_json_behind_its_priority(void **state)
{
	struct line line = {
		.level = LOG_ERROR, .format = LOG_JSON, .journal = true, .message = "m"
	};

	(void)state;
	assert_string_equal(written(line),
			    "<3>{\"time\":\"" STAMP "\",\"level\":\"error\",\"message\":\"m\"}");
}

static void no_text_ends_a_line_early(void **state)
{
	struct line line = { .level = LOG_INFO, .message = "a\nb\r\x1b[2J\x7f\tc" };
	json_t *json = object(line);

	(void)state;
	assert_string_equal(written(line), STAMP " info a?b??[2J??c");
	line.journal = true;
	line.message = "x\n<0>emergency";
	assert_string_equal(written(line), "<6>x?<0>emergency");
	assert_string_equal(field(json, "message"), "a\nb\r\x1b[2J\x7f\tc");
	json_decref(json);
}

static void json_has_the_fields_there_are(void **state)
{
	struct line line = { .level = LOG_INFO,
			     .format = LOG_JSON,
			     .message = "m",
			     .fields = { .event = "login_refused",
					 .address = "2001:db8::7",
					 .reason = "bad_login",
					 .dialect = "simple",
					 .backend = "b",
					 .path = SLICE("/p"),
					 .room = SLICE("r"),
					 .name = SLICE("n") } };

	(void)state;
	assert_string_equal(
	    written(line),
	    "{\"time\":\"" STAMP "\",\"level\":\"info\",\"event\":\"login_refused\","
	    "\"address\":\"2001:db8::7\",\"reason\":\"bad_login\",\"dialect\":\"simple\","
	    "\"path\":\"/p\",\"room\":\"r\",\"name\":\"n\",\"backend\":\"b\","
	    "\"message\":\"m\"}");
	line.fields = (struct log_fields){ .name = SLICE("") };
	assert_string_equal(written(line),
			    "{\"time\":\"" STAMP "\",\"level\":\"info\",\"name\":\"\","
			    "\"message\":\"m\"}");
}

/* What a reader of JSON gets is what was given; the bytes are printable ASCII. */
static void json_is_escaped(void **state)
{
	static const char name[] =
	    "\",\"address\":\"6.6.6.6\" \\ \x01\n J\xc3\xb6rg \xf0\x9f\x98\x80";
	struct line line = { .message = "m", .fields = { .name = slice_of(name) } };
	json_t *json = object(line);
	const char *bytes;

	(void)state;
	assert_string_equal(field(json, "name"), name);
	assert_null(json_object_get(json, "address"));
	json_decref(json);
	line.format = LOG_JSON;
	for (bytes = written(line); *bytes; bytes++)
		assert_in_range(*bytes, ' ', '~');
	line.fields.name = SLICE("a\xff\xc3(\xed\xa0\x80");
	json = object(line);
	assert_ptr_equal(strstr(field(json, "name"), "a\xef\xbf\xbd"), field(json, "name"));
	json_decref(json);
}

/* Each field alone, and all: one that is long costs those behind it nothing. */
static void json_stays_whole_when_clipped(void **state)
{
	static char longest[6000];
	struct slice all = { longest, sizeof(longest) - 1 };
	struct line line = { .level = LOG_TRACE,
			     .message = longest,
			     .fields = { .event = longest,
					 .address = longest,
					 .reason = longest,
					 .dialect = longest,
					 .backend = longest,
					 .path = all,
					 .room = all,
					 .name = all } };
	static const char fills[] = "x\x01\"\xff";

	(void)state;
	for (size_t i = 0; i < sizeof(fills) - 1; i++) {
		json_t *json;

		memset(longest, fills[i], sizeof(longest) - 1);
		json = object(line);
		assert_int_equal(json_object_size(json), 11);
		assert_true(strlen(field(json, "message")) > 100);
		assert_true(strlen(field(json, "backend")) > 30);
		json_decref(json);
	}
}

static void text_is_clipped(void **state)
{
	static char longest[3000];
	struct line line = { .message = longest };

	(void)state;
	memset(longest, 'x', sizeof(longest) - 1);
	assert_int_equal(strlen(written(line)), LINE_TEXT_MAX);
	line.journal = true;
	assert_int_equal(strlen(written(line)), LINE_TEXT_MAX);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(text_has_time_and_level),
		cmocka_unit_test(journal_has_priorities_only),
		cmocka_unit_test(journal_has_json_behind_its_priority),
		cmocka_unit_test(no_text_ends_a_line_early),
		cmocka_unit_test(json_has_the_fields_there_are),
		cmocka_unit_test(json_is_escaped),
		cmocka_unit_test(json_stays_whole_when_clipped),
		cmocka_unit_test(text_is_clipped),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
