#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <jansson.h>

#include "bridge/command/control/upstreams_list.h"

static void shows(const char *rows, const char *expected)
{
	json_t *array = json_loads(rows, 0, NULL);
	char *text;
	size_t size;
	FILE *stream = open_memstream(&text, &size);

	assert_non_null(array);
	lists_upstreams(array, stream);
	fclose(stream);
	assert_string_equal(text, expected);
	free(text);
	json_decref(array);
}

#define HEADS                                                                                      \
	"NAME  DIALECT  MODE     ROOM   STATE                SINCE  WAITING                  "     \
	"ACCEPTED  BECAME                  HEARD  TAKEN  URL     WHY NOT UP\n"

static void each_is_a_line(void **state)
{
	(void)state;
	shows("[{\"name\":\"club\",\"dialect\":\"simple\",\"mode\":\"relay\",\"room\":\"lobby\","
	      "\"url\":\"http:\",\"state\":\"down\",\"link\":{\"state\":\"down\",\"since\":\"now\","
	      "\"why\":\"no\\u001b[31m\",\"retry_s\":12},\"waiting\":{\"items\":3,\"bytes\":412,"
	      "\"oldest_s\":17},\"accepted\":9,\"delivered\":5,\"degraded\":0,\"expired\":1,"
	      "\"heard\":7,\"taken\":6},"
	      "{\"name\":\"far\",\"dialect\":\"mixer\",\"mode\":\"session\",\"room\":\"b\","
	      "\"url\":\"https:\",\"state\":\"up\",\"links\":4,\"links_up\":3,\"link\":{"
	      "\"state\":\"up\",\"since\":\"then\",\"why\":\"old\"}},"
	      "{\"name\":\"old\",\"dialect\":\"rooms\",\"mode\":\"relay\",\"room\":\"b\","
	      "\"url\":\"http:\",\"state\":\"paused\",\"link\":{\"state\":\"down\",\"since\":"
	      "\"now\",\"why\":\"paused\"}}]",
	      HEADS
	      "club  simple   relay    lobby  down, again in 12 s  now    3 (412 bytes), 17 s old  "
	      "       9  5 delivered, 1 expired      7      6  http:   no?[31m\n"
	      "far   mixer    session  b      3 of 4 up                   0                        "
	      "       0                              0      0  https:  \n"
	      "old   rooms    relay    b      paused               now    0                        "
	      "       0                              0      0  http:   paused\n"
	      "3 upstreams\n");
	shows("[]", "0 upstreams\n");
}

/* Of one that was asked for, its connections. */
static void connections_are_listed(void **state)
{
	(void)state;
	shows("[{\"name\":\"far\",\"dialect\":\"mixer\",\"mode\":\"session\",\"room\":\"b\","
	      "\"url\":\"http:\",\"state\":\"up\",\"links\":2,\"links_up\":1,\"link\":{\"state\":"
	      "\"down\",\"why\":\"gone\"},\"connections\":[{\"name\":\"ann\",\"number\":7,"
	      "\"self\":\"ann2\",\"state\":\"up\",\"since\":\"now\",\"why\":\"\"},{\"name\":"
	      "\"bob\",\"number\":0,\"self\":\"\",\"state\":\"down\",\"since\":\"then\",\"why\":"
	      "\"gone\",\"retry_s\":3}]}]",
	      "NAME  DIALECT  MODE     ROOM  STATE      SINCE  WAITING  ACCEPTED  BECAME  HEARD  "
	      "TAKEN  URL    WHY NOT UP\n"
	      "far   mixer    session  b     1 of 2 up         0               0              0  "
	      "    0  http:  gone\n"
	      "\n"
	      "WHOSE  NUMBER  THERE  STATE               SINCE  WAITING  WHY NOT UP\n"
	      "ann         7  ann2   up                  now    0        \n"
	      "bob         0         down, again in 3 s  then   0        gone\n"
	      "2 of 2 connections\n");
	shows("[{\"name\":\"far\",\"mode\":\"session\",\"state\":\"idle\",\"links\":0,"
	      "\"connections\":[]}]",
	      "NAME  DIALECT  MODE     ROOM  STATE  SINCE  WAITING  ACCEPTED  BECAME  HEARD  TAKEN "
	      " URL  WHY NOT UP\n"
	      "far            session        idle          0               0              0      0 "
	      "      \n"
	      "0 of 0 connections\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_is_a_line),
		cmocka_unit_test(connections_are_listed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
