#include "bridge/store/storage.h"

#include <errno.h>
#include <inttypes.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "bridge/core/log/log.h"
#include "bridge/core/log/log_limit.h"
#include "bridge/core/worker.h"
#include "bridge/durable/release.h"
#include "bridge/durable/store.h"
#include "bridge/store/read.h"
#include "bridge/store/room_numbers.h"
#include "bridge/store/steady.h"
#include "bridge/store/store_thread.h"
#include "codecs/text/memory.h"
#include "conf/conf.h"
#include "routes/room/recording.h"
#include "routes/room/rows.h"

struct storage {
	struct store store; /* first: what the bridge knows of it */
	struct bridge *bridge;
	struct store_thread *thread;
	pthread_mutex_t lock;    /* of the reader: rooms are read by several threads */
	struct database *reader; /* guarded by lock */
};

/* ---- records to rows ---- */

struct emission {
	struct slice room;
	void *context;
	row_emit *emit;
};

static void emit_row(void *context, const struct row *row)
{
	struct emission *emission = context;

	emission->emit(emission->context, emission->room, row);
}

static bool rows_of(const void *bytes, size_t len, size_t *used, void *context, row_emit *emit)
{
	struct slice block = slice_span(bytes, len), first;
	struct emission emission = { .context = context, .emit = emit };
	struct record record;

	*used = record_first(block);
	first = slice_span(bytes, *used);
	if (!*used || record_read(first, &record) != RECORD_SOUND)
		return false;
	emission.room = record.event->room;
	record_change_rows(&record, first, emit_row, &emission);
	record_clear(&record);
	return true;
}

/* ---- rows to rooms ---- */

struct reading {
	struct storage *storage;
	struct room_entry *entry; /* NULL: of no room of the configuration */
	struct room_time now;
	size_t rows, damaged;
};

static void read_room(void *context, uint64_t number, struct slice name, struct slice settings)
{
	struct reading *reading = context;

	(void)number;
	(void)settings;
	reading->entry = room_table_find(reading->storage->bridge->rooms, name);
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
		    "%s of the stored rooms: %s %" PRIu64 " of room %" PRIu64
		    " is damaged, and left out",
		    damage->page ? "a page" : "a row", damage->table, damage->id, damage->room);
}

static struct row_sink sink_of(struct reading *reading)
{
	return (struct row_sink){
		.context = reading, .room = read_room, .row = read_row, .damaged = read_damaged
	};
}

/* From now on what changes in the room is stored. */
static void keep(struct bridge *bridge, struct room_entry *entry)
{
	entry->home = bridge->workers[entry->owner];
	room_record(entry->room, release_record, entry);
}

static bool load(struct store *store, struct room_entry *entry, struct room_time now)
{
	struct storage *storage = (struct storage *)store;
	struct reading reading = { .storage = storage, .entry = entry, .now = now };
	struct row_sink sink = sink_of(&reading);
	uint64_t number;
	bool read = true;

	sink.room = NULL;
	pthread_mutex_lock(&storage->lock);
	number = database_room_find(storage->reader, entry->rules.name);
	if (number)
		read = database_read(storage->reader, number, room_remembers(entry->room), &sink);
	if (!read)
		log_line(LOG_ERROR, "room \"%s\" cannot be read: %s", entry->name,
			 database_fault_text(storage->reader));
	pthread_mutex_unlock(&storage->lock);
	room_restored(entry->room, now);
	keep(storage->bridge, entry);
	return read;
}

static void look(struct store *store, struct store_state *state)
{
	struct storage *storage = (struct storage *)store;
	struct store_figures figures;

	store_thread_figures(storage->thread, &figures);
	*state = (struct store_state){
		.engine = CONF_SQLITE,
		.fault = figures.fault == FAULT_NONE ? NULL : fault_name(figures.fault),
		.records = figures.records,
		.transactions = figures.transactions,
		.failures = figures.failures,
		.log_bytes = figures.wal_bytes,
	};
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

static bool load_all(struct storage *storage, struct room_time now, FILE *errors)
{
	struct bridge *bridge = storage->bridge;
	struct reading reading = { .storage = storage, .now = now };
	struct row_sink sink = sink_of(&reading);
	uint64_t began_ms = steady_ms();

	if (!database_read_all(storage->reader, most_remembered(bridge), &sink)) {
		fprintf(errors, "dragoman: the stored rooms cannot be read: %s\n",
			database_fault_text(storage->reader));
		return false;
	}
	for (size_t i = 0; i < room_table_count(bridge->rooms); i++) {
		room_restored(room_table_at(bridge->rooms, i)->room, reading.now);
		keep(bridge, room_table_at(bridge->rooms, i));
	}
	log_line(LOG_INFO, "%zu rows of stored rooms were read in %" PRIu64 " ms", reading.rows,
		 steady_ms() - began_ms);
	return true;
}

/* ---- all of it ---- */

static struct storage *storage_new(struct bridge *bridge, FILE *errors)
{
	const struct conf *conf = bridge->conf;
	enum durability durability =
	    strcmp(conf->storage.durability, CONF_SECOND) == 0 ? DURABLE_SECOND : DURABLE_COMMIT;
	struct database *database = database_open(conf->state, durability, errors);
	struct storage *storage;

	if (!database)
		return NULL;
	storage = memory_zeroed(1, sizeof(*storage));
	storage->store.load = load;
	storage->store.look = look;
	storage->bridge = bridge;
	pthread_mutex_init(&storage->lock, NULL);
	storage->thread = store_thread_new(database, rows_of, &storage->store.box, NULL, NULL);
	storage->reader = database_open_reader(conf->state, errors);
	return storage;
}

bool storage_open(struct bridge *bridge, struct room_time now, FILE *errors,
		  struct storage **storage)
{
	const struct conf *conf = bridge->conf;

	*storage = NULL;
	if (!conf->state || !*conf->state || strcmp(conf->storage.engine, CONF_MEMORY) == 0)
		return true;
	*storage = storage_new(bridge, errors);
	if (!*storage)
		return false;
	if (!(*storage)->reader || !load_all(*storage, now, errors)) {
		storage_free(*storage);
		*storage = NULL;
		return false;
	}
	bridge->store = &(*storage)->store;
	for (unsigned w = 0; w < bridge->worker_count; w++)
		bridge->workers[w]->release = release_new();
	return true;
}

bool storage_start(struct storage *storage)
{
	if (!storage || store_thread_start(storage->thread, storage->bridge))
		return true;
	log_line(LOG_ERROR, "cannot start a thread: %s", strerror(errno));
	return false;
}

void storage_stop(struct storage *storage)
{
	if (storage)
		store_thread_stop(storage->thread);
}

void storage_settle(struct storage *storage)
{
	if (storage_start(storage))
		storage_stop(storage);
}

void storage_free(struct storage *storage)
{
	if (!storage)
		return;
	store_thread_free(storage->thread);
	database_close(storage->reader);
	pthread_mutex_destroy(&storage->lock);
	free(storage);
}
