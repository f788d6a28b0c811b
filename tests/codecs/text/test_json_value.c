#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "codecs/text/json_read.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* The value of the first member of text, which must be an object. */
static struct json_value value_of(struct json_object *o, const char *text)
{
	assert_int_equal(json_read(slice_of(text), JSON_DEPTH_DEFAULT, o), JSON_OK);
	return o->members[0].value;
}

static void items_are_stepped_through(void **state)
{
	static const char *const expected[] = { "1",
						"\"a\\\"],b\"",
						"[ 2 , [\"]\"] ]",
						"{\"x\":[\"}\"]}",
						"null",
						"true",
						"\"\xc3\xa9\"",
						"-1e5",
						"[]",
						"{}" };
	struct json_object o;
	struct json_value item,
	    array = value_of(&o, "{\"a\":[ 1 ,\"a\\\"],b\",[ 2 , [\"]\"] ],"
				 "{\"x\":[\"}\"]}, null,true , \"\xc3\xa9\",-1e5\n,"
				 "[],{} ]}");
	size_t cursor = 0, count = 0;

	(void)state;
	while (json_item(array, &cursor, &item)) {
		assert_true(count < COUNT(expected));
		assert_true(slice_is(item.source, expected[count]));
		assert_int_equal(item.escaped, count == 1);
		count++;
	}
	assert_int_equal(count, COUNT(expected));
	assert_false(json_item(array, &cursor, &item));
}

static const char *const looked_for[] = { "a", "bb", "none", "b" };

/* The same whether they are found while the text is read or later. */
static void finds_all(const char *text, const char *expected, size_t others)
{
	struct json_value whole, values[COUNT(looked_for)], again[COUNT(looked_for)];
	struct json_named named = { .names = looked_for,
				    .count = COUNT(looked_for),
				    .values = values };

	assert_int_equal(json_read_named(slice_of(text), 4, &whole, &named), JSON_OK);
	assert_int_equal(named.others, others);
	assert_int_equal(json_find_all(whole, looked_for, COUNT(looked_for), again), others);
	for (size_t i = 0; i < COUNT(looked_for); i++) {
		struct json_value alone = json_find(whole, looked_for[i]);

		assert_int_equal(values[i].type, alone.type);
		assert_int_equal(values[i].escaped, alone.escaped);
		assert_true(slice_equal(values[i].source, alone.source));
		assert_int_equal(again[i].type, alone.type);
		assert_int_equal(again[i].escaped, alone.escaped);
		assert_true(slice_equal(again[i].source, alone.source));
		assert_int_equal(alone.type != JSON_ABSENT,
				 strchr(expected, (int)('0' + i)) != NULL);
	}
}

static void members_are_found_by_name(void **state)
{
	struct json_value whole, values[COUNT(looked_for)];
	struct json_named named = { .names = looked_for,
				    .count = COUNT(looked_for),
				    .values = values };
	char many[1000] = "{\"b\":\"\\n\"";
	size_t len = strlen(many);

	(void)state;
	finds_all("{}", "", 0);
	finds_all(" { \"a\" : \"x\\ty\" , \"c\":{\"bb\":1} , \"b\":[\"bb\"],\"bb\":-1e5 } ", "013",
		  1);
	finds_all("{\"x\":{\"a\":1},\"\\u0061\":2}", "", 2);
	finds_all("{\"bb\":\"\",\"B\":null}", "1", 1);
	finds_all("[{\"a\":1}]", "", 0);
	finds_all("\"a\"", "", 0);
	/* However many there are. */
	for (unsigned i = 0; i < 2 * JSON_MEMBERS_MAX; i++)
		len += (size_t)sprintf(many + len, ",\"n%u\":0", i);
	sprintf(many + len, ",\"a\":true}");
	finds_all(many, "03", 2 * JSON_MEMBERS_MAX);
	assert_int_equal(json_read_named(SLICE("{\"a\":1,\"a\":2}"), 4, &whole, &named),
			 JSON_DUPLICATE);
	assert_int_equal(json_read_named(SLICE(""), 4, &whole, &named), JSON_BAD_SYNTAX);
	assert_int_equal(whole.type, JSON_ABSENT);
}

