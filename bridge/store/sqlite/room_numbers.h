/* room_numbers.h - the numbers of rooms, which rows have instead of names: those that a connection
 * asked for are remembered. */
#ifndef BRIDGE_STORE_SQLITE_ROOM_NUMBERS_H
#define BRIDGE_STORE_SQLITE_ROOM_NUMBERS_H

#include <stdint.h>

#include "codecs/text/slice.h"

struct database;

/* The number of that room (borrows); makes its row if there is none, within a transaction. 0: see
 * database_fault(). */
uint64_t database_room(struct database *database, struct slice name);

/* The same of one that is there; 0: there is none, or see database_fault(). */
uint64_t database_room_find(struct database *database, struct slice name);

/* Forgets all: a number that was rolled back is somebody else's next. For database.c. */
void room_numbers_clear(struct database *database);

#endif
