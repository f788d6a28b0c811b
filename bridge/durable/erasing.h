/* erasing.h - a person goes from what is stored: who it is, and what there was of them. */
#ifndef BRIDGE_DURABLE_ERASING_H
#define BRIDGE_DURABLE_ERASING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "codecs/text/slice.h"

#define FINDING_MOST 8

/* Whose name is, or was, that? */
struct finding {
	struct slice name; /* borrowed until it is done */
	/* The numbers of those who have an account of that name, or wrote under it; in their
	 * order. */
	uint32_t numbers[FINDING_MOST];
	size_t count; /* there may be more, when it is FINDING_MOST */
	bool failed;  /* it cannot be read */
	/* It is found: whoever asked has it again. A thread of the store's. */
	void (*done)(struct finding *finding);
};

/* How much of each was stored. */
struct erased {
	uint64_t messages, reactions, votes, polls, marks, persons;
};

struct erasing {
	uint32_t number;      /* not 0 */
	struct slice name;    /* borrowed until it is done; absent: marks go by the number alone */
	struct erased counts; /* is increased */
	const char *fault;    /* why it failed: part of it is done. NULL: it did not. Constant */
	void (*done)(struct erasing *erasing); /* as above */
};

#endif
