#include "routes/room/removals.h"

#include <string.h>

#include "codecs/text/memory.h"

struct removal {
	struct removal *next;
	const struct envelope *event; /* held: that removed them */
	size_t at, count;
	uint64_t ids[];
};

static size_t smaller(size_t a, size_t b)
{
	return a < b ? a : b;
}

size_t removal_most(const struct room *room)
{
	size_t most = room->rules->removed_most;

	return most ? smaller(most, ENVELOPE_REMOVED_MAX) : ENVELOPE_REMOVED_MAX;
}

void removals_add(struct room *room, const struct envelope *event, const uint64_t *ids,
		  size_t count, uint64_t steady_ms)
{
	size_t left = count - event->removed_count;
	struct removal *removal = memory_new(sizeof(*removal) + left * sizeof(*ids));
	struct removal **link = &room->removals;

	*removal = (struct removal){ .event = envelope_hold(event), .count = left };
	memcpy(removal->ids, ids + event->removed_count, left * sizeof(*ids));
	if (!room->removals)
		room->removals_due_ms = steady_ms + REMOVALS_PACE_MS;
	while (*link)
		link = &(*link)->next;
	*link = removal;
}

uint64_t removals_due(const struct room *room)
{
	return room->removals ? room->removals_due_ms : UINT64_MAX;
}

static size_t next_count(const struct room *room)
{
	const struct removal *removal = room->removals;

	return smaller(removal->count - removal->at, removal_most(room));
}

void removals_next(const struct room *room, struct envelope *event)
{
	const struct removal *removal = room->removals;
	const struct envelope *first = removal->event;

	*event = (struct envelope){
		.kind = first->kind == KIND_CLEAR ? KIND_CLEAR : KIND_PURGE,
		.flags = FLAG_AGAIN,
		.room = first->room,
		.author = first->author,
		.subject = first->subject,
		.removed = removal->ids + removal->at,
		.removed_count = next_count(room),
		.origin = first->origin,
	};
}

static void removal_free(struct room *room)
{
	struct removal *removal = room->removals;

	room->removals = removal->next;
	envelope_release(removal->event);
	free(removal);
}

void removals_taken(struct room *room, uint64_t steady_ms)
{
	struct removal *removal = room->removals;

	removal->at += next_count(room);
	room->removals_due_ms = steady_ms + REMOVALS_PACE_MS;
	if (removal->at == removal->count)
		removal_free(room);
}

void removals_clear(struct room *room)
{
	while (room->removals)
		removal_free(room);
}

void removals_digest(const struct room *room, struct digest *digest)
{
	for (const struct removal *removal = room->removals; removal; removal = removal->next) {
		digest_deed(digest, removal->event);
		digest_number(digest, removal->count - removal->at);
		for (size_t i = removal->at; i < removal->count; i++)
			digest_number(digest, removal->ids[i]);
	}
	digest_number(digest, 0);
}
