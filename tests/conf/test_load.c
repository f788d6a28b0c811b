#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "conf/table/directives.h"
#include "tests/conf/told.h"

/* ---- defaults ---- */

static bool same_list(const struct conf_list *a, const struct conf_list *b)
{
	if (a->count != b->count)
		return false;
	for (size_t i = 0; i < a->count; i++)
		if (strcmp(a->items[i], b->items[i]) != 0)
			return false;
	return true;
}

static bool same(const struct section *section, const char *a, const char *b);

static bool same_groups(const struct directive *row, const char *a, const char *b)
{
	const char *left, *right;
	size_t count = 0;

	memcpy(&left, a + row->offset, sizeof(left));
	memcpy(&right, b + row->offset, sizeof(right));
	memcpy(&count, a + row->count_offset, sizeof(count));
	if (memcmp(&count, b + row->count_offset, sizeof(count)) != 0)
		return false;
	for (size_t n = 0; n < count; n++)
		if (!same(row->inner, left + n * row->inner->size, right + n * row->inner->size))
			return false;
	return true;
}

static bool same_field(const struct directive *row, const char *a, const char *b)
{
	const void *x = a + row->offset, *y = b + row->offset;

	switch (row->type) {
	case DIRECTIVE_YES_NO: return memcmp(x, y, sizeof(bool)) == 0;
	case DIRECTIVE_NUMBER: return memcmp(x, y, sizeof(int)) == 0;
	case DIRECTIVE_LARGE: return memcmp(x, y, sizeof(int64_t)) == 0;
	case DIRECTIVE_TEXT: return strcmp(*(char *const *)x, *(char *const *)y) == 0;
	case DIRECTIVE_TEXTS: return same_list(x, y);
	case DIRECTIVE_GROUP: return same(row->inner, x, y);
	case DIRECTIVE_GROUPS: return same_groups(row, a, b);
	}
	return false;
}

static bool same(const struct section *section, const char *a, const char *b)
{
	for (size_t i = 0; i < section->count; i++)
		if (!same_field(&section->directives[i], a, b))
			return false;
	return true;
}

static bool same_conf(const struct conf *a, const struct conf *b)
{
	return same(told_top(), (const char *)a, (const char *)b);
}

static void assert_same_conf(const struct conf *a, const struct conf *b)
{
	assert_true(same_conf(a, b));
}

static void the_sample_is_the_file_and_the_defaults(void **state)
{
	char *sample = told_sample(), *file = told_file("conf/dragoman.cfg");
	/* All defaults but one, which README's reload needs. */
	struct conf *of_sample, *of_defaults = accepted("pid_file = \"dragoman.pid\";"), *of_file,
				*in_folder = accepted("pid_file = \"conf/dragoman.pid\";");
	struct told told;

	(void)state;
	assert_non_null(file);
	assert_string_equal(sample, file);
	of_sample = accepted(sample);
	assert_same_conf(of_sample, of_defaults);
	of_file = told_load(&told, "conf/dragoman.cfg");
	assert_non_null(of_file);
	assert_same_conf(of_file, in_folder);
	assert_string_equal(of_file->file, "conf/dragoman.cfg");
	assert_null(of_defaults->file);
	conf_free(of_sample);
	conf_free(of_defaults);
	conf_free(in_folder);
	conf_free(of_file);
	free(sample);
	free(file);
}

/* What a line of the sample means when it is left out. Takes none of both. */
static bool same_without(const char *sample, const char *line, const struct conf *whole)
{
	const char *end = line + strcspn(line, "\n");
	size_t before = (size_t)(line - sample);
	char *text = calloc(strlen(sample) + 1, 1);
	struct told told;
	struct conf *conf;
	bool same = false;

	assert_non_null(text);
	memcpy(text, sample, before);
	memcpy(text + before, end, strlen(end));
	conf = told_parse(&told, text);
	if (conf)
		same = same_conf(conf, whole);
	conf_free(conf);
	free(text);
	return same;
}

/* A line of the sample that says something: a directive, or one group of several. */
static bool says_something(const char *line)
{
	const char *end = line + strcspn(line, "\n"), *at = line + strspn(line, "\t");

	if (*at == '#' || at == end)
		return false;
	return (*at == '{' && at[1] == ' ') || (memchr(at, '=', (size_t)(end - at)) && *at != '{');
}

/* Whoever believes the sample and leaves out a line that is not marked has changed nothing; what is
 * marked is so for a reason. */
