#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/conf/told.h"

/* Two rooms; mounts are in the den alone. */
#define ROOMS                                                                                      \
	"rooms = ( { name = \"lobby\"; }, { name = \"den\"; } ); listeners = ( { mounts = ( { "    \
	"path = \"/\"; dialect = \"rooms\"; room = \"den\"; } ); } );\n"
#define RELAY                                                                                      \
	"name = \"there\"; dialect = \"concord\"; url = \"http://a.example\"; room = \"lobby\"; "
#define SESSION RELAY "mode = \"session\"; "

/* What is tried stands in the third line. */
static void upstream_refused(const char *directives, const char *fault)
{
	char text[2048], expected[1024];

	snprintf(text, sizeof(text), ROOMS "upstreams = (\n{ %s } );", directives);
	snprintf(expected, sizeof(expected), "3: %s\n", fault);
	refused(text, expected);
}

static void upstream_taken(const char *directives)
{
	char text[2048];

	snprintf(text, sizeof(text), ROOMS "upstreams = (\n{ %s } );", directives);
	conf_free(accepted(text));
}

static void values_arrive(void **state)
{
	struct conf *conf = accepted(
	    ROOMS
	    "upstreams = (\n"
	    "{ " RELAY "},\n"
	    "{ name = \"all\"; dialect = \"mixer\"; url = \"WSS://b.example:8443/api/v1/\";"
	    " socket_path = \"/chat/\"; mode = \"relay\"; room = \"den\"; remote_room = \"42\";"
	    " direction = \"in\"; nick_format = \"<{name}> \"; user = \"bot\"; secret_file = "
	    "\"$/good\"; ca_file = \"$/good.pem\"; proxy = \"http://p:1\"; outbox_entries = 5;"
	    " outbox_bytes = 4096; outbox_seconds = 7; retry_seconds_max = 9; ignore = [ \"x\", "
	    "\"y\" ]; ignore_text = \"^!\"; mentions = true; presence = false; late_seconds = 0;"
	    " people = 3; } );");
	const struct conf_upstream *upstream = conf->upstreams;

	(void)state;
	assert_int_equal(conf->upstream_count, 2);
	assert_int_equal(upstream->place.line, 3);
	assert_string_equal(upstream->name, "there");
	assert_string_equal(upstream->dialect, "concord");
	assert_string_equal(upstream->url, "http://a.example");
	assert_string_equal(upstream->socket_path, "");
	assert_string_equal(upstream->mode, CONF_RELAY);
	assert_string_equal(upstream->remote_room, "");
	assert_string_equal(upstream->direction, CONF_BOTH);
	assert_string_equal(upstream->nick_format, CONF_NICK_FORMAT);
	assert_string_equal(upstream->credentials, CONF_CLIENT);
	assert_string_equal(upstream->secret_file, "");
	assert_string_equal(upstream->proxy, "");
	assert_int_equal(upstream->outbox_entries, 1000);
	assert_int_equal(upstream->outbox_bytes, 1048576);
	assert_int_equal(upstream->outbox_seconds, 120);
	assert_int_equal(upstream->retry_seconds_max, 60);
	assert_int_equal(upstream->late_seconds, 3600);
	assert_int_equal(upstream->people, 10000);
	assert_true(upstream->presence && !upstream->mentions);
	upstream++;
	assert_string_equal(upstream->url, "https://b.example:8443/api/v1");
	assert_string_equal(upstream->socket_path, "/chat/");
	assert_string_equal(upstream->remote_room, "42");
	assert_string_equal(upstream->direction, CONF_IN);
	assert_string_equal(upstream->nick_format, "<{name}> ");
	assert_string_equal(upstream->secret_file, in_folder("good"));
	assert_string_equal(upstream->ca_file, in_folder("good.pem"));
	assert_string_equal(upstream->proxy, "http://p:1");
	assert_int_equal(upstream->ignore.count, 2);
	assert_string_equal(upstream->ignore_text, "^!");
	assert_true(!upstream->presence && upstream->mentions);
	assert_int_equal(upstream->late_seconds, 0);
	conf_free(conf);
}

