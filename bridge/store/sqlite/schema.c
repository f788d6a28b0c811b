#include "bridge/store/sqlite/schema.h"

#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <sqlite3.h>
#include <stdint.h>
#include <string.h>

#include "bridge/store/sqlite/copy.h"
#include "bridge/store/sqlite/fault.h"
#include "bridge/store/sqlite/row_crc.h"
#include "bridge/store/sqlite/statement.h"

/* Rows of one room lie together and in order, so that a room is read, and its oldest are deleted,
 * without touching others. What is read is read by that order: an index beside it has no checksums.
 * What is absent and part of a key is ''. Numbers of 64 bits are as signed: those above INT64_MAX,
 * such as MARK_FOREVER, are negative. crc: row_crc.h. */
static const char first[] =
    "CREATE TABLE meta (name TEXT PRIMARY KEY NOT NULL, value INTEGER NOT NULL,"
    "  crc INTEGER NOT NULL) STRICT, WITHOUT ROWID;"
    "CREATE TABLE room (number INTEGER PRIMARY KEY, folded TEXT UNIQUE NOT NULL, name TEXT NOT "
    "NULL,"
    "  settings TEXT, crc INTEGER NOT NULL) STRICT;"
    "CREATE TABLE person (number INTEGER PRIMARY KEY, folded TEXT UNIQUE NOT NULL,"
    "  name TEXT NOT NULL, secret TEXT NOT NULL, roles INTEGER NOT NULL, seen_ms INTEGER NOT NULL,"
    "  crc INTEGER NOT NULL) STRICT;"
    "CREATE TABLE message (room INTEGER NOT NULL, id INTEGER NOT NULL, author INTEGER NOT NULL,"
    "  name TEXT NOT NULL, roles INTEGER NOT NULL, time_ms INTEGER NOT NULL,"
    "  deleted INTEGER NOT NULL, body BLOB, edit BLOB, crc INTEGER NOT NULL,"
    "  PRIMARY KEY (room, id)) STRICT, WITHOUT ROWID;"
    "CREATE TABLE note (room INTEGER NOT NULL, id INTEGER NOT NULL, about INTEGER NOT NULL,"
    "  stands INTEGER NOT NULL, author INTEGER NOT NULL, time_ms INTEGER NOT NULL,"
    "  deleted INTEGER NOT NULL, crc INTEGER NOT NULL,"
    "  PRIMARY KEY (room, id)) STRICT, WITHOUT ROWID;"
    "CREATE TABLE reaction (room INTEGER NOT NULL, id INTEGER NOT NULL, emoji TEXT NOT NULL,"
    /* first: when the first of those came that have been there since with this emoji */
    "  author INTEGER NOT NULL, at INTEGER NOT NULL, first INTEGER NOT NULL,"
    "  crc INTEGER NOT NULL,"
    "  PRIMARY KEY (room, id, emoji, author)) STRICT, WITHOUT ROWID;"
    /* turn: their order in the room, which many of one event have, too */
    "CREATE TABLE mark (room INTEGER NOT NULL, turn INTEGER NOT NULL, list INTEGER NOT NULL,"
    "  number INTEGER NOT NULL, address INTEGER NOT NULL, folded TEXT NOT NULL,"
    "  until_ms INTEGER NOT NULL, person INTEGER NOT NULL, at INTEGER NOT NULL,"
    "  crc INTEGER NOT NULL, PRIMARY KEY (room, turn),"
    "  UNIQUE (room, list, number, address, folded)) STRICT, WITHOUT ROWID;"
    "CREATE TABLE poll (room INTEGER PRIMARY KEY, id INTEGER NOT NULL, until_ms INTEGER NOT NULL,"
    "  body BLOB, crc INTEGER NOT NULL) STRICT;"
    "CREATE TABLE vote (room INTEGER NOT NULL, author INTEGER NOT NULL, choice INTEGER NOT NULL,"
    "  at INTEGER NOT NULL, crc INTEGER NOT NULL, PRIMARY KEY (room, author)) STRICT, WITHOUT "
    "ROWID;"
    /* All messages up to that id are deleted: of that author (0: of everybody), under that name
     * ('': any). Carried out up to id done. */
    "CREATE TABLE purge (number INTEGER PRIMARY KEY, room INTEGER NOT NULL,"
    "  author INTEGER NOT NULL, folded TEXT NOT NULL, id INTEGER NOT NULL, done INTEGER NOT NULL,"
    "  crc INTEGER NOT NULL) STRICT;"
    "CREATE TABLE left_at (room INTEGER NOT NULL, person INTEGER NOT NULL, id INTEGER NOT NULL,"
    "  crc INTEGER NOT NULL, PRIMARY KEY (room, person)) STRICT, WITHOUT ROWID;"
    "CREATE TABLE foreign_id (upstream TEXT NOT NULL, theirs TEXT NOT NULL, room INTEGER NOT NULL,"
    "  id INTEGER NOT NULL, crc INTEGER NOT NULL,"
    "  PRIMARY KEY (upstream, theirs)) STRICT, WITHOUT ROWID;"
    "CREATE INDEX foreign_id_ours ON foreign_id (room, id);"
    /* addresses: keyed hashes, of 8 bytes each, little-endian. until_ms: -1 is for ever. */
    "CREATE TABLE server_ban (key TEXT PRIMARY KEY NOT NULL, target TEXT NOT NULL,"
    "  number INTEGER NOT NULL, folded TEXT NOT NULL, addresses BLOB, since_ms INTEGER NOT NULL,"
    "  until_ms INTEGER NOT NULL, reason TEXT NOT NULL, crc INTEGER NOT NULL) STRICT,"
    "  WITHOUT ROWID;";

