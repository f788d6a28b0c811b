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
void record_change_rows(const struct record *record, struct slice bytes, row_function *emit,
			void *context);

/* Of a record's bytes, if it is of a message: the one row that it changes, and of which room; both
 * borrow from them. It takes a tenth of the time. False: it is something else, or not sound. */
bool record_said_row(struct slice bytes, struct slice *room, struct row *row);

/* Puts one row that was read back into a room that was just made, or erased: messages in the order
 * of their ids, then notes, then the others in the order of row.at. What time ends goes on for what
 * is left by the wall clock, at most as long as it was to last. False: it makes no sense there, and
 * is ignored. Called by the room's owner, or before it has one. */
bool room_restore(struct room *room, const struct row *row, struct room_time now);

/* The event of a MESSAGE that was read back, as it reads now. Any thread. Returns new; NULL: its
 * words were not kept. */
struct envelope *row_event(const struct row *row);

/* The same as journal_past() has it: NULL only for what the bridge said, of which no words are
 * kept.
 */
struct envelope *row_past(const struct row *row);

/* All rows were restored: ids go on above them, whatever the clock says, and who is here already is
 * muted as they say. The same callers. */
void room_restored(struct room *room, struct room_time now);

#endif
