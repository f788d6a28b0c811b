#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/codecs/backend/wire_frames.h"

/* What backends send in the frames before the envelope, right and wrong. */

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static struct wire_message *read_meta(struct sent *sent, const char *command, const char *meta)
{
	struct wire_message *message =
	    send_frames(sent, command, slice_of(meta), (struct slice){ 0 });

	if (sent->status != WIRE_OK)
		fail_msg("%s %s: %s", command, meta ? meta : "", sent->why);
	return message;
}

static void assert_text(struct slice text, const char *expected)
{
	if (!slice_is(text, expected))
		fail_msg("%.*s is not %s", (int)text.len, text.data, expected);
}

/* ---- what is right ---- */

static void ready(void **state)
{
	struct sent sent;
	struct wire_message *message = read_meta(&sent, "READY", "{\"name\":\"moderation\"}");

	(void)state;
	assert_int_equal(message->command, WIRE_READY);
	assert_null(message->id.data);
	assert_text(message->name, "moderation");
	assert_int_equal(message->room_count, 0);
	assert_int_equal(message->credits, 100);
	assert_false(message->presence);
	assert_int_equal(message->unknown_keys, 0);
	assert_false(message->has_envelope);
	sent_clear(&sent);

	message = read_meta(&sent, "READY",
			    " { \"rooms\" : [ \"lobby\", \"game-*\", \"*\", \"\\u00e9\" ],"
			    "\"credits\":100000,\"presence\":true,\"name\":\"\\u0064ice\","
			    "\"id\":\"again\",\"colour\":{\"red\":1},\"n\\u0065w\":[] } ");
	assert_text(message->name, "dice");
	assert_text(message->id, "\"again\"");
	assert_int_equal(message->number, 0);
	assert_int_equal(message->room_count, 4);
	assert_text(message->rooms[0], "lobby");
	assert_text(message->rooms[1], "game-*");
	assert_text(message->rooms[2], "*");
	assert_text(message->rooms[3], "\xc3\xa9");
	assert_int_equal(message->credits, 100000);
	assert_true(message->presence);
	assert_int_equal(message->unknown_keys, 2);
	sent_clear(&sent);

	message = read_meta(&sent, "READY",
			    "{\"name\":\"a\",\"rooms\":[],\"presence\":false,"
			    "\"credits\":1}");
	assert_int_equal(message->room_count, 0);
	assert_int_equal(message->credits, 1);
	assert_false(message->presence);
	sent_clear(&sent);
}

static void answers(void **state)
{
	struct sent sent;
	struct wire_message *message =
	    read_meta(&sent, "ANSWER", "{\"id\":9007199254740991,\"verdict\":\"allow\"}");

	(void)state;
	assert_int_equal(message->command, WIRE_ANSWER);
	assert_true(message->number == 9007199254740991);
	assert_text(message->id, "9007199254740991");
	assert_int_equal(message->verdict, WIRE_ALLOW);
	assert_false(message->has_as);
	assert_null(message->text.data);
	sent_clear(&sent);

	message = read_meta(&sent, "ANSWER",
			    "{\"id\":5,\"verdict\":\"allow\",\"as\":{"
			    "\"name\":\"ann\",\"number\":2147483647,\"uuid\":3,"
			    "\"roles\":[\"user\",\"mod\",\"user\"],\"x\":1}}");
	assert_true(message->has_as);
	assert_text(message->as.name, "ann");
	assert_int_equal(message->as.number, INT32_MAX);
	assert_int_equal(message->as.roles, ROLE_USER | ROLE_MOD);
	assert_int_equal(message->unknown_keys, 1);
	sent_clear(&sent);

	message = read_meta(&sent, "ANSWER",
			    "{\"as\":{\"name\":\"b\"},\"verdict\":\"refuse\","
			    "\"text\":\"\\u004eo links\",\"id\":1}");
	assert_int_equal(message->verdict, WIRE_REFUSE);
	assert_text(message->text, "No links");
	assert_int_equal(message->as.number, 0);
	assert_int_equal(message->as.roles, 0);
	sent_clear(&sent);
}

