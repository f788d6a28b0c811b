#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/codecs/text/json_texts.h"

static enum json_status read_text(const char *text, struct json_object *out)
{
	return json_read(slice_of(text), JSON_DEPTH_DEFAULT, out);
}

static void assert_status(const char *text, enum json_status expected)
{
	struct json_object object;
	enum json_status status = read_text(text, &object);

	if (status != expected)
		fail_msg("%s: %s, not %s", text, json_status_text(status),
			 json_status_text(expected));
	if (status != JSON_OK)
		assert_int_equal(object.count, 0);
}

/* ---- what is well-formed ---- */

static void well_formed_texts_are_read(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(valid_texts); i++)
		assert_status(valid_texts[i], JSON_OK);
}

static void other_texts_are_refused(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(invalid_texts); i++)
		assert_status(invalid_texts[i].text, invalid_texts[i].status);
}

static void nothing_at_all_is_refused(void **state)
{
	struct json_object object;

	(void)state;
	assert_int_equal(json_read((struct slice){ 0 }, 32, &object), JSON_BAD_SYNTAX);
	assert_int_equal(json_read(SLICE("{\"a\0\":1}"), 32, &object), JSON_BAD_SYNTAX);
	assert_int_equal(json_read(SLICE("{}\0"), 32, &object), JSON_BAD_SYNTAX);
}

static bool whole(const char *text, size_t len)
{
	return text[len + strspn(text + len, " \n")] == '\0';
}

/* Every prefix of a valid text is invalid, and reading it stays inside its block. */
static void prefixes_are_refused(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(valid_texts); i++)
		for (size_t len = 0; len < strlen(valid_texts[i]); len++) {
			struct json_object object;
			char *exact = malloc(len ? len : 1);
			enum json_status status;

			memcpy(exact, valid_texts[i], len);
			status = json_read(slice_span(exact, len), 32, &object);
			assert_int_equal(status == JSON_OK, whole(valid_texts[i], len));
			free(exact);
		}
}

/* ---- limits ---- */

static char *repeat(char *out, const char *text, unsigned count)
{
	for (unsigned i = 0; i < count; i++)
		out = stpcpy(out, text);
	return out;
}

static void depth_is_limited(void **state)
{
	static const unsigned limits[] = { 1, 2, 32, JSON_DEPTH_MAX };
	char text[2000];
	struct json_object object;

	(void)state;
	for (size_t i = 0; i < COUNT(limits); i++)
		for (unsigned over = 0; over < 2; over++) {
			unsigned arrays = limits[i] - 1 + over;
			char *end = stpcpy(text, "{\"a\":");

			end = repeat(end, "[", arrays);
			end = stpcpy(end, arrays ? "" : "1");
			end = repeat(end, "]", arrays);
			stpcpy(end, "}");
			assert_int_equal(json_read(slice_of(text), limits[i], &object),
					 over ? JSON_TOO_DEEP : JSON_OK);
		}
	stpcpy(repeat(repeat(text, "{\"a\":", 129), "1", 1), "");
	assert_int_equal(json_read(slice_of(text), 4000, &object), JSON_TOO_DEEP);
}

/* {"n":{"k0":0,"k1":0, ...}} with one name replaced. */
static char *many_names(char *text, unsigned count, unsigned place, const char *instead)
{
	char *end = stpcpy(text, "{\"n\":{");

	for (unsigned i = 0; i < count; i++)
		if (i == place)
			end += sprintf(end, "%s\"%s\":0", i ? "," : "", instead);
		else
			end += sprintf(end, "%s\"k%u\":0", i ? "," : "", i);
	strcpy(end, "}}");
	return text;
}

