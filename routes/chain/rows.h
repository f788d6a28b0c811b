/* rows.h - which entries were read, by place and by uid, back to where the log begins. For this
 * folder's files only. */
#ifndef ROUTES_CHAIN_ROWS_H
#define ROUTES_CHAIN_ROWS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "routes/chain/chain.h"

#define ROWS_MOST ((size_t)1 << 20) /* the oldest are forgotten beyond that */

struct rows_uid {
	uint64_t uid; /* 0: free */
	bool counted;
};

struct rows {
	struct chain_row *items; /* by rising sequence */
	size_t start, count, room;
	struct rows_uid *uids;      /* by hash. More may be in there than in items */
	size_t uid_count, uid_room; /* a power of two, or 0 */
	uint64_t before; /* uid of the last that counted of those that are forgotten; 0: none */
	struct chain_changes changes;
};

void rows_clear(struct rows *rows);

/* Adds a row behind all others. */
void rows_add(struct rows *rows, const struct chain_row *row);

/* Forgets the rows below a sequence. */
void rows_trim(struct rows *rows, uint64_t below);

/* Removes the rows from a sequence on; their uids stay known. */
void rows_cut(struct rows *rows, uint64_t from);

/* The row at that sequence, or NULL. */
const struct chain_row *rows_at(const struct rows *rows, uint64_t sequence);

/* The first row at or above that sequence, and how many follow with it. */
const struct chain_row *rows_from(const struct rows *rows, uint64_t sequence, size_t *count);

/* Was an entry of that uid read? */
bool rows_known(const struct rows *rows, uint64_t uid);

/* And did it count? */
bool rows_counted(const struct rows *rows, uint64_t uid);

#endif
