#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "codecs/text/json_write.h"
#include "tests/support/json_oracle.h"

static void assert_written(struct json_writer *w, const char *expected)
{
	assert_int_equal(w->len, strlen(expected));
	assert_memory_equal(w->data, expected, w->len);
	json_clear(w);
	assert_null(w->data);
}

static void objects_and_arrays_get_their_commas(void **state)
{
	struct json_writer w;

	(void)state;
	json_start(&w, 0, 1);
	json_object_open(&w);
	json_field_string(&w, "s", SLICE("x"));
	json_field_integer(&w, "i", -7);
	json_field_unsigned(&w, "u", 7);
	json_field_bool(&w, "t", true);
	json_field_bool(&w, "f", false);
	json_key(&w, "n");
	json_put_null(&w);
	json_key(&w, "a");
	json_array_open(&w);
	json_array_open(&w);
	json_array_close(&w);
	json_object_open(&w);
	json_object_close(&w);
	json_put_unsigned(&w, 1);
	json_put_null(&w);
	json_put_bool(&w, true);
	json_put_raw(&w, SLICE("[-0.50]"));
	json_put_string(&w, SLICE(""));
	json_array_close(&w);
	json_key_slice(&w, SLICE("a\"b"));
	json_put_integer(&w, 2);
	json_object_close(&w);
	assert_written(&w, "{\"s\":\"x\",\"i\":-7,\"u\":7,\"t\":true,\"f\":false,\"n\":null,"
			   "\"a\":[[],{},1,null,true,[-0.50],\"\"],\"a\\\"b\":2}");
}

static void reserved_bytes_are_left_to_the_caller(void **state)
{
	struct json_writer w;

	(void)state;
	json_start(&w, 10, 0);
	assert_int_equal(w.len, 10);
	memset(w.data, 'h', 10);
	json_array_open(&w);
	for (unsigned i = 0; i < 1000; i++)
		json_put_string(&w, SLICE("grows"));
	json_array_close(&w);
	assert_memory_equal(w.data, "hhhhhhhhhh[\"grows\",\"grows\",", 27);
	assert_int_equal(w.len, 10 + 1 + 1000 * 8);
	json_clear(&w);
}

static void literals_leave_the_comma_alone(void **state)
{
	struct json_writer w;

	(void)state;
	json_start(&w, 0, 0);
	json_array_open(&w);
	json_put_literal(&w, "1", 1);
	json_put_integer(&w, 2); /* no comma: the literal did not ask for one */
	json_put_literal(&w, ",3", 2);
	json_put_literal(&w, NULL, 0);
	json_put_integer(&w, 4);
	json_array_close(&w);
	assert_written(&w, "[12,3,4]");
}

static void pieces_make_one_string(void **state)
{
	struct json_writer w;

	(void)state;
	json_start(&w, 0, 0);
	json_put_literal(&w, "\"", 1);
	json_put_piece(&w, SLICE("<a\"b> "));
	json_put_piece(&w, (struct slice){ 0 });
	json_put_piece(&w, SLICE("second\n"));
	json_put_literal(&w, "\"", 1);
	assert_written(&w, "\"<a\\\"b> second\\n\"");
}

static void each_byte_is_escaped_as_rfc_8259_wants(void **state)
{
	struct json_writer w;

	(void)state;
	json_start(&w, 0, 0);
	json_put_string(&w, SLICE("\x00\x01\b\t\n\v\f\r\x1f \"\\/\x7f"));
	assert_written(&w, "\"\\u0000\\u0001\\b\\t\\n\\u000b\\f\\r\\u001f \\\"\\\\/\x7f\"");
	json_start(&w, 0, 0);
	json_put_string(&w, SLICE("caf\xc3\xa9 \xe2\x80\xa8 \xf0\x9f\x98\x82"));
	assert_written(&w, "\"caf\xc3\xa9 \xe2\x80\xa8 \xf0\x9f\x98\x82\"");
}

static void absent_and_empty_strings_are_empty(void **state)
{
	struct json_writer w;

	(void)state;
	json_start(&w, 0, 0);
	json_array_open(&w);
	json_put_string(&w, (struct slice){ 0 });
	json_put_string(&w, SLICE(""));
	json_array_close(&w);
	assert_written(&w, "[\"\",\"\"]");
}

static void assert_reads_back(const char *text, size_t len)
{
	char *exact = malloc(len ? len : 1); /* so that a sanitizer sees a read past the end */
	struct json_writer w;
	struct oracle read;

	memcpy(exact, text, len);
	json_start(&w, 0, 1);
	json_put_string(&w, slice_span(exact, len));
	assert_int_equal(oracle_read(w.data, w.len, &read), ORACLE_VALID);
	assert_int_equal(read.type, ORACLE_STRING);
	assert_int_equal(read.len, len);
	assert_memory_equal(read.text, text, len);
	oracle_free(&read);
	json_clear(&w);
	free(exact);
}

/* The strides of the copying loop: something to escape at every place of every length. */
static void strings_of_every_length_read_back(void **state)
{
	static const char odd[] = { '"', '\\', '\n', 0, 0x1f };
	char text[70];

	(void)state;
	for (size_t len = 0; len <= sizeof(text); len++) {
		memset(text, 'x', sizeof(text));
		assert_reads_back(text, len);
		for (size_t place = 0; place < len; place++) {
			text[place] = odd[place % sizeof(odd)];
			assert_reads_back(text, len);
			if (place)
				text[place - 1] = '"';
			assert_reads_back(text, len);
			memset(text, 'x', sizeof(text));
		}
		memset(text, 1, sizeof(text));
		assert_reads_back(text, len);
	}
}

static void numbers_are_printed_in_full(void **state)
{
	static const int64_t values[] = {
		0,    1,     9,  10,  11,    99,        100,       101,       999,
		1000, 12345, -1, -10, -2048, INT32_MAX, INT64_MIN, INT64_MAX, 9007199254740991
	};

	(void)state;
	for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++) {
		struct json_writer w;
		char expected[32];

		snprintf(expected, sizeof(expected), "%lld", (long long)values[i]);
		json_start(&w, 0, 1);
		json_put_integer(&w, values[i]);
		assert_written(&w, expected);
		snprintf(expected, sizeof(expected), "%llu", (unsigned long long)values[i]);
		json_start(&w, 0, 1);
		json_put_unsigned(&w, (uint64_t)values[i]);
		assert_written(&w, expected);
	}
}

static void powers_of_ten_and_their_neighbours(void **state)
{
	(void)state;
	for (uint64_t power = 1; power <= UINT64_MAX / 10; power *= 10)
		for (unsigned d = 0; d < 3; d++) {
			uint64_t value = power + d - 1;
			struct json_writer w;
			char expected[32];

			snprintf(expected, sizeof(expected), "%llu", (unsigned long long)value);
			json_start(&w, 0, 0);
			json_put_unsigned(&w, value);
			assert_written(&w, expected);
		}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(objects_and_arrays_get_their_commas),
		cmocka_unit_test(reserved_bytes_are_left_to_the_caller),
		cmocka_unit_test(literals_leave_the_comma_alone),
		cmocka_unit_test(pieces_make_one_string),
		cmocka_unit_test(each_byte_is_escaped_as_rfc_8259_wants),
		cmocka_unit_test(absent_and_empty_strings_are_empty),
		cmocka_unit_test(strings_of_every_length_read_back),
		cmocka_unit_test(numbers_are_printed_in_full),
		cmocka_unit_test(powers_of_ten_and_their_neighbours),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