static void names_are_compared_however_many(void **state)
{
	static const unsigned counts[] = { 2, 3, 15, 16, 17, 18, 33, 100, 511 };
	char text[8000];

	(void)state;
	for (size_t i = 0; i < COUNT(counts); i++) {
		unsigned count = counts[i];

		assert_status(many_names(text, count, count, ""), JSON_OK);
		assert_status(many_names(text, count, count - 1, "k0"), JSON_DUPLICATE);
		assert_status(many_names(text, count, 0, "k1"), JSON_DUPLICATE);
		assert_status(many_names(text, count, count / 2, "\\u006b0"),
			      count / 2 == 0 ? JSON_OK : JSON_DUPLICATE);
		assert_status(many_names(text, count, count - 1, "\\u006b"), JSON_OK);
		assert_status(many_names(text, count, count - 1, "k00"), JSON_OK);
		assert_status(many_names(text, count, count - 1, ""), JSON_OK);
	}
}

static void names_are_limited(void **state)
{
	char text[16000];
	char *end;

	(void)state;
	assert_status(many_names(text, JSON_NAMES_MAX - 1, 9999, ""), JSON_OK);
	assert_status(many_names(text, JSON_NAMES_MAX, 9999, ""), JSON_TOO_MANY);
	/* Names of objects that are closed do not count. */
	end = stpcpy(text, "{\"a\":[{}");
	for (unsigned i = 0; i < 1000; i++)
		end = stpcpy(end, ",{\"x\":1}");
	strcpy(end, "]}");
	assert_status(text, JSON_OK);
}

static void members_of_the_outermost_object_are_limited(void **state)
{
	char text[1000];
	struct json_object object;

	(void)state;
	for (unsigned count = JSON_MEMBERS_MAX; count <= JSON_MEMBERS_MAX + 1; count++) {
		char *end = stpcpy(text, "{");

		for (unsigned i = 0; i < count; i++)
			end += sprintf(end, "%s\"k%u\":%u", i ? "," : "", i, i);
		strcpy(end, "}");
		if (count > JSON_MEMBERS_MAX) {
			assert_status(text, JSON_TOO_MANY);
			continue;
		}
		assert_int_equal(read_text(text, &object), JSON_OK);
		assert_int_equal(object.count, count);
		assert_true(slice_is(json_member(&object, "k31").source, "31"));
	}
}

/* ---- what is handed out ---- */

static void any_value_is_checked(void **state)
{
	static const struct {
		const char *text, *value;
		enum json_type type;
	} good[] = { { " [1, 2] ", "[1, 2]", JSON_ARRAY }, { "\"a\\n\"", "\"a\\n\"", JSON_STRING },
		     { "-1.5\n", "-1.5", JSON_NUMBER },    { "null", "null", JSON_NULL },
		     { "true", "true", JSON_TRUE },        { "{} ", "{}", JSON_OBJECT } };
	struct json_value value;

	(void)state;
	for (size_t i = 0; i < COUNT(good); i++) {
		assert_int_equal(json_read_value(slice_of(good[i].text), 4, &value), JSON_OK);
		assert_int_equal(value.type, good[i].type);
		assert_true(slice_is(value.source, good[i].value));
		assert_int_equal(value.escaped, i == 1);
	}
	for (size_t i = 0; i < COUNT(invalid_texts); i++)
		if (invalid_texts[i].status != JSON_NOT_OBJECT &&
		    invalid_texts[i].status != JSON_TOO_DEEP) {
			assert_int_equal(json_read_value(slice_of(invalid_texts[i].text),
							 JSON_DEPTH_DEFAULT, &value),
					 invalid_texts[i].status);
			assert_int_equal(value.type, JSON_ABSENT);
		}
}

