/* past.h - what was said in a room beyond what it remembers, as the store has it. */
#ifndef BRIDGE_CORE_PAST_H
#define BRIDGE_CORE_PAST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "codecs/model/envelope.h"

/* What somebody wants to read that rooms do not remember. */
struct past {
	struct slice room; /* borrowed until it is done */
	uint64_t before;   /* an id: only what is older */
	size_t wanted;     /* at most; below PAST_MOST */
	bool bare;         /* also those without words, as journal_past() has them */
	/* The newest of those with words that are older, oldest first; each held, the array owned.
	 */
	const struct envelope **events;
	size_t count;
	size_t damaged; /* rows that were left out */
	bool failed;    /* it cannot be read: there may be others */
	bool unknown;   /* nothing of such a room is stored */
	/* It is read: whoever asked has it again. A thread of the store's. */
	void (*done)(struct past *past);
};

#define PAST_MOST 10000

/* Frees what it has read. */
void past_clear(struct past *past);

#endif
