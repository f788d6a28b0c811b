#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/codecs/backend/wire_frames.h"
#include "tests/codecs/backend/wire_golden.h"

/* Frames that are no messages, and every example cut at every byte and with every value swapped.
 * Each frame is a block of its own length: a sanitizer sees any byte read or written too far. */

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* ---- frames ---- */

static void assert_frames(const char *const *frames, size_t count, enum wire_status status,
			  const char *why)
{
	struct sent sent = { .count = 0 };

	for (size_t i = 0; i < count; i++)
		sent_add(&sent, slice_of(frames[i]));
	sent_read(&sent);
	if (sent.status != status || strcmp(sent.why, why) != 0)
		fail_msg("%s: \"%s\", not \"%s\"", wire_status_code(sent.status), sent.why, why);
	sent_clear(&sent);
}

#define FRAMES(...)                                                                                \
	(const char *const[]){ __VA_ARGS__ }, COUNT(((const char *const[]){ __VA_ARGS__ }))

static void versions(void **state)
{
	static const char another[] = "another major version than DGM1";
	static const char other[] = "the first frame is not DGM1";

	(void)state;
	assert_frames(FRAMES("DGM1", "HEARTBEAT"), WIRE_OK, "");
	assert_frames(FRAMES("DGM2", "HEARTBEAT"), WIRE_BAD_VERSION, another);
	assert_frames(FRAMES("DGM10", "HEARTBEAT"), WIRE_BAD_VERSION, another);
	assert_frames(FRAMES("DGM2"), WIRE_BAD_VERSION, another);
	assert_frames(FRAMES("DGM2", "a", "b", "c", "d", "e"), WIRE_BAD_VERSION, another);
	assert_frames(FRAMES("DGM", "HEARTBEAT"), WIRE_BAD_VERSION, other);
	assert_frames(FRAMES("DGM1a", "HEARTBEAT"), WIRE_BAD_VERSION, other);
	assert_frames(FRAMES("dgm1", "HEARTBEAT"), WIRE_BAD_VERSION, other);
	assert_frames(FRAMES("MDPW01"), WIRE_BAD_VERSION, other);
	assert_frames(FRAMES("", "DGM1", "HEARTBEAT"), WIRE_BAD_VERSION,
		      "the first frame is empty, not DGM1: is this a DEALER socket?");
}

static void too_few_and_too_many_frames(void **state)
{
	static const char more[] = "more frames than the command has";

	(void)state;
	assert_frames(NULL, 0, WIRE_BAD_FRAMES, "no frames");
	assert_frames(FRAMES("DGM1"), WIRE_BAD_FRAMES, "no second frame, the command");
	assert_frames(FRAMES("DGM1", "HEARTBEAT", "{}", "{}"), WIRE_BAD_FRAMES, more);
	assert_frames(FRAMES("DGM1", "READY", "{\"name\":\"a\"}", "{}"), WIRE_BAD_FRAMES, more);
	assert_frames(FRAMES("DGM1", "CONTROL", "{}", ""), WIRE_BAD_FRAMES, more);
	assert_frames(FRAMES("DGM1", "ANSWER", "{}", "{}", ""), WIRE_BAD_FRAMES, more);
	assert_frames(FRAMES("DGM1", "PUBLISH", "{}", "{}", "{}"), WIRE_BAD_FRAMES, more);
	assert_frames(FRAMES("DGM1", "PUBLISH", "", "", "", "", ""), WIRE_BAD_FRAMES, more);
}

static void commands(void **state)
{
	(void)state;
	assert_frames(FRAMES("DGM1", "READY?"), WIRE_BAD_COMMAND, "no such command");
	assert_frames(FRAMES("DGM1", "ready"), WIRE_BAD_COMMAND, "no such command");
	assert_frames(FRAMES("DGM1", ""), WIRE_BAD_COMMAND, "no such command");
	assert_frames(FRAMES("DGM1", "EVENT", "{}"), WIRE_BAD_COMMAND,
		      "not a command for backends to send");
	assert_frames(FRAMES("DGM1", "ASK", "{}", "{}"), WIRE_BAD_COMMAND,
		      "not a command for backends to send");
}

