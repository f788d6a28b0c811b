#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "bridge/command/arguments.h"

#define WORDS_MAX 16

/* The command line after the program's name, split at spaces; what was printed goes to *said. */
static bool parse(const char *text, struct arguments *out, char **said)
{
	static char copy[256];
	char *words[WORDS_MAX + 1] = { (char *)"dragoman" }, *rest = copy;
	FILE *errors;
	size_t size;
	int count = 1;
	bool right;

	snprintf(copy, sizeof(copy), "%s", text);
	for (char *word; (word = strsep(&rest, " ")) && *text && count < WORDS_MAX;)
		words[count++] = word;
	errors = open_memstream(said, &size);
	assert_non_null(errors);
	right = arguments_parse(count, words, out, errors);
	fclose(errors);
	return right;
}

static struct arguments parsed(const char *text)
{
	struct arguments out;
	char *said;

	if (!parse(text, &out, &said))
		fail_msg("'%s' is refused: %s", text, said);
	assert_string_equal(said, "");
	free(said);
	return out;
}

/* Refused with this first line, and told where to get help. */
static void refused(const char *text, const char *message)
{
	struct arguments out;
	char *said;

	if (parse(text, &out, &said))
		fail_msg("'%s' is taken", text);
	assert_non_null(strstr(said, "Try 'dragoman help"));
	*strchr(said, '\n') = '\0';
	assert_string_equal(said, message);
	free(said);
}

static char *help_on(enum command command)
{
	char *text;
	size_t size;
	FILE *stream = open_memstream(&text, &size);

	assert_non_null(stream);
	arguments_help(command, stream);
	fclose(stream);
	return text;
}

static void demo_has_defaults(void **state)
{
	struct arguments a = parsed("demo");

	(void)state;
	assert_int_equal(a.command, COMMAND_DEMO);
	assert_int_equal(a.port, 7000);
	assert_string_equal(a.address, "127.0.0.1");
	assert_int_equal(a.workers, 0);
	assert_false(a.print_json);
	assert_null(a.file);
}

static void demo_takes_its_options(void **state)
{
	struct arguments a = parsed("demo --port 8080 --address ::1 --workers 4 --print-json");

	(void)state;
	assert_int_equal(a.port, 8080);
	assert_string_equal(a.address, "::1");
	assert_int_equal(a.workers, 4);
	assert_true(a.print_json);
	assert_int_equal(parsed("demo --port=0").port, 0);
	assert_int_equal(parsed("demo --port 65535").port, 65535);
	assert_int_equal(parsed("demo --workers=16").workers, 16);
	assert_string_equal(parsed("demo --address=0.0.0.0").address, "0.0.0.0");
	assert_int_equal(parsed("demo --port 1 --port 2").port, 2);
}

static void demo_refuses_odd_values(void **state)
{
	(void)state;
	refused("demo --port 65536",
		"dragoman: --port must be a number from 0 to 65535, not '65536'");
	refused("demo --port 4294967297",
		"dragoman: --port must be a number from 0 to 65535, not '4294967297'");
	refused("demo --port 70x0",
		"dragoman: --port must be a number from 0 to 65535, not '70x0'");
	refused("demo --port=-1", "dragoman: --port must be a number from 0 to 65535, not '-1'");
	refused("demo --port=+1", "dragoman: --port must be a number from 0 to 65535, not '+1'");
	refused("demo --workers 17", "dragoman: --workers must be a number from 0 to 16, not '17'");
	refused("demo --workers two",
		"dragoman: --workers must be a number from 0 to 16, not 'two'");
	refused("demo --address localhost", "dragoman: --address 'localhost' is not a numeric "
					    "address such as 127.0.0.1 or ::1");
	refused("demo --address 1.2.3", "dragoman: --address '1.2.3' is not a numeric address such "
					"as 127.0.0.1 or ::1");
	refused("demo --port \x1b[2J",
		"dragoman: --port must be a number from 0 to 65535, not '?'");
}

