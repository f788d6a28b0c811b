#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "conf/table/directives.h"
#include "tests/conf/table/walk.h"
#include "tests/conf/told.h"

/* The file around one line of a group, by the group's title. What is required beside the line
 * comes after it, and only when it is not what the line gives. */
static const struct {
	const char *title, *before, *after;
} wrappings[] = {
	{ "the configuration", "", "" },
	{ "limits", "limits: { ", " };" },
	{ "storage", "storage: { ", " };" },
	{ "tokens", "tokens: { ", " };" },
	{ "explain", "explain: { ", " };" },
	{ "a listener", "listeners: ( { ", " } );" },
	{ "a mount", "listeners: ( { mounts: ( { ", " } ); } );" },
	{ "a room", "rooms: ( { ", " } );" },
	{ "shows", "rooms: ( { name = \"lobby\"; shows: ( { ", " } ); } );" },
	{ "an account", "accounts: ( { ", " } );" },
	{ "a route", "routes: ( { ", " } );" },
	{ "a step", "routes: ( { then: ( { ", " } ); } );" },
	{ "a backend", "backends: ( { ", " } );" },
	{ "a tap", "taps: ( { ", " } );" },
	{ "an upstream", "upstreams: ( { ", " } );" },
	{ "an upstream's login",
	  "rooms: ( { name = \"lobby\"; }, { name = \"den\"; } );"
	  "listeners: ( { mounts: ( { path = \"/\"; dialect = \"simple\"; room = \"den\"; } ); } );"
	  "upstreams: ( { name = \"lobby\"; dialect = \"simple\"; url = \"http://a\"; room = "
	  "\"lobby\";"
	  " mode = \"session\"; credentials = \"table\"; logins: ( { ",
	  " } ); } );" },
};

/* What has to stand beside a directive so that its whole range is possible. */
static const struct {
	const char *title, *name, *beside;
} companions[] = {
	{ "limits", "ping_seconds", "idle_seconds = 86400;" },
	{ "limits", "idle_seconds", "ping_seconds = 1;" },
	{ "limits", "message_bytes", "outbox_bytes = 1073741824;" },
	{ "limits", "outbox_bytes", "message_bytes = 256;" },
	{ "a listener", "path", "kind = \"admin\";" },
	{ "a listener", "token_file", "kind = \"admin\";" },
	{ "a listener", "proxy_protocol", "trusted_proxies = \"::1\";" },
	{ "a room", "history", "remembered = 1000000;" },
	{ "an account", "name", "secret_file = \"$/good\";" },
	{ "an account", "number", "secret_file = \"$/good\";" },
	{ "an account", "roles", "secret_file = \"$/good\";" },
	{ "a step", "rewrite", "to = \"x\";" },
	{ "a step", "to", "rewrite = \"text\";" },
	{ "a step", "on_timeout", "ask = \"lobby\";" },
	{ "a step", "deadline_ms", "backend = \"lobby\";" },
	{ "a backend", "name", "bind = \"ipc://x\";" },
	{ "a backend", "bind", "connect = \"ipc://y\";" },
	{ "a backend", "connect", "bind = \"ipc://x\";" },
	{ "a backend", "speaks_as", "bind = \"ipc://x\";" },
	{ "a backend", "deadline_ms", "bind = \"ipc://x\";" },
	{ "a backend", "queue", "bind = \"ipc://x\";" },
	{ "a backend", "heartbeat_ms", "bind = \"ipc://x\";" },
	{ "a backend", "secret_key_file", "bind = \"ipc://x\"; client_key_files = \"$/key\";" },
	{ "a backend", "client_key_files", "bind = \"ipc://x\"; secret_key_file = \"$/key\";" },
	{ "a tap", "secret_key_file", "client_key_files = \"$/key\";" },
	{ "a tap", "client_key_files", "secret_key_file = \"$/key\";" },
	{ "an upstream", "logins", "mode = \"session\"; credentials = \"table\";" },
};

