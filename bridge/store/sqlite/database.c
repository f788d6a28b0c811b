#include "bridge/store/sqlite/database.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "bridge/store/sqlite/appending.h"
#include "bridge/store/sqlite/message_edit.h"
#include "bridge/store/sqlite/room_numbers.h"
#include "bridge/store/sqlite/schema.h"
#include "bridge/store/sqlite/statement.h"
#include "bridge/store/steady.h"
#include "codecs/text/memory.h"
#include "codecs/text/name.h"

/* Another process that opens the file may be busy recovering it. */
#define BUSY_MS 5000

/* page_size holds for a file that is made now. What is deleted is overwritten; checkpoints are the
 * keeper's; a page that makes no sense is an error and not read beyond its end. A larger cache
 * costs more, for the memory that is new, than it saves: the system has the pages, too. */
#define SETTINGS                                                                                   \
	"PRAGMA page_size = 8192;"                                                                 \
	"PRAGMA journal_mode = WAL;"                                                               \
	"PRAGMA wal_autocheckpoint = 0;"                                                           \
	"PRAGMA secure_delete = ON;"
#define SETTINGS_ALL                                                                               \
	"PRAGMA trusted_schema = OFF;"                                                             \
	"PRAGMA cell_size_check = ON;"                                                             \
	"PRAGMA temp_store = MEMORY;"                                                              \
	"PRAGMA cache_size = -4096;"

/* ---- what went wrong ---- */

enum fault database_fault(const struct database *database)
{
	return database->fault;
}

const char *database_fault_text(const struct database *database)
{
	return database->text;
}

const char *database_path(const struct database *database)
{
	return sqlite3_db_filename(database->sqlite, "main");
}

/* ---- opening ---- */

static bool run(sqlite3 *sqlite, const char *sql)
{
	return sqlite3_exec(sqlite, sql, NULL, NULL, NULL) == SQLITE_OK;
}

static int count_pages(void *context, sqlite3 *sqlite, const char *name, int pages)
{
	struct database *database = context;

	(void)sqlite;
	(void)name;
	database->wal_bytes = (uint64_t)pages * (database->page_bytes + 24u);
	return SQLITE_OK;
}

/* SQLite itself would make it as the umask says. One that is there is not opened: to close it would
 * take the locks of all connections of this process away, and another process that looks at the
 * file would take itself for the last one, and remove the log. */
static bool make_file(const char *path)
{
	int fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOCTTY, 0600);
	struct stat about;

	if (fd >= 0)
		return close(fd) == 0;
	if (errno != EEXIST || access(path, R_OK | W_OK) != 0 || stat(path, &about) != 0)
		return false;
	errno = EISDIR;
	return !S_ISDIR(about.st_mode);
}

static struct database *connect_to(const char *path, int flags)
{
	struct database *database = memory_zeroed(1, sizeof(*database));

	if (sqlite3_open_v2(path, &database->sqlite,
			    flags | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE, NULL) == SQLITE_OK)
		sqlite3_busy_timeout(database->sqlite, BUSY_MS);
	return database;
}

static bool settle(struct database *database, enum durability durability)
{
	const char *synchronous = durability == DURABLE_SECOND ? "PRAGMA synchronous = NORMAL"
							       : "PRAGMA synchronous = FULL";

	return run(database->sqlite, SETTINGS) && run(database->sqlite, SETTINGS_ALL) &&
	       run(database->sqlite, synchronous);
}

static uint32_t page_bytes(sqlite3 *sqlite)
{
	sqlite3_stmt *stmt = NULL;
	uint32_t bytes = 0;

	if (sqlite3_prepare_v2(sqlite, "PRAGMA page_size", -1, &stmt, NULL) == SQLITE_OK &&
	    sqlite3_step(stmt) == SQLITE_ROW)
		bytes = (uint32_t)sqlite3_column_int(stmt, 0);
	sqlite3_finalize(stmt);
	return bytes;
}

static struct database *give_up(struct database *database, const char *path, FILE *errors)
{
	enum fault fault = fault_now(database->sqlite);
	char said[FAULT_TEXT];

	fault_words(database->sqlite, said);
	/* What SQLite itself calls an I/O error. */
	if (fault == FAULT_FULL || fault == FAULT_READ_ONLY)
		fprintf(errors, "dragoman: %s: %s (%s)\n", path, fault_name(fault), said);
	else
		fprintf(errors, "dragoman: %s: %s\n", path, said);
	database_close(database);
	return NULL;
}

static bool path_of(const char *folder, char path[PATH_MAX], FILE *errors)
{
	if (snprintf(path, PATH_MAX, "%s/" DATABASE_FILE, folder) < PATH_MAX)
		return true;
	fprintf(errors, "dragoman: %s: %s\n", folder, strerror(ENAMETOOLONG));
	return false;
}

