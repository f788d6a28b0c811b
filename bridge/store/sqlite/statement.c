#include "bridge/store/sqlite/statement.h"

#include <sqlite3.h>
#include <stdio.h>

#include "bridge/store/sqlite/block_change.h"
#include "bridge/store/sqlite/message_table.h"

/* Of the tables, as in enum store_table: statement_text() is constant. */
#define T_ROOM    "2"
#define T_PERSON  "3"
#define T_MESSAGE "4"
#define T_NOTE    "5"
#define T_PURGE   "10"
#define T_LEFT_AT "11"

/* A row whose checksum is wrong keeps a wrong one: a change must not make damage look whole. */
#define CRC_AGAIN(table, before, after)                                                            \
	"crc = CASE crc WHEN row_crc(" table ", " before ") THEN row_crc(" table ", " after        \
	") ELSE crc END"

#define MESSAGE "room, id, author, name, roles, time_ms, deleted, body, edit"
#define NOTE    "room, id, about, stands, author, time_ms, deleted"
#define ROOM    "number, folded, name, settings"
#define PERSON  "number, folded, name, secret, roles, seen_ms"
#define BAN     "key, target, number, folded, addresses, since_ms, until_ms, reason"
#define TOKEN   "hash, kind, number, roles, credential, name, dialect, issued_ms, expires_ms"
#define FOREIGN "upstream, id, turn, theirs, room"
#define PURGE   "number, room, author, folded, id, done"

#define NEWEST "ifnull((SELECT max(last) FROM block b WHERE b.room = left_at.room), 1)"

