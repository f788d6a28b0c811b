#include "bridge/store/sqlite/message_table.h"

#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>

#include "bridge/store/sqlite/block.h"
#include "bridge/store/sqlite/block_change.h"
#include "codecs/text/memory.h"

/* The key is for who changes rows: two numbers of 8 bytes, the room's and the message's. */
static const char columns[] =
    "CREATE TABLE message (room INTEGER, id INTEGER, author INTEGER, name TEXT, roles INTEGER,"
    " time_ms INTEGER, deleted INTEGER, body BLOB, edit BLOB, crc INTEGER,"
    " key BLOB HIDDEN PRIMARY KEY) WITHOUT ROWID";

enum column { ROOM, ID, AUTHOR, NAME, ROLES, TIME_MS, DELETED, BODY, EDIT, CRC, KEY };

/* How blocks are gone through. */
enum way { WAY_UP, WAY_DOWN, WAY_ALL, WAYS };

/* Which bounds a statement gave, in the order of their values. */
enum bound {
	BOUND_ROOM = 1,
	BOUND_ID = 2,
	BOUND_FROM = 4,
	BOUND_ABOVE = 8,
	BOUND_UPTO = 16,
	BOUND_BELOW = 32,
	BOUND_DOWN = 64
};

static const char *const texts[WAYS] = {
	[WAY_UP] = BLOCK_SELECT "WHERE b.room = ?1 AND b.last >= ?2 ORDER BY b.last",
	[WAY_DOWN] = BLOCK_SELECT "WHERE b.room = ?1 AND b.last >= ?2 AND b.last <= ifnull((SELECT"
				  " min(last) FROM block WHERE room = ?1 AND last >= ?3),"
				  " 9223372036854775807) ORDER BY b.last DESC",
	[WAY_ALL] = BLOCK_SELECT "ORDER BY b.room, b.last",
};

struct table {
	sqlite3_vtab base; /* first */
	sqlite3 *sqlite;
	sqlite3_stmt *kept[WAYS];
	struct block_change *change;
};

struct cursor {
	sqlite3_vtab_cursor base; /* first */
	enum way way;
	sqlite3_stmt *stmt; /* NULL: it is at its end */
	bool own;           /* not one of the table's */
	int64_t from, upto; /* ids */
	struct block_view view;
	struct block_place *places;
	size_t max, count, next; /* next: how many of this block were looked at */
	struct block_item item;
};

/* ---- the table ---- */

static int table_connect(sqlite3 *sqlite, void *context, int argc, const char *const *argv,
			 sqlite3_vtab **made, char **error)
{
	struct table *table;
	int rc = sqlite3_declare_vtab(sqlite, columns);

	(void)context;
	(void)argc;
	(void)argv;
	(void)error;
	if (rc != SQLITE_OK)
		return rc;
	table = memory_zeroed(1, sizeof(*table));
	table->sqlite = sqlite;
	table->change = block_change_new(sqlite);
	*made = &table->base;
	return SQLITE_OK;
}

static int table_disconnect(sqlite3_vtab *base)
{
	struct table *table = (struct table *)base;

	for (size_t i = 0; i < WAYS; i++)
		sqlite3_finalize(table->kept[i]);
	block_change_free(table->change);
	free(table);
	return SQLITE_OK;
}

/* ---- which bounds there are ---- */

static int bound_of(const struct sqlite3_index_constraint *constraint)
{
	static const struct {
		int column, op, bound;
	} known[] = {
		{ ROOM, SQLITE_INDEX_CONSTRAINT_EQ, BOUND_ROOM },
		{ ID, SQLITE_INDEX_CONSTRAINT_EQ, BOUND_ID },
		{ ID, SQLITE_INDEX_CONSTRAINT_GE, BOUND_FROM },
		{ ID, SQLITE_INDEX_CONSTRAINT_GT, BOUND_ABOVE },
		{ ID, SQLITE_INDEX_CONSTRAINT_LE, BOUND_UPTO },
		{ ID, SQLITE_INDEX_CONSTRAINT_LT, BOUND_BELOW },
	};

	for (size_t i = 0; constraint->usable && i < sizeof(known) / sizeof(*known); i++)
		if (known[i].column == constraint->iColumn && known[i].op == constraint->op)
			return known[i].bound;
	return 0;
}