static void controls(void **state)
{
	static const char *const names[] = { "kick",    "timeout",   "invite",     "roles",
					     "members", "subscribe", "unsubscribe" };
	struct sent sent;
	struct wire_message *message;

	(void)state;
	assert_int_equal(COUNT(names), WIRE_DEEDS);
	for (size_t i = 0; i < COUNT(names); i++) {
		char meta[256];

		snprintf(meta, sizeof(meta),
			 "{\"iq\":[],\"do\":\"%s\",\"room\":\"lobby\",\"person\":\"bob\","
			 "\"duration_ms\":9007199254740991,\"roles\":[],\"id\":0}",
			 names[i]);
		message = read_meta(&sent, "CONTROL", meta);
		assert_int_equal(message->deed, i);
		assert_text(message->room, "lobby");
		assert_text(message->person.name, "bob");
		assert_int_equal(message->person.number, 0);
		assert_true(message->duration_ms == 9007199254740991);
		assert_int_equal(message->roles, 0);
		assert_text(message->id, "0");
		assert_int_equal(message->number, 0);
		assert_int_equal(message->unknown_keys, 1);
		sent_clear(&sent);
	}
	message = read_meta(&sent, "CONTROL",
			    "{\"do\":\"kick\",\"room\":\"l\",\"person\":1,"
			    "\"permanent\":true,\"text\":\"\",\"as\":\"Guard\",\"roles\":["
			    "\"banned\",\"muted\",\"owner\"]}");
	assert_int_equal(message->person.number, 1);
	assert_null(message->person.name.data);
	assert_true(message->permanent);
	assert_text(message->speaker, "Guard");
	assert_int_equal(message->text.len, 0);
	assert_non_null(message->text.data);
	assert_int_equal(message->roles, ROLE_BANNED | ROLE_MUTED | ROLE_OWNER);
	sent_clear(&sent);
	read_meta(&sent, "CONTROL", "{\"do\":\"subscribe\"}");
	sent_clear(&sent);
	read_meta(&sent, "CONTROL", "{\"do\":\"unsubscribe\",\"permanent\":false}");
	sent_clear(&sent);
}

static void small_commands(void **state)
{
	struct sent sent;
	struct wire_message *message = read_meta(&sent, "ACK", "{\"id\":1,\"what\":null}");

	(void)state;
	assert_int_equal(message->command, WIRE_ACK);
	assert_true(message->number == 1);
	assert_int_equal(message->unknown_keys, 1);
	sent_clear(&sent);

	message = read_meta(&sent, "ERROR", "{\"id\":4,\"code\":\"broken\",\"text\":\"Sorry\"}");
	assert_int_equal(message->command, WIRE_ERROR);
	assert_true(message->number == 4);
	assert_text(message->code, "broken");
	assert_text(message->text, "Sorry");
	sent_clear(&sent);
	message = read_meta(&sent, "ERROR", "{\"id\":\"x\"}");
	assert_true(message->number == 0);
	assert_text(message->id, "\"x\"");
	sent_clear(&sent);

	/* Without meta, with an empty frame, with an empty object. */
	for (size_t i = 0; i < 3; i++) {
		static const char *const metas[] = { NULL, "", "{}" };

		message = read_meta(&sent, "HEARTBEAT", metas[i]);
		assert_int_equal(message->command, WIRE_HEARTBEAT);
		sent_clear(&sent);
		message = read_meta(&sent, "BYE", metas[i]);
		assert_int_equal(message->command, WIRE_BYE);
		sent_clear(&sent);
		read_meta(&sent, "ERROR", metas[i]);
		sent_clear(&sent);
	}
}

static void ids_are_echoed_as_they_came(void **state)
{
	static const char *const ids[] = { "0",     "-1",          "1.50e2",
					   "\"\"",  "\"\\u0041\"", "9007199254740992",
					   "\"17\"" };
	struct sent sent;

	(void)state;
	for (size_t i = 0; i < COUNT(ids); i++) {
		char meta[256];
		struct wire_message *message;

		snprintf(meta, sizeof(meta), "{\"do\":\"subscribe\",\"id\": %s }", ids[i]);
		message = read_meta(&sent, "CONTROL", meta);
		assert_text(message->id, ids[i]);
		assert_true(message->number == 0);
		sent_clear(&sent);
	}
}

/* ---- texts for people are clipped ---- */

