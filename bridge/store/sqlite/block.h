/* block.h - the messages of a room that one transaction stores are one row of the database, a
 * block: SQLite needs as long for a row as all else does for a message. The bytes of a block, and
 * what is found in them when some are not as they were written. Pure.
 *
 * All numbers are little-endian.
 *
 *   ids    of each message its id (8) and how long its item is (4), by rising id
 *   items  one behind the other; each:
 *            0  size of all of it (4), id (8), time (8), author (4), roles (4)
 *           28  checksum of the message (4): row_crc.h, of TABLE_MESSAGE and the columns of the
 *               table that message_table.h shows
 *           32  bits: deleted, has a body, has an edit (1)
 *           33  the name's length (2), the body's (4)
 *           39  name, body, edit
 *
 * Short items are in the row itself, so that those of a room lie together. Else they are a row of
 * the table bulk, whose number the block has: what is long in a row of its table would be read by
 * whoever looks for another one.
 *
 * The row's own checksum is over all of its columns but the items. So what is damaged in an item
 * costs that message; and where the ids are damaged, the items are found one by one. */
#ifndef BRIDGE_STORE_SQLITE_BLOCK_H
#define BRIDGE_STORE_SQLITE_BLOCK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "codecs/text/slice.h"

#define BLOCK_ID_BYTES 12   /* of one message among the ids */
#define BLOCK_SHORT    1800 /* bytes of ids and items that are one row */

/* One message. Borrows. What is absent has data NULL. */
struct block_item {
	uint64_t id, time_ms;
	uint32_t author, roles;
	bool deleted;
	struct slice name, body, edit; /* name: at most UINT16_MAX bytes */
	uint32_t body_crc;             /* crc32c() of the body where it is known; 0: it is not */
	uint32_t crc;
};

/* Some of a room, on their way into a row. Zeroed is empty. */
struct block {
	uint64_t room, first, last; /* ids; first and last of an empty one are 0 */
	size_t count;
	struct block_bytes {
		char *data; /* NULL: none yet */
		size_t len, room;
	} ids, items;
};

/* Frees its bytes, and makes it an empty one of no room. */
void block_clear(struct block *block);

/* The checksum that the item of that room should have. */
uint32_t block_item_crc(uint64_t room, const struct block_item *item);

/* Adds it (borrows), as it is, with its checksum. Its id is above those before. */
void block_add(struct block *block, const struct block_item *item);

/* Are its items a row of bulk? */
static inline bool block_is_long(const struct block *block)
{
	return block->ids.len + block->items.len > BLOCK_SHORT;
}

/* The checksum of a block's row. bulk: the number of its row there; 0: it has none. */
uint32_t block_crc(uint64_t room, uint64_t last, struct slice ids, uint64_t bulk);

/* A block that was read. */
struct block_view {
	uint64_t room, last;
	struct slice ids, items; /* borrowed */
	uint64_t bulk;           /* the number of its row there; 0: it has none */
	bool sound;              /* its checksum is as it should be */
};

/* Where in it a message is. */
struct block_place {
	uint64_t id;
	size_t at, len; /* in the items; len 0: nowhere */
};

/* Finds all its messages, which are at most *max places, *places (new, or NULL at first) is made
 * longer for; free() it. Of a block that is not sound those that are whole, by their checksums,
 * and behind them one place that is nowhere, with the block's last id, unless that was all. Returns
 * how many there are. */
size_t block_find(const struct block_view *view, struct block_place **places, size_t *max);

/* Reads the item at that place. False: it is not one, or has another id; then it has the place's id
 * and nothing else, and a checksum that is wrong. Its checksum is not looked at. Borrows. */
bool block_item(const struct block_view *view, const struct block_place *place,
		struct block_item *item);

/* Adds what is at that place, as it is; behind the last one of a block that is not sound, all that
 * is left of it. */
void block_copy(struct block *block, const struct block_view *view,
		const struct block_place *place);

#endif
