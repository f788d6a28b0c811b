#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/conf/told.h"

static void unknown_directives(void **state)
{
	(void)state;
	refused("\nwokers = 1;", "2: unknown directive 'wokers' in the configuration, did you mean "
				 "'workers'?\n");
	refused("frobnicate = 1;", "1: unknown directive 'frobnicate' in the configuration\n");
	refused("message_bytes = 1024;",
		"1: unknown directive 'message_bytes' in the configuration: "
		"it belongs in limits\n");
	refused("limits:\n{\n\tbrust = 1;\n};",
		"3: unknown directive 'brust' in limits, did you mean 'burst'?\n");
	refused("listeners = ( {\nprot = 1; } );",
		"2: unknown directive 'prot' in a listener, did you mean 'port'?\n");
	refused(
	    "listeners = ( { mounts = ( { path = \"/\"; dialect = \"mixer\";\nport = 1; } ); } );",
	    "2: unknown directive 'port' in a mount: it belongs in a listener\n");
	refused("rooms = ( { name = \"a\";\n histroy = 1; } );",
		"2: unknown directive 'histroy' in a room, did you mean 'history'?\n");
	refused(
	    "accounts = ( { name = \"a\"; number = 1; secret_file = \"$/good\";\nrole = [ ]; } );",
	    "2: unknown directive 'role' in an account, did you mean 'roles'?\n");
}

/* Bytes of a file, and a character that is cut, go into no message as they are. */
static void messages_can_be_shown(void **state)
{
	(void)state;
	refused("\"a\xff\" = 1;", "1: a name has no quotes: a? = ...\n");
}

static void numbers_that_libconfig_wraps(void **state)
{
	(void)state;
	refused("workers = 4294967297;",
		"1: the number 4294967297 needs the suffix L: 4294967297L\n");
	refused("workers = 0xFFFFFFFF;",
		"1: the number 0xFFFFFFFF needs the suffix L: 0xFFFFFFFFL\n");
	refused("workers = 99999999999999999999;",
		"1: the number 99999999999999999999 is too large\n");
	refused("workers = 0xFFFFFFFFFFFFFFFFL;",
		"1: the number 0xFFFFFFFFFFFFFFFF is too large\n");
	refused("workers = 4294967297L;", "1: workers is 4294967297, out of range (0 .. 16)\n");
	refused("workers = -2147483649; limits = { burst = -1; };",
		"1: the number -2147483649 needs the suffix L: -2147483649L\n"
		"1: burst is -1, out of range (1 .. 1000000)\n");
	/* What only looks like one is none. */
	conf_free(
	    accepted("# 99999999999\n// 99999999999\n/* 99999999999\n*/ state = "
		     "\"99999999999 \\\" 99999999999\" \" 99999999999\"\n \"\"; workers = 1;"));
}

static void unknown_words(void **state)
{
	(void)state;
	refused("log_level = \"inof\";", "1: unknown log level 'inof', did you mean 'info'?\n");
	refused("log_level = \"x\";",
		"1: unknown log level 'x' (known: error, warning, info, debug, trace)\n");
	refused("listeners = ( { mounts = (\n{ path = \"/\"; dialect = \"mixr\"; } ); } );",
		"2: unknown dialect 'mixr', did you mean 'mixer'?\n");
	refused("listeners = ( { mounts = (\n{ path = \"/\"; dialect = \"irc\"; } ); } );",
		"2: unknown dialect 'irc' (known: mixer, concord, rooms, simple)\n");
	refused("accounts = ( { name = \"a\"; number = 1; secret_file = \"$/good\";\n"
		"roles = [ \"mod\",\n\"onwer\" ]; } );",
		"3: unknown role 'onwer', did you mean 'owner'?\n");
	refused("listeners = ( { mounts = ( { path = \"/\"; dialect = \"mixer\";\nroom = \"loby\"; "
		"} ); } );",
		"2: unknown room 'loby', did you mean 'lobby'?\n");
	refused("rooms = ( { name = \"a\";\nadmins = [ \"ann\" ]; } );",
		"2: unknown account 'ann'\n");
	refused("accounts = ( { name = \"ann\"; number = 1; secret_file = \"$/good\"; } );\n"
		"rooms = ( { name = \"a\";\nmembers = [ \"Ann\", \"amn\" ]; } );",
		"3: unknown account 'amn', did you mean 'ann'?\n");
}

