#include <stdlib.h>
#include <string.h>

#include "bridge/client/session.h"
#include "codecs/text/memory.h"

/* A few rooms are looked through; more have a hash table of their places in the array, at most half
 * full, with linear probing. 0: nothing there, else the place + 1. */
#define LOOKED_THROUGH  8
#define CAPACITY_FIRST  1
#define SLOTS_FIRST     32
#define GOLDEN_RATIO_32 UINT32_C(2654435769)

static uint32_t slot_of(const struct session *session, const struct room_info *room)
{
	return ((uint32_t)room->index * GOLDEN_RATIO_32 >> 4) & (session->slot_count - 1);
}

static uint32_t slot_after(const struct session *session, uint32_t slot)
{
	return (slot + 1) & (session->slot_count - 1);
}

static uint32_t slot_find(const struct session *session, const struct room_info *room)
{
	uint32_t slot = slot_of(session, room);

	while (session->slots[slot] && session->memberships[session->slots[slot] - 1].room != room)
		slot = slot_after(session, slot);
	return slot;
}

struct membership *session_membership(struct session *session, const struct room_info *room)
{
	uint32_t place;

	if (session->slots) {
		place = session->slots[slot_find(session, room)];
		return place ? &session->memberships[place - 1] : NULL;
	}
	for (size_t i = 0; i < session->membership_count; i++)
		if (session->memberships[i].room == room)
			return &session->memberships[i];
	return NULL;
}

static void slots_make(struct session *session, uint32_t count)
{
	free(session->slots);
	session->slot_count = count;
	session->slots = memory_zeroed(count, sizeof(*session->slots));
	for (uint32_t i = 0; i < session->membership_count; i++)
		session->slots[slot_find(session, session->memberships[i].room)] = i + 1;
}

void membership_add(struct session *session, struct room_info *room)
{
	uint32_t count = session->membership_count + 1;

	if (count > session->membership_capacity) {
		session->membership_capacity =
		    count > CAPACITY_FIRST ? 2 * session->membership_capacity : CAPACITY_FIRST;
		session->memberships =
		    memory_resize(session->memberships,
				  session->membership_capacity * sizeof(*session->memberships));
	}
	session->memberships[session->membership_count++] = (struct membership){
		.room = room, .entry = session->entries++, .roles = session->peer.self.roles
	};
	if (count > LOOKED_THROUGH && 2 * count > session->slot_count)
		slots_make(session, session->slot_count ? 2 * session->slot_count : SLOTS_FIRST);
	else if (session->slots)
		session->slots[slot_find(session, room)] = count;
}

/* Linear probing finds nothing behind a hole: what follows moves up unless it is at home there. */
static void slot_empty(struct session *session, uint32_t hole)
{
	uint32_t mask = session->slot_count - 1;

	for (uint32_t slot = slot_after(session, hole); session->slots[slot];
	     slot = slot_after(session, slot)) {
		uint32_t home =
		    slot_of(session, session->memberships[session->slots[slot] - 1].room);

		if (((slot - home) & mask) < ((slot - hole) & mask))
			continue;
		session->slots[hole] = session->slots[slot];
		hole = slot;
	}
	session->slots[hole] = 0;
}

void membership_remove(struct session *session, struct membership *membership)
{
	struct membership *last = &session->memberships[session->membership_count - 1];

	if (session->slots) {
		uint32_t place = session->slots[slot_find(session, membership->room)];

		slot_empty(session, slot_find(session, membership->room));
		if (membership != last)
			session->slots[slot_find(session, last->room)] = place;
	}
	*membership = *last;
	session->membership_count--;
}
