/* message_edit.h - changes of messages that are stored, a block at a time. For the connection that
 * writes. */
#ifndef BRIDGE_STORE_SQLITE_MESSAGE_EDIT_H
#define BRIDGE_STORE_SQLITE_MESSAGE_EDIT_H

#include <stdbool.h>
#include <stdint.h>

#include "bridge/store/sqlite/block.h"
#include "bridge/store/sqlite/block_change.h"

struct database;

/* Within a transaction: the messages of the block of that room which has the id, or the first one
 * above it, are given to edit one by one, and those that it changed are stored so. A damaged one
 * stays damaged. *last: the block's last id; 0: there is no such block. False: see
 * database_fault(). */
bool messages_edit(struct database *database, uint64_t room, uint64_t id, block_edit_function *edit,
		   void *context, uint64_t *last) __attribute__((warn_unused_result));

/* Takes away what was said: for edit functions. */
void message_take_words(struct block_item *item);

/* The connection ends. */
void messages_edit_end(struct database *database);

#endif
