#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "codecs/backend/wire.h"
#include "tests/codecs/backend/wire_golden.h"

/* The metas that Dragoman writes, byte by byte. */

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static const struct person people[] = {
	{ .name = { "ann", 3 },
	  .number = 7,
	  .uuid = { 0x1a, 0x2b, 0x3c, 0x4d, 0, 7, 0x4e, 0x5f, 0x80, 0x61, 0x72, 0x83, 0x94, 0xa5,
		    0xb6, 0xc7 },
	  .roles = ROLE_USER | ROLE_MOD },
	{ .name = { "bob", 3 },
	  .number = 1073741832,
	  .uuid = { 0x1a, 0x2b, 0x3c, 0x4d, 0, 8, 0x4e, 0x5f, 0x80, 0x61, 0x72, 0x83, 0x94, 0xa5,
		    0xb6, 0xc8 },
	  .roles = ROLE_USER },
};

static void assert_written(struct json_writer *w, const char *expected)
{
	if (w->len != strlen(expected) || memcmp(w->data, expected, w->len) != 0)
		fail_msg("wrote %.*s\nnot   %s", (int)w->len, w->data, expected);
	json_clear(w);
}

static void commands_and_statuses_have_names(void **state)
{
	static const char *const names[] = { "READY",   "EVENT", "ASK",       "ANSWER", "PUBLISH",
					     "CONTROL", "ACK",   "HEARTBEAT", "BYE",    "ERROR" };
	static const char *const codes[] = { "ok",          "bad_frames", "bad_version",
					     "bad_command", "bad_json",   "bad_field" };

	(void)state;
	assert_int_equal(WIRE_COMMANDS, COUNT(names));
	for (size_t i = 0; i < COUNT(names); i++)
		assert_string_equal(wire_command_name((enum wire_command)i), names[i]);
	assert_int_equal(WIRE_BAD_FIELD + 1, COUNT(codes));
	for (size_t i = 0; i < COUNT(codes); i++)
		assert_string_equal(wire_status_code((enum wire_status)i), codes[i]);
}

static void write_event(struct json_writer *w, uint64_t id, enum wire_cause cause, const char *rule,
			bool again)
{
	struct wire_event event = { id, cause, slice_of(rule), 2000, again };

	json_start(w, 0, 0);
	wire_put_event(w, &event);
}

static void events(void **state)
{
	struct json_writer w;

	(void)state;
	write_event(&w, 1, WIRE_CAUSE_ROUTE, "commands", false);
	golden_compare("dragoman-event", &w);
	write_event(&w, 9007199254740991, WIRE_CAUSE_TAP, "archive", true);
	golden_compare("dragoman-event-tap", &w);
	write_event(&w, 3, WIRE_CAUSE_PRESENCE, NULL, false);
	golden_compare("dragoman-event-presence", &w);
	write_event(&w, 1, WIRE_CAUSE_ROUTE, "a \"rule\"", true);
	assert_written(&w, "{\"id\":1,\"cause\":\"route\",\"rule\":\"a \\\"rule\\\"\","
			   "\"deadline_ms\":2000,\"again\":true}");
}

static void write_ask(struct json_writer *w, uint64_t id, const char *rule, uint64_t deadline_ms,
		      bool again, const struct wire_login *login)
{
	struct wire_ask ask = { id, slice_of(rule), deadline_ms, again, login };

	json_start(w, 0, 0);
	wire_put_ask(w, &ask);
}

static void asks(void **state)
{
	struct wire_login login = { .dialect = SLICE("mixer"),
				    .mount = SLICE("/mixer"),
				    .name = SLICE("ann"),
				    .secret = SLICE("the \"secret\""),
				    .number = 7 };
	struct wire_login empty = { .dialect = SLICE("simple"), .mount = SLICE("/simple") };
	struct json_writer w;

	(void)state;
	write_ask(&w, 4, "moderation", 2000, true, NULL);
	golden_compare("dragoman-ask", &w);
	write_ask(&w, 5, NULL, 5000, false, &login);
	golden_compare("dragoman-ask-login", &w);
	write_ask(&w, 6, NULL, 5000, false, &empty);
	golden_compare("dragoman-ask-login-empty", &w);
	write_ask(&w, 1, NULL, 0, false, NULL);
	assert_written(&w, "{\"id\":1,\"about\":\"event\",\"deadline_ms\":0}");
	/* An empty secret was given; an absent one was not. */
	empty.secret = SLICE("");
	write_ask(&w, 1, NULL, 0, false, &empty);
	assert_written(&w, "{\"id\":1,\"about\":\"login\",\"deadline_ms\":0,\"login\":{"
			   "\"dialect\":\"simple\",\"mount\":\"/simple\",\"secret\":\"\"}}");
}

static void welcome(void **state)
{
	struct wire_welcome given = { .server = SLICE("dragoman 0.1.0"),
				      .backend = SLICE("moderation"),
				      .instance = SLICE("0d6f1c1e-52a4-4c6e-9d2b-7c1f0a9be001"),
				      .heartbeat_ms = 1000,
				      .credits = 100 };
	struct json_writer w;

	(void)state;
	json_start(&w, 0, 0);
	wire_put_welcome(&w, &given);
	golden_compare("dragoman-ready", &w);
}

static void acknowledgements(void **state)
{
	struct json_writer w;

	(void)state;
	json_start(&w, 0, 0);
	wire_put_ack(&w, SLICE("\"a-17\""), 747292164317701);
	golden_compare("dragoman-ack", &w);
	json_start(&w, 0, 0);
	wire_put_ack(&w, (struct slice){ 0 }, 0);
	golden_compare("dragoman-ack-empty", &w);
	json_start(&w, 0, 0);
	wire_put_ack(&w, SLICE("1.50e2"), 0);
	assert_written(&w, "{\"id\":1.50e2}");
}

static void members(void **state)
{
	struct json_writer w;

	(void)state;
	json_start(&w, 0, 0);
	wire_put_members(&w, SLICE("18"), SLICE("lobby"), people, COUNT(people));
	golden_compare("dragoman-ack-members", &w);
	json_start(&w, 0, 0);
	wire_put_members(&w, (struct slice){ 0 }, SLICE("lobby"), NULL, 0);
	assert_written(&w, "{\"room\":\"lobby\",\"members\":[]}");
}

static void errors(void **state)
{
	struct json_writer w;

	(void)state;
	json_start(&w, 0, 0);
	wire_put_error(&w, SLICE("-1500.0"), SLICE("unknown_room"), SLICE("There is no such room"));
	golden_compare("dragoman-error", &w);
	json_start(&w, 0, 0);
	wire_put_error(&w, (struct slice){ 0 }, SLICE("bad_json"), SLICE("meta: \"\n"));
	assert_written(&w, "{\"code\":\"bad_json\",\"text\":\"meta: \\\"\\n\"}");
}

/* A heartbeat and a BYE have nothing to say. */
static void check_example(const char *name)
{
	char text[GOLDEN_BYTES_MAX];

	if (strcmp(name, "dragoman-heartbeat") == 0 || strcmp(name, "dragoman-bye") == 0)
		assert_true(slice_is(golden_read(name, text), "{}"));
	else
		golden_check(name);
}

static void every_example_is_written(void **state)
{
	(void)state;
	golden_each("dragoman-", check_example);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(commands_and_statuses_have_names),
		cmocka_unit_test(events),
		cmocka_unit_test(asks),
		cmocka_unit_test(welcome),
		cmocka_unit_test(acknowledgements),
		cmocka_unit_test(members),
		cmocka_unit_test(errors),
		cmocka_unit_test(every_example_is_written),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
