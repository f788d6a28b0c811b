#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "codecs/model/emote.h"
#include "codecs/registry.h"
#include "routes/deliver/adapt.h"
#include "tests/support/dialects.h"

#define SMILE "\xf0\x9f\x99\x82"
#define GRIN  "\xf0\x9f\x98\x83"
#define BREAK "\xe2\x80\x8b"

static const struct codec *mixer(void)
{
	return registry_codec(DIALECT_MIXER);
}

static const struct codec *simple(void)
{
	return registry_codec(DIALECT_SIMPLE);
}

static struct envelope said(const char *dialect, const char *text)
{
	return (struct envelope){ .kind = KIND_MESSAGE,
				  .id = 5,
				  .room = SLICE("lobby"),
				  .author = { .name = SLICE("ann"), .number = 1 },
				  .text = slice_of(text),
				  .origin = { .dialect = slice_of(dialect) } };
}

/* ":) and :mappa:D" */
static const struct part typed[] = {
	{ .text = { "", 0 } },
	{ .kind = PART_EMOTE, .text = { ":)", 2 }, .x = 96 },
	{ .text = { " and ", 5 } },
	{ .kind = PART_EMOTE, .text = { ":mappa", 6 }, .x = 24, .y = 48 },
	{ .kind = PART_EMOTE, .text = { ":D", 2 }, .x = 72 },
	{ .kind = PART_LINK, .text = { "a.example", 9 }, .name = { "https://a.example", 17 } },
};

static struct envelope typed_there(void)
{
	struct envelope event = said("mixer", ":) and :mappa:Da.example");

	event.parts = typed;
	event.part_count = 6;
	return event;
}

static void assert_parts_are_the_text(const struct envelope *event)
{
	size_t at = 0;

	assert_true(event->part_count == 0 || event->parts[0].kind == PART_TEXT);
	for (size_t i = 0; i < event->part_count; i++) {
		assert_ptr_equal(event->parts[i].text.data, event->text.data + at);
		assert_true(i == 0 || event->parts[i].kind != PART_TEXT ||
			    event->parts[i - 1].kind != PART_TEXT);
		at += event->parts[i].text.len;
	}
	assert_true(event->part_count == 0 || at == event->text.len);
}

static void only_another_dialect_is_told_otherwise(void **state)
{
	struct envelope event = typed_there();

	(void)state;
	assert_true(emotes_needed(&event, SLICE("mixer"), simple()));
	assert_false(emotes_needed(&event, SLICE("mixer"), mixer()));
	/* Who types a code there means the code. */
	assert_false(emotes_needed(&event, SLICE("simple"), simple()));
	assert_false(emotes_needed(&event, SLICE("backend"), simple()));
	event = said("simple", "ha " SMILE);
	assert_true(emotes_needed(&event, SLICE("simple"), mixer()));
	assert_true(emotes_needed(&event, SLICE("backend"), mixer()));
	assert_false(emotes_needed(&event, SLICE("mixer"), mixer()));
	assert_false(emotes_needed(&event, SLICE("concord"), simple()));
	event.kind = KIND_REACTION;
	assert_false(emotes_needed(&event, SLICE("simple"), mixer()));
	event = said("simple", "ha :)");
	assert_false(emotes_needed(&event, SLICE("simple"), mixer()));
}

static void codes_become_emoji_where_there_are_some(void **state)
{
	struct envelope event = typed_there();
	struct degraded out;

	(void)state;
	emotes_event(&event, simple(), false, &out);
	assert_true(slice_is(out.event.text, SMILE " and :mappa" GRIN "a.example"));
	assert_parts_are_the_text(&out.event);
	assert_int_equal(out.event.part_count, 4);
	assert_int_equal(out.event.parts[1].kind, PART_EMOTE);
	assert_int_equal(out.event.parts[1].y, 48);
	assert_int_equal(out.event.parts[3].kind, PART_LINK);
	degrade_clear(&out);
}