static bool is_key(const struct directive *row)
{
	return strstr(row->name, "_key_file") != NULL;
}

/* Half of a pair: the other half has to stand beside it. */
static const char *other_half(const struct directive *row)
{
	if (strcmp(row->name, "tls_certificate") == 0)
		return "tls_key";
	return strcmp(row->name, "tls_key") == 0 ? "tls_certificate" : NULL;
}

static const char *half_file(const char *name)
{
	return in_folder(strcmp(name, "tls_key") == 0 ? "good.key" : "good.pem");
}

/* A value that is right for each required directive and each kind of text. */
static const char *filler(const struct directive *row)
{
	static char path[sizeof(folder) + 260];

	if (strcmp(row->name, "number") == 0)
		return "7";
	if (strcmp(row->name, "then") == 0)
		return "( { room = \"{room}\"; } )";
	if (is_key(row)) {
		snprintf(path, sizeof(path), "\"%s\"", in_folder("key"));
		return path;
	}
	if (other_half(row)) {
		snprintf(path, sizeof(path), "\"%s\"", half_file(row->name));
		return path;
	}
	if (strcmp(row->name, "path") == 0 && row->shape == SHAPE_FILE) {
		snprintf(path, sizeof(path), "\"%s\"", in_folder("socket"));
		return path;
	}
	if (strcmp(row->name, "state") == 0) {
		snprintf(path, sizeof(path), "\"%s\"", folder);
		return path;
	}
	if (strcmp(row->name, "ca_file") == 0) {
		snprintf(path, sizeof(path), "\"%s\"", in_folder("good.pem"));
		return path;
	}
	switch (row->shape) {
	case SHAPE_SOCKET_PATH:
	case SHAPE_PATH: return "\"/here\"";
	case SHAPE_DIALECT: return "\"simple\"";
	case SHAPE_FILE: snprintf(path, sizeof(path), "\"%s\"", in_folder("good")); return path;
	case SHAPE_ORIGIN: return "\"http://a\"";
	case SHAPE_ROLE: return "\"mod\"";
	case SHAPE_ACCOUNT: return "\"ann\"";
	case SHAPE_NETWORK:
	case SHAPE_ADDRESS: return "\"::1\"";
	case SHAPE_BIND:
	case SHAPE_CONNECT: return "\"ipc://z\"";
	case SHAPE_AUTH: return "\"backend:lobby\"";
	case SHAPE_HASH: return "\"$argon2id$v=19$m=8,t=1,p=1$AAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAA\"";
	case SHAPE_LISTENER_KIND: return "\"chat\"";
	case SHAPE_LOGIN: return "\"account\"";
	case SHAPE_ALGORITHM: return "\"HS256\"";
	case SHAPE_PROXY_HEADER: return "\"Forwarded\"";
	case SHAPE_KIND: return "\"message\"";
	case SHAPE_SHOWN: return "\"nothing\"";
	case SHAPE_LOG_FORMAT: return "\"json\"";
	case SHAPE_ENGINE: return "\"memory\"";
	case SHAPE_DURABILITY: return "\"second\"";
	case SHAPE_SOURCE: return "\"backend\"";
	case SHAPE_UPSTREAM_URL: return "\"http://a\"";
	case SHAPE_PROXY: return "\"http://a:1\"";
	case SHAPE_MODE: return "\"relay\"";
	case SHAPE_DIRECTION: return "\"in\"";
	case SHAPE_CREDENTIALS: return "\"client\"";
	case SHAPE_REWRITE: return "\"name\"";
	case SHAPE_ON_TIMEOUT: return "\"pass\"";
	case SHAPE_UUID: return "\"93b4b17c-2f9c-4a3c-8ea9-5123b9c34c4b\"";
	default: return "\"lobby\"";
	}
}

static void print_required(FILE *stream, const struct section *section, const struct directive *but)
{
	for (size_t i = 0; i < section->count; i++) {
		const struct directive *row = &section->directives[i];

		if (row->required && row != but)
			fprintf(stream, "%s = %s; ", row->name, filler(row));
	}
}