struct database *database_open(const char *folder, enum durability durability, FILE *errors)
{
	char path[PATH_MAX];
	struct database *database;

	if (!path_of(folder, path, errors))
		return NULL;
	if (!make_file(path)) {
		fprintf(errors, "dragoman: %s: %s\n", path, strerror(errno));
		return NULL;
	}
	database = connect_to(path, SQLITE_OPEN_READWRITE);
	if (!settle(database, durability) || !statement_functions(database->sqlite))
		return give_up(database, path, errors);
	if (!schema_carry(database->sqlite, &schema_ours, path, errors)) {
		database_close(database);
		return NULL;
	}
	database->page_bytes = page_bytes(database->sqlite);
	sqlite3_wal_hook(database->sqlite, count_pages, database);
	return database;
}

/* To read a write-ahead log is to write the index beside it: it is opened to write, and does not.
 */
struct database *database_open_reader(const char *folder, FILE *errors)
{
	char path[PATH_MAX];
	struct database *database;

	if (!path_of(folder, path, errors))
		return NULL;
	database = connect_to(path, SQLITE_OPEN_READWRITE);
	if (!run(database->sqlite, SETTINGS_ALL "PRAGMA query_only = ON") ||
	    !run(database->sqlite, "PRAGMA wal_autocheckpoint = 0") ||
	    !statement_functions(database->sqlite))
		return give_up(database, path, errors);
	if (!schema_check(database->sqlite, &schema_ours, path, errors)) {
		database_close(database);
		return NULL;
	}
	return database;
}

void database_close(struct database *database)
{
	if (!database)
		return;
	statements_close(database);
	messages_edit_end(database);
	sqlite3_close(database->sqlite);
	room_numbers_clear(database);
	appending_clear(database);
	free(database);
}

/* ---- transactions ---- */

static void fault_clear(struct database *database)
{
	database->fault = FAULT_NONE;
	*database->text = '\0';
}

bool database_begin(struct database *database)
{
	struct binding begin;

	fault_clear(database);
	begin = bind_start(database, SQL_BEGIN, 0);
	return bind_run(&begin, NULL);
}

/* SQLite would go on writing into what nobody opens again. */
static bool is_in_place(struct database *database)
{
	int moved = 0;

	(void)sqlite3_file_control(database->sqlite, NULL, SQLITE_FCNTL_HAS_MOVED, &moved);
	if (!moved)
		return true;
	database->fault = FAULT_MOVED;
	snprintf(database->text, sizeof(database->text),
		 DATABASE_FILE " of the state folder is another one, or none");
	return false;
}

bool database_write(struct database *database)
{
	return appending_write(database);
}

bool database_commit(struct database *database)
{
	struct binding commit;

	if (database->fault != FAULT_NONE || !appending_write(database) || !is_in_place(database))
		return false;
	commit = bind_start(database, SQL_COMMIT, 0);
	return bind_run(&commit, NULL);
}

/* Some faults have rolled back already. */
void database_rollback(struct database *database)
{
	if (!sqlite3_get_autocommit(database->sqlite))
		run(database->sqlite, "ROLLBACK");
	room_numbers_clear(database);
	appending_clear(database);
}

bool database_read_begin(struct database *database, bool *began)
{
	*began = sqlite3_get_autocommit(database->sqlite);
	return *began ? database_begin(database) : database->fault == FAULT_NONE;
}

/* Nothing is to be kept of it, and SQLite refuses to commit where it has met damage. */
void database_read_end(struct database *database, bool began)
{
	if (began && !sqlite3_get_autocommit(database->sqlite))
		run(database->sqlite, "ROLLBACK");
}

/* ---- the write-ahead log ---- */

uint64_t database_wal_bytes(const struct database *database)
{
	return database->wal_bytes;
}

/* A connection that has not read yet does not know of the log, and would do nothing. */
static bool look_at_log(sqlite3 *sqlite)
{
	return run(sqlite, "SELECT 1 FROM meta");
}

bool database_checkpoint(struct database *database, enum checkpoint checkpoint)
{
	static const int modes[] = { [CHECKPOINT_PASSIVE] = SQLITE_CHECKPOINT_PASSIVE,
				     [CHECKPOINT_RESTART] = SQLITE_CHECKPOINT_RESTART,
				     [CHECKPOINT_TRUNCATE] = SQLITE_CHECKPOINT_TRUNCATE };
	int rc, pages = -1;

	fault_clear(database);
	if (!look_at_log(database->sqlite))
		return database_failed(database);
	/* Whoever reads may do so for long. */
	sqlite3_busy_timeout(database->sqlite, 0);
	rc = sqlite3_wal_checkpoint_v2(database->sqlite, NULL, modes[checkpoint], &pages, NULL);
	sqlite3_busy_timeout(database->sqlite, BUSY_MS);
	if ((rc & 0xff) == SQLITE_BUSY || (rc & 0xff) == SQLITE_LOCKED)
		return false;
	if (rc != SQLITE_OK)
		return database_failed(database);
	if (checkpoint != CHECKPOINT_PASSIVE)
		database->wal_bytes = 0;
	if (checkpoint == CHECKPOINT_TRUNCATE)
		database->filled = 0;
	return true;
}

