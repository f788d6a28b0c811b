/* block_change.h - one message of a block is another one, comes or goes: the block is written anew.
 * For message_table.c, with its statements. */
#ifndef BRIDGE_STORE_SQLITE_BLOCK_CHANGE_H
#define BRIDGE_STORE_SQLITE_BLOCK_CHANGE_H

#include <stdint.h>

#include "bridge/store/sqlite/block.h"

struct block_change;
struct sqlite3;
struct sqlite3_stmt;

/* sqlite: borrowed. Returns new. */
struct block_change *block_change_new(struct sqlite3 *sqlite);
void block_change_free(struct block_change *change);

/* What statements select who read blocks, in front of their WHERE; block is b. */
#define BLOCK_SELECT                                                                               \
	"SELECT b.room, b.last, b.ids, CASE b.bulk WHEN 0 THEN b.items ELSE (SELECT k.items"       \
	" FROM bulk k WHERE k.number = b.bulk AND k.room = b.room) END, b.crc, b.bulk FROM block " \
	"b "

/* Of such a statement the row it was stepped to. Borrows until its next step. */
void block_view_read(struct sqlite3_stmt *stmt, struct block_view *view);

/* The message of that room and id is item (borrows), or goes; a damaged block stays one. Where it
 * is not, nothing happens. Returns SQLite's result. */
int block_replace(struct block_change *change, uint64_t room, uint64_t id,
		  const struct block_item *item);

/* One more, in a block of its own unless it comes between two of one. SQLITE_CONSTRAINT: its id is
 * there. Borrows. */
int block_insert(struct block_change *change, uint64_t room, const struct block_item *item);

#endif
