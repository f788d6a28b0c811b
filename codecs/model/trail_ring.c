#include "codecs/model/trail_ring.h"

#include <string.h>

#include "codecs/model/trail.h"
#include "codecs/text/hash.h"
#include "codecs/text/memory.h"

struct kept {
	uint64_t ours;
	size_t len; /* 0: none */
	char id[TRAIL_ID_MAX];
	UT_hash_handle hh;
};

struct trail_ring {
	struct kept *table;
	unsigned next;
	struct kept *all[TRAIL_RING_MAX]; /* NULL: none yet */
};

struct trail_ring *trail_ring_new(void)
{
	return memory_zeroed(1, sizeof(struct trail_ring));
}

void trail_ring_free(struct trail_ring *ring)
{
	if (!ring)
		return;
	HASH_CLEAR(hh, ring->table);
	for (unsigned i = 0; i < TRAIL_RING_MAX; i++)
		free(ring->all[i]);
	free(ring);
}

static struct kept *find(const struct trail_ring *ring, struct slice id)
{
	struct kept *kept = NULL;

	if (id.len && id.len <= TRAIL_ID_MAX)
		HASH_FIND(hh, ring->table, id.data, id.len, kept);
	return kept;
}

void trail_ring_put(struct trail_ring *ring, struct slice id, uint64_t ours)
{
	struct kept **place = &ring->all[ring->next], *kept = *place;

	if (!id.len || id.len > TRAIL_ID_MAX || trail_id_is_unknown(id) || find(ring, id))
		return;
	if (kept)
		HASH_DEL(ring->table, kept);
	else
		kept = *place = memory_zeroed(1, sizeof(*kept));
	ring->next = (ring->next + 1) % TRAIL_RING_MAX;
	memcpy(kept->id, id.data, id.len);
	kept->len = id.len;
	kept->ours = ours;
	HASH_ADD_KEYPTR(hh, ring->table, kept->id, kept->len, kept);
}

/* The first part of it stands for the whole, and the whole for each part. */
static struct kept *find_related(const struct trail_ring *ring, struct slice id)
{
	const char *plus = memchr(id.data, '+', id.len);
	char first[TRAIL_ID_MAX];

	if (plus)
		return find(ring, slice_span(id.data, (size_t)(plus - id.data)));
	if (id.len + 2 > sizeof(first))
		return NULL;
	memcpy(first, id.data, id.len);
	memcpy(first + id.len, "+1", 2);
	return find(ring, slice_span(first, id.len + 2));
}

uint64_t trail_ring_find(const struct trail_ring *ring, struct slice id)
{
	const struct kept *kept;

	if (!ring || !id.len || id.len > TRAIL_ID_MAX)
		return 0;
	kept = find(ring, id);
	if (!kept)
		kept = find_related(ring, id);
	return kept ? kept->ours : 0;
}
