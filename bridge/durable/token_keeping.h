/* token_keeping.h - tokens on their way into the store, or out of it: struct store's keep_token().
 * Plain data. */
#ifndef BRIDGE_DURABLE_TOKEN_KEEPING_H
#define BRIDGE_DURABLE_TOKEN_KEEPING_H

#include <stdbool.h>
#include <stddef.h>

#include "bridge/durable/token_row.h"

#define TOKENS_GONE_MAX 64

/* All of it in one transaction. */
struct token_keeping {
	bool adds;
	struct token_row row; /* which is new */
	unsigned char gone[TOKENS_GONE_MAX][TOKEN_ROW_HASH];
	size_t gone_count; /* hashes of those that are none any more */
	bool failed;       /* set by the store: nothing of it happened */
	/* Called once, when that is known; then whoever made it has it again. A thread of the
	 * store's, or at once. */
	void (*done)(struct token_keeping *keeping);
};

#endif
