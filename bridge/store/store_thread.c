#include "bridge/store/store_thread.h"

#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

#include "bridge/core/bridge.h"
#include "bridge/core/log/log.h"
#include "bridge/core/log/log_limit.h"
#include "bridge/core/worker.h"
#include "bridge/store/change.h"
#include "bridge/store/gather.h"
#include "bridge/store/purge.h"
#include "bridge/store/steady.h"
#include "codecs/text/memory.h"

struct job_list {
	struct store_job *first, **last;
};

struct store_thread {
	struct mailbox *box;
	struct bridge *bridge;
	struct commit commit;
	struct gather gather;
	pthread_t thread;
	bool started;
	void (*told)(void *);
	void *told_owner;
	/* Guarded by lock: */
	pthread_mutex_t lock;
	pthread_cond_t wake;
	bool woken;
	struct job_list jobs;
	atomic_bool stopping;
	/* The thread's: */
	struct job_list doing; /* jobs that are being done, in turn */
	enum fault fault;      /* as it was logged */
	/* Jobs of its own: the purge that is gone on with, and a checkpoint. */
	struct store_job purge, checkpoint;
	uint64_t purge_number;
	atomic_bool purge_waits, checkpoint_waits;
	atomic_int checkpoint_mode;
	_Atomic uint64_t transactions, records, failures, wal_bytes, erased_ms;
	atomic_int last_fault;
};

/* ---- waking and waiting ---- */

static void wake(void *owner)
{
	struct store_thread *thread = owner;

	pthread_mutex_lock(&thread->lock);
	thread->woken = true;
	pthread_cond_signal(&thread->wake);
	pthread_mutex_unlock(&thread->lock);
}

/* Until somebody woke it, unless there is work already. Jobs become the thread's. False: it is to
 * stop, and nothing is left to do. */
static bool wait_for_work(struct store_thread *thread)
{
	bool idle;

	pthread_mutex_lock(&thread->lock);
	while (!thread->woken && !thread->stopping && !thread->jobs.first && !thread->doing.first)
		pthread_cond_wait(&thread->wake, &thread->lock);
	idle = !thread->woken && !thread->jobs.first && !thread->doing.first;
	thread->woken = false;
	if (thread->jobs.first) {
		*thread->doing.last = thread->jobs.first;
		thread->doing.last = thread->jobs.last;
		thread->jobs = (struct job_list){ NULL, &thread->jobs.first };
	}
	pthread_mutex_unlock(&thread->lock);
	return !idle || !mailbox_is_empty(thread->box);
}

static void add_job(struct job_list *list, struct store_job *job)
{
	job->next = NULL;
	*list->last = job;
	list->last = &job->next;
}

void store_thread_do(struct store_thread *thread, struct store_job *job)
{
	pthread_mutex_lock(&thread->lock);
	add_job(&thread->jobs, job);
	pthread_cond_signal(&thread->wake);
	pthread_mutex_unlock(&thread->lock);
}

/* ---- what is told ---- */

/* A line when it changes, not for each transaction. */
static void log_fault(struct store_thread *thread, enum fault fault, const char *text)
{
	atomic_store(&thread->last_fault, (int)fault);
	if (fault == thread->fault)
		return;
	thread->fault = fault;
	if (fault == FAULT_NONE)
		log_line(LOG_WARNING, "what is said is stored again");
	else
		log_line(LOG_ERROR, "what is said cannot be stored: %s (%s)", fault_name(fault),
			 text);
}

static void note_erased(struct store_thread *thread)
{
	uint64_t none = 0;

	atomic_compare_exchange_strong(&thread->erased_ms, &none, steady_ms());
}

static void tell(struct store_thread *thread)
{
	atomic_store(&thread->wal_bytes, database_wal_bytes(thread->commit.database));
	if (thread->told)
		thread->told(thread->told_owner);
}

/* ---- workers' posts ---- */

static void send_back(struct store_thread *thread, struct post_list *posts)
{
	struct post_list to[WORKERS_MAX] = { { 0 } };
	struct post *post = posts->first;

	while (post) {
		struct post *next = post->next;

		if (post->kind == POST_FOREIGN)
			post_free(post);
		else
			post_list_add(&to[((struct post_store *)post)->worker], post);
		post = next;
	}
	for (unsigned i = 0; i < thread->bridge->worker_count; i++)
		mailbox_post_list(&thread->bridge->workers[i]->box, &to[i], false);
}