static void what_is_no_array_has_no_items(void **state)
{
	static const char *const texts[] = { "{\"a\":{\"x\":1}}", "{\"a\":\"[1]\"}", "{\"a\":1}",
					     "{\"a\":[]}", "{\"a\":[ ]}" };
	struct json_object o;
	struct json_value item;

	(void)state;
	for (size_t i = 0; i < COUNT(texts); i++) {
		size_t cursor = 0;

		assert_false(json_item(value_of(&o, texts[i]), &cursor, &item));
	}
}

static void members_are_stepped_through(void **state)
{
	static const char *const names[] = { "\"a\"", "\"b\\\"}\"", "\"\"", "\"c\"" };
	static const char *const values[] = { "{ \"x\" : [1,2] }", "\"},\\\"\"", "-1e5", "[]" };
	struct json_object o;
	struct json_value name, value,
	    object =
		value_of(&o, "{\"o\":{ \"a\" :{ \"x\" : [1,2] } ,\"b\\\"}\"\n:\"},\\\"\",\"\":-1e5"
			     " , \"c\":[]\t}}");
	size_t cursor = 0, count = 0;

	(void)state;
	while (json_pair(object, &cursor, &name, &value)) {
		assert_true(count < COUNT(names));
		assert_true(slice_is(name.source, names[count]));
		assert_int_equal(name.type, JSON_STRING);
		assert_int_equal(name.escaped, count == 1);
		assert_true(slice_is(value.source, values[count]));
		assert_int_equal(value.escaped, count == 1);
		count++;
	}
	assert_int_equal(count, COUNT(names));
	assert_false(json_pair(object, &cursor, &name, &value));
}

static void what_is_no_object_has_no_members(void **state)
{
	static const char *const texts[] = { "{\"a\":[{\"x\":1}]}", "{\"a\":\"{}\"}", "{\"a\":1}",
					     "{\"a\":{}}", "{\"a\":{ }}" };
	struct json_object o;
	struct json_value name, value;

	(void)state;
	for (size_t i = 0; i < COUNT(texts); i++) {
		size_t cursor = 0;

		assert_false(json_pair(value_of(&o, texts[i]), &cursor, &name, &value));
	}
}

/* Whatever the outermost value is. */
static void texts_are_read_as_values(void **state)
{
	static const struct {
		const char *text, *source;
		enum json_type type;
		bool escaped;
	} rows[] = {
		{ " [1, {\"a\":2}] \n", "[1, {\"a\":2}]", JSON_ARRAY, false },
		{ "{\"a\":[]}", "{\"a\":[]}", JSON_OBJECT, false },
		{ "\t\"x\\n\" ", "\"x\\n\"", JSON_STRING, true },
		{ "\"x\"", "\"x\"", JSON_STRING, false },
		{ "null", "null", JSON_NULL, false },
		{ "-1.5e3", "-1.5e3", JSON_NUMBER, false },
	};
	struct json_value value;

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		assert_int_equal(json_read_value(slice_of(rows[i].text), 4, &value), JSON_OK);
		assert_int_equal(value.type, rows[i].type);
		assert_true(slice_is(value.source, rows[i].source));
		assert_int_equal(value.escaped, rows[i].escaped);
	}
	assert_int_equal(json_read_value(slice_of("[1,"), 4, &value), JSON_BAD_SYNTAX);
	assert_int_equal(value.type, JSON_ABSENT);
	assert_int_equal(json_read_value(slice_of("  "), 4, &value), JSON_BAD_SYNTAX);
	assert_int_equal(json_read_value(slice_of(""), 4, &value), JSON_BAD_SYNTAX);
	assert_int_equal(json_read_value(slice_of("[[[[[]]]]]"), 4, &value), JSON_TOO_DEEP);
}

