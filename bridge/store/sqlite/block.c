#include "bridge/store/sqlite/block.h"

#include <endian.h>
#include <stdlib.h>

#include "bridge/store/sqlite/row_crc.h"
#include "codecs/text/memory.h"

#define ITEM_HEAD 39
#define FIRST     4096 /* bytes */

enum item_bit { ITEM_DELETED = 1, ITEM_BODY = 2, ITEM_EDIT = 4 };

/* ---- bytes ---- */

static void make_room(struct block_bytes *bytes, size_t more)
{
	size_t room = bytes->room ? bytes->room : FIRST;

	while (room - bytes->len < more)
		room *= 2;
	if (room != bytes->room)
		bytes->data = memory_resize(bytes->data, room);
	bytes->room = room;
}

static void put(struct block_bytes *bytes, uint64_t value, size_t len)
{
	value = htole64(value);
	memcpy(bytes->data + bytes->len, &value, len);
	bytes->len += len;
}

static void put_slice(struct block_bytes *bytes, struct slice slice)
{
	if (slice.len)
		memcpy(bytes->data + bytes->len, slice.data, slice.len);
	bytes->len += slice.len;
}

static uint64_t get(const char **at, size_t len)
{
	uint64_t value = 0;

	memcpy(&value, *at, len);
	*at += len;
	return le64toh(value);
}

void block_clear(struct block *block)
{
	free(block->ids.data);
	free(block->items.data);
	*block = (struct block){ .count = 0 };
}

/* ---- writing ---- */

static void crc_of(struct row_crc *crc, enum row_type type, struct slice bytes)
{
	if (bytes.data)
		row_crc_bytes(crc, type, bytes.data, bytes.len);
	else
		row_crc_other(crc, ROW_NULL);
}

uint32_t block_item_crc(uint64_t room, const struct block_item *item)
{
	struct row_crc crc;

	row_crc_start(&crc, TABLE_MESSAGE);
	row_crc_integer(&crc, (int64_t)room);
	row_crc_integer(&crc, (int64_t)item->id);
	row_crc_integer(&crc, item->author);
	crc_of(&crc, ROW_TEXT, slice_span(item->name.data ? item->name.data : "", item->name.len));
	row_crc_integer(&crc, item->roles);
	row_crc_integer(&crc, (int64_t)item->time_ms);
	row_crc_integer(&crc, item->deleted);
	if (item->body.data && item->body_crc)
		row_crc_sum(&crc, ROW_BLOB, item->body.len, item->body_crc);
	else
		crc_of(&crc, ROW_BLOB, item->body);
	crc_of(&crc, ROW_BLOB, item->edit);
	return row_crc_end(&crc);
}

static void note_id(struct block *block, uint64_t id, size_t size)
{
	make_room(&block->ids, BLOCK_ID_BYTES);
	put(&block->ids, id, 8);
	put(&block->ids, size, 4);
	if (!block->count++)
		block->first = id;
	block->last = id;
}

void block_add(struct block *block, const struct block_item *item)
{
	size_t size = ITEM_HEAD + item->name.len + item->body.len + item->edit.len;
	struct block_bytes *items = &block->items;

	note_id(block, item->id, size);
	make_room(items, size);
	put(items, size, 4);
	put(items, item->id, 8);
	put(items, item->time_ms, 8);
	put(items, item->author, 4);
	put(items, item->roles, 4);
	put(items, item->crc, 4);
	put(items,
	    (item->deleted ? ITEM_DELETED : 0u) | (item->body.data ? ITEM_BODY : 0u) |
		(item->edit.data ? ITEM_EDIT : 0u),
	    1);
	put(items, item->name.len, 2);
	put(items, item->body.len, 4);
	put_slice(items, item->name);
	put_slice(items, item->body);
	put_slice(items, item->edit);
}

void block_copy(struct block *block, const struct block_view *view, const struct block_place *place)
{
	size_t len = place->len;

	if (!len && !view->sound)
		len = view->items.len - place->at;
	note_id(block, place->id, len);
	make_room(&block->items, len);
	put_slice(&block->items, slice_span(view->items.data + place->at, len));
}

