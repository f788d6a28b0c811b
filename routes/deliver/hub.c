#include "routes/deliver/hub.h"

#include <assert.h>
#include <stdlib.h>

#include "codecs/text/memory.h"

#define CAPACITY_FIRST 4

void hub_clear(struct hub *hub)
{
	free(hub->members);
	*hub = (struct hub){ 0 };
}

size_t hub_add(struct hub *hub, struct hub_member member)
{
	if (hub->count == hub->capacity) {
		hub->capacity = hub->capacity ? hub->capacity * 2 : CAPACITY_FIRST;
		hub->members = memory_resize(hub->members, hub->capacity * sizeof(*hub->members));
	}
	hub->members[hub->count] = member;
	return hub->count++;
}

void *hub_remove(struct hub *hub, size_t place)
{
	assert(place < hub->count);
	hub->count--;
	if (place == hub->count)
		return NULL;
	hub->members[place] = hub->members[hub->count];
	return hub->members[place].session;
}
