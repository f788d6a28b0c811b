/* rows.h - the rows of what lasts beside rooms: accounts made at run time, and bans of the
 * server (bridge/durable/lasting.h). */
#ifndef BRIDGE_STORE_LASTING_ROWS_H
#define BRIDGE_STORE_LASTING_ROWS_H

#include <stdbool.h>

#include "bridge/durable/lasting.h"
#include "bridge/store/sqlite/database.h"

/* Within a transaction, of the connection that writes: what lasting says (borrows) holds from now
 * on. Another account's name is a FAULT_RECORD. False: see database_fault(). */
bool database_keep(struct database *database, const struct lasting *lasting)
    __attribute__((warn_unused_result));

/* Does it take away what somebody wrote, or a secret's hash? */
bool lasting_erases(const struct lasting *lasting);

/* Who gets the rows. Each borrows. */
struct lasting_sink {
	void *context;
	void (*person)(void *context, const struct lasting_person *person);
	void (*ban)(void *context, const struct lasting_ban *ban);
	/* A row of that table whose checksum is wrong, or that makes no sense, and is left out. */
	void (*damaged)(void *context, const char *table, uint64_t number);
};

/* All accounts by number, and all bans, the oldest first. Any connection. False: see
 * database_fault(). */
bool database_lasting(struct database *database, const struct lasting_sink *sink)
    __attribute__((warn_unused_result));

#endif
