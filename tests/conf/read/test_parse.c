#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/conf/told.h"

#define GOOD_ACCOUNT "number = 7; secret_file = \"$/good\";"

/* What people write who know other formats, each with what it is meant for. */
static void hints(void **state)
{
	(void)state;
	refused("guests = yes;", "1: 'yes' is not a value: write true\n");
	refused("guests = OFF;", "1: 'OFF' is not a value: write false\n");
	refused("state = null;", "1: 'null' is not a value: leave the line out\n");
	refused("log_level = debug;", "1: 'debug' has no quotes: a text is \"debug\"\n");
	refused("log_level = 'debug';", "1: a text needs double quotes: \"...\", not '...'\n");
	refused("log_level = \u201cdebug\u201d;",
		"1: these are typographic quotes: a text needs \"...\"\n");
	refused("listeners = ( { address = 127.0.0.1; } );",
		"1: '127.0.0.1' is not a number; a text needs double quotes: \"127.0.0.1\"\n");
	refused("rooms = ( { name = \"a\";\nrooms = 93b4b17c-2f9c-4a3c-8ea9-5123b9c34c4b; } );",
		"2: '93b4b17c-2f9c-4a3c-8ea9-5123b9c34c4b' is not a number; a text needs double "
		"quotes: \"93b4b17c-2f9c-4a3c-8ea9-5123b9c34c4b\"\n");
	refused("state = /var/lib/x;", "1: unexpected '/var/lib/x'; a text needs double quotes\n");
	refused("workers\u00a0=\u00a02;",
		"1: a non-breaking space (U+00A0), which looks like a space: write a space\n");
	refused("workers = \x01;", "1: unexpected byte 0x01\n");
	refused("workers = 12x;",
		"1: '12x' is not a number; a text needs double quotes: \"12x\"\n");
	refused("state = \"a\\x00b\";", "1: a text cannot contain NUL (\\x00)\n");
}

static void json(void **state)
{
	(void)state;
	refused("\n{ \"workers\": 2, \"rooms\": [ { \"name\": \"a\" } ] }",
		"2: this looks like JSON: the file has no braces around it, and its lines are name "
		"= value;\n");
	refused("workers = 2;\n\"guests\": true,\n\"a b\": 1;",
		"2: a name has no quotes: guests = ...\n3: a name has no quotes: a b = ...\n");
	refused("rooms = [\n{ name = \"a\"; histroy = 1; } ];",
		"1: groups belong in ( ... ), not in [ ... ]\n2: unknown directive 'histroy' in a "
		"room, did you mean 'history'?\n");
}

/* Marks that are missing or too many: each is told once, and what stands around it is read. */
static void punctuation(void **state)
{
	(void)state;
	refused("workers = ;\nguests =\nlog_level = \"info\";",
		"1: workers has no value\n2: guests has no value\n");
	refused("workers 2;\nguests true;\nlimits { burst = 1; }",
		"1: '=' is missing after workers\n2: '=' is missing after guests\n3: '=' is "
		"missing after limits\n");
	refused("workers;", "1: unexpected workers: a line is name = value;\n");
	refused("= 2;", "1: a name is missing here: a line is name = value;\n");
	refused("workers = 2;;\nguests = true,;", "1: unmatched ';'\n2: unmatched ';'\n");
	refused("rooms = ( { name = \"a\"; admins = [ ]; }, );",
		"1: trailing comma: no ',' follows the last item\n");
	refused("rooms = ( { name = \"a\"; banned = [ \"x\", ]; } );",
		"1: trailing comma: no ',' follows the last item\n");
	refused(
	    "rooms = (\n{ name = \"a\"; banned = ( \"x\" \"y\", \"z\" \"w\" ); }\n{ name = "
	    "\"b\"; } );\nlisteners = ( { mounts = ( { path = \"/\"; dialect = \"simple\"; room "
	    "= \"b\"; } ); } );",
	    "3: ',' is missing between this item and the one before\n");
	refused("rooms = ( { name = \"a\"; banned = [ , \"x\" ]; } );",
		"1: an item is missing before this ','\n");
	refused("rooms = ( { name = \"a\"; banned = ( \"x\"; \"y\" ); } );",
		"1: items are separated by ',', not by ';'\n");
	refused("rooms = ( { name = \"a\"; }; );", "1: no ';' follows an item of a list\n");
	refused("workers = 2 };\nguests = true;", "1: unmatched '}'\n");
	/* Ends are optional, and either mark will do. */
	conf_free(accepted("workers = 2 guests = true, state : \"\""));
}

