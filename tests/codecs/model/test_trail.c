#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "codecs/model/trail.h"
#include "codecs/text/json_read.h"

#define ONE   "11111111-1111-4111-8111-111111111111"
#define TWO   "22222222-2222-4222-8222-222222222222"
#define THREE "33333333-3333-4333-8333-333333333333"

#define WITH(value) "{\"type\":\"message\",\"dragoman\":" value "}"

static const struct id_key key = { { 1, 2, 3 } }, other_key = { { 4 } };

/* Read in a block of its own size, so that nothing behind it is looked at. */
static struct slice found(const char *text, char out[TRAIL_MAX])
{
	size_t len = strlen(text);
	char *exact = malloc(len ? len : 1);
	struct slice trail;

	memcpy(exact, text, len);
	trail = trail_find(slice_span(exact, len), JSON_DEPTH_DEFAULT, out);
	free(exact);
	return trail;
}

static void reads(const char *text, const char *wanted)
{
	char out[TRAIL_MAX];
	struct slice trail = found(text, out);

	if (!slice_is(trail, wanted))
		fail_msg("%s: %.*s", text, (int)trail.len, trail.data ? trail.data : "");
}

static void reads_nothing(const char *text)
{
	char out[TRAIL_MAX];

	if (found(text, out).len)
		fail_msg("%s is read", text);
}

static void what_came_is_read(void **state)
{
	(void)state;
	reads(WITH("{\"id\":\"x/1\",\"path\":[\"" ONE "\",\"" TWO "\"]}"), "x/1 " ONE " " TWO);
	reads(WITH("{\"path\":[],\"more\":7,\"id\":\"x/1\"}"), "x/1");
	reads("{\"dragoman\" : { \"id\" : \"-\", \"path\" : [ \"" ONE "\" ] } , \"a\":1}",
	      "- " ONE);
	reads(WITH("{\"id\":\"a\",\"path\":[\"ABCDEFAB-1111-4111-8111-111111111111\"]}"),
	      "a abcdefab-1111-4111-8111-111111111111");
}

#define FORTY   "0123456789012345678901234567890123456789"
#define FOUR    "\"" ONE "\",\"" ONE "\",\"" ONE "\",\"" ONE "\""
#define SIXTEEN FOUR "," FOUR "," FOUR "," FOUR

static void anything_else_is_ignored(void **state)
{
	(void)state;
	reads_nothing("");
	reads_nothing("{}");
	reads_nothing("{\"dragoman\"");
	reads_nothing("[\"dragoman\"]");
	reads_nothing("{\"data\":" WITH("{\"id\":\"x\",\"path\":[]}") "}");
	reads_nothing(WITH("null"));
	reads_nothing(WITH("\"x\""));
	reads_nothing(WITH("{\"id\":\"x\"}"));
	reads_nothing(WITH("{\"path\":[]}"));
	reads_nothing(WITH("{\"id\":\"\",\"path\":[]}"));
	reads_nothing(WITH("{\"id\":7,\"path\":[]}"));
	reads_nothing(WITH("{\"id\":\"a b\",\"path\":[]}"));
	reads_nothing(WITH("{\"id\":\"\xc3\xa9\",\"path\":[]}"));
	reads_nothing(WITH("{\"id\":\"a\\u0062\",\"path\":[]}"));
	reads_nothing(WITH("{\"id\":\"x\",\"path\":{}}"));
	reads_nothing(WITH("{\"id\":\"x\",\"path\":[\"y\"]}"));
	reads_nothing(WITH("{\"id\":\"x\",\"path\":[\"" ONE "\",7]}"));
	reads_nothing(WITH("{\"id\":\"" FORTY FORTY "0\",\"path\":[]}"));
	reads_nothing(WITH("{\"id\":\"x\",\"path\":[" SIXTEEN ",\"" ONE "\"]}"));
}

/* Whatever JSON lets stand in a string, wherever. */
static void ids_are_printable_ascii(void **state)
{
	(void)state;
	for (unsigned at = 0; at < 20; at++)
		for (unsigned byte = ' '; byte < 0x80; byte++) {
			char text[] = WITH("{\"id\":\"01234567890123456789\",\"path\":[]}");
			char *id = strstr(text, "0123"), out[TRAIL_MAX];
			struct slice trail;

			if (byte == '"' || byte == '\\')
				continue;
			id[at] = (char)byte;
			trail = found(text, out);
			assert_int_equal(trail.len, byte > ' ' && byte < 0x7f ? 20 : 0);
			if (trail.len)
				assert_memory_equal(trail.data, id, 20);
		}
}

