/* statement.h - the statements of the database, each prepared once for a connection, with their
 * values bound and never printed into them. For bridge/store alone, like the insides of a
 * connection. */
#ifndef BRIDGE_STORE_SQLITE_STATEMENT_H
#define BRIDGE_STORE_SQLITE_STATEMENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bridge/store/sqlite/fault.h"
#include "bridge/store/sqlite/row_crc.h"
#include "codecs/text/slice.h"

struct database;
struct sqlite3;
struct sqlite3_stmt;

/* What each does: statement.c. */
enum statement {
	SQL_BEGIN,
	SQL_COMMIT,
	SQL_META_GET,
	SQL_META_SET,
	SQL_ROOMS_SINCE,
	SQL_ROOM_ADD,
	SQL_ROOMS,
	SQL_BLOCK_ADD,
	SQL_BULK_ADD,
	SQL_BLOCK_LAST,
	SQL_BLOCKS_GONE,
	SQL_BLOCKS_BULK,
	SQL_BLOCKS_DROP,
	SQL_MESSAGE_ADD,
	SQL_NOTE_ADD,
	SQL_NOTE_DELETE,
	SQL_REACT_FIRST,
	SQL_REACT,
	SQL_UNREACT,
	SQL_REACTIONS_DELETE,
	SQL_MARK_LAST,
	SQL_MARK_SET,
	SQL_MARK_LIFT,
	SQL_MARK_PERSON,
	SQL_MARK_PARDON,
	SQL_MARKS_END,
	SQL_POLL_SET,
	SQL_POLL_END,
	SQL_VOTE_SET,
	SQL_VOTES_END,
	SQL_LEFT_SET,
	SQL_LEFT_ALL,
	SQL_PURGE_LAST,
	SQL_PURGE_ADD,
	SQL_PURGE_NEXT,
	SQL_PURGE_GO_ON,
	SQL_PURGE_END,
	SQL_PURGES_OF,
	SQL_READ_FIRST,
	SQL_READ_BLOCKS,
	SQL_READ_NOTE_FIRST,
	SQL_READ_NOTES,
	SQL_READ_REACTIONS,
	SQL_READ_MARKS,
	SQL_READ_POLL,
	SQL_READ_VOTES,
	SQL_READ_LEFT,
	SQL_RETAIN_ROOM,
	SQL_RETAIN_SIZES,
	SQL_RETAIN_BEFORE,
	SQL_RETAIN_NOW,
	SQL_RETAIN_MARK,
	SQL_RETAIN_EXPIRED,
	SQL_RETAIN_MESSAGES,
	SQL_RETAIN_REACTIONS,
	SQL_RETAIN_FOREIGN,
	SQL_RETAIN_NOTES,
	SQL_RETAIN_MARKS,
	SQL_RETAIN_MARKS_EXPIRED,
	SQL_HISTORY_FIRST,
	SQL_HISTORY,
	SQL_ROOM_SETTINGS,
	SQL_PERSON_SET,
	SQL_PERSON_SEEN,
	SQL_PEOPLE,
	SQL_BAN_SET,
	SQL_BAN_LIFT,
	SQL_BANS_OVER,
	SQL_BANS,
	SQL_TOKEN_ADD,
	SQL_TOKEN_GONE,
	SQL_TOKENS,
	SQL_FOREIGN_FIND,
	SQL_FOREIGN_TURN,
	SQL_FOREIGN_SET,
	SQL_FOREIGN_NEWEST,
	SQL_SAID_FIRST,
	SQL_SAID,
	SQL_ERASE_FIND,
	SQL_ERASE_SCAN,
	SQL_ERASE_POLL_VOTES,
	SQL_ERASE_POLL,
	SQL_ERASE_REACTIONS,
	SQL_ERASE_VOTES,
	SQL_ERASE_MARKS,
	SQL_ERASE_PURGES,
	SQL_ERASE_LEFT_AT,
	SQL_ERASE_PERSON,
	SQL_ERASE_TOKENS,
	SQL_CHECK_FILE,
	SQL_CHECK_PAGES,
	SQL_CHECK_ROOM,
	SQL_CHECK_META,
	SQL_CHECK_ROOMS,
	SQL_CHECK_PERSONS,
	SQL_CHECK_NOTES,
	SQL_CHECK_REACTIONS,
	SQL_CHECK_MARKS,
	SQL_CHECK_POLLS,
	SQL_CHECK_VOTES,
	SQL_CHECK_PURGES,
	SQL_CHECK_LEFT_AT,
	SQL_CHECK_FOREIGN_IDS,
	SQL_CHECK_SERVER_BANS,
	SQL_CHECK_TOKENS,
	SQL_CHECK_BLOCKS,
	STATEMENTS
};

/* Values on their way into a statement, and their checksum. */
struct binding {
	struct database *database;
	struct sqlite3_stmt *stmt; /* NULL: it could not be prepared; what follows does nothing */
	int at;
	struct row_crc crc;
};

/* Begins with the first parameter. table: whose checksum; 0: of none. */
struct binding bind_start(struct database *database, enum statement statement,
			  enum store_table table);

/* The next parameter. Numbers are kept as signed. Bytes are borrowed until the statement ran;
 * absent is '' in a text, NULL in a blob. */
void bind_number(struct binding *binding, uint64_t value);
void bind_text(struct binding *binding, struct slice text);
void bind_blob(struct binding *binding, struct slice blob);

/* A column that the statement itself has as NULL: in the checksum alone. */
void bind_null(struct binding *binding);

/* The checksum of all values so far. */
void bind_crc(struct binding *binding);

/* Runs it to its end; its rows are not looked at. False: the connection has the fault. *changed
 * (may be NULL): how many rows. */
bool bind_run(struct binding *binding, int *changed) __attribute__((warn_unused_result));

/* The next row: true; the end, or a fault: false, and the statement is reset. */
bool bind_step(struct binding *binding) __attribute__((warn_unused_result));

/* No further row is wanted. */
void bind_end(struct binding *binding);

/* Of the row that was stepped to. Borrows until the next step. NULL: 0, absent. */
uint64_t column_number(const struct binding *binding, int column);
struct slice column_slice(const struct binding *binding, int column);

/* The values of a row. Borrows until the next step. */
struct row_values {
	struct {
		enum row_type type;
		int64_t number;     /* else 0 */
		struct slice bytes; /* of a text or a blob; else absent */
	} at[ROW_COLUMNS_MAX + 1];
};

/* Reads the row that was stepped to, of all columns of that table. True: the last one holds the
 * checksum of those before. */
bool row_read(const struct binding *binding, enum store_table table, struct row_values *values);

static inline uint64_t value_number(const struct row_values *values, size_t column)
{
	return (uint64_t)values->at[column].number;
}

/* ---- the inside of a connection ---- */

struct appending;
struct block_change;
struct room_numbers;

struct database {
	struct sqlite3 *sqlite;
	struct sqlite3_stmt *statements[STATEMENTS];
	struct room_numbers *rooms;  /* NULL: none is known yet */
	struct appending *appending; /* NULL: nothing waits */
	struct block_change *change; /* NULL: not needed yet */
	enum fault fault;
	char text[FAULT_TEXT];
	uint64_t wal_bytes, filled; /* filled: how long the log is, or should be */
	uint32_t page_bytes;
};

/* What the connection says of its last call is its fault, unless it had one before. Returns false.
 */
bool database_failed(struct database *database);

/* Registers row_crc(table, column, ...) and the table of messages with a connection. */
bool statement_functions(struct sqlite3 *sqlite) __attribute__((warn_unused_result));

void statements_close(struct database *database);

#endif
