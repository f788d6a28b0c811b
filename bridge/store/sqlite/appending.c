#include "bridge/store/sqlite/appending.h"

#include <sqlite3.h>
#include <stdlib.h>

#include "bridge/store/sqlite/statement.h"
#include "codecs/text/hash.h"
#include "codecs/text/memory.h"

struct room_end {
	UT_hash_handle hh;
	uint64_t room;
	uint64_t newest; /* no id of the room is above it */
	struct block block;
	struct room_end *next; /* that waits */
};

struct appending {
	struct room_end *ends; /* by room */
	struct room_end *waiting;
};

static struct room_end *end_find(const struct appending *appending, uint64_t room)
{
	struct room_end *end = NULL;

	if (appending)
		HASH_FIND(hh, appending->ends, &room, sizeof(room), end);
	return end;
}

static uint64_t newest_of(struct database *database, uint64_t room)
{
	struct binding find = bind_start(database, SQL_BLOCK_LAST, 0);
	uint64_t newest = 0;

	bind_number(&find, room);
	if (bind_step(&find)) {
		newest = column_number(&find, 0);
		bind_end(&find);
	}
	return newest;
}

/* NULL: see database_fault(). */
static struct room_end *end_of(struct database *database, uint64_t room)
{
	struct room_end *end = end_find(database->appending, room);
	uint64_t newest;

	if (end)
		return end;
	newest = newest_of(database, room);
	if (database->fault != FAULT_NONE)
		return NULL;
	if (!database->appending)
		database->appending = memory_zeroed(1, sizeof(*database->appending));
	end = memory_zeroed(1, sizeof(*end));
	end->room = room;
	end->newest = newest;
	HASH_ADD(hh, database->appending->ends, room, sizeof(end->room), end);
	return end;
}

/* Their number; 0: see database_fault(). */
static uint64_t write_bulk(struct database *database, uint64_t room, struct slice items)
{
	struct binding add = bind_start(database, SQL_BULK_ADD, 0);

	bind_number(&add, room);
	bind_blob(&add, items);
	return bind_run(&add, NULL) ? (uint64_t)sqlite3_last_insert_rowid(database->sqlite) : 0;
}

static bool write_block(struct database *database, struct room_end *end)
{
	struct slice items = slice_span(end->block.items.data, end->block.items.len);
	struct binding add;
	uint64_t bulk = 0;

	if (block_is_long(&end->block)) {
		bulk = write_bulk(database, end->room, items);
		if (!bulk)
			return false;
		items = (struct slice){ NULL, 0 };
	}
	add = bind_start(database, SQL_BLOCK_ADD, TABLE_BLOCK);
	bind_number(&add, end->room);
	bind_number(&add, end->block.last);
	bind_blob(&add, slice_span(end->block.ids.data, end->block.ids.len));
	bind_number(&add, bulk);
	bind_crc(&add);
	bind_blob(&add, items);
	end->block.count = end->block.ids.len = end->block.items.len = 0;
	return bind_run(&add, NULL);
}

bool appending_add(struct database *database, uint64_t room, struct block_item *item, bool *added)
{
	struct room_end *end = end_of(database, room);
	struct block *block;

	if (!end)
		return false;
	*added = item->id > end->newest && item->id <= INT64_MAX;
	if (!*added)
		return true;
	block = &end->block;
	if ((block->count >= BLOCK_MESSAGES || block->items.len >= BLOCK_BYTES) &&
	    !write_block(database, end))
		return false;
	if (!end->next) {
		end->next = database->appending->waiting ? database->appending->waiting : end;
		database->appending->waiting = end;
	}
	item->crc = block_item_crc(room, item);
	block_add(block, item);
	end->newest = item->id;
	return true;
}

bool appending_has(const struct database *database, uint64_t room, uint64_t id)
{
	const struct room_end *end = end_find(database->appending, room);

	return end && end->block.count && id >= end->block.first && id <= end->block.last;
}

bool appending_write(struct database *database)
{
	struct appending *appending = database->appending;

	while (appending && appending->waiting) {
		struct room_end *end = appending->waiting;

		appending->waiting = end->next == end ? NULL : end->next;
		end->next = NULL;
		if (end->block.count && !write_block(database, end))
			return false;
	}
	return true;
}

void appending_clear(struct database *database)
{
	struct room_end *end, *next;

	if (!database->appending)
		return;
	HASH_ITER(hh, database->appending->ends, end, next)
	{
		HASH_DEL(database->appending->ends, end);
		block_clear(&end->block);
		free(end);
	}
	free(database->appending);
	database->appending = NULL;
}