static const char *const texts[STATEMENTS] = {
	[SQL_BEGIN] = "BEGIN",
	[SQL_COMMIT] = "COMMIT",
	[SQL_META_GET] = "SELECT name, value, crc FROM meta WHERE name = ?1",
	[SQL_META_SET] = "INSERT OR REPLACE INTO meta VALUES (?1, ?2, ?3)",
	[SQL_ROOMS_SINCE] = "SELECT number, folded FROM room WHERE number > ?1 ORDER BY number",
	[SQL_ROOM_ADD] = "INSERT INTO room VALUES (?1, ?2, ?3, NULL, ?4)",
	[SQL_ROOMS] = "SELECT number, folded, name, settings, crc FROM room ORDER BY number",

	[SQL_BLOCK_ADD] = "INSERT INTO block VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
	[SQL_BULK_ADD] = "INSERT INTO bulk VALUES (NULL, ?1, ?2)",
	[SQL_BLOCK_LAST] = "SELECT max(last) FROM block WHERE room = ?1",
	[SQL_BLOCKS_GONE] =
	    "SELECT sum(length(ids)) / 12 FROM block WHERE room = ?1 AND last <= ?2",
	[SQL_BLOCKS_BULK] = "DELETE FROM bulk WHERE number IN (SELECT bulk FROM block"
			    " WHERE room = ?1 AND last <= ?2) AND room = ?1",
	[SQL_BLOCKS_DROP] = "DELETE FROM block WHERE room = ?1 AND last <= ?2",
	/* message_table.h */
	[SQL_MESSAGE_ADD] = "INSERT INTO message VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, NULL, ?9)",
	[SQL_NOTE_ADD] = "INSERT INTO note VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
	[SQL_NOTE_DELETE] = "UPDATE note SET deleted = 1, " CRC_AGAIN(
	    T_NOTE, NOTE,
	    "room, id, about, stands, author, time_ms, 1") " WHERE room = ?1 AND id = ?2",

	[SQL_REACT_FIRST] =
	    "SELECT min(first) FROM reaction WHERE room = ?1 AND id = ?2 AND emoji = ?3",
	[SQL_REACT] =
	    "INSERT OR IGNORE INTO reaction SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7 WHERE EXISTS"
	    " (SELECT 1 FROM message WHERE room = ?1 AND id = ?2 AND deleted = 0)",
	[SQL_UNREACT] =
	    "DELETE FROM reaction WHERE room = ?1 AND id = ?2 AND emoji = ?3 AND author = ?4",
	[SQL_REACTIONS_DELETE] = "DELETE FROM reaction WHERE room = ?1 AND id = ?2",

	[SQL_MARK_LAST] = "SELECT max(turn) FROM mark WHERE room = ?1",
	[SQL_MARK_SET] =
	    "INSERT OR REPLACE INTO mark VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)",
	[SQL_MARK_LIFT] = "DELETE FROM mark WHERE room = ?1 AND list = ?2 AND number = ?3"
			  " AND address = ?4 AND folded = ?5",
	[SQL_MARK_PERSON] = "SELECT person FROM mark WHERE room = ?1 AND list = ?2 AND number = ?3"
			    " AND address = ?4 AND folded = ?5",
	[SQL_MARK_PARDON] = "DELETE FROM mark WHERE room = ?1 AND list = ?2 AND person = ?3",
	[SQL_MARKS_END] = "DELETE FROM mark WHERE room = ?1",

	[SQL_POLL_SET] = "INSERT OR REPLACE INTO poll VALUES (?1, ?2, ?3, ?4, ?5)",
	[SQL_POLL_END] = "DELETE FROM poll WHERE room = ?1",
	[SQL_VOTE_SET] = "INSERT OR REPLACE INTO vote SELECT ?1, ?2, ?3, ?4, ?5 WHERE EXISTS"
			 " (SELECT 1 FROM poll WHERE room = ?1)",
	[SQL_VOTES_END] = "DELETE FROM vote WHERE room = ?1",

	[SQL_LEFT_SET] = "INSERT OR REPLACE INTO left_at VALUES (?1, ?2, ?3, ?4)",
	[SQL_LEFT_ALL] = "UPDATE left_at SET id = " NEWEST ", " CRC_AGAIN(
	    T_LEFT_AT, "room, person, id", "room, person, " NEWEST) " WHERE id = 0",

	[SQL_PURGE_LAST] = "SELECT max(number) FROM purge",
	[SQL_PURGE_ADD] = "INSERT INTO purge VALUES (?1, ?2, ?3, ?4, ?5, 0, ?6)",
	[SQL_PURGE_NEXT] = "SELECT " PURGE ", crc FROM purge WHERE number >= ?1 ORDER BY number",
	[SQL_PURGE_GO_ON] = "UPDATE purge SET done = ?2, " CRC_AGAIN(
	    T_PURGE, PURGE, "number, room, author, folded, id, ?2") " WHERE number = ?1",
	[SQL_PURGE_END] = "DELETE FROM purge WHERE number = ?1",
	[SQL_PURGES_OF] = "SELECT " PURGE ", crc FROM purge WHERE room = ?1 ORDER BY number",

	/* The oldest of the newest so many. */
	[SQL_READ_FIRST] =
	    "SELECT id FROM message WHERE room = ?1 ORDER BY id DESC LIMIT 1 OFFSET ?2",
	[SQL_READ_BLOCKS] = BLOCK_SELECT "WHERE b.room = ?1 AND b.last >= ?2 ORDER BY b.last",
	[SQL_READ_NOTE_FIRST] = "SELECT id FROM note WHERE room = ?1 AND stands = ?2"
				" ORDER BY id DESC LIMIT 1 OFFSET ?3",
	[SQL_READ_NOTES] =
	    "SELECT " NOTE ", crc FROM note WHERE room = ?1 AND id >= ?2 ORDER BY id",
	[SQL_READ_REACTIONS] = "SELECT room, id, emoji, author, at, first, crc FROM reaction"
			       " WHERE room = ?1 AND id >= ?2 ORDER BY first, at",
	[SQL_READ_MARKS] =
	    "SELECT room, turn, list, number, address, folded, until_ms, person, at, crc"
	    " FROM mark WHERE room = ?1 ORDER BY turn",
	[SQL_READ_POLL] = "SELECT room, id, until_ms, body, crc FROM poll WHERE room = ?1",
	[SQL_READ_VOTES] =
	    "SELECT room, author, choice, at, crc FROM vote WHERE room = ?1 ORDER BY at",
	[SQL_READ_LEFT] = "SELECT room, person, id, crc FROM left_at WHERE room = ?1",

	[SQL_RETAIN_ROOM] =
	    "SELECT number, ifnull((SELECT max(last) FROM block WHERE room = number), 0)"
	    " + ifnull((SELECT max(id) FROM note WHERE room = number), 0)"
	    " + ifnull((SELECT max(turn) FROM mark WHERE room = room.number), 0)"
	    " FROM room WHERE number > ?1 ORDER BY number LIMIT 1",
	[SQL_RETAIN_SIZES] =
	    "SELECT id, ifnull(length(body), 0) + ifnull(length(edit), 0) FROM message"
	    " WHERE room = ?1 ORDER BY id DESC",
	[SQL_RETAIN_BEFORE] = "SELECT id FROM message WHERE room = ?1 AND id < ?2"
			      " ORDER BY id DESC LIMIT 1 OFFSET ?3",
	/* Of those up to ?2 the last one of the oldest ?3. */
	[SQL_RETAIN_NOW] =
	    "SELECT max(id) FROM (SELECT id FROM message WHERE room = ?1 AND id <= ?2"
	    " ORDER BY id LIMIT ?3)",
	[SQL_RETAIN_MARK] = "SELECT turn FROM mark WHERE room = ?1 AND list = ?2"
			    " ORDER BY turn DESC LIMIT 1 OFFSET ?3",
	[SQL_RETAIN_EXPIRED] = "SELECT turn FROM mark WHERE room = ?1 AND until_ms >= 0"
			       " AND until_ms < ?2 LIMIT 1 OFFSET ?3",
	[SQL_RETAIN_MESSAGES] = "DELETE FROM message WHERE room = ?1 AND id <= ?2",
	[SQL_RETAIN_REACTIONS] = "DELETE FROM reaction WHERE room = ?1 AND id <= ?2",
	[SQL_RETAIN_FOREIGN] = "DELETE FROM foreign_id WHERE room = ?1 AND id <= ?2",
	[SQL_RETAIN_NOTES] = "DELETE FROM note WHERE room = ?1 AND id IN (SELECT id FROM note"
			     " WHERE room = ?1 AND stands = ?2 AND id < ?3 LIMIT 500)",
	[SQL_RETAIN_MARKS] =
	    "DELETE FROM mark WHERE room = ?1 AND turn IN (SELECT turn FROM mark"
	    " WHERE room = ?1 AND list = ?2 AND turn <= ?3 ORDER BY turn LIMIT 500)",
	[SQL_RETAIN_MARKS_EXPIRED] =
	    "DELETE FROM mark WHERE room = ?1 AND turn IN (SELECT turn FROM mark"
	    " WHERE room = ?1 AND until_ms >= 0 AND until_ms < ?2 ORDER BY turn LIMIT 500)",

	[SQL_HISTORY_FIRST] = "SELECT min(id) FROM (SELECT id FROM message WHERE room = ?1"
			      " AND id < ?2 AND body IS NOT NULL ORDER BY id DESC LIMIT ?3)",
	[SQL_HISTORY] =
	    "SELECT " MESSAGE ", crc FROM message WHERE room = ?1 AND id >= ?2 AND id < ?3"
	    " AND body IS NOT NULL ORDER BY id",

	[SQL_ROOM_SETTINGS] = "UPDATE room SET settings = ?2, " CRC_AGAIN(
	    T_ROOM, ROOM, "number, folded, name, ?2") " WHERE number = ?1",

	/* Another person's name is a fault, and replaces nobody. */
	[SQL_PERSON_SET] =
	    "INSERT INTO person VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)"
	    " ON CONFLICT (number) DO UPDATE SET folded = ?2, name = ?3, secret = ?4,"
	    " roles = ?5, seen_ms = ?6, crc = ?7",
	[SQL_PERSON_SEEN] = "UPDATE person SET seen_ms = ?2, " CRC_AGAIN(
	    T_PERSON, PERSON, "number, folded, name, secret, roles, ?2") " WHERE number = ?1",
	[SQL_PEOPLE] = "SELECT " PERSON ", crc FROM person ORDER BY number",

	[SQL_BAN_SET] =
	    "INSERT OR REPLACE INTO server_ban VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
	[SQL_BAN_LIFT] = "DELETE FROM server_ban WHERE key = ?1",
	[SQL_BANS_OVER] = "DELETE FROM server_ban WHERE until_ms BETWEEN 0 AND ?1",
	[SQL_BANS] = "SELECT " BAN ", crc FROM server_ban ORDER BY since_ms",

	/* One hash twice is a fault, and replaces nothing. */
	[SQL_TOKEN_ADD] = "INSERT INTO token VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)",
	[SQL_TOKEN_GONE] = "DELETE FROM token WHERE hash = ?1",
	[SQL_TOKENS] = "SELECT " TOKEN ", crc FROM token ORDER BY issued_ms",

	[SQL_FOREIGN_FIND] =
	    "SELECT " FOREIGN ", crc FROM foreign_id WHERE upstream = ?1 AND theirs = ?2",
	[SQL_FOREIGN_TURN] = "SELECT max(turn) FROM foreign_id WHERE upstream = ?1 AND id = ?2",
	[SQL_FOREIGN_SET] = "INSERT OR REPLACE INTO foreign_id VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
	/* By the key, and not by the index of rooms. */
	[SQL_FOREIGN_NEWEST] =
	    "SELECT " FOREIGN ", crc FROM foreign_id WHERE upstream = ?1 AND +room = ?2"
	    " ORDER BY id DESC, turn DESC LIMIT ?3",

#define SAID "(author <> 0 OR body IS NOT NULL)"
	[SQL_SAID_FIRST] = "SELECT min(id) FROM (SELECT id FROM message WHERE room = ?1"
			   " AND id < ?2 AND " SAID " ORDER BY id DESC LIMIT ?3)",
	[SQL_SAID] = "SELECT " MESSAGE ", crc FROM message WHERE room = ?1 AND id >= ?2 AND id < ?3"
		     " AND " SAID " ORDER BY id",

	[SQL_ERASE_FIND] = "SELECT author, name FROM message WHERE author <> 0 AND name <> ''"
			   " UNION SELECT number, name FROM person ORDER BY 1",
	[SQL_ERASE_SCAN] = "SELECT id, author FROM message WHERE room = ?1 AND id > ?2 ORDER BY id",
	[SQL_ERASE_POLL_VOTES] = "DELETE FROM vote WHERE room = ?1 AND EXISTS"
				 " (SELECT 1 FROM poll WHERE room = ?1 AND id = ?2)",
	[SQL_ERASE_POLL] = "DELETE FROM poll WHERE room = ?1 AND id = ?2",
	[SQL_ERASE_REACTIONS] = "DELETE FROM reaction WHERE room = ?1 AND author = ?2",
	[SQL_ERASE_VOTES] = "DELETE FROM vote WHERE room = ?1 AND author = ?2",
	[SQL_ERASE_MARKS] = "DELETE FROM mark WHERE room = ?1 AND (number = ?2 OR person = ?2"
			    " OR (?3 <> '' AND folded = ?3))",
	[SQL_ERASE_PURGES] = "DELETE FROM purge WHERE author = ?1",
	[SQL_ERASE_LEFT_AT] = "DELETE FROM left_at WHERE person = ?1",
	[SQL_ERASE_PERSON] = "DELETE FROM person WHERE number = ?1",
	[SQL_ERASE_TOKENS] = "DELETE FROM token WHERE number = ?1",

	[SQL_CHECK_FILE] = "PRAGMA integrity_check",
	[SQL_CHECK_PAGES] = "PRAGMA quick_check(1)",
	[SQL_CHECK_ROOM] =
	    "SELECT min(number) FROM (SELECT min(number) AS number FROM room WHERE number > ?1"
	    " UNION ALL SELECT min(room) FROM block WHERE room > ?1)",
	[SQL_CHECK_META] = "SELECT * FROM meta",
	[SQL_CHECK_ROOMS] = "SELECT * FROM room",
	[SQL_CHECK_PERSONS] = "SELECT * FROM person",
	[SQL_CHECK_NOTES] = "SELECT * FROM note",
	[SQL_CHECK_REACTIONS] = "SELECT * FROM reaction",
	[SQL_CHECK_MARKS] = "SELECT * FROM mark",
	[SQL_CHECK_POLLS] = "SELECT * FROM poll",
	[SQL_CHECK_VOTES] = "SELECT * FROM vote",
	[SQL_CHECK_PURGES] = "SELECT * FROM purge",
	[SQL_CHECK_LEFT_AT] = "SELECT * FROM left_at",
	[SQL_CHECK_FOREIGN_IDS] = "SELECT * FROM foreign_id",
	[SQL_CHECK_SERVER_BANS] = "SELECT * FROM server_ban",
	[SQL_CHECK_TOKENS] = "SELECT * FROM token",
	[SQL_CHECK_BLOCKS] = "SELECT room, last, ids, bulk, crc FROM block",
};

