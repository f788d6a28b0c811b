#include "routes/deliver/hub.h"

#include <assert.h>
#include <stdlib.h>

#include "codecs/text/memory.h"

#define CAPACITY_FIRST 4

void room_clear(struct room *room)
{
	free(room->members);
	*room = (struct room){ 0 };
}

size_t room_add(struct room *room, struct room_member member)
{
	if (room->count == room->capacity) {
		room->capacity = room->capacity ? room->capacity * 2 : CAPACITY_FIRST;
		room->members =
		    memory_resize(room->members, room->capacity * sizeof(*room->members));
	}
	room->members[room->count] = member;
	return room->count++;
}

void *room_remove(struct room *room, size_t place)
{
	assert(place < room->count);
	room->count--;
	if (place == room->count)
		return NULL;
	room->members[place] = room->members[room->count];
	return room->members[place].session;
}
