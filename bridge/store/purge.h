/* purge.h - DELETE_ALL, which may be of a million messages: kept as a row that holds at once for
 * who reads, and carried out piece by piece by the connection that writes. */
#ifndef BRIDGE_STORE_PURGE_H
#define BRIDGE_STORE_PURGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bridge/store/sqlite/database.h"
#include "codecs/text/slice.h"

#define PURGE_SCANNED 2000 /* messages looked at in one step, */
#define PURGE_DELETED 500  /* and of these deleted */

/* Within a transaction of its own: one step of the oldest purge whose number is *number or above,
 * which is *number then. *more: there was one. False: see database_fault(). */
bool purge_step(struct database *database, uint64_t *number, bool *more)
    __attribute__((warn_unused_result));

/* Those of one room that are not carried out. */
struct purges {
	struct purge *list;
	size_t count;
	size_t damaged; /* rows that could not be used */
};

/* Reads them. Returns new in *purges; purges_clear() frees it. A fault: none. */
void purges_read(struct database *database, uint64_t room, struct purges *purges);
void purges_clear(struct purges *purges);

/* Is the message of that id, author, and name (borrows) among what they delete? */
bool purges_cover(const struct purges *purges, uint64_t id, uint64_t author, struct slice name);

#endif
