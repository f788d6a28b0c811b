/* kept.h - what lasts and is of no room, while a server runs: taken over at start, and kept up.
 * Main thread. */
#ifndef BRIDGE_KEPT_H
#define BRIDGE_KEPT_H

#include <stdbool.h>
#include <stdio.h>

#include "bridge/core/bridge.h"

/* At start, before there is a bridge, with the state folder locked: rooms made at run time become
 * rooms of the configuration. False after an error, which is written to errors. */
bool kept_rooms(struct conf *conf, FILE *errors) __attribute__((warn_unused_result));

/* At start, when the bridge has its store, and no thread runs: accounts made at run time are in its
 * directory, its bans hold, guests get numbers that none had before, and of upstreams it is known
 * what they call messages. Without a store nothing happens. False after an error, which is written
 * to errors. */
bool kept_open(struct bridge *bridge, struct room_time now, FILE *errors)
    __attribute__((warn_unused_result));

/* The same of a server that does not run, whose state folder the caller has locked: with a store
 * that keeps at once, until kept_close_alone(). NULL after an error, which is written to errors.
 * Returns new. */
struct database;
struct database *kept_open_alone(struct bridge *bridge, struct room_time now, FILE *errors);
void kept_close_alone(struct bridge *bridge, struct database *database);

/* Every second: tokens that have expired go, numbers for guests are reserved, and when accounts
 * logged in is stored. wall_ms: since 1970. */
void kept_tick(struct bridge *bridge, uint64_t wall_ms);

/* The server ends, and nobody logs in any more: the last of the same. Before the store ends. */
void kept_end(struct bridge *bridge, uint64_t wall_ms);

#endif
