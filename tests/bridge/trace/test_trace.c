/* What is recorded of messages, and found again; first the rings alone, then behind a bridge. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "bridge/trace/find.h"
#include "bridge/trace/trace.h"
#include "codecs/form.h"
#include "tests/support/actors.h"
#include "tests/support/stage.h"

#define ALL ((struct trace_wanted){ .until_us = UINT64_MAX })

static struct envelope draft_of(const char *name, uint32_t number, const char *room)
{
	return (struct envelope){ .kind = KIND_MESSAGE,
				  .room = slice_of(room),
				  .author = { .name = slice_of(name), .number = number },
				  .text = SLICE("hello"),
				  .origin = { .dialect = SLICE("mixer"),
					      .instance = SLICE("/mixer") } };
}

static uint64_t came(struct trace *trace, const char *name, uint32_t number, const char *room)
{
	struct trace_source source = { .asker = ASKER_SESSION };
	struct envelope draft = draft_of(name, number, room);

	trace_turned(trace);
	return trace_came(trace, &source, &draft, 1000, REASON_NONE);
}

/* ---- the rings ---- */

static void nothing_is_recorded_by_none(void **unused)
{
	struct envelope draft = draft_of("ann", 7, "lobby");
	struct trace_source source = { 0 };
	struct trace_key key;

	(void)unused;
	assert_int_equal(trace_came(NULL, &source, &draft, 1, REASON_NONE), 0);
	trace_note(NULL, &draft, (struct trace_note){ .what = TRACE_UNCHANGED });
	trace_ordered(NULL, &draft);
	trace_clock(NULL);
	trace_ended(NULL, 1, 0, OUTCOME_DELIVERED, 1);
	trace_ended_one(NULL, 1, 0, OUTCOME_DROPPED_GONE, &draft.author);
	trace_flying(NULL, 1, 1);
	trace_free(NULL);
	assert_int_equal(trace_find(NULL, &ALL, &key, 1), 0);
}

static void the_newest_overwrites_the_oldest(void **unused)
{
	struct trace *trace = trace_new(3, 4, false);
	struct trace_key keys[8];
	uint64_t records[6];

	(void)unused;
	for (size_t i = 0; i < 6; i++)
		records[i] = came(trace, "ann", 7, "lobby");
	assert_int_equal(records[0] >> 48, 3);
	assert_int_equal(trace_find(trace, &ALL, keys, 8), 4);
	for (size_t i = 0; i < 6; i++) {
		struct trace_key key = { .record = records[i] };

		assert_int_equal(trace_life_of(trace, &key) != NULL, i >= 2);
	}
	trace_free(trace);
}

static void kinds_that_nobody_asks_about_are_not_recorded(void **unused)
{
	static const enum envelope_kind kinds[] = { KIND_TYPING,   KIND_READ, KIND_ENTER,
						    KIND_PRESENCE, KIND_EXIT, KIND_OPAQUE };
	struct trace *trace = trace_new(0, 4, false);
	struct trace_source source = { 0 };
	struct envelope draft = draft_of("ann", 7, "lobby");

	(void)unused;
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		draft.kind = kinds[i];
		assert_int_equal(trace_came(trace, &source, &draft, 1, REASON_NONE), 0);
	}
	assert_int_equal(trace->lives_ever, 0);
	trace_free(trace);
}

static void messages_are_found_by_who_and_where(void **unused)
{
	struct trace *trace = trace_new(0, 8, false);
	struct trace_wanted wanted = ALL;
	struct trace_key keys[8];
	uint64_t ann = came(trace, "Ann", 7, "lobby"), bob = came(trace, "bob", 8, "den");

	(void)unused;
	wanted.name = SLICE("ANN");
	assert_int_equal(trace_find(trace, &wanted, keys, 8), 1);
	assert_int_equal(keys[0].record, ann);
	wanted = ALL;
	wanted.room = SLICE("den");
	assert_int_equal(trace_find(trace, &wanted, keys, 8), 1);
	assert_int_equal(keys[0].record, bob);
	wanted = ALL;
	wanted.number = 7;
	assert_int_equal(trace_find(trace, &wanted, keys, 8), 1);
	assert_int_equal(keys[0].record, ann);
	wanted.room = SLICE("den");
	assert_int_equal(trace_find(trace, &wanted, keys, 8), 0);
	trace_free(trace);
}

