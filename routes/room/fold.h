/* fold.h - a room as the fold of its records: of before a restart, or of another's judging. Pure,
 * like all of routes/room. */
#ifndef ROUTES_ROOM_FOLD_H
#define ROUTES_ROOM_FOLD_H

#include <stdbool.h>
#include <stdint.h>

#include "routes/room/record.h"

/* Changes the room as its record says, and judges nothing. It leaves the same room_digest() as in
 * the room that made the record, if all before it were applied, and the rules were the same each
 * time. Ids of the room's clock are greater than the record's from then on. now: to which the ends
 * of bans, mutes and polls are put; what is left of one is never more than all of it.
 *
 * record->event: sealed, when it is of an event; it is held where it is to be kept. False: the
 * record is not the next one, or contradicts what is here; nothing changed. */
bool room_apply(struct room *room, const struct record *record, struct room_time now)
    __attribute__((warn_unused_result));

/* The newest record's number that the room made or applied; 0: none. */
uint64_t room_recorded(const struct room *room);

/* The same of what rows keep alone (rows.h): not who is here, nor how many records there were. */
uint64_t room_kept_digest(const struct room *room);

/* A number for all that records make of a room: marks, what is remembered of messages, reactions,
 * the poll, who is here by which connections. Its ends are by the wall clock, so it is the same at
 * any time, in any process. Not the rules. Looks at everything: for tests, and to compare copies.
 */
uint64_t room_digest(const struct room *room);

#endif