bool database_failed(struct database *database)
{
	if (database->fault == FAULT_NONE) {
		database->fault = fault_now(database->sqlite);
		fault_words(database->sqlite, database->text);
	}
	return false;
}

/* ---- values in ---- */

struct binding bind_start(struct database *database, enum statement statement,
			  enum store_table table)
{
	struct binding binding = { .database = database };
	sqlite3_stmt **kept = &database->statements[statement];

	if (!*kept && sqlite3_prepare_v3(database->sqlite, texts[statement], -1,
					 SQLITE_PREPARE_PERSISTENT, kept, NULL) != SQLITE_OK)
		database_failed(database);
	binding.stmt = *kept;
	row_crc_start(&binding.crc, table);
	return binding;
}

void bind_number(struct binding *binding, uint64_t value)
{
	sqlite3_bind_int64(binding->stmt, ++binding->at, (int64_t)value);
	row_crc_integer(&binding->crc, (int64_t)value);
}

void bind_text(struct binding *binding, struct slice text)
{
	sqlite3_bind_text64(binding->stmt, ++binding->at, text.len ? text.data : "", text.len,
			    SQLITE_STATIC, SQLITE_UTF8);
	row_crc_bytes(&binding->crc, ROW_TEXT, text.len ? text.data : "", text.len);
}