/* All that a JWT needs, but for the directive that is tried. */
static void print_jwt(FILE *stream, const struct directive *row, const char *value)
{
	static const char *const needed[][2] = { { "jwt_algorithm", "HS256" },
						 { "jwt_issuer", "i" },
						 { "jwt_audience", "a" } };
	bool is_jwt = strncmp(row->name, "jwt_", 4) == 0;

	if (!(is_jwt && strlen(value) > 2) && !strstr(value, "\"jwt\""))
		return;
	if (is_jwt)
		fputs("logins = \"jwt\"; ", stream);
	for (size_t i = 0; i < sizeof(needed) / sizeof(needed[0]); i++)
		if (strcmp(row->name, needed[i][0]) != 0)
			fprintf(stream, "%s = \"%s\"; ", needed[i][0], needed[i][1]);
	if (strcmp(row->name, "jwt_key_file") != 0)
		fprintf(stream, "jwt_key_file = \"%s\"; ", in_folder("key"));
}

static void print_companion(FILE *stream, const struct section *section,
			    const struct directive *row, const char *value)
{
	/* No keys go with no keys. */
	bool none = is_key(row) && strlen(value) < 4;

	for (size_t i = 0; i < sizeof(companions) / sizeof(companions[0]); i++) {
		char *beside;

		if (strcmp(companions[i].title, section->title) != 0 ||
		    strcmp(companions[i].name, row->name) != 0)
			continue;
		beside = with_folder(companions[i].beside);
		if (none && strstr(beside, "bind"))
			fputs("bind = \"ipc://x\";", stream);
		else if (!none)
			fputs(beside, stream);
		free(beside);
	}
}

/* What the value may name. */
static void print_named(FILE *stream, const struct section *section, const struct directive *row,
			const char *value)
{
	bool mount = strcmp(section->title, "a mount") == 0;
	bool logins = strcmp(row->name, "logins") == 0 && !mount;

	if (row->shape == SHAPE_UPSTREAM && strstr(value, "lobby"))
		fprintf(stream,
			"upstreams = ( { name = \"lobby\"; dialect = \"mixer\"; url = \"http://a\";"
			" room = \"lobby\"; mode = \"%s\"; } );",
			mount ? "session" : "relay");
	if (row->shape == SHAPE_UPSTREAM)
		return;
	if (logins)
		fputs("rooms = ( { name = \"lobby\"; }, { name = \"den\"; } ); listeners = ( { "
		      "mounts = ( { path = \"/\"; dialect = \"mixer\"; room = \"den\"; } ); } );",
		      stream);
	if (row->shape == SHAPE_ACCOUNT)
		fprintf(stream,
			"accounts = ( { name = \"ann\"; number = 1; secret_file = \"%s\"; } );",
			in_folder("good"));
	if (row->shape == SHAPE_AUTH || row->shape == SHAPE_LOGIN ||
	    strcmp(section->title, "a step") == 0)
		fputs("backends = ( { name = \"lobby\"; bind = \"ipc://x\"; } );", stream);
}

/* A file in which one directive has a value. Returns new. */
static char *file_with(const struct section *section, const struct directive *row,
		       const char *value)
{
	char *text = NULL;
	size_t size, i = 0;
	FILE *stream = open_memstream(&text, &size);

	assert_non_null(stream);
	while (strcmp(wrappings[i].title, section->title) != 0)
		assert_true(++i < sizeof(wrappings) / sizeof(wrappings[0]));
	fprintf(stream, "%s%s = %s; ", wrappings[i].before, row->name, value);
	print_required(stream, section, row);
	print_companion(stream, section, row, value);
	print_jwt(stream, row, value);
	if (row->shape == SHAPE_LOGIN && strstr(value, "backend"))
		fputs("auth = \"backend:lobby\"; ", stream);
	if (other_half(row) && strcmp(value, "\"\"") != 0)
		fprintf(stream, "%s = \"%s\"; ", other_half(row), half_file(other_half(row)));
	fputs(wrappings[i].after, stream);
	print_named(stream, section, row, value);
	fclose(stream);
	return text;
}

