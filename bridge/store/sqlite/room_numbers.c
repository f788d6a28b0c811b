#include "bridge/store/sqlite/room_numbers.h"

#include <stdlib.h>
#include <string.h>

#include "bridge/store/sqlite/statement.h"
#include "codecs/text/hash.h"
#include "codecs/text/memory.h"
#include "codecs/text/name.h"

struct room_number {
	UT_hash_handle hh;
	uint64_t number;
	size_t len;
	char name[];
};

static struct room_number *recall(const struct database *database, struct slice name)
{
	struct room_number *known;

	HASH_FIND(hh, database->rooms, name.data, (unsigned)name.len, known);
	return known;
}

static uint64_t remember(struct database *database, struct slice name, uint64_t number)
{
	struct room_number *known = memory_new(sizeof(*known) + name.len);

	known->number = number;
	known->len = name.len;
	memcpy(known->name, name.data, name.len);
	HASH_ADD(hh, database->rooms, name, (unsigned)known->len, known);
	return number;
}

void room_numbers_clear(struct database *database)
{
	struct room_number *known, *next;

	HASH_ITER(hh, database->rooms, known, next)
	{
		HASH_DEL(database->rooms, known);
		free(known);
	}
}

/* A damaged row is one all the same: its key was found. */
static uint64_t find(struct database *database, struct slice folded)
{
	struct binding row = bind_start(database, SQL_ROOM_FIND, TABLE_ROOM);
	uint64_t number = 0;

	bind_text(&row, folded);
	if (bind_step(&row)) {
		number = column_number(&row, 0);
		bind_end(&row);
	}
	return number;
}

static uint64_t add(struct database *database, struct slice folded, struct slice name)
{
	struct binding last = bind_start(database, SQL_ROOM_LAST, TABLE_ROOM);
	struct binding row = bind_start(database, SQL_ROOM_ADD, TABLE_ROOM);
	uint64_t number = 0;

	if (bind_step(&last)) {
		number = column_number(&last, 0) + 1;
		bind_end(&last);
	}
	bind_number(&row, number);
	bind_text(&row, folded);
	bind_text(&row, name);
	bind_null(&row);
	bind_crc(&row);
	return number && bind_run(&row, NULL) ? number : 0;
}

/* A name that cannot be folded stands for itself. */
static struct slice fold(struct slice name, char buffer[NAME_FOLDED_MAX])
{
	size_t len = name_fold(name, buffer);

	return len ? slice_span(buffer, len) : name;
}

uint64_t database_room_find(struct database *database, struct slice name)
{
	const struct room_number *known = recall(database, name);
	char buffer[NAME_FOLDED_MAX];
	uint64_t number;

	if (known)
		return known->number;
	number = find(database, fold(name, buffer));
	return number ? remember(database, name, number) : 0;
}

uint64_t database_room(struct database *database, struct slice name)
{
	uint64_t number = database_room_find(database, name);
	char buffer[NAME_FOLDED_MAX];

	if (number || database->fault != FAULT_NONE)
		return number;
	number = add(database, fold(name, buffer), name);
	return number ? remember(database, name, number) : 0;
}
