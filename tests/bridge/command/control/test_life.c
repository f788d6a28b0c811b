/* What `explain` answers, as people read it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>
#include <jansson.h>

#include "bridge/command/control/life.h"

static void assert_printed(const char *rows, const char *wanted)
{
	json_t *read = json_loads(rows, 0, NULL);
	char *text = NULL;
	size_t len = 0;
	FILE *stream = open_memstream(&text, &len);

	assert_non_null(read);
	life_print(read, stream);
	fclose(stream);
	assert_string_equal(text, wanted);
	free(text);
	json_decref(read);
}

static void a_delivered_message(void **unused)
{
	(void)unused;
	assert_printed(
	    "[{\"kind\":\"message\",\"id\":9,\"uuid\":\"u-9\",\"room\":\"lobby\",\"time_ms\":"
	    "1767225600123,"
	    "\"by\":\"connection\",\"author\":{\"name\":\"bob\",\"number\":8},\"dialect\":"
	    "\"concord\",\"mount\":\"/concord\",\"frame_bytes\":62,\"end\":\"ordered\",\"steps\":["
	    "{\"what\":\"rule\",\"rule\":2,\"name\":\"judged\",\"before\":[{\"rule\":1,\"name\":"
	    "\"no\",\"why\":\"its kind is a different one\"}],\"after_us\":40},"
	    "{\"what\":\"step\",\"does\":\"ask\",\"to\":\"judge\",\"step\":1,\"after_us\":50},"
	    "{\"what\":\"answer\",\"to\":\"judge\",\"verdict\":\"allowed\",\"took_us\":1250,"
	    "\"after_us\":1300},"
	    "{\"what\":\"ordered\",\"id\":9,\"sequence\":4,\"room\":\"lobby\",\"after_us\":1400},"
	    "{\"what\":\"waits\",\"to\":\"club\",\"after_us\":1500},"
	    "{\"what\":\"upstream\",\"to\":\"club\",\"outcome\":\"delivered\",\"took_us\":900,"
	    "\"after_us\":2400}],"
	    "\"destinations\":[{\"worker\":0,\"dialect\":\"mixer\",\"form\":\"plain\",\"outcome\":"
	    "\"delivered\",\"count\":3,\"first_after_us\":1500,\"last_after_us\":1600}],"
	    "\"missed\":[{\"name\":\"dee\",\"number\":5,\"dialect\":\"simple\",\"outcome\":"
	    "\"dropped(cut)\",\"after_us\":12000000}],\"unlisted\":2,\"about\":[],\"whole\":true}]",
	    "message       9 (u-9) in the room lobby, 2026-01-01 00:00:00.123 UTC\n"
	    "by            \"bob\" (#8), concord at /concord\n"
	    "frame         62 bytes\n"
	    "way\n"
	    "       0.0 ms  rule 2 judged decides\n"
	    "             not rule 1 no: its kind is a different one\n"
	    "       0.0 ms  1. ask the backend judge\n"
	    "       1.3 ms  judge: allowed, after 1.2 ms\n"
	    "       1.4 ms  ordered: 9, number 4 in the room lobby\n"
	    "       1.5 ms  waits for the upstream club\n"
	    "       2.4 ms  club: delivered, after 0.9 ms\n"
	    "destinations\n"
	    "  worker 0  mixer    plain       delivered                3  within 1.6 ms\n"
	    "not sent to\n"
	    "  \"dee\" (#5), simple: dropped(cut), after 12000.0 ms\n"
	    "  and 2 more\n"
	    "\n");
}

static void a_refused_one_that_is_not_whole(void **unused)
{
	(void)unused;
	assert_printed(
	    "[{\"kind\":\"message\",\"by\":\"http\",\"author\":{\"name\":\"bob\","
	    "\"number\":8},\"dialect\":\"rooms\",\"mount\":\"/rooms\",\"end\":\"refused\","
	    "\"reason\":\"rate_limited\",\"steps\":[],\"destinations\":[],\"missed\":[],"
	    "\"unlisted\":0,\"about\":[],\"whole\":false}]",
	    "message       without an id (refused), 1970-01-01 00:00:00.000 UTC\n"
	    "by            \"bob\" (#8), rooms at /rooms, by HTTP\n"
	    "way\n"
	    "  refused: rate_limited\n"
	    "incomplete: newer messages have overwritten a part, or it did not come in "
	    "here\n"
	    "\n");
}

static void reasons_stand_with_what_was_not_delivered(void **unused)
{
	(void)unused;
	assert_printed(
	    "[{\"kind\":\"reaction\",\"id\":9,\"uuid\":\"u\",\"time_ms\":1767225600000,"
	    "\"by\":\"connection\",\"author\":{\"name\":\"bob\",\"number\":8},"
	    "\"dialect\":\"concord\",\"mount\":\"/\",\"end\":\"ordered\",\"steps\":[],"
	    "\"destinations\":[{\"worker\":0,\"dialect\":\"simple\",\"form\":\"plain\","
	    "\"outcome\":\"degraded\",\"count\":1,\"why\":\"simple has no word for it\"}],"
	    "\"missed\":[{\"name\":\"dee\",\"number\":5,\"dialect\":\"simple\",\"outcome\":"
	    "\"dropped(cut)\",\"after_us\":2000,\"why\":\"the connection ended\"}],"
	    "\"about\":[],\"whole\":true}]",
	    "reaction      9 (u), 2026-01-01 00:00:00.000 UTC\n"
	    "by            \"bob\" (#8), concord at /\n"
	    "way\n"
	    "destinations\n"
	    "  worker 0  simple   plain       degraded                 1\n"
	    "             simple has no word for it\n"
	    "not sent to\n"
	    "  \"dee\" (#5), simple: dropped(cut), the connection ended, after 2.0 ms\n"
	    "\n");
}

/* What somebody wrote cannot move what is on a terminal. */
static void what_would_not_be_seen_is_hidden(void **unused)
{
	(void)unused;
	assert_printed("[{\"kind\":\"edit\",\"id\":9,\"uuid\":\"u\",\"time_ms\":1767225600000,"
		       "\"by\":\"connection\",\"author\":{\"name\":\"b\\u001b[2Job\",\"number\":8},"
		       "\"dialect\":\"mixer\",\"mount\":\"/\",\"target\":7,\"frame_bytes\":3,"
		       "\"frame\":\"a\\nb\",\"steps\":[],\"destinations\":[],\"missed\":[],"
		       "\"about\":[{\"kind\":\"delete\",\"id\":10,\"name\":\"ann\",\"number\":7}],"
		       "\"whole\":true,\"end\":\"ordered\"}]",
		       "edit          9 (u), 2026-01-01 00:00:00.000 UTC\n"
		       "by            \"b?[2Job\" (#8), mixer at /\n"
		       "about         7\n"
		       "frame         3 bytes: a?b\n"
		       "way\n"
		       "later         delete 10 by \"ann\" (#7)\n"
		       "\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_delivered_message),
		cmocka_unit_test(a_refused_one_that_is_not_whole),
		cmocka_unit_test(reasons_stand_with_what_was_not_delivered),
		cmocka_unit_test(what_would_not_be_seen_is_hidden),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
