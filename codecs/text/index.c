#include "codecs/text/index.h"

#include <assert.h>
#include <stdlib.h>

#include "codecs/text/memory.h"

/* Linear probing; at most three quarters are full. */
#define BITS_FIRST      3
#define GOLDEN_RATIO_64 UINT64_C(11400714819323198485)

static size_t slot_count(const struct index *index)
{
	return index->bits ? (size_t)1 << index->bits : 0;
}

/* The upper bits depend on all of the key. By an odd factor that nobody knows no more keys meet
 * than by chance (Dietzfelbinger et al., 1997). */
static size_t home_of(const struct index *index, uint64_t key)
{
	return (size_t)(key * (GOLDEN_RATIO_64 + 2 * index->salt) >> (64 - index->bits));
}

static size_t slot_after(const struct index *index, size_t slot)
{
	return (slot + 1) & (slot_count(index) - 1);
}

static void put(struct index *index, void *thing)
{
	size_t slot = home_of(index, index->key_of(thing));

	while (index->slots[slot])
		slot = slot_after(index, slot);
	index->slots[slot] = thing;
}

static void grow(struct index *index)
{
	size_t count = slot_count(index);
	void **slots = index->slots;

	index->bits = index->bits ? index->bits + 1 : BITS_FIRST;
	index->slots = memory_zeroed(slot_count(index), sizeof(*index->slots));
	for (size_t i = 0; i < count; i++)
		if (slots[i])
			put(index, slots[i]);
	free(slots);
}

void index_clear(struct index *index)
{
	free(index->slots);
	*index = (struct index){ .key_of = index->key_of, .salt = index->salt };
}

void index_add(struct index *index, void *thing)
{
	if (index->count >= slot_count(index) / 4 * 3)
		grow(index);
	index->count++;
	put(index, thing);
}

void index_remove(struct index *index, const void *thing)
{
	size_t mask = slot_count(index) - 1, hole;

	assert(index->count > 0);
	hole = home_of(index, index->key_of(thing));
	while (index->slots[hole] != thing)
		hole = slot_after(index, hole);
	index->count--;
	/* Nothing is found behind a hole: what follows moves up unless it is at home there. */
	for (size_t slot = slot_after(index, hole); index->slots[slot];
	     slot = slot_after(index, slot)) {
		size_t home = home_of(index, index->key_of(index->slots[slot]));

		if (((slot - home) & mask) < ((slot - hole) & mask))
			continue;
		index->slots[hole] = index->slots[slot];
		hole = slot;
	}
	index->slots[hole] = NULL;
}

void *index_find(const struct index *index, uint64_t key)
{
	if (index->count == 0)
		return NULL;
	for (size_t slot = home_of(index, key); index->slots[slot]; slot = slot_after(index, slot))
		if (index->key_of(index->slots[slot]) == key)
			return index->slots[slot];
	return NULL;
}

void *index_next(const struct index *index, size_t *place)
{
	size_t count = slot_count(index);

	while (*place < count) {
		void *thing = index->slots[(*place)++];

		if (thing)
			return thing;
	}
	return NULL;
}