/* Bearer tokens: hash is that of the text, which is kept nowhere. expires_ms: 0 is never. */
static const char second[] =
    "CREATE TABLE token (hash BLOB PRIMARY KEY NOT NULL, kind INTEGER NOT NULL,"
    "  number INTEGER NOT NULL, roles INTEGER NOT NULL, credential INTEGER NOT NULL,"
    "  name TEXT NOT NULL, dialect TEXT NOT NULL, issued_ms INTEGER NOT NULL,"
    "  expires_ms INTEGER NOT NULL, crc INTEGER NOT NULL) STRICT, WITHOUT ROWID;";

/* The names of one message have an order; what is read is read by it, so it is the key. Nothing was
 * written to that table before. */
static const char third[] =
    "DROP TABLE foreign_id;"
    "CREATE TABLE foreign_id (upstream TEXT NOT NULL, id INTEGER NOT NULL, turn INTEGER NOT NULL,"
    "  theirs TEXT NOT NULL, room INTEGER NOT NULL, crc INTEGER NOT NULL,"
    "  PRIMARY KEY (upstream, id, turn), UNIQUE (upstream, theirs)) STRICT, WITHOUT ROWID;"
    "CREATE INDEX foreign_id_ours ON foreign_id (room, id);";

/* block.h. message is the table of the file until that is gone, and then message_table.h's. */
static const char fourth[] =
    "CREATE TABLE block (room INTEGER NOT NULL, last INTEGER NOT NULL, ids BLOB NOT NULL,"
    "  bulk INTEGER NOT NULL, crc INTEGER NOT NULL, items BLOB, PRIMARY KEY (room, last)) STRICT,"
    "  WITHOUT ROWID;"
    "CREATE TABLE bulk (number INTEGER PRIMARY KEY, room INTEGER NOT NULL, items BLOB NOT NULL)"
    "  STRICT;"
    "ALTER TABLE message RENAME TO message_rows;"
    "INSERT INTO message SELECT * FROM message_rows;"
    "DROP TABLE message_rows;";

static const char *const steps[] = { first, second, third, fourth };

const struct schema schema_ours = { steps, sizeof(steps) / sizeof(*steps) };

static bool fail(struct sqlite3 *sqlite, const char *path, const char *what, FILE *errors)
{
	char said[FAULT_TEXT];

	fprintf(errors, "dragoman: %s: %s: %s\n", path, what, fault_words(sqlite, said));
	return false;
}

/* The number a statement's one row has; *value stays when there is none. */
static bool ask(struct sqlite3 *sqlite, const char *sql, int64_t *value)
{
	sqlite3_stmt *stmt = NULL;
	int rc = sqlite3_prepare_v2(sqlite, sql, -1, &stmt, NULL);

	if (rc == SQLITE_OK) {
		rc = sqlite3_step(stmt);
		if (rc == SQLITE_ROW)
			*value = sqlite3_column_int64(stmt, 0);
	}
	sqlite3_finalize(stmt);
	return rc == SQLITE_ROW || rc == SQLITE_DONE;
}

/* 0: the file is empty. */
static bool version_of(struct sqlite3 *sqlite, const char *path, int64_t *version, FILE *errors)
{
	int64_t tables = 0;

	*version = 0;
	if (!ask(sqlite, "SELECT count(*) FROM sqlite_schema", &tables))
		return fail(sqlite, path, "cannot be read", errors);
	if (tables == 0)
		return true;
	if (!ask(sqlite, "SELECT value FROM meta WHERE name = 'schema'", version))
		return fail(sqlite, path, "is not a file of Dragoman's", errors);
	if (*version >= 1)
		return true;
	fprintf(errors, "dragoman: %s: does not say of which version it is\n", path);
	return false;
}

static bool is_newer(int64_t version, const struct schema *schema, const char *path, FILE *errors)
{
	if (version <= (int64_t)schema->count)
		return false;
	fprintf(errors,
		"dragoman: %s is of a newer version of Dragoman: its schema is %" PRId64
		", and this version knows those up to %zu\n",
		path, version, schema->count);
	return true;
}

