/* storage.h - the rooms of a server are kept in a database of its state folder: opened and read
 * before any worker runs, written from then on by a thread of its own. Main thread. */
#ifndef BRIDGE_STORE_STORAGE_H
#define BRIDGE_STORE_STORAGE_H

#include <stdbool.h>
#include <stdio.h>

#include "bridge/core/bridge.h"

struct storage;

/* If the configuration wants rooms to be kept: opens the database, makes every room of the bridge
 * as it was, now, and sets bridge->store; else *storage is NULL. Its workers are made, and not
 * started.
 * False: an error, which is written to errors. */
bool storage_open(struct bridge *bridge, struct room_time now, FILE *errors,
		  struct storage **storage) __attribute__((warn_unused_result));

/* Starts the thread. False, and a line in the log: it cannot be. NULL is ignored. */
bool storage_start(struct storage *storage) __attribute__((warn_unused_result));

/* All that workers have recorded is stored, and sent back to them. They are not running any more.
 * NULL is ignored. */
void storage_stop(struct storage *storage);

/* The same again, for what their last mail brought up. NULL is ignored. */
void storage_settle(struct storage *storage);

/* Was what was recorded last stored? NULL: there is no store, and yes. */
bool storage_works(struct storage *storage);

/* After the workers. NULL is ignored. */
void storage_free(struct storage *storage);

#endif