/* There, and back again: nothing has changed. */
static void the_way_back_is_the_same(void **state)
{
	struct envelope event = typed_there();
	struct degraded out, back;

	(void)state;
	emotes_event(&event, simple(), false, &out);
	emotes_event(&out.event, mixer(), false, &back);
	assert_true(slice_equal(back.event.text, event.text));
	assert_parts_are_the_text(&back.event);
	assert_int_equal(back.event.part_count, event.part_count);
	for (size_t i = 0; i < event.part_count; i++) {
		assert_int_equal(back.event.parts[i].kind, typed[i].kind);
		assert_true(slice_equal(back.event.parts[i].text, typed[i].text));
		assert_int_equal(back.event.parts[i].x, typed[i].x);
		assert_int_equal(back.event.parts[i].y, typed[i].y);
	}
	degrade_clear(&back);
	degrade_clear(&out);
}

static void what_is_typed_for_a_server_stands_alone(void **state)
{
	struct envelope event = said("simple", SMILE " ha" GRIN);
	struct degraded out;

	(void)state;
	emotes_event(&event, mixer(), true, &out);
	assert_true(slice_is(out.event.text, ":) ha" GRIN));
	assert_parts_are_the_text(&out.event);
	degrade_clear(&out);
}

static void no_text_has_more_than_so_many(void **state)
{
	char text[4 * (EMOTES_MAX + 10) + 1];
	struct envelope event;
	struct degraded out;

	(void)state;
	for (size_t i = 0; i < EMOTES_MAX + 10; i++)
		memcpy(text + 4 * i, SMILE, 5);
	event = said("simple", text);
	emotes_event(&event, mixer(), false, &out);
	assert_parts_are_the_text(&out.event);
	assert_int_equal(out.event.part_count, EMOTES_MAX + 2);
	assert_int_equal(out.event.text.len, 2 * EMOTES_MAX + 4 * 10);
	degrade_clear(&out);
}

/* As live, so in a history: mass mentions, too. */
static void lists_are_told_as_what_is_said_now(void **state)
{
	const struct codec_view view = { .codec = simple() }, *views = &view;
	struct envelope plain = said("mixer", "hello"), call = said("mixer", "@all"),
			own = said("simple", "@all"), typed_event = typed_there();
	const struct envelope *events[] = { &plain, &call, &own, &typed_event };
	struct adapted_list list;

	(void)state;
	adapted_list_make(&list, events, 4, &views, true);
	assert_ptr_equal(list.events[0], &plain);
	assert_true(slice_is(list.events[1]->text, "@" BREAK "all"));
	assert_ptr_equal(list.events[2], &own);
	assert_true(slice_is(list.events[3]->text, SMILE " and :mappa" GRIN "a.example"));
	adapted_list_clear(&list);
	adapted_list_make(&list, events, 0, &views, true);
	adapted_list_clear(&list);
}

static void both_are_done_to_one_text(void **state)
{
	const struct codec_view open = { .codec = simple(), .mass_mentions = true },
				closed = { .codec = simple() }, *views[] = { &open, &closed };
	const struct part parts[] = { { .text = SLICE("@all ") },
				      { .kind = PART_EMOTE, .text = SLICE(":)") } };
	struct envelope event = said("mixer", "@all :)");
	const struct envelope *events[] = { &event, &event };
	struct adapted_list list;

	(void)state;
	event.parts = parts;
	event.part_count = 2;
	adapted_list_make(&list, events, 2, views, false);
	assert_true(slice_is(list.events[0]->text, "@all " SMILE));
	assert_true(slice_is(list.events[1]->text, "@" BREAK "all " SMILE));
	adapted_list_clear(&list);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(only_another_dialect_is_told_otherwise),
		cmocka_unit_test(codes_become_emoji_where_there_are_some),
		cmocka_unit_test(the_way_back_is_the_same),
		cmocka_unit_test(what_is_typed_for_a_server_stands_alone),
		cmocka_unit_test(no_text_has_more_than_so_many),
		cmocka_unit_test(lists_are_told_as_what_is_said_now),
		cmocka_unit_test(both_are_done_to_one_text),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
