/* tokens.h - the bearer tokens that this server issued, in memory: hashes, and whose they are.
 * Bounded. Guards itself: any thread. What is kept of it beyond a restart: issue.h. */
#ifndef BRIDGE_LOGINS_TOKENS_H
#define BRIDGE_LOGINS_TOKENS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bridge/durable/token_row.h"
#include "codecs/text/slice.h"

struct tokens;

struct token_limits {
	uint64_t lasts_ms;   /* of one that is not asked to last otherwise; 0: until revoked */
	uint32_t count;      /* in all; at most half are guests' */
	uint32_t per_person; /* then the oldest of theirs goes */
};

/* Returns new, empty. */
struct tokens *tokens_new(struct token_limits limits);

/* NULL is ignored. Wipes what it had. */
void tokens_free(struct tokens *tokens);

/* How long one lasts that is not asked to last otherwise, in ms; 0: until it is revoked. */
uint64_t tokens_last_ms(const struct tokens *tokens);

/* One more (copies). coming: nobody is let in by it before tokens_settle(). *gone, *was: the oldest
 * of that person, which went for it (false: none did). False: there are too many in all, or the
 * same one is there. */
bool tokens_add(struct tokens *tokens, const struct token_row *row, bool coming, bool *gone,
		struct token_row *was) __attribute__((warn_unused_result));

/* It is stored, and holds; or it could not be, and is forgotten. */
void tokens_settle(struct tokens *tokens, const unsigned char hash[TOKEN_ROW_HASH], bool stored);

/* Whose token is this text (borrows), at wall_ms (since 1970)? False: nobody's, or not any more. */
bool tokens_find(struct tokens *tokens, struct slice text, uint64_t wall_ms, struct token_row *row)
    __attribute__((warn_unused_result));

/* Takes one out. False: there is none of that hash. *row: what it was. */
bool tokens_remove(struct tokens *tokens, const unsigned char hash[TOKEN_ROW_HASH],
		   struct token_row *row) __attribute__((warn_unused_result));

/* Those of a person, or all (number 0), by number and the time they were issued. Returns new in
 * *rows (free()). */
size_t tokens_list(struct tokens *tokens, uint32_t number, struct token_row **rows);

/* Takes out those that have expired, some each time, at most `most` into rows. Returns how many. */
size_t tokens_expire(struct tokens *tokens, uint64_t wall_ms, struct token_row *rows, size_t most);

#endif