static void each_line_is_the_default_or_marked(void **state)
{
	char *sample = told_sample();
	struct conf *whole = accepted(sample);
	size_t unmarked = 0, marked = 0;

	(void)state;
	for (const char *line = sample; line; line = strchr(line, '\n')) {
		bool example;
		int len;

		line += *line == '\n';
		len = (int)strcspn(line, "\n");
		if (!says_something(line))
			continue;
		example = memmem(line, (size_t)len, "# example", 9) != NULL;
		if (same_without(sample, line, whole) == example)
			fail_msg("%s: %.*s", example ? "marked" : "not marked", len, line);
		*(example ? &marked : &unmarked) += 1;
	}
	assert_true(unmarked > 30 && marked >= 11);
	conf_free(whole);
	free(sample);
}

/* The commented lines below routes, as the operator would bring them to life. */
static char *living_examples(void)
{
	char *sample = told_sample(), *text = NULL;
	size_t size, at = 0;
	FILE *stream = open_memstream(&text, &size);

	assert_non_null(stream);
	while (strncmp(sample + at, "\nroutes:\n", 9) != 0)
		assert_true(sample[at++]);
	for (; sample[at]; at++) {
		fputc(sample[at], stream);
		if (strncmp(sample + at, "\n\t# ", 4) == 0) {
			fputc('\t', stream);
			at += 3;
		}
	}
	fclose(stream);
	free(sample);
	return text;
}

static void the_examples_work(void **state)
{
	char *text = living_examples();
	struct conf *conf = accepted(text);
	const struct conf_route *route = conf->routes;

	(void)state;
	assert_int_equal(conf->route_count, 2);
	assert_string_equal(route->name, "commands");
	assert_string_equal(route->kind.items[0], "message");
	assert_string_equal(route->text, "^!");
	assert_int_equal(route->then_count, 2);
	assert_string_equal(route->then[0].tap, "feed");
	assert_string_equal(route->then[1].backend, "bot");
	assert_int_equal(route[1].kind.count, 0);
	assert_string_equal(route[1].then[1].ask, "moderation");
	assert_string_equal(route[1].then[1].on_timeout, "pass");
	assert_int_equal(conf->backend_count, 2);
	assert_string_equal(conf->backends[1].speaks_as.items[0], "bot");
	assert_int_equal(conf->tap_count, 1);
	conf_free(conf);
	free(text);
}

static void default_limits(void **state)
{
	struct conf *conf = accepted("# nothing\n");
	const struct conf_limits *limits = &conf->limits;

	(void)state;
	assert_int_equal(limits->message_bytes, 65536);
	assert_int_equal(limits->login_bytes, 4096);
	assert_int_equal(limits->json_depth, 32);
	assert_int_equal(limits->login_seconds, 10);
	assert_int_equal(limits->ping_seconds, 25);
	assert_int_equal(limits->idle_seconds, 35);
	assert_int_equal(limits->outbox_bytes, 1048576);
	assert_int_equal(limits->memory_bytes, 1073741824);
	assert_int_equal(limits->connections_per_address, 20);
	assert_int_equal(limits->connections, 16000);
	assert_int_equal(limits->messages_per_second, 10);
	assert_int_equal(limits->burst, 30);
	assert_int_equal(limits->signals_per_second, 20);
	assert_int_equal(limits->signals_burst, 120);
	assert_int_equal(limits->requests_under_way, 32);
	assert_int_equal(limits->rooms_per_connection, 128);
	assert_int_equal(limits->compress_above, 256);
	assert_int_equal(limits->http_header_bytes, 8192);
	assert_int_equal(limits->http_headers, 64);
	assert_int_equal(limits->http_body_bytes, 65536);
	assert_int_equal(limits->http_request_seconds, 30);
	assert_int_equal(limits->http_answer_seconds, 30);
	assert_int_equal(limits->http_idle_seconds, 75);
	assert_int_equal(conf->workers, 0);
	assert_true(conf->guests);
	assert_string_equal(conf->state, "");
	assert_string_equal(conf->log_level, "info");
	assert_string_equal(conf->pid_file, "");
	assert_int_equal(conf->account_count, 0);
	assert_int_equal(conf->route_count, 0);
	assert_int_equal(conf->backend_count, 0);
	assert_int_equal(conf->tap_count, 0);
	conf_free(conf);
}