static void assert_text(const char *json, struct slice expected, bool expect_replaced)
{
	char source[200];
	struct json_object o;
	bool replaced = false;
	struct json_value value;
	struct slice text;
	char *scratch;

	sprintf(source, "{\"a\":%s}", json);
	value = value_of(&o, source);
	scratch = malloc(value.source.len);
	text = json_text(value, scratch, &replaced);
	assert_int_equal(text.len, expected.len);
	assert_memory_equal(text.data, expected.data, expected.len);
	assert_int_equal(replaced, expect_replaced);
	assert_ptr_equal(value.escaped ? scratch : value.source.data + 1, text.data);
	assert_true(slice_equal(json_text(value, scratch, NULL), expected));
	free(scratch);
}

static void members_of_any_level_are_found(void **state)
{
	static const char *const expected[] = { "\"a\" 1", "\"b\\\"\" [ 2 ]", "\"\" \"}\"",
						"\"c\" {\"d\":{}}" };
	static const char text[] = " { \"a\" : 1 ,\"b\\\"\":[ 2 ], \"\":\"}\" ,\"c\":{\"d\":{}} } ";
	struct json_value whole, name, value;
	size_t cursor = 0, count = 0;
	char pair[64];

	(void)state;
	assert_int_equal(json_read_value(slice_of(text), JSON_DEPTH_DEFAULT, &whole), JSON_OK);
	while (json_pair(whole, &cursor, &name, &value)) {
		assert_true(count < COUNT(expected));
		snprintf(pair, sizeof(pair), "%.*s %.*s", (int)name.source.len, name.source.data,
			 (int)value.source.len, value.source.data);
		assert_string_equal(pair, expected[count++]);
		assert_int_equal(name.type, JSON_STRING);
	}
	assert_int_equal(count, COUNT(expected));
	assert_int_equal(json_find(json_find(whole, "c"), "d").type, JSON_OBJECT);
	assert_int_equal(json_find(whole, "d").type, JSON_ABSENT);
	assert_int_equal(json_find(whole, "").type, JSON_STRING);
	assert_int_equal(json_find(json_find(whole, "b\\\""), "a").type, JSON_ABSENT);
	assert_int_equal(json_read_value(SLICE("{ }"), JSON_DEPTH_DEFAULT, &whole), JSON_OK);
	assert_int_equal(json_find(whole, "a").type, JSON_ABSENT);
}

static void texts_are_unescaped(void **state)
{
	(void)state;
	assert_text("\"\"", SLICE(""), false);
	assert_text("\"plain \xc3\xa9\"", SLICE("plain \xc3\xa9"), false);
	assert_text("\"a\\\"\\\\\\/\\b\\f\\n\\r\\tz\"", SLICE("a\"\\/\b\f\n\r\tz"), false);
	assert_text("\"\\u0041\\u00e9\\u20AC\\uFFFF\"", SLICE("A\xc3\xa9\xe2\x82\xac\xef\xbf\xbf"),
		    false);
	assert_text("\"\\u0000\"", SLICE("\0"), false);
	assert_text("\"\\ud83d\\uDE02\\udbff\\udfff\"", SLICE("\xf0\x9f\x98\x82\xf4\x8f\xbf\xbf"),
		    false);
	assert_text("\"\\ud800\"", SLICE("\xef\xbf\xbd"), true);
	assert_text("\"\\udc00\\ud800\"", SLICE("\xef\xbf\xbd\xef\xbf\xbd"), true);
	assert_text("\"\\ud800\\u0041\"",
		    SLICE("\xef\xbf\xbd"
			  "A"),
		    true);
	assert_text("\"\\ud800\\ud83d\\ude02\"", SLICE("\xef\xbf\xbd\xf0\x9f\x98\x82"), true);
	assert_text("\"\\ud800x\"", SLICE("\xef\xbf\xbdx"), true);
	assert_text("\"\\ud800\\n\"", SLICE("\xef\xbf\xbd\n"), true);
}

static void replaced_is_never_cleared_and_others_have_no_text(void **state)
{
	struct json_object o;
	char scratch[10];
	bool replaced = true;

	(void)state;
	json_text(value_of(&o, "{\"a\":\"\\n\"}"), scratch, &replaced);
	assert_true(replaced);
	assert_null(json_text(value_of(&o, "{\"a\":1}"), scratch, &replaced).data);
	assert_null(json_text(json_member(&o, "none"), scratch, &replaced).data);
}

