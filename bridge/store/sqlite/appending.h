/* appending.h - messages that a transaction adds wait for its end, of each room in a block, so that
 * those of one room are one row. For the connection that writes. */
#ifndef BRIDGE_STORE_SQLITE_APPENDING_H
#define BRIDGE_STORE_SQLITE_APPENDING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bridge/store/sqlite/block.h"

#define BLOCK_MESSAGES 64    /* of one block at most; */
#define BLOCK_BYTES    32768 /* and one message more than that */

struct database;

/* Within a transaction: adds that message (borrows; its checksum is made here), if its id is above
 * all of its room. *added: it was; else nothing happened. False: see database_fault(). */
bool appending_add(struct database *database, uint64_t room, struct block_item *item, bool *added)
    __attribute__((warn_unused_result));

/* Does the message of that room and id wait? Then the rows do not have it yet. */
bool appending_has(const struct database *database, uint64_t room, uint64_t id);

/* Writes all that waits: before the transaction ends, or a row of those is to be read or changed.
 * False: see database_fault(). */
bool appending_write(struct database *database) __attribute__((warn_unused_result));

/* Forgets it, with what is known of rooms: the transaction is rolled back, or the connection ends.
 */
void appending_clear(struct database *database);

#endif