static bool meta_set(struct sqlite3 *sqlite, const char *name, int64_t value)
{
	static const char sql[] = "INSERT OR REPLACE INTO meta VALUES (?1, ?2, ?3)";
	sqlite3_stmt *stmt = NULL;
	struct row_crc crc;
	bool done;

	row_crc_start(&crc, TABLE_META);
	row_crc_bytes(&crc, ROW_TEXT, name, strlen(name));
	row_crc_integer(&crc, value);
	done = sqlite3_prepare_v2(sqlite, sql, -1, &stmt, NULL) == SQLITE_OK &&
	       sqlite3_bind_text(stmt, 1, name, -1, SQLITE_STATIC) == SQLITE_OK &&
	       sqlite3_bind_int64(stmt, 2, value) == SQLITE_OK &&
	       sqlite3_bind_int64(stmt, 3, row_crc_end(&crc)) == SQLITE_OK &&
	       sqlite3_step(stmt) == SQLITE_DONE;
	sqlite3_finalize(stmt);
	return done;
}

/* A number for the tables as the file describes them; -1: they cannot be read. */
static int64_t shape_of(struct sqlite3 *sqlite)
{
	static const char sql[] =
	    "SELECT name || ' ' || ifnull(sql, '') FROM sqlite_schema ORDER BY name";
	sqlite3_stmt *stmt = NULL;
	uint32_t shape = 0;
	int rc = sqlite3_prepare_v2(sqlite, sql, -1, &stmt, NULL);

	while (rc == SQLITE_OK && (rc = sqlite3_step(stmt)) == SQLITE_ROW) {
		struct row_crc crc;

		row_crc_start(&crc, shape);
		row_crc_bytes(&crc, ROW_TEXT, sqlite3_column_blob(stmt, 0),
			      (size_t)sqlite3_column_bytes(stmt, 0));
		shape = row_crc_end(&crc);
		rc = SQLITE_OK;
	}
	sqlite3_finalize(stmt);
	return rc == SQLITE_DONE ? (int64_t)shape : -1;
}

bool schema_is_whole(struct sqlite3 *sqlite)
{
	int64_t shape = -2;

	return ask(sqlite, "SELECT value FROM meta WHERE name = 'shape'", &shape) &&
	       shape == shape_of(sqlite);
}

static bool is_whole(struct sqlite3 *sqlite, const char *path, FILE *errors)
{
	if (schema_is_whole(sqlite))
		return true;
	fprintf(errors, "dragoman: %s is damaged: its tables are not as they were made\n", path);
	return false;
}

static bool step_run(struct sqlite3 *sqlite, const char *sql, int64_t version)
{
	if (sqlite3_exec(sqlite, "BEGIN IMMEDIATE", NULL, NULL, NULL) == SQLITE_OK &&
	    sqlite3_exec(sqlite, sql, NULL, NULL, NULL) == SQLITE_OK &&
	    meta_set(sqlite, "schema", version) && meta_set(sqlite, "shape", shape_of(sqlite)) &&
	    sqlite3_exec(sqlite, "COMMIT", NULL, NULL, NULL) == SQLITE_OK)
		return true;
	return false;
}

static bool copy_old(struct sqlite3 *sqlite, const char *path, int64_t version, FILE *errors)
{
	char copy[PATH_MAX];

	if (snprintf(copy, sizeof(copy), "%s-%" PRId64 ".old", path, version) < (int)sizeof(copy))
		return copy_to(sqlite, copy, true, errors);
	fprintf(errors, "dragoman: %s: %s\n", path, strerror(ENAMETOOLONG));
	return false;
}

bool schema_carry(struct sqlite3 *sqlite, const struct schema *schema, const char *path,
		  FILE *errors)
{
	int64_t version;

	if (!version_of(sqlite, path, &version, errors) || is_newer(version, schema, path, errors))
		return false;
	if (version > 0 && !is_whole(sqlite, path, errors))
		return false;
	if (version > 0 && version < (int64_t)schema->count &&
	    !copy_old(sqlite, path, version, errors))
		return false;
	for (; version < (int64_t)schema->count; version++) {
		if (step_run(sqlite, schema->steps[version], version + 1))
			continue;
		fail(sqlite, path, "cannot be brought to this version's schema", errors);
		sqlite3_exec(sqlite, "ROLLBACK", NULL, NULL, NULL);
		return false;
	}
	return true;
}

bool schema_check(struct sqlite3 *sqlite, const struct schema *schema, const char *path,
		  FILE *errors)
{
	int64_t version;

	if (!version_of(sqlite, path, &version, errors) || is_newer(version, schema, path, errors))
		return false;
	if (version == (int64_t)schema->count)
		return is_whole(sqlite, path, errors);
	fprintf(errors,
		"dragoman: %s is of an older version: a start of the server carries it over\n",
		path);
	return false;
}
