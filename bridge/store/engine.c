#include "bridge/store/engine.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

#include "bridge/core/log/log_limit.h"
#include "bridge/store/sqlite/room_numbers.h"
#include "codecs/text/memory.h"
#include "codecs/text/name.h"

struct engine {
	struct store store; /* first */
	struct store_thread *thread;
	struct keeper *keeper;
	pthread_mutex_t lock; /* of the reader */
	struct database *reader;
	_Atomic uint64_t damaged;
};

static struct engine *of(struct store *store)
{
	return (struct engine *)store;
}

/* The keeper is made after the thread, which tells it. */
static void tell_keeper(void *owner)
{
	struct engine *engine = owner;

	if (engine->keeper)
		keeper_told(engine->keeper);
}

struct store *store_open(const struct store_options *options, FILE *errors)
{
	struct database *writer =
	    database_open(options->folder, options->keeper.durability, errors);
	struct database *reader = NULL, *other = NULL;
	struct engine *engine;

	if (writer)
		reader = database_open_reader(options->folder, errors);
	if (reader)
		other = database_open_reader(options->folder, errors);
	if (!other) {
		database_close(reader);
		database_close(writer);
		return NULL;
	}
	engine = memory_zeroed(1, sizeof(*engine));
	engine->reader = reader;
	engine->store.load = options->load;
	pthread_mutex_init(&engine->lock, NULL);
	engine->thread =
	    store_thread_new(writer, options->rows, &engine->store.box, tell_keeper, engine);
	engine->keeper = keeper_new(other, engine->thread, &options->keeper);
	return &engine->store;
}

bool store_start(struct store *store, struct bridge *bridge)
{
	struct engine *engine = of(store);

	if (!store_thread_start(engine->thread, bridge))
		return false;
	if (keeper_start(engine->keeper))
		return true;
	store_thread_stop(engine->thread);
	return false;
}

/* The keeper first: what it wants written is written. */
void store_stop(struct store *store)
{
	keeper_stop(of(store)->keeper);
	store_thread_stop(of(store)->thread);
}

void store_close(struct store *store)
{
	struct engine *engine = of(store);

	if (!store)
		return;
	store_stop(store);
	keeper_free(engine->keeper);
	store_thread_free(engine->thread);
	database_close(engine->reader);
	pthread_mutex_destroy(&engine->lock);
	free(engine);
}

/* ---- reading ---- */

/* Of one reading: whoever asked is told of damage, and it is logged and counted. */
struct watch {
	struct engine *engine;
	const struct row_sink *sink;
	char room[160];
};

static void pass_row(void *context, const struct row *row)
{
	const struct watch *watch = context;

	if (watch->sink->row)
		watch->sink->row(watch->sink->context, row);
}

static void pass_damage(void *context, const struct damage *damage)
{
	const struct watch *watch = context;

	atomic_fetch_add(&watch->engine->damaged, 1);
	log_limited(LOG_STORE, LOG_ERROR, "room \"%s\": %s of %s %llu, which is left out",
		    watch->room, damage->page ? "the file is broken at the row" : "damaged row",
		    damage->table, (unsigned long long)damage->id);
	if (watch->sink->damaged)
		watch->sink->damaged(watch->sink->context, damage);
}

static bool read_room(struct engine *engine, struct slice room, size_t messages,
		      const struct row_sink *sink)
{
	bool began, done;
	uint64_t number;

	done = database_read_begin(engine->reader, &began);
	number = done ? database_room_find(engine->reader, room) : 0;
	done = done && database_fault(engine->reader) == FAULT_NONE;
	if (number)
		done = database_read(engine->reader, number, messages, sink);
	database_read_end(engine->reader, began);
	return done;
}

bool store_read(struct store *store, struct slice room, size_t messages,
		const struct row_sink *sink)
{
	struct engine *engine = of(store);
	struct watch watch = { .engine = engine, .sink = sink };
	struct row_sink own = { .context = &watch, .row = pass_row, .damaged = pass_damage };
	bool done;

	text_escape(room, watch.room, sizeof(watch.room));
	pthread_mutex_lock(&engine->lock);
	done = read_room(engine, room, messages, &own);
	if (!done)
		log_limited(LOG_STORE, LOG_ERROR, "room \"%s\" cannot be read: %s (%s)", watch.room,
			    fault_name(database_fault(engine->reader)),
			    database_fault_text(engine->reader));
	pthread_mutex_unlock(&engine->lock);
	return done;
}

bool store_reading(struct store *store, bool (*read)(struct database *database, void *context),
		   void *context)
{
	struct engine *engine = of(store);
	bool done;

	pthread_mutex_lock(&engine->lock);
	done = read(engine->reader, context);
	pthread_mutex_unlock(&engine->lock);
	return done;
}

/* ---- the rest ---- */

void store_do(struct store *store, struct store_job *job)
{
	store_thread_do(of(store)->thread, job);
}

void store_ask(struct store *store, struct store_query *query)
{
	keeper_ask(of(store)->keeper, query);
}

void store_retain(struct store *store, struct slice room, const struct retention *retention)
{
	keeper_retain(of(store)->keeper, room, retention);
}

void store_damaged(struct store *store, uint64_t count)
{
	atomic_fetch_add(&of(store)->damaged, count);
}

void store_count(struct store *store, struct store_counts *counts)
{
	struct engine *engine = of(store);

	store_thread_figures(engine->thread, &counts->written);
	counts->retired = keeper_retired(engine->keeper);
	counts->damaged = atomic_load(&engine->damaged) + keeper_damaged(engine->keeper);
}
