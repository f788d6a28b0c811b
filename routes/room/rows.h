/* rows.h - which rows a record changes, and a room made of rows again. Pure. */
#ifndef ROUTES_ROOM_ROWS_H
#define ROUTES_ROOM_ROWS_H

#include <stdbool.h>

#include "routes/room/record.h"
#include "routes/room/room.h"
#include "routes/room/row.h"

/* Hears of one change of rows, and borrows it for the call. */
typedef void row_function(void *context, const struct row *row);

/* What record (borrows), whose bytes these are, changes: none, one or several, in order. Called by
 * who keeps rows, on any thread. */
void record_rows(const struct record *record, struct slice bytes, row_function *emit,
		 void *context);

/* Puts one row that was read back into a room that was just made, or erased; in the order of
 * row.at, messages and notes before all that is about them. What only time could end goes on for
 * as long as was left when it was stored, at most as long as it was to last. False: it makes no
 * sense there, and is ignored. Called by the room's owner. */
bool room_restore(struct room *room, const struct row *row, struct room_time now);

/* All rows were restored: who is here already is muted as they say. */
void room_restored(struct room *room);

#endif