/* The times are set, as nobody can wait for them. */
static void of_too_many_the_newest_or_the_oldest_are_found(void **unused)
{
	struct trace *trace = trace_new(0, 8, false);
	struct trace_wanted wanted = ALL;
	struct trace_key keys[2];

	(void)unused;
	for (uint64_t i = 0; i < 5; i++) {
		(void)came(trace, "ann", 7, "lobby");
		trace->lives[i].came_us = 100 + (i * 7) % 5;
	}
	assert_int_equal(trace_find(trace, &wanted, keys, 2), 2);
	assert_int_equal(keys[0].came_us, 104);
	assert_int_equal(keys[1].came_us, 103);
	wanted.oldest = true;
	wanted.after_us = 100;
	assert_int_equal(trace_find(trace, &wanted, keys, 2), 2);
	assert_int_equal(keys[0].came_us, 101);
	assert_int_equal(keys[1].came_us, 102);
	wanted.until_us = 101;
	assert_int_equal(trace_find(trace, &wanted, keys, 2), 1);
	trace_free(trace);
}

static void long_names_are_kept_as_far_as_there_is_room(void **unused)
{
	struct trace *trace = trace_new(0, 1, false);
	char name[NAME_BYTES_MAX + 20], room[NAME_BYTES_MAX + 20], path[TRACE_PATH_MAX + 20];
	struct trace_source source = { 0 };
	struct envelope draft = draft_of("", 7, "");
	const struct trace_life *life = &trace->lives[0];

	(void)unused;
	memset(name, 'n', sizeof(name));
	memset(room, 'r', sizeof(room));
	memset(path, 'p', sizeof(path));
	draft.author.name = slice_span(name, sizeof(name));
	draft.room = slice_span(room, sizeof(room));
	draft.origin.instance = slice_span(path, sizeof(path));
	(void)trace_came(trace, &source, &draft, 1, REASON_NONE);
	assert_true(slice_equal(trace_life_name(life), slice_span(name, NAME_BYTES_MAX)));
	assert_true(slice_equal(trace_life_room(life), slice_span(room, NAME_BYTES_MAX)));
	assert_true(slice_equal(trace_life_path(life), slice_span(path, TRACE_PATH_MAX)));
	trace_free(trace);
}

static void frames_are_kept_only_where_that_is_allowed(void **unused)
{
	struct slice frame = SLICE("{\"text\":\"secret\"}");
	struct trace *with = trace_new(0, 2, true), *without = trace_new(0, 2, false);

	(void)unused;
	trace_reads(with, frame, true);
	trace_reads(without, frame, true);
	(void)came(with, "ann", 7, "lobby");
	(void)came(without, "ann", 7, "lobby");
	trace_read(with);
	assert_int_equal(with->lives[0].body_bytes, frame.len);
	assert_memory_equal(with->lives[0].body, frame.data, frame.len);
	assert_null(without->lives[0].body);
	assert_int_equal(without->lives[0].frame_bytes, frame.len);
	(void)came(with, "ann", 7, "lobby");
	assert_null(with->lives[1].body);
	trace_reads(with, frame, false);
	(void)came(with, "ann", 7, "lobby");
	assert_null(with->lives[0].body);
	trace_free(with);
	trace_free(without);
}

static void a_long_frame_is_clipped(void **unused)
{
	struct trace *trace = trace_new(0, 1, true);
	char *frame = malloc(TRACE_BODY_MAX + 100);

	(void)unused;
	memset(frame, 'x', TRACE_BODY_MAX + 100);
	trace_reads(trace, slice_span(frame, TRACE_BODY_MAX + 100), true);
	(void)came(trace, "ann", 7, "lobby");
	assert_int_equal(trace->lives[0].body_bytes, TRACE_BODY_MAX);
	assert_int_equal(trace->lives[0].frame_bytes, TRACE_BODY_MAX + 100);
	free(frame);
	trace_free(trace);
}

