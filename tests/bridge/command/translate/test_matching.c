#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "bridge/command/translate/matching.h"
#include "codecs/registry.h"
#include "codecs/text/json_read.h"
#include "tests/support/dialects.h"

static const struct codec_words *words(void)
{
	return registry_codec(DIALECT_MIXER)->words;
}

static struct json_value value_of(const char *text)
{
	struct json_value value;

	assert_int_equal(json_read_value(slice_of(text), JSON_DEPTH_MAX, &value), JSON_OK);
	return value;
}

/* Valid until the next call. */
static const char *put(const struct matching *matching, const char *frame)
{
	static char text[1024];
	struct json_writer w;

	json_start(&w, 0, 64);
	matching_put(matching, value_of(frame), SLICE("key \"of\" cy"), &w);
	snprintf(text, sizeof(text), "%.*s", (int)w.len, w.data);
	json_clear(&w);
	return text;
}

static void ids_are_learned(void **state)
{
	struct matching matching = { .count = 0 };

	(void)state;
	matching_learn(
	    &matching, words(),
	    value_of("{\"type\":\"chat_sent\",\"chat\":{\"id\":753712819317248,"
		     "\"authorId\":7,\"content\":\"abc\",\"createdAt\":1796073159389}}"),
	    value_of("{\"type\":\"chat_sent\",\"chat\":{\"id\":517393614506496,"
		     "\"authorId\":104,\"content\":\"abc\",\"createdAt\":1767225600208}}"));
	assert_string_equal(put(&matching, "{\"chatId\":753712819317248,\"userId\":7,\"id\":7,"
					   "\"x\":[7,\"753712819317248\"]}"),
			    "{\"chatId\":517393614506496,\"userId\":104,\"id\":7,"
			    "\"x\":[7,\"753712819317248\"]}");
	matching_learn(&matching, words(),
		       value_of("{\"id\":\"1156bfb8-6dd5-4000-810d-273343b17663\"}"),
		       value_of("{\"id\":\"10eb488b-4d05-4000-81a7-fe73a653cf29\"}"));
	assert_string_equal(
	    put(&matching, "{\"arguments\":[\"1156bfb8-6dd5-4000-810d-273343b17663\"]}"),
	    "{\"arguments\":[\"10eb488b-4d05-4000-81a7-fe73a653cf29\"]}");
	matching_clear(&matching);
}

static void secrets_are_put_in(void **state)
{
	struct matching matching = { .count = 0 };

	(void)state;
	assert_string_equal(put(&matching, "{\"key\":\"[secret]\",\"content\":\"[secret\"}"),
			    "{\"key\":\"key \\\"of\\\" cy\",\"content\":\"[secret\"}");
}

static void what_says_the_same_is_alike(void **state)
{
	struct json_value one = value_of("{\"type\":\"a\",\"text\":\"b\",\"id\":1}");

	(void)state;
	assert_true(
	    matching_alike(words(), one, value_of("{\"type\":\"a\",\"text\":\"b\",\"id\":2}")) >
	    matching_alike(words(), one, value_of("{\"type\":\"a\",\"text\":\"c\",\"id\":2}")));
	assert_true(
	    matching_alike(words(), one, value_of("{\"type\":\"a\",\"text\":\"c\",\"id\":2}")) > 0);
	assert_int_equal(
	    matching_alike(words(), one, value_of("{\"type\":\"b\",\"text\":\"b\",\"id\":1}")), 0);
	assert_int_equal(matching_alike(words(), one, value_of("{\"type\":\"a\",\"text\":\"b\"}")),
			 0);
	assert_int_equal(
	    matching_alike(words(), one, value_of("{\"type\":\"a\",\"user\":\"b\",\"id\":1}")), 0);
	assert_int_equal(matching_alike(words(), one, value_of("[1]")), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(ids_are_learned),
		cmocka_unit_test(secrets_are_put_in),
		cmocka_unit_test(what_says_the_same_is_alike),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
