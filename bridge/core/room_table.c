#include "bridge/core/room_table.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

/* Keys are the operator's: they need to be told apart fast, not kept from anybody. */
#define HASH_FUNCTION(key, len, hash) ((hash) = key_hash(key, len))

#include "codecs/model/trail_ring.h"
#include "codecs/text/hash.h"
#include "codecs/text/memory.h"
#include "codecs/text/name.h"
#include "routes/room/shard.h"

static unsigned key_hash(const void *key, size_t len)
{
	const char *bytes = key;
	uint64_t hash = len, word;

	for (; len >= sizeof(word); bytes += sizeof(word), len -= sizeof(word)) {
		memcpy(&word, bytes, sizeof(word));
		hash = (hash ^ word) * UINT64_C(0x9e3779b97f4a7c15);
		hash ^= hash >> 32;
	}
	word = 0;
	if (len > 0)
		memcpy(&word, bytes, len);
	hash = (hash ^ word) * UINT64_C(0x9e3779b97f4a7c15);
	return (unsigned)(hash >> 32);
}

/* ---- entries ---- */

struct room_entry *room_entry_new(size_t index, unsigned workers, struct slice name)
{
	struct room_entry *room = memory_zeroed(1, sizeof(*room) + name.len + 1);
	char folded[NAME_FOLDED_MAX];

	memcpy(room->name, name.data, name.len);
	room->index = index;
	room->shard = shard_of(slice_span(folded, name_fold(name, folded)));
	room->owner = shard_owner(room->shard, workers);
	room->rules.name = slice_span(room->name, name.len);
	return room;
}

void room_names_free(struct room_names *names)
{
	while (names) {
		struct room_names *before = names->before;

		free(names->ids);
		free(names->rules);
		free(names);
		names = before;
	}
}

void room_entry_free(struct room_entry *room)
{
	if (!room)
		return;
	room_names_free(atomic_load(&room->names));
	trail_ring_free(room->trails);
	free(room);
}

struct room_names *room_names_new(const struct room_entry *room, const struct id_key *ids,
				  struct slice instance, const struct person *bridge)
{
	size_t count = registry_count();
	struct room_names *names =
	    memory_zeroed(1, sizeof(*names) + count * sizeof(names->views[0]));

	names->ids = memory_zeroed(count, sizeof(*names->ids));
	for (size_t d = 0; d < count; d++)
		names->views[d] = (struct codec_view){ .codec = registry_codec(d),
						       .room = room->rules.name,
						       .ids = ids,
						       .instance = instance,
						       .bridge = *bridge };
	return names;
}

void room_entry_name(struct room_entry *room, struct room_names *names)
{
	names->before = atomic_load_explicit(&room->names, memory_order_relaxed);
	atomic_store_explicit(&room->names, names, memory_order_release);
}

/* ---- tables ---- */

/* Where a room is found by its name, and by what one dialect calls it. */
struct name_row {
	struct room_entry *room;
	UT_hash_handle hh;
};

struct id_row {
	struct room_entry *room;
	uint64_t number;
	UT_hash_handle hh;
};

struct room_table {
	atomic_uint holders;
	size_t count, capacity;
	struct name_row *rows, *by_name;
	struct id_row *ids[DIALECTS_MAX], *by_id[DIALECTS_MAX];
};

struct room_table *room_table_new(size_t capacity)
{
	struct room_table *table = memory_zeroed(1, sizeof(*table));

	atomic_init(&table->holders, 1);
	table->capacity = capacity;
	table->rows = memory_zeroed(capacity, sizeof(*table->rows));
	for (size_t d = 0; d < registry_count(); d++)
		if (registry_codec(d)->naming.form != NAMING_NONE)
			table->ids[d] = memory_zeroed(capacity, sizeof(*table->ids[d]));
	return table;
}

static void table_free(struct room_table *table)
{
	HASH_CLEAR(hh, table->by_name);
	free(table->rows);
	for (size_t d = 0; d < DIALECTS_MAX; d++) {
		HASH_CLEAR(hh, table->by_id[d]);
		free(table->ids[d]);
	}
	free(table);
}

static struct id_row *row_of_number(const struct room_table *table, size_t dialect, uint64_t number)
{
	struct id_row *row;

