#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/conf/told.h"

/* Two backends: what is tried stands in the second line, its fault in text. */
static void backend_refused(const char *directives, const char *fault)
{
	char text[1024], expected[1024];

	snprintf(text, sizeof(text), "backends = (\n{ name = \"b\"; %s } );", directives);
	snprintf(expected, sizeof(expected), "2: %s\n", fault);
	refused(text, expected);
}

static void backend_taken(const char *directives)
{
	char text[1024];

	snprintf(text, sizeof(text), "backends = (\n{ name = \"b\"; %s } );", directives);
	conf_free(accepted(text));
}

static void values_arrive(void **state)
{
	struct conf *conf = accepted(
	    "pid_file = \"pid\";\n"
	    "backends = ( { name = \"b\"; bind = [ \"tcp://127.0.0.1:*\", \"ipc:///run/b\" ];\n"
	    "connect = \"tcp://localhost:7000\"; speaks_as = [ \"bot\", \"Béla\" ]; deadline_ms = "
	    "10; queue = 0;\n"
	    "heartbeat_ms = 60000; secret_key_file = \"$/key\"; client_key_files = \"$/key\"; },\n"
	    "{ name = \"c\"; connect = \"tcp://[::1]:1\"; } );\n"
	    "taps = ( { name = \"t\"; bind = \"tcp://*:0\"; queue = 1; secret_key_file = "
	    "\"$/key\"; client_key_files = [ \"$/key\" ]; } );");
	const struct conf_backend *backend = conf->backends;

	(void)state;
	assert_string_equal(conf->pid_file, "pid");
	assert_int_equal(conf->backend_count, 2);
	assert_string_equal(backend->name, "b");
	assert_int_equal(backend->bind.count, 2);
	assert_string_equal(backend->bind.items[0], "tcp://127.0.0.1:*");
	assert_string_equal(backend->connect.items[0], "tcp://localhost:7000");
	assert_string_equal(backend->speaks_as.items[1], "Béla");
	assert_int_equal(backend->deadline_ms, 10);
	assert_int_equal(backend->queue, 0);
	assert_int_equal(backend->heartbeat_ms, 60000);
	assert_string_equal(backend->secret_key_file, in_folder("key"));
	assert_string_equal(backend->client_key_files.items[0], in_folder("key"));
	assert_int_equal(backend[1].deadline_ms, 2000);
	assert_int_equal(backend[1].queue, 1000);
	assert_int_equal(backend[1].heartbeat_ms, 1000);
	assert_string_equal(backend[1].secret_key_file, "");
	assert_int_equal(conf->tap_count, 1);
	assert_int_equal(conf->taps[0].queue, 1);
	assert_string_equal(conf->taps[0].bind.items[0], "tcp://*:0");
	conf_free(conf);
	conf = accepted("taps = ( { name = \"t\"; bind = \"ipc://t\"; } );");
	assert_int_equal(conf->taps[0].queue, 1000);
	assert_string_equal(conf->pid_file, "");
	conf_free(conf);
}

static void paths_start_at_the_folder(void **state)
{
	struct told told;
	struct conf *conf;

	(void)state;
	write_file("paths.cfg",
		   "pid_file = \"pid\";\n"
		   "backends = ( { name = \"b\"; bind = [ \"ipc://b.sock\", \"ipc:///b.sock\" ]; "
		   "connect = \"ipc://run/c\";\n"
		   "secret_key_file = \"key\"; client_key_files = [ \"key\" ]; } );\n",
		   0644);
	conf = told_load(&told, in_folder("paths.cfg"));
	assert_string_equal(told.text, "");
	assert_string_equal(conf->pid_file, in_folder("pid"));
	assert_string_equal(conf->backends[0].bind.items[0] + 6, in_folder("b.sock"));
	assert_string_equal(conf->backends[0].bind.items[1], "ipc:///b.sock");
	assert_string_equal(conf->backends[0].connect.items[0] + 6, in_folder("run/c"));
	assert_string_equal(conf->backends[0].secret_key_file, in_folder("key"));
	assert_string_equal(conf->backends[0].client_key_files.items[0], in_folder("key"));
	conf_free(conf);
}

