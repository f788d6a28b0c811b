/* made_rooms.h - the rooms that were made at run time, as the store has them. Those of the
 * configuration are authoritative: one whose name, or id in a dialect, it has is shadowed. Main
 * thread. */
#ifndef BRIDGE_DURABLE_MADE_ROOMS_H
#define BRIDGE_DURABLE_MADE_ROOMS_H

#include <stdbool.h>
#include <stdio.h>

#include "bridge/core/room_table.h"
#include "codecs/text/hash.h"
#include "conf/conf.h"
#include "conf/made.h"

struct made_room {
	UT_hash_handle by_name;
	struct conf_made made; /* name: below */
	bool coming;           /* it is being stored, and no room yet */
	bool changing;         /* it is being opened, changed or removed: by one at a time */
	char name[];
};

struct made_rooms {
	struct made_room *names; /* a table */
};

/* Returns new, empty. */
struct made_rooms *made_rooms_new(void);

/* NULL is ignored. */
void made_rooms_free(struct made_rooms *rooms);

size_t made_rooms_count(const struct made_rooms *rooms);

/* All, in the order they were added; NULL for the first, and when that was the last. */
const struct made_room *made_rooms_next(const struct made_rooms *rooms,
					const struct made_room *room);

/* NULL: there is none. */
struct made_room *made_rooms_find(const struct made_rooms *rooms, const char *name);

/* Is a room called so, there or made? What is stored of rooms is found by their folded names. */
bool made_rooms_taken(const struct made_rooms *rooms, const struct room_table *table,
		      struct slice name);

/* Adds one (copies), unless there is one of that name. Borrowed. */
struct made_room *made_rooms_add(struct made_rooms *rooms, const struct conf_made *made);

/* Frees it. */
void made_rooms_remove(struct made_rooms *rooms, struct made_room *room);

/* Appends all that are stored to a configuration, but those whose name it has, of which the log
 * has a warning. */
void made_rooms_join(const struct made_rooms *rooms, struct conf *conf);

#endif
