#include "tests/support/fixtures.h"
#include "tests/support/dialects.h"

#include <stdint.h>
#include <stdlib.h>

#include "codecs/text/memory.h"

#define MIXER(method, arguments)                                                                   \
	{                                                                                          \
		DIALECT_MIXER, "{\"type\":\"method\",\"method\":\"" method                         \
			       "\",\"arguments\":" arguments ",\"id\":7}"                          \
	}
#define CONCORD(text)                                                                              \
	{                                                                                          \
		DIALECT_CONCORD, text                                                              \
	}
#define ROOMS(text)                                                                                \
	{                                                                                          \
		DIALECT_ROOMS, text                                                                \
	}
#define SIMPLE(text)                                                                               \
	{                                                                                          \
		DIALECT_SIMPLE, text                                                               \
	}
#define KEY  "\"key\":\"" FIXTURE_KEY "\""
#define ROOM "\"room_id\":\"" FIXTURE_ROOM "\""

const struct fixture fixtures[] = {
	MIXER("auth", "[1,54321,\"XJ3EbJfx2lioJU0v\"]"),
	MIXER("auth", "[\"1\",\"54321\",\"XJ3EbJfx2lioJU0v\",null]"),
	MIXER("auth", "[1,null,null]"),
	MIXER("msg", "[\"Hello @ann :) see mixer.com/x\"]"),
	MIXER("msg", "[\"/me waves \\ud83d\\ude02\"]"),
	MIXER("whisper", "[\"ann\",\"psst\"]"),
	MIXER("history", "[50]"),
	MIXER("deleteMessage", "[\"6351f9e0-3bf2-41e6-a3b3-bdc62094c158\"]"),
	MIXER("clearMessages", "[]"),
	MIXER("purge", "[\"ann\"]"),
	MIXER("timeout", "[\"ann\",\"1m15s\"]"),
	MIXER("timeout", "[\"ann\",30]"),
	MIXER("vote:start", "[\"Tea?\",[\"yes\",\"no\"],30]"),
	MIXER("vote:choose", "[1]"),
	MIXER("vote", "[0]"),
	MIXER("ping", "[]"),
	MIXER("optOutEvents", "[\"UserJoin\",\"UserLeave\"]"),
	MIXER("attachEmotes", "[]"),
	MIXER("giveaway:start", "[]"),
	MIXER("cancelSkill", "[\"x\"]"),
	{ DIALECT_MIXER, "{\"id\":\"1\",\"seq\":1,\"discard\":false,\"params\":null,"
			 "\"arguments\":[\"hi\"],\"method\":\"msg\",\"type\":\"method\"}" },
	CONCORD("{\"type\":\"chat_typing\",\"channelId\":1,\"threadId\":null,"
		"\"sentAt\":123456789}"),
	CONCORD("{\"type\":\"chat_written\",\"channelId\":1,\"threadId\":null,\"sentAt\":123456789,"
		"\"content\":\"This is my message!\"}"),
	CONCORD("{\"channelId\":\"1\",\"content\":12.50,\"sentAt\":1e3,"
		"\"type\":\"chat_written\"}"),
	CONCORD("{\"type\":\"chat_reaction\",\"chatId\":1234,\"reaction\":\"\\u2714\\ufe0f\","
		"\"adding\":true}"),
	CONCORD("{\"type\":\"heartbeat\",\"timestamp\":1600000000000}"),
	ROOMS("{\"type\":\"ping\",\"time\":1571999169}"),
	ROOMS("{\"type\":\"pong\",\"time\":{\"a\":[1]}}"),
	ROOMS("{\"type\":\"message\"," KEY ",\"content\":\"hi\"," ROOM "}"),
	ROOMS("{\"type\":\"read\",\"message_id\":\"17\"}"),
	ROOMS("{\"type\":\"read\",\"message_id\":17," KEY "," ROOM "}"),
	ROOMS("{\"type\":\"invite\"," KEY ",\"user_id\":\"" FIXTURE_ROOM "\"," ROOM "}"),
	ROOMS("{\"type\":\"enter\"," KEY "," ROOM "}"),
	ROOMS("{\"type\":\"exit\"," ROOM "}"),
	SIMPLE("{\"type\":\"send_message\",\"payload_id\":\"1\",\"message\":\"hello\"}"),
	SIMPLE("{\"message\":\"a\\\"b\\u0000\\ud800\",\"payload_id\":{\"a\":[1,null]},"
	       "\"type\":\"send_message\"}"),
};

const size_t fixture_count = sizeof(fixtures) / sizeof(fixtures[0]);