/* ---- deliveries ---- */

static struct broadcast *broadcast_of(uint64_t id, const char *dialect, size_t bytes)
{
	char *text = malloc(bytes + 1);
	struct envelope event = draft_of("ann", 7, "lobby");
	struct envelope *sealed;

	memset(text, 'x', bytes);
	event.text = slice_span(text, bytes);
	event.origin.dialect = slice_of(dialect);
	event.id = id;
	sealed = envelope_seal(&event);
	free(text);
	return broadcast_new(sealed, NULL, 0, NULL);
}

static uint32_t told_of(struct trace *trace, uint64_t id, const char *dialect, size_t bytes)
{
	struct broadcast *broadcast = broadcast_of(id, dialect, bytes);
	uint32_t told = trace_spread(trace, broadcast);

	broadcast_release(broadcast);
	return told;
}

static void deliveries_are_counted_by_form_and_outcome(void **unused)
{
	struct trace *trace = trace_new(0, 4, false);
	uint32_t told = told_of(trace, 5, "mixer", 5);
	const struct trace_spread *spread;
	struct trace_key key = { .id = 5 };
	size_t at = 0;

	(void)unused;
	trace_ended(trace, told, 0, OUTCOME_DELIVERED, 3);
	trace_ended(trace, told, 4, OUTCOME_DEGRADED, 2);
	trace_ended(trace, told, 0, OUTCOME_DELIVERED, 1);
	trace_ended(trace, told, 0, OUTCOME_DELIVERED, 0);
	trace_flying(trace, told, 2);
	trace_flying(trace, told, -1);
	spread = trace_next_spread(trace, &key, &at);
	assert_int_equal(spread->row_count, 2);
	assert_int_equal(spread->rows[0].count, 4);
	assert_int_equal(spread->rows[1].count, 2);
	assert_int_equal(spread->in_flight, 1);
	assert_null(trace_next_spread(trace, &key, &at));
	trace_free(trace);
}

static void forms_that_have_no_row_are_counted_alone(void **unused)
{
	struct trace *trace = trace_new(0, 4, false);
	uint32_t told = told_of(trace, 5, "mixer", 5);

	(void)unused;
	for (uint32_t form = 0; form < TRACE_ROWS_MAX + 3; form++)
		trace_ended(trace, told, form, OUTCOME_DELIVERED, 2);
	assert_int_equal(trace->spreads[told % 4].row_count, TRACE_ROWS_MAX);
	assert_int_equal(trace->spreads[told % 4].others, 6);
	trace_free(trace);
}

static void who_was_not_sent_it_is_listed_up_to_a_bound(void **unused)
{
	struct trace *trace = trace_new(0, 10, false);
	uint32_t told = told_of(trace, 5, "mixer", 5);
	struct person bob = { .name = SLICE("bob"), .number = 8 };
	const struct trace_missed *missed;
	size_t at = 0, count = 0;

	(void)unused;
	trace_ended_one(trace, told, 0, OUTCOME_DELIVERED, &bob);
	for (size_t i = 0; i < TRACE_MISSED_MOST + 5; i++)
		trace_ended_one(trace, told, 0, OUTCOME_DROPPED_CUT, &bob);
	while ((missed = trace_next_missed(trace, told, &at))) {
		assert_int_equal(missed->number, 8);
		assert_int_equal(missed->outcome, OUTCOME_DROPPED_CUT);
		assert_true(slice_is(slice_span(missed->name, missed->name_len), "bob"));
		count++;
	}
	assert_int_equal(count, TRACE_MISSED_MOST);
	assert_int_equal(trace->spreads[told % 10].missed, TRACE_MISSED_MOST + 5);
	trace_free(trace);
}

/* What is over must not be counted for what is in its place. */
static void what_was_overwritten_is_not_counted(void **unused)
{
	struct trace *trace = trace_new(0, 2, false);
	uint32_t first = told_of(trace, 1, "mixer", 5);

	(void)unused;
	(void)told_of(trace, 2, "mixer", 5);
	(void)told_of(trace, 3, "mixer", 5);
	trace_ended(trace, first, 0, OUTCOME_DELIVERED, 1);
	trace_flying(trace, first, 1);
	for (size_t i = 0; i < 2; i++) {
		assert_int_equal(trace->spreads[i].row_count, 0);
		assert_int_equal(trace->spreads[i].in_flight, 0);
	}
	trace_free(trace);
}