static void assert_taken(const struct section *section, const struct directive *row,
			 const char *value)
{
	char *text = file_with(section, row, value);
	struct told told;
	struct conf *conf = told_parse(&told, text);

	if (!conf)
		fail_msg("%.200s: %s", text, told.text);
	conf_free(conf);
	free(text);
}

static void assert_refused(const struct section *section, const struct directive *row,
			   const char *value, const char *message)
{
	char *text = file_with(section, row, value);
	struct told told;
	struct conf *conf = told_parse(&told, text);

	if (conf)
		fail_msg("taken: %.200s", text);
	if (!strstr(told.text, message))
		fail_msg("%.200s: not '%s' but '%s'", text, message, told.text);
	free(text);
}

static bool is_number(const struct directive *row)
{
	return row->type == DIRECTIVE_NUMBER || row->type == DIRECTIVE_LARGE;
}

static void try_number(const struct section *section, const struct directive *row, int64_t value,
		       bool right)
{
	char text[32], message[160], range[DIRECTIVE_TEXT_MAX];

	snprintf(text, sizeof(text), "%" PRId64 "L", value);
	snprintf(message, sizeof(message), "1: %s is %" PRId64 ", out of range (%s)\n", row->name,
		 value, directive_range(row, range));
	if (right)
		assert_taken(section, row, text);
	else
		assert_refused(section, row, text, message);
	if (value > INT32_MAX || value < INT32_MIN)
		return;
	text[strlen(text) - 1] = '\0';
	if (right)
		assert_taken(section, row, text);
	else
		assert_refused(section, row, text, message);
}

static void check_number(const struct section *section, const struct directive *row)
{
	if (!is_number(row))
		return;
	try_number(section, row, row->min, true);
	try_number(section, row, row->max, true);
	try_number(section, row, row->min - 1, false);
	if (row->max < INT64_MAX)
		try_number(section, row, row->max + 1, false);
	assert_refused(section, row, "-1L", "-1, out of range");
	assert_refused(section, row, "3000000000", "needs the suffix L");
	assert_refused(section, row, "4294967296", "needs the suffix L");
	assert_refused(section, row, "9223372036854775808L", "is too large");
	assert_refused(section, row, "1.0", "must be a number, not a number with a fraction");
	assert_refused(section, row, "\"1\"", "must be a number, not a text");
	assert_refused(section, row, "true", "must be a number, not true or false");
	assert_refused(section, row, "[ 1 ]", "must be a number, not an array");
}

static void numbers_at_their_limits(void **state)
{
	(void)state;
	walk(told_top(), check_number);
}

/* A text of that many bytes in quotes, right for the shape where one so long can be. */
static const char *long_text(const struct directive *row, int64_t len)
{
	static char text[8192];

	assert_true((size_t)len + 3 < sizeof(text));
	memset(text, 'a', (size_t)len + 2);
	text[0] = text[len + 1] = '"';
	text[len + 2] = '\0';
	if (row->shape == SHAPE_PATH)
		text[1] = '/';
	return text;
}

static void check_text(const struct section *section, const struct directive *row)
{
	char message[160];

	if (row->type != DIRECTIVE_TEXT)
		return;
	snprintf(message, sizeof(message), "1: %s is longer than %" PRId64 " bytes\n", row->name,
		 row->max);
	assert_refused(section, row, long_text(row, row->max + 1), message);
	if (row->shape == SHAPE_NAME || row->shape == SHAPE_PATH || row->shape == SHAPE_FREE)
		assert_taken(section, row, long_text(row, row->max));
	/* Not too long for the directive, but for the system, where it is a single name, or a
	 * socket's. */
	if (row->shape == SHAPE_FILE && !row->required && !is_key(row) && !other_half(row) &&
	    strcmp(row->name, "token_file") != 0)
		assert_refused(section, row, long_text(row, row->max),
			       strcmp(row->name, "path") == 0 ? "is longer than 107 bytes\n"
							      : "File name too long\n");
	if (row->min > 0)
		assert_refused(section, row, "\"\"", "is empty\n");
	else
		assert_taken(section, row, "\"\"");
	assert_refused(section, row, "\"a\\x1b[2J\"", "holds control characters or is not UTF-8\n");
	assert_refused(section, row, "\"\\xff\"", "holds control characters or is not UTF-8\n");
	assert_refused(section, row, "5", "must be a text, not a number");
	assert_refused(section, row, "{ }", "must be a text, not a group");
	if (row->shape != SHAPE_LEVEL)
		assert_taken(section, row, filler(row));
}

