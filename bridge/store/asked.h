/* asked.h - what somebody asks of what is stored: of a server that runs through its store, of
 * another from its file. */
#ifndef BRIDGE_STORE_ASKED_H
#define BRIDGE_STORE_ASKED_H

#include "bridge/core/past.h"
#include "bridge/durable/erasing.h"
#include "bridge/durable/store.h"
#include "bridge/store/sqlite/database.h"

/* Makes a store of the engine's answer what is asked of it: read, find, erase. Main thread, before
 * others. */
void asked_serve(struct store *store);

/* Reads it, from any connection; past->done is not called. */
void past_read(struct database *database, struct past *past);

/* Finds who wrote under the name, from any connection, looking at all messages; finding->done is
 * not called. */
void authors_find(struct database *database, struct finding *finding);

#endif