/* More than json_read() keeps are no error, nor are they lost. */
static void many_members_are_checked(void **state)
{
	char text[2048] = "{", *at = text + 1;
	struct json_value value, last;
	struct json_object o;

	(void)state;
	for (unsigned i = 0; i <= JSON_MEMBERS_MAX; i++)
		at += sprintf(at, "\"m%u\":%u,", i, i);
	strcpy(at, "\"last\":true}");
	assert_int_equal(json_read(slice_of(text), 4, &o), JSON_TOO_MANY);
	assert_int_equal(json_read_value(slice_of(text), 4, &value), JSON_OK);
	last = json_find(value, "last");
	assert_int_equal(last.type, JSON_TRUE);
	strcpy(at, "\"m3\":true}");
	assert_int_equal(json_read_value(slice_of(text), 4, &value), JSON_DUPLICATE);
}

static void members_are_handed_out_in_order(void **state)
{
	struct json_object o;

	(void)state;
	assert_int_equal(
	    read_text(" { \"type\" : \"me\\nthod\", \"id\" : -1.50e+1 ,\"a\":[1, {}] "
		      ",\"o\":{\"type\":2},\"t\":true,\"f\":false,\"n\":null,\"e\":[]}",
		      &o),
	    JSON_OK);
	assert_int_equal(o.count, 8);
	assert_true(slice_is(o.members[0].name, "type"));
	assert_true(slice_is(o.members[0].value.source, "\"me\\nthod\""));
	assert_int_equal(o.members[0].value.type, JSON_STRING);
	assert_true(o.members[0].value.escaped);
	assert_true(slice_is(o.members[1].value.source, "-1.50e+1"));
	assert_int_equal(o.members[1].value.type, JSON_NUMBER);
	assert_false(o.members[1].value.escaped);
	assert_true(slice_is(json_member(&o, "a").source, "[1, {}]"));
	assert_int_equal(json_member(&o, "a").type, JSON_ARRAY);
	assert_true(slice_is(json_member(&o, "o").source, "{\"type\":2}"));
	assert_int_equal(json_member(&o, "o").type, JSON_OBJECT);
	assert_int_equal(json_member(&o, "t").type, JSON_TRUE);
	assert_int_equal(json_member(&o, "f").type, JSON_FALSE);
	assert_int_equal(json_member(&o, "n").type, JSON_NULL);
	assert_true(slice_is(json_member(&o, "e").source, "[]"));
	assert_int_equal(json_member(&o, "x").type, JSON_ABSENT);
	assert_null(json_member(&o, "typ").source.data);
}

static void escaped_names_are_unescaped(void **state)
{
	struct json_object o;
	char text[1000];
	char *end;

	(void)state;
	assert_int_equal(
	    read_text("{\"\\u0074ype\":1,\"\\ud83d\\ude02\\ud800\":2,\"i\\u0064\":3}", &o),
	    JSON_OK);
	assert_true(slice_is(json_member(&o, "type").source, "1"));
	assert_true(slice_is(o.members[1].name, "\xf0\x9f\x98\x82\xef\xbf\xbd"));
	assert_true(slice_is(json_member(&o, "id").source, "3"));
	/* One too long for the buffer keeps its source form, the next still fits. */
	end = repeat(stpcpy(text, "{\""), "\\u0061", 43);
	strcpy(end, "\":1,\"\\u0062\":2}");
	assert_int_equal(read_text(text, &o), JSON_OK);
	assert_int_equal(o.members[0].name.len, 43 * 6);
	assert_true(slice_starts_with(o.members[0].name, "\\u0061"));
	assert_true(slice_is(json_member(&o, "b").source, "2"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(well_formed_texts_are_read),
		cmocka_unit_test(other_texts_are_refused),
		cmocka_unit_test(nothing_at_all_is_refused),
		cmocka_unit_test(prefixes_are_refused),
		cmocka_unit_test(depth_is_limited),
		cmocka_unit_test(names_are_compared_however_many),
		cmocka_unit_test(names_are_limited),
		cmocka_unit_test(members_of_the_outermost_object_are_limited),
		cmocka_unit_test(any_value_is_checked),
		cmocka_unit_test(many_members_are_checked),
		cmocka_unit_test(members_are_handed_out_in_order),
		cmocka_unit_test(escaped_names_are_unescaped),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
