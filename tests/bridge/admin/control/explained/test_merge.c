/* What several workers know of a message becomes one account. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <jansson.h>

#include "bridge/admin/control/explained/merge.h"

#define NOTHING "\"steps\":[],\"destinations\":[],\"missed\":[],\"about\":[],\"whole_us\":0"
#define LIFE                                                                                       \
	"\"life\":{\"us\":1000,\"time_ms\":5,\"kind\":\"message\",\"name\":\"ann\",\"number\":7,"  \
	"\"roles\":[\"user\"],\"room\":\"lobby\",\"by\":\"connection\",\"dialect\":\"mixer\","     \
	"\"mount\":\"/mixer\",\"text_bytes\":5}"

static json_t *merged(const char *accounts)
{
	json_t *read = json_loads(accounts, 0, NULL), *message;

	assert_non_null(read);
	message = merge_accounts(read);
	json_decref(read);
	return message;
}

static const char *text(const json_t *object, const char *name)
{
	const char *found = json_string_value(json_object_get(object, name));

	return found ? found : "";
}

static json_int_t number(const json_t *object, const char *name)
{
	return json_integer_value(json_object_get(object, name));
}

static const json_t *item(const json_t *message, const char *list, size_t i)
{
	return json_array_get(json_object_get(message, list), i);
}

static void steps_of_all_workers_stand_by_time(void **unused)
{
	json_t *message = merged(
	    "[{\"steps\":[{\"what\":\"ordered\",\"us\":1900,\"id\":9,\"uuid\":\"u\",\"room\":\"den\","
	    "\"kind\":\"message\"}],\"destinations\":[],\"missed\":[],\"about\":[]},"
	    "{" LIFE ",\"steps\":[{\"what\":\"rule\",\"us\":1100,\"rule\":1}],"
	    "\"destinations\":[],\"missed\":[],\"about\":[]}]");

	(void)unused;
	assert_string_equal(text(item(message, "steps", 0), "what"), "rule");
	assert_int_equal(number(item(message, "steps", 0), "after_us"), 100);
	assert_string_equal(text(item(message, "steps", 1), "what"), "ordered");
	assert_int_equal(number(item(message, "steps", 1), "after_us"), 900);
	assert_null(json_object_get(item(message, "steps", 1), "us"));
	assert_string_equal(text(message, "end"), "ordered");
	assert_int_equal(number(message, "id"), 9);
	assert_string_equal(text(message, "room"), "den");
	assert_string_equal(text(json_object_get(message, "author"), "name"), "ann");
	assert_true(json_is_true(json_object_get(message, "whole")));
	json_decref(message);
}

static void answers_say_how_long_they_took(void **unused)
{
	json_t *message =
	    merged("[{" LIFE ",\"steps\":["
		   "{\"what\":\"step\",\"does\":\"ask\",\"to\":\"one\",\"us\":1010},"
		   "{\"what\":\"answer\",\"verdict\":\"allowed\",\"us\":1060},"
		   "{\"what\":\"step\",\"does\":\"ask\",\"to\":\"two\",\"us\":1070},"
		   "{\"what\":\"answer\",\"verdict\":\"none\",\"reason\":\"no_answer\",\"us\":2000},"
		   "{\"what\":\"step\",\"does\":\"backend\",\"to\":\"one\",\"us\":2010},"
		   "{\"what\":\"waits\",\"to\":\"club\",\"us\":2020},"
		   "{\"what\":\"upstream\",\"to\":\"club\",\"outcome\":\"delivered\",\"us\":2500},"
		   "{\"what\":\"backend\",\"to\":\"one\",\"us\":2600}],"
		   "\"destinations\":[],\"missed\":[],\"about\":[]}]");

	(void)unused;
	assert_int_equal(number(item(message, "steps", 1), "took_us"), 50);
	assert_string_equal(text(item(message, "steps", 1), "to"), "one");
	assert_int_equal(number(item(message, "steps", 3), "took_us"), 930);
	assert_string_equal(text(item(message, "steps", 3), "to"), "two");
	assert_int_equal(number(item(message, "steps", 6), "took_us"), 480);
	assert_int_equal(number(item(message, "steps", 7), "took_us"), 590);
	assert_string_equal(text(message, "end"), "routed");
	json_decref(message);
}

static void refusals_say_why(void **unused)
{
	static const char *const accounts[] = {
		"[{\"life\":{\"us\":1,\"reason\":\"rate_limited\"}," NOTHING "}]",
		"[{" LIFE ",\"steps\":[{\"what\":\"refused\",\"reason\":\"muted\",\"us\":1001}],"
		"\"destinations\":[],\"missed\":[],\"about\":[]}]",
		"[{" LIFE ",\"steps\":[{\"what\":\"step\",\"does\":\"refuse\",\"reason\":\"refused\","
		"\"us\":1001}],\"destinations\":[],\"missed\":[],\"about\":[]}]",
		"[{" LIFE ",\"steps\":[{\"what\":\"backend\",\"to\":\"b\",\"reason\":\"no_answer\","
		"\"us\":1001}],\"destinations\":[],\"missed\":[],\"about\":[]}]",
	};
	static const char *const reasons[] = { "rate_limited", "muted", "refused", "no_answer" };

	(void)unused;
	for (size_t i = 0; i < 4; i++) {
		json_t *message = merged(accounts[i]);

		assert_string_equal(text(message, "end"), "refused");
		assert_string_equal(text(message, "reason"), reasons[i]);
		json_decref(message);
	}
}

static void other_ends_have_their_words(void **unused)
{
	static const struct {
		const char *step, *end;
	} cases[] = {
		{ "{\"what\":\"step\",\"does\":\"drop\",\"us\":2000}", "dropped" },
		{ "{\"what\":\"unchanged\",\"us\":2000}", "unchanged" },
		{ "{\"what\":\"ordered\",\"us\":1500},{\"what\":\"unstored\",\"us\":2000}",
		  "unstored" },
		{ "{\"what\":\"rule\",\"us\":2000}", "under_way" },
	};

	(void)unused;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char all[600];
		json_t *message;

		snprintf(all, sizeof(all),
			 "[{" LIFE ",\"steps\":[%s],\"destinations\":[],\"missed\":[],\"about\":[]}]",
			 cases[i].step);
		message = merged(all);
		assert_string_equal(text(message, "end"), cases[i].end);
		json_decref(message);
	}
}

static void destinations_are_put_together(void **unused)
{
	json_t *message = merged(
	    "[{" LIFE ",\"steps\":[],\"destinations\":[{\"worker\":0,\"first_us\":1200,\"last_us\":"
	    "1300,\"count\":2}],\"missed\":[{\"name\":\"bob\",\"us\":1400}],\"about\":[],"
	    "\"missed_in_all\":1,\"whole_us\":900},"
	    "{\"steps\":[],\"destinations\":[{\"worker\":1,\"first_us\":1100,\"last_us\":1100,"
	    "\"count\":3}],\"missed\":[],\"about\":[],\"missed_in_all\":20,\"whole_us\":0}]");

	(void)unused;
	assert_int_equal(json_array_size(json_object_get(message, "destinations")), 2);
	assert_int_equal(number(item(message, "destinations", 0), "first_after_us"), 200);
	assert_int_equal(number(item(message, "destinations", 0), "last_after_us"), 300);
	assert_int_equal(number(item(message, "missed", 0), "after_us"), 400);
	assert_int_equal(number(message, "unlisted"), 20);
	assert_true(json_is_true(json_object_get(message, "whole")));
	json_decref(message);
}

/* A worker may have overwritten a part; or the message did not come in by anybody. */
static void what_is_not_whole_says_so(void **unused)
{
	json_t *message = merged("[{" LIFE ",\"steps\":[],\"destinations\":[],\"missed\":[],"
				 "\"about\":[],\"whole_us\":1001}]");

	(void)unused;
	assert_true(json_is_false(json_object_get(message, "whole")));
	json_decref(message);
	message = merged("[{" NOTHING "}]");
	assert_true(json_is_false(json_object_get(message, "whole")));
	assert_string_equal(text(message, "end"), "under_way");
	json_decref(message);
}

static void what_the_server_said_has_its_place_alone(void **unused)
{
	json_t *message = merged(
	    "[{\"steps\":[{\"what\":\"ordered\",\"us\":1900,\"id\":9,\"uuid\":\"u\",\"room\":\"den\","
	    "\"kind\":\"notice\",\"name\":\"dragoman\",\"number\":3,\"time_ms\":4}],"
	    "\"destinations\":[],\"missed\":[],\"about\":[]}]");

	(void)unused;
	assert_string_equal(text(message, "by"), "server");
	assert_string_equal(text(message, "kind"), "notice");
	assert_string_equal(text(json_object_get(message, "author"), "name"), "dragoman");
	json_decref(message);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(steps_of_all_workers_stand_by_time),
		cmocka_unit_test(answers_say_how_long_they_took),
		cmocka_unit_test(refusals_say_why),
		cmocka_unit_test(other_ends_have_their_words),
		cmocka_unit_test(destinations_are_put_together),
		cmocka_unit_test(what_is_not_whole_says_so),
		cmocka_unit_test(what_the_server_said_has_its_place_alone),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