static void long_texts_are_clipped(void **state)
{
	char meta[2048];
	struct sent sent;
	struct wire_message *message;

	(void)state;
	snprintf(meta, sizeof(meta), "{\"text\":\"%0512d\",\"code\":\"%065d\"}", 0, 0);
	message = read_meta(&sent, "ERROR", meta);
	assert_int_equal(message->text.len, WIRE_TEXT_MAX);
	assert_int_equal(message->code.len, 64);
	sent_clear(&sent);
	/* Not within a character. */
	snprintf(meta, sizeof(meta), "{\"text\":\"%0511d\xc3\xa9\"}", 0);
	message = read_meta(&sent, "ERROR", meta);
	assert_int_equal(message->text.len, 511);
	sent_clear(&sent);
}

/* ---- what is wrong ---- */

struct fault {
	const char *command, *meta, *why;
};

static void assert_faults(const struct fault *faults, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		struct sent sent;
		struct wire_message *message = send_frames(
		    &sent, faults[i].command, slice_of(faults[i].meta), (struct slice){ 0 });

		if (sent.status != WIRE_BAD_FIELD || strcmp(sent.why, faults[i].why) != 0)
			fail_msg("%s %s: %s: \"%s\", not \"%s\"", faults[i].command,
				 faults[i].meta ? faults[i].meta : "",
				 wire_status_code(sent.status), sent.why, faults[i].why);
		assert_string_equal(wire_command_name(message->command), faults[i].command);
		sent_clear(&sent);
	}
}

#define NUMBER_31 "not a whole number from 1 to 2147483647"

static void wrong_fields_of_ready(void **state)
{
	static const struct fault faults[] = {
		{ "READY", NULL, "name: missing" },
		{ "READY", "{}", "name: missing" },
		{ "READY", "{\"name\":\"\"}", "name: empty" },
		{ "READY", "{\"name\":null}", "name: not a text" },
		{ "READY", "{\"name\":[\"a\"]}", "name: not a text" },
		{ "READY", "{\"name\":7}", "name: not a text" },
		{ "READY",
		  "{\"name\":"
		  "\"0123456789012345678901234567890123456789012345678901234567890123x\"}",
		  "name: longer than 64 bytes" },
		{ "READY", "{\"rooms\":\"lobby\"}", "rooms: not a list" },
		{ "READY", "{\"rooms\":[1]}", "rooms: not a list of texts" },
		{ "READY", "{\"rooms\":[\"a\",null]}", "rooms: not a list of texts" },
		{ "READY", "{\"rooms\":[\"\"]}", "rooms: a name is empty or longer than 64 bytes" },
		{ "READY", "{\"rooms\":[\"a*b\"]}", "rooms: a * that is not at the end" },
		{ "READY", "{\"rooms\":[\"**\"]}", "rooms: a * that is not at the end" },
		{ "READY", "{\"credits\":0}", "credits: not a whole number from 1 to 100000" },
		{ "READY", "{\"credits\":100001}", "credits: not a whole number from 1 to 100000" },
		{ "READY", "{\"credits\":-1}", "credits: not a whole number from 1 to 100000" },
		{ "READY", "{\"credits\":1.5}", "credits: not a whole number from 1 to 100000" },
		{ "READY", "{\"credits\":1e2}", "credits: not a whole number from 1 to 100000" },
		{ "READY", "{\"credits\":\"10\"}", "credits: not a whole number from 1 to 100000" },
		{ "READY", "{\"credits\":99999999999999999999}",
		  "credits: not a whole number from 1 to 100000" },
		{ "READY", "{\"presence\":1}", "presence: neither true nor false" },
		{ "READY", "{\"presence\":\"true\"}", "presence: neither true nor false" },
		{ "READY", "{\"name\":\"a\",\"id\":true}", "id: neither a text nor a number" },
	};

	(void)state;
	assert_faults(faults, COUNT(faults));
}

