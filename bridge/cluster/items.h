/* items.h - what a batch of the log says, one item behind the other. Plain data; any thread.
 *
 * Little-endian: kind (1), reason (1), node (1), 0 (1), incarnation (4), number (8), length (4),
 * then so many bytes. node, incarnation and number name the draft it came of; all 0: of none. */
#ifndef BRIDGE_CLUSTER_ITEMS_H
#define BRIDGE_CLUSTER_ITEMS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "codecs/text/slice.h"

enum item_kind {
	ITEM_RECORD = 1,    /* bytes: a change of a room (routes/room/record.h) */
	ITEM_WORDS = 2,     /* bytes: the record before, with the words that may not be kept */
	ITEM_REFUSED = 3,   /* reason */
	ITEM_UNCHANGED = 4, /* it was right, and changed nothing */
	ITEM_ASIDE = 5      /* bytes: a record with an event that is told and changes nothing */
};

struct item_draft {
	uint8_t node;
	uint32_t incarnation;
	uint64_t number; /* 0: of no draft */
};

struct item {
	enum item_kind kind;
	uint8_t reason; /* enum reason */
	struct item_draft draft;
	struct slice bytes; /* borrowed */
};

#define ITEM_HEAD 20 /* bytes */

/* Items on their way into a batch; zeroed: none. */
struct items {
	unsigned char *bytes; /* owned: items_clear() */
	size_t len, room;
	uint32_t count;
};

void items_clear(struct items *items);

/* Adds one (borrows), whose bytes are set. */
void items_add(struct items *items, const struct item *item);

/* Adds one whose bytes, at most so many, are to be written to the place it returns: then
 * items_filled(). Nothing is added meanwhile. */
unsigned char *items_open(struct items *items, const struct item *item, size_t most);
void items_filled(struct items *items, size_t len);

/* Takes the first item off *bytes, and borrows from it. False: there is none, or it is damaged
 * (then *bytes is not empty). */
bool item_next(struct slice *bytes, struct item *item) __attribute__((warn_unused_result));

#endif