void bind_blob(struct binding *binding, struct slice blob)
{
	binding->at++;
	if (!blob.data) {
		sqlite3_bind_null(binding->stmt, binding->at);
		row_crc_other(&binding->crc, ROW_NULL);
		return;
	}
	sqlite3_bind_blob64(binding->stmt, binding->at, blob.data, blob.len, SQLITE_STATIC);
	row_crc_bytes(&binding->crc, ROW_BLOB, blob.data, blob.len);
}

void bind_null(struct binding *binding)
{
	row_crc_other(&binding->crc, ROW_NULL);
}

void bind_crc(struct binding *binding)
{
	sqlite3_bind_int64(binding->stmt, ++binding->at, row_crc_end(&binding->crc));
}

/* ---- running ---- */

void bind_end(struct binding *binding)
{
	sqlite3_reset(binding->stmt);
}

bool bind_step(struct binding *binding)
{
	int rc;

	if (!binding->stmt)
		return false;
	rc = sqlite3_step(binding->stmt);
	if (rc == SQLITE_ROW)
		return true;
	if (rc != SQLITE_DONE)
		database_failed(binding->database);
	bind_end(binding);
	return false;
}

bool bind_run(struct binding *binding, int *changed)
{
	int rc = SQLITE_ERROR;

	if (binding->stmt) {
		while ((rc = sqlite3_step(binding->stmt)) == SQLITE_ROW)
			;
		if (rc != SQLITE_DONE)
			database_failed(binding->database);
		else if (changed)
			*changed = sqlite3_changes(binding->database->sqlite);
		bind_end(binding);
	}
	return rc == SQLITE_DONE;
}