static void wrong_fields_of_answers(void **state)
{
	static const struct fault faults[] = {
		{ "ANSWER", NULL, "id: missing" },
		{ "ANSWER", "{\"verdict\":\"allow\"}", "id: missing" },
		{ "ANSWER", "{\"id\":null}", "id: neither a text nor a number" },
		{ "ANSWER", "{\"id\":\"4\"}", "id: not the number of an ask or an event" },
		{ "ANSWER", "{\"id\":0}", "id: not the number of an ask or an event" },
		{ "ANSWER", "{\"id\":9007199254740992}",
		  "id: not the number of an ask or an event" },
		{ "ANSWER", "{\"id\":1.0}", "id: not the number of an ask or an event" },
		{ "ANSWER", "{\"id\":1}", "verdict: missing" },
		{ "ANSWER", "{\"id\":1,\"verdict\":\"maybe\"}",
		  "verdict: not one of allow, change, refuse" },
		{ "ANSWER", "{\"id\":1,\"verdict\":true}",
		  "verdict: not one of allow, change, refuse" },
		{ "ANSWER", "{\"id\":1,\"text\":[]}", "text: not a text" },
		{ "ANSWER", "{\"id\":1,\"as\":\"ann\"}", "as: not an object" },
		{ "ANSWER", "{\"id\":1,\"as\":{}}", "as.name: missing" },
		{ "ANSWER", "{\"id\":1,\"as\":{\"name\":\"\"}}", "as.name: empty" },
		{ "ANSWER", "{\"id\":1,\"as\":{\"name\":{}}}", "as.name: not a text" },
		{ "ANSWER", "{\"id\":1,\"as\":{\"number\":0}}", "as.number: " NUMBER_31 },
		{ "ANSWER", "{\"id\":1,\"as\":{\"number\":2147483648}}", "as.number: " NUMBER_31 },
		{ "ANSWER", "{\"id\":1,\"as\":{\"roles\":\"mod\"}}", "as.roles: not a list" },
		{ "ANSWER", "{\"id\":1,\"as\":{\"roles\":[7]}}", "as.roles: not a list of texts" },
		{ "ANSWER", "{\"id\":1,\"as\":{\"roles\":[\"k\\u00efng\"]}}",
		  "as.roles: \"k\\xc3\\xafng\" is not a role" },
		{ "ANSWER", "{\"id\":1,\"verdict\":\"change\"}", "envelope: missing" },
		{ "ACK", NULL, "id: missing" },
		{ "ACK", "{\"id\":\"1\"}", "id: not the number of an ask or an event" },
		{ "ERROR", "{\"id\":{}}", "id: neither a text nor a number" },
		{ "ERROR", "{\"code\":1}", "code: not a text" },
		{ "ERROR", "{\"text\":1}", "text: not a text" },
		{ "HEARTBEAT", "{\"id\":[]}", "id: neither a text nor a number" },
		{ "BYE", "{\"id\":false}", "id: neither a text nor a number" },
	};

	(void)state;
	assert_faults(faults, COUNT(faults));
}

#define LOBBY "\"room\":\"lobby\""
#define NAMES "not one of kick, timeout, invite, roles, members, subscribe, unsubscribe"