static void the_longest_is_read_and_goes_no_further(void **state)
{
	char out[TRAIL_MAX], onward[TRAIL_MAX];
	struct slice trail =
	    found(WITH("{\"id\":\"" FORTY FORTY "\",\"path\":[" SIXTEEN "]}"), out);

	(void)state;
	assert_int_equal(trail.len, TRAIL_MAX);
	assert_true(trail_is_full(trail));
	assert_false(trail_leave(&trail, SLICE(TWO), out));
	assert_int_equal(trail_onward(trail, SLICE(TWO), &key, 5, onward).len, 0);
	assert_false(trail_part(&trail, 1, out));
	assert_int_equal(trail.len, TRAIL_MAX);
}

static void a_trail_grows_on_its_way(void **state)
{
	char first[TRAIL_MAX], second[TRAIL_MAX];
	struct slice trail = trail_onward((struct slice){ NULL, 0 }, SLICE(ONE), &key, 77, first);

	(void)state;
	assert_true(slice_starts_with(trail, ONE "/77-"));
	assert_true(trail_has(trail, SLICE(ONE)));
	assert_false(trail_has(trail, SLICE(TWO)));
	trail = trail_onward(trail, SLICE(TWO), &other_key, 88, second);
	assert_true(slice_starts_with(trail, ONE "/77-"));
	assert_true(trail_has(trail, SLICE(ONE)));
	assert_true(trail_has(trail, SLICE(TWO)));
	assert_false(trail_has(trail, SLICE(THREE)));
	assert_false(trail_is_full(trail));
}

static void nobody_makes_an_id_of_ours(void **state)
{
	char out[TRAIL_MAX];
	struct slice trail = trail_onward((struct slice){ NULL, 0 }, SLICE(ONE), &key, 77, out);
	size_t last = trail_id(trail).len - 1;

	(void)state;
	assert_int_equal(trail_number(trail, SLICE(ONE), &key), 77);
	assert_int_equal(trail_number(trail, SLICE(TWO), &key), 0);
	assert_int_equal(trail_number(trail, SLICE(ONE), &other_key), 0);
	assert_true(trail_part(&trail, 3, out));
	assert_int_equal(trail_number(trail, SLICE(ONE), &key), 77);
	assert_true(trail_has(trail, SLICE(ONE)));
	out[last] = out[last] == '0' ? '1' : '0';
	assert_int_equal(trail_number(trail, SLICE(ONE), &key), 0);
	assert_int_equal(trail_number(SLICE(ONE), SLICE(ONE), &key), 0);
	assert_int_equal(trail_number(SLICE(ONE "/"), SLICE(ONE), &key), 0);
	assert_int_equal(trail_number(SLICE(ONE "/77"), SLICE(ONE), &key), 0);
}

static void what_has_no_number_has_no_id(void **state)
{
	char out[TRAIL_MAX];
	struct slice trail = trail_onward((struct slice){ NULL, 0 }, SLICE(ONE), &key, 0, out);

	(void)state;
	assert_true(slice_is(trail, "- " ONE));
	assert_true(trail_id_is_unknown(trail_id(trail)));
	assert_true(trail_part(&trail, 2, out));
	assert_true(slice_is(trail, "- " ONE));
}

static void is_put(const char *object, const char *wanted)
{
	struct json_writer w;
	char out[TRAIL_MAX];
	struct slice trail;

	json_start(&w, 0, 1);
	json_put_literal(&w, object, strlen(object));
	trail_put(&w, SLICE("x/1 " ONE " " TWO));
	assert_true(slice_is(slice_span(w.data, w.len), wanted));
	trail = trail_find(slice_span(w.data, w.len), JSON_DEPTH_DEFAULT, out);
	assert_true(slice_is(trail, "x/1 " ONE " " TWO));
	json_clear(&w);
}

static void it_is_put_into_objects(void **state)
{
	(void)state;
	is_put("{}", "{\"dragoman\":{\"id\":\"x/1\",\"path\":[\"" ONE "\",\"" TWO "\"]}}");
	is_put("{\"a\":{}}",
	       "{\"a\":{},\"dragoman\":{\"id\":\"x/1\",\"path\":[\"" ONE "\",\"" TWO "\"]}}");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_came_is_read),
		cmocka_unit_test(anything_else_is_ignored),
		cmocka_unit_test(ids_are_printable_ascii),
		cmocka_unit_test(the_longest_is_read_and_goes_no_further),
		cmocka_unit_test(a_trail_grows_on_its_way),
		cmocka_unit_test(nobody_makes_an_id_of_ours),
		cmocka_unit_test(what_has_no_number_has_no_id),
		cmocka_unit_test(it_is_put_into_objects),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