static void default_listener_and_room(void **state)
{
	static const char *const mounts[][2] = { { "/mixer", "mixer" },
						 { "/concord", "concord" },
						 { "/client", "concord" },
						 { "/rooms", "rooms" },
						 { "/simple", "simple" } };
	struct conf *conf = accepted("");
	const struct conf_listener *listener = conf->listeners;
	const struct conf_room *room = conf->rooms;

	(void)state;
	assert_int_equal(conf->listener_count, 1);
	assert_string_equal(listener->address, "127.0.0.1");
	assert_int_equal(listener->port, 7000);
	assert_false(listener->compression);
	assert_int_equal(listener->mount_count, 5);
	for (size_t i = 0; i < 5; i++) {
		assert_string_equal(listener->mounts[i].path, mounts[i][0]);
		assert_string_equal(listener->mounts[i].dialect, mounts[i][1]);
		assert_string_equal(listener->mounts[i].room, "lobby");
		assert_true(listener->mounts[i].guests);
		assert_false(listener->mounts[i].strict);
	}
	assert_int_equal(conf->room_count, 1);
	assert_string_equal(room->name, "lobby");
	assert_int_equal(room->ids[TOLD_MIXER].number, 1);
	assert_int_equal(room->ids[TOLD_CONCORD].number, 1);
	assert_int_equal(strlen(room->ids[TOLD_ROOMS].text), 36);
	assert_int_equal(room->ids[TOLD_ROOMS].text[14], '4');
	assert_true(room->open);
	assert_int_equal(room->history, 100);
	assert_int_equal(room->remembered, 4096);
	conf_free(conf);
}

/* ---- values ---- */

static void values_arrive(void **state)
{
	struct conf *conf = accepted(
	    "workers = 0x4; guests = false; log_level = \"trace\"; state = \"keep\";\n"
	    "limits = { burst = 31L; messages_per_second = 0; compress_above = 0; }\n"
	    "rooms = ( { name = \"A \\\"b\\\"\"; mixer = 2147483647; concord = "
	    "9223372036854775807L;\n"
	    "  rooms = \"93B4B17C-2f9c-4a3c-8ea9-5123b9c34c4b\"; open = false;\n"
	    "  admins = [ \"ANN\" ]; members = ( \"ann\" ); banned = [ \"Eve\", \"mallory\" ];\n"
	    "  history = 5; remembered = 5; }, { name = \"ünï\"; } );\n"
	    "listeners = ( { address = \"::1\"; port = 0; origins = [ \"*\", \"null\", "
	    "\"https://a.example:8443\" ];\n"
	    "  hosts = [ \"a.example\", \"*\" ]; subprotocols = [ \"v1.chat\" ];\n"
	    "  compression = true;\n"
	    "  mounts = ( { path = \"/\"; dialect = \"simple\"; room = \"ünï\"; strict = true; "
	    "guests = true; } ); } );\n"
	    "accounts = ( { name = \"ann\"; number = 1073741823; secret_file = \"$/good\"; "
	    "roles = [ \"mod\", \"pro\" ]; } );\n");
	const struct conf_room *room = conf->rooms;
	const struct conf_listener *listener = conf->listeners;

	(void)state;
	assert_int_equal(conf->workers, 4);
	assert_false(conf->guests);
	assert_string_equal(conf->state, "keep");
	assert_int_equal(conf->limits.burst, 31);
	assert_int_equal(conf->limits.messages_per_second, 0);
	assert_int_equal(conf->limits.compress_above, 0);
	assert_string_equal(room->name, "A \"b\"");
	assert_int_equal(room->ids[TOLD_MIXER].number, INT32_MAX);
	assert_true(room->ids[TOLD_CONCORD].number == INT64_MAX);
	assert_string_equal(room->ids[TOLD_ROOMS].text, "93b4b17c-2f9c-4a3c-8ea9-5123b9c34c4b");
	assert_false(room->open);
	assert_int_equal(room->banned.count, 2);
	assert_string_equal(room->banned.items[1], "mallory");
	assert_int_equal(conf->rooms[1].ids[TOLD_MIXER].number, 0);
	assert_string_equal(conf->rooms[1].ids[TOLD_ROOMS].text, "");
	assert_int_equal(conf->rooms[1].history, 0);
	assert_int_equal(listener->port, 0);
	assert_int_equal(listener->origins.count, 3);
	assert_true(listener->compression);
	assert_string_equal(listener->hosts.items[0], "a.example");
	assert_string_equal(listener->mounts[0].room, "ünï");
	assert_true(listener->mounts[0].strict && listener->mounts[0].guests);
	assert_int_equal(conf->accounts[0].number, 1073741823);
	assert_string_equal(conf->accounts[0].roles.items[1], "pro");
	conf_free(conf);
}

