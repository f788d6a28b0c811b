/* retention.h - what of a room is kept too long: messages by how many, how old, how many bytes they
 * are; of notes and marks what a room would not remember either. Found by who reads, deleted piece
 * by piece by who writes. */
#ifndef BRIDGE_STORE_RETENTION_H
#define BRIDGE_STORE_RETENTION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bridge/store/sqlite/database.h"

#define RETENTION_ROWS 500 /* messages, or notes, or marks, that go in one step */

/* What is kept of a room's messages; 0: without a limit. */
struct retention {
	uint64_t messages; /* the newest so many */
	uint64_t age_ms;   /* none older */
	uint64_t bytes;    /* of bodies, the newest that are no more together */
};

/* What is to go of one room. Zeroed: nothing. */
struct surplus {
	uint64_t room;
	uint64_t message;    /* all messages up to that id, with what is about them */
	uint64_t notes[2];   /* all notes below that id, by stands */
	uint64_t marks[5];   /* all marks up to that turn, by list */
	uint64_t expired_ms; /* marks that ended before; wall clock */
};

/* What is too much in that room now (wall clock, ms since 1970). Any connection. False: see
 * database_fault(). *any: something is. */
bool retention_find(struct database *database, uint64_t room, const struct retention *retention,
		    uint64_t now_ms, struct surplus *surplus, bool *any)
    __attribute__((warn_unused_result));

/* Within a transaction of its own: deletes some of it, of which so many are messages. *more: there
 * may be more. False: see database_fault(). */
bool retention_step(struct database *database, const struct surplus *surplus, size_t *messages,
		    bool *more) __attribute__((warn_unused_result));

/* The first room whose number is above `after`, 0: there is none; and a number that is larger once
 * messages, notes or marks were added to it. False: see database_fault(). */
bool retention_next(struct database *database, uint64_t after, uint64_t *room, uint64_t *added)
    __attribute__((warn_unused_result));

#endif
