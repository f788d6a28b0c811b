#include "bridge/store/storage.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "bridge/core/log/log.h"
#include "bridge/core/log/log_limit.h"
#include "bridge/core/worker.h"
#include "bridge/durable/release.h"
#include "bridge/durable/store.h"
#include "bridge/store/asked.h"
#include "bridge/store/engine.h"
#include "bridge/store/lasting/foreign.h"
#include "bridge/store/sqlite/database.h"
#include "bridge/store/steady.h"
#include "codecs/text/memory.h"
#include "conf/conf.h"
#include "routes/room/recording.h"
#include "routes/room/rows.h"

struct storage {
	struct bridge *bridge;
	struct store *store;
};

/* ---- records to rows ---- */

struct emission {
	struct slice room;
	void *context;
	emit_function *emit;
};

static void emit_row(void *context, const struct row *row)
{
	struct emission *emission = context;

	emission->emit(emission->context, emission->room, row);
}

static bool rows_of(const void *bytes, size_t len, size_t *used, void *context, emit_function *emit)
{
	struct slice block = slice_span(bytes, len), first;
	struct emission emission = { .context = context, .emit = emit };
	struct record record;

	struct row row;

	*used = record_first(block);
	first = slice_span(bytes, *used);
	if (record_said_row(first, &emission.room, &row)) {
		emit_row(&emission, &row);
		return true;
	}
	if (!*used || record_read(first, &record) != RECORD_SOUND)
		return false;
	emission.room = record.event->room;
	record_change_rows(&record, first, emit_row, &emission);
	record_clear(&record);
	return true;
}

/* ---- rows to rooms ---- */

struct reading {
	const struct room_table *rooms;
	struct room_entry *entry; /* NULL: of no room of the configuration */
	struct room_time now;
	size_t rows, damaged;
};

static void read_room(void *context, uint64_t number, struct slice name, struct slice settings)
{
	struct reading *reading = context;

	(void)number;
	(void)settings;
	reading->entry = room_table_find(reading->rooms, name);
}

static void read_row(void *context, const struct row *row)
{
	struct reading *reading = context;

	if (reading->entry)
		(void)room_restore(reading->entry->room, row, reading->now);
	reading->rows++;
}

static void read_damaged(void *context, const struct damage *damage)
{
	struct reading *reading = context;

	reading->damaged++;
	log_limited(LOG_STORE, LOG_ERROR,
		    "the stored rooms: %s of table %s is damaged (room %" PRIu64 ", id %" PRIu64
		    "), and left out",
		    damage->page ? "a page" : "a row", damage->table, damage->room, damage->id);
}

static bool load(struct store *store, struct room_entry *entry, struct room_time now)
{
	struct reading reading = { .entry = entry, .now = now };
	struct row_sink sink = { .context = &reading, .row = read_row };
	bool read = store_read(store, entry->rules.name, room_remembers(entry->room), &sink);

	room_restored(entry->room, now);
	return read;
}

static size_t most_remembered(const struct bridge *bridge)
{
	size_t most = 1;

	for (size_t i = 0; i < room_table_count(bridge->rooms); i++) {
		size_t remembers = room_remembers(room_table_at(bridge->rooms, i)->room);

		most = remembers > most ? remembers : most;
	}
	return most;
}

/* One after the other, in the order of the file. */
static bool load_all(struct bridge *bridge, struct store *store, struct database *reader,
		     struct room_time now, FILE *errors)
{
	struct reading reading = { .rooms = bridge->rooms, .now = now };
	struct row_sink sink = {
		.context = &reading, .room = read_room, .row = read_row, .damaged = read_damaged
	};
	uint64_t began_ms = steady_ms();

	if (!database_read_all(reader, most_remembered(bridge), &sink)) {
		fprintf(errors, "dragoman: %s: the rooms cannot be read: %s\n",
			database_path(reader), database_fault_text(reader));
		return false;
	}
	store_damaged(store, reading.damaged);
	for (size_t i = 0; i < room_table_count(bridge->rooms); i++)
		room_restored(room_table_at(bridge->rooms, i)->room, now);
	log_line(LOG_INFO, "%zu rows of stored rooms were read in %" PRIu64 " ms", reading.rows,
		 steady_ms() - began_ms);
	return true;
}