static void commit_some(struct store_thread *thread, struct post_list *waiting)
{
	struct post_list posts = commit_take(waiting);
	struct commit *commit = &thread->commit;
	uint64_t began_us = steady_us();

	commit_posts(commit, &posts);
	gather_note(&thread->gather, commit->records, began_us, steady_us());
	if (commit->records) {
		atomic_fetch_add(&thread->transactions, 1);
		atomic_fetch_add(&thread->records, commit->records);
	}
	if (commit->fault != FAULT_NONE)
		atomic_fetch_add(&thread->failures, 1);
	if (commit->fault != FAULT_NONE || commit->records)
		log_fault(thread, commit->fault, commit->text);
	if (commit->erases)
		note_erased(thread);
	if (commit->purges)
		store_thread_purge(thread);
	tell(thread);
	send_back(thread, &posts);
	database_fill_log(commit->database);
}

/* ---- jobs ---- */

static enum job_state job_run(struct store_job *job, struct database *database)
{
	enum job_state state;

	if (job->bare)
		return job->run(job, database);
	if (!database_begin(database))
		return JOB_FAILED;
	state = job->run(job, database);
	if (state != JOB_FAILED && database_commit(database))
		return state;
	database_rollback(database);
	return JOB_FAILED;
}

static void job_end(struct store_job *job, enum fault fault)
{
	if (job->done)
		job->done(job, fault);
}

/* One piece of the job whose turn it is. */
static void job_step(struct store_thread *thread)
{
	struct store_job *job = thread->doing.first;
	struct database *database = thread->commit.database;
	enum job_state state;

	if (!job)
		return;
	thread->doing.first = job->next;
	if (!job->next)
		thread->doing.last = &thread->doing.first;
	if (job->erases)
		note_erased(thread);
	state = job_run(job, database);
	if (state == JOB_AGAIN)
		add_job(&thread->doing, job);
	else
		job_end(job, state == JOB_FAILED ? database_fault(database) : FAULT_NONE);
	tell(thread);
	database_fill_log(database);
}

#define OF_JOB(job, member)                                                                        \
	((struct store_thread *)((char *)(job)-offsetof(struct store_thread, member)))

static enum job_state purge_run(struct store_job *job, struct database *database)
{
	struct store_thread *thread = OF_JOB(job, purge);
	bool more;

	if (thread->stopping)
		return JOB_DONE;
	if (!purge_step(database, &thread->purge_number, &more))
		return JOB_FAILED;
	return more ? JOB_AGAIN : JOB_DONE;
}

/* One that cannot be carried out does not keep the next ones waiting. */
static void purge_done(struct store_job *job, enum fault fault)
{
	struct store_thread *thread = OF_JOB(job, purge);

	atomic_store(&thread->purge_waits, false);
	if (fault == FAULT_CORRUPT || fault == FAULT_RECORD) {
		thread->purge_number++;
		store_thread_purge(thread);
		return;
	}
	thread->purge_number = 0;
}

void store_thread_purge(struct store_thread *thread)
{
	if (!atomic_exchange(&thread->purge_waits, true))
		store_thread_do(thread, &thread->purge);
}

/* Somebody may read in the log: who asked will ask again. */
static enum job_state checkpoint_run(struct store_job *job, struct database *database)
{
	struct store_thread *thread = OF_JOB(job, checkpoint);
	enum checkpoint mode = (enum checkpoint)atomic_load(&thread->checkpoint_mode);

	if (database_checkpoint(database, mode)) {
		if (mode == CHECKPOINT_TRUNCATE)
			atomic_store(&thread->erased_ms, 0);
	} else if (database_fault(database) != FAULT_NONE)
		return JOB_FAILED;
	return JOB_DONE;
}

static void checkpoint_done(struct store_job *job, enum fault fault)
{
	struct store_thread *thread = OF_JOB(job, checkpoint);

	if (fault != FAULT_NONE)
		log_limited(LOG_STORE, LOG_ERROR, "a checkpoint failed: %s (%s)", fault_name(fault),
			    database_fault_text(thread->commit.database));
	atomic_store(&thread->checkpoint_waits, false);
}

void store_thread_checkpoint(struct store_thread *thread, enum checkpoint mode)
{
	if (atomic_exchange(&thread->checkpoint_waits, true))
		return;
	atomic_store(&thread->checkpoint_mode, (int)mode);
	store_thread_do(thread, &thread->checkpoint);
}

/* ---- the thread ---- */

static void take_posts(struct store_thread *thread, struct post_list *list)
{
	struct post *post = mailbox_take(thread->box);

	while (post) {
		struct post *next = post->next;

		post_list_add(list, post);
		post = next;
	}
}