static void texts_at_their_limits(void **state)
{
	(void)state;
	walk(told_top(), check_text);
}

/* What the texts of a list begin with when no two may be the same, or NULL. */
static const char *different(const struct directive *row)
{
	if (row->shape == SHAPE_BIND)
		return "ipc://z";
	return strcmp(row->name, "speaks_as") == 0 ? "n" : NULL;
}

/* Texts that differ where they have to. Returns new. */
static char *many_texts(const struct directive *row, const char *item, int64_t count)
{
	static const char *const logins[] = { "\"token\"", "\"jwt\"", "\"account\"", "\"guest\"",
					      "\"backend\"" };
	const char *start = different(row);
	char *text = NULL;
	size_t size;
	FILE *stream = open_memstream(&text, &size);

	assert_non_null(stream);
	for (int64_t i = 0; i < count; i++) {
		char differing[32];

		snprintf(differing, sizeof(differing), "\"%s%" PRId64 "\"", start ? start : "", i);
		fprintf(stream, "%s%s", i ? ", " : "[ ",
			start                                     ? differing
			: row->shape != SHAPE_LOGIN || count == 1 ? item
								  : logins[i % 5]);
	}
	fputs(" ]", stream);
	fclose(stream);
	return text;
}

static void check_items(const struct section *section, const struct directive *row)
{
	char *text, message[160];

	text = many_texts(row, long_text(row, (int64_t)row->item_max + 1), 1);
	snprintf(message, sizeof(message), "a text longer than %zu bytes", row->item_max);
	if (!different(row))
		assert_refused(section, row, text, message);
	free(text);
	assert_refused(section, row, long_text(row, (int64_t)row->item_max + 1), message);
	assert_refused(section, row, "5",
		       "must be a text or a list of texts such as [ \"a\", \"b\" ], not a number");
	assert_refused(section, row, "[ 1 ]", "must be a list of texts, not a number");
	assert_refused(section, row, "( \"\" )", "is empty\n");
	assert_refused(section, row, "\"\"", "is empty\n");
}

static void check_texts(const struct section *section, const struct directive *row)
{
	char *text, message[160], range[DIRECTIVE_TEXT_MAX];

	if (row->type != DIRECTIVE_TEXTS)
		return;
	text = many_texts(row, filler(row), row->max);
	assert_taken(section, row, text);
	free(text);
	text = many_texts(row, filler(row), row->max + 1);
	snprintf(message, sizeof(message), "%s has %" PRId64 " items, out of range (%s)\n",
		 row->name, row->max + 1, directive_range(row, range));
	assert_refused(section, row, text, message);
	free(text);
	if (row->min == 0) {
		assert_taken(section, row, "[ ]");
		assert_taken(section, row, "( )");
	} else {
		assert_refused(section, row, "[ ]", "has 0 items, out of range (");
	}
	assert_taken(section, row, filler(row));
	check_items(section, row);
}

static void lists_at_their_limits(void **state)
{
	(void)state;
	walk(told_top(), check_texts);
}

