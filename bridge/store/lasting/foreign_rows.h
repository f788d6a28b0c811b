/* foreign_rows.h - the rows of what servers that we call call our messages
 * (bridge/durable/foreign_keeping.h). They go when the messages of that age do (retention.h); one
 * that is only deleted keeps its names: it may have to be deleted there still. */
#ifndef BRIDGE_STORE_LASTING_FOREIGN_ROWS_H
#define BRIDGE_STORE_LASTING_FOREIGN_ROWS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bridge/durable/foreign_keeping.h"
#include "bridge/store/sqlite/database.h"

/* Within a transaction, of the connection that writes: what keeping (borrows) says holds from now
 * on. A name that is none, or an id of 0, is a FAULT_RECORD. False: see database_fault(). */
bool database_foreign_keep(struct database *database, const struct foreign_keeping *keeping)
    __attribute__((warn_unused_result));

/* Those of an upstream and a room that are of the newest messages, at most most: by id, those of
 * one message in their order. *settled: as it was kept last; 0: never. *damaged: rows that were
 * left out. Any connection. False: see database_fault(); what was given are not all. */
bool database_foreign(struct database *database, struct slice upstream, struct slice room,
		      size_t most, const struct foreign_sink *sink, uint64_t *settled,
		      size_t *damaged) __attribute__((warn_unused_result));

#endif
