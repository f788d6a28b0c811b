#include "bridge/core/bridge.h"

#include <ctype.h>
#include <string.h>

static struct room_entry *find_number(struct room_entry *const *rooms, size_t count, size_t dialect,
				      uint64_t number)
{
	size_t low = 0, high = count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		uint64_t at = rooms[middle]->views[dialect].room_number;

		if (at == number)
			return rooms[middle];
		if (at < number)
			low = middle + 1;
		else
			high = middle;
	}
	return NULL;
}

static struct room_entry *find_id(struct room_entry *const *rooms, size_t count, const char *id)
{
	size_t low = 0, high = count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		int order =
		    memcmp(rooms[middle]->views[DIALECT_ROOMS].room_id.data, id, UUID_TEXT_LEN);

		if (order == 0)
			return rooms[middle];
		if (order < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return NULL;
}

struct room_entry *bridge_room(const struct bridge *bridge, size_t dialect, uint64_t number,
			       struct slice id)
{
	char lower[UUID_TEXT_LEN];

	if (!id.data && number && bridge->by_number[dialect])
		return find_number(bridge->by_number[dialect], bridge->room_count, dialect, number);
	if (id.len != UUID_TEXT_LEN)
		return NULL;
	for (size_t i = 0; i < UUID_TEXT_LEN; i++)
		lower[i] = (char)tolower((unsigned char)id.data[i]);
	return find_id(bridge->by_id, bridge->room_count, lower);
}

unsigned backend_owner(const struct bridge *bridge, size_t index)
{
	return (unsigned)(index % bridge->worker_count);
}

/* From the other end, so that a tap does not share its thread with the first backends. */
unsigned tap_owner(const struct bridge *bridge, size_t index)
{
	return (unsigned)(bridge->worker_count - 1 - index % bridge->worker_count);
}

const struct mount *bridge_mount(const struct listener_info *listener, struct slice path)
{
	if (path.len > 1 && path.data[path.len - 1] == '/')
		path.len--;
	for (size_t i = 0; i < listener->mount_count; i++)
		if (slice_is(path, listener->mounts[i].path))
			return &listener->mounts[i];
	return NULL;
}
