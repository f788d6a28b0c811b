/* pool_items.h - what a pool needs of its items: chains of them, each found by its id, and the one
 * that is due first. For routes/balance/pool*.c only. Nothing here owns an item. */
#ifndef ROUTES_BALANCE_POOL_ITEMS_H
#define ROUTES_BALANCE_POOL_ITEMS_H

#include "routes/balance/pool_types.h"

/* Items in a row, linked by their next and previous: an item is in one chain at a time. All zero
 * is the empty one. */
struct item_chain {
	struct pool_item *first, *last;
	size_t count;
};

void item_chain_append(struct item_chain *chain, struct pool_item *item);
void item_chain_remove(struct item_chain *chain, struct pool_item *item);

/* All items of a pool: a hash table by id and a heap by deadline, which grow and never shrink.
 * All zero is the empty one. */
struct item_index {
	struct pool_item **buckets; /* 2^bucket_bits of them, or NULL */
	unsigned bucket_bits;
	struct pool_item **heap;
	size_t heap_room, count;
};

/* The id must not be in it yet. */
void item_index_add(struct item_index *index, struct pool_item *item);
void item_index_remove(struct item_index *index, struct pool_item *item);

/* NULL: no item has that id. */
struct pool_item *item_index_find(const struct item_index *index, uint64_t id);

/* The item with the earliest deadline, or NULL. */
struct pool_item *item_index_first(const struct item_index *index);

/* Frees the tables. */
void item_index_clear(struct item_index *index);

#endif