static void ends_that_are_missing(void **state)
{
	(void)state;
	refused("limits = {\nburst = 1;\n", "1: unclosed '{': '}' is missing\n");
	refused("rooms = (\n{ name = \"a\"; },\n{ name = \"b\";\n);\nworkers = 99;",
		"3: unclosed '{': '}' is missing\n5: workers is 99, out of range (0 .. 16)\n");
	refused("rooms =\n( { name = \"a\"; };\nlisteners = ( { port = 70000; } );",
		"2: unclosed '(': ')' is missing\n3: port is 70000, out of range (0 .. 65535)\n");
	refused("rooms = ( { name = \"a\"; banned = [ \"x\"; } );",
		"1: unclosed '[': ']' is missing\n");
	/* Of a file that was cut, the innermost alone. */
	refused("rooms = (\n{ name = \"a\";\nbanned = [\n\"x\", ",
		"3: unclosed '[': ']' is missing\n");
	refused("rooms = ( { name = \"a\"; } /* );\n",
		"1: unterminated comment: '*/' is missing\n");
}

/* A quote that is missing is told in its own line, and the lines behind it are read as ever. */
static void open_quotes(void **state)
{
	static const char fault[] = "unterminated text: closing '\"' is missing in this line\n";
	static const char *const lines[] = {
		"{ name = \"lobby; mixer = 1; },",
		"{ name = \"lobby; rooms = \"93b4b17c-2f9c-4a3c-8ea9-5123b9c34c4b\"; },",
		"{ name = \"lobby\"; rooms = \"93b4b17c-2f9c-4a3c-8ea9-5123b9c34c4b; },",
		"{ name = lobby\"; },",
		"{ name = \"lobby\"; banned = [ \"x, \"y\" ]; },",
		"{ name = \"lobby\"; banned = [ \"x ]; admins = [ \"y\" ]; },",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		char text[512];
		struct told told;

		snprintf(
		    text, sizeof(text),
		    "rooms = (\n%s\n{ name = \"staff\"; } );\nworkers = 99;\nlisteners = ( { "
		    "mounts = ( { path = \"/\"; dialect = \"simple\"; room = \"staff\"; } ); } "
		    ");\n",
		    lines[i]);
		assert_null(told_parse(&told, text));
		if (!strstr(told.text, fault) || strncmp(told.text, "2: ", 3) != 0)
			fail_msg("%s told %s", lines[i], told.text);
		/* Nothing is told but in that line, and of the other fault. */
		for (char *at = told.text; (at = strchr(at, '\n')); at++)
			if (at[1] && strncmp(at + 1, "2: ", 3) != 0 &&
			    strncmp(at + 1, "4: ", 3) != 0)
				fail_msg("%s told %s", lines[i], told.text);
		assert_non_null(strstr(told.text, "4: workers is 99, out of range (0 .. 16)\n"));
	}
}

/* Whoever is known by name stays so, whatever else is wrong with them, and what a mistake may have
 * hidden is not said to be missing. */
