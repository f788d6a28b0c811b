/* store_thread.h - the one thread that writes. It takes what workers recorded from the mailbox of
 * the store, all that waits in one transaction, and sends it back once that is committed. Others'
 * small changes (retention, accounts) are jobs that it does between two transactions: so there is
 * one writer, nobody waits for another's lock, and no transaction of the workers fails because
 * somebody else is writing. */
#ifndef BRIDGE_STORE_STORE_THREAD_H
#define BRIDGE_STORE_STORE_THREAD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bridge/core/mailbox.h"
#include "bridge/store/commit.h"
#include "bridge/store/sqlite/database.h"

struct bridge;
struct store_thread;

/* What somebody else wants to have written. */
enum job_state {
	JOB_DONE,
	JOB_AGAIN, /* there is more to do: after the workers' next transaction */
	JOB_FAILED /* see database_fault(); what it did is rolled back */
};

struct store_job {
	struct store_job *next; /* the thread's */
	/* A small piece, of some hundred rows: each in a transaction of its own, unless it is bare.
	 * The store thread. */
	enum job_state (*run)(struct store_job *, struct database *);
	/* When it is over, once: the thread does not touch it any more. fault: why it failed. The
	 * store thread. NULL: nobody is told. */
	void (*done)(struct store_job *, enum fault fault);
	bool bare;   /* it wants no transaction */
	bool erases; /* it takes away what somebody wrote */
};

/* What the thread did so far. */
struct store_figures {
	uint64_t transactions, records; /* of workers, committed */
	uint64_t failures;              /* transactions that were tried and rolled back */
	enum fault fault;               /* why the last one was; FAULT_NONE: it was not */
	uint64_t wal_bytes;             /* what is in the write-ahead log */
	uint64_t erased_ms; /* when something was taken away first whose bytes may still be on disk;
			     * steady clock; 0: nothing was */
};

/* The thread, not yet running. database: taken; box: initialized, borrowed. told: who is called
 * after each transaction, on the thread; may be NULL. Returns new. */
struct store_thread *store_thread_new(struct database *database, rows_function *rows,
				      struct mailbox *box, void (*told)(void *), void *told_owner);

/* Starts it. bridge: to whose workers posts go back; borrowed, its workers are there. False: errno.
 */
bool store_thread_start(struct store_thread *thread, struct bridge *bridge)
    __attribute__((warn_unused_result));

/* What is in the box is committed and sent back, jobs are carried on to their end; then all is
 * moved out of the log, and the thread is over. Nobody posts any more, nor has jobs. When it was
 * not started, nothing happens. */
void store_thread_stop(struct store_thread *thread);

/* NULL is ignored. It is stopped, or was never started. */
void store_thread_free(struct store_thread *thread);

/* Takes the job until it is done. Any thread. */
void store_thread_do(struct store_thread *thread, struct store_job *job);

/* DELETE_ALLs that are left are gone on with. Any thread. */
void store_thread_purge(struct store_thread *thread);

/* Between two transactions, unless one waits already; not done when somebody reads in the log. Any
 * thread. */
void store_thread_checkpoint(struct store_thread *thread, enum checkpoint mode);

/* Any thread. */
void store_thread_figures(struct store_thread *thread, struct store_figures *figures);

#endif