static void mounts_inherit(void **state)
{
	struct conf *conf =
	    accepted("listeners = ( { mounts = ( { path = \"/a\"; dialect = \"mixer\"; }, "
		     "{ path = \"/b\"; dialect = \"rooms\"; guests = true; } ); } );\n"
		     "rooms = ( { name = \"only\"; } );\n"
		     "guests = false;\n");
	const struct conf_mount *mounts = conf->listeners[0].mounts;

	(void)state;
	assert_string_equal(mounts[0].room, "only");
	assert_false(mounts[0].guests);
	assert_string_equal(mounts[1].room, "only");
	assert_true(mounts[1].guests);
	conf_free(conf);
}

/* For every list of texts. */
static void one_text_is_a_list_of_one(void **state)
{
	struct conf *conf = accepted(
	    "listeners = ( { origins = \"*\"; hosts = \"a.example\"; subprotocols = \"v1\"; } );\n"
	    "rooms = ( { name = \"r\"; admins = \"ann\"; banned = \"Eve\"; } );\n"
	    "accounts = ( { name = \"ann\"; number = 1; secret_file = \"$/good\"; roles = "
	    "\"mod\"; } );\n");

	(void)state;
	assert_int_equal(conf->listeners[0].origins.count, 1);
	assert_string_equal(conf->listeners[0].hosts.items[0], "a.example");
	assert_string_equal(conf->listeners[0].subprotocols.items[0], "v1");
	assert_string_equal(conf->rooms[0].admins.items[0], "ann");
	assert_int_equal(conf->rooms[0].members.count, 0);
	assert_string_equal(conf->rooms[0].banned.items[0], "Eve");
	assert_string_equal(conf->accounts[0].roles.items[0], "mod");
	conf_free(conf);
	refused("rooms = ( { name = \"r\";\nadmins = \"ann\"; } );", "2: unknown account 'ann'\n");
	refused("accounts = ( { name = \"a\"; number = 1; secret_file = \"$/good\";\n"
		"roles = \"onwer\"; } );",
		"2: unknown role 'onwer', did you mean 'owner'?\n");
	refused("rooms = ( { name = \"r\";\nbanned = \"\"; } );", "2: banned is empty\n");
	refused("listeners = ( {\nhosts = 5; } );",
		"2: hosts must be a text or a list of texts such as [ \"a\", \"b\" ], not a "
		"number\n");
}

static void paths_start_at_the_folder(void **state)
{
	struct told told;
	struct conf *conf;

	(void)state;
	write_file(
	    "relative.cfg",
	    "state = \"ids\";\naccounts = ( { name = \"a\"; number = 1; secret_file = \"good\"; "
	    "} );\n@include \"more.cfg\"\n",
	    0644);
	write_file("more.cfg", "workers = 3;\n", 0644);
	conf = told_load(&told, in_folder("relative.cfg"));
	assert_string_equal(told.text, "");
	assert_non_null(conf);
	assert_string_equal(conf->state, in_folder("ids"));
	assert_string_equal(conf->accounts[0].secret_file, in_folder("good"));
	assert_string_equal(conf->file, in_folder("relative.cfg"));
	assert_int_equal(conf->workers, 3);
	conf_free(conf);
}

/* ---- whatever comes ---- */

/* Either a whole configuration, or at least one error. */
static void assert_decided(const char *text)
{
	struct told told;
	struct conf *conf = told_parse(&told, text);

	assert_int_equal(conf == NULL, told.report.errors > 0);
	if (conf) {
		assert_true(conf->listener_count > 0 && conf->room_count > 0);
		for (size_t i = 0; i < conf->listener_count; i++)
			assert_true(conf->listeners[i].mount_count > 0);
	}
	conf_free(conf);
}

static char *everything(void)
{
	return with_folder(
	    "limits:{burst=0x1F;idle_seconds=36L;}/*c*/guests=true;state=\"s\"\"t\";#e\n"
	    "listeners=({address=\"::1\";port=1;hosts=[\"a\",\"b\"];origins=(\"*\");mounts=({path="
	    "\"/a\";dialect=\"rooms\";room=\"r\";strict=true;});});\n"
	    "rooms=({name=\"r\";concord=99999999999L;admins=[\"ann\"];banned=[\"\\x41\"];});\n"
	    "accounts=({name=\"ann\";number=7;secret_file=\"$/good\";roles=[\"mod\"];});\n");
}