static void look(struct store *store, struct store_state *state)
{
	struct store_counts counts;

	store_count(store, &counts);
	*state = (struct store_state){
		.engine = CONF_SQLITE,
		.fault =
		    counts.written.fault == FAULT_NONE ? NULL : fault_name(counts.written.fault),
		.records = counts.written.records,
		.transactions = counts.written.transactions,
		.failures = counts.written.failures,
		.log_bytes = counts.written.wal_bytes,
		.retired = counts.retired,
		.damaged = counts.damaged,
	};
}

/* ---- how much is kept ---- */

static struct retention retention_of(const struct conf_storage *storage,
				     const struct conf_room *room)
{
	int messages = room && room->stored_messages ? room->stored_messages : storage->messages;
	int days = room && room->stored_days ? room->stored_days : storage->days;

	return (struct retention){ .messages = (uint64_t)messages,
				   .age_ms = (uint64_t)days * 86400000,
				   .bytes = (uint64_t)storage->bytes };
}

static void retain(struct store *store, const struct room_entry *room)
{
	const struct bridge *bridge = room->home->bridge;
	struct retention retention = retention_of(&bridge->conf->storage, room->conf);
	bool own = room->conf->stored_messages || room->conf->stored_days;

	store_retain(store, room->rules.name, own ? &retention : NULL);
}

/* ---- all of it ---- */

static struct store_options options_of(const struct conf *conf)
{
	const struct conf_storage *storage = &conf->storage;
	bool second = strcmp(storage->durability, CONF_SECOND) == 0;

	return (struct store_options){
		.folder = conf->state,
		.keeper = { .durability = second ? DURABLE_SECOND : DURABLE_COMMIT,
			    .erase_within_ms = (uint64_t)storage->erase_seconds * 1000,
			    .retention = retention_of(storage, NULL) },
		.rows = rows_of,
		.load = load,
	};
}

static bool rooms_load(struct bridge *bridge, struct store *store, struct room_time now,
		       FILE *errors)
{
	struct database *reader = database_open_reader(bridge->conf->state, errors);
	bool loaded = reader && load_all(bridge, store, reader, now, errors);

	database_close(reader);
	return loaded;
}

bool storage_open(struct bridge *bridge, struct room_time now, FILE *errors,
		  struct storage **storage)
{
	const struct conf *conf = bridge->conf;
	struct store_options options = options_of(conf);
	struct store *store;

	*storage = NULL;
	if (!conf->state || !*conf->state || strcmp(conf->storage.engine, CONF_MEMORY) == 0)
		return true;
	store = store_open(&options, errors);
	if (!store)
		return false;
	if (!rooms_load(bridge, store, now, errors)) {
		store_close(store);
		return false;
	}
	store->look = look;
	store->retain = retain;
	asked_serve(store);
	foreign_serve(store);
	bridge->store = store;
	*storage = memory_zeroed(1, sizeof(**storage));
	**storage = (struct storage){ bridge, store };
	for (unsigned w = 0; w < bridge->worker_count; w++)
		bridge->workers[w]->release = release_new();
	for (size_t i = 0; i < room_table_count(bridge->rooms); i++) {
		struct room_entry *entry = room_table_at(bridge->rooms, i);

		release_keep(bridge->workers[entry->owner], entry);
		if (entry->conf->stored_messages || entry->conf->stored_days)
			retain(store, entry);
	}
	return true;
}

bool storage_start(struct storage *storage)
{
	if (!storage || store_start(storage->store, storage->bridge))
		return true;
	log_line(LOG_ERROR, "cannot start a thread: %s", strerror(errno));
	return false;
}

void storage_stop(struct storage *storage)
{
	if (storage)
		store_stop(storage->store);
}

void storage_settle(struct storage *storage)
{
	if (storage_start(storage))
		storage_stop(storage);
}

bool storage_works(struct storage *storage)
{
	struct store_state state;

	if (!storage)
		return true;
	look(storage->store, &state);
	return !state.fault;
}

void storage_free(struct storage *storage)
{
	if (!storage)
		return;
	storage->bridge->store = NULL;
	store_close(storage->store);
	free(storage);
}
