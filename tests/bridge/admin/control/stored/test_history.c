#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <jansson.h>

#include "bridge/durable/store.h"
#include "codecs/text/memory.h"
#include "tests/support/desk.h"

static const json_t *row_at(const struct desk *desk, size_t index)
{
	for (size_t i = 0; i < desk->count; i++) {
		const json_t *rows = json_object_get(desk->lines[i], "rows");

		if (index < json_array_size(rows))
			return json_array_get(rows, index);
		index -= json_array_size(rows);
	}
	fail_msg("no such row");
	return NULL;
}

static const char *text_of(const json_t *row, const char *name)
{
	const char *text = json_string_value(json_object_get(row, name));

	return text ? text : "";
}

static bool is(const json_t *row, const char *name)
{
	return json_is_true(json_object_get(row, name));
}

static void say(struct stage_client *client, const char *text)
{
	floor_say(client, "{\"type\":\"send_message\",\"payload_id\":1,\"message\":\"%s\"}", text);
}

/* ---- without a store ---- */

static void what_a_room_remembers_is_told(void **state)
{
	struct stage_client *ann, *cat;
	struct desk desk;
	int64_t id;
	char line[128];

	(void)state;
	desk_open(&desk, NULL);
	assert_int_equal(
	    desk_number(desk_asked(&desk, "{\"verb\":\"history\",\"room\":\"lobby\"}"), "count"),
	    0);
	ann = floor_join(&desk.floor, "ann", DIALECT_SIMPLE, NULL);
	cat = floor_join(&desk.floor, "cat", DIALECT_ROOMS, NULL);
	say(ann, "one");
	say(ann, "two");
	floor_inject(&desk.floor, "{\"kind\":\"notice\",\"text\":\"of the bridge\"}");
	floor_say(cat, "{\"type\":\"message\",\"key\":\"cat\",\"room_id\":"
		       "\"10bb1e5a-4c1f-4d5e-9b0a-7c2f3d9e6a01\",\"content\":\"three\"}");
	assert_int_equal(
	    desk_number(desk_asked(&desk, "{\"verb\":\"history\",\"room\":\"lobby\"}"), "count"),
	    3);
	assert_string_equal(text_of(row_at(&desk, 0), "text"), "one");
	assert_string_equal(text_of(row_at(&desk, 0), "author"), "ann");
	assert_int_equal(desk_number(row_at(&desk, 0), "number"), ann->number);
	assert_int_equal(strlen(text_of(row_at(&desk, 0), "time")), 20);
	assert_false(is(row_at(&desk, 0), "deleted") || is(row_at(&desk, 0), "edited"));
	assert_string_equal(text_of(row_at(&desk, 1), "text"), "two");
	/* What the dialect forbids to keep. */
	assert_string_equal(text_of(row_at(&desk, 2), "author"), "cat");
	assert_null(json_object_get(row_at(&desk, 2), "text"));
	assert_true(json_is_false(json_object_get(row_at(&desk, 2), "kept")));
	id = desk_number(row_at(&desk, 1), "id");
	snprintf(line, sizeof(line),
		 "{\"verb\":\"history\",\"room\":\"lobby\",\"before\":\"%lld\",\"count\":\"9\"}",
		 (long long)id);
	assert_int_equal(desk_number(desk_asked(&desk, line), "count"), 1);
	assert_int_equal(
	    desk_number(
		desk_asked(&desk, "{\"verb\":\"history\",\"room\":\"lobby\",\"count\":\"2\"}"),
		"count"),
	    2);
	assert_string_equal(text_of(row_at(&desk, 0), "text"), "two");
	desk_close(&desk);
}

static void changes_are_marked(void **state)
{
	struct stage_client *ann;
	char line[160];
	struct desk desk;

	(void)state;
	desk_open(&desk, NULL);
	ann = floor_join(&desk.floor, "ann", DIALECT_SIMPLE, NULL);
	say(ann, "one");
	say(ann, "two");
	desk_asked(&desk, "{\"verb\":\"history\",\"room\":\"lobby\"}");
	snprintf(line, sizeof(line), "{\"kind\":\"edit\",\"target\":%lld,\"text\":\"new\"}",
		 (long long)desk_number(row_at(&desk, 0), "id"));
	assert_int_equal(floor_inject(&desk.floor, line), REASON_NONE);
	snprintf(line, sizeof(line), "{\"kind\":\"delete\",\"target\":%lld}",
		 (long long)desk_number(row_at(&desk, 1), "id"));
	assert_int_equal(floor_inject(&desk.floor, line), REASON_NONE);
	desk_asked(&desk, "{\"verb\":\"history\",\"room\":\"lobby\"}");
	assert_string_equal(text_of(row_at(&desk, 0), "text"), "new");
	assert_true(is(row_at(&desk, 0), "edited"));
	assert_true(is(row_at(&desk, 1), "deleted"));
	assert_string_equal(text_of(row_at(&desk, 1), "author"), "ann");
	assert_null(json_object_get(row_at(&desk, 1), "text"));
	desk_close(&desk);
}