static void logins_arrive(void **state)
{
	struct conf *conf =
	    accepted(ROOMS "upstreams = ( { " SESSION "credentials = \"table\"; logins = (\n"
			   "{ name = \"ann\"; user = \"annie\"; secret_file = \"$/good\"; },\n"
			   "{ name = \"bob\"; } ); } );");
	const struct conf_upstream *upstream = conf->upstreams;

	(void)state;
	assert_string_equal(upstream->mode, CONF_SESSION);
	assert_string_equal(upstream->credentials, CONF_TABLE);
	assert_int_equal(upstream->login_count, 2);
	assert_string_equal(upstream->logins[0].user, "annie");
	assert_string_equal(upstream->logins[0].secret_file, in_folder("good"));
	assert_string_equal(upstream->logins[1].name, "bob");
	assert_string_equal(upstream->logins[1].user, "");
	assert_int_equal(upstream->logins[1].place.line, 4);
	conf_free(conf);
}

static void what_is_for_a_mode(void **state)
{
	(void)state;
	upstream_taken(RELAY "credentials = \"client\"; logins = ( );");
	upstream_refused(RELAY "credentials = \"fixed\";",
			 "credentials is for an upstream of mode session only");
	upstream_refused(RELAY "logins = ( { name = \"a\"; } );",
			 "logins is for an upstream of mode session only");
	upstream_taken(SESSION "direction = \"both\"; nick_format = \"{name}: \";");
	upstream_refused(SESSION "direction = \"in\";",
			 "direction is for an upstream of mode relay only");
	upstream_refused(SESSION "nick_format = \"\";",
			 "nick_format is for an upstream of mode relay only");
	upstream_refused(RELAY "mode = \"realy\";", "unknown mode 'realy', did you mean 'relay'?");
	upstream_refused(RELAY "direction = \"up\";",
			 "unknown direction 'up' (known: both, in, out)");
}

static void what_is_for_credentials(void **state)
{
	(void)state;
	upstream_taken(SESSION "credentials = \"fixed\"; user = \"a\"; secret_file = \"$/good\";");
	upstream_taken(SESSION "credentials = \"fixed\"; secret_file = \"$/good\";");
	upstream_refused(SESSION "credentials = \"fixed\";",
			 "credentials = \"fixed\" needs user, secret_file or both");
	upstream_refused(SESSION "user = \"a\";",
			 "user is for credentials = \"fixed\" and mode relay only");
	upstream_refused(SESSION "secret_file = \"$/good\";",
			 "secret_file is for credentials = \"fixed\" and mode relay only");
	upstream_refused(SESSION "credentials = \"table\";",
			 "logins is missing: credentials = \"table\" needs it");
	upstream_refused(SESSION "logins = ( { name = \"a\"; } );",
			 "logins is for credentials = \"table\" only");
	upstream_refused(SESSION "credentials = \"tables\";",
			 "unknown credentials 'tables', did you mean 'table'?");
	upstream_refused(SESSION "credentials = \"table\"; logins = ( { name = \"Ann\"; },"
				 " { name = \"ann\"; } );",
			 "name 'ann' is taken by the login in line 3");
}

static void names_that_there_are_not(void **state)
{
	(void)state;
	upstream_refused("name = \"t\"; dialect = \"concrd\"; url = \"http://a\"; room = \"den\";",
			 "unknown dialect 'concrd', did you mean 'concord'?");
	upstream_refused("name = \"t\"; dialect = \"concord\"; url = \"http://a\"; room = \"ten\";",
			 "unknown room 'ten', did you mean 'den'?");
	upstream_refused("name = \"t\"; dialect = \"concord\"; url = \"http://a\";",
			 "room is missing");
	upstream_refused("name = \"t\"; dialect = \"concord\"; room = \"den\";", "url is missing");
	upstream_refused(RELAY "nick_format = \"{naem}{x{dialect}\";",
			 "unknown field '{naem}', did you mean 'name'?");
	upstream_taken(RELAY "nick_format = \"[{room}/{dialect}] {name}#{number} {roles} {\";");
}