static void endpoints(void **state)
{
	(void)state;
	backend_refused("", "a backend needs an endpoint: bind, connect or both");
	backend_refused("bind = [ ]; connect = ( );",
			"a backend needs an endpoint: bind, connect or both");
	backend_refused("bind = \"chat\";", "bind 'chat' is not an endpoint such as "
					    "ipc://chat.sock or tcp://127.0.0.1:7100");
	backend_refused("connect = \"tcp://*:7100\";",
			"connect 'tcp://*:7100' has no host to connect to");
	backend_refused("bind = \"tcp://localhost:7100\";",
			"bind 'tcp://localhost:7100' has a host name: bind needs a numeric "
			"address, or '*' for all");
	refused("taps = (\n{ name = \"t\"; } );", "2: bind is missing\n");
	refused("taps = (\n{ name = \"t\"; bind = [ ]; } );",
		"2: bind has 0 items, out of range (1 .. 16 items)\n");
	refused("taps = (\n{ name = \"t\"; bind = \"ipc://t\";\nconnect = \"ipc://u\"; } );",
		"3: unknown directive 'connect' in a tap: it belongs in a backend\n");
}

static void long_paths(void **state)
{
	char path[128], text[256], fault[256];

	(void)state;
	memset(path, 'p', sizeof(path));
	path[0] = '/';
	path[108] = '\0';
	snprintf(text, sizeof(text), "bind = \"ipc://%s\";", path);
	snprintf(fault, sizeof(fault), "bind 'ipc://%s': the path is longer than 107 bytes", path);
	backend_refused(text, fault);
	path[107] = '\0';
	snprintf(text, sizeof(text), "bind = \"ipc://%s\";", path);
	backend_taken(text);
}

static void names_differ(void **state)
{
	(void)state;
	refused("backends = (\n{ name = \"a\"; bind = \"ipc://a\"; },\n"
		"{ name = \"b\"; bind = \"ipc://b\"; },\n{ name = \"a\"; bind = \"ipc://c\"; } );\n"
		"taps = ( { name = \"c\"; bind = \"ipc://d\"; },\n"
		"{ name = \"b\"; bind = \"ipc://e\"; },\n{ name = \"c\"; bind = \"ipc://f\"; } );",
		"4: name 'a' is taken by the backend in line 2\n"
		"6: name 'b' is taken by the backend in line 3\n"
		"7: name 'c' is taken by the tap in line 5\n");
	refused("taps = (\n{ name = \"a:b\"; bind = \"ipc://d\"; } );",
		"2: name 'a:b' holds a ':', '?' or '&', which end a name where clients give one\n");
}

static void bound_once(void **state)
{
	(void)state;
	refused("backends = (\n{ name = \"a\"; bind = [ \"tcp://127.0.0.1:7100\", \"ipc://a\" ]; },"
		"\n{ name = \"b\";\nbind = \"tcp://127.0.0.1:7100\"; } );\n"
		"taps = ( { name = \"c\";\nbind = \"ipc://a\"; } );",
		"4: bind 'tcp://127.0.0.1:7100' is taken by the backend in line 2\n"
		"6: bind 'ipc://a' is taken by the backend in line 2\n");
	refused(
	    "taps = (\n{ name = \"a\";\nbind = [ \"tcp://[::1]:1\", \"tcp://[0:0::1]:1\" ]; } );",
	    "3: bind 'tcp://[::1]:1' is taken by the tap in line 2\n");
	/* Any free port is another each time, and one may connect to what is bound elsewhere. */
	conf_free(accepted("taps = ( { name = \"a\"; bind = [ \"tcp://127.0.0.1:*\", "
			   "\"tcp://127.0.0.1:0\", \"tcp://127.0.0.1:*\" ]; } );\n"
			   "backends = ( { name = \"b\"; bind = \"tcp://127.0.0.1:1\"; connect = "
			   "[ \"tcp://127.0.0.1:1\", \"tcp://127.0.0.2:1\" ]; } );"));
}