/* Each is looked for once; a second one of its kind is left to SQLite, which looks at all of them
 * again. */
static int bounds_find(sqlite3_index_info *info)
{
	int bounds = 0, values = 0;

	for (int bound = BOUND_ROOM; bound < BOUND_DOWN; bound *= 2)
		for (int i = 0; i < info->nConstraint; i++) {
			if (bound_of(&info->aConstraint[i]) != bound)
				continue;
			info->aConstraintUsage[i].argvIndex = ++values;
			bounds |= bound;
			break;
		}
	return bounds;
}

static double cost_of(int bounds)
{
	if (!(bounds & BOUND_ROOM))
		return 1e9;
	if (bounds & BOUND_ID)
		return 10;
	return bounds & ~BOUND_ROOM ? 1e3 : 1e6;
}

static int best_index(sqlite3_vtab *base, sqlite3_index_info *info)
{
	int bounds = bounds_find(info);

	(void)base;
	if (bounds & BOUND_ROOM && info->nOrderBy == 1 && info->aOrderBy[0].iColumn == ID) {
		info->orderByConsumed = 1;
		bounds |= info->aOrderBy[0].desc ? BOUND_DOWN : 0;
	}
	info->idxNum = bounds;
	info->estimatedCost = cost_of(bounds);
	info->estimatedRows = (sqlite3_int64)info->estimatedCost;
	return SQLITE_OK;
}

/* ---- going through it ---- */

static int cursor_open(sqlite3_vtab *base, sqlite3_vtab_cursor **made)
{
	struct cursor *cursor = memory_zeroed(1, sizeof(*cursor));

	(void)base;
	*made = &cursor->base;
	return SQLITE_OK;
}

static void cursor_end(struct cursor *cursor)
{
	if (cursor->own)
		sqlite3_finalize(cursor->stmt);
	else
		sqlite3_reset(cursor->stmt);
	cursor->stmt = NULL;
}

static int cursor_close(sqlite3_vtab_cursor *base)
{
	struct cursor *cursor = (struct cursor *)base;

	cursor_end(cursor);
	free(cursor->places);
	free(cursor);
	return SQLITE_OK;
}

static int cursor_prepare(struct cursor *cursor)
{
	struct table *table = (struct table *)cursor->base.pVtab;
	sqlite3_stmt **kept = &table->kept[cursor->way];
	int rc = SQLITE_OK;

	cursor->own = *kept && sqlite3_stmt_busy(*kept);
	if (cursor->own)
		return sqlite3_prepare_v2(table->sqlite, texts[cursor->way], -1, &cursor->stmt,
					  NULL);
	if (!*kept)
		rc = sqlite3_prepare_v3(table->sqlite, texts[cursor->way], -1,
					SQLITE_PREPARE_PERSISTENT, kept, NULL);
	cursor->stmt = *kept;
	return rc;
}

/* The next block: SQLITE_ROW; what else the statement says is its end. */
static int next_block(struct cursor *cursor)
{
	int rc = sqlite3_step(cursor->stmt);

	if (rc != SQLITE_ROW) {
		cursor_end(cursor);
		return rc;
	}
	block_view_read(cursor->stmt, &cursor->view);
	cursor->count = block_find(&cursor->view, &cursor->places, &cursor->max);
	cursor->next = 0;
	return rc;
}

static const struct block_place *next_place(struct cursor *cursor)
{
	size_t at = cursor->next++;

	return &cursor->places[cursor->way == WAY_DOWN ? cursor->count - 1 - at : at];
}

