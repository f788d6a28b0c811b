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

struct room_numbers {
	struct room_number *spelled; /* by name, as somebody asked for it */
	struct room_number *folded;  /* by the folded name, of rows up to ... */
	uint64_t last;               /* ... that number */
};

/* ---- tables ---- */

static struct room_numbers *numbers_of(struct database *database)
{
	if (!database->rooms)
		database->rooms = memory_zeroed(1, sizeof(*database->rooms));
	return database->rooms;
}

static uint64_t recall(struct room_number *table, struct slice name)
{
	struct room_number *known;

	HASH_FIND(hh, table, name.data, (unsigned)name.len, known);
	return known ? known->number : 0;
}

static uint64_t remember(struct room_number **table, struct slice name, uint64_t number)
{
	struct room_number *known = memory_new(sizeof(*known) + name.len);

	known->number = number;
	known->len = name.len;
	memcpy(known->name, name.data, name.len);
	HASH_ADD(hh, *table, name, (unsigned)known->len, known);
	return number;
}

static void table_clear(struct room_number **table)
{
	struct room_number *known, *next;

	HASH_ITER(hh, *table, known, next)
	{
		HASH_DEL(*table, known);
		free(known);
	}
}

void room_numbers_clear(struct database *database)
{
	if (!database->rooms)
		return;
	table_clear(&database->rooms->spelled);
	table_clear(&database->rooms->folded);
	free(database->rooms);
	database->rooms = NULL;
}

/* ---- rows ---- */

/* Those that were added since. All are read, and none is looked up: an index has no checksums, and
 * damage in it would make a room a new one. A damaged row is one all the same. */
static void catch_up(struct database *database)
{
	struct binding row = bind_start(database, SQL_ROOMS_SINCE, 0);
	struct room_numbers *numbers = numbers_of(database);

	bind_number(&row, numbers->last);
	while (bind_step(&row)) {
		struct slice folded = column_slice(&row, 1);

		numbers->last = column_number(&row, 0);
		if (folded.data && !recall(numbers->folded, folded))
			remember(&numbers->folded, folded, numbers->last);
	}
}

static uint64_t add(struct database *database, struct slice folded, struct slice name)
{
	struct binding row = bind_start(database, SQL_ROOM_ADD, TABLE_ROOM);
	uint64_t number = numbers_of(database)->last + 1;

	bind_number(&row, number);
	bind_text(&row, folded);
	bind_text(&row, name);
	bind_null(&row);
	bind_crc(&row);
	return bind_run(&row, NULL) ? number : 0;
}

/* A name that cannot be folded stands for itself. */
static struct slice fold(struct slice name, char buffer[NAME_FOLDED_MAX])
{
	size_t len = name_fold(name, buffer);

	return len ? slice_span(buffer, len) : name;
}

uint64_t database_room_find(struct database *database, struct slice name)
{
	struct room_numbers *numbers = numbers_of(database);
	uint64_t number = recall(numbers->spelled, name);
	char buffer[NAME_FOLDED_MAX];

	if (number)
		return number;
	catch_up(database);
	number = recall(numbers->folded, fold(name, buffer));
	return number ? remember(&numbers->spelled, name, number) : 0;
}

uint64_t database_room(struct database *database, struct slice name)
{
	uint64_t number = database_room_find(database, name);
	char buffer[NAME_FOLDED_MAX];

	if (number || database->fault != FAULT_NONE)
		return number;
	number = add(database, fold(name, buffer), name);
	if (number)
		catch_up(database);
	return number ? remember(&numbers_of(database)->spelled, name, number) : 0;
}