/* ---- numbers ---- */

struct number_row {
	const char *json;
	bool exact, or_text, truncated;
	int64_t value;
};

static const struct number_row numbers[] = {
	{ "0", true, true, true, 0 },
	{ "-0", true, true, true, 0 },
	{ "42", true, true, true, 42 },
	{ "-2147483648", true, true, true, -2147483648LL },
	{ "9007199254740991", true, true, true, 9007199254740991 },
	{ "9223372036854775807", true, true, true, INT64_MAX },
	{ "-9223372036854775808", true, true, true, INT64_MIN },
	{ "9223372036854775808", false, false, false, 0 },
	{ "-9223372036854775809", false, false, false, 0 },
	{ "18446744073709551616", false, false, false, 0 },
	{ "100000000000000000000000", false, false, false, 0 },
	{ "1.0", false, false, true, 1 },
	{ "1.9", false, false, true, 1 },
	{ "-1.9", false, false, true, -1 },
	{ "-0.9", false, false, true, 0 },
	{ "1e3", false, false, true, 1000 },
	{ "1E+3", false, false, true, 1000 },
	{ "1.2345e3", false, false, true, 1234 },
	{ "0.0001e5", false, false, true, 10 },
	{ "12345e-2", false, false, true, 123 },
	{ "12345e-5", false, false, true, 0 },
	{ "12345e-99999999999999999999", false, false, true, 0 },
	{ "0e99999999999999999999", false, false, true, 0 },
	{ "0.0e5", false, false, true, 0 },
	{ "1e99999999999999999999", false, false, false, 0 },
	{ "1e18", false, false, true, 1000000000000000000 },
	{ "9223372036854775807.9", false, false, true, INT64_MAX },
	{ "922337203685477580.79e1", false, false, true, INT64_MAX },
	{ "9.223372036854775808e18", false, false, false, 0 },
	{ "-9.223372036854775808e18", false, false, true, INT64_MIN },
	{ "\"42\"", false, true, false, 42 },
	{ "\"-7\"", false, true, false, -7 },
	{ "\"\"", false, false, false, 0 },
	{ "\"-\"", false, false, false, 0 },
	{ "\" 1\"", false, false, false, 0 },
	{ "\"01\"", false, false, false, 0 },
	{ "\"+1\"", false, false, false, 0 },
	{ "\"1.0\"", false, false, false, 0 },
	{ "\"\\u0031\"", false, false, false, 0 },
	{ "\"99999999999999999999\"", false, false, false, 0 },
	{ "null", false, false, false, 0 },
	{ "true", false, false, false, 0 },
	{ "[1]", false, false, false, 0 },
};

typedef bool read_number(struct json_value value, int64_t *out);

static void assert_number(const struct number_row *row, read_number *read, bool wanted)
{
	struct json_object o;
	char text[64];
	int64_t n = 0;

	sprintf(text, "{\"a\":%s}", row->json);
	if (read(value_of(&o, text), &n) != wanted || (wanted && n != row->value))
		fail_msg("%s: %lld", row->json, (long long)n);
}

static void numbers_are_read_or_refused(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(numbers); i++) {
		const struct number_row *row = &numbers[i];
		assert_number(row, json_int64, row->exact);
		assert_number(row, json_int64_or_text, row->or_text);
		assert_number(row, json_int64_truncated, row->truncated);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(items_are_stepped_through),
		cmocka_unit_test(what_is_no_array_has_no_items),
		cmocka_unit_test(members_of_any_level_are_found),
		cmocka_unit_test(members_are_found_by_name),
		cmocka_unit_test(members_are_stepped_through),
		cmocka_unit_test(what_is_no_object_has_no_members),
		cmocka_unit_test(texts_are_read_as_values),
		cmocka_unit_test(texts_are_unescaped),
		cmocka_unit_test(replaced_is_never_cleared_and_others_have_no_text),
		cmocka_unit_test(numbers_are_read_or_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