/* Is nothing behind it asked for? */
static bool is_behind(const struct cursor *cursor, int64_t id)
{
	return cursor->view.sound && ((cursor->way == WAY_UP && id > cursor->upto) ||
				      (cursor->way == WAY_DOWN && id < cursor->from));
}

static int cursor_next(sqlite3_vtab_cursor *base)
{
	struct cursor *cursor = (struct cursor *)base;

	for (;;) {
		while (cursor->next < cursor->count) {
			const struct block_place *place = next_place(cursor);
			int64_t id = (int64_t)place->id;

			if (is_behind(cursor, id)) {
				cursor_end(cursor);
				return SQLITE_OK;
			}
			if (id < cursor->from || id > cursor->upto)
				continue;
			(void)block_item(&cursor->view, place, &cursor->item);
			return SQLITE_OK;
		}
		int rc = next_block(cursor);

		if (rc != SQLITE_ROW)
			return rc == SQLITE_DONE ? SQLITE_OK : rc;
	}
}

/* The values are in the order of the bounds. */
static void bounds_read(struct cursor *cursor, int bounds, sqlite3_value **values)
{
	cursor->from = INT64_MIN;
	cursor->upto = INT64_MAX;
	for (int bound = BOUND_ID; bound < BOUND_DOWN; bound *= 2) {
		int64_t value;

		if (!(bounds & bound))
			continue;
		value = sqlite3_value_int64(*values++);
		if (bound == BOUND_ABOVE && value < INT64_MAX)
			value++;
		if (bound == BOUND_BELOW && value > INT64_MIN)
			value--;
		if (bound <= BOUND_ABOVE && value > cursor->from)
			cursor->from = value;
		if ((bound == BOUND_ID || bound >= BOUND_UPTO) && value < cursor->upto)
			cursor->upto = value;
	}
}

static int cursor_filter(sqlite3_vtab_cursor *base, int bounds, const char *text, int count,
			 sqlite3_value **values)
{
	struct cursor *cursor = (struct cursor *)base;
	int64_t room = 0;
	int rc;

	(void)text;
	(void)count;
	cursor_end(cursor);
	cursor->next = cursor->count = 0;
	cursor->way = bounds & BOUND_DOWN ? WAY_DOWN : WAY_UP;
	if (bounds & BOUND_ROOM)
		room = sqlite3_value_int64(*values++);
	else
		cursor->way = WAY_ALL;
	bounds_read(cursor, bounds, values);
	rc = cursor_prepare(cursor);
	if (rc != SQLITE_OK) {
		cursor_end(cursor);
		return rc;
	}
	if (cursor->way != WAY_ALL) {
		sqlite3_bind_int64(cursor->stmt, 1, room);
		sqlite3_bind_int64(cursor->stmt, 2, cursor->from);
	}
	if (cursor->way == WAY_DOWN)
		sqlite3_bind_int64(cursor->stmt, 3, cursor->upto);
	return cursor_next(base);
}

static int cursor_at_end(sqlite3_vtab_cursor *base)
{
	return ((struct cursor *)base)->stmt == NULL;
}

/* ---- values ---- */

static void result_bytes(sqlite3_context *context, struct slice bytes)
{
	if (bytes.data)
		sqlite3_result_blob64(context, bytes.data, bytes.len, SQLITE_TRANSIENT);
}

static void result_key(sqlite3_context *context, const struct cursor *cursor)
{
	const uint64_t key[] = { cursor->view.room, cursor->item.id };

	sqlite3_result_blob(context, key, sizeof(key), SQLITE_TRANSIENT);
}