static void one_mistake_is_told_once(void **state)
{
	(void)state;
	refused("acounts = ( { name = \"ann\"; " GOOD_ACCOUNT " } );\n"
		"rooms = ( { name = \"a\"; admins = \"ann\"; members = \"bob\"; } );",
		"1: unknown directive 'acounts' in the configuration, did you mean 'accounts'?\n"
		"2: unknown account 'bob' (known: ann)\n");
	refused("accounts = ( { nmae = \"ann\"; " GOOD_ACCOUNT " } );\n"
		"rooms = ( { name = \"a\"; admins = \"ann\"; } );",
		"1: unknown directive 'nmae' in an account, did you mean 'name'?\n");
	refused("accounts = ( { name = \" ann\"; " GOOD_ACCOUNT " } );\n"
		"rooms = ( { name = \"a\"; admins = \" ann\"; } );",
		"1: name ' ann' begins or ends with a space\n");
	refused("accounts = ( { name = \"ann\"; number = x; secret_file = \"$/good\" } );\n"
		"rooms = ( { name = \"a\"; admins = [ \"ann\", \"bob\" ]; } );",
		"1: 'x' has no quotes: a text is \"x\"\n2: unknown account 'bob' (known: ann)\n");
	refused("accounts = ( { name = ann; " GOOD_ACCOUNT " } );\n"
		"rooms = ( { name = \"a\"; admins = \"ann\"; } );",
		"1: 'ann' has no quotes: a text is \"ann\"\n");
	refused("accounts = { name = \"ann\"; " GOOD_ACCOUNT " };\n"
		"rooms = ( { name = \"a\"; admins = \"ann\"; } );",
		"1: accounts must be a list of groups: ( { ... }, { ... } ), not a group\n");
	refused(
	    "rooms = ;\nlisteners = ( { mounts = ( { path = \"/\"; dialect = \"simple\"; room = "
	    "\"a\"; } ); } );",
	    "1: rooms has no value\n");
	refused("rooms = ( { name = \"a\"; }, { name = \"b\"; } );\nlisteners = 7000",
		"2: listeners must be a list of groups: ( { ... }, { ... } ), not a number\n");
	refused("backends = ( { nam = \"bot\"; bind = \"ipc://b\"; } );\n"
		"routes = ( { then = ( { ask = \"bot\"; } ); } );",
		"1: unknown directive 'nam' in a backend, did you mean 'name'?\n");
	refused("limits = { idle_seconds = 99999; ping_seconds = 40; };",
		"1: idle_seconds is 99999, out of range (2 .. 86400)\n");
	refused("rooms = ( { name = \"a\"; history = 5000; remembered = \"9000\"; } );",
		"1: remembered must be a number, not a text\n");
	refused("listeners = ( { tls_certificate = good.pem; tls_key = \"$/good.key\"; } );",
		"1: unexpected 'good.pem'; a text needs double quotes\n");
	refused("routes = ( { then = ( { aks = \"bot\"; on_timeout = \"pass\"; } ); } );\n"
		"backends = ( { name = \"bot\"; bind = \"ipc://b\"; } );",
		"1: unknown directive 'aks' in a step, did you mean 'ask'?\n");
}

static void duplicates(void **state)
{
	struct told told;
	char *expected = with_folder("$/twice.cfg:2: duplicate directive 'workers', already in "
				     "$/once.cfg:2\n");

	(void)state;
	refused("limits = {\nburst = 1;\nburst = 2; };",
		"3: duplicate directive 'burst', already in line 2\n");
	refused("rooms = ( { name = \"a\"; } );\nrooms = ( { name = \"b\"; history = -1; } );",
		"2: duplicate directive 'rooms', already in line 1\n");
	write_file("once.cfg", "\nworkers = 1;", 0644);
	write_file("twice.cfg", "@include \"once.cfg\"\nworkers = 2;\n", 0644);
	assert_null(told_load(&told, in_folder("twice.cfg")));
	assert_string_equal(told.text, expected);
	free(expected);
}

