#include "bridge/store/keeper.h"

#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "bridge/core/log/log_limit.h"
#include "bridge/store/retire.h"
#include "bridge/store/steady.h"
#include "codecs/text/memory.h"

#define TICK_MS  100  /* while something waits for its time */
#define PAGES_MS 2000 /* as long others may wait for the keeper at start */

struct keeper {
	struct database *database;
	struct store_thread *thread;
	struct keeper_options options;
	struct retire *retire;
	pthread_t pthread;
	bool started;
	/* Guarded by lock: */
	pthread_mutex_t lock;
	pthread_cond_t wake;
	struct store_query *first, **last;
	bool stopping, look;
	/* Its own: */
	uint64_t moved_ms, moved_bytes; /* when the log was moved last, and how long it was */
	uint64_t erase_ms;              /* when it was to be emptied last */
	uint64_t looked_ms;
	atomic_bool dirty; /* something was committed since the log was moved */
	_Atomic uint64_t damaged;
};

static void signal_keeper(struct keeper *keeper)
{
	pthread_mutex_lock(&keeper->lock);
	pthread_cond_signal(&keeper->wake);
	pthread_mutex_unlock(&keeper->lock);
}

void keeper_told(void *owner)
{
	struct keeper *keeper = owner;

	if (!atomic_exchange(&keeper->dirty, true))
		signal_keeper(keeper);
}

void keeper_ask(struct keeper *keeper, struct store_query *query)
{
	pthread_mutex_lock(&keeper->lock);
	query->next = NULL;
	*keeper->last = query;
	keeper->last = &query->next;
	pthread_cond_signal(&keeper->wake);
	pthread_mutex_unlock(&keeper->lock);
}

/* All rooms are looked at now. */
static void look_soon(struct keeper *keeper)
{
	pthread_mutex_lock(&keeper->lock);
	keeper->look = true;
	pthread_cond_signal(&keeper->wake);
	pthread_mutex_unlock(&keeper->lock);
}

void keeper_retain(struct keeper *keeper, struct slice room, const struct retention *retention)
{
	retire_retain(keeper->retire, room, retention);
	look_soon(keeper);
}

uint64_t keeper_retired(struct keeper *keeper)
{
	return retire_count(keeper->retire);
}

uint64_t keeper_damaged(struct keeper *keeper)
{
	return atomic_load(&keeper->damaged);
}

/* ---- the log ---- */

static void complain(const struct keeper *keeper, const char *what)
{
	log_limited(LOG_STORE, LOG_ERROR, "%s: %s (%s)", what,
		    fault_name(database_fault(keeper->database)),
		    database_fault_text(keeper->database));
}

static void move_log(struct keeper *keeper, uint64_t now_ms, uint64_t bytes)
{
	atomic_store(&keeper->dirty, false);
	keeper->moved_ms = now_ms;
	keeper->moved_bytes = bytes;
	if (keeper->options.durability == DURABLE_SECOND && !database_sync(keeper->database))
		complain(keeper, "what was stored may be lost when the power fails");
	if (!database_checkpoint(keeper->database, CHECKPOINT_PASSIVE) &&
	    database_fault(keeper->database) != FAULT_NONE)
		complain(keeper, "a checkpoint failed");
}

static bool is_time_to_move(const struct keeper *keeper, uint64_t now_ms, uint64_t bytes)
{
	uint64_t idle_ms =
	    keeper->options.durability == DURABLE_SECOND ? 1000 - TICK_MS : KEEPER_IDLE_MS;

	if (!atomic_load(&keeper->dirty))
		return false;
	return now_ms - keeper->moved_ms >= idle_ms ||
	       bytes >= keeper->moved_bytes + KEEPER_PART_BYTES;
}

/* Most of it is moved by this thread, so that the other one is held up little. */
static void keep_log(struct keeper *keeper, uint64_t now_ms)
{
	struct store_figures figures;
	uint64_t within_ms = keeper->options.erase_within_ms;

	store_thread_figures(keeper->thread, &figures);
	if (figures.wal_bytes < keeper->moved_bytes)
		keeper->moved_bytes = 0; /* it began anew */
	if (is_time_to_move(keeper, now_ms, figures.wal_bytes))
		move_log(keeper, now_ms, figures.wal_bytes);
	if (figures.wal_bytes > KEEPER_LOG_BYTES)
		store_thread_checkpoint(keeper->thread, CHECKPOINT_RESTART);
	/* Again while it fails: somebody may read in it for long. */
	if (figures.erased_ms && now_ms - figures.erased_ms >= within_ms / 2 &&
	    now_ms - keeper->erase_ms >= TICK_MS) {
		keeper->erase_ms = now_ms;
		move_log(keeper, now_ms, figures.wal_bytes);
		store_thread_checkpoint(keeper->thread, CHECKPOINT_TRUNCATE);
	}
}

/* ---- the file ---- */