uint32_t block_crc(uint64_t room, uint64_t last, struct slice ids, uint64_t bulk)
{
	struct row_crc crc;

	row_crc_start(&crc, TABLE_BLOCK);
	row_crc_integer(&crc, (int64_t)room);
	row_crc_integer(&crc, (int64_t)last);
	row_crc_bytes(&crc, ROW_BLOB, ids.data ? ids.data : "", ids.len);
	row_crc_integer(&crc, (int64_t)bulk);
	return row_crc_end(&crc);
}

/* ---- reading ---- */

/* A slice of what is left, absent unless it is there. */
static struct slice take(const char **at, size_t len, bool there)
{
	struct slice slice = { there ? *at : NULL, len };

	*at += len;
	return slice;
}

static bool item_read(struct slice bytes, struct block_item *item)
{
	const char *at = bytes.data;
	size_t name, body;
	uint64_t bits;

	if (bytes.len < ITEM_HEAD || get(&at, 4) != bytes.len)
		return false;
	item->id = get(&at, 8);
	item->time_ms = get(&at, 8);
	item->author = (uint32_t)get(&at, 4);
	item->roles = (uint32_t)get(&at, 4);
	item->crc = (uint32_t)get(&at, 4);
	bits = get(&at, 1);
	name = get(&at, 2);
	body = get(&at, 4);
	if (bits > (ITEM_DELETED | ITEM_BODY | ITEM_EDIT) || (body && !(bits & ITEM_BODY)) ||
	    name > bytes.len - ITEM_HEAD || body > bytes.len - ITEM_HEAD - name)
		return false;
	item->deleted = bits & ITEM_DELETED;
	item->body_crc = 0;
	item->name = take(&at, name, true);
	item->body = take(&at, body, bits & ITEM_BODY);
	item->edit = take(&at, bytes.len - ITEM_HEAD - name - body, bits & ITEM_EDIT);
	return !item->edit.len || item->edit.data;
}

/* The first item of the rest: how long it is, if it is whole; else 0. */
static size_t whole_item(uint64_t room, struct slice rest, uint64_t *id)
{
	const char *at = rest.data;
	struct block_item item;
	size_t len;

	if (rest.len < ITEM_HEAD)
		return 0;
	len = get(&at, 4);
	if (len > rest.len || !item_read(slice_span(rest.data, len), &item) ||
	    item.crc != block_item_crc(room, &item))
		return 0;
	*id = item.id;
	return len;
}

static struct block_place *place_at(size_t count, struct block_place **places, size_t *max)
{
	if (count >= *max) {
		*max = *max ? *max * 2 : 64;
		*places = memory_resize(*places, *max * sizeof(**places));
	}
	return &(*places)[count];
}

static size_t find_whole(const struct block_view *view, struct block_place **places, size_t *max)
{
	size_t count = 0, at = 0, len;
	uint64_t id = 0;

	while ((len = whole_item(view->room,
				 slice_span(view->items.data + at, view->items.len - at), &id))) {
		*place_at(count++, places, max) = (struct block_place){ id, at, len };
		at += len;
	}
	if (at < view->items.len || !count)
		*place_at(count++, places, max) = (struct block_place){ view->last, at, 0 };
	return count;
}

size_t block_find(const struct block_view *view, struct block_place **places, size_t *max)
{
	size_t count = view->ids.len / BLOCK_ID_BYTES, at = 0;
	const char *ids = view->ids.data;

	if (!view->sound)
		return find_whole(view, places, max);
	for (size_t i = 0; i < count; i++) {
		struct block_place *place = place_at(i, places, max);

		place->id = get(&ids, 8);
		place->len = get(&ids, 4);
		place->at = at;
		if (place->len > view->items.len - at)
			place->len = 0;
		at += place->len;
	}
	return count;
}

bool block_item(const struct block_view *view, const struct block_place *place,
		struct block_item *item)
{
	*item = (struct block_item){ .id = place->id };
	if (place->len && item_read(slice_span(view->items.data + place->at, place->len), item) &&
	    item->id == place->id)
		return true;
	*item = (struct block_item){ .id = place->id };
	item->crc = ~block_item_crc(view->room, item);
	return false;
}
