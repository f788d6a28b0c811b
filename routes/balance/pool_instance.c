#include "routes/balance/pool_instance.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "codecs/text/memory.h"

struct pool_instance *instance_new(struct slice identity, size_t slot)
{
	struct pool_instance *instance = memory_zeroed(1, sizeof(*instance));

	assert(identity.len > 0 && identity.len <= POOL_IDENTITY_MAX);
	instance->slot = slot;
	instance->identity_len = identity.len;
	memcpy(instance->identity, identity.data, identity.len);
	return instance;
}

void instance_free(struct pool_instance *instance)
{
	assert(!instance->items.count);
	free(instance->rooms);
	free(instance);
}

struct slice instance_identity(const struct pool_instance *instance)
{
	return slice_span(instance->identity, instance->identity_len);
}

static bool rooms_are(const struct pool_instance *instance, const struct slice *rooms,
		      size_t room_count)
{
	if (instance->room_count != room_count)
		return false;
	for (size_t i = 0; i < room_count; i++)
		if (!slice_equal(instance->rooms[i], rooms[i]))
			return false;
	return true;
}

bool instance_set_rooms(struct pool_instance *instance, const struct slice *rooms,
			size_t room_count)
{
	size_t size = room_count * sizeof(*rooms);
	struct slice *copy = NULL;
	char *text;

	if (rooms_are(instance, rooms, room_count))
		return false;
	for (size_t i = 0; i < room_count; i++)
		size += rooms[i].len;
	if (room_count)
		copy = memory_new(size);
	text = (char *)(copy + room_count);
	for (size_t i = 0; i < room_count; i++) {
		copy[i] = slice_span(text, rooms[i].len);
		if (rooms[i].len)
			memcpy(text, rooms[i].data, rooms[i].len);
		text += rooms[i].len;
	}
	free(instance->rooms);
	instance->rooms = copy;
	instance->room_count = room_count;
	return true;
}

static bool pattern_fits(struct slice pattern, struct slice room)
{
	size_t stem = pattern.len - 1;

	if (!pattern.len || pattern.data[stem] != '*')
		return slice_equal(pattern, room);
	return room.len >= stem && memcmp(room.data, pattern.data, stem) == 0;
}

bool instance_serves(const struct pool_instance *instance, struct slice room)
{
	if (!instance->room_count || !room.len)
		return true;
	for (size_t i = 0; i < instance->room_count; i++)
		if (pattern_fits(instance->rooms[i], room))
			return true;
	return false;
}

uint32_t instance_credits_left(const struct pool_instance *instance)
{
	/* A READY may grant fewer than are under way. */
	return instance->credits > instance->items.count
		   ? instance->credits - (uint32_t)instance->items.count
		   : 0;
}
