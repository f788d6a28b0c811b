/* token_rows.h - the rows of bearer tokens that this server issued: struct store's keep_token(). */
#ifndef BRIDGE_STORE_LASTING_TOKEN_ROWS_H
#define BRIDGE_STORE_LASTING_TOKEN_ROWS_H

#include <stdbool.h>

#include "bridge/durable/token_keeping.h"
#include "bridge/store/sqlite/database.h"

struct store;

/* Within a transaction, of the connection that writes (borrows): what it says holds from now on.
 * False: see database_fault(). */
bool database_tokens_keep(struct database *database, const struct token_keeping *keeping)
    __attribute__((warn_unused_result));

/* Who gets the rows. */
struct token_sink {
	void *context;
	void (*token)(void *context, const struct token_row *row); /* borrows */
	void (*damaged)(void *context); /* one that is left out: checksum, or makes no sense */
};

/* All of them, the oldest first. Any connection. False: see database_fault(). */
bool database_tokens(struct database *database, const struct token_sink *sink)
    __attribute__((warn_unused_result));

/* The engine's store keeps tokens by its thread, once that runs. Main thread. */
void token_rows_serve(struct store *store);

#endif
