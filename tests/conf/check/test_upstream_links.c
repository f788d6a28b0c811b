#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/conf/told.h"

#define ROOMS                                                                                      \
	"rooms = ( { name = \"a\"; }, { name = \"b\"; }, { name = \"c\"; } ); listeners = ( { "    \
	"%s mounts = ( { path = \"/\"; dialect = \"rooms\"; room = \"c\"; } ); } );\n"

/* Of relays in text: "a<X" takes in from the remote room X, "a>X" takes out, "a=X" does both. Each
 * is named after its place, and stands in a line of its own, from the third on. */
static void relays_write(char *out, size_t size, const char *text)
{
	size_t len = (size_t)snprintf(out, size, ROOMS "upstreams = (\n", "");

	for (int place = 1; *text; place++) {
		const char *way = text[1] == '=' ? CONF_BOTH : text[1] == '<' ? CONF_IN : CONF_OUT;

		len += (size_t)snprintf(
		    out + len, size - len,
		    "%s{ name = \"%d\"; dialect = \"concord\"; url = \"http://x\"; room = \"%c\";"
		    " remote_room = \"%c\"; direction = \"%s\"; }",
		    place > 1 ? ",\n" : "", place, text[0], text[2], way);
		text += text[3] ? 4 : 3;
	}
	len += (size_t)snprintf(out + len, size - len, " );");
	assert_true(len < size);
}

static void relays_taken(const char *relays)
{
	char text[4096];

	relays_write(text, sizeof(text), relays);
	conf_free(accepted(text));
}

static void relays_refused(const char *relays, const char *expected)
{
	char text[4096];

	relays_write(text, sizeof(text), relays);
	refused(text, expected);
}

#define COMES_BACK "a circle of relays: what this one takes over comes back by "
#define ALREADY    "joins the same rooms already\n"

static void rooms_that_meet_are_no_circle(void **state)
{
	(void)state;
	relays_taken("a=X");
	relays_taken("a=X a=Y a=Z");
	relays_taken("a=X b=X c=X");
	relays_taken("a=X b=X b=Y c=Y c=Z");
	/* Nothing goes all around. */
	relays_taken("a=X b=X a<Y b<Y");
	relays_taken("a>X b<X a>Y b<Y");
	relays_taken("a>X b=X b=Y a>Y");
}

static void what_comes_back_is_a_circle(void **state)
{
	(void)state;
	relays_refused("a=X b=X b=Y a=Y", "6: " COMES_BACK "'1', '2', '3'\n");
	relays_refused("a>X b<X b>Y a<Y", "6: " COMES_BACK "'1', '2', '3'\n");
	relays_refused("a<X b>X b<Y a>Y", "6: " COMES_BACK "'3', '2', '1'\n");
	relays_refused("a=Z a>X c=Z b<X b=Y c=Q a=Y", "9: " COMES_BACK "'2', '4', '5'\n");
	/* Only by the way that is left. */
	relays_refused("a=X b<X b=Y a<Y", "6: " COMES_BACK "'1', '2', '3'\n");
	relays_taken("a=X b<X b=Y a>Y");
}

static void each_closing_relay_is_told(void **state)
{
	(void)state;
	relays_refused("a=X b=X c=X a=Y b=Y c=Y", "7: " COMES_BACK "'2', '1', '4'\n"
						  "8: " COMES_BACK "'3', '1', '4'\n");
}

static void two_relays_of_the_same_rooms(void **state)
{
	(void)state;
	relays_refused("a=X b=X a=X", "5: the upstream '1' in line 3 " ALREADY);
	relays_refused("a<X a>X", "4: the upstream '1' in line 3 " ALREADY);
}

/* However its place is written. */
static void the_same_place_in_other_words(void **state)
{
	static const char *const same[] = { "HTTPS://X.example", "wss://x.example:443/",
					    "https://x.example." };
	static const char *const others[] = { "https://y.example", "http://x.example",
					      "https://x.example:444", "https://x.example/v1" };
	char text[2048];

	(void)state;
#define TWO                                                                                        \
	ROOMS "upstreams = ( { name = \"1\"; dialect = \"mixer\"; url = \"https://x.example\"; "   \
	      "room = \"a\"; },\n{ name = \"2\"; dialect = \"mixer\"; url = \"%s\"; room = "       \
	      "\"a\"; } );"
	for (size_t i = 0; i < sizeof(same) / sizeof(same[0]); i++) {
		snprintf(text, sizeof(text), TWO, "", same[i]);
		refused(text, "3: the upstream '1' in line 2 " ALREADY);
	}
	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
		snprintf(text, sizeof(text), TWO, "", others[i]);
		conf_free(accepted(text));
	}
}

#define HERE  "93b4b17c-2f9c-4a3c-8ea9-5123b9c34c4b"
#define ALIKE "93B4b17c-2f9c-4a3c-8ea9-5123b9c34c4B"

