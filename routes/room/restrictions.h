/* restrictions.h - a bounded memory of people: who is banned, muted, invited, or has voted, and
 * until when. Used by a room's owner alone, on its thread. */
#ifndef ROUTES_ROOM_RESTRICTIONS_H
#define ROUTES_ROOM_RESTRICTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "codecs/text/slice.h"
#include "routes/room/digest.h"
#include "routes/room/room.h"

/* Marks in one memory. The oldest is forgotten for the one after that: a person banned 65,536
 * marks ago is free again (a ban makes up to three marks, and one for each further address). */
#define MARKS_MAX 65536

#define MARK_FOREVER UINT64_MAX

/* How a person is identified: by a number, a folded name, an address, or some of them together. The
 * others are zero. */
struct mark_key {
	uint32_t number;
	uint64_t address;
	struct slice folded;
};

struct mark;

/* Zeroed is empty. */
struct marks {
	void *tree;
	struct mark *oldest, *newest;
	size_t count;
};

void marks_clear(struct marks *marks);

/* Marks key until that time (ms on the steady clock), or lifts the mark if until_ms is 0. A key
 * that is all zero is ignored. Borrows key. */
void marks_set(struct marks *marks, struct mark_key key, uint64_t until_ms);

/* The same until that moment, or lifts the mark if that is zero; remembering of which person it is
 * a mark: the number, for marks_pardon(). 0: of none. */
void marks_set_for(struct marks *marks, struct mark_key key, struct room_time until,
		   uint32_t person);

/* Lifts the mark of key, and all others of the same person. False: key is not marked. Looks at all
 * marks. */
bool marks_pardon(struct marks *marks, struct mark_key key);

/* Forgets all that name the person: by number (not 0), by folded name (absent: by none), or as
 * theirs. Returns how many. Looks at all marks. */
size_t marks_forget(struct marks *marks, uint32_t number, struct slice folded);

/* Until when key is marked; 0: it is not. */
uint64_t marks_until(const struct marks *marks, struct mark_key key);

/* Its end by the wall clock; 0: it is not marked. */
uint64_t marks_wall(const struct marks *marks, struct mark_key key);

/* The number in the key of the oldest; 0: it has none, or there is no mark. */
uint32_t marks_first(const struct marks *marks);

/* The numbers in their keys, of those that have one and are not over, in the order they were set.
 * Returns new (free()), how many in *count; never NULL. */
uint32_t *marks_numbers(const struct marks *marks, uint64_t now_ms, size_t *count);

/* All of them, with their ends by the wall clock. */
void marks_digest(const struct marks *marks, struct digest *digest);

#endif