static void what_only_the_program_knows(void **state)
{
	(void)state;
	upstream_refused("name = \"t\"; dialect = \"mixer\"; url = \"http://a\"; room = \"den\";"
			 " remote_room = \"#x\";",
			 "remote_room '#x' is none of mixer: it begins with a '#'");
	upstream_taken(RELAY "remote_room = \"#x\";");
	upstream_refused("name = \"t\"; dialect = \"rooms\"; url = \"http://a\"; room = \"den\";",
			 "remote_room is missing: each has a name");
	upstream_refused(RELAY "ignore_text = \"(\";",
			 "the pattern of ignore_text is invalid: a parenthesis");
}

/* Of a dialect that only clients speak. */
static void a_dialect_that_is_not_called(void **state)
{
	struct conf_dialect dialects[] = { told_dialects[TOLD_MIXER], told_dialects[TOLD_SIMPLE] };
	struct conf_known known = {
		.dialects = dialects, .dialect_count = 2, .roles = told_roles, .kinds = told_kinds
	};
	struct told told = { .report = { .error = told_error } };

	(void)state;
	dialects[1].calls = false;
	assert_null(conf_parse("upstreams = (\n{ name = \"t\"; dialect = \"simple\"; url = "
			       "\"http://a\"; room = \"lobby\"; } );",
			       &known, &told.report));
	assert_string_equal(told.text,
			    "2: dialect 'simple' is for clients only: no upstream can be "
			    "of it\n");
}

static void urls_without_a_secret(void **state)
{
	(void)state;
	upstream_refused("name = \"t\"; dialect = \"rooms\"; url = \"http://a:sesame@b\"; room = "
			 "\"den\"; remote_room = \"a\";",
			 "url has a user in it: user and secret_file are for that");
	upstream_refused("name = \"t\"; dialect = \"rooms\"; url = \"http://b/?key=1\"; room = "
			 "\"den\"; remote_room = \"a\";",
			 "url 'http://b/?key=1' has a query or a fragment");
	upstream_refused(RELAY "proxy = \"http://a:sesame@p:1\";",
			 "proxy has a user in it: user and secret_file are for that");
	upstream_refused(RELAY "socket_path = \"client\";",
			 "socket_path 'client' does not begin with '/'");
}

static void secrets_are_their_owners_and_no_hashes(void **state)
{
	static const char *const forms[] = { RELAY "secret_file = \"$/%s\";", SESSION
					     "credentials = \"table\"; logins = ( { name = \"a\"; "
					     "secret_file = \"$/%s\"; } );" };
	char text[512];

	(void)state;
	write_file("open", "sesame\n", 0644);
	write_file("void", "\n", 0600);
	write_file("hash", "$argon2id$v=19$m=8,t=1,p=1$AAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAA\n", 0600);
	for (size_t i = 0; i < 2; i++) {
		snprintf(text, sizeof(text), forms[i], "open");
		upstream_refused(text, "secret_file '$/open' is open to others than its owner: "
				       "chmod 600 $/open");
		snprintf(text, sizeof(text), forms[i], "void");
		upstream_refused(text, "secret_file '$/void' has no secret in its first line");
		snprintf(text, sizeof(text), forms[i], "hash");
		upstream_refused(text, "secret_file '$/hash' has a hash: the secret itself is "
				       "needed to log in with it");
		snprintf(text, sizeof(text), forms[i], "gone");
		upstream_refused(text, "secret_file '$/gone' cannot be read: No such file or "
				       "directory");
	}
	upstream_refused(RELAY "ca_file = \"$/good\";",
			 "ca_file '$/good' is not a PEM file with a certificate");
}

static void names_differ(void **state)
{
	(void)state;
	refused("backends = ( { name = \"a\"; bind = \"ipc://a\"; } );\n"
		"taps = ( { name = \"b\"; bind = \"ipc://b\"; } );\n"
		"upstreams = ( { name = \"a\"; dialect = \"mixer\"; url = \"http://a\"; room = "
		"\"lobby\"; },\n"
		"{ name = \"b\"; dialect = \"mixer\"; url = \"http://b\"; room = \"lobby\"; },\n"
		"{ name = \"c\"; dialect = \"mixer\"; url = \"http://c\"; room = \"lobby\"; },\n"
		"{ name = \"c\"; dialect = \"mixer\"; url = \"http://d\"; room = \"lobby\"; } );",
		"3: name 'a' is taken by the backend in line 1\n"
		"4: name 'b' is taken by the tap in line 2\n"
		"6: name 'c' is taken by the upstream in line 5\n");
}