/* Numbers and texts mean the same whatever libconfig there is. */
static void numbers_and_texts(void **state)
{
	struct conf *conf =
	    accepted("workers = 010; limits: { burst = +08; json_depth = 0x10; connections = "
		     "0X1fL; idle_seconds = 40LL; }\n"
		     "routes = ( { name = \"\\x41\\\"\\\\\" \"b\" # one\n \"c\"; text = "
		     "\"\\bfoo\\d\\.\\v\"; then = ( { drop = TRUE; } ); } );\n");

	(void)state;
	assert_int_equal(conf->workers, 10);
	assert_int_equal(conf->limits.burst, 8);
	assert_int_equal(conf->limits.json_depth, 16);
	assert_int_equal(conf->limits.connections, 31);
	assert_int_equal(conf->limits.idle_seconds, 40);
	assert_string_equal(conf->routes[0].name, "A\"\\bc");
	assert_string_equal(conf->routes[0].text, "\\bfoo\\d\\.\\v");
	assert_true(conf->routes[0].then[0].drop);
	conf_free(conf);
	refused("workers = 1.5;", "1: workers must be a number, not a number with a fraction\n");
	refused("workers = -.5e+3;", "1: workers must be a number, not a number with a fraction\n");
	refused("workers = 1e;", "1: '1e' is not a number; a text needs double quotes: \"1e\"\n");
	refused("workers = 0x;", "1: '0x' is not a number; a text needs double quotes: \"0x\"\n");
	refused("workers = 1LLL;",
		"1: '1LLL' is not a number; a text needs double quotes: \"1LLL\"\n");
}

/* Too much of anything ends the reading, soon and with a word. */
static void bounds(void **state)
{
	static const struct {
		const char *before, *part, *told;
		size_t count;
	} cases[] = {
		{ "", "x = 1;", "duplicate directive 'x', already in line 1\n", 300 },
		{ "", "; ", "too many errors: the rest is not checked\n", 300000 },
		{ "x = ", "(", "more than 32 deep\n", 1000000 },
		{ "x = ( 1", ", 1", "more than 20000 items in one list\n", 600000 },
		{ "state = ", "\"abc\" ", "state is longer than 4096 bytes\n", 500000 },
		{ "state = ", "\"a(c\" ", "state is longer than 4096 bytes\n", 500000 },
		{ "x = (", "{ x = 1; },", "unknown directive 'x' in the configuration\n", 1000 },
		{ "rooms = (", "{ x = 1; },", "unknown directive 'x' in a room\n", 9000 },
		{ "/*", "*/ /*", "unterminated comment: '*/' is missing\n", 300000 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char *text = NULL;
		struct told told;
		size_t size;
		FILE *stream = open_memstream(&text, &size);

		assert_non_null(stream);
		fputs(cases[i].before, stream);
		for (size_t n = 0; n < cases[i].count; n++)
			fputs(cases[i].part, stream);
		fclose(stream);
		assert_null(told_parse(&told, text));
		if (!strstr(told.text, cases[i].told))
			fail_msg("%s%s... told %.300s", cases[i].before, cases[i].part, told.text);
		assert_true(told.report.errors <= 1001);
		free(text);
	}
}

static void many_names(void **state)
{
	char *text = NULL;
	struct told told;
	size_t size;
	FILE *stream = open_memstream(&text, &size);

	(void)state;
	assert_non_null(stream);
	fputs("limits = {\n", stream);
	for (unsigned n = 0; n < 400000; n++)
		fprintf(stream, "n%u=1;", n);
	fclose(stream);
	assert_null(told_parse(&told, text));
	assert_non_null(strstr(told.text, "more than 100 names in one group"));
	free(text);
}

static void many_values(void **state)
{
	char *text = NULL;
	struct told told;
	size_t size;
	FILE *stream = open_memstream(&text, &size);

	(void)state;
	assert_non_null(stream);
	for (unsigned n = 0; n < 40; n++) {
		fprintf(stream, "n%u=(1", n);
		for (unsigned i = 0; i < 15000; i++)
			fputs(",1", stream);
		fputs(")\n", stream);
	}
	fclose(stream);
	assert_null(told_parse(&told, text));
	assert_non_null(strstr(told.text, "34: there are more than 500000 values\n"));
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(hints),       cmocka_unit_test(json),
		cmocka_unit_test(punctuation), cmocka_unit_test(ends_that_are_missing),
		cmocka_unit_test(open_quotes), cmocka_unit_test(one_mistake_is_told_once),
		cmocka_unit_test(duplicates),  cmocka_unit_test(numbers_and_texts),
		cmocka_unit_test(bounds),      cmocka_unit_test(many_names),
		cmocka_unit_test(many_values),
	};

	return cmocka_run_group_tests(tests, folder_make, folder_remove);
}