static void speakers(void **state)
{
	(void)state;
	refused(
	    "accounts = ( { name = \"ann\"; number = 1; secret_file = \"$/good\"; } );\n"
	    "backends = (\n{ name = \"a\"; bind = \"ipc://a\"; speaks_as = [ \"bot\", \"x\" ]; },\n"
	    "{ name = \"b\"; bind = \"ipc://b\";\nspeaks_as = \"Bot\"; },\n"
	    "{ name = \"c\"; bind = \"ipc://c\";\nspeaks_as = [ \"aNN\", \"dragoman\" ]; } );",
	    "5: speaks_as 'Bot' is taken by the backend in line 3\n"
	    "7: speaks_as 'aNN' is an account's name\n"
	    "7: speaks_as 'dragoman' is the name of the server\n");
	backend_refused("bind = \"ipc://b\"; speaks_as = [ \"x\", \"x\" ];",
			"speaks_as 'x' is taken by the backend in line 2");
	backend_refused("bind = \"ipc://b\"; speaks_as = \"a?\";",
			"speaks_as 'a?' holds a ':', '?' or '&', which end a name where clients "
			"give one");
	/* The name of a backend is not one that people see. */
	backend_taken("bind = \"ipc://b\"; speaks_as = \"b\";");
}

static void keys_off_this_machine(void **state)
{
	static const char *const far[] = {
		"tcp://*:7100",    "tcp://0.0.0.0:7100", "tcp://192.0.2.1:7100",
		"tcp://[::]:7100", "tcp://[::2]:7100",   "tcp://[::ffff:127.0.0.1]:7100"
	};
	char text[256], fault[256];

	(void)state;
	for (size_t i = 0; i < sizeof(far) / sizeof(far[0]); i++) {
		snprintf(text, sizeof(text), "bind = \"%s\";", far[i]);
		snprintf(fault, sizeof(fault),
			 "%s is reachable from elsewhere: secret_key_file and client_key_files "
			 "are required",
			 far[i]);
		backend_refused(text, fault);
		snprintf(
		    text, sizeof(text),
		    "bind = \"%s\"; secret_key_file = \"$/key\"; client_key_files = \"$/key\";",
		    far[i]);
		backend_taken(text);
	}
	backend_refused("connect = \"tcp://chat.example:1\"; secret_key_file = \"\"; "
			"client_key_files = [ ];",
			"tcp://chat.example:1 is reachable from elsewhere: secret_key_file and "
			"client_key_files are required");
	backend_taken("bind = [ \"tcp://127.0.0.1:1\", \"tcp://127.255.0.9:1\", \"tcp://[::1]:1\", "
		      "\"ipc://x\" ]; connect = [ \"tcp://localhost:1\", \"tcp://LOCALHOST:2\" ];");
	refused("taps = ( { name = \"t\";\nbind = [ \"ipc://t\", \"tcp://*:0\" ]; } );",
		"2: tcp://*:0 is reachable from elsewhere: secret_key_file and client_key_files "
		"are required\n");
}

static void keys_come_in_pairs(void **state)
{
	(void)state;
	backend_refused("bind = \"ipc://b\"; secret_key_file = \"$/key\";",
			"secret_key_file without client_key_files: no program could connect");
	backend_refused("bind = \"tcp://*:1\"; client_key_files = [ \"$/key\" ];",
			"client_key_files without secret_key_file");
	refused("taps = ( { name = \"t\"; bind = \"ipc://t\";\nclient_key_files = \"$/key\"; } );",
		"2: client_key_files without secret_key_file\n");
}

static void key_refused(const char *content, mode_t mode, const char *fault, const char *of_public)
{
	char expected[512];

	write_file("tried", content, mode);
	snprintf(expected, sizeof(expected), "secret_key_file '$/tried' %s", fault);
	backend_refused("bind = \"ipc://b\"; secret_key_file = \"$/tried\"; client_key_files = "
			"\"$/key\";",
			expected);
	if (!of_public) {
		backend_taken("bind = \"ipc://b\"; secret_key_file = \"$/key\"; client_key_files = "
			      "\"$/tried\";");
		return;
	}
	snprintf(expected, sizeof(expected), "client_key_files '$/tried' %s", of_public);
	backend_refused("bind = \"ipc://b\"; secret_key_file = \"$/key\"; client_key_files = "
			"\"$/tried\";",
			expected);
}

