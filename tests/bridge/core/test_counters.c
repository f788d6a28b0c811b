#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "bridge/core/counters.h"
#include "tests/support/books.h"
#include "tests/support/page.h"

#define MANUAL_FROM                                                                                \
	".\\\" The rows of bridge/core/counters.c, by tests/bridge/core/test_counters.c.\n"
#define MANUAL_TO ".\\\" The end of the rows.\n"

/* ---- workers' counters ---- */

#define ROOMS 3

/* Dialects that there are not count nothing. */
static void empty_rest(struct ledger *ledger)
{
	for (size_t d = registry_count(); d < DIALECTS_MAX; d++)
		ledger->dialects[d] = (struct tally){ 0 };
}

/* Every number of the counters is set to the next. */
static void fill(struct counters *counters, uint64_t first)
{
	uint64_t *words = (uint64_t *)counters;

	for (size_t i = 0; i < offsetof(struct counters, room_count) / sizeof(*words); i++)
		words[i] = first++;
	empty_rest(&counters->removed);
	for (size_t r = 0; r < ROOMS; r++) {
		struct ledger ledger;

		words = (uint64_t *)&ledger;
		for (size_t i = 0; i < sizeof(ledger) / sizeof(*words); i++)
			words[i] = first++;
		counters_add_room(counters, r, ledger.dialects);
	}
}

static void new_ones_are_zero(void **state)
{
	struct counters *counters = counters_new(), *zero = counters_new();

	(void)state;
	assert_int_equal(counters->room_count, 0);
	assert_memory_equal(counters, zero, sizeof(*zero));
	assert_int_equal(counters->intake.waiting, 0);
	assert_int_equal(tallies_in_flight(counters->removed.dialects), 0);
	counters_free(counters);
	counters_free(zero);
	counters_free(NULL);
}

static void are_sums(const void *sum, const void *one, const void *other, size_t size)
{
	const uint64_t *both = sum, *left = one, *right = other;

	for (size_t i = 0; i < size / sizeof(uint64_t); i++)
		assert_int_equal(both[i], left[i] + right[i]);
}

/* Adding forgets no field: as 64-bit words, the sum is the sum everywhere. So every field has a
 * row, and none has two that are added up. */
static void everything_is_added(void **state)
{
	struct counters *one = counters_new(), *other = counters_new(), *sum = counters_new();

	(void)state;
	fill(one, 1000);
	fill(other, 500000);
	counters_add(sum, one);
	counters_add(sum, other);
	are_sums(sum, one, other, offsetof(struct counters, room_count));
	assert_int_equal(sum->room_count, ROOMS);
	are_sums(sum->rooms, one->rooms, other->rooms, ROOMS * sizeof(*sum->rooms));
	counters_free(one);
	counters_free(other);
	counters_free(sum);
}

/* A room that one worker knows and another does not yet. */
static void rooms_are_added_as_they_come(void **state)
{
	struct counters *one = counters_new(), *sum = counters_new();
	struct ledger ledger = { .dialects = { { .accepted = 3 } } };

	(void)state;
	counters_add_room(one, 4, ledger.dialects);
	counters_add_room(one, SIZE_MAX, ledger.dialects);
	counters_add_room(sum, 1, ledger.dialects);
	counters_add(sum, one);
	assert_int_equal(sum->room_count, 5);
	for (size_t i = 0; i < 5; i++)
		assert_int_equal(sum->rooms[i].dialects[0].accepted, i == 1 || i == 4 ? 3 : 0);
	assert_int_equal(sum->removed.dialects[0].accepted, 3);
	counters_free(one);
	counters_free(sum);
}

static void intakes_add_up_field_by_field(void **state)
{
	struct counters *sum = counters_new(), *one = counters_new();

	(void)state;
	one->intake.accepted = 100;
	one->intake.ordered = 7;
	for (size_t r = 0; r < REASONS; r++)
		one->intake.refused[r] = r;
	counters_add(sum, one);
	counters_add(sum, one);
	assert_int_equal(sum->intake.accepted, 200);
	assert_int_equal(sum->intake.ordered, 14);
	for (size_t r = 0; r < REASONS; r++)
		assert_int_equal(sum->intake.refused[r], 2 * r);
	counters_free(one);
	counters_free(sum);
}

/* ---- rows ---- */

