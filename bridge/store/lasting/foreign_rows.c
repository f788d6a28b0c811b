#include "bridge/store/lasting/foreign_rows.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bridge/store/sqlite/room_numbers.h"
#include "bridge/store/sqlite/statement.h"
#include "codecs/calls.h"
#include "codecs/text/memory.h"

enum { UPSTREAM, ID, TURN, THEIRS, ROOM };

#define NUMBER_NAME 160

/* The name of the number that says what is settled. */
static const char *number_name(char out[NUMBER_NAME], uint64_t room, struct slice upstream)
{
	snprintf(out, NUMBER_NAME, "settled %" PRIu64 " %.*s", room, (int)upstream.len,
		 upstream.data ? upstream.data : "");
	return out;
}

/* ---- writing ---- */

/* Is it that message already? A damaged row is none. */
static bool is_known(struct database *database, struct slice upstream,
		     const struct foreign_name *name, uint64_t room)
{
	struct binding find = bind_start(database, SQL_FOREIGN_FIND, 0);
	struct row_values values;
	bool known = false;

	bind_text(&find, upstream);
	bind_text(&find, name->theirs);
	if (bind_step(&find)) {
		known = row_read(&find, TABLE_FOREIGN_ID, &values) &&
			value_number(&values, ID) == name->id &&
			value_number(&values, ROOM) == room;
		bind_end(&find);
	}
	return known;
}

static uint64_t last_turn(struct database *database, struct slice upstream, uint64_t id)
{
	struct binding find = bind_start(database, SQL_FOREIGN_TURN, 0);
	uint64_t turn = 0;

	bind_text(&find, upstream);
	bind_number(&find, id);
	if (bind_step(&find)) {
		turn = column_number(&find, 0);
		bind_end(&find);
	}
	return turn;
}

static bool put(struct database *database, struct slice upstream, const struct foreign_name *name,
		uint64_t room)
{
	uint64_t turn = last_turn(database, upstream, name->id) + 1;
	struct binding set = bind_start(database, SQL_FOREIGN_SET, TABLE_FOREIGN_ID);

	bind_text(&set, upstream);
	bind_number(&set, name->id);
	bind_number(&set, turn);
	bind_text(&set, name->theirs);
	bind_number(&set, room);
	bind_crc(&set);
	return bind_run(&set, NULL);
}

static bool is_sound(const struct foreign_name *name)
{
	return name->id > 0 && name->theirs.len > 0 && name->theirs.len <= FOREIGN_ID_MAX;
}

static bool keep_name(struct database *database, struct slice upstream,
		      const struct foreign_name *name, uint64_t room)
{
	if (!is_sound(name)) {
		database->fault = FAULT_RECORD;
		snprintf(database->text, sizeof(database->text), "a foreign name that is none");
		return false;
	}
	if (is_known(database, upstream, name, room))
		return true;
	return database->fault == FAULT_NONE && put(database, upstream, name, room);
}

bool database_foreign_keep(struct database *database, const struct foreign_keeping *keeping)
{
	uint64_t room = database_room(database, keeping->room);
	char name[NUMBER_NAME];
	bool done = room != 0;

	for (size_t i = 0; i < keeping->count && done; i++)
		done = keep_name(database, keeping->upstream, &keeping->names[i], room);
	if (!done || !keeping->settled)
		return done;
	return database_number_set(database, number_name(name, room, keeping->upstream),
				   keeping->settled);
}

/* ---- reading ---- */

struct found {
	uint64_t id;
	size_t len;
	char theirs[FOREIGN_ID_MAX];
};

static bool row_out(const struct row_values *values, struct found *found)
{
	struct foreign_name name = { values->at[THEIRS].bytes, value_number(values, ID) };

	if (!is_sound(&name))
		return false;
	found->id = name.id;
	found->len = name.theirs.len;
	memcpy(found->theirs, name.theirs.data, name.theirs.len);
	return true;
}

/* Returns new: the newest first. */
static struct found *rows_read(struct binding *row, size_t *count, size_t *damaged)
{
	struct found *found = NULL;
	struct row_values values;
	size_t place = 0;

	*count = *damaged = 0;
	while (bind_step(row)) {
		if (*count == place) {
			place = place ? 2 * place : 64;
			found = memory_resize(found, place * sizeof(*found));
		}
		if (row_read(row, TABLE_FOREIGN_ID, &values) && row_out(&values, &found[*count]))
			++*count;
		else
			++*damaged;
	}
	return found;
}

static void give(const struct found *found, size_t count, const struct foreign_sink *sink)
{
	while (count-- > 0) {
		struct foreign_name name = {
			.theirs = slice_span(found[count].theirs, found[count].len),
			.id = found[count].id,
		};

		sink->name(sink->context, &name);
	}
}

static bool names_read(struct database *database, struct slice upstream, uint64_t room, size_t most,
		       const struct foreign_sink *sink, size_t *damaged)
{
	struct binding row = bind_start(database, SQL_FOREIGN_NEWEST, 0);
	struct found *found;
	size_t count;

	bind_text(&row, upstream);
	bind_number(&row, room);
	bind_number(&row, most < INT64_MAX ? most : INT64_MAX);
	found = rows_read(&row, &count, damaged);
	give(found, count, sink);
	free(found);
	return database->fault == FAULT_NONE;
}

bool database_foreign(struct database *database, struct slice upstream, struct slice room,
		      size_t most, const struct foreign_sink *sink, uint64_t *settled,
		      size_t *damaged)
{
	bool began, done = database_read_begin(database, &began);
	uint64_t number = done ? database_room_find(database, room) : 0;
	char name[NUMBER_NAME];

	*settled = *damaged = 0;
	if (number) {
		*settled = database_number(database, number_name(name, number, upstream));
		done = names_read(database, upstream, number, most, sink, damaged);
	}
	done = done && database->fault == FAULT_NONE;
	database_read_end(database, began);
	return done;
}
