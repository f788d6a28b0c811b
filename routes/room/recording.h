/* recording.h - a room's records, handed on as they are made: one for everything that changes the
 * room. Not recorded is what leaves nothing behind: typing, reading, presence, private messages,
 * invitations to open rooms. Nor are the rules, which are room_change()'s. */
#ifndef ROUTES_ROOM_RECORDING_H
#define ROUTES_ROOM_RECORDING_H

#include "routes/room/record.h"

/* From now on every change of the room is one call of sink with owner (borrows); NULL: of nobody.
 * By the room's owner. */
void room_record(struct room *room, record_sink *sink, void *owner);

/* ---- for the files of routes/room only: to be called when the change is made ---- */

/* A record, complete but for its number, which it gets. Only when there is a sink. */
void recording_add(struct room *room, struct record *record);

/* An ordered event with nothing aside. */
void recording_event(struct room *room, const struct envelope *event);

struct seat;

/* A connection that just sat down; enter: as told, NULL: it was not the person's first. */
void recording_seat(struct room *room, const struct seat *seat, const struct envelope *enter,
		    struct room_time now);

/* One that was here; exit: as told, NULL: it was not the last. */
void recording_unseat(struct room *room, struct session_ref ref, const struct envelope *exit,
		      struct room_time now);

/* All of a person's. */
void recording_drop(struct room *room, uint32_t person);

void recording_pardon(struct room *room, const struct person *person);

#endif