static void wrong_fields_of_requests(void **state)
{
	static const struct fault faults[] = {
		{ "PUBLISH", NULL, "room: missing" },
		{ "PUBLISH", "{\"room\":1}", "room: not a text" },
		{ "PUBLISH", "{\"room\":\"\"}", "room: empty" },
		{ "PUBLISH", "{" LOBBY "}", "envelope: missing" },
		{ "PUBLISH", "{" LOBBY ",\"as\":7}", "as: not a text" },
		{ "PUBLISH", "{" LOBBY ",\"to\":\"\"}", "to: empty" },
		{ "PUBLISH", "{" LOBBY ",\"to\":0}", "to: " NUMBER_31 },
		{ "PUBLISH", "{" LOBBY ",\"to\":null}", "to: neither a name nor a number" },
		{ "PUBLISH", "{" LOBBY ",\"to\":{}}", "to: neither a name nor a number" },
		{ "CONTROL", NULL, "do: missing" },
		{ "CONTROL", "{\"do\":\"kik\"}", "do: " NAMES },
		{ "CONTROL", "{\"do\":1}", "do: " NAMES },
		{ "CONTROL", "{\"do\":\"kick\"}", "room: missing" },
		{ "CONTROL", "{\"do\":\"kick\"," LOBBY "}", "person: missing" },
		{ "CONTROL", "{\"do\":\"timeout\",\"person\":1}", "room: missing" },
		{ "CONTROL", "{\"do\":\"timeout\"," LOBBY "}", "person: missing" },
		{ "CONTROL", "{\"do\":\"timeout\"," LOBBY ",\"person\":1}",
		  "duration_ms: missing" },
		{ "CONTROL", "{\"do\":\"invite\",\"person\":1}", "room: missing" },
		{ "CONTROL", "{\"do\":\"invite\"," LOBBY "}", "person: missing" },
		{ "CONTROL", "{\"do\":\"roles\",\"person\":1}", "room: missing" },
		{ "CONTROL", "{\"do\":\"roles\"," LOBBY "}", "person: missing" },
		{ "CONTROL", "{\"do\":\"roles\"," LOBBY ",\"person\":1}", "roles: missing" },
		{ "CONTROL", "{\"do\":\"members\"}", "room: missing" },
		{ "CONTROL", "{\"person\":true}", "person: neither a name nor a number" },
		{ "CONTROL", "{\"person\":1.5}", "person: " NUMBER_31 },
		{ "CONTROL", "{\"permanent\":\"yes\"}", "permanent: neither true nor false" },
		{ "CONTROL", "{\"duration_ms\":-1}",
		  "duration_ms: not a whole number from 0 to 9007199254740991" },
		{ "CONTROL", "{\"duration_ms\":9007199254740992}",
		  "duration_ms: not a whole number from 0 to 9007199254740991" },
		{ "CONTROL", "{\"roles\":[\"\"]}", "roles: \"\" is not a role" },
		{ "CONTROL", "{\"text\":null}", "text: not a text" },
		{ "CONTROL", "{\"as\":\"\"}", "as: empty" },
	};

	(void)state;
	assert_faults(faults, COUNT(faults));
}

static void the_id_is_known_when_another_field_is_wrong(void **state)
{
	struct sent sent;
	struct wire_message *message =
	    send_frames(&sent, "CONTROL", SLICE("{\"do\":0,\"id\":\"k1\"}"), (struct slice){ 0 });

	(void)state;
	assert_int_equal(sent.status, WIRE_BAD_FIELD);
	assert_text(message->id, "\"k1\"");
	sent_clear(&sent);
	message = send_frames(&sent, "PUBLISH", SLICE("{\"room\":\"a\",\"id\":3}"), SLICE("{"));
	assert_int_equal(sent.status, WIRE_BAD_JSON);
	assert_string_equal(sent.why, "envelope: bad syntax");
	assert_text(message->id, "3");
	sent_clear(&sent);
}

static void lists_and_ids_have_limits(void **state)
{
	char meta[2048] = "{\"name\":\"a\",\"rooms\":[\"r\"";
	size_t len;
	struct sent sent;

	(void)state;
	for (size_t i = 1; i < WIRE_ROOMS_MAX; i++)
		strcat(meta, ",\"r\"");
	len = strlen(meta);
	strcpy(meta + len, "]}");
	assert_int_equal(read_meta(&sent, "READY", meta)->room_count, WIRE_ROOMS_MAX);
	sent_clear(&sent);
	strcpy(meta + len, ",\"r\"]}");
	assert_faults(&(struct fault){ "READY", meta, "rooms: more than 64" }, 1);

	snprintf(meta, sizeof(meta), "{\"id\":\"%0254d\"}", 0);
	assert_int_equal(read_meta(&sent, "ERROR", meta)->id.len, WIRE_ID_MAX);
	sent_clear(&sent);
	snprintf(meta, sizeof(meta), "{\"id\":\"%0255d\"}", 0);
	assert_faults(&(struct fault){ "ERROR", meta, "id: longer than 256 bytes" }, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(ready),
		cmocka_unit_test(answers),
		cmocka_unit_test(controls),
		cmocka_unit_test(small_commands),
		cmocka_unit_test(ids_are_echoed_as_they_came),
		cmocka_unit_test(long_texts_are_clipped),
		cmocka_unit_test(wrong_fields_of_ready),
		cmocka_unit_test(wrong_fields_of_answers),
		cmocka_unit_test(wrong_fields_of_requests),
		cmocka_unit_test(the_id_is_known_when_another_field_is_wrong),
		cmocka_unit_test(lists_and_ids_have_limits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
