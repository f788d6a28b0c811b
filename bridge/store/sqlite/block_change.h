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

/* Changes a message, or leaves it: false. */
typedef bool block_edit_function(void *context, struct block_item *item);

/* Gives all messages of the first block of that room whose last id is not below id to edit, and
 * writes what that changed, with its checksum; what was damaged stays so. SQLITE_ROW: *last is the
 * block's; SQLITE_DONE: there is none; else what SQLite says. */
int block_edit(struct block_change *change, uint64_t room, uint64_t id, block_edit_function *edit,
	       void *context, uint64_t *last);

/* The message of that room and id is item (borrows), or goes; a damaged block stays one. Where it
 * is not, nothing happens. Returns SQLite's result. */
int block_replace(struct block_change *change, uint64_t room, uint64_t id,
		  const struct block_item *item);

/* One more, in a block of its own unless it comes between two of one. SQLITE_CONSTRAINT: its id is
 * there. Borrows. */
int block_insert(struct block_change *change, uint64_t room, const struct block_item *item);

#endif