static const struct {
	const struct counter_rows *rows;
	size_t size; /* of what they are about */
} tables[] = {
	{ &counter_rows_worker, offsetof(struct counters, backends) },
	{ &counter_rows_delivery, sizeof(struct tally) },
	{ &counter_rows_backend, sizeof(struct backend_ledger) },
	{ &counter_rows_tap, sizeof(struct tap_ledger) },
	{ &counter_rows_upstream, sizeof(struct upstream_ledger) },
};

#define TABLES (sizeof(tables) / sizeof(tables[0]))

/* Every word of what a table is about belongs to one row, and to one that repeats it at most. */
static void every_count_has_its_row(void **state)
{
	unsigned rows_of[sizeof(struct counters) / sizeof(uint64_t)];

	(void)state;
	for (size_t t = 0; t < TABLES; t++) {
		const struct counter_rows *rows = tables[t].rows;

		memset(rows_of, 0, sizeof(rows_of));
		for (size_t i = 0; i < rows->count; i++) {
			size_t first = rows->rows[i].offset / sizeof(uint64_t);
			size_t width = counter_width(rows->rows[i].kind);

			assert_int_equal(rows->rows[i].offset % sizeof(uint64_t), 0);
			assert_true((first + width) * sizeof(uint64_t) <= tables[t].size);
			for (size_t word = 0; word < width; word++)
				rows_of[first + word]++;
			if (rows->rows[i].kind == COUNTER_AGAIN)
				assert_true(first * sizeof(uint64_t) < tables[t].size);
		}
		for (size_t word = 0; word < tables[t].size / sizeof(uint64_t); word++)
			assert_int_equal(rows_of[word], 1);
	}
}

/* Within what belongs together no two have the same name; what opens closes; what is held has a
 * total. */
static void rows_are_well_formed(void **state)
{
	(void)state;
	for (size_t t = 0; t < TABLES; t++) {
		const struct counter_rows *rows = tables[t].rows;
		size_t depth = 0;
		bool total = false;

		for (size_t i = 0; i < rows->count; i++) {
			const struct counter_row *row = &rows->rows[i];

			total = total || row->kind == COUNTER_TOTAL;
			if (row->kind == COUNTER_HELD)
				assert_true(total);
			depth += row->kind == COUNTER_OPEN;
			if (row->kind == COUNTER_CLOSE) {
				assert_true(depth-- > 0);
				continue;
			}
			assert_true(row->name && *row->name && row->help && *row->help);
			assert_true(row->help[strlen(row->help) - 1] != '.');
			for (size_t j = i; j-- > 0 && rows->rows[j].kind != COUNTER_OPEN &&
					   rows->rows[j].kind != COUNTER_CLOSE;)
				assert_string_not_equal(rows->rows[j].name, row->name);
		}
		assert_int_equal(depth, 0);
	}
}

/* A total is the sum of its rows and what is held, each one counts. */
static void totals_balance(void **state)
{
	struct backend_ledger ledger = { .asked = 9,
					 .allowed = 1,
					 .changed = 1,
					 .refused = 1,
					 .asks_failed = { [POOL_EXPIRED] = 2, [POOL_FULL] = 1 },
					 .asks_under_way = 3,
					 .events = 2,
					 .acknowledged = 1,
					 .events_under_way = 1,
					 .repeated = 77,
					 .joined = 5 };

	(void)state;
	assert_true(counter_rows_balance(&counter_rows_backend, &ledger));
	for (size_t i = 0; i < counter_rows_backend.count; i++) {
		const struct counter_row *row = &counter_rows_backend.rows[i];

		if (row->kind == COUNTER_HELD) {
			++*(uint64_t *)((char *)&ledger + row->offset);
			assert_false(counter_rows_balance(&counter_rows_backend, &ledger));
			--*(uint64_t *)((char *)&ledger + row->offset);
		}
	}
	ledger.asks_failed[POOL_CLOSED]++;
	assert_false(counter_rows_balance(&counter_rows_backend, &ledger));
	ledger.asked++;
	assert_true(counter_rows_balance(&counter_rows_backend, &ledger));
}

