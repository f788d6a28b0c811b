#include "routes/chain/rows.h"

#include <stdlib.h>
#include <string.h>

#include "codecs/text/memory.h"

void rows_clear(struct rows *rows)
{
	free(rows->items);
	free(rows->uids);
	memset(rows, 0, sizeof(*rows));
}

static struct rows_uid *uid_slot(const struct rows *rows, uint64_t uid)
{
	size_t mask = rows->uid_room - 1;
	size_t slot = (size_t)((uid * UINT64_C(0x9E3779B97F4A7C15)) >> 32) & mask;

	while (rows->uids[slot].uid && rows->uids[slot].uid != uid)
		slot = (slot + 1) & mask;
	return &rows->uids[slot];
}

static void uid_put(struct rows *rows, const struct chain_row *row)
{
	struct rows_uid *slot = uid_slot(rows, row->place.uid);

	if (!slot->uid)
		rows->uid_count++;
	slot->uid = row->place.uid;
	slot->counted = slot->counted || (row->flags & CHAIN_ROW_COUNTED);
}

/* Makes the table anew, of what is remembered. */
static void uids_build(struct rows *rows)
{
	size_t room = 64;

	while (room < 4 * rows->count)
		room *= 2;
	free(rows->uids);
	rows->uids = memory_zeroed(room, sizeof(*rows->uids));
	rows->uid_room = room;
	rows->uid_count = 0;
	for (size_t i = 0; i < rows->count; i++)
		uid_put(rows, &rows->items[rows->start + i]);
}

static void make_room(struct rows *rows)
{
	if (rows->start > rows->count) {
		memmove(rows->items, rows->items + rows->start, rows->count * sizeof(*rows->items));
		rows->start = 0;
	}
	if (rows->start + rows->count < rows->room)
		return;
	rows->room = rows->room ? 2 * rows->room : 64;
	rows->items = memory_resize(rows->items, rows->room * sizeof(*rows->items));
}

void rows_add(struct rows *rows, const struct chain_row *row)
{
	if (rows->count >= ROWS_MOST)
		rows_trim(rows, rows->items[rows->start + 1].place.sequence);
	make_room(rows);
	rows->items[rows->start + rows->count++] = *row;
	if (row->place.sequence < rows->changes.from)
		rows->changes.from = row->place.sequence;
	if (2 * (rows->uid_count + 1) > rows->uid_room)
		uids_build(rows);
	else
		uid_put(rows, row);
}

/* The index of the first at or above a sequence. */
static size_t index_of(const struct rows *rows, uint64_t sequence)
{
	size_t low = rows->start, high = rows->start + rows->count;

	if (rows->count && rows->items[high - 1].place.sequence == sequence)
		return high - 1;
	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (rows->items[middle].place.sequence < sequence)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

void rows_trim(struct rows *rows, uint64_t below)
{
	size_t end = index_of(rows, below);

	for (size_t i = rows->start; i < end; i++)
		if (rows->items[i].flags & CHAIN_ROW_COUNTED)
			rows->before = rows->items[i].place.uid;
	rows->count -= end - rows->start;
	rows->start = end;
	if (below > rows->changes.below)
		rows->changes.below = below;
}

void rows_cut(struct rows *rows, uint64_t from)
{
	rows->count = index_of(rows, from) - rows->start;
	if (from < rows->changes.from)
		rows->changes.from = from;
}

const struct chain_row *rows_from(const struct rows *rows, uint64_t sequence, size_t *count)
{
	size_t index;

	*count = 0;
	if (!rows->count)
		return NULL;
	index = index_of(rows, sequence);
	*count = rows->start + rows->count - index;
	return *count ? &rows->items[index] : NULL;
}

const struct chain_row *rows_at(const struct rows *rows, uint64_t sequence)
{
	size_t count;
	const struct chain_row *row = rows_from(rows, sequence, &count);

	return row && row->place.sequence == sequence ? row : NULL;
}

bool rows_known(const struct rows *rows, uint64_t uid)
{
	return uid == rows->before || (rows->uid_room && uid_slot(rows, uid)->uid);
}

bool rows_counted(const struct rows *rows, uint64_t uid)
{
	return rows->uid_room && uid_slot(rows, uid)->counted;
}
