/* erase.h - a person goes: what they wrote in all rooms, with what others thought of it, their
 * name, reactions, votes, marks, and their own row. What is left of a message is its id, its time
 * and its author's number. Piece by piece, by the connection that writes. */
#ifndef BRIDGE_STORE_ERASE_H
#define BRIDGE_STORE_ERASE_H

#include <stdbool.h>
#include <stdint.h>

#include "bridge/store/sqlite/database.h"
#include "codecs/text/name.h"
#include "codecs/text/slice.h"

#define ERASE_SCANNED 2000 /* messages that one step looks at */

struct erase_counts {
	uint64_t messages, reactions, votes, marks, polls, persons;
};

/* Of one person, on its way. */
struct erase {
	uint32_t number;
	size_t len;
	char folded[NAME_FOLDED_MAX]; /* their name; len 0: marks go by the number alone */
	uint64_t room, id;            /* how far it is */
	struct erase_counts counts;
};

/* The numbers of at most max people who have an account of that name (borrows), or wrote under it,
 * in their order. Looks at all messages. Any connection. False: see database_fault(). */
bool erase_find(struct database *database, struct slice name, uint32_t *numbers, size_t max,
		size_t *count) __attribute__((warn_unused_result));

/* number: not 0. name: borrowed; absent: of none. */
void erase_begin(struct erase *erase, uint32_t number, struct slice name);

/* Within a transaction of its own. *more: it is not done yet. False: see database_fault(). */
bool erase_step(struct database *database, struct erase *erase, bool *more)
    __attribute__((warn_unused_result));

/* All steps, of the file of a server that does not run, and nothing is left in the log. False: see
 * database_fault(); part of it is done, and doing it again does the rest. */
bool erase_person(struct database *database, struct erase *erase)
    __attribute__((warn_unused_result));

#endif