static void bad_json(void **state)
{
	(void)state;
	assert_frames(FRAMES("DGM1", "BYE", "{"), WIRE_BAD_JSON, "meta: bad syntax");
	assert_frames(FRAMES("DGM1", "BYE", " "), WIRE_BAD_JSON, "meta: bad syntax");
	assert_frames(FRAMES("DGM1", "BYE", "[]"), WIRE_BAD_JSON, "meta: not an object");
	assert_frames(FRAMES("DGM1", "BYE", "null"), WIRE_BAD_JSON, "meta: not an object");
	assert_frames(FRAMES("DGM1", "BYE", "{\"a\":\"\xff\"}"), WIRE_BAD_JSON, "meta: bad UTF-8");
	assert_frames(FRAMES("DGM1", "BYE", "{\"a\":1,\"\\u0061\":2}"), WIRE_BAD_JSON,
		      "meta: a duplicate name in an object");
	assert_frames(FRAMES("DGM1", "READY", "{\"name\":\"a\",\"name\":\"a\"}"), WIRE_BAD_JSON,
		      "meta: a duplicate name in an object");
	assert_frames(FRAMES("DGM1", "PUBLISH", "{\"room\":\"a\"}", "7"), WIRE_BAD_JSON,
		      "envelope: not an object");
	assert_frames(FRAMES("DGM1", "PUBLISH", "{\"room\":\"a\"}",
			     "{\"kind\":\"clear\",\"x\":{\"y\":1,\"y\":1}}"),
		      WIRE_BAD_JSON, "envelope: a duplicate name in an object");
}

/* {"a":[[...]]}, nested so deep that the outermost object is level 1. */
static void depth(void **state)
{
	char meta[128];

	(void)state;
	for (int levels = WIRE_DEPTH_MAX - 1; levels <= WIRE_DEPTH_MAX; levels++) {
		snprintf(meta, sizeof(meta), "{\"a\":%.*s%.*s}", levels,
			 "[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[", levels,
			 "]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]");
		if (levels < WIRE_DEPTH_MAX)
			assert_frames(FRAMES("DGM1", "BYE", meta), WIRE_OK, "");
		else
			assert_frames(FRAMES("DGM1", "BYE", meta), WIRE_BAD_JSON,
				      "meta: nested too deeply");
	}
}

static char *many_keys(size_t count, const char *before, const char *after)
{
	static char text[1024];
	size_t len = (size_t)sprintf(text, "%s", before);

	for (size_t i = 0; i < count; i++)
		len += (size_t)sprintf(text + len, "%s\"k%zu\":0", i ? "," : "", i);
	strcpy(text + len, after);
	return text;
}

static void too_many_keys(void **state)
{
	(void)state;
	assert_frames(FRAMES("DGM1", "BYE", many_keys(32, "{", "}")), WIRE_OK, "");
	assert_frames(FRAMES("DGM1", "BYE", many_keys(33, "{", "}")), WIRE_BAD_JSON,
		      "meta: too many names");
	assert_frames(FRAMES("DGM1", "ANSWER", many_keys(33, "{\"id\":1,\"as\":{", "}}")),
		      WIRE_BAD_FIELD, "as: too many names");
}

/* Frame number at of that many bytes, the rest right. */
static enum wire_status read_sized(size_t at, size_t bytes)
{
	static const char *const frames[] = { "DGM1", "PUBLISH", "{\"room\":\"a\"",
					      "{\"kind\":\"clear\"" };
	struct sent sent = { .count = 0 };
	enum wire_status status;
	char *large = malloc(bytes);

	assert_non_null(large);
	memset(large, ' ', bytes);
	for (size_t i = 0; i < COUNT(frames); i++) {
		size_t len = strlen(frames[i]);

		if (i == at) {
			memcpy(large, frames[i], len);
			large[bytes - 1] = '}';
			sent_add(&sent, slice_span(large, bytes));
		} else {
			char small[64];

			snprintf(small, sizeof(small), "%s%s", frames[i], i > 1 ? "}" : "");
			sent_add(&sent, slice_of(small));
		}
	}
	status = sent_read(&sent);
	if (status == WIRE_BAD_FRAMES)
		assert_string_equal(sent.why, "a frame longer than 1048576 bytes");
	sent_clear(&sent);
	free(large);
	return status;
}

static void oversized_frames(void **state)
{
	(void)state;
	for (size_t at = 2; at < 4; at++) {
		assert_int_equal(read_sized(at, WIRE_BYTES_MAX), WIRE_OK);
		assert_int_equal(read_sized(at, WIRE_BYTES_MAX + 1), WIRE_BAD_FRAMES);
	}
	assert_int_equal(read_sized(1, WIRE_BYTES_MAX + 1), WIRE_BAD_COMMAND);
	assert_int_equal(read_sized(0, WIRE_BYTES_MAX + 1), WIRE_BAD_VERSION);
}

/* ---- examples, maimed ---- */

struct example {
	char command[16], meta[GOLDEN_BYTES_MAX], envelope[GOLDEN_BYTES_MAX];
	struct slice frames[2]; /* meta, envelope */
};

