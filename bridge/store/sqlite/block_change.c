#include "bridge/store/sqlite/block_change.h"

#include <sqlite3.h>
#include <stdlib.h>

#include "codecs/text/memory.h"

enum change_statement { FIND, PUT, TAKE, STATEMENTS };

static const char *const texts[STATEMENTS] = {
	[FIND] = "SELECT room, last, ids, items, crc FROM block WHERE room = ?1 AND last >= ?2"
		 " ORDER BY last LIMIT 1",
	[PUT] = "INSERT OR REPLACE INTO block VALUES (?1, ?2, ?3, ?4, ?5)",
	[TAKE] = "DELETE FROM block WHERE room = ?1 AND last = ?2",
};

struct block_change {
	sqlite3 *sqlite;
	sqlite3_stmt *statements[STATEMENTS];
	struct block_place *places;
	size_t max;
};

struct block_change *block_change_new(struct sqlite3 *sqlite)
{
	struct block_change *change = memory_zeroed(1, sizeof(*change));

	change->sqlite = sqlite;
	return change;
}

void block_change_free(struct block_change *change)
{
	for (size_t i = 0; i < STATEMENTS; i++)
		sqlite3_finalize(change->statements[i]);
	free(change->places);
	free(change);
}

static struct slice column_bytes(sqlite3_stmt *stmt, int column)
{
	const char *data = sqlite3_column_blob(stmt, column);

	return slice_span(data ? data : "", (size_t)sqlite3_column_bytes(stmt, column));
}

void block_view_read(struct sqlite3_stmt *stmt, struct block_view *view)
{
	view->room = (uint64_t)sqlite3_column_int64(stmt, 0);
	view->last = (uint64_t)sqlite3_column_int64(stmt, 1);
	view->ids = column_bytes(stmt, 2);
	view->items = column_bytes(stmt, 3);
	view->sound =
	    view->ids.len % BLOCK_ID_BYTES == 0 &&
	    sqlite3_column_int64(stmt, 4) == block_crc(view->room, view->last, view->ids);
}

/* ---- statements ---- */

/* NULL: what SQLite says. */
static sqlite3_stmt *start(struct block_change *change, enum change_statement which, uint64_t room,
			   uint64_t id)
{
	sqlite3_stmt **kept = &change->statements[which];

	if (!*kept && sqlite3_prepare_v3(change->sqlite, texts[which], -1,
					 SQLITE_PREPARE_PERSISTENT, kept, NULL) != SQLITE_OK)
		return NULL;
	sqlite3_bind_int64(*kept, 1, (int64_t)room);
	sqlite3_bind_int64(*kept, 2, (int64_t)id);
	return *kept;
}

static int run(sqlite3_stmt *stmt)
{
	int rc = sqlite3_step(stmt);

	sqlite3_reset(stmt);
	return rc == SQLITE_DONE ? SQLITE_OK : rc;
}

static int take(struct block_change *change, uint64_t room, uint64_t last)
{
	sqlite3_stmt *stmt = start(change, TAKE, room, last);

	return stmt ? run(stmt) : sqlite3_errcode(change->sqlite);
}

static int put(struct block_change *change, const struct block *block, bool sound)
{
	struct slice ids = slice_span(block->ids.data, block->ids.len);
	uint32_t crc = block_crc(block->room, block->last, ids);
	sqlite3_stmt *stmt = start(change, PUT, block->room, block->last);

	if (!stmt)
		return sqlite3_errcode(change->sqlite);
	sqlite3_bind_blob64(stmt, 3, ids.data, ids.len, SQLITE_STATIC);
	sqlite3_bind_blob64(stmt, 4, block->items.data, block->items.len, SQLITE_STATIC);
	sqlite3_bind_int64(stmt, 5, sound ? crc : (uint32_t)~crc);
	return run(stmt);
}

/* ---- changes ---- */

/* The block that id is in, or would be: SQLITE_ROW, and *stmt is to be reset; SQLITE_DONE: there is
 * none. */
static int find(struct block_change *change, uint64_t room, uint64_t id, sqlite3_stmt **stmt,
		struct block_view *view)
{
	int rc;

	*stmt = start(change, FIND, room, id);
	if (!*stmt)
		return sqlite3_errcode(change->sqlite);
	rc = sqlite3_step(*stmt);
	if (rc == SQLITE_ROW)
		block_view_read(*stmt, view);
	else
		sqlite3_reset(*stmt);
	return rc;
}

/* The old row goes first where the new one has another key. */
static int rewrite(struct block_change *change, const struct block_view *view,
		   const struct block *block, sqlite3_stmt *stmt)
{
	bool sound = view->sound;
	uint64_t last = view->last;
	int rc = SQLITE_OK;

	sqlite3_reset(stmt);
	if (!block->count || block->last != last)
		rc = take(change, block->room, last);
	return rc == SQLITE_OK && block->count ? put(change, block, sound) : rc;
}

int block_replace(struct block_change *change, uint64_t room, uint64_t id,
		  const struct block_item *item)
{
	struct block block = { .room = room };
	struct block_view view;
	sqlite3_stmt *stmt;
	size_t count;
	int rc = find(change, room, id, &stmt, &view);

	if (rc != SQLITE_ROW)
		return rc == SQLITE_DONE ? SQLITE_OK : rc;
	count = block_find(&view, &change->places, &change->max);
	for (size_t i = 0; i < count; i++) {
		const struct block_place *place = &change->places[i];

		if (place->id != id)
			block_copy(&block, &view, place);
		else if (item)
			block_add(&block, item);
	}
	rc = rewrite(change, &view, &block, stmt);
	block_clear(&block);
	return rc;
}

/* Among those of one block. */
static int insert_between(struct block_change *change, const struct block_view *view, size_t count,
			  const struct block_item *item, sqlite3_stmt *stmt)
{
	struct block block = { .room = view->room };
	bool done = false;
	int rc;

	for (size_t i = 0; i < count; i++) {
		if (!done && change->places[i].id > item->id) {
			block_add(&block, item);
			done = true;
		}
		block_copy(&block, view, &change->places[i]);
	}
	rc = rewrite(change, view, &block, stmt);
	block_clear(&block);
	return rc;
}

static int insert_alone(struct block_change *change, uint64_t room, const struct block_item *item)
{
	struct block block = { .room = room };
	int rc;

	block_add(&block, item);
	rc = put(change, &block, true);
	block_clear(&block);
	return rc;
}

int block_insert(struct block_change *change, uint64_t room, const struct block_item *item)
{
	struct block_view view;
	sqlite3_stmt *stmt;
	size_t count;
	int rc = find(change, room, item->id, &stmt, &view);

	if (rc == SQLITE_DONE)
		return insert_alone(change, room, item);
	if (rc != SQLITE_ROW)
		return rc;
	count = block_find(&view, &change->places, &change->max);
	for (size_t i = 0; i < count; i++)
		if (change->places[i].id == item->id) {
			sqlite3_reset(stmt);
			return SQLITE_CONSTRAINT;
		}
	if (count && change->places[0].id < item->id)
		return insert_between(change, &view, count, item, stmt);
	sqlite3_reset(stmt);
	return insert_alone(change, room, item);
}
