/* database.h - the file that keeps rooms: rooms.db of the state folder, by SQLite. What is in it:
 * schema.c.
 *
 * A connection is one thread's at a time. Any number of them may read at once; one alone writes,
 * see store_thread.h. One server at a time has the folder: the caller holds lock_state()
 * (bridge/lock.h), and so does who opens the file of a server that does not run. */
#ifndef BRIDGE_STORE_SQLITE_DATABASE_H
#define BRIDGE_STORE_SQLITE_DATABASE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "bridge/store/sqlite/fault.h"

#define DATABASE_FILE "rooms.db" /* and beside it, while it is open, -wal and -shm */

/* What is stored when the power fails. */
enum durability {
	DURABLE_COMMIT, /* all that was committed */
	DURABLE_SECOND  /* the same up to about a second before */
};

struct database;

/* To read and write. Makes the file when missing (mode 0600); carries one of an older schema over,
 * beside which a copy stays (see schema.h). NULL after an error, which is written to errors: the
 * folder or the file cannot be used, or is of a newer schema. Returns new. */
struct database *database_open(const char *folder, enum durability durability, FILE *errors);

/* The same to read alone, of a file that is there and of this schema. */
struct database *database_open_reader(const char *folder, FILE *errors);

/* The file's path, for messages. Valid until it is closed. */
const char *database_path(const struct database *database);

/* Rolls back what is not committed. NULL is ignored. */
void database_close(struct database *database);

/* One transaction; none is in another. All that is changed is changed in one, and read in one when
 * it has to fit together. False: see database_fault(); nothing of it has happened then, when
 * database_rollback() is called. Rolling back never fails, and may be done without need. Nothing is
 * committed while the file is not where it was opened. */
bool database_begin(struct database *database) __attribute__((warn_unused_result));
bool database_commit(struct database *database) __attribute__((warn_unused_result));
void database_rollback(struct database *database);

/* Within a transaction: messages that wait for its end (appending.h) are written now, so that it
 * fails now if it does. */
bool database_write(struct database *database) __attribute__((warn_unused_result));

/* A transaction that reads alone: all as of one moment. *began: there was none, and it is to be
 * ended, whatever was read. False: see database_fault(). */
bool database_read_begin(struct database *database, bool *began)
    __attribute__((warn_unused_result));
void database_read_end(struct database *database, bool began);

/* What went wrong last, and in words, which are valid until the next call; FAULT_NONE, "":
 * nothing since the transaction began. */
enum fault database_fault(const struct database *database);
const char *database_fault_text(const struct database *database);

/* How many pages are in the write-ahead log, as of the last commit of this connection, times what
 * each takes: bytes. */
uint64_t database_wal_bytes(const struct database *database);

/* Moves what is committed from the write-ahead log to the file. */
enum checkpoint {
	CHECKPOINT_PASSIVE, /* as much as readers let it; never waits for another connection */
	CHECKPOINT_RESTART, /* and the log begins anew, when nobody reads in it */
	CHECKPOINT_TRUNCATE /* and is emptied: nothing that was deleted is left on disk */
};

/* Not within a transaction. False: it could not be done (now): FAULT_NONE when somebody reads in
 * the log, or else why. */
bool database_checkpoint(struct database *database, enum checkpoint checkpoint)
    __attribute__((warn_unused_result));

/* The log has zeros ahead of what is written: to sync what is written into a file takes a fifth of
 * the time that it takes when the file grows. So long it is at least, and half as much is added
 * whenever a quarter of it is left. */
#define DATABASE_LOG_FILLED (UINT64_C(16) << 20)

/* Does so, if it can: where it cannot, commits are slower. The connection that writes, when it was
 * opened, and after each commit and checkpoint. */
void database_fill_log(struct database *database);

/* What was committed so far by any connection survives a loss of power when this returns true. */
bool database_sync(struct database *database) __attribute__((warn_unused_result));

/* Whether the pages of the file fit together: rows that are gone have no checksum that says so. */
enum pages {
	PAGES_WHOLE,
	PAGES_BROKEN,  /* or they cannot be read; see database_fault_text() */
	PAGES_TOO_MANY /* to be read within that time */
};

/* Looks at them for at most that long, in ms (at least 1), as of one moment. Not within a
 * transaction. */
enum pages database_pages(struct database *database, uint64_t most_ms);

/* A number that outlives the process, by its name (borrows; a constant). 0 when it was never set,
 * and when its row is damaged. Setting it is within a transaction. */
uint64_t database_number(struct database *database, const char *name);
bool database_number_set(struct database *database, const char *name, uint64_t value)
    __attribute__((warn_unused_result));

#endif
