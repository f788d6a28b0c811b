#include "codecs/model/trail_ring.h"

#include <stdbool.h>
#include <string.h>

#include "codecs/model/trail.h"
#include "codecs/text/hash.h"
#include "codecs/text/memory.h"

struct kept {
	uint64_t ours;
	size_t len; /* 0: none */
	bool part;  /* the first of several */
	char id[TRAIL_ID_MAX];
	UT_hash_handle hh;
};

struct trail_ring {
	unsigned parts; /* of those that are kept: firsts of several */
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

static struct kept *find_hashed(const struct trail_ring *ring, struct slice id, unsigned hash)
{
	struct kept *kept;

	HASH_FIND_BYHASHVALUE(hh, ring->table, id.data, id.len, hash, kept);
	return kept;
}

static unsigned hash_of(struct slice id)
{
	unsigned hash;

	HASH_VALUE(id.data, id.len, hash);
	return hash;
}

static struct kept *find(const struct trail_ring *ring, struct slice id)
{
	return id.len ? find_hashed(ring, id, hash_of(id)) : NULL;
}

static bool is_first_part(struct slice id)
{
	return id.len > 2 && memcmp(id.data + id.len - 2, "+1", 2) == 0;
}

void trail_ring_put(struct trail_ring *ring, struct slice id, uint64_t ours)
{
	struct kept **place = &ring->all[ring->next], *kept = *place;
	unsigned hash;

	if (!id.len || id.len > TRAIL_ID_MAX || trail_id_is_unknown(id))
		return;
	hash = hash_of(id);
	if (find_hashed(ring, id, hash))
		return;
	if (kept) {
		HASH_DEL(ring->table, kept);
		ring->parts -= kept->part;
	} else {
		kept = *place = memory_zeroed(1, sizeof(*kept));
	}
	ring->next = (ring->next + 1) % TRAIL_RING_MAX;
	memcpy(kept->id, id.data, id.len);
	kept->len = id.len;
	kept->ours = ours;
	kept->part = is_first_part(id);
	ring->parts += kept->part;
	HASH_ADD_KEYPTR_BYHASHVALUE(hh, ring->table, kept->id, kept->len, hash, kept);
}

/* The first part of it stands for the whole, and the whole for each part. */
static struct kept *find_related(const struct trail_ring *ring, struct slice id)
{
	const char *plus = memchr(id.data, '+', id.len);
	char first[TRAIL_ID_MAX];

	if (plus)
		return find(ring, slice_span(id.data, (size_t)(plus - id.data)));
	if (!ring->parts || id.len + 2 > sizeof(first))
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
