#include "bridge/store/sqlite/block_change.h"

#include <sqlite3.h>
#include <stdlib.h>

#include "codecs/text/memory.h"

enum change_statement { FIND, PUT, PUT_BULK, TAKE, TAKE_BULK, STATEMENTS };

static const char *const texts[STATEMENTS] = {
	[FIND] = BLOCK_SELECT "WHERE b.room = ?1 AND b.last >= ?2 ORDER BY b.last LIMIT 1",
	[PUT] = "INSERT OR REPLACE INTO block VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
	[PUT_BULK] = "INSERT INTO bulk VALUES (NULL, ?1, ?2)",
	[TAKE] = "DELETE FROM block WHERE room = ?1 AND last = ?2",
	[TAKE_BULK] = "DELETE FROM bulk WHERE room = ?1 AND number = ?2",
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
	view->bulk = (uint64_t)sqlite3_column_int64(stmt, 5);
	view->sound = view->ids.len % BLOCK_ID_BYTES == 0 &&
		      sqlite3_column_int64(stmt, 4) ==
			  block_crc(view->room, view->last, view->ids, view->bulk);
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

static int run_of(struct block_change *change, enum change_statement which, uint64_t room,
		  uint64_t id)
{
	sqlite3_stmt *stmt = start(change, which, room, id);

	return stmt ? run(stmt) : sqlite3_errcode(change->sqlite);
}

static int put_bulk(struct block_change *change, const struct block *block, uint64_t *number)
{
	sqlite3_stmt *stmt = start(change, PUT_BULK, block->room, 0);
	int rc;

	if (!stmt)
		return sqlite3_errcode(change->sqlite);
	sqlite3_bind_blob64(stmt, 2, block->items.data, block->items.len, SQLITE_STATIC);
	rc = run(stmt);
	*number = (uint64_t)sqlite3_last_insert_rowid(change->sqlite);
	return rc;
}

static int put(struct block_change *change, const struct block *block, bool sound)
{
	struct slice ids = slice_span(block->ids.data, block->ids.len);
	bool is_long = block_is_long(block);
	uint64_t bulk = 0;
	int rc = is_long ? put_bulk(change, block, &bulk) : SQLITE_OK;
	uint32_t crc = block_crc(block->room, block->last, ids, bulk);
	sqlite3_stmt *stmt;

	if (rc != SQLITE_OK)
		return rc;
	stmt = start(change, PUT, block->room, block->last);
	if (!stmt)
		return sqlite3_errcode(change->sqlite);
	sqlite3_bind_blob64(stmt, 3, ids.data, ids.len, SQLITE_STATIC);
	sqlite3_bind_int64(stmt, 4, (int64_t)bulk);
	sqlite3_bind_int64(stmt, 5, sound ? crc : (uint32_t)~crc);
	if (is_long)
		sqlite3_bind_null(stmt, 6);
	else
		sqlite3_bind_blob64(stmt, 6, block->items.data, block->items.len, SQLITE_STATIC);
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

static int rewrite(struct block_change *change, const struct block_view *view,
		   const struct block *block, sqlite3_stmt *stmt)
{
	int rc = SQLITE_OK;

	sqlite3_reset(stmt);
	if (view->bulk)
		rc = run_of(change, TAKE_BULK, view->room, view->bulk);
	if (rc == SQLITE_OK && (!block->count || block->last != view->last))
		rc = run_of(change, TAKE, view->room, view->last);
	return rc == SQLITE_OK && block->count ? put(change, block, view->sound) : rc;
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

/* True: edit has changed the message at that place, which is added as it is now. */
static bool edit_one(const struct block_view *view, const struct block_place *place,
		     block_edit_function *edit, void *context, struct block *block)
{
	struct block_item item;
	bool whole =
	    block_item(view, place, &item) && item.crc == block_item_crc(view->room, &item);

	if (!edit(context, &item)) {
		block_copy(block, view, place);
		return false;
	}
	item.crc = block_item_crc(view->room, &item);
	if (!whole)
		item.crc = ~item.crc;
	block_add(block, &item);
	return true;
}

int block_edit(struct block_change *change, uint64_t room, uint64_t id, block_edit_function *edit,
	       void *context, uint64_t *last)
{
	struct block block = { .room = room };
	struct block_view view;
	sqlite3_stmt *stmt;
	bool changed = false;
	size_t count;
	int rc = find(change, room, id, &stmt, &view);

	if (rc != SQLITE_ROW)
		return rc;
	*last = view.last;
	count = block_find(&view, &change->places, &change->max);
	for (size_t i = 0; i < count; i++)
		changed |= edit_one(&view, &change->places[i], edit, context, &block);
	if (changed)
		rc = rewrite(change, &view, &block, stmt);
	else
		sqlite3_reset(stmt);
	block_clear(&block);
	return changed && rc == SQLITE_OK ? SQLITE_ROW : rc;
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
