#include "bridge/store/retention.h"

#include "bridge/store/read.h"
#include "bridge/store/sqlite/statement.h"
#include "codecs/model/identity.h"
#include "routes/room/restrictions.h"
#include "routes/room/row.h"

#define EXPIRED_KEPT_MS UINT64_C(86400000) /* a clock may have been wrong */

_Static_assert(ROW_LISTS == 5, "surplus.marks");

/* The number in the statement's one row; 0: there is none. */
static uint64_t number_of(struct binding *binding)
{
	uint64_t number = 0;

	if (bind_step(binding)) {
		number = column_number(binding, 0);
		bind_end(binding);
	}
	return number;
}

/* The oldest of the newest so many of a table: of which the room, a sort where it has some, and how
 * many are to be left out. */
static uint64_t nth(struct database *database, enum statement statement, uint64_t room,
		    const uint64_t *sort, uint64_t count)
{
	struct binding find = bind_start(database, statement, 0);

	bind_number(&find, room);
	if (sort)
		bind_number(&find, *sort);
	bind_number(&find, count);
	return number_of(&find);
}

/* The newest message that does not fit any more. */
static uint64_t beyond_bytes(struct database *database, uint64_t room, uint64_t bytes)
{
	struct binding row = bind_start(database, SQL_RETAIN_SIZES, 0);
	uint64_t sum = 0;

	bind_number(&row, room);
	while (bind_step(&row)) {
		sum += column_number(&row, 1);
		if (sum > bytes) {
			uint64_t id = column_number(&row, 0);

			bind_end(&row);
			return id;
		}
	}
	return 0;
}

/* The first id of that time or later. An id is a time: no row has to be looked at. */
static uint64_t id_since(uint64_t time_ms)
{
	uint64_t below = 0, at = INT64_MAX;

	while (at - below > 1) {
		uint64_t middle = below + (at - below) / 2;

		if (id_time_ms(middle) < time_ms)
			below = middle;
		else
			at = middle;
	}
	return at;
}

static uint64_t larger(uint64_t a, uint64_t b)
{
	return a > b ? a : b;
}

static uint64_t last_to_go(struct database *database, uint64_t room,
			   const struct retention *retention, uint64_t now_ms)
{
	uint64_t last = 0, since;

	if (retention->messages)
		last = nth(database, SQL_READ_FIRST, room, NULL, retention->messages);
	if (retention->bytes)
		last = larger(last, beyond_bytes(database, room, retention->bytes));
	if (!retention->age_ms || now_ms < retention->age_ms)
		return last;
	since = id_since(now_ms - retention->age_ms);
	return larger(last, nth(database, SQL_RETAIN_BEFORE, room, &since, 0));
}

bool retention_find(struct database *database, uint64_t room, const struct retention *retention,
		    uint64_t now_ms, struct surplus *surplus, bool *any)
{
	uint64_t expired = now_ms > EXPIRED_KEPT_MS ? now_ms - EXPIRED_KEPT_MS : 0;
	struct surplus found = { .room = room, .expired_ms = expired };

	found.message = last_to_go(database, room, retention, now_ms);
	*any = found.message != 0;
	for (uint64_t stands = 0; stands < 2; stands++) {
		found.notes[stands] =
		    nth(database, SQL_READ_NOTE_FIRST, room, &stands, READ_NOTES - 1);
		*any |= found.notes[stands] &&
			nth(database, SQL_READ_NOTE_FIRST, room, &stands, READ_NOTES);
	}
	for (uint64_t list = 0; list < ROW_LISTS; list++) {
		found.marks[list] = nth(database, SQL_RETAIN_MARK, room, &list, MARKS_MAX);
		*any |= found.marks[list] != 0;
	}
	*any |= nth(database, SQL_RETAIN_EXPIRED, room, &expired, 0) != 0;
	*surplus = found;
	return database->fault == FAULT_NONE;
}

/* ---- deleting ---- */

static bool take(struct database *database, enum statement statement, uint64_t room,
		 const uint64_t *sort, uint64_t last, int *changed)
{
	struct binding binding = bind_start(database, statement, 0);

	bind_number(&binding, room);
	if (sort)
		bind_number(&binding, *sort);
	bind_number(&binding, last);
	return bind_run(&binding, changed);
}

/* The last one of the oldest RETENTION_ROWS that are to go; 0: none is. */
static uint64_t messages_now(struct database *database, const struct surplus *surplus)
{
	return nth(database, SQL_RETAIN_NOW, surplus->room, &surplus->message, RETENTION_ROWS);
}

static bool delete_messages(struct database *database, const struct surplus *surplus,
			    size_t *messages, bool *more)
{
	uint64_t last = messages_now(database, surplus);
	int changed = 0;

	if (!last)
		return database->fault == FAULT_NONE;
	*more |= last < surplus->message;
	*messages = nth(database, SQL_BLOCKS_GONE, surplus->room, NULL, last);
	if (!take(database, SQL_RETAIN_REACTIONS, surplus->room, NULL, last, NULL) ||
	    !take(database, SQL_RETAIN_FOREIGN, surplus->room, NULL, last, NULL) ||
	    !take(database, SQL_BLOCKS_BULK, surplus->room, NULL, last, NULL) ||
	    !take(database, SQL_BLOCKS_DROP, surplus->room, NULL, last, NULL) ||
	    !take(database, SQL_RETAIN_MESSAGES, surplus->room, NULL, last, &changed))
		return false;
	*messages += (size_t)changed;
	return database->fault == FAULT_NONE;
}

/* The oldest RETENTION_ROWS of one sort. */
static bool delete_sort(struct database *database, enum statement statement, uint64_t room,
			uint64_t sort, uint64_t last, bool *more)
{
	int changed = 0;

	if (!last)
		return true;
	if (!take(database, statement, room, &sort, last, &changed))
		return false;
	*more |= changed >= RETENTION_ROWS;
	return true;
}

bool retention_step(struct database *database, const struct surplus *surplus, size_t *messages,
		    bool *more)
{
	uint64_t room = surplus->room;
	int changed = 0;

	*messages = 0;
	*more = false;
	if (surplus->message && !delete_messages(database, surplus, messages, more))
		return false;
	for (size_t i = 0; i < 2; i++)
		if (!delete_sort(database, SQL_RETAIN_NOTES, room, i, surplus->notes[i], more))
			return false;
	for (size_t i = 0; i < ROW_LISTS; i++)
		if (!delete_sort(database, SQL_RETAIN_MARKS, room, i, surplus->marks[i], more))
			return false;
	if (!take(database, SQL_RETAIN_MARKS_EXPIRED, room, NULL, surplus->expired_ms, &changed))
		return false;
	*more |= changed >= RETENTION_ROWS;
	return true;
}

bool retention_next(struct database *database, uint64_t after, uint64_t *room, uint64_t *added)
{
	struct binding find = bind_start(database, SQL_RETAIN_ROOM, 0);

	*room = *added = 0;
	bind_number(&find, after);
	if (bind_step(&find)) {
		*room = column_number(&find, 0);
		*added = column_number(&find, 1);
		bind_end(&find);
	}
	return database->fault == FAULT_NONE;
}