/* backend-COMMAND-more, publish-more and change-more. */
static void example_read(const char *name, struct example *example)
{
	struct slice published = SLICE("{\"id\":\"a\",\"room\":\"lobby\",\"as\":\"Dice\"}");
	struct slice answered = SLICE("{\"id\":4,\"verdict\":\"change\"}");

	memset(example, 0, sizeof(*example));
	if (strncmp(name, "backend-", 8) == 0) {
		size_t len = strcspn(name + 8, "-");

		for (size_t i = 0; i < len; i++)
			example->command[i] = (char)(name[8 + i] - 'a' + 'A');
		example->frames[0] = golden_read(name, example->meta);
		if (strstr(name, "publish"))
			example->frames[1] = golden_read("publish-message", example->envelope);
		if (strstr(name, "change"))
			example->frames[1] = golden_read("change-text", example->envelope);
	} else {
		bool publish = strncmp(name, "publish-", 8) == 0;

		strcpy(example->command, publish ? "PUBLISH" : "ANSWER");
		example->frames[0] = publish ? published : answered;
		example->frames[1] = golden_read(name, example->envelope);
	}
}

static enum wire_status example_send(const struct example *example, size_t at, struct slice frame)
{
	struct slice frames[] = { example->frames[0], example->frames[1] };
	enum wire_status status;
	struct sent sent;

	frames[at] = frame;
	send_frames(&sent, example->command, frames[0], frames[1]);
	status = sent.status;
	sent_clear(&sent);
	return status;
}

static void each_example(void (*each)(const char *name))
{
	golden_each("backend-", each);
	golden_each("publish-", each);
	golden_each("change-", each);
}

static void read_example(const char *name)
{
	struct example example;
	struct sent sent;

	example_read(name, &example);
	send_frames(&sent, example.command, example.frames[0], example.frames[1]);
	if (sent.status != WIRE_OK)
		fail_msg("%s: %s", name, sent.why);
	assert_string_equal(wire_command_name(sent.message.command), example.command);
	assert_int_equal(sent.message.unknown_keys, 0);
	sent_clear(&sent);
}

static void every_example_is_read(void **state)
{
	(void)state;
	each_example(read_example);
}

/* An object that lost its end is no JSON; one of no bytes at all is left out. */
static void cut_example(const char *name)
{
	struct example example;

	example_read(name, &example);
	for (size_t at = 0; at < 2; at++)
		for (size_t len = 0; len < example.frames[at].len; len++) {
			enum wire_status status =
			    example_send(&example, at, slice_span(example.frames[at].data, len));

			if (len ? status != WIRE_BAD_JSON
				: status != WIRE_BAD_FIELD && status != WIRE_OK)
				fail_msg("%s cut to %zu: %s", name, len, wire_status_code(status));
		}
}

static void examples_cut_at_every_byte(void **state)
{
	(void)state;
	each_example(cut_example);
}

/* Where the value at at ends, in JSON known to be right. */
static size_t value_end(struct slice json, size_t at)
{
	size_t depth = 0;

	do {
		char byte = json.data[at++];

		if (byte == '"') {
			for (; json.data[at] != '"'; at++)
				at += json.data[at] == '\\';
			at++;
		} else if (byte == '{' || byte == '[') {
			depth++;
		} else if (byte == '}' || byte == ']') {
			depth--;
		} else {
			while (!strchr(",]}:", json.data[at]))
				at++;
		}
		while (depth && strchr(",:", json.data[at]))
			at++;
	} while (depth);
	return at;
}

static size_t swapped;

/* Every value, at any level, in turn becomes one of each type. */
static void swap_example(const char *name)
{
	static const char *const values[] = { "null", "true", "-1.5e300", "\"\\ud800\"",
					      "[]",   "{}",   "[[null]]", "{\"kind\":[{}]}" };
	struct example example;
	char text[GOLDEN_BYTES_MAX + 32];

	example_read(name, &example);
	for (size_t at = 0; at < 2; at++) {
		struct slice json = example.frames[at];

		for (size_t i = 1; i < json.len; i++) {
			size_t end;

			if (!strchr(":[,", json.data[i - 1]) || strchr("]}", json.data[i]))
				continue;
			end = value_end(json, i);
			for (size_t v = 0; v < COUNT(values); v++) {
				int len =
				    snprintf(text, sizeof(text), "%.*s%s%.*s", (int)i, json.data,
					     values[v], (int)(json.len - end), json.data + end);
				enum wire_status status =
				    example_send(&example, at, slice_span(text, (size_t)len));

				/* A comma or colon within a text: anything may come of it. */
				assert_in_range(status, WIRE_OK, WIRE_BAD_FIELD);
				swapped += status == WIRE_BAD_FIELD;
			}
		}
	}
}

static void examples_with_every_type_swapped(void **state)
{
	(void)state;
	swapped = 0;
	each_example(swap_example);
	assert_true(swapped > 500);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(versions),
		cmocka_unit_test(too_few_and_too_many_frames),
		cmocka_unit_test(commands),
		cmocka_unit_test(bad_json),
		cmocka_unit_test(depth),
		cmocka_unit_test(too_many_keys),
		cmocka_unit_test(oversized_frames),
		cmocka_unit_test(every_example_is_read),
		cmocka_unit_test(examples_cut_at_every_byte),
		cmocka_unit_test(examples_with_every_type_swapped),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
