#include "routes/balance/pool_items.h"

#include <assert.h>
#include <stdlib.h>

#include "codecs/text/memory.h"

#define BUCKET_BITS_FIRST 6
#define HEAP_ROOM_FIRST   64

/* ---- chains ---- */

void item_chain_append(struct item_chain *chain, struct pool_item *item)
{
	item->next = NULL;
	item->previous = chain->last;
	if (chain->last)
		chain->last->next = item;
	else
		chain->first = item;
	chain->last = item;
	chain->count++;
}

void item_chain_remove(struct item_chain *chain, struct pool_item *item)
{
	if (item->previous)
		item->previous->next = item->next;
	else
		chain->first = item->next;
	if (item->next)
		item->next->previous = item->previous;
	else
		chain->last = item->previous;
	item->next = item->previous = NULL;
	chain->count--;
}

/* ---- by id ---- */

/* Ids may count up in any stride; the golden ratio spreads them all. */
static struct pool_item **bucket_of(const struct item_index *index, uint64_t id)
{
	return &index->buckets[id * UINT64_C(0x9E3779B97F4A7C15) >> (64 - index->bucket_bits)];
}

static void bucket_push(struct item_index *index, struct pool_item *item)
{
	struct pool_item **bucket = bucket_of(index, item->id);

	item->bucket_next = *bucket;
	*bucket = item;
}

static void buckets_grow(struct item_index *index)
{
	struct pool_item **old = index->buckets, *item, *next;
	size_t old_count = old ? (size_t)1 << index->bucket_bits : 0;

	if (index->count < old_count)
		return;
	index->bucket_bits = old ? index->bucket_bits + 1 : BUCKET_BITS_FIRST;
	index->buckets = memory_zeroed((size_t)1 << index->bucket_bits, sizeof(*index->buckets));
	for (size_t i = 0; i < old_count; i++) {
		for (item = old[i]; item; item = next) {
			next = item->bucket_next;
			bucket_push(index, item);
		}
	}
	free(old);
}

struct pool_item *item_index_find(const struct item_index *index, uint64_t id)
{
	struct pool_item *item = index->buckets ? *bucket_of(index, id) : NULL;

	while (item && item->id != id)
		item = item->bucket_next;
	return item;
}

static void bucket_remove(struct item_index *index, const struct pool_item *item)
{
	struct pool_item **link = bucket_of(index, item->id);

	while (*link != item)
		link = &(*link)->bucket_next;
	*link = item->bucket_next;
}

/* ---- by deadline: a binary heap ---- */

static void heap_set(struct item_index *index, size_t place, struct pool_item *item)
{
	index->heap[place] = item;
	item->heap_place = place;
}

static void heap_rise(struct item_index *index, size_t place, struct pool_item *item)
{
	while (place > 0) {
		struct pool_item *above = index->heap[(place - 1) / 2];

		if (above->deadline_ms <= item->deadline_ms)
			break;
		heap_set(index, place, above);
		place = (place - 1) / 2;
	}
	heap_set(index, place, item);
}

static void heap_sink(struct item_index *index, size_t place, struct pool_item *item)
{
	struct pool_item **heap = index->heap;

	for (;;) {
		size_t below = 2 * place + 1;

		if (below + 1 < index->count &&
		    heap[below + 1]->deadline_ms < heap[below]->deadline_ms)
			below++;
		if (below >= index->count || heap[below]->deadline_ms >= item->deadline_ms)
			break;
		heap_set(index, place, heap[below]);
		place = below;
	}
	heap_set(index, place, item);
}

struct pool_item *item_index_first(const struct item_index *index)
{
	return index->count ? index->heap[0] : NULL;
}

/* ---- both ---- */

void item_index_add(struct item_index *index, struct pool_item *item)
{
	assert(item->id != 0 && !item_index_find(index, item->id));
	buckets_grow(index);
	bucket_push(index, item);
	if (index->count == index->heap_room) {
		index->heap_room = index->heap_room ? index->heap_room * 2 : HEAP_ROOM_FIRST;
		index->heap = memory_resize(index->heap, index->heap_room * sizeof(*index->heap));
	}
	heap_rise(index, index->count++, item);
}

void item_index_remove(struct item_index *index, struct pool_item *item)
{
	struct pool_item *moved = index->heap[--index->count];

	bucket_remove(index, item);
	if (moved == item)
		return;
	if (moved->deadline_ms < item->deadline_ms)
		heap_rise(index, item->heap_place, moved);
	else
		heap_sink(index, item->heap_place, moved);
}

void item_index_clear(struct item_index *index)
{
	free(index->buckets);
	free(index->heap);
	*index = (struct item_index){ .count = 0 };
}
