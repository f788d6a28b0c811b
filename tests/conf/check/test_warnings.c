#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/conf/told.h"

#define KEPT  "state = \"$/state\";\n"
#define TLS   "tls_certificate = \"$/good.pem\"; tls_key = \"$/good.key\";"
#define HOSTS "hosts = \"a.example\";"

/* All warnings, one line each: "LINE: MESSAGE". */
static void warned(const char *text, const char *expected)
{
	struct conf *conf = accepted(text);
	char *lines = NULL;
	size_t size;
	FILE *stream = open_memstream(&lines, &size);

	assert_non_null(stream);
	for (size_t i = 0; i < conf->warning_count; i++) {
		assert_null(conf->warnings[i].place.file);
		fprintf(stream, "%u: %s\n", conf->warnings[i].place.line,
			conf->warnings[i].message);
	}
	fclose(stream);
	assert_string_equal(lines, expected);
	free(lines);
	conf_free(conf);
}

static void nothing_to_say(void **state)
{
	(void)state;
	warned(KEPT, "");
	warned(KEPT
	       "listeners = ( { address = \"127.1.2.3\"; }, { address = \"::1\"; }, { address = "
	       "\"::ffff:127.0.0.1\"; }, { address = \"0.0.0.0\"; port = 1; " HOSTS TLS " } );",
	       "");
}

static void an_empty_state(void **state)
{
	static const char repeat[] =
	    "state is empty: after a restart with the clock set back, message ids repeat\n";
	char expected[256];

	(void)state;
	snprintf(expected, sizeof(expected), "1: %s", repeat);
	warned("\n\nworkers = 1;", expected);
	snprintf(expected, sizeof(expected), "2: %s", repeat);
	warned("\nstate = \"\";", expected);
}

static void listening_beyond_loopback(void **state)
{
	(void)state;
	warned(KEPT "listeners = ( {\naddress = \"0.0.0.0\"; " TLS "\n} );",
	       "2: address 0.0.0.0 is reachable from elsewhere, but hosts is empty: clients that "
	       "connect by a host name are refused (403)\n");
	warned(KEPT "listeners = ( { port = 1; }, { address = \"::\"; " TLS "\nhosts = [ ]; } );",
	       "3: address :: is reachable from elsewhere, but hosts is empty: clients that "
	       "connect by a host name are refused (403)\n");
	warned(KEPT "listeners = ( { " HOSTS "\naddress = \"192.0.2.1\"; } );",
	       "3: address 192.0.2.1 is reachable from elsewhere and admits guests without TLS: "
	       "nothing is encrypted\n");
	warned(KEPT "guests = false; listeners = ( { " HOSTS "\naddress = \"192.0.2.1\"; } );",
	       "3: address 192.0.2.1 is reachable from elsewhere without TLS: secrets are not "
	       "encrypted\n");
}

/* Where it is bound is its unit's to say. */
static void a_socket_of_the_service_manager(void **state)
{
	(void)state;
	warned(KEPT "listeners = ( { socket = \"https\"; " HOSTS TLS " } );", "");
	warned(KEPT "listeners = ( {\nsocket = \"a\"; " HOSTS " },\n{ socket = \"b\"; " TLS " } );",
	       "3: socket a may be reachable from elsewhere and admits guests without TLS: nothing "
	       "is encrypted\n"
	       "4: socket b may be reachable from elsewhere, but hosts is empty: clients that "
	       "connect by a host name are refused (403)\n");
}

static void admin_listeners(void **state)
{
	(void)state;
	warned(KEPT
	       "listeners = ( { }, { kind = \"admin\"; }, { kind = \"admin\"; path = \"$/s\"; },"
	       "{ kind = \"admin\"; address = \"::\"; token_file = \"$/good\"; " TLS " } );",
	       "");
	warned(KEPT "listeners = ( { }, { kind = \"admin\"; token_file = \"$/good\";\n"
		    "address = \"0.0.0.0\"; } );",
	       "3: address 0.0.0.0 is reachable from elsewhere without TLS: the token is not "
	       "encrypted\n");
	warned(KEPT "listeners = ( { kind = \"admin\"; } );",
	       "2: all listeners are of kind \"admin\": no client can connect\n");
}

/* Beside errors there are none, and in the order of the file otherwise. */
#define UPSTREAM(more)                                                                             \
	"rooms = ( { name = \"lobby\"; }, { name = \"den\"; } ); listeners = ( { mounts = ( { "    \
	"path = \"/\"; dialect = \"mixer\"; room = \"den\"; } ); } );\nupstreams = ( {\nname = "   \
	"\"x\"; "                                                                                  \
	"room = \"lobby\"; " more " } );"

static void upstreams(void **state)
{
	(void)state;
	warned(KEPT UPSTREAM("dialect = \"mixer\"; url = \"https://chat.example\";"), "");
	warned(KEPT UPSTREAM("dialect = \"mixer\"; url = \"http://127.0.0.1:1\";"), "");
	warned(KEPT UPSTREAM("dialect = \"mixer\"; url = \"http://[::1]:1\";"), "");
	warned(
	    KEPT UPSTREAM("dialect = \"mixer\";\nurl = \"ws://chat.example\";"),
	    "5: url 'http://chat.example' is without TLS: secrets and words are not encrypted on "
	    "the way there\n");
	warned(
	    KEPT UPSTREAM(
		"\ndialect = \"rooms\"; remote_room = \"5f0c7a5e-93b4-4b17-8c2f-9c4a8ea95123\"; "
		"url = \"https://chat.example\";"),
	    "5: what comes in from a server of the dialect rooms must not be stored: the history "
	    "of room 'lobby' is without it\n");
	warned(KEPT UPSTREAM(
		   "dialect = \"rooms\"; remote_room = \"5f0c7a5e-93b4-4b17-8c2f-9c4a8ea95123\"; "
		   "url = \"https://chat.example\"; direction = \"out\";"),
	       "");
	warned(KEPT UPSTREAM(
		   "\nmode = \"session\"; dialect = \"rooms\"; remote_room = "
		   "\"5f0c7a5e-93b4-4b17-8c2f-9c4a8ea95123\"; url = \"https://chat.example\";"),
	       "4: no mount names the upstream 'x': nobody uses it\n");
}

static void order(void **state)
{
	(void)state;
	warned("listeners = ( {\naddress = \"0.0.0.0\"; " TLS "\n} );\nstate = \"\";",
	       "1: address 0.0.0.0 is reachable from elsewhere, but hosts is empty: clients that "
	       "connect by a host name are refused (403)\n4: state is empty: after a restart with "
	       "the clock set back, message ids repeat\n");
	refused("workers = 99;", "1: workers is 99, out of range (0 .. 16)\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nothing_to_say),
		cmocka_unit_test(an_empty_state),
		cmocka_unit_test(listening_beyond_loopback),
		cmocka_unit_test(a_socket_of_the_service_manager),
		cmocka_unit_test(admin_listeners),
		cmocka_unit_test(upstreams),
		cmocka_unit_test(order),
	};

	return cmocka_run_group_tests(tests, folder_make, folder_remove);
}
