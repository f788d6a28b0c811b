#include "bridge/client/membership.h"

#include <stdlib.h>
#include <string.h>

#include "codecs/text/memory.h"

/* A few rooms are looked through; more have a hash table of their places in the array, at most half
 * full, with linear probing. 0: nothing there, else the place + 1. */
#define LOOKED_THROUGH  8
#define CAPACITY_FIRST  1
#define BUCKETS_FIRST   32
#define GOLDEN_RATIO_32 UINT32_C(2654435769)

static uint32_t bucket_of(const struct session *session, const struct room_entry *room)
{
	return ((uint32_t)room->index * GOLDEN_RATIO_32 >> 4) & (session->bucket_count - 1);
}

static uint32_t bucket_after(const struct session *session, uint32_t bucket)
{
	return (bucket + 1) & (session->bucket_count - 1);
}

static uint32_t bucket_find(const struct session *session, const struct room_entry *room)
{
	uint32_t bucket = bucket_of(session, room);

	while (session->buckets[bucket] &&
	       session->memberships[session->buckets[bucket] - 1].room != room)
		bucket = bucket_after(session, bucket);
	return bucket;
}

struct membership *session_membership(struct session *session, const struct room_entry *room)
{
	uint32_t place;

	if (session->buckets) {
		place = session->buckets[bucket_find(session, room)];
		return place ? &session->memberships[place - 1] : NULL;
	}
	for (size_t i = 0; i < session->membership_count; i++)
		if (session->memberships[i].room == room)
			return &session->memberships[i];
	return NULL;
}

static void buckets_make(struct session *session, uint32_t count)
{
	free(session->buckets);
	session->bucket_count = count;
	session->buckets = memory_zeroed(count, sizeof(*session->buckets));
	for (uint32_t i = 0; i < session->membership_count; i++)
		session->buckets[bucket_find(session, session->memberships[i].room)] = i + 1;
}

void membership_add(struct session *session, struct room_entry *room)
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
		.room = room, .entry = session->entries++, .roles = session->roles
	};
	if (count > LOOKED_THROUGH && 2 * count > session->bucket_count)
		buckets_make(session,
			     session->bucket_count ? 2 * session->bucket_count : BUCKETS_FIRST);
	else if (session->buckets)
		session->buckets[bucket_find(session, room)] = count;
}

/* Linear probing finds nothing behind a hole: what follows moves up unless it is at home there. */
static void bucket_empty(struct session *session, uint32_t hole)
{
	uint32_t mask = session->bucket_count - 1;

	for (uint32_t bucket = bucket_after(session, hole); session->buckets[bucket];
	     bucket = bucket_after(session, bucket)) {
		uint32_t home =
		    bucket_of(session, session->memberships[session->buckets[bucket] - 1].room);

		if (((bucket - home) & mask) < ((bucket - hole) & mask))
			continue;
		session->buckets[hole] = session->buckets[bucket];
		hole = bucket;
	}
	session->buckets[hole] = 0;
}

void membership_remove(struct session *session, struct membership *membership)
{
	struct membership *last = &session->memberships[session->membership_count - 1];

	if (session->buckets) {
		uint32_t place = session->buckets[bucket_find(session, membership->room)];

		bucket_empty(session, bucket_find(session, membership->room));
		if (membership != last)
			session->buckets[bucket_find(session, last->room)] = place;
	}
	*membership = *last;
	session->membership_count--;
}