static void a_uuid_is_the_same_in_capitals(void **state)
{
#define TWO_ROOMS(one, two)                                                                        \
	ROOMS "upstreams = ( { name = \"1\"; dialect = \"rooms\"; url = \"http://x\"; room = "     \
	      "\"a\"; "                                                                            \
	      "remote_room = \"" one                                                               \
	      "\"; },\n{ name = \"2\"; dialect = \"rooms\"; url = \"http://x\"; "                  \
	      "room = \"a\"; remote_room = \"" two "\"; } );"
	char text[2048];

	(void)state;
	snprintf(text, sizeof(text), TWO_ROOMS(HERE, ALIKE), "");
	refused(text, "3: the upstream '1' in line 2 " ALREADY);
	snprintf(text, sizeof(text), TWO_ROOMS("general", "General"), "");
	conf_free(accepted(text));
}

static void many_relays_are_no_circle(void **state)
{
	char *text = NULL;
	size_t size;
	FILE *stream = open_memstream(&text, &size);

	(void)state;
	fprintf(stream, ROOMS "upstreams = ( ", "");
	for (int i = 0; i < CONF_UPSTREAMS_MAX; i++)
		fprintf(stream,
			"%s{ name = \"u%d\"; dialect = \"mixer\"; url = \"http://h%d\"; room = "
			"\"a\"; }",
			i ? ", " : "", i, i);
	fputs(" );", stream);
	fclose(stream);
	conf_free(accepted(text));
	free(text);
}

/* ---- ourselves ---- */

static void leads_to_us(const char *listener, const char *url, bool to_us)
{
	char text[2048], expected[512];

	snprintf(text, sizeof(text),
		 ROOMS "upstreams = ( { name = \"1\"; dialect = \"mixer\";\nurl = \"%s\"; room = "
		       "\"a\"; } );",
		 listener, url);
	snprintf(expected, sizeof(expected),
		 "3: url '%s' is where this server listens: an upstream must not be this server "
		 "itself\n",
		 url);
	if (to_us)
		refused(text, expected);
	else
		conf_free(accepted(text));
}

static void an_upstream_is_not_this_server(void **state)
{
	(void)state;
	leads_to_us("", "http://127.0.0.1:7000", true);
	leads_to_us("", "http://localhost:7000", true);
	leads_to_us("", "http://LocalHost:7000/x", true);
	leads_to_us("", "http://127.0.0.1:7001", false);
	leads_to_us("", "http://127.0.0.2:7000", false);
	leads_to_us("", "http://chat.example:7000", false);
	leads_to_us("port = 80;", "http://127.0.0.1", true);
	leads_to_us("port = 0;", "http://127.0.0.1", false);
	leads_to_us("address = \"0.0.0.0\";", "http://127.0.0.2:7000", true);
	leads_to_us("address = \"0.0.0.0\";", "http://localhost:7000", true);
	leads_to_us("address = \"0.0.0.0\";", "http://192.0.2.1:7000", false);
	leads_to_us("address = \"::\";", "http://[::1]:7000", true);
	leads_to_us("address = \"192.0.2.1\";", "http://192.0.2.1:7000", true);
	leads_to_us("address = \"192.0.2.1\";", "http://localhost:7000", false);
	leads_to_us("address = \"2001:db8:0::1\";", "http://[2001:DB8::1]:7000", true);
	leads_to_us("socket = \"s\";", "http://127.0.0.1:7000", false);
}

/* Of a session, too, and of one whose listener has a fault nothing more is told. */
static void other_faults_beside(void **state)
{
	(void)state;
	refused("rooms = ( { name = \"a\"; } ); listeners = ( { mounts = ( { path = \"/\"; dialect "
		"= \"rooms\"; upstream = \"1\"; } ); } );\n"
		"upstreams = ( { name = \"1\"; dialect = \"mixer\"; mode = \"session\";\nurl = "
		"\"http://localhost:7000\"; room = \"a\"; } );",
		"3: url 'http://localhost:7000' is where this server listens: an upstream must not "
		"be this server itself\n");
	refused("listeners = ( { port = 99999; } );\n"
		"upstreams = ( { name = \"1\"; dialect = \"mixer\";\nurl = "
		"\"http://localhost:7000\"; room = \"lobby\"; } );",
		"1: port is 99999, out of range (0 .. 65535)\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rooms_that_meet_are_no_circle),
		cmocka_unit_test(what_comes_back_is_a_circle),
		cmocka_unit_test(each_closing_relay_is_told),
		cmocka_unit_test(two_relays_of_the_same_rooms),
		cmocka_unit_test(the_same_place_in_other_words),
		cmocka_unit_test(a_uuid_is_the_same_in_capitals),
		cmocka_unit_test(many_relays_are_no_circle),
		cmocka_unit_test(an_upstream_is_not_this_server),
		cmocka_unit_test(other_faults_beside),
	};

	return cmocka_run_group_tests(tests, folder_make, folder_remove);
}
