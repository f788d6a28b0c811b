#include "routes/room/notes.h"

#include <stdlib.h>

#include "codecs/text/memory.h"

static struct journal_note *note_at(const struct note_ring *ring, uint64_t number)
{
	return &ring->notes[number % JOURNAL_NOTES];
}

static uint64_t oldest(const struct note_ring *ring)
{
	return ring->count > JOURNAL_NOTES ? ring->count - JOURNAL_NOTES : 0;
}

static struct journal_note *ring_find(const struct note_ring *ring, uint64_t id)
{
	uint64_t low = oldest(ring), high = ring->count;

	while (low < high) {
		uint64_t middle = low + (high - low) / 2;

		if (note_at(ring, middle)->id < id)
			low = middle + 1;
		else
			high = middle;
	}
	if (low == ring->count || note_at(ring, low)->id != id)
		return NULL;
	return note_at(ring, low);
}

void notes_clear(struct notes *notes)
{
	free(notes->standing.notes);
	free(notes->others.notes);
	*notes = (struct notes){ .standing = { NULL, 0 } };
}

void notes_add(struct notes *notes, const struct journal_note *note)
{
	struct note_ring *ring = note->stands ? &notes->standing : &notes->others;

	if (!ring->notes)
		ring->notes = memory_zeroed(JOURNAL_NOTES, sizeof(*ring->notes));
	*note_at(ring, ring->count++) = *note;
}

struct journal_note *notes_find(const struct notes *notes, uint64_t id)
{
	struct journal_note *found = ring_find(&notes->standing, id);

	return found ? found : ring_find(&notes->others, id);
}

static void ring_digest(const struct note_ring *ring, struct digest *digest)
{
	digest_number(digest, ring->count - oldest(ring));
	for (uint64_t i = oldest(ring); i < ring->count; i++) {
		const struct journal_note *note = note_at(ring, i);

		digest_number(digest, note->id);
		digest_number(digest, note->about);
		digest_number(digest, note->author);
		digest_number(digest, note->time_ms);
		digest_number(digest, note->deleted);
	}
}

void notes_digest(const struct notes *notes, struct digest *digest)
{
	ring_digest(&notes->standing, digest);
	ring_digest(&notes->others, digest);
}