static void numbers_of_spreads_wrap_without_zero(void **unused)
{
	struct trace *trace = trace_new(0, 2, true);

	(void)unused;
	trace->spreads_ever = UINT32_MAX - 1;
	assert_int_equal(told_of(trace, 1, "mixer", 5), UINT32_MAX);
	assert_int_equal(told_of(trace, 2, "mixer", 5), 1);
	trace_free(trace);
}

static size_t held(const struct trace *trace)
{
	size_t count = 0;

	for (size_t i = 0; i < trace->messages; i++)
		count += trace->spreads[i].broadcast != NULL;
	return count;
}

static void frames_that_are_kept_are_bounded_by_bytes(void **unused)
{
	struct trace *trace = trace_new(0, 4, true);

	(void)unused;
	for (uint64_t id = 1; id <= 40; id++) {
		(void)told_of(trace, id, "mixer", TRACE_HELD_EACH);
		assert_true(trace->held_bytes <= 4 * TRACE_HELD_EACH);
	}
	assert_int_equal(held(trace), 3);
	(void)told_of(trace, 41, "mixer", 5 * TRACE_HELD_EACH);
	assert_true(trace->held_bytes <= 4 * TRACE_HELD_EACH);
	for (uint64_t id = 50; id < 54; id++)
		(void)told_of(trace, id, "mixer", 5);
	assert_int_equal(held(trace), 4);
	trace_free(trace);
}

static void what_a_dialect_forbids_to_keep_is_not_held(void **unused)
{
	struct trace *trace = trace_new(0, 4, true);

	(void)unused;
	(void)told_of(trace, 1, "rooms", 5);
	assert_int_equal(held(trace), 0);
	(void)told_of(trace, 2, "backend", 5);
	assert_int_equal(held(trace), 1);
	trace_free(trace);
}

static void a_message_is_found_by_its_id(void **unused)
{
	struct trace *trace = trace_new(0, 4, false);
	struct trace_wanted wanted = { .id = 77, .until_us = UINT64_MAX };
	struct envelope event = draft_of("ann", 7, "lobby");
	struct trace_key key = { 0 };
	size_t at = 0;

	(void)unused;
	assert_int_equal(trace_find(trace, &wanted, &key, 1), 0);
	event.id = 77;
	event.origin.record = came(trace, "ann", 7, "lobby");
	trace_ordered(trace, &event);
	assert_int_equal(trace_find(trace, &wanted, &key, 1), 1);
	assert_int_equal(key.record, event.origin.record);
	assert_non_null(trace_next_order(trace, &key, &at));
	assert_true(slice_is(trace_order_room(&trace->orders[0]), "lobby"));
	event.target = 77;
	event.id = 78;
	event.kind = KIND_EDIT;
	trace_ordered(trace, &event);
	at = 0;
	assert_int_equal(trace_next_about(trace, 77, &at)->id, 78);
	trace_free(trace);
}

static void it_is_known_what_was_overwritten(void **unused)
{
	struct trace *trace = trace_new(0, 2, false);
	struct envelope event = draft_of("ann", 7, "lobby");

	(void)unused;
	event.origin.record = 1;
	assert_int_equal(trace_whole_since_us(trace), 0);
	for (size_t i = 0; i < 2 * TRACE_NOTES_EACH; i++)
		trace_note(trace, &event, (struct trace_note){ .what = TRACE_UNCHANGED });
	assert_int_equal(trace_whole_since_us(trace), 0);
	trace_note(trace, &event, (struct trace_note){ .what = TRACE_UNCHANGED });
	assert_true(trace_whole_since_us(trace) > 0);
	trace_free(trace);
}