/* Rooms are served meanwhile. */
static void look_at_pages(struct keeper *keeper)
{
	switch (database_pages(keeper->database, PAGES_MS)) {
	case PAGES_WHOLE: break;
	case PAGES_TOO_MANY:
		log_limited(LOG_STORE, LOG_INFO,
			    "the file of the stored rooms is too large to be looked at whole at "
			    "start; 'dragoman check --state' does so");
		break;
	case PAGES_BROKEN:
		atomic_fetch_add(&keeper->damaged, 1);
		log_limited(LOG_STORE, LOG_ERROR,
			    "the file of the stored rooms is damaged, and may lack something: %s; "
			    "'dragoman check --state' says what is wrong",
			    database_fault_text(keeper->database));
		break;
	}
}

/* ---- the thread ---- */

static bool waits_for_time(struct keeper *keeper)
{
	struct store_figures figures;

	store_thread_figures(keeper->thread, &figures);
	return atomic_load(&keeper->dirty) || figures.erased_ms || retire_is_going(keeper->retire);
}

static void wait_for_work(struct keeper *keeper)
{
	bool soon = waits_for_time(keeper);
	struct timespec until;
	uint64_t wait_ms = soon ? TICK_MS : KEEPER_RETENTION_MS;

	clock_gettime(CLOCK_MONOTONIC, &until);
	until.tv_sec += (time_t)(wait_ms / 1000);
	until.tv_nsec += (long)(wait_ms % 1000) * 1000000;
	until.tv_sec += until.tv_nsec / 1000000000;
	until.tv_nsec %= 1000000000;
	pthread_mutex_lock(&keeper->lock);
	while (!keeper->first && !keeper->stopping && !keeper->look &&
	       (soon || !atomic_load(&keeper->dirty)))
		if (pthread_cond_timedwait(&keeper->wake, &keeper->lock, &until) == ETIMEDOUT)
			break;
	pthread_mutex_unlock(&keeper->lock);
}

static bool answer_one(struct keeper *keeper)
{
	struct store_query *query;

	pthread_mutex_lock(&keeper->lock);
	query = keeper->first;
	if (query) {
		keeper->first = query->next;
		if (!keeper->first)
			keeper->last = &keeper->first;
	}
	pthread_mutex_unlock(&keeper->lock);
	if (query)
		query->run(query, keeper->database);
	return query != NULL;
}

static void look_at_rooms(struct keeper *keeper, uint64_t now_ms)
{
	bool look;

	pthread_mutex_lock(&keeper->lock);
	look = keeper->look || now_ms - keeper->looked_ms >= KEEPER_RETENTION_MS;
	keeper->look = false;
	pthread_mutex_unlock(&keeper->lock);
	if (look) {
		keeper->looked_ms = now_ms;
		store_thread_purge(keeper->thread);
		retire_begin(keeper->retire);
	}
	if (!retire_go_on(keeper->retire, keeper->database))
		complain(keeper, "what is kept too long cannot be found");
}

static bool is_stopping(struct keeper *keeper)
{
	bool stopping;

	pthread_mutex_lock(&keeper->lock);
	stopping = keeper->stopping;
	pthread_mutex_unlock(&keeper->lock);
	return stopping;
}

static void *run(void *context)
{
	struct keeper *keeper = context;

	pthread_setname_np(pthread_self(), "keeper");
	/* Not of one that only does what is left to do. */
	if (!is_stopping(keeper))
		look_at_pages(keeper);
	while (!is_stopping(keeper)) {
		uint64_t now_ms = steady_ms();

		keep_log(keeper, now_ms);
		look_at_rooms(keeper, now_ms);
		if (!answer_one(keeper))
			wait_for_work(keeper);
	}
	while (answer_one(keeper))
		;
	return NULL;
}

struct keeper *keeper_new(struct database *database, struct store_thread *thread,
			  const struct keeper_options *options)
{
	struct keeper *keeper = memory_zeroed(1, sizeof(*keeper));
	pthread_condattr_t attributes;

	keeper->database = database;
	keeper->thread = thread;
	keeper->options = *options;
	keeper->retire = retire_new(thread, &options->retention);
	keeper->last = &keeper->first;
	keeper->moved_ms = keeper->looked_ms = steady_ms();
	keeper->look = true;
	pthread_mutex_init(&keeper->lock, NULL);
	pthread_condattr_init(&attributes);
	pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
	pthread_cond_init(&keeper->wake, &attributes);
	pthread_condattr_destroy(&attributes);
	return keeper;
}

bool keeper_start(struct keeper *keeper)
{
	errno = pthread_create(&keeper->pthread, NULL, run, keeper);
	keeper->started = errno == 0;
	return keeper->started;
}

void keeper_stop(struct keeper *keeper)
{
	if (!keeper->started)
		return;
	retire_stop(keeper->retire);
	pthread_mutex_lock(&keeper->lock);
	keeper->stopping = true;
	pthread_cond_signal(&keeper->wake);
	pthread_mutex_unlock(&keeper->lock);
	pthread_join(keeper->pthread, NULL);
	keeper->started = false;
}

void keeper_free(struct keeper *keeper)
{
	if (!keeper)
		return;
	retire_free(keeper->retire);
	database_close(keeper->database);
	pthread_cond_destroy(&keeper->wake);
	pthread_mutex_destroy(&keeper->lock);
	free(keeper);
}