/* Until that time, unless something comes. False: it is time, or there are jobs. */
static bool wait_for_more(struct store_thread *thread, uint64_t until_us)
{
	struct timespec until = { .tv_sec = (time_t)(until_us / 1000000),
				  .tv_nsec = (long)(until_us % 1000000) * 1000 };
	int error = 0;
	bool woken;

	pthread_mutex_lock(&thread->lock);
	while (!thread->woken && !thread->stopping && !thread->jobs.first && error == 0)
		error = pthread_cond_timedwait(&thread->wake, &thread->lock, &until);
	woken = thread->woken;
	thread->woken = false;
	pthread_mutex_unlock(&thread->lock);
	return woken;
}

static struct post_list gather_posts(struct store_thread *thread)
{
	struct post_list list = { 0 };
	uint64_t since_us = steady_us(), until_us;

	take_posts(thread, &list);
	while (list.first &&
	       (until_us = gather_until(&thread->gather, commit_count(&list), since_us)) &&
	       wait_for_more(thread, until_us))
		take_posts(thread, &list);
	return list;
}

/* Without it, who does not come back before the next start misses what is said until then. */
static void settle(struct database *database)
{
	if (database_begin(database) && database_all_left(database) && database_commit(database))
		return;
	log_line(LOG_WARNING, "who was in rooms when the server ended is not stored: %s",
		 database_fault_text(database));
	database_rollback(database);
}

static void *run(void *context)
{
	struct store_thread *thread = context;

	pthread_setname_np(pthread_self(), "store");
	database_fill_log(thread->commit.database);
	settle(thread->commit.database);
	while (wait_for_work(thread)) {
		struct post_list waiting = gather_posts(thread);

		while (waiting.first) {
			commit_some(thread, &waiting);
			job_step(thread);
		}
		job_step(thread);
	}
	if (!database_checkpoint(thread->commit.database, CHECKPOINT_TRUNCATE))
		log_line(LOG_WARNING, "the log of the stored rooms stays: %s",
			 database_fault_text(thread->commit.database));
	return NULL;
}

struct store_thread *store_thread_new(struct database *database, rows_function *rows,
				      struct mailbox *box, void (*told)(void *), void *told_owner)
{
	struct store_thread *thread = memory_zeroed(1, sizeof(*thread));
	pthread_condattr_t clock;

	thread->commit.database = database;
	thread->commit.rows = rows;
	thread->box = box;
	thread->told = told;
	thread->told_owner = told_owner;
	pthread_mutex_init(&thread->lock, NULL);
	pthread_condattr_init(&clock);
	pthread_condattr_setclock(&clock, CLOCK_MONOTONIC);
	pthread_cond_init(&thread->wake, &clock);
	pthread_condattr_destroy(&clock);
	thread->jobs.last = &thread->jobs.first;
	thread->doing.last = &thread->doing.first;
	thread->purge.run = purge_run;
	thread->purge.done = purge_done;
	thread->purge.erases = true;
	thread->checkpoint.run = checkpoint_run;
	thread->checkpoint.done = checkpoint_done;
	thread->checkpoint.bare = true;
	mailbox_init(box, wake, thread);
	/* What was taken away before a crash may still be in the log. */
	note_erased(thread);
	store_thread_purge(thread);
	return thread;
}

bool store_thread_start(struct store_thread *thread, struct bridge *bridge)
{
	thread->bridge = bridge;
	thread->stopping = false;
	errno = pthread_create(&thread->thread, NULL, run, thread);
	thread->started = errno == 0;
	return thread->started;
}

void store_thread_stop(struct store_thread *thread)
{
	if (!thread->started)
		return;
	pthread_mutex_lock(&thread->lock);
	thread->stopping = true;
	pthread_cond_signal(&thread->wake);
	pthread_mutex_unlock(&thread->lock);
	pthread_join(thread->thread, NULL);
	thread->started = false;
}

void store_thread_free(struct store_thread *thread)
{
	if (!thread)
		return;
	mailbox_clear(thread->box);
	database_close(thread->commit.database);
	pthread_cond_destroy(&thread->wake);
	pthread_mutex_destroy(&thread->lock);
	free(thread);
}

void store_thread_figures(struct store_thread *thread, struct store_figures *figures)
{
	figures->transactions = atomic_load(&thread->transactions);
	figures->records = atomic_load(&thread->records);
	figures->failures = atomic_load(&thread->failures);
	figures->fault = (enum fault)atomic_load(&thread->last_fault);
	figures->wal_bytes = atomic_load(&thread->wal_bytes);
	figures->erased_ms = atomic_load(&thread->erased_ms);
}