static void values_may_not_be_missing(void **state)
{
	(void)state;
	refused("demo --port", "dragoman: --port needs a number");
	refused("demo --port=", "dragoman: --port needs a number");
	refused("demo --port --print-json", "dragoman: --port needs a number");
	refused("demo --workers", "dragoman: --workers needs a number");
	refused("demo --address", "dragoman: --address needs a numeric address");
	refused("run -c", "dragoman: --config needs a file");
	refused("run --config=", "dragoman: --config needs a file");
	refused("run -c --print-json", "dragoman: --config needs a file");
	refused("check", "dragoman: check needs -c FILE");
	refused("run --print-json", "dragoman: run needs -c FILE");
	refused("demo --print-json=yes", "dragoman: --print-json takes no value");
}

static void run_and_check_take_a_file(void **state)
{
	struct arguments a = parsed("run -c dragoman.cfg --print-json");

	(void)state;
	assert_int_equal(a.command, COMMAND_RUN);
	assert_string_equal(a.file, "dragoman.cfg");
	assert_true(a.print_json);
	a = parsed("check --config /etc/dragoman.cfg");
	assert_int_equal(a.command, COMMAND_CHECK);
	assert_string_equal(a.file, "/etc/dragoman.cfg");
	assert_string_equal(parsed("run --config=-odd").file, "-odd");
}

static void reload_takes_a_file(void **state)
{
	struct arguments a = parsed("reload -c dragoman.cfg");

	(void)state;
	assert_int_equal(a.command, COMMAND_VERB);
	assert_string_equal(a.words.verb->name, "reload");
	assert_string_equal(a.words.file, "dragoman.cfg");
	assert_null(parsed("reload").words.file);
	refused("reload dragoman.cfg", "dragoman: reload takes no argument 'dragoman.cfg', did you "
				       "mean '-c dragoman.cfg'?");
	refused("reload -c a --print-json", "dragoman: unknown option '--print-json'");
}

static void routes_takes_an_event(void **state)
{
	struct arguments a = parsed("routes -c a");

	(void)state;
	assert_int_equal(a.command, COMMAND_ROUTES);
	assert_null(a.event);
	assert_null(a.dialect);
	a = parsed("routes -c a --try {}");
	assert_string_equal(a.event, "{}");
	a = parsed("routes --dialect mixer --room=lobby --kind edit -c a");
	assert_string_equal(a.dialect, "mixer");
	assert_string_equal(a.room, "lobby");
	assert_string_equal(a.kind, "edit");
	assert_null(a.text);
	a = parsed("routes -c a --dialect x --room y --from ann --role mod --text=-1");
	assert_string_equal(a.from, "ann");
	assert_string_equal(a.role, "mod");
	assert_string_equal(a.text, "-1");
	assert_null(a.kind);
}

static void routes_wants_a_whole_event(void **state)
{
	(void)state;
	refused("routes --try {}", "dragoman: routes needs -c FILE");
	refused("routes -c a --room lobby", "dragoman: an event needs --dialect");
	refused("routes -c a --text hi", "dragoman: an event needs --dialect");
	refused("routes -c a --dialect mixer --from ann", "dragoman: an event needs --room");
	refused("routes -c a --try {} --text hi",
		"dragoman: --try describes the whole event and excludes the other options");
	refused("routes -c a --try", "dragoman: --try needs an event as JSON");
	refused("routes -c a --role", "dragoman: --role needs a role");
	refused("routes -c a --dialect", "dragoman: --dialect needs a dialect");
	refused("routes -c a --romo x",
		"dragoman: unknown option '--romo', did you mean '--room'?");
	refused("run -c a --try {}", "dragoman: unknown option '--try'");
}

static void backend_test_takes_an_endpoint(void **state)
{
	struct arguments a = parsed("backend-test tcp://127.0.0.1:7020");

	(void)state;
	assert_int_equal(a.command, COMMAND_BACKEND_TEST);
	assert_string_equal(a.word, "tcp://127.0.0.1:7020");
	assert_int_equal(a.seconds, 10);
	assert_false(a.bind);
	assert_null(a.name);
	a = parsed("backend-test --bind tcp://*:0 --name dice --seconds 3");
	assert_true(a.bind);
	assert_string_equal(a.name, "dice");
	assert_int_equal(a.seconds, 3);
	assert_string_equal(parsed("backend-test ipc://a --seconds=0").word, "ipc://a");
	a = parsed("backend-test ipc://a --number 2147483647");
	assert_int_equal(a.number, INT_MAX);
}