/* ---- mounts and rooms of mode session ---- */

#define MOUNTS(mounts)                                                                             \
	"rooms = ( { name = \"lobby\"; }, { name = \"den\"; } );\nlisteners = ( { mounts = ("      \
	"\n" mounts " ); } );\n"

static void mounts_of_a_session(void **state)
{
	struct conf *conf = accepted(MOUNTS(
	    "{ path = \"/a\"; dialect = \"rooms\"; room = \"lobby\"; upstream = "
	    "\"there\"; }, { path = \"/b\"; dialect = \"rooms\"; room = \"den\"; }") "upstreams = "
										     "( { " SESSION
										     "} );");

	(void)state;
	assert_string_equal(conf->listeners[0].mounts[0].upstream, "there");
	assert_string_equal(conf->listeners[0].mounts[1].upstream, "");
	conf_free(conf);
	refused(MOUNTS("{ path = \"/a\"; dialect = \"rooms\"; room = \"lobby\"; },\n"
		       "{ path = \"/b\"; dialect = \"rooms\"; room = \"den\"; upstream = "
		       "\"there\"; },\n"
		       "{ path = \"/c\"; dialect = \"rooms\"; room = \"lobby\"; upstream = "
		       "\"ther\"; }") "upstreams = ( { " SESSION "} );",
		"3: room 'lobby' is that of the upstream 'there' of mode session: a mount of it "
		"needs upstream = \"there\"\n"
		"4: room 'den' is not that of the upstream 'there', which is 'lobby'\n"
		"5: unknown upstream 'ther', did you mean 'there'?\n");
	refused(MOUNTS("{ path = \"/a\"; dialect = \"rooms\"; room = \"lobby\"; upstream = "
		       "\"there\"; }") "upstreams = ( { " RELAY "} );",
		"3: upstream 'there' is of mode relay: mounts are for those of mode session\n");
	/* The mounts of the sample. */
	refused("upstreams = ( { " SESSION "} );",
		"1: room 'lobby' is that of the upstream 'there' of mode session: a mount of it "
		"needs upstream = \"there\"\n"
		"1: room 'lobby' is that of the upstream 'there' of mode session: a mount of it "
		"needs upstream = \"there\"\n"
		"1: room 'lobby' is that of the upstream 'there' of mode session: a mount of it "
		"needs upstream = \"there\"\n"
		"1: room 'lobby' is that of the upstream 'there' of mode session: a mount of it "
		"needs upstream = \"there\"\n"
		"1: room 'lobby' is that of the upstream 'there' of mode session: a mount of it "
		"needs upstream = \"there\"\n");
}

static void a_session_has_its_room_alone(void **state)
{
	(void)state;
	refused(
	    ROOMS "upstreams = ( { " SESSION "},\n"
		  "{ name = \"b\"; dialect = \"mixer\"; url = \"http://b\"; room = \"lobby\"; "
		  "} );",
	    "3: room 'lobby' is that of the upstream 'there' of mode session: it has nobody but "
	    "the clients with a connection there\n");
	refused(
	    ROOMS "upstreams = ( { " SESSION "},\n"
		  "{ name = \"b\"; dialect = \"mixer\"; url = \"http://b\"; room = \"lobby\"; "
		  "mode = \"session\"; } );",
	    "3: room 'lobby' is that of the upstream 'there' of mode session: it has nobody but "
	    "the clients with a connection there\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(values_arrive),
		cmocka_unit_test(logins_arrive),
		cmocka_unit_test(what_is_for_a_mode),
		cmocka_unit_test(what_is_for_credentials),
		cmocka_unit_test(names_that_there_are_not),
		cmocka_unit_test(what_only_the_program_knows),
		cmocka_unit_test(a_dialect_that_is_not_called),
		cmocka_unit_test(urls_without_a_secret),
		cmocka_unit_test(secrets_are_their_owners_and_no_hashes),
		cmocka_unit_test(names_differ),
		cmocka_unit_test(mounts_of_a_session),
		cmocka_unit_test(a_session_has_its_room_alone),
	};

	return cmocka_run_group_tests(tests, folder_make, folder_remove);
}