static void long_ones_come_in_parts(void **state)
{
	struct stage_client *ann;
	struct desk desk;

	(void)state;
	desk_open(&desk, "limits = { messages_per_second = 0; };"
			 "rooms = ( { name = \"lobby\"; history = 400; } );");
	ann = floor_join(&desk.floor, "ann", DIALECT_SIMPLE, NULL);
	for (int i = 0; i < 250; i++)
		say(ann, "x");
	assert_int_equal(
	    desk_number(
		desk_asked(&desk, "{\"verb\":\"history\",\"room\":\"lobby\",\"count\":\"240\"}"),
		"count"),
	    240);
	assert_int_equal(desk.count, 4);
	assert_true(desk_number(row_at(&desk, 0), "id") < desk_number(row_at(&desk, 239), "id"));
	desk_close(&desk);
}

static void wrong_ones_are_refused(void **state)
{
	char fault[REQUEST_FAULT_MAX];
	struct request request;
	struct desk desk;
	const char *line = "{\"verb\":\"history\",\"room\":\"lobby\",\"count\":\"1001\"}";

	(void)state;
	desk_open(&desk, NULL);
	desk_refused(&desk, "{\"verb\":\"history\",\"room\":\"cellar\"}", "unknown_room", 1);
	assert_false(request_read(line, strlen(line), &request, fault));
	floor_hold(&desk.floor);
	desk_begin(&desk, "{\"verb\":\"history\",\"room\":\"lobby\"}");
	desk.calls.now_ms += CALL_ACT_MS;
	calls_tick(&desk.calls);
	assert_string_equal(json_string_value(json_object_get(desk_final(&desk), "error")),
			    "no_answer");
	calls_sweep(&desk.calls);
	floor_go(&desk.floor);
	desk_settle(&desk);
	desk_close(&desk);
}

/* ---- with one ---- */

struct fake {
	struct store store;
	struct past *asked; /* not answered yet */
	char room[32];
};

static void fake_read(struct store *store, struct past *past)
{
	struct fake *fake = (struct fake *)store;

	fake->asked = past;
	snprintf(fake->room, sizeof(fake->room), "%.*s", (int)past->room.len, past->room.data);
}

static void fake_answer(struct fake *fake, const char *text)
{
	struct past *past = fake->asked;
	struct envelope event = { .kind = KIND_MESSAGE, .id = 7, .text = slice_of(text) };

	fake->asked = NULL;
	past->unknown = !text;
	if (text) {
		past->events = memory_zeroed(1, sizeof(*past->events));
		past->events[past->count++] = envelope_seal(&event);
	}
	past->done(past);
}

static void the_store_is_read(void **state)
{
	struct fake fake = { .store = { .read = fake_read } };
	struct desk desk;
	struct call *call;

	(void)state;
	desk_open(&desk, NULL);
	desk.floor.stage->bridge->store = &fake.store;
	call = desk_begin(&desk, "{\"verb\":\"history\",\"room\":\"lobby\",\"count\":\"3\"}");
	desk_settle(&desk);
	assert_int_equal(desk.count, 0);
	assert_true(fake.asked->bare && fake.asked->wanted == 3);
	assert_true(fake.asked->before == UINT64_MAX);
	/* However long it takes. */
	desk.calls.now_ms += 3600000;
	calls_tick(&desk.calls);
	assert_false(call->over);
	fake_answer(&fake, "stored");
	desk_settle(&desk);
	assert_int_equal(desk_number(json_object_get(desk_final(&desk), "result"), "count"), 1);
	/* One that was removed from the configuration. */
	desk_begin(&desk, "{\"verb\":\"history\",\"room\":\"cellar\"}");
	desk_settle(&desk);
	assert_string_equal(fake.room, "cellar");
	fake_answer(&fake, "of the cellar");
	desk_settle(&desk);
	assert_string_equal(text_of(row_at(&desk, 0), "text"), "of the cellar");
	desk_begin(&desk, "{\"verb\":\"history\",\"room\":\"cellar\"}");
	desk_settle(&desk);
	fake_answer(&fake, NULL);
	desk_settle(&desk);
	assert_string_equal(json_string_value(json_object_get(desk_final(&desk), "error")),
			    "unknown_room");
	desk_begin(&desk, "{\"verb\":\"history\",\"room\":\"lobby\"}");
	desk_settle(&desk);
	fake.asked->failed = true;
	fake_answer(&fake, NULL);
	desk_settle(&desk);
	assert_string_equal(json_string_value(json_object_get(desk_final(&desk), "error")),
			    "unreadable");
	desk.floor.stage->bridge->store = NULL;
	desk_close(&desk);
}

/* Who asked may go before the store has answered. */
static void an_answer_for_nobody_is_dropped(void **state)
{
	struct fake fake = { .store = { .read = fake_read } };
	struct desk desk;

	(void)state;
	desk_open(&desk, NULL);
	desk.floor.stage->bridge->store = &fake.store;
	call_orphan(desk_begin(&desk, "{\"verb\":\"history\",\"room\":\"cellar\"}"));
	calls_sweep(&desk.calls);
	assert_null(desk.calls.first);
	fake_answer(&fake, "late");
	desk_settle(&desk);
	assert_int_equal(desk.count, 0);
	desk.floor.stage->bridge->store = NULL;
	desk_close(&desk);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_a_room_remembers_is_told),
		cmocka_unit_test(changes_are_marked),
		cmocka_unit_test(long_ones_come_in_parts),
		cmocka_unit_test(wrong_ones_are_refused),
		cmocka_unit_test(the_store_is_read),
		cmocka_unit_test(an_answer_for_nobody_is_dropped),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