static void key_files(void **state)
{
	static const char none[] = "has no key in its first line: 40 characters of Z85, as "
				   "'dragoman keygen' makes";

	(void)state;
	key_refused("", 0600, none, none);
	key_refused("\n" TOLD_KEY "\n", 0600, none, none);
	key_refused(TOLD_KEY "x\n", 0600, none, none);
	key_refused("Yne@$w-vo<fVvi]a<NY6T1ed:M$fCG*[IaLV{hI\n", 0600, none, none);
	key_refused("Yne@$w-vo<fVvi]a<NY6T1ed:M$fCG*[IaLV{hI~\n", 0600, none, none);
	/* The last five stand for more than 32 bits. */
	key_refused("Yne@$w-vo<fVvi]a<NY6T1ed:M$fCG*[IaL#####\n", 0600, none, none);
	key_refused(TOLD_KEY "\n", 0640, "is open to others than its owner: chmod 600 $/tried",
		    NULL);
	key_refused(TOLD_KEY "\n", 0604, "is open to others than its owner: chmod 600 $/tried",
		    NULL);
	backend_refused("bind = \"ipc://b\"; secret_key_file = \"$/absent\"; client_key_files = [ "
			"\"$/key\", \"$\" ];",
			"secret_key_file '$/absent' cannot be read: No such file or directory\n"
			"2: client_key_files '$' cannot be read: it is a folder");
	write_file("tried", TOLD_KEY "\r\nname\n", 0400);
	backend_taken("bind = \"ipc://b\"; secret_key_file = \"$/tried\"; client_key_files = "
		      "\"$/tried\";");
	write_file("tried", "00000000000000000000000000000000000%nSc0", 0644);
	backend_taken("bind = \"ipc://b\"; secret_key_file = \"$/key\"; client_key_files = "
		      "\"$/tried\";");
}

static void mounts_that_ask_a_backend(void **state)
{
	static const char form[] = "backends = ( { name = \"gate\"; bind = \"ipc://g\"; } );\n"
				   "taps = ( { name = \"feed\"; bind = \"ipc://f\"; } );\n"
				   "listeners = ( { mounts = ( { path = \"/\"; dialect = "
				   "\"mixer\";\nauth = \"%s\"; } ); } );";
	static const char *const cases[][2] = {
		{ "backend:gat", "4: unknown backend 'gat', did you mean 'gate'?\n" },
		{ "backend:feed", "4: unknown backend 'feed' (known: gate)\n" },
		{ "backend:", "4: auth 'backend:' is not of the form backend:NAME\n" },
		{ "gate", "4: auth 'gate' is not of the form backend:NAME\n" },
		{ "Backend:gate", "4: auth 'Backend:gate' is not of the form backend:NAME\n" },
	};
	char text[512];
	struct conf *conf;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		snprintf(text, sizeof(text), form, cases[i][0]);
		refused(text, cases[i][1]);
	}
	snprintf(text, sizeof(text), form, "backend:gate");
	conf = accepted(text);
	assert_string_equal(conf->listeners[0].mounts[0].auth, "backend:gate");
	conf_free(conf);
	snprintf(text, sizeof(text), form, "");
	conf = accepted(text);
	assert_string_equal(conf->listeners[0].mounts[0].auth, "");
	conf_free(conf);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(values_arrive),
		cmocka_unit_test(paths_start_at_the_folder),
		cmocka_unit_test(endpoints),
		cmocka_unit_test(long_paths),
		cmocka_unit_test(names_differ),
		cmocka_unit_test(bound_once),
		cmocka_unit_test(speakers),
		cmocka_unit_test(keys_off_this_machine),
		cmocka_unit_test(keys_come_in_pairs),
		cmocka_unit_test(key_files),
		cmocka_unit_test(mounts_that_ask_a_backend),
	};

	return cmocka_run_group_tests(tests, folder_make, folder_remove);
}