static char *routing(void)
{
	return with_folder(
	    "routes=({dialect=\"rooms\";room=[\"lob*\"];author=[\"#7\",\"ann\"];text=\"^!\";then=({"
	    "ask=\"b\";on_timeout=\"pass\";},{rewrite=\"name\";to=\"{name}\";},{tap=\"t\";},{room="
	    "\"{"
	    "room}\";});});backends=({name=\"b\";bind=\"tcp://*:0\";secret_key_file=\"$/key\";"
	    "client_key_files=(\"$/key\");speaks_as=\"x\";});taps=({name=\"t\";bind=\"tcp://"
	    "[::1]:7\";});listeners=({mounts=({path=\"/\";dialect=\"mixer\";auth=\"backend:b\";}"
	    ");});");
}

static void cut_anywhere(void **state)
{
	char *texts[3] = { told_sample(), everything(), routing() };

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		conf_free(accepted(texts[i]));
		for (size_t len = strlen(texts[i]); len-- > 0;) {
			texts[i][len] = '\0';
			assert_decided(texts[i]);
		}
		free(texts[i]);
	}
}

/* Takes text. */
static void change_any_byte(char *text)
{
	static const char changes[] = "\"\\{}()[]=;:,@*/#-9.LxZ \n\x80\x01";

	for (size_t at = 0; text[at]; at++) {
		char kept = text[at];

		for (const char *change = changes; *change; change++) {
			text[at] = *change;
			assert_decided(text);
		}
		text[at] = kept;
	}
	conf_free(accepted(text));
	free(text);
}

static void any_byte_changed(void **state)
{
	(void)state;
	change_any_byte(everything());
	change_any_byte(routing());
}

static void deep_and_long(void **state)
{
	char *text = calloc(70000, 1);

	(void)state;
	if (!text)
		abort();
	memcpy(text, "x = ", 4);
	memset(text + 4, '(', 60000);
	assert_decided(text);
	memset(text, '9', 60000);
	memcpy(text, "workers = ", 10);
	assert_decided(text);
	memset(text, 'x', 60000);
	assert_decided(text);
	memcpy(text, "x=\"", 3);
	assert_decided(text);
	free(text);
}

/* Dialects bring their own directives along, and their mounts. */
static void other_dialects_are_known(void **state)
{
	static const char *const mounts[] = { "/toy", NULL };
	static const struct conf_dialect dialects[] = {
		{ "toy", mounts, CONF_NAMING_TEXT, "toy", "What toys call it.", "\"#l\"", 0, false,
		  false, false },
		{ "mute", NULL, CONF_NAMING_NONE, NULL, NULL, NULL, 0, false, false, false },
	};
	static const struct conf_known known = {
		.dialects = dialects, .dialect_count = 2, .roles = told_roles, .kinds = told_kinds
	};
	struct told told = { .report = { .error = told_error } };
	struct conf *conf = conf_parse("", &known, &told.report);

	(void)state;
	assert_non_null(conf);
	assert_int_equal(conf->listeners[0].mount_count, 1);
	assert_string_equal(conf->listeners[0].mounts[0].dialect, "toy");
	assert_string_equal(conf->rooms[0].ids[0].text, "#l");
	conf_free(conf);
	conf = conf_parse("rooms = ( { name = \"a\"; toy = \"x y\"; } );", &known, &told.report);
	assert_string_equal(conf->rooms[0].ids[0].text, "x y");
	conf_free(conf);
	assert_null(conf_parse("rooms = ( { name = \"a\"; toy = \"x\"; },\n"
			       "{ name = \"b\"; toy = \"x\"; mixer = 1; } );\n"
			       "listeners = ( { mounts = ( { path = \"/\"; dialect = \"tov\";"
			       " room = \"a\"; } ); } );",
			       &known, &told.report));
	assert_string_equal(told.text, "2: unknown directive 'mixer' in a room\n"
				       "2: toy 'x' is taken by the room in line 1\n"
				       "3: unknown dialect 'tov', did you mean 'toy'?\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_sample_is_the_file_and_the_defaults),
		cmocka_unit_test(each_line_is_the_default_or_marked),
		cmocka_unit_test(the_examples_work),
		cmocka_unit_test(default_limits),
		cmocka_unit_test(default_listener_and_room),
		cmocka_unit_test(values_arrive),
		cmocka_unit_test(mounts_inherit),
		cmocka_unit_test(one_text_is_a_list_of_one),
		cmocka_unit_test(paths_start_at_the_folder),
		cmocka_unit_test(cut_anywhere),
		cmocka_unit_test(any_byte_changed),
		cmocka_unit_test(deep_and_long),
		cmocka_unit_test(other_dialects_are_known),
	};

	return cmocka_run_group_tests(tests, folder_make, folder_remove);
}