/* ---- values out ---- */

uint64_t column_number(const struct binding *binding, int column)
{
	return (uint64_t)sqlite3_column_int64(binding->stmt, column);
}

/* Of bytes: neither the bytes of a text nor those of a blob are converted. */
struct slice column_slice(const struct binding *binding, int column)
{
	const char *data = sqlite3_column_blob(binding->stmt, column);
	size_t len = (size_t)sqlite3_column_bytes(binding->stmt, column);

	if (sqlite3_column_type(binding->stmt, column) == SQLITE_NULL)
		return (struct slice){ 0 };
	return slice_span(data ? data : "", len);
}

static void crc_of_value(struct row_crc *crc, enum row_type type, int64_t number,
			 struct slice bytes)
{
	if (type == ROW_INTEGER)
		row_crc_integer(crc, number);
	else if (type == ROW_TEXT || type == ROW_BLOB)
		row_crc_bytes(crc, type, bytes.data, bytes.len);
	else
		row_crc_other(crc, type);
}

static enum row_type value_of(sqlite3_value *value, int64_t *number, struct slice *bytes)
{
	enum row_type type = (enum row_type)sqlite3_value_type(value);

	*number = 0;
	*bytes = (struct slice){ 0 };
	if (type == ROW_INTEGER)
		*number = sqlite3_value_int64(value);
	if (type == ROW_TEXT || type == ROW_BLOB) {
		const char *data = sqlite3_value_blob(value);

		*bytes = slice_span(data ? data : "", (size_t)sqlite3_value_bytes(value));
	}
	return type;
}