/* The manual says 1.4 KB for each message, and 14 KB with bodies. */
static void its_memory_is_bounded_as_it_says(void **unused)
{
	struct trace *without = trace_new(0, 100, false), *with = trace_new(0, 100, true);
	char frame[2 * TRACE_BODY_MAX];

	(void)unused;
	assert_true(trace_bytes(without) > sizeof(*without));
	assert_true(trace_bytes(without) <= 100 * 1400 + sizeof(*without));
	memset(frame, 'x', sizeof(frame));
	for (uint64_t id = 1; id <= 300; id++) {
		trace_reads(with, slice_span(frame, sizeof(frame)), true);
		(void)came(with, "ann", 7, "lobby");
		(void)told_of(with, id, "mixer", id * 100);
	}
	assert_true(trace_bytes(with) > 100 * TRACE_BODY_MAX);
	assert_true(trace_bytes(with) <= 100 * 14000 + sizeof(*with));
	assert_int_equal(trace_bytes(NULL), 0);
	trace_free(without);
	trace_free(with);
}

/* ---- behind a bridge ---- */

#define CONFIG                                                                                     \
	"rooms = ( { name = \"lobby\"; mixer = 1; concord = 1;"                                    \
	" rooms = \"00000000-0000-4000-8000-000000000001\"; } );"                                  \
	"listeners = ( { port = 0; mounts = ("                                                     \
	" { path = \"/mixer\"; dialect = \"mixer\"; room = \"lobby\"; },"                          \
	" { path = \"/concord\"; dialect = \"concord\"; room = \"lobby\"; },"                      \
	" { path = \"/rooms\"; dialect = \"rooms\"; room = \"lobby\"; },"                          \
	" { path = \"/simple\"; dialect = \"simple\"; room = \"lobby\"; } ); } );"                 \
	"routes = ( { name = \"no\"; text = \"^bad\"; then = ( { refuse = \"no\"; } ); } );"

static const struct trace_life *newest(const struct stage *stage, struct trace_key *key)
{
	const struct trace_life *life = NULL;

	for (unsigned w = 0; w < stage->bridge->worker_count; w++)
		if (trace_find(stage->bridge->workers[w]->trace, &ALL, key, 1)) {
			life = trace_life_of(stage->bridge->workers[w]->trace, key);
			break;
		}
	return life;
}

static uint32_t counted(const struct stage *stage, const struct trace_key *key,
			enum outcome outcome)
{
	uint32_t count = 0;

	for (unsigned w = 0; w < stage->bridge->worker_count; w++) {
		const struct trace_spread *spread;
		size_t at = 0;

		while ((spread = trace_next_spread(stage->bridge->workers[w]->trace, key, &at)))
			for (uint32_t i = 0; i < spread->row_count; i++)
				count +=
				    spread->rows[i].outcome == outcome ? spread->rows[i].count : 0;
	}
	return count;
}

static void members_join(struct stage *stage)
{
	for (size_t d = 0; d < registry_count(); d++)
		assert_non_null(
		    actor_join(stage, registry_codec(d)->name, d, &(struct actor){ 0 }));
}

static void a_message_leaves_its_record_on_every_worker(void **unused)
{
	struct stage *stage = stage_new(CONFIG, 3, STAGE_START_MS);
	struct trace_key key = { 0 };
	const struct trace_life *life;

	(void)unused;
	members_join(stage);
	actor_says(stage_find(stage, "concord"), "hello");
	life = newest(stage, &key);
	assert_non_null(life);
	assert_true(slice_is(trace_life_name(life), "concord"));
	assert_true(slice_is(trace_life_room(life), "lobby"));
	assert_true(slice_is(trace_life_path(life), "/concord"));
	assert_int_equal(counted(stage, &key, OUTCOME_DELIVERED), registry_count());
	stage_balance(stage);
	assert_string_equal(stage->fault, "");
	stage_free(stage);
}