static void backend_test_refuses_odd_values(void **state)
{
	(void)state;
	refused("backend-test", "dragoman: backend-test needs an ENDPOINT");
	refused("backend-test ", "dragoman: backend-test needs an ENDPOINT");
	refused("backend-test --bind", "dragoman: backend-test needs an ENDPOINT");
	refused("backend-test ipc://a b", "dragoman: backend-test takes no argument 'b'");
	refused("backend-test ipc://a --bind=yes", "dragoman: --bind takes no value");
	refused("backend-test ipc://a --name", "dragoman: --name needs a backend's name");
	refused("backend-test ipc://a --seconds 3601",
		"dragoman: --seconds must be a number from 0 to 3600, not '3601'");
	refused("backend-test ipc://a --number 2147483648",
		"dragoman: --number must be a number from 0 to 2147483647, not '2147483648'");
	refused("backend-test 7020", "dragoman: the endpoint '7020' is not an endpoint such as "
				     "ipc://chat.sock or tcp://127.0.0.1:7100");
	refused("backend-test tcp://*:0",
		"dragoman: the endpoint 'tcp://*:0' has no host to connect to");
	refused("backend-test tcp://localhost:1 --bind",
		"dragoman: the endpoint 'tcp://localhost:1' has a host name: bind needs a numeric "
		"address, or '*' for all");
}

static void keygen_takes_a_name(void **state)
{
	(void)state;
	assert_int_equal(parsed("keygen server").command, COMMAND_KEYGEN);
	assert_string_equal(parsed("keygen keys/server").word, "keys/server");
	refused("keygen", "dragoman: keygen needs a NAME");
	refused("keygen ", "dragoman: keygen needs a NAME");
	refused("keygen a b", "dragoman: keygen takes no argument 'b'");
	refused("keygen --name a", "dragoman: unknown option '--name'");
}

static void passwd_may_take_a_file(void **state)
{
	struct arguments a = parsed("passwd");

	(void)state;
	assert_int_equal(a.command, COMMAND_PASSWD);
	assert_null(a.word);
	assert_int_equal(a.memory_mib, 19);
	assert_int_equal(a.passes, 2);
	a = parsed("passwd --memory-mib 256 --passes=4 keys/ann.secret");
	assert_string_equal(a.word, "keys/ann.secret");
	assert_int_equal(a.memory_mib, 256);
	assert_int_equal(a.passes, 4);
	assert_int_equal(parsed("passwd --memory-mib 1 --passes 1024").passes, 1024);
	refused("passwd a b", "dragoman: passwd takes no argument 'b'");
	refused("passwd -c a", "dragoman: unknown option '-c'");
	refused("passwd --memory-mib 257",
		"dragoman: --memory-mib must be a number from 0 to 256, not '257'");
	refused("passwd --memory-mib 0", "dragoman: a hash with 0 MiB and 2 passes takes less "
					 "memory than argon2id needs");
	refused("passwd --passes 0", "dragoman: a hash with 19 MiB and 0 passes makes no pass");
	refused("passwd --passes 54",
		"dragoman: a hash with 19 MiB and 54 passes takes too long: memory times passes "
		"is more than 1024 MiB");
}

static void completion_takes_a_shell(void **state)
{
	(void)state;
	assert_int_equal(parsed("completion bash").command, COMMAND_COMPLETION);
	assert_string_equal(parsed("completion zsh").word, "zsh");
	refused("completion", "dragoman: completion needs a shell: bash or zsh");
	refused("completion fish", "dragoman: unknown shell 'fish'");
	refused("completion bsah", "dragoman: unknown shell 'bsah', did you mean 'bash'?");
	refused("completion bash zsh", "dragoman: completion takes no argument 'zsh'");
}

static void check_may_look_at_the_state(void **state)
{
	(void)state;
	assert_false(parsed("check -c a").state);
	assert_true(parsed("check --state -c a").state);
	refused("check -c a --state=b", "dragoman: --state takes no value");
}