void fixture_cut(const struct fixture *fixture, fixture_visit *visit, void *context)
{
	size_t len = strlen(fixture->text);

	for (size_t i = 0; i < len; i++)
		visit(context, slice_span(fixture->text, i));
}

/* ---- swapping ---- */

static const char deep[] =
    "[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]";

static const char *const others[] = {
	"null",
	"true",
	"false",
	"0",
	"-1",
	"1.5",
	"1e400",
	"9223372036854775807",
	"9223372036854775808",
	"\"\"",
	"\"x\"",
	"\"\\ud800\"",
	"\"\\u0000\"",
	"\"clear\"",
	"[]",
	"[1]",
	"{}",
	"{\"type\":\"x\"}",
	deep,
	"\"00000000-0000-0000-0000-000000000000\"",
};

struct swapping {
	const char *text;
	fixture_visit *visit;
	void *context;
};

/* Shows the text with what is from start to end replaced. */
static void show(const struct swapping *s, size_t start, size_t end, struct slice instead)
{
	size_t rest = strlen(s->text + end);
	char *text = memory_new(start + instead.len + rest);

	memcpy(text, s->text, start);
	if (instead.len)
		memcpy(text + start, instead.data, instead.len);
	memcpy(text + start + instead.len, s->text + end, rest);
	s->visit(s->context, slice_span(text, start + instead.len + rest));
	free(text);
}

static void swap_value(const struct swapping *s, size_t start, size_t end)
{
	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
		show(s, start, end, slice_of(others[i]));
}

/* A member, from its name on: left out, and twice. */
static void swap_member(const struct swapping *s, size_t start, size_t end)
{
	char *twice = memory_new(end - start + 1);

	memcpy(twice, s->text + start, end - start);
	twice[end - start] = ',';
	show(s, start, start, slice_span(twice, end - start + 1));
	free(twice);
	if (s->text[start - 1] == ',')
		start--;
	else if (s->text[end] == ',')
		end++;
	show(s, start, end, (struct slice){ NULL, 0 });
}

static size_t string_end(const char *text, size_t at)
{
	for (at++; text[at] != '"'; at++)
		if (text[at] == '\\')
			at++;
	return at + 1;
}

/* Returns where the value that begins at at ends. */
static size_t walk(const struct swapping *s, size_t at)
{
	bool object = s->text[at] == '{';
	size_t end = at;

	if (object || s->text[at] == '[') {
		end = at + 1;
		while (s->text[end] != '}' && s->text[end] != ']') {
			size_t start = end;

			if (object)
				end = string_end(s->text, end) + 1;
			end = walk(s, end);
			if (object)
				swap_member(s, start, end);
			end += s->text[end] == ',';
		}
		end++;
	} else if (s->text[at] == '"') {
		end = string_end(s->text, at);
	} else {
		end += strcspn(s->text + at, ",]}");
	}
	swap_value(s, at, end);
	return end;
}

void fixture_swap(const struct fixture *fixture, fixture_visit *visit, void *context)
{
	const struct swapping s = { fixture->text, visit, context };

	walk(&s, 0);
}

/* ---- damage ---- */

static uint32_t next_random(uint32_t *state)
{
	*state ^= *state << 13;
	*state ^= *state >> 17;
	*state ^= *state << 5;
	return *state;
}

static size_t damage_once(char *text, size_t len, size_t capacity, uint32_t *state)
{
	static const char marks[] = "\"\\{}[]:,0-.eu \xff\xc3\x80\xed";
	size_t at = next_random(state) % (len + 1);
	char mark = marks[next_random(state) % (sizeof(marks) - 1)];

	switch (next_random(state) % 4) {
	case 0:
		if (at < len)
			text[at] = (char)next_random(state);
		return len;
	case 1:
		if (at < len)
			text[at] = mark;
		return len;
	case 2:
		if (at == len)
			return len;
		memmove(text + at, text + at + 1, len - at - 1);
		return len - 1;
	default:
		if (len == capacity)
			return len;
		memmove(text + at + 1, text + at, len - at);
		text[at] = mark;
		return len + 1;
	}
}

void fixture_damage(const struct fixture *fixture, unsigned seed, unsigned count,
		    fixture_visit *visit, void *context)
{
	size_t whole = strlen(fixture->text), capacity = whole + 8;
	uint32_t state = seed * 2654435761U + 1;
	char *text = memory_new(capacity);

	for (unsigned i = 0; i < count; i++) {
		size_t len = whole;

		memcpy(text, fixture->text, whole);
		for (uint32_t n = next_random(&state) % 6 + 1; n > 0; n--)
			len = damage_once(text, len, capacity, &state);
		visit(context, slice_span(text, len));
	}
	free(text);
}
