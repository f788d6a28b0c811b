/* keeping.h - accounts made at run time, bans of the server and numbers, out of the database and
 * into it: struct store's keep(). Main thread. */
#ifndef BRIDGE_STORE_LASTING_KEEPING_H
#define BRIDGE_STORE_LASTING_KEEPING_H

#include <stdbool.h>
#include <stdio.h>

#include "bridge/core/bridge.h"
#include "bridge/store/lasting/rows.h"
#include "bridge/store/lasting/token_rows.h"

/* The bridge's store (borrowed, of engine.h) keeps by its thread, once that runs. */
void keeping_begin(struct bridge *bridge);

/* What is stored in that database; what is damaged there is logged, whatever sink (borrows) says.
 * False after an error, which is written to errors. */
bool keeping_read(struct database *database, const struct lasting_sink *sink, FILE *errors)
    __attribute__((warn_unused_result));

/* The same of tokens, the oldest first. */
bool keeping_read_tokens(struct database *database,
			 void (*take)(void *context, const struct token_row *row), void *context,
			 FILE *errors) __attribute__((warn_unused_result));

/* Of a server that does not run: the database of its state folder, which the caller has locked.
 * Sets the bridge's store, of which keep() alone may be called. NULL after an error, which is
 * written to errors. Returns new. */
struct database *keeping_open_alone(struct bridge *bridge, FILE *errors);

/* NULL is ignored. */
void keeping_close_alone(struct bridge *bridge, struct database *database);

#endif
