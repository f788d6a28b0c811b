#include "bridge/core/metrics.h"

#include "bridge/core/bridge.h"
#include "codecs/text/json_write.h"
#include "conf/conf.h"

struct printing {
	struct json_writer *w;
	const struct counters *counters;
	const struct bridge *bridge;
};

static void write_rows(const struct printing *p, const struct counter_rows *rows, const void *base);

/* ---- deliveries ---- */

static void write_ledger(const struct printing *p, const struct ledger *ledger)
{
	struct tally sum = { .accepted = 0 };

	for (size_t d = 0; d < registry_count(); d++)
		tally_add(&sum, &ledger->dialects[d]);
	write_rows(p, &counter_rows_delivery, &sum);
}

static void write_all_rooms(const struct printing *p)
{
	struct ledger all = p->counters->removed;

	for (size_t i = 0; i < p->counters->room_count; i++)
		tallies_add(all.dialects, p->counters->rooms[i].dialects);
	write_ledger(p, &all);
}

static void write_dialects(const struct printing *p)
{
	for (size_t d = 0; d < registry_count(); d++) {
		struct tally sum = { .accepted = 0 };

		tally_add(&sum, &p->counters->removed.dialects[d]);
		for (size_t i = 0; i < p->counters->room_count; i++)
			tally_add(&sum, &p->counters->rooms[i].dialects[d]);
		json_key(p->w, registry_codec(d)->name);
		json_object_open(p->w);
		write_rows(p, &counter_rows_delivery, &sum);
		json_object_close(p->w);
	}
}

static void write_rooms(const struct printing *p)
{
	static const struct ledger none;

	for (size_t i = 0; i < room_table_count(p->bridge->rooms); i++) {
		const struct room_entry *room = room_table_at(p->bridge->rooms, i);

		json_key_slice(p->w, room->rules.name);
		json_object_open(p->w);
		write_ledger(p, room->index < p->counters->room_count
				    ? &p->counters->rooms[room->index]
				    : &none);
		json_object_close(p->w);
	}
}

/* What workers counted while a room was there may be written when it is not. */
static void write_removed(const struct printing *p)
{
	struct ledger removed = p->counters->removed;

	for (size_t i = 0; i < p->counters->room_count; i++)
		if (i >= p->bridge->place_count || !p->bridge->places[i] ||
		    atomic_load(&p->bridge->places[i]->removed))
			tallies_add(removed.dialects, p->counters->rooms[i].dialects);
	write_ledger(p, &removed);
}

/* ---- backends, taps and upstreams ---- */

static void write_backends(const struct printing *p)
{
	for (size_t i = 0; i < p->bridge->backend_count; i++) {
		json_key_slice(p->w, slice_of(p->bridge->conf->backends[i].name));
		json_object_open(p->w);
		write_rows(p, &counter_rows_backend, &p->counters->backends[i]);
		json_object_close(p->w);
	}
}

static void write_taps(const struct printing *p)
{
	for (size_t i = 0; i < p->bridge->tap_count; i++) {
		json_key_slice(p->w, slice_of(p->bridge->conf->taps[i].name));
		json_object_open(p->w);
		write_rows(p, &counter_rows_tap, &p->counters->taps[i]);
		json_object_close(p->w);
	}
}

static void write_upstreams(const struct printing *p)
{
	for (size_t i = 0; i < p->bridge->conf->upstream_count; i++) {
		json_key_slice(p->w, slice_of(p->bridge->conf->upstreams[i].name));
		json_object_open(p->w);
		write_rows(p, &counter_rows_upstream, &p->counters->upstreams[i]);
		json_object_close(p->w);
	}
}

/* ---- rows ---- */

static void write_labels(const struct printing *p, const struct counter_row *row,
			 const uint64_t *counts)
{
	for (size_t i = 0; i < counter_width(row->kind); i++) {
		const char *name = counter_label_name(row->kind, i, NULL);

		if (name && (counts[i] || row->kind == COUNTER_FAILURES))
			json_field_unsigned(p->w, name, counts[i]);
	}
}

static void write_part(const struct printing *p, const struct counter_row *row)
{
	json_key(p->w, row->name);
	json_object_open(p->w);
	switch (row->kind) {
	case COUNTER_DELIVERIES: write_all_rooms(p); break;
	case COUNTER_DIALECTS: write_dialects(p); break;
	case COUNTER_ROOMS: write_rooms(p); break;
	case COUNTER_REMOVED: write_removed(p); break;
	case COUNTER_BACKENDS: write_backends(p); break;
	case COUNTER_TAPS: write_taps(p); break;
	case COUNTER_UPSTREAMS: write_upstreams(p); break;
	default: return; /* to be closed by a row */
	}
	json_object_close(p->w);
}

static void write_row(const struct printing *p, const struct counter_row *row, const uint64_t *at)
{
	switch (row->kind) {
	case COUNTER_TOTAL:
	case COUNTER_PLAIN:
	case COUNTER_GAUGE:
	case COUNTER_AGAIN: json_field_unsigned(p->w, row->name, *at); break;
	/* Workers are not asked at the same moment: what one has taken and another has not sent yet
	 * is below 0. */
	case COUNTER_HELD: json_field_integer(p->w, row->name, (int64_t)*at); break;
	case COUNTER_REASONS:
	case COUNTER_UPGRADES:
	case COUNTER_SPEAKERS:
		json_key(p->w, row->name);
		json_object_open(p->w);
		write_labels(p, row, at);
		json_object_close(p->w);
		break;
	case COUNTER_STATUSES:
	case COUNTER_FAILURES: write_labels(p, row, at); break;
	case COUNTER_MAIN: json_field_unsigned(p->w, row->name, p->bridge->refused_full); break;
	case COUNTER_CLOSE: json_object_close(p->w); break;
	default: write_part(p, row); break;
	}
}

static void write_rows(const struct printing *p, const struct counter_rows *rows, const void *base)
{
	for (size_t i = 0; i < rows->count; i++) {
		const struct counter_row *row = &rows->rows[i];

		write_row(p, row, (const uint64_t *)((const char *)base + row->offset));
	}
}

void counters_print(const struct counters *counters, const struct bridge *bridge, FILE *stream)
{
	struct json_writer w;
	struct printing printing = { .w = &w, .counters = counters, .bridge = bridge };

	json_start(&w, 0, 4096);
	json_object_open(&w);
	json_key(&w, "counters");
	json_object_open(&w);
	write_rows(&printing, &counter_rows_worker, counters);
	json_object_close(&w);
	json_object_close(&w);
	fwrite(w.data, 1, w.len, stream);
	fputc('\n', stream);
	fflush(stream);
	json_clear(&w);
}