static int cursor_column(sqlite3_vtab_cursor *base, sqlite3_context *context, int column)
{
	const struct cursor *cursor = (struct cursor *)base;
	const struct block_item *item = &cursor->item;

	switch ((enum column)column) {
	case ROOM: sqlite3_result_int64(context, (int64_t)cursor->view.room); break;
	case ID: sqlite3_result_int64(context, (int64_t)item->id); break;
	case AUTHOR: sqlite3_result_int64(context, item->author); break;
	case NAME:
		sqlite3_result_text64(context, item->name.data ? item->name.data : "",
				      item->name.len, SQLITE_TRANSIENT, SQLITE_UTF8);
		break;
	case ROLES: sqlite3_result_int64(context, item->roles); break;
	case TIME_MS: sqlite3_result_int64(context, (int64_t)item->time_ms); break;
	case DELETED: sqlite3_result_int(context, item->deleted); break;
	case BODY: result_bytes(context, item->body); break;
	case EDIT: result_bytes(context, item->edit); break;
	case CRC: sqlite3_result_int64(context, item->crc); break;
	case KEY: result_key(context, cursor); break;
	}
	return SQLITE_OK;
}

/* ---- changes ---- */

static struct slice bytes_of(sqlite3_value *value)
{
	const char *data = sqlite3_value_blob(value);

	if (sqlite3_value_type(value) == SQLITE_NULL)
		return (struct slice){ NULL, 0 };
	return slice_span(data ? data : "", (size_t)sqlite3_value_bytes(value));
}

/* What does not fit into an item was damaged, and is so as an item. */
static void item_of(sqlite3_value **values, struct block_item *item)
{
	int64_t author = sqlite3_value_int64(values[AUTHOR]);
	int64_t roles = sqlite3_value_int64(values[ROLES]);
	int64_t deleted = sqlite3_value_int64(values[DELETED]);
	int64_t crc = sqlite3_value_int64(values[CRC]);
	uint64_t room = (uint64_t)sqlite3_value_int64(values[ROOM]);

	*item = (struct block_item){ .id = (uint64_t)sqlite3_value_int64(values[ID]),
				     .time_ms = (uint64_t)sqlite3_value_int64(values[TIME_MS]),
				     .author = (uint32_t)author,
				     .roles = (uint32_t)roles,
				     .deleted = deleted != 0,
				     .name = bytes_of(values[NAME]),
				     .body = bytes_of(values[BODY]),
				     .edit = bytes_of(values[EDIT]),
				     .crc = (uint32_t)crc };
	if (item->name.len > UINT16_MAX)
		item->name.len = UINT16_MAX;
	if (author != item->author || roles != item->roles || deleted != item->deleted ||
	    crc != item->crc)
		item->crc = ~block_item_crc(room, item);
}

static int table_update(sqlite3_vtab *base, int count, sqlite3_value **values, sqlite3_int64 *row)
{
	struct table *table = (struct table *)base;
	struct slice key = bytes_of(values[0]);
	struct block_item item;
	uint64_t old[2];
	int rc;

	(void)row;
	if (count > 1)
		item_of(values + 2, &item);
	if (!key.data) {
		rc = block_insert(table->change, (uint64_t)sqlite3_value_int64(values[2 + ROOM]),
				  &item);
		if ((rc & 0xff) == SQLITE_CONSTRAINT)
			base->zErrMsg =
			    sqlite3_mprintf("UNIQUE constraint failed: message.room, message.id");
		return rc;
	}
	if (key.len != sizeof(old))
		return SQLITE_MISMATCH;
	memcpy(old, key.data, sizeof(old));
	return block_replace(table->change, old[0], old[1], count > 1 ? &item : NULL);
}

bool message_table(struct sqlite3 *sqlite)
{
	static const sqlite3_module module = {
		.xConnect = table_connect,
		.xDisconnect = table_disconnect,
		.xBestIndex = best_index,
		.xOpen = cursor_open,
		.xClose = cursor_close,
		.xFilter = cursor_filter,
		.xNext = cursor_next,
		.xEof = cursor_at_end,
		.xColumn = cursor_column,
		.xUpdate = table_update,
	};

	return sqlite3_create_module_v2(sqlite, "message", &module, NULL, NULL) == SQLITE_OK;
}
