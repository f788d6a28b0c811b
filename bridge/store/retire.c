#include "bridge/store/retire.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "bridge/store/sqlite/room_numbers.h"
#include "codecs/text/hash.h"
#include "codecs/text/memory.h"

/* What a room has of its own. */
struct limits {
	UT_hash_handle by_name, by_number;
	struct retention retention;
	uint64_t number; /* 0: it has no rows yet, as far as is known */
	size_t len;
	char name[];
};

/* What was seen of a room. */
struct seen {
	UT_hash_handle hh;
	uint64_t room;
	uint64_t added; /* see retention_next() */
};

struct retire {
	struct store_thread *thread;
	struct retention common;
	struct seen *seen;
	bool going;
	uint64_t room; /* the last one that was looked at */
	/* Guarded by lock: */
	pthread_mutex_t lock;
	struct limits *by_name, *by_number;
	bool changed; /* the limits of a room are others, or something could not be deleted */
	/* The store thread's, while it is being done: */
	struct store_job job;
	struct surplus surplus;
	size_t deleted; /* messages, by the last step */
	atomic_bool doing, stopping;
	_Atomic uint64_t count;
};

/* ---- limits ---- */

static void forget(struct retire *retire, struct limits *limits)
{
	HASH_DELETE(by_name, retire->by_name, limits);
	if (limits->number)
		HASH_DELETE(by_number, retire->by_number, limits);
	free(limits);
}

void retire_retain(struct retire *retire, struct slice room, const struct retention *retention)
{
	struct limits *limits;

	pthread_mutex_lock(&retire->lock);
	HASH_FIND(by_name, retire->by_name, room.data, (unsigned)room.len, limits);
	if (limits)
		forget(retire, limits);
	if (retention) {
		limits = memory_zeroed(1, sizeof(*limits) + room.len);
		limits->retention = *retention;
		limits->len = room.len;
		memcpy(limits->name, room.data, room.len);
		HASH_ADD(by_name, retire->by_name, name, (unsigned)limits->len, limits);
	}
	retire->changed = true;
	pthread_mutex_unlock(&retire->lock);
}

/* Rooms get their numbers when the first row of them is written. */
static void number_limits(struct retire *retire, struct database *database)
{
	struct limits *limits, *next;

	pthread_mutex_lock(&retire->lock);
	HASH_ITER(by_name, retire->by_name, limits, next)
	{
		if (limits->number)
			continue;
		limits->number =
		    database_room_find(database, slice_span(limits->name, limits->len));
		if (limits->number)
			HASH_ADD(by_number, retire->by_number, number, sizeof(limits->number),
				 limits);
	}
	pthread_mutex_unlock(&retire->lock);
}

static struct retention limits_of(struct retire *retire, uint64_t room)
{
	struct retention retention = retire->common;
	struct limits *limits;

	pthread_mutex_lock(&retire->lock);
	HASH_FIND(by_number, retire->by_number, &room, sizeof(room), limits);
	if (limits)
		retention = limits->retention;
	pthread_mutex_unlock(&retire->lock);
	return retention;
}

/* ---- what was seen ---- */

static void seen_clear(struct retire *retire)
{
	struct seen *seen, *next;

	HASH_ITER(hh, retire->seen, seen, next)
	{
		HASH_DEL(retire->seen, seen);
		free(seen);
	}
}

/* Was nothing said there since? What is bounded by age grows old all the same. */
static bool is_as_seen(struct retire *retire, uint64_t room, uint64_t added, uint64_t age_ms)
{
	struct seen *seen;
	bool same;

	HASH_FIND(hh, retire->seen, &room, sizeof(room), seen);
	if (!seen) {
		seen = memory_zeroed(1, sizeof(*seen));
		seen->room = room;
		seen->added = UINT64_MAX;
		HASH_ADD(hh, retire->seen, room, sizeof(room), seen);
	}
	same = seen->added == added;
	seen->added = added;
	return same && !age_ms;
}

/* ---- a look ---- */

void retire_begin(struct retire *retire)
{
	bool changed;

	pthread_mutex_lock(&retire->lock);
	changed = retire->changed;
	retire->changed = false;
	pthread_mutex_unlock(&retire->lock);
	if (changed)
		seen_clear(retire);
	retire->going = true;
	retire->room = 0;
}

static uint64_t wall_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

static bool look(struct retire *retire, struct database *database)
{
	struct retention retention;
	uint64_t added;
	bool any;

	if (!retention_next(database, retire->room, &retire->room, &added))
		return false;
	retire->going = retire->room != 0;
	if (!retire->going)
		return true;
	retention = limits_of(retire, retire->room);
	if (is_as_seen(retire, retire->room, added, retention.age_ms))
		return true;
	if (!retention_find(database, retire->room, &retention, wall_ms(), &retire->surplus, &any))
		return false;
	if (any) {
		atomic_store(&retire->doing, true);
		store_thread_do(retire->thread, &retire->job);
	}
	return true;
}

/* A room that cannot be read is passed by. */
bool retire_go_on(struct retire *retire, struct database *database)
{
	bool began, done;

	if (!retire->going || atomic_load(&retire->doing))
		return true;
	done = database_read_begin(database, &began);
	if (done && retire->room == 0)
		number_limits(retire, database);
	for (int i = 0; done && i < RETIRE_ROOMS; i++) {
		done = look(retire, database);
		if (!retire->going || atomic_load(&retire->doing))
			break;
	}
	database_read_end(database, began);
	if (!done && database_fault(database) != FAULT_CORRUPT)
		retire->going = false;
	return done;
}

bool retire_is_going(const struct retire *retire)
{
	return retire->going;
}

/* ---- deleting ---- */

#define OF_JOB(job) ((struct retire *)((char *)(job)-offsetof(struct retire, job)))

/* The step before is committed. */
static void note_committed(struct retire *retire)
{
	atomic_fetch_add(&retire->count, retire->deleted);
	retire->deleted = 0;
}

static enum job_state retire_run(struct store_job *job, struct database *database)
{
	struct retire *retire = OF_JOB(job);
	size_t messages;
	bool more;

	note_committed(retire);
	if (!retention_step(database, &retire->surplus, &messages, &more))
		return JOB_FAILED;
	retire->deleted = messages;
	return more && !atomic_load(&retire->stopping) ? JOB_AGAIN : JOB_DONE;
}

/* What could not be deleted is looked for again, though nothing was added since. */
static void retire_done(struct store_job *job, enum fault fault)
{
	struct retire *retire = OF_JOB(job);

	if (fault == FAULT_NONE) {
		note_committed(retire);
	} else {
		retire->deleted = 0;
		pthread_mutex_lock(&retire->lock);
		retire->changed = true;
		pthread_mutex_unlock(&retire->lock);
	}
	atomic_store(&retire->doing, false);
}

struct retire *retire_new(struct store_thread *thread, const struct retention *retention)
{
	struct retire *retire = memory_zeroed(1, sizeof(*retire));

	retire->thread = thread;
	retire->common = *retention;
	retire->job = (struct store_job){ .run = retire_run, .done = retire_done, .erases = true };
	pthread_mutex_init(&retire->lock, NULL);
	return retire;
}

void retire_free(struct retire *retire)
{
	struct limits *limits, *next;

	HASH_ITER(by_name, retire->by_name, limits, next)
	forget(retire, limits);
	seen_clear(retire);
	pthread_mutex_destroy(&retire->lock);
	free(retire);
}

void retire_stop(struct retire *retire)
{
	atomic_store(&retire->stopping, true);
}

uint64_t retire_count(const struct retire *retire)
{
	return atomic_load(&retire->count);
}