static void check_yes_no(const struct section *section, const struct directive *row)
{
	if (row->type != DIRECTIVE_YES_NO)
		return;
	assert_taken(section, row, "true");
	if (strcmp(row->name, "drop") == 0)
		assert_refused(section, row, "FALSE", "a step needs one of");
	else
		assert_taken(section, row, "FALSE");
	assert_refused(section, row, "1", "must be true or false, not a number");
	assert_refused(section, row, "\"yes\"", "must be true or false, not a text");
}

static void yes_or_no(void **state)
{
	(void)state;
	walk(told_top(), check_yes_no);
}

/* What a group of each list has to have. %d: a number of its own; $: the folder. */
static const struct {
	const char *name, *group;
} groups[] = {
	{ "listeners", "port = %d;" },
	{ "mounts", "path = \"/%d\"; dialect = \"mixer\";" },
	{ "rooms", "name = \"r%d\";" },
	{ "shows", "dialect = \"simple\"; kind = \"edit\"; as = \"text\";" },
	{ "accounts", "name = \"a%d\"; number = %d; secret_file = \"$/good\";" },
	{ "routes", "text = \"%d\"; then = ( { drop = true; } );" },
	{ "then", "refuse = \"%d\";" },
	{ "backends", "name = \"b%d\"; bind = \"ipc://%d\";" },
	{ "taps", "name = \"t%d\"; bind = \"ipc://%d\";" },
	{ "upstreams",
	  "name = \"u%d\"; dialect = \"mixer\"; url = \"http://a:%d\"; room = \"lobby\";" },
	{ "logins", "name = \"l%d\";" },
};

static void print_group(FILE *stream, const char *group, int64_t number)
{
	char *whole = with_folder(group);

	for (const char *at = whole; *at; at++)
		if (at[0] == '%' && at[1] == 'd')
			fprintf(stream, "%" PRId64, number), at++;
		else
			fputc(*at, stream);
	free(whole);
}

/* That many groups, each with a key of its own. Returns new. */
static char *many_groups(const struct directive *row, int64_t count)
{
	char *text = NULL;
	size_t size, of = 0;
	FILE *stream = open_memstream(&text, &size);

	assert_non_null(stream);
	while (strcmp(groups[of].name, row->name) != 0)
		assert_true(++of < sizeof(groups) / sizeof(groups[0]));
	fputs("( ", stream);
	for (int64_t i = 1; i <= count; i++) {
		fputs(i > 1 ? ", { " : "{ ", stream);
		print_group(stream, groups[of].group, i);
		fputs(" }", stream);
	}
	fputs(" )", stream);
	if (strcmp(row->name, "rooms") == 0)
		fputs("; listeners = ( { mounts = ( { path = \"/\"; dialect = \"mixer\"; room = "
		      "\"r1\"; } ); } )",
		      stream);
	fclose(stream);
	return text;
}

static void check_groups(const struct section *section, const struct directive *row)
{
	char *text, message[160], range[DIRECTIVE_TEXT_MAX];

	if (row->type != DIRECTIVE_GROUPS)
		return;
	text = many_groups(row, row->max);
	assert_taken(section, row, text);
	free(text);
	text = many_groups(row, row->max + 1);
	snprintf(message, sizeof(message), "%s has %" PRId64 " items, out of range (%s)\n",
		 row->name, row->max + 1, directive_range(row, range));
	assert_refused(section, row, text, message);
	free(text);
	if (row->min > 0)
		assert_refused(section, row, "( )", "has 0 items, out of range");
	else
		assert_taken(section, row, "( )");
	assert_refused(section, row, "{ }",
		       "must be a list of groups: ( { ... }, { ... } ), not a "
		       "group");
	assert_refused(section, row, "( 5 )", "must be a group { ... }, not a number");
}

static void groups_at_their_limits(void **state)
{
	(void)state;
	walk(told_top(), check_groups);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(numbers_at_their_limits), cmocka_unit_test(texts_at_their_limits),
		cmocka_unit_test(lists_at_their_limits),   cmocka_unit_test(yes_or_no),
		cmocka_unit_test(groups_at_their_limits),
	};

	return cmocka_run_group_tests(tests, folder_make, folder_remove);
}
