/* The table of cases.tsv, each cut into reads in every way. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "bridge/net/ws/ws_deflate.h"
#include "bridge/net/ws/ws_reader.h"
#include "codecs/text/memory.h"
#include "tests/support/ws_cases.h"

#define LEAST_CASES 250
#define SHORT_INPUT 1500 /* up to this it is cut at each place */
#define RANDOM_CUTS 40

static struct ws_cases table;
static struct ws_inflate *inflater;

/* One read: in a block of its own, so that the sanitizers see who looks beyond it. */
static void read_once(struct ws_reader *reader, const struct ws_case *one, size_t from, size_t to,
		      struct ws_bytes *events)
{
	size_t len = to - from;
	unsigned char *segment = memory_new(len);
	struct ws_input input = { segment, len, one->limit, one->deflate ? inflater : NULL, false };
	struct ws_message message;
	enum ws_step step;

	memcpy(segment, one->input.data + from, len);
	while ((step = ws_read(reader, &input, &message)) != WS_MORE)
		ws_event_add(events, step, &message);
	assert_int_equal(input.len, 0);
	assert_ptr_equal(input.bytes, segment + len);
	free(segment);
}

static struct slice bytes_slice(const struct ws_bytes *bytes)
{
	return slice_span((const char *)bytes->data, bytes->len);
}

/* cuts: places in order, the last of which is the input's length. */
static void cuts_try(const struct ws_case *one, const size_t *cuts, size_t count)
{
	struct ws_reader reader = { .parts = NULL };
	struct ws_bytes events = { .data = NULL };
	size_t from = 0;

	for (size_t i = 0; i < count; i++) {
		if (cuts[i] > from)
			read_once(&reader, one, from, cuts[i], &events);
		from = cuts[i];
	}
	ws_reader_clear(&reader);
	if (!slice_equal(bytes_slice(&events), bytes_slice(&one->events)))
		fail_msg("\"%s\", first cut at %zu of %zu, gives\n%.*sinstead of\n%.*s", one->name,
			 cuts[0], one->input.len, (int)events.len, (char *)events.data,
			 (int)one->events.len, (char *)one->events.data);
	free(events.data);
}

static void in_one_read(void **state)
{
	(void)state;
	assert_true(table.count >= LEAST_CASES);
	for (size_t i = 0; i < table.count; i++)
		cuts_try(&table.cases[i], &table.cases[i].input.len, 1);
}

static void byte_by_byte(void **state)
{
	(void)state;
	for (size_t i = 0; i < table.count; i++) {
		const struct ws_case *one = &table.cases[i];
		size_t *cuts = memory_zeroed(one->input.len + 1, sizeof(*cuts));

		for (size_t at = 0; at < one->input.len; at++)
			cuts[at] = at + 1;
		cuts[one->input.len] = one->input.len;
		cuts_try(one, cuts, one->input.len + 1);
		free(cuts);
	}
}

static void cut_at_each_place(void **state)
{
	(void)state;
	for (size_t i = 0; i < table.count; i++) {
		const struct ws_case *one = &table.cases[i];

		if (one->input.len > SHORT_INPUT)
			continue;
		for (size_t at = 0; at < one->input.len; at++)
			cuts_try(one, (size_t[]){ at, one->input.len }, 2);
	}
}

static int size_order(const void *a, const void *b)
{
	size_t left = *(const size_t *)a, right = *(const size_t *)b;

	return left < right ? -1 : left > right;
}

/* In a few places: half of them near the beginning, where the heads are. */
static void cut_at_random_places(void **state)
{
	uint64_t seed = 42;

	(void)state;
	for (size_t i = 0; i < table.count * RANDOM_CUTS; i++) {
		const struct ws_case *one = &table.cases[i / RANDOM_CUTS];
		size_t cuts[9], count = 1 + i % 8;

		for (size_t cut = 0; cut < count; cut++) {
			size_t within = one->input.len;

			seed = seed * 6364136223846793005u + 1442695040888963407u;
			if (seed >> 63 && within > 40)
				within = 40;
			cuts[cut] = (size_t)(seed >> 33) % (within + 1);
		}
		qsort(cuts, count, sizeof(*cuts), size_order);
		cuts[count] = one->input.len;
		cuts_try(one, cuts, count + 1);
	}
}

static int table_open(void **state)
{
	(void)state;
	ws_cases_read(&table, WS_CASES);
	inflater = ws_inflate_new();
	return 0;
}

static int table_close(void **state)
{
	(void)state;
	ws_cases_free(&table);
	ws_inflate_free(inflater);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(in_one_read),
		cmocka_unit_test(byte_by_byte),
		cmocka_unit_test(cut_at_each_place),
		cmocka_unit_test(cut_at_random_places),
	};

	return cmocka_run_group_tests(tests, table_open, table_close);
}
