/* read.h - the rows of rooms, in the order that makes rooms of them again. For any connection, on
 * whose thread the callbacks are called. */
#ifndef BRIDGE_STORE_READ_H
#define BRIDGE_STORE_READ_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bridge/store/sqlite/database.h"
#include "routes/room/row.h"

#define READ_NOTES 1024 /* the newest of each sort: those that stand for a message, and others */

/* A row whose checksum is wrong, or rows that cannot be read. */
struct damage {
	const char *table;
	uint64_t room; /* its number; 0: it says none */
	uint64_t id;   /* of the message; of a vote its author, of a mark its turn, of a purge
			* nothing */
	bool page;     /* the file itself is broken there: rows from about that id on are lost, how
			* many is not known */
};

/* Who gets them. Each pointer may be NULL. */
struct row_sink {
	void *context;
	/* What follows is of this room: its name and its settings, absent if there are none. For
	 * database_read_all() alone. Borrows. */
	void (*room)(void *context, uint64_t number, struct slice name, struct slice settings);
	void (*row)(void *context, const struct row *row); /* borrows */
	void (*damaged)(void *context, const struct damage *damage);
};

/* Of one room, by its number (database_room_find()):
 * MESSAGE by id, the newest `messages` of them; NOTE by id; REACT to messages that were given and
 * are not deleted, by when the emoji was used first by those who still do; MARK as they were set;
 * POLL; VOTE by at. What a DELETE_ALL has not reached yet is
 * given as deleted. All as of one moment: in a transaction of its own, unless there is one.
 * Damaged rows are told of and left out. False: see database_fault(); what was given is not all. A
 * damaged file is FAULT_CORRUPT only where nothing could be read around the damage. */
bool database_read(struct database *database, uint64_t room, size_t messages,
		   const struct row_sink *sink) __attribute__((warn_unused_result));

/* The same of all rooms, one behind the other. */
bool database_read_all(struct database *database, size_t messages, const struct row_sink *sink)
    __attribute__((warn_unused_result));

/* The newest `count` messages of a room with a body that are older than before (an id; UINT64_MAX:
 * all are), the oldest first; deleted ones are none. False: as above. */
bool database_history(struct database *database, uint64_t room, uint64_t before, size_t count,
		      const struct row_sink *sink) __attribute__((warn_unused_result));

/* The same with those that have no body, or were deleted; but of the bridge's own those with a body
 * alone. */
bool database_said(struct database *database, uint64_t room, uint64_t before, size_t count,
		   const struct row_sink *sink) __attribute__((warn_unused_result));

#endif
