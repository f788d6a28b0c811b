#include "tests/support/link_torture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "codecs/text/json_read.h"
#include "codecs/text/memory.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

struct torture {
	struct link_probe *p;
	uint32_t tag; /* of an answer; 0: frames */
	void (*fresh)(struct link_probe *);
};

static void torture_one(const struct torture *torture, struct slice text)
{
	struct link_probe *p = torture->p;
	char *body;

	if (torture->fresh)
		torture->fresh(p);
	json_clear(&p->lines);
	if (!torture->tag) {
		if (link_probe_hear(p, text) != REASON_NONE)
			assert_int_equal(p->lines.len, 0);
		return;
	}
	body = memory_text(text.data, text.len);
	if (p->logged_in)
		link_probe_answered(p, NULL, torture->tag, 200, body);
	else
		(void)link_probe_answer(p, torture->tag, 200, body);
	free(body);
}

static void splice(const struct torture *torture, struct slice text, struct slice hole,
		   struct slice value)
{
	size_t before = (size_t)(hole.data - text.data), after = before + hole.len;
	char *spliced = memory_new(text.len - hole.len + value.len);

	memcpy(spliced, text.data, before);
	memcpy(spliced + before, value.data, value.len);
	memcpy(spliced + before + value.len, text.data + after, text.len - after);
	torture_one(torture, slice_span(spliced, text.len - hole.len + value.len));
	free(spliced);
}

static void swap(const struct torture *torture, struct slice text, struct slice hole)
{
	static const char *const values[] = {
		"null",
		"true",
		"false",
		"0",
		"-1",
		"-0",
		"1.9",
		"1e3",
		"1e18",
		"1e400",
		"9007199254740993",
		"9223372036854775807",
		"9223372036854775808",
		"\"\"",
		"\"123\"",
		"\"9223372036854775807\"",
		"\"abc\"",
		"\"\\u0000\"",
		"\"\\ud800\"",
		"\"\\ud83d\\ude02\"",
		"\"ffffffff-ffff-4fff-bfff-ffffffffffff\"",
		"\"0123456789012345678901234567890123456789012345678901234567890123456789\"",
		"[]",
		"[null]",
		"[[1,\"\\u0041\"],{}]",
		"[{\"id\":7},{}]",
		"{}",
		"{\"type\":{\"a\":[]}}",
		"{\"id\":\"\\u0031\",\n\"\\u0062\":2}",
		"[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]",
		"",
		"\xff",
	};

	for (size_t i = 0; i < COUNT(values); i++)
		splice(torture, text, hole, slice_of(values[i]));
}

static void torture_value(const struct torture *torture, struct slice text, struct json_value value,
			  unsigned depth)
{
	struct json_value name, item;
	size_t cursor = 0;

	if (depth == 0)
		return;
	while (json_item(value, &cursor, &item)) {
		swap(torture, text, item.source);
		torture_value(torture, text, item, depth - 1);
	}
	while (json_pair(value, &cursor, &name, &item)) {
		swap(torture, text, item.source);
		splice(torture, text, name.source, SLICE("\"\\u0007nobody knows\""));
		torture_value(torture, text, item, depth - 1);
	}
}

static void torture(const struct torture *torture, const char *fixture)
{
	struct slice text = slice_of(fixture);
	struct json_value value;

	for (size_t len = 0; len < text.len; len++)
		torture_one(torture, slice_span(text.data, len));
	assert_int_equal(json_read_value(text, JSON_DEPTH_MAX, &value), JSON_OK);
	torture_value(torture, text, value, 3);
}

void link_torture(struct link_probe *p, const char *text)
{
	const struct torture frames = { .p = p };

	torture(&frames, text);
}

void link_torture_answer(struct link_probe *p, uint32_t tag, const char *body,
			 void (*fresh)(struct link_probe *))
{
	const struct torture answers = { p, tag, fresh };

	torture(&answers, body);
}