	HASH_FIND(hh, table->by_id[dialect], &number, sizeof(number), row);
	return row;
}

static struct id_row *row_of_text(const struct room_table *table, size_t dialect, struct slice id)
{
	struct id_row *row;

	HASH_FIND(hh, table->by_id[dialect], id.data, id.len, row);
	return row;
}

static bool is_number(size_t dialect)
{
	return registry_codec(dialect)->naming.form == NAMING_NUMBER;
}

static struct room_entry *id_taken(const struct room_table *table, size_t dialect,
				   const struct codec_view *view)
{
	struct id_row *row = is_number(dialect) ? row_of_number(table, dialect, view->room_number)
						: row_of_text(table, dialect, view->room_id);

	return row ? row->room : NULL;
}

static void id_add(struct room_table *table, size_t dialect, struct room_entry *room,
		   const struct codec_view *view)
{
	struct id_row *row = &table->ids[dialect][table->count];

	row->room = room;
	row->number = view->room_number;
	if (is_number(dialect))
		HASH_ADD(hh, table->by_id[dialect], number, sizeof(row->number), row);
	else
		HASH_ADD_KEYPTR(hh, table->by_id[dialect], view->room_id.data, view->room_id.len,
				row);
}

bool room_table_add(struct room_table *table, struct room_entry *room,
		    const struct room_names *names, struct room_entry **taken, size_t *dialect)
{
	struct slice name = room->rules.name;
	struct name_row *row;

	*dialect = DIALECTS_MAX;
	*taken = room_table_find(table, name);
	for (size_t d = 0; !*taken && d < registry_count(); d++) {
		if (!table->ids[d])
			continue;
		*dialect = d;
		*taken = id_taken(table, d, &names->views[d]);
	}
	if (*taken)
		return false;
	row = &table->rows[table->count];
	row->room = room;
	HASH_ADD_KEYPTR(hh, table->by_name, name.data, name.len, row);
	for (size_t d = 0; d < registry_count(); d++)
		if (table->ids[d])
			id_add(table, d, room, &names->views[d]);
	table->count++;
	return true;
}

/* A holder may share a table it cannot change; its count is not part of what is read. */
static struct room_table *counted(const struct room_table *table)
{
	return (struct room_table *)(uintptr_t)table;
}

const struct room_table *room_table_hold(const struct room_table *table)
{
	atomic_fetch_add_explicit(&counted(table)->holders, 1, memory_order_relaxed);
	return table;
}

void room_table_release(const struct room_table *table)
{
	if (!table)
		return;
	if (atomic_fetch_sub_explicit(&counted(table)->holders, 1, memory_order_acq_rel) == 1)
		table_free(counted(table));
}

/* ---- finding ---- */

size_t room_table_count(const struct room_table *table)
{
	return table->count;
}

struct room_entry *room_table_at(const struct room_table *table, size_t place)
{
	return table->rows[place].room;
}

struct room_entry *room_table_find(const struct room_table *table, struct slice name)
{
	struct name_row *row;

	HASH_FIND(hh, table->by_name, name.data, name.len, row);
	return row ? row->room : NULL;
}

/* UUIDs are kept in lower case, in which most clients send them. */
static struct id_row *row_of_uuid(const struct room_table *table, size_t dialect, struct slice id)
{
	struct id_row *row = row_of_text(table, dialect, id);
	char lower[UUID_TEXT_LEN];

	if (row || id.len != UUID_TEXT_LEN)
		return row;
	for (size_t i = 0; i < UUID_TEXT_LEN; i++)
		lower[i] = (char)tolower((unsigned char)id.data[i]);
	return row_of_text(table, dialect, slice_span(lower, UUID_TEXT_LEN));
}

struct room_entry *room_table_called(const struct room_table *table, size_t dialect,
				     uint64_t number, struct slice id)
{
	struct id_row *row = NULL;

	switch (registry_codec(dialect)->naming.form) {
	case NAMING_NONE: break;
	case NAMING_NUMBER: row = id.data ? NULL : row_of_number(table, dialect, number); break;
	case NAMING_UUID: row = id.data ? row_of_uuid(table, dialect, id) : NULL; break;
	case NAMING_TEXT: row = id.data ? row_of_text(table, dialect, id) : NULL; break;
	}
	return row ? row->room : NULL;
}