/* A column's value may be used like any other, because the connection has no mutex: it is of one
 * thread. That costs a third of asking for the column each time. */
bool row_read(const struct binding *binding, enum store_table table, struct row_values *values)
{
	int last = sqlite3_column_count(binding->stmt) - 1;
	struct row_crc crc;

	row_crc_start(&crc, table);
	for (int i = 0; i <= last; i++) {
		int64_t number;
		struct slice bytes;

		values->at[i].type =
		    value_of(sqlite3_column_value(binding->stmt, i), &number, &bytes);
		values->at[i].number = number;
		values->at[i].bytes = bytes;
		if (i < last)
			crc_of_value(&crc, values->at[i].type, number, bytes);
	}
	return values->at[last].type == ROW_INTEGER && values->at[last].number == row_crc_end(&crc);
}

/* ---- the same inside a statement ---- */

static void row_crc_function(sqlite3_context *context, int count, sqlite3_value **values)
{
	struct row_crc crc;

	if (count < 1 || count > ROW_COLUMNS_MAX + 1) {
		sqlite3_result_error(context, "row_crc: number of columns", -1);
		return;
	}
	row_crc_start(&crc, (uint32_t)sqlite3_value_int64(values[0]));
	for (int i = 1; i < count; i++) {
		int64_t number;
		struct slice bytes;
		enum row_type type = value_of(values[i], &number, &bytes);

		crc_of_value(&crc, type, number, bytes);
	}
	sqlite3_result_int64(context, row_crc_end(&crc));
}

bool statement_functions(sqlite3 *sqlite)
{
	return sqlite3_create_function_v2(sqlite, "row_crc", -1,
					  SQLITE_UTF8 | SQLITE_DETERMINISTIC | SQLITE_DIRECTONLY,
					  NULL, row_crc_function, NULL, NULL, NULL) == SQLITE_OK &&
	       message_table(sqlite);
}

void statements_close(struct database *database)
{
	for (size_t i = 0; i < STATEMENTS; i++)
		sqlite3_finalize(database->statements[i]);
}
