#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "bridge/trace/find.h"
#include "bridge/trace/trace.h"
#include "codecs/text/memory.h"

#define ALL ((struct trace_wanted){ .until_us = UINT64_MAX })

static struct envelope draft_of(const char *name, uint32_t number)
{
	return (struct envelope){ .kind = KIND_MESSAGE,
				  .room = SLICE("lobby"),
				  .author = { .name = slice_of(name), .number = number },
				  .text = SLICE("hello"),
				  .origin = { .dialect = SLICE("mixer"),
					      .instance = SLICE("/mixer") } };
}

static void came(struct trace *trace, const char *name, uint32_t number)
{
	struct trace_source source = { 0 };
	struct envelope draft = draft_of(name, number);

	trace_reads(trace, SLICE("{\"text\":\"hello\"}"), true);
	(void)trace_came(trace, &source, &draft, 1000, REASON_NONE);
	trace_read(trace);
}

static void spread(struct trace *trace, uint64_t id, const char *name, uint32_t number,
		   uint32_t subject)
{
	struct envelope event = draft_of(name, number);
	struct broadcast *broadcast;
	uint32_t told;

	event.id = id;
	event.subject.number = subject;
	broadcast = broadcast_new(envelope_seal(&event), NULL, 0, NULL);
	trace_ordered(trace, &event);
	told = trace_spread(trace, broadcast);
	trace_ended_one(trace, told, 0, OUTCOME_DROPPED_GONE, &event.author);
	broadcast_release(broadcast);
}

/* What one wrote, and their name; others stay as they are. */
static void a_person_is_forgotten(void **state)
{
	struct trace *trace = trace_new(0, 8, true);
	size_t bytes;

	(void)state;
	bytes = trace_bytes(trace);
	came(trace, "ann", 7);
	spread(trace, 1, "ann", 7, 0);
	came(trace, "bob", 8);
	spread(trace, 2, "bob", 8, 0);
	spread(trace, 3, "bob", 8, 7);
	trace_forget(trace, 0);
	trace_forget(trace, 7);
	assert_null(trace->lives[0].body);
	assert_int_equal(trace_life_name(&trace->lives[0]).len, 0);
	assert_true(slice_is(trace_life_room(&trace->lives[0]), "lobby"));
	assert_true(slice_is(trace_life_path(&trace->lives[0]), "/mixer"));
	assert_null(memmem(trace->lives[0].texts, sizeof(trace->lives[0].texts), "ann", 3));
	assert_non_null(trace->lives[1].body);
	assert_true(slice_is(trace_life_name(&trace->lives[1]), "bob"));
	assert_int_equal(trace_order_name(&trace->orders[0]).len, 0);
	assert_true(slice_is(trace_order_room(&trace->orders[0]), "lobby"));
	assert_true(slice_is(trace_order_name(&trace->orders[1]), "bob"));
	assert_null(trace->spreads[1].broadcast);
	assert_non_null(trace->spreads[2].broadcast);
	assert_null(trace->spreads[3].broadcast);
	assert_int_equal(trace->missed[0].name_len, 0);
	assert_int_equal(trace->missed[1].name_len, 3);
	trace_forget(trace, 8);
	assert_int_equal(trace_bytes(trace), bytes);
	trace_forget(NULL, 7);
	trace_free(trace);
}

/* A frame that means nothing is found by who sent it, with what is kept of it, and how long it was.
 */
static void what_means_nothing_is_recorded(void **state)
{
	struct trace *trace = trace_new(0, 4, true), *without = trace_new(0, 4, false);
	struct trace_source source = { .origin = 2 };
	const struct person ann = { .name = SLICE("ann"), .number = 7 };
	struct trace_wanted wanted = ALL;
	const struct trace_life *life;
	struct trace_key key;

	(void)state;
	trace_invalid(NULL, &source, &ann, SLICE("/x"), 5, REASON_MALFORMED, SLICE("{"), 9);
	trace_invalid(trace, &source, &ann, SLICE("/x"), 5, REASON_MALFORMED, SLICE("{"), 9);
	trace_invalid(without, &source, &ann, SLICE("/x"), 5, REASON_MALFORMED, SLICE("{"), 9);
	wanted.name = SLICE("Ann");
	assert_int_equal(trace_find(trace, &wanted, &key, 1), 1);
	life = trace_life_of(trace, &key);
	assert_int_equal(life->kind, TRACE_INVALID);
	assert_int_equal(life->reason, REASON_MALFORMED);
	assert_int_equal(life->origin, 2);
	assert_int_equal(life->frame_bytes, 9);
	assert_int_equal(life->body_bytes, 1);
	assert_true(slice_is(trace_life_path(life), "/x"));
	assert_int_equal(trace_life_room(life).len, 0);
	assert_null(without->lives[0].body);
	assert_int_equal(without->lives[0].frame_bytes, 9);
	trace_free(trace);
	trace_free(without);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_person_is_forgotten),
		cmocka_unit_test(what_means_nothing_is_recorded),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
