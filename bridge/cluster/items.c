#include "bridge/cluster/items.h"

#include <stdlib.h>
#include <string.h>

#include "codecs/text/memory.h"

#define ITEMS_FIRST 4096

static void put(unsigned char *to, uint64_t value, size_t bytes)
{
	for (size_t i = 0; i < bytes; i++)
		to[i] = (unsigned char)(value >> 8 * i);
}

static uint64_t get(const char *from, size_t bytes)
{
	uint64_t value = 0;

	for (size_t i = 0; i < bytes; i++)
		value |= (uint64_t)(unsigned char)from[i] << 8 * i;
	return value;
}

void items_clear(struct items *items)
{
	free(items->bytes);
	*items = (struct items){ 0 };
}

unsigned char *items_open(struct items *items, const struct item *item, size_t most)
{
	size_t room = items->room ? items->room : ITEMS_FIRST;
	unsigned char *at;

	while (room - items->len < ITEM_HEAD + most)
		room *= 2;
	if (room != items->room)
		items->bytes = memory_resize(items->bytes, room);
	items->room = room;
	at = items->bytes + items->len;
	memset(at, 0, ITEM_HEAD);
	put(at, item->kind, 1);
	put(at + 1, item->reason, 1);
	put(at + 2, item->draft.node, 1);
	put(at + 4, item->draft.incarnation, 4);
	put(at + 8, item->draft.number, 8);
	return at + ITEM_HEAD;
}

void items_filled(struct items *items, size_t len)
{
	put(items->bytes + items->len + 16, len, 4);
	items->len += ITEM_HEAD + len;
	items->count++;
}

void items_add(struct items *items, const struct item *item)
{
	unsigned char *at = items_open(items, item, item->bytes.len);

	if (item->bytes.len)
		memcpy(at, item->bytes.data, item->bytes.len);
	items_filled(items, item->bytes.len);
}

bool item_next(struct slice *bytes, struct item *item)
{
	const char *at = bytes->data;
	size_t len;

	if (bytes->len < ITEM_HEAD || at[0] < ITEM_RECORD || at[0] > ITEM_ASIDE)
		return false;
	len = get(at + 16, 4);
	if (len > bytes->len - ITEM_HEAD)
		return false;
	*item = (struct item){ .kind = (enum item_kind)at[0],
			       .reason = (uint8_t)get(at + 1, 1),
			       .draft = { .node = (uint8_t)get(at + 2, 1),
					  .incarnation = (uint32_t)get(at + 4, 4),
					  .number = get(at + 8, 8) },
			       .bytes = slice_span(at + ITEM_HEAD, len) };
	*bytes = slice_span(at + ITEM_HEAD + len, bytes->len - ITEM_HEAD - len);
	return true;
}