static void labels_have_names(void **state)
{
	static const enum counter_kind kinds[] = { COUNTER_REASONS, COUNTER_STATUSES,
						   COUNTER_FAILURES, COUNTER_UPGRADES };
	const char *help;

	(void)state;
	for (size_t k = 0; k < sizeof(kinds) / sizeof(kinds[0]); k++) {
		assert_non_null(counter_label(kinds[k]));
		/* The first of each says that nothing is wrong. */
		assert_null(counter_label_name(kinds[k], 0, &help));
		for (size_t i = 1; i < counter_width(kinds[k]); i++) {
			help = NULL;
			assert_non_null(counter_label_name(kinds[k], i, &help));
			assert_non_null(help);
			assert_string_equal(counter_label_name(kinds[k], i, NULL),
					    counter_label_name(kinds[k], i, NULL));
		}
	}
	assert_string_equal(counter_label(COUNTER_SPEAKERS), "dialect");
	for (size_t i = 0; i < counter_width(COUNTER_SPEAKERS); i++) {
		const char *name = counter_label_name(COUNTER_SPEAKERS, i, NULL);

		assert_true(i < registry_count()
				? name && strcmp(name, registry_codec(i)->name) == 0
				: !name);
	}
	assert_null(counter_label(COUNTER_PLAIN));
	assert_int_equal(counter_width(COUNTER_AGAIN), 0);
}

/* ---- the manual ---- */

static void tell(FILE *out, const struct counter_rows *rows);

static void tell_item(FILE *out, const char *name, const struct counter_row *row)
{
	const char *label = counter_label(row->kind);

	fprintf(out, ".It Ql %s\n%c%s", name, row->help[0] & ~0x20, row->help + 1);
	if (label)
		fprintf(out, ", by %s", label);
	if (row->unit)
		fprintf(out, ", in %s", row->unit);
	fputs(".\n", out);
}

/* Each label is a name of its own. */
static void tell_labels(FILE *out, const struct counter_row *row)
{
	for (size_t i = 0; i < counter_width(row->kind); i++) {
		const char *help, *name = counter_label_name(row->kind, i, &help);

		if (name)
			fprintf(out, ".It Ql %s\n%c%s: %s.\n", name, row->help[0] & ~0x20,
				row->help + 1, help);
	}
}

static void tell_part(FILE *out, const struct counter_row *row, const struct counter_rows *rows)
{
	tell_item(out, row->name, row);
	fputs(".Bl -tag -width Ds\n", out);
	tell(out, rows);
	fputs(".El\n", out);
}

static void tell_row(FILE *out, const struct counter_row *row)
{
	switch (row->kind) {
	case COUNTER_STATUSES:
	case COUNTER_FAILURES: tell_labels(out, row); break;
	case COUNTER_OPEN:
		tell_item(out, row->name, row);
		fputs(".Bl -tag -width Ds\n", out);
		break;
	case COUNTER_CLOSE: fputs(".El\n", out); break;
	case COUNTER_DELIVERIES: tell_part(out, row, &counter_rows_delivery); break;
	case COUNTER_BACKENDS: tell_part(out, row, &counter_rows_backend); break;
	case COUNTER_TAPS: tell_part(out, row, &counter_rows_tap); break;
	case COUNTER_UPSTREAMS: tell_part(out, row, &counter_rows_upstream); break;
	default: tell_item(out, row->name, row); break;
	}
}

static void tell(FILE *out, const struct counter_rows *rows)
{
	for (size_t i = 0; i < rows->count; i++)
		tell_row(out, &rows->rows[i]);
}

/* What the manual has to say, new. */
static char *told(void)
{
	char *text;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	assert_non_null(out);
	fputs(".Bl -tag -width Ds\n", out);
	tell(out, &counter_rows_worker);
	fputs(".El\n", out);
	fclose(out);
	return text;
}

static void the_manual_has_every_counter(void **state)
{
	char *expected = told();

	(void)state;
	page_has("contrib/man/dragoman.1", MANUAL_FROM, MANUAL_TO, expected);
	free(expected);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(new_ones_are_zero),
		cmocka_unit_test(everything_is_added),
		cmocka_unit_test(rooms_are_added_as_they_come),
		cmocka_unit_test(intakes_add_up_field_by_field),
		cmocka_unit_test(every_count_has_its_row),
		cmocka_unit_test(rows_are_well_formed),
		cmocka_unit_test(totals_balance),
		cmocka_unit_test(labels_have_names),
		cmocka_unit_test(the_manual_has_every_counter),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