static void a_refused_draft_is_recorded_with_its_rule(void **unused)
{
	struct stage *stage = stage_new(CONFIG, 1, STAGE_START_MS);
	const struct trace *trace = stage->bridge->workers[0]->trace;
	struct trace_key key = { 0 };
	const struct trace_note *rule, *step;
	size_t at = 0;

	(void)unused;
	members_join(stage);
	actor_says(stage_find(stage, "simple"), "bad");
	assert_non_null(newest(stage, &key));
	rule = trace_next_note(trace, &key, &at);
	step = trace_next_note(trace, &key, &at);
	assert_int_equal(rule->what, TRACE_RULE);
	assert_int_equal(rule->rule, 0);
	assert_ptr_equal(trace_table(trace, rule), stage->bridge->workers[0]->rules);
	assert_int_equal(step->what, TRACE_STEP);
	assert_int_equal(step->result, RUN_REFUSE);
	assert_int_equal(step->reason, REASON_REFUSED);
	assert_int_equal(counted(stage, &key, OUTCOME_DELIVERED), 0);
	stage_free(stage);
}

/* Who takes no bytes is in flight, and is named when they are gone. */
static void who_goes_with_it_unsent_is_named(void **unused)
{
	struct stage *stage = stage_new(CONFIG, 1, STAGE_START_MS);
	const struct trace *trace = stage->bridge->workers[0]->trace;
	const struct trace_missed *missed;
	struct trace_key key = { 0 };
	size_t at = 0;

	(void)unused;
	members_join(stage);
	stage_find(stage, "simple")->stalled = true;
	actor_says(stage_find(stage, "mixer"), "first");
	actor_says(stage_find(stage, "mixer"), "second");
	assert_non_null(newest(stage, &key));
	assert_int_equal(trace_next_spread(trace, &key, &at)->in_flight, 1);
	stage_leave(stage_find(stage, "simple"));
	at = 0;
	assert_int_equal(trace_next_spread(trace, &key, &at)->in_flight, 0);
	assert_int_equal(counted(stage, &key, OUTCOME_DROPPED_GONE), 1);
	at = 0;
	missed = trace_next_missed(trace, trace->spreads_ever, &at);
	assert_non_null(missed);
	assert_true(slice_is(slice_span(missed->name, missed->name_len), "simple"));
	stage_free(stage);
}

static void nothing_is_recorded_where_it_is_off(void **unused)
{
	struct stage *stage = stage_new(CONFIG "explain = { messages = 0; };", 2, STAGE_START_MS);

	(void)unused;
	members_join(stage);
	actor_says(stage_find(stage, "mixer"), "hello");
	for (unsigned w = 0; w < 2; w++)
		assert_null(stage->bridge->workers[w]->trace);
	stage_balance(stage);
	assert_string_equal(stage->fault, "");
	stage_free(stage);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nothing_is_recorded_by_none),
		cmocka_unit_test(the_newest_overwrites_the_oldest),
		cmocka_unit_test(kinds_that_nobody_asks_about_are_not_recorded),
		cmocka_unit_test(messages_are_found_by_who_and_where),
		cmocka_unit_test(of_too_many_the_newest_or_the_oldest_are_found),
		cmocka_unit_test(long_names_are_kept_as_far_as_there_is_room),
		cmocka_unit_test(frames_are_kept_only_where_that_is_allowed),
		cmocka_unit_test(a_long_frame_is_clipped),
		cmocka_unit_test(deliveries_are_counted_by_form_and_outcome),
		cmocka_unit_test(forms_that_have_no_row_are_counted_alone),
		cmocka_unit_test(who_was_not_sent_it_is_listed_up_to_a_bound),
		cmocka_unit_test(what_was_overwritten_is_not_counted),
		cmocka_unit_test(numbers_of_spreads_wrap_without_zero),
		cmocka_unit_test(frames_that_are_kept_are_bounded_by_bytes),
		cmocka_unit_test(what_a_dialect_forbids_to_keep_is_not_held),
		cmocka_unit_test(a_message_is_found_by_its_id),
		cmocka_unit_test(it_is_known_what_was_overwritten),
		cmocka_unit_test(its_memory_is_bounded_as_it_says),
		cmocka_unit_test(a_message_leaves_its_record_on_every_worker),
		cmocka_unit_test(a_refused_draft_is_recorded_with_its_rule),
		cmocka_unit_test(who_goes_with_it_unsent_is_named),
		cmocka_unit_test(nothing_is_recorded_where_it_is_off),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