/* NULL: there is none. */
static sqlite3_file *log_of(struct database *database)
{
	sqlite3_file *log = NULL;

	if (!look_at_log(database->sqlite) ||
	    sqlite3_file_control(database->sqlite, NULL, SQLITE_FCNTL_JOURNAL_POINTER, &log) !=
		SQLITE_OK)
		return NULL;
	return log && log->pMethods ? log : NULL;
}

static void fill(sqlite3_file *log, sqlite3_int64 size, sqlite3_int64 wanted)
{
	static const char zeros[65536];

	for (sqlite3_int64 filled = size; filled < wanted; filled += (sqlite3_int64)sizeof(zeros))
		if (log->pMethods->xWrite(log, zeros, sizeof(zeros), filled) != SQLITE_OK) {
			/* The last of the disk is for what is said. */
			(void)log->pMethods->xTruncate(log, size);
			return;
		}
	(void)log->pMethods->xSync(log, SQLITE_SYNC_NORMAL);
}

/* Where it could not be filled it is tried again when as much was written as should have been
 * filled. */
void database_fill_log(struct database *database)
{
	uint64_t wanted = DATABASE_LOG_FILLED;
	sqlite3_file *log;
	sqlite3_int64 size = 0;

	if (database->filled && database->wal_bytes + DATABASE_LOG_FILLED / 4 <= database->filled)
		return;
	while (wanted < database->wal_bytes + DATABASE_LOG_FILLED / 2)
		wanted += DATABASE_LOG_FILLED / 2;
	database->filled = wanted;
	log = log_of(database);
	if (log && log->pMethods->xFileSize(log, &size) == SQLITE_OK && (uint64_t)size < wanted)
		fill(log, size, (sqlite3_int64)wanted);
}

bool database_sync(struct database *database)
{
	sqlite3_file *log;

	fault_clear(database);
	log = log_of(database);
	if (!log && sqlite3_errcode(database->sqlite) != SQLITE_OK)
		return database_failed(database);
	if (log &&
	    log->pMethods->xSync(log, SQLITE_SYNC_NORMAL | SQLITE_SYNC_DATAONLY) == SQLITE_OK)
		return true;
	database->fault = FAULT_IO;
	snprintf(database->text, sizeof(database->text), "the log cannot be synced");
	return false;
}

/* ---- pages ---- */

#define STEPS_BETWEEN 1000 /* of SQLite's machine: some microseconds */

static int is_late(void *context)
{
	const uint64_t *until_ms = context;

	return steady_ms() >= *until_ms;
}

enum pages database_pages(struct database *database, uint64_t most_ms)
{
	uint64_t until_ms = steady_ms() + most_ms;
	enum pages pages = PAGES_BROKEN;
	struct binding row;

	fault_clear(database);
	row = bind_start(database, SQL_CHECK_PAGES, 0);
	sqlite3_progress_handler(database->sqlite, STEPS_BETWEEN, is_late, &until_ms);
	if (bind_step(&row)) {
		struct slice said = column_slice(&row, 0);

		if (slice_is(said, "ok"))
			pages = PAGES_WHOLE;
		else
			text_escape(said, database->text, sizeof(database->text));
		bind_end(&row);
	} else if (sqlite3_errcode(database->sqlite) == SQLITE_INTERRUPT) {
		pages = PAGES_TOO_MANY;
	}
	sqlite3_progress_handler(database->sqlite, 0, NULL, NULL);
	return pages;
}

/* ---- numbers ---- */

uint64_t database_number(struct database *database, const char *name)
{
	struct binding find = bind_start(database, SQL_META_GET, TABLE_META);
	struct row_values values;
	uint64_t value = 0;

	bind_text(&find, slice_of(name));
	if (bind_step(&find)) {
		value = row_read(&find, TABLE_META, &values) ? value_number(&values, 1) : 0;
		bind_end(&find);
	}
	return value;
}

bool database_number_set(struct database *database, const char *name, uint64_t value)
{
	struct binding set = bind_start(database, SQL_META_SET, TABLE_META);

	bind_text(&set, slice_of(name));
	bind_number(&set, value);
	bind_crc(&set);
	return bind_run(&set, NULL);
}