static void others_take_nothing(void **state)
{
	(void)state;
	assert_int_equal(parsed("defaultconfig").command, COMMAND_DEFAULTCONFIG);
	assert_int_equal(parsed("version").command, COMMAND_VERSION);
	assert_int_equal(parsed("-V").command, COMMAND_VERSION);
	assert_int_equal(parsed("--version").command, COMMAND_VERSION);
	assert_int_equal(parsed("run --version").command, COMMAND_VERSION);
	refused("version now", "dragoman: version takes no argument 'now'");
	refused("defaultconfig x", "dragoman: defaultconfig takes no argument 'x'");
	refused("demo 7000", "dragoman: demo takes no argument '7000'");
	refused("run dragoman.cfg",
		"dragoman: run takes no argument 'dragoman.cfg', did you mean '-c dragoman.cfg'?");
	refused("check -c a b", "dragoman: check takes no argument 'b'");
	refused("version --port 1", "dragoman: unknown option '--port'");
	refused("run -c a --state", "dragoman: unknown option '--state'");
	refused("check --state", "dragoman: check needs -c FILE");
	refused("check -c a --print-json", "dragoman: unknown option '--print-json'");
}

static void help_names_its_topic(void **state)
{
	(void)state;
	assert_int_equal(parsed("help").command, COMMAND_HELP);
	assert_int_equal(parsed("help").help_for, COMMAND_HELP);
	assert_int_equal(parsed("-h").help_for, COMMAND_HELP);
	assert_int_equal(parsed("--help").command, COMMAND_HELP);
	assert_int_equal(parsed("help run").help_for, COMMAND_RUN);
	assert_int_equal(parsed("--help demo").help_for, COMMAND_DEMO);
	assert_int_equal(parsed("check --help").command, COMMAND_HELP);
	assert_int_equal(parsed("check --help").help_for, COMMAND_CHECK);
	assert_int_equal(parsed("run -h -c x").help_for, COMMAND_RUN);
	assert_ptr_equal(parsed("help accounts").help_group, verb_group_find("accounts"));
	assert_ptr_equal(parsed("accounts --help").help_group, verb_group_find("accounts"));
	assert_int_equal(parsed("accounts --help").command, COMMAND_HELP);
	assert_int_equal(parsed("accounts --version").command, COMMAND_VERSION);
	assert_null(parsed("help accounts add").help_group);
	assert_int_equal(parsed("help accounts add").help_for, COMMAND_VERB);
	assert_string_equal(parsed("help accounts add").words.verb->name, "accounts add");
	assert_string_equal(parsed("accounts remove ann").words.verb->name, "accounts remove");
	refused("accounts", "dragoman: accounts needs a command");
	refused("accounts ad ann",
		"dragoman: unknown command 'accounts ad', did you mean 'accounts add'?");
	refused("help accounts rol",
		"dragoman: unknown command 'accounts rol', did you mean 'accounts role'?");
	refused("help accounts add ann", "dragoman: help takes one command at most");
	/* A group that is a command, too. */
	assert_string_equal(parsed("upstreams").words.verb->name, "upstreams");
	assert_string_equal(parsed("upstreams club").words.values[0], "club");
	assert_string_equal(parsed("upstreams --probe club -c x").words.verb->name, "upstreams");
	assert_string_equal(parsed("upstreams pause club").words.verb->name, "upstreams pause");
	assert_string_equal(parsed("upstreams -- pause").words.values[0], "pause");
	assert_ptr_equal(parsed("help upstreams").help_group, verb_group_find("upstreams"));
	assert_ptr_equal(parsed("upstreams --help").help_group, verb_group_find("upstreams"));
	assert_null(parsed("upstreams pause --help").help_group);
	refused("upstreams pause", "dragoman: upstreams pause needs NAME");
	refused("acounts", "dragoman: unknown command 'acounts', did you mean 'accounts'?");
	refused("help demo run", "dragoman: help takes one command at most");
	refused("help rum", "dragoman: unknown command 'rum', did you mean 'run'?");
	refused("help --port", "dragoman: unknown option '--port'");
}

