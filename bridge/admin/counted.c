#include "bridge/admin/counted.h"

#include <string.h>

#define LABELS_MAX 3 /* the thing, its outcome, and what the kind of its row differs by */

static bool is_gauge(const struct counter_row *row)
{
	return row->kind == COUNTER_GAUGE || row->kind == COUNTER_HELD ||
	       row->kind == COUNTER_SPEAKERS;
}

static bool is_same(const struct counter_row *row, const struct counter_row *first)
{
	return row->metric && strcmp(row->metric, first->metric) == 0;
}

/* One count for each label of the kind, with what is 0: a rate is seen from the first one on. */
static void write_labels(struct exposition *e, const struct counter_row *row,
			 struct exposition_label *labels, size_t count, const uint64_t *counts)
{
	labels[count].name = counter_label(row->kind);
	for (size_t i = 0; i < counter_width(row->kind); i++) {
		const char *name = counter_label_name(row->kind, i, NULL);

		if (!name)
			continue;
		labels[count].value = slice_of(name);
		exposition_unsigned(e, labels, count + 1, counts[i]);
	}
}

static void write_row(struct exposition *e, const struct counted *counted,
		      const struct counter_row *row, size_t thing)
{
	const uint64_t *counts =
	    (const uint64_t *)((const char *)counted->at(counted->things, thing) + row->offset);
	struct exposition_label labels[LABELS_MAX];
	size_t count = 0;

	if (counted->label)
		labels[count++] =
		    (struct exposition_label){ counted->label,
					       counted->name(counted->things, thing) };
	if (row->outcome)
		labels[count++] = (struct exposition_label){ "outcome", slice_of(row->outcome) };
	if (row->kind == COUNTER_MAIN)
		exposition_unsigned(e, labels, count, counted->turned_away);
	else if (row->kind == COUNTER_HELD)
		/* Workers are not asked at the same moment: it may be below 0. */
		exposition_integer(e, labels, count, (int64_t)*counts);
	else if (counter_label(row->kind))
		write_labels(e, row, labels, count, counts);
	else
		exposition_unsigned(e, labels, count, *counts);
}

/* How many rows, from the first of a metric on, belong to it or stand between two of it. */
static size_t metric_length(const struct counter_rows *rows, size_t first)
{
	size_t last = first;

	for (size_t i = first + 1; i < rows->count; i++)
		if (is_same(&rows->rows[i], &rows->rows[first]))
			last = i;
	return last + 1 - first;
}

/* help: of the group that the row is in. Rows of one metric differ by their outcome: none of them
 * speaks for all. */
static void begin(struct exposition *e, const struct counted *counted,
		  const struct counter_row *row, bool alone, const char *help)
{
	exposition_begin(e, is_gauge(row) ? EXPOSITION_GAUGE : EXPOSITION_COUNTER, counted->prefix,
			 row->metric, help, alone || !help ? row->help : NULL);
}

void counted_write(struct exposition *exposition, const struct counted *counted)
{
	const struct counter_rows *rows = counted->rows;
	const char *help = counted->help;
	size_t length;

	for (size_t first = 0; first < rows->count; first += length) {
		const struct counter_row *row = &rows->rows[first];

		length = 1;
		if (row->kind == COUNTER_OPEN)
			help = row->help;
		else if (row->kind == COUNTER_CLOSE)
			help = counted->help;
		if (!row->metric)
			continue;
		length = metric_length(rows, first);
		begin(exposition, counted, row, length == 1, help);
		for (size_t thing = 0; thing < counted->count; thing++)
			for (size_t i = first; i < first + length; i++)
				if (is_same(&rows->rows[i], row))
					write_row(exposition, counted, &rows->rows[i], thing);
	}
}
