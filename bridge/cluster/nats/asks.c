#include "bridge/cluster/nats/asks.h"

#include <stdlib.h>
#include <string.h>

#include "codecs/text/memory.h"

void asks_init(struct asks *asks)
{
	memset(asks, 0, sizeof(*asks));
	asks->places = memory_zeroed(LOG_ASKED_MOST, sizeof(*asks->places));
	asks->free = memory_zeroed(LOG_ASKED_MOST, sizeof(*asks->free));
	while (asks->free_count < LOG_ASKED_MOST) {
		asks->free[asks->free_count] = (uint32_t)(LOG_ASKED_MOST - 1 - asks->free_count);
		asks->free_count++;
	}
}

void asks_clear(struct asks *asks)
{
	struct ask *ask;

	while ((ask = asks_take_late(asks, UINT64_MAX)))
		asks_drop(asks, ask);
	free(asks->places);
	free(asks->free);
}

/* The place is in the serial, so that an answer finds it; the rest is never given twice. */
static void number(struct asks *asks, struct ask *ask)
{
	ask->serial = ++asks->round * LOG_ASKED_MOST + (uint64_t)(ask - asks->places);
}

struct ask *asks_add(struct asks *asks)
{
	struct ask *ask;

	if (!asks->free_count)
		return NULL;
	ask = &asks->places[asks->free[--asks->free_count]];
	memset(ask, 0, sizeof(*ask));
	number(asks, ask);
	return ask;
}

void asks_wait(struct asks *asks, struct ask *ask, uint64_t until_ms)
{
	struct ask *before = asks->last;

	number(asks, ask);
	ask->until_ms = until_ms;
	ask->waits = true;
	while (before && before->until_ms > until_ms)
		before = before->before;
	ask->before = before;
	ask->after = before ? before->after : asks->first;
	*(before ? &before->after : &asks->first) = ask;
	*(ask->after ? &ask->after->before : &asks->last) = ask;
}

static struct ask *take(struct asks *asks, struct ask *ask)
{
	*(ask->before ? &ask->before->after : &asks->first) = ask->after;
	*(ask->after ? &ask->after->before : &asks->last) = ask->before;
	ask->before = ask->after = NULL;
	ask->waits = false;
	return ask;
}

struct ask *asks_take(struct asks *asks, uint64_t serial)
{
	struct ask *ask = &asks->places[serial % LOG_ASKED_MOST];

	return serial && ask->serial == serial && ask->waits ? take(asks, ask) : NULL;
}

struct ask *asks_take_late(struct asks *asks, uint64_t now_ms)
{
	struct ask *ask = asks->first;

	return ask && ask->until_ms <= now_ms ? take(asks, ask) : NULL;
}

void ask_add_record(struct ask *ask, uint64_t sequence, const void *bytes, size_t len)
{
	unsigned char *copy = memory_new(len);

	if (len)
		memcpy(copy, bytes, len);
	if (!ask->records)
		ask->records = memory_zeroed(ask->most, sizeof(*ask->records));
	ask->records[ask->count++] =
	    (struct log_record){ .sequence = sequence, .bytes = copy, .len = len };
	ask->bytes += len;
}

void asks_drop(struct asks *asks, struct ask *ask)
{
	for (size_t i = 0; i < ask->count; i++)
		free((void *)(uintptr_t)ask->records[i].bytes);
	free(ask->records);
	ask->records = NULL;
	ask->count = 0;
	ask->serial = 0;
	asks->free[asks->free_count++] = (uint32_t)(ask - asks->places);
}