static void unknown_words_name_the_nearest(void **state)
{
	(void)state;
	refused("dmeo", "dragoman: unknown command 'dmeo', did you mean 'demo'?");
	refused("defualtconfig",
		"dragoman: unknown command 'defualtconfig', did you mean 'defaultconfig'?");
	refused("relaod -c a", "dragoman: unknown command 'relaod', did you mean 'reload'?");
	refused("backendtest",
		"dragoman: unknown command 'backendtest', did you mean 'backend-test'?");
	refused("frobnicate", "dragoman: unknown command 'frobnicate'");
	refused("--verison", "dragoman: unknown option '--verison', did you mean '--version'?");
	refused("demo --prot 7000", "dragoman: unknown option '--prot', did you mean '--port'?");
	refused("demo --print-jsn",
		"dragoman: unknown option '--print-jsn', did you mean '--print-json'?");
	refused("run -x", "dragoman: unknown option '-x'");
	refused("demo -c x", "dragoman: unknown option '-c'");
}

static void no_command_gets_the_overview(void **state)
{
	struct arguments out;
	char *said, *overview = help_on(COMMAND_HELP);

	(void)state;
	assert_false(parse("", &out, &said));
	assert_non_null(strstr(said, "a command is missing"));
	assert_non_null(strstr(said, overview));
	free(said);
	free(overview);
}

static void help_is_complete(void **state)
{
	static const struct {
		enum command command;
		const char *words[7];
	} expected[] = {
		{ COMMAND_HELP,
		  { "demo", "run -c FILE", "reload", "routes -c FILE", "backend-test",
		    "passwd [FILE]", "log level and log\n" } },
		{ COMMAND_DEMO,
		  { "--port", "--address", "--workers", "--print-json", "TERM", "USR1" } },
		{ COMMAND_RUN,
		  { "-c, --config", "--print-json", "TERM", "USR1", "secret_file", "state",
		    "log level and log\n" } },
		{ COMMAND_ROUTES,
		  { "--try JSON", "--dialect D", "--room R", "--kind K", "--from NAME",
		    "--role ROLE" } },
		{ COMMAND_MATRIX, { "--pair A,B", "--json", "--markdown", "README" } },
		{ COMMAND_BACKEND_TEST,
		  { "ENDPOINT", "--bind", "--name NAME", "--seconds N", "dragoman-backend(7)" } },
		{ COMMAND_PASSWD,
		  { "--memory-mib N", "--passes N", "FILE", "secret_file", "secret_hash", "600" } },
		{ COMMAND_KEYGEN, { "NAME.key", "NAME.pub", "only its owner" } },
		{ COMMAND_CHECK, { "-c, --config", "file:line: error:", "78" } },
		{ COMMAND_DEFAULTCONFIG,
		  { "dragoman.cfg", "workers", "listeners", "secret_file" } },
		{ COMMAND_COMPLETION, { "bash", "zsh", "make install" } },
		{ COMMAND_VERSION, { "version" } },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(expected) / sizeof(expected[0]); i++) {
		char *text = help_on(expected[i].command);

		for (size_t w = 0; w < 7 && expected[i].words[w]; w++)
			if (!strstr(text, expected[i].words[w]))
				fail_msg("no %s in the help on command %d", expected[i].words[w],
					 (int)expected[i].command);
		assert_non_null(strstr(text, "Usage: dragoman"));
		free(text);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(demo_has_defaults),
		cmocka_unit_test(demo_takes_its_options),
		cmocka_unit_test(demo_refuses_odd_values),
		cmocka_unit_test(values_may_not_be_missing),
		cmocka_unit_test(run_and_check_take_a_file),
		cmocka_unit_test(reload_takes_a_file),
		cmocka_unit_test(routes_takes_an_event),
		cmocka_unit_test(routes_wants_a_whole_event),
		cmocka_unit_test(backend_test_takes_an_endpoint),
		cmocka_unit_test(backend_test_refuses_odd_values),
		cmocka_unit_test(keygen_takes_a_name),
		cmocka_unit_test(passwd_may_take_a_file),
		cmocka_unit_test(completion_takes_a_shell),
		cmocka_unit_test(check_may_look_at_the_state),
		cmocka_unit_test(others_take_nothing),
		cmocka_unit_test(help_names_its_topic),
		cmocka_unit_test(unknown_words_name_the_nearest),
		cmocka_unit_test(no_command_gets_the_overview),
		cmocka_unit_test(help_is_complete),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