static void shapes(void **state)
{
	static const struct {
		const char *before, *value, *after, *fault;
	} cases[] = {
		{ "listeners=({address=\"", "localhost", "\";});",
		  "address 'localhost' is not a numeric address such as 127.0.0.1 or ::1" },
		{ "listeners=({address=\"", "[::1]", "\";});",
		  "address '[::1]' is not a numeric address such as 127.0.0.1 or ::1" },
		{ "listeners=({address=\"", "127.0.0.256", "\";});",
		  "address '127.0.0.256' is not a numeric address such as 127.0.0.1 or ::1" },
		{ "listeners=({origins=[\"", "chat.example", "\"];});",
		  "origins 'chat.example' is not an origin such as https://chat.example" },
		{ "listeners=({origins=[\"", "http://a/", "\"];});",
		  "origins 'http://a/' is not an origin: it has more than a scheme, a host and a "
		  "port" },
		{ "listeners=({origins=[\"", "https://a:65536", "\"];});",
		  "origins 'https://a:65536' is not an origin: its host or port is invalid" },
		{ "listeners=({origins=[\"", "https://[::1", "\"];});",
		  "origins 'https://[::1' is not an origin: its host or port is invalid" },
		{ "listeners=({hosts=[\"", "a.example:80", "\"];});",
		  "hosts 'a.example:80' is not a host name (without scheme, port and path)" },
		{ "listeners=({trusted_proxies=[\"", "0.0.0.0/0", "\"];});",
		  "trusted_proxies '0.0.0.0/0' is everybody" },
		{ "listeners=({trusted_proxies=[\"", "10.0.0.1/8", "\"];});",
		  "trusted_proxies '10.0.0.1/8' is not an address or a network such as "
		  "192.0.2.0/24 or 2001:db8::/32" },
		{ "listeners=({subprotocols=[\"", "a, b", "\"];});",
		  "subprotocols 'a, b' is not a subprotocol's name" },
		{ "listeners=({mounts=({dialect=\"mixer\";path=\"", "mixer", "\";});});",
		  "path 'mixer' does not begin with '/'" },
		{ "listeners=({mounts=({dialect=\"mixer\";path=\"", "/mixer/", "\";});});",
		  "path '/mixer/' ends with '/'" },
		{ "listeners=({mounts=({dialect=\"mixer\";path=\"", "/a?b", "\";});});",
		  "path '/a?b' holds a character that is not allowed in a path" },
		{ "listeners=({mounts=({dialect=\"mixer\";path=\"", "/a//b", "\";});});",
		  "path '/a//b' holds '//'" },
		{ "rooms=({name=\"a\";rooms=\"", "93b4b17c-2f9c-4a3c-8ea9-5123b9c34c4", "\";});",
		  "rooms '93b4b17c-2f9c-4a3c-8ea9-5123b9c34c4' is not a UUID such as "
		  "93b4b17c-2f9c-4a3c-8ea9-5123b9c34c4b" },
		{ "rooms=({name=\"a\";rooms=\"", "93b4b17c02f9c04a3c08ea905123b9c34c4b", "\";});",
		  "rooms '93b4b17c02f9c04a3c08ea905123b9c34c4b' is not a UUID such as "
		  "93b4b17c-2f9c-4a3c-8ea9-5123b9c34c4b" },
		{ "rooms=({name=\"a\";rooms=\"", "93b4b17c-2f9c-4a3c-8ea9-5123b9c34c4g", "\";});",
		  "rooms '93b4b17c-2f9c-4a3c-8ea9-5123b9c34c4g' is not a UUID such as "
		  "93b4b17c-2f9c-4a3c-8ea9-5123b9c34c4b" },
		{ "rooms=({name=\"", " a", "\";});", "name ' a' begins or ends with a space" },
		{ "rooms=({name=\"", "a:b", "\";});",
		  "name 'a:b' holds a ':', '?' or '&', which end a name where clients give one" },
		{ "rooms=({name=\"", "a\\tb", "\";});",
		  "name holds control characters or is not UTF-8" },
		{ "rooms=({name=\"", "\\xc0\\x80", "\";});",
		  "name holds control characters or is not UTF-8" },
		{ "rooms=({name=\"", "\\xed\\xa0\\x80", "\";});",
		  "name holds control characters or is not UTF-8" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char text[256], expected[256];

		snprintf(text, sizeof(text), "%s%s%s", cases[i].before, cases[i].value,
			 cases[i].after);
		snprintf(expected, sizeof(expected), "1: %s\n", cases[i].fault);
		refused(text, expected);
	}
}

static void missing_directives(void **state)
{
	(void)state;
	refused("rooms = (\n{ } );", "2: name is missing\n");
	refused("accounts = (\n{ name = \"a\"; } );",
		"2: number is missing\n"
		"2: secret_file is missing: it or secret_hash is required\n");
	refused("listeners = ( { mounts = (\n\n{ } ); } );",
		"3: path is missing\n3: dialect is missing\n");
	refused("rooms = ( { name = \"a\"; }, { name = \"b\"; } );\n"
		"listeners = ( { mounts = (\n{ path = \"/\"; dialect = \"mixer\"; } ); } );",
		"3: room is missing: there are several, so each mount has to name one\n");
	refused("\nrooms = ( { name = \"a\"; }, { name = \"b\"; } );",
		"2: mounts is missing: there are several rooms, so each mount has to name one\n");
	refused(
	    "rooms = ( { name = \"a\"; }, { name = \"b\"; } );\nlisteners = (\n{ port = 1; } );",
	    "3: mounts is missing: there are several rooms, so each mount has to name one\n");
}

static void duplicates(void **state)
{
	(void)state;
	refused("workers = 1;\nworkers = 2;",
		"2: duplicate directive 'workers', already in line 1\n");
	refused(
	    "rooms = (\n{ name = \"a\"; mixer = 1; concord = 2; rooms = "
	    "\"93b4b17c-2f9c-4a3c-8ea9-5123b9c34c4b\"; },\n"
	    "{ name = \"a\";\n mixer = 1;\n concord = 2;\n rooms = "
	    "\"93B4B17C-2F9C-4A3C-8EA9-5123B9C34C4B\"; } );\n"
	    "listeners = ( { mounts = ( { path = \"/\"; dialect = \"mixer\"; room = \"a\"; } ); "
	    "} );",
	    "3: name 'a' is taken by the room in line 2\n"
	    "4: mixer 1 is taken by the room in line 2\n"
	    "5: concord 2 is taken by the room in line 2\n"
	    "6: rooms '93b4b17c-2f9c-4a3c-8ea9-5123b9c34c4b' is taken by the room in line 2\n");
	refused("accounts = (\n{ name = \"Ann\"; number = 1; secret_file = \"$/good\"; },\n"
		"{ name = \"aNN\"; number = 2; secret_file = \"$/good\"; },\n"
		"{ name = \"bob\"; number = 1; secret_file = \"$/good\"; } );",
		"3: name 'aNN' is taken by the account in line 2\n"
		"4: number 1 is taken by the account in line 2\n");
	refused("listeners = ( { mounts = (\n{ path = \"/a\"; dialect = \"mixer\"; },\n"
		"{ path = \"/a\"; dialect = \"rooms\"; } ); } );",
		"3: path '/a' is taken by the mount in line 2\n");
	refused("listeners = (\n{ address = \"::1\"; },\n{ address = \"0:0:0:0:0:0:0:1\";\nport = "
		"7000; } );",
		"4: address 0:0:0:0:0:0:0:1 port 7000 is taken by the listener in line 2\n");
	/* The same on another listener, another port, or any free port is none. */
	conf_free(accepted("listeners = ( { }, { port = 7001; }, { port = 0; }, { port = 0; }, "
			   "{ address = \"::1\"; } );"));
	/* 0 and \"\" stand for ids made from the name. */
	conf_free(
	    accepted("rooms = ( { name = \"a\"; mixer = 0; }, { name = \"b\"; mixer = 0; } );\n"
		     "listeners = ( { mounts = ( { path = \"/\"; dialect = \"mixer\"; room = "
		     "\"a\"; } ); } );"));
}

static void values_that_exclude_each_other(void **state)
{
	(void)state;
	refused("limits = {\nidle_seconds = 25; };",
		"2: idle_seconds (25) must be more than ping_seconds (25)\n");
	refused("limits = {\nping_seconds = 40; };",
		"2: idle_seconds (35) must be more than ping_seconds (40)\n");
	refused("limits = {\nmessage_bytes = 1048577; };",
		"2: outbox_bytes (1048576) must be at least message_bytes (1048577)\n");
	refused("rooms = ( { name = \"a\";\nhistory = 4097; } );",
		"2: history is 4097, but no more than 4096 messages are remembered\n");
	conf_free(accepted("limits = { idle_seconds = 26; message_bytes = 1048576; };\n"
			   "rooms = ( { name = \"a\"; history = 4096; } );"));
}

static void wrong_syntax(void **state)
{
	(void)state;
	refused("guests = true;\nworkers = ;", "2: workers has no value\n");
	refused("\nstate = \"unfinished\n\nguests = true;\n",
		"2: unterminated text: closing '\"' is missing in this line\n");
	refused("workers = 1;\n/* guests = true;\n", "2: unterminated comment: '*/' is missing\n");
	refused("limits = {\nhosts = [ 1, \"x\" ]; };",
		"2: all items in [ ... ] must have one type: numbers, texts, or true and false\n2: "
		"unknown directive 'hosts' in limits: it belongs in a listener\n");
	refused("\n@include \"absent.cfg\"\n",
		"2: cannot include absent.cfg: No such file or directory\n");
	/* Numbers are looked at even so. */
	refused("workers = 4294967297;\nguests = ;",
		"1: the number 4294967297 needs the suffix L: 4294967297L\n"
		"2: guests has no value\n");
}

/* ---- files ---- */

/* What is longer than the text has NUL bytes at its end. */
static void truncate_file(const char *name, off_t size)
{
	assert_int_equal(truncate(in_folder(name), size), 0);
}

static void secret_files(void **state)
{
	(void)state;
	write_file("open", "secret\n", 0640);
	write_file("empty", "", 0600);
	write_file("blank", "\nsecond line\n", 0600);
	refused("accounts = ( { name = \"a\"; number = 1;\nsecret_file = \"$/absent\"; } );",
		"2: secret_file '$/absent' cannot be read: No such file or directory\n");
	refused("accounts = ( { name = \"a\"; number = 1;\nsecret_file = \"$\"; } );",
		"2: secret_file '$' cannot be read: it is a folder\n");
	refused("accounts = ( { name = \"a\"; number = 1;\nsecret_file = \"$/open\"; } );",
		"2: secret_file '$/open' is open to others than its owner: chmod 600 $/open\n");
	refused("accounts = ( { name = \"a\"; number = 1;\nsecret_file = \"$/empty\"; } );",
		"2: secret_file '$/empty' has no secret in its first line\n");
	refused("accounts = ( { name = \"a\"; number = 1;\nsecret_file = \"$/blank\"; } );",
		"2: secret_file '$/blank' has no secret in its first line\n");
	write_file("open", "secret\n", 0601);
	refused("accounts = ( { name = \"a\"; number = 1;\nsecret_file = \"$/open\"; } );",
		"2: secret_file '$/open' is open to others than its owner: chmod 600 $/open\n");
	write_file("open", "secret", 0600);
	truncate_file("open", 7);
	refused("accounts = ( { name = \"a\"; number = 1;\nsecret_file = \"$/open\"; } );",
		"2: secret_file '$/open' has a NUL byte in its first line\n");
	write_file("open", "s", 0600);
	truncate_file("open", 8001);
	refused("accounts = ( { name = \"a\"; number = 1;\nsecret_file = \"$/open\"; } );",
		"2: secret_file '$/open' has a NUL byte in its first line\n");
	write_file("open", "secret", 0400);
	conf_free(
	    accepted("accounts = ( { name = \"a\"; number = 1; secret_file = \"$/open\"; } );"));
}

#define SALTED "$c29tZXNhbHQxMjM0NTY3OA$AAAAAAAAAAAAAAAAAAAAAA"

/* An account with these lines behind its number, in which $ stands for itself. */
static void refused_account(const char *lines, const char *expected)
{
	char text[512];
	struct told told;

	snprintf(text, sizeof(text), "accounts = ( { name = \"a\"; number = 1;\n%s } );", lines);
	assert_null(told_parse(&told, text));
	assert_string_equal(told.text, expected);
}

/* By itself, and in a file. */
static void refused_hash(const char *hash, const char *fault)
{
	char lines[256], told[512];

	snprintf(lines, sizeof(lines), "secret_hash = \"%s\";", hash);
	snprintf(told, sizeof(told), "2: secret_hash %s\n", fault);
	refused_account(lines, told);
	write_file("hashed", hash, 0600);
	snprintf(told, sizeof(told), "2: the hash in secret_file '$/hashed' %s\n", fault);
	refused("accounts = ( { name = \"a\"; number = 1;\nsecret_file = \"$/hashed\"; } );", told);
}

/* What is given as a hash is not shown: it may be a secret. */
static void secret_hashes(void **state)
{
	static const char none[] = "is not an argon2id hash, as 'dragoman passwd' makes";
	static const char good[] = "$argon2id$v=19$m=64,t=1,p=1" SALTED;
	char lines[512];

	(void)state;
	refused_hash("$argon2id$v=19", none);
	refused_hash("$argon2id$v=19$m=64,t=1" SALTED, none);
	refused_hash("$argon2id$v=19$m=4194304,t=1,p=1" SALTED,
		     "takes more memory than 256 MiB for one login");
	refused_hash("$argon2id$v=19$m=262144,t=9,p=1" SALTED,
		     "takes too long: memory times passes is more than 1024 MiB");
	refused_account("secret_hash = \"\";", "2: secret_hash is empty\n");
	refused_account("secret_hash = \"sesame\";",
			"2: secret_hash is not an argon2id hash, as 'dragoman passwd' makes\n");
	snprintf(lines, sizeof(lines), "secret_hash = \"%s\"; secret_file = \"%s\";", good,
		 in_folder("good"));
	refused_account(lines, "2: secret_hash excludes secret_file: the secret is given twice\n");
	write_file("hashed", good, 0600);
	conf_free(
	    accepted("accounts = ( { name = \"a\"; number = 1; secret_file = \"$/hashed\"; } );"));
}

static void certificate_files(void **state)
{
	(void)state;
	write_file("open.key", "-----BEGIN PRIVATE KEY-----\n", 0640);
	conf_free(accepted("listeners = ( { tls_certificate = \"$/good.pem\"; tls_key = "
			   "\"$/good.key\"; } );"));
	conf_free(accepted("listeners = ( { tls_certificate = \"\"; tls_key = \"\"; } );"));
	refused("listeners = ( {\ntls_certificate = \"$/good.pem\"; } );",
		"2: tls_key is missing: tls_certificate needs it\n");
	refused("listeners = ( { tls_certificate = \"\";\ntls_key = \"$/good.key\"; } );",
		"2: tls_certificate is missing: tls_key needs it\n");
	refused("listeners = ( {\nproxy_protocol = true; } );",
		"2: trusted_proxies is missing: proxy_protocol needs it\n");
	refused("listeners = ( {\nproxy_header = \"Forwarded-For\"; } );",
		"2: unknown header 'Forwarded-For', did you mean 'X-Forwarded-For'?\n");
	conf_free(accepted("listeners = ( { proxy_protocol = true; proxy_header = \"Forwarded\"; "
			   "trusted_proxies = [ \"127.0.0.1\", \"fd00::/8\" ]; } );"));
	refused("listeners = ( { tls_certificate = \"$/absent\";\ntls_key = \"$\"; } );",
		"1: tls_certificate '$/absent' cannot be read: No such file or directory\n"
		"2: tls_key '$' cannot be read: it is a folder\n");
	refused("listeners = ( { tls_certificate = \"$/good.key\";\ntls_key = \"$/good\"; } );",
		"1: tls_certificate '$/good.key' is not a PEM file with a certificate\n2: tls_key "
		"'$/good' is not a PEM file with a private key\n");
	refused("listeners = ( { tls_certificate = \"$/good.pem\";\ntls_key = \"$/open.key\"; } );",
		"2: tls_key '$/open.key' is open to others than its owner: chmod 600 $/open.key\n");
	refused("listeners = ( { port = 1; },\n{ port = 2;\ntls_key = \"$/good.key\"; } );",
		"3: tls_certificate is missing: tls_key needs it\n");
}

static void faults_of_included_files(void **state)
{
	struct told told;
	char *expected =
	    with_folder("$/outer.cfg:1: burst is 0, out of range (1 .. 1000000)\n"
			"$/outer.cfg:3: unknown directive 'guest' in the configuration, "
			"did you mean 'guests'?\n"
			"$/inner.cfg:2: the number 4294967297 needs the suffix L: "
			"4294967297L\n"
			"$/inner.cfg:3: log_level must be a text, not a number\n");

	(void)state;
	write_file("outer.cfg", "limits = { burst = 0; };\n@include \"inner.cfg\"\nguest = true;\n",
		   0644);
	write_file("inner.cfg", "\nworkers = 4294967297;\nlog_level = 1;\n", 0644);
	assert_null(told_load(&told, in_folder("outer.cfg")));
	assert_string_equal(told.text, expected);
	free(expected);
	/* A file that includes itself ends somewhere. */
	write_file("inner.cfg", "@include \"inner.cfg\"\n", 0644);
	assert_null(told_load(&told, in_folder("inner.cfg")));
	assert_true(told.report.errors > 0);
}

static void files_that_cannot_be_read(void **state)
{
	char *expected =
	    with_folder("$/none.cfg:1: cannot read this file: No such file or directory\n");
	struct told told;
	FILE *file;

	(void)state;
	assert_null(told_load(&told, in_folder("none.cfg")));
	assert_string_equal(told.text, expected);
	assert_int_equal(told.report.errors, 1);
	free(expected);
	assert_null(told_load(&told, folder));
	assert_non_null(strstr(told.text, "it is a folder"));
	file = fopen(in_folder("nul.cfg"), "wb");
	assert_non_null(file);
	fwrite("workers = 1;\0workers = 2;", 1, 25, file);
	fclose(file);
	assert_null(told_load(&told, in_folder("nul.cfg")));
	assert_non_null(
	    strstr(told.text, "nul.cfg:1: this is not a text file: it contains a NUL byte"));
}

/* What `dragoman check` prints: all errors of a file at once, in the order of its lines. */
static void all_errors_in_one_run(void **state)
{
	static const char text[] =
	    "wokers = 2;\n"
	    "guests = \"yes\";\n"
	    "accounts = ( { name = \"ann\"; number = 0; secret_file = \"good\"; } );\n"
	    "rooms =\n"
	    "(\n"
	    "  { name = \"lobby\"; mixer = 3000000000; },\n"
	    "  { name = \"lobby\"; admins = [ \"anne\" ]; }\n"
	    ");\n"
	    "listeners =\n"
	    "(\n"
	    "  { port = 70000; mounts = ( { path = \"mixer\"; dialect = \"mixr\"; room = "
	    "\"lobbi\"; } ); }\n"
	    ");\n"
	    "limits = { json_depth = 129; };\n";
	struct conf_printer printer;
	char *printed = NULL, *expected;
	size_t size;
	FILE *stream = open_memstream(&printed, &size);

	(void)state;
	write_file("all.cfg", text, 0644);
	conf_printer_init(&printer, stream);
	assert_null(conf_load(in_folder("all.cfg"), &told_known, &printer.report));
	fclose(stream);
	assert_int_equal(printer.report.errors, 11);
	expected = with_folder(
	    "$/all.cfg:1: error: unknown directive 'wokers' in the configuration, did you mean "
	    "'workers'?\n"
	    "$/all.cfg:2: error: guests must be true or false, not a text\n"
	    "$/all.cfg:3: error: number is 0, out of range (1 .. 1073741823)\n"
	    "$/all.cfg:6: error: the number 3000000000 needs the suffix L: 3000000000L\n"
	    "$/all.cfg:7: error: unknown account 'anne', did you mean 'ann'?\n"
	    "$/all.cfg:7: error: name 'lobby' is taken by the room in line 6\n"
	    "$/all.cfg:11: error: port is 70000, out of range (0 .. 65535)\n"
	    "$/all.cfg:11: error: path 'mixer' does not begin with '/'\n"
	    "$/all.cfg:11: error: unknown dialect 'mixr', did you mean 'mixer'?\n"
	    "$/all.cfg:11: error: unknown room 'lobbi', did you mean 'lobby'?\n"
	    "$/all.cfg:13: error: json_depth is 129, out of range (4 .. 128)\n");
	assert_string_equal(printed, expected);
	free(printed);
	free(expected);
}

static void text_without_a_file_has_a_name(void **state)
{
	struct conf_printer printer;
	char *printed = NULL;
	size_t size;
	FILE *stream = open_memstream(&printed, &size);

	(void)state;
	conf_printer_init(&printer, stream);
	assert_null(conf_parse("\nworkers = 17;", &told_known, &printer.report));
	fclose(stream);
	assert_string_equal(printed,
			    "configuration:2: error: workers is 17, out of range (0 .. 16)\n");
	free(printed);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(unknown_directives),
		cmocka_unit_test(messages_can_be_shown),
		cmocka_unit_test(numbers_that_libconfig_wraps),
		cmocka_unit_test(unknown_words),
		cmocka_unit_test(shapes),
		cmocka_unit_test(missing_directives),
		cmocka_unit_test(duplicates),
		cmocka_unit_test(values_that_exclude_each_other),
		cmocka_unit_test(wrong_syntax),
		cmocka_unit_test(secret_files),
		cmocka_unit_test(secret_hashes),
		cmocka_unit_test(certificate_files),
		cmocka_unit_test(faults_of_included_files),
		cmocka_unit_test(files_that_cannot_be_read),
		cmocka_unit_test(all_errors_in_one_run),
		cmocka_unit_test(text_without_a_file_has_a_name),
	};

	return cmocka_run_group_tests(tests, folder_make, folder_remove);
}
