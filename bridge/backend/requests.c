#include "bridge/backend/requests.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "codecs/text/memory.h"

#define PLACES_FIRST 4

struct request_place {
	char *bytes; /* the identity, then the id; NULL: a free place */
	uint32_t identity_len, id_len;
	bool has_id;
	uint32_t generation;
	uint32_t next_free; /* + 1 */
};

static void places_grow(struct requests *requests)
{
	uint32_t from = requests->capacity;

	requests->capacity = from ? 2 * from : PLACES_FIRST;
	requests->places =
	    memory_resize(requests->places, requests->capacity * sizeof(*requests->places));
	for (uint32_t i = requests->capacity; i-- > from;) {
		requests->places[i] = (struct request_place){ .next_free = requests->free };
		requests->free = i + 1;
	}
}

struct asker requests_add(struct requests *requests, size_t backend, unsigned worker,
			  struct slice identity, struct slice id)
{
	struct request_place *place;
	uint32_t at;

	assert(requests->count < REQUESTS_UNDER_WAY_MAX);
	if (!requests->free)
		places_grow(requests);
	at = requests->free - 1;
	place = &requests->places[at];
	requests->free = place->next_free;
	requests->count++;
	place->generation++;
	place->bytes = memory_new(identity.len + id.len + 1);
	memcpy(place->bytes, identity.data, identity.len);
	if (id.len)
		memcpy(place->bytes + identity.len, id.data, id.len);
	place->identity_len = (uint32_t)identity.len;
	place->id_len = (uint32_t)id.len;
	place->has_id = id.data != NULL;
	return (struct asker){ ASKER_BACKEND, (uint8_t)worker, (uint32_t)backend, place->generation,
			       at };
}

bool requests_take(struct requests *requests, const struct asker *asker, struct slice *identity,
		   struct slice *id, void **block)
{
	struct request_place *place;

	if (asker->ticket >= requests->capacity)
		return false;
	place = &requests->places[asker->ticket];
	if (!place->bytes || place->generation != asker->generation)
		return false;
	*block = place->bytes;
	*identity = slice_span(place->bytes, place->identity_len);
	*id = place->has_id ? slice_span(place->bytes + place->identity_len, place->id_len)
			    : (struct slice){ NULL, 0 };
	place->bytes = NULL;
	place->next_free = requests->free;
	requests->free = asker->ticket + 1;
	requests->count--;
	return true;
}

void requests_clear(struct requests *requests)
{
	for (uint32_t i = 0; i < requests->capacity; i++)
		free(requests->places[i].bytes);
	free(requests->places);
	*requests = (struct requests){ 0 };
}
