/* change.h - changes of the rows of rooms. For the connection that writes. */
#ifndef BRIDGE_STORE_CHANGE_H
#define BRIDGE_STORE_CHANGE_H

#include <stdbool.h>
#include <stdint.h>

#include "bridge/store/sqlite/database.h"
#include "routes/room/row.h"

/* Within a transaction: changes the rows of a room (database_room()) as the row says (borrows),
 * with these decisions beyond row.h:
 * - an id that is there already is a FAULT_RECORD; so is a row whose kind is none
 * - EDIT without a body is FORGET: what it read before must not come back. EDIT of a message
 * without a body changes nothing
 * - REACT to a message that is not there, or deleted, changes nothing; nor does VOTE without a poll
 * - DELETE_ALL is kept as one row and holds at once for whoever reads; purge.h carries it out
 * False: see database_fault(); the transaction is to be rolled back. */
bool database_change(struct database *database, uint64_t room, const struct row *row)
    __attribute__((warn_unused_result));

/* Within a transaction, before anything is changed since the server ended last: who was in a room
 * then has left it, and heard what had been said there. What is read would say so, too, but of what
 * was said by then. */
bool database_all_left(struct database *database) __attribute__((warn_unused_result));

/* Does such a row take away what somebody wrote, so that it has to be off the disk within a while?
 * Any thread. */
bool change_erases(enum row_kind kind);

#endif
