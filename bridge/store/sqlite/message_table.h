/* message_table.h - the messages in all blocks as a table of SQL, which reads and changes them one
 * by one:
 *
 *   message (room, id, author, name, roles, time_ms, deleted, body, edit, crc)
 *
 * Its key is room and id. It is quick by room and id, or a range of ids, in both directions. A
 * message whose block is damaged is found where it can be, and its crc is wrong where it is
 * damaged itself; what is written has the crc that it is given. For statement.c, and tests. */
#ifndef BRIDGE_STORE_SQLITE_MESSAGE_TABLE_H
#define BRIDGE_STORE_SQLITE_MESSAGE_TABLE_H

#include <stdbool.h>

struct sqlite3;

/* Every statement of the connection may name it from now on, where the file has no table of that
 * name. */
bool message_table(struct sqlite3 *sqlite) __attribute__((warn_unused_result));

#endif
