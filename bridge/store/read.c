#include "bridge/store/read.h"

#include <stdlib.h>

#include "bridge/store/purge.h"
#include "bridge/store/sqlite/block_change.h"
#include "bridge/store/sqlite/statement.h"
#include "codecs/text/hash.h"

/* A message that a DELETE_ALL has not reached: its reactions are not to be given. */
struct hidden {
	UT_hash_handle hh;
	uint64_t id;
};

/* The reading of one room. */
struct reading {
	struct database *database;
	const struct row_sink *sink;
	uint64_t room;
	uint64_t oldest; /* id of the oldest message that is given */
	struct purges purges;
	struct hidden *hidden;
	struct block_place *places; /* of the last block */
	size_t places_max;
	uint64_t notes_from[2]; /* by stands */
};

/* ---- damage ---- */

static void tell_damage(const struct reading *reading, const char *table, uint64_t id, bool page)
{
	struct damage damage = { table, reading->room, id, page };

	if (reading->sink->damaged)
		reading->sink->damaged(reading->sink->context, &damage);
}

static void give(const struct reading *reading, const struct row *row)
{
	if (reading->sink->row)
		reading->sink->row(reading->sink->context, row);
}

/* ---- tables by room and id ---- */

/* Of one table: its statement, by room and an id to begin with, and what becomes of each row. */
struct range {
	enum statement statement;
	enum store_table table;
	const char *name;
	void (*give)(struct reading *, const struct row_values *);
	/* Reads the row that was stepped to, of ids from *from on, which is made larger then; NULL:
	 * by row_read() and give. */
	void (*read)(struct reading *, const struct binding *, uint64_t *from);
};

/* The file is broken at some rows: can those from that id on be read? */
static bool is_readable(struct reading *reading, const struct range *range, uint64_t from)
{
	struct binding row = bind_start(reading->database, range->statement, range->table);
	bool readable;

	reading->database->fault = FAULT_NONE;
	bind_number(&row, reading->room);
	bind_number(&row, from);
	readable = bind_step(&row) || reading->database->fault == FAULT_NONE;
	bind_end(&row);
	return readable;
}

/* The first id behind a damage that begins above bad. False: there is none. */
static bool way_around(struct reading *reading, const struct range *range, uint64_t bad,
		       uint64_t *good)
{
	uint64_t step = 1;

	while (!is_readable(reading, range, bad + step)) {
		bad += step;
		step *= 2;
		if (bad > INT64_MAX / 2 || step > INT64_MAX / 4)
			return false;
	}
	for (*good = bad + step; *good - bad > 1;) {
		uint64_t middle = bad + (*good - bad) / 2;

		if (is_readable(reading, range, middle))
			*good = middle;
		else
			bad = middle;
	}
	reading->database->fault = FAULT_NONE;
	return true;
}

/* It never becomes less, whatever a damaged row says its id is. */
static void go_behind(uint64_t *from, uint64_t id)
{
	if (id >= *from && id < INT64_MAX)
		*from = id + 1;
}

static void read_row(struct reading *reading, const struct range *range, const struct binding *row,
		     uint64_t *from)
{
	struct row_values values;

	if (row_read(row, range->table, &values))
		range->give(reading, &values);
	else
		tell_damage(reading, range->name, value_number(&values, 1), false);
	go_behind(from, value_number(&values, 1));
}

/* From that id on, until the end or a damage: then *from is the id behind the last one given: so
 * each damage is met once. */
static bool read_on(struct reading *reading, const struct range *range, uint64_t *from)
{
	struct binding row = bind_start(reading->database, range->statement, range->table);

	bind_number(&row, reading->room);
	bind_number(&row, *from);
	while (bind_step(&row))
		if (range->read)
			range->read(reading, &row, from);
		else
			read_row(reading, range, &row, from);
	return reading->database->fault == FAULT_NONE;
}

static bool read_range(struct reading *reading, const struct range *range, uint64_t from)
{
	while (!read_on(reading, range, &from)) {
		if (reading->database->fault != FAULT_CORRUPT)
			return false;
		tell_damage(reading, range->name, from, true);
		if (!way_around(reading, range, from, &from))
			return false;
	}
	return true;
}

/* ---- messages ---- */

static void hide(struct reading *reading, uint64_t id)
{
	struct hidden *hidden = memory_zeroed(1, sizeof(*hidden));

	hidden->id = id;
	HASH_ADD(hh, reading->hidden, id, sizeof(hidden->id), hidden);
}

static bool is_hidden(const struct reading *reading, uint64_t id)
{
	struct hidden *hidden = NULL;

	if (reading->hidden)
		HASH_FIND(hh, reading->hidden, &id, sizeof(id), hidden);
	return hidden != NULL;
}

static void hidden_clear(struct reading *reading)
{
	struct hidden *hidden, *next;

	HASH_ITER(hh, reading->hidden, hidden, next)
	{
		HASH_DEL(reading->hidden, hidden);
		free(hidden);
	}
}

static struct row message_of(const struct row_values *row)
{
	return (struct row){ .kind = ROW_MESSAGE,
			     .id = value_number(row, 1),
			     .at = value_number(row, 1),
			     .author = (uint32_t)value_number(row, 2),
			     .name = row->at[3].bytes,
			     .roles = (uint32_t)value_number(row, 4),
			     .time_ms = value_number(row, 5),
			     .deleted = value_number(row, 6) != 0,
			     .body = row->at[7].bytes,
			     .edit = row->at[8].bytes };
}

static bool is_purged(const struct reading *reading, const struct row *message)
{
	return reading->purges.count && !message->deleted &&
	       purges_cover(&reading->purges, message->id, message->author, message->name);
}

static void give_as_it_is(struct reading *reading, struct row *message)
{
	if (is_purged(reading, message)) {
		message->deleted = true;
		message->body = message->edit = (struct slice){ 0 };
		hide(reading, message->id);
	}
	give(reading, message);
}

static void give_message(struct reading *reading, const struct row_values *row)
{
	struct row message = message_of(row);

	give_as_it_is(reading, &message);
}

static void give_item(struct reading *reading, const struct block_item *item)
{
	struct row message = { .kind = ROW_MESSAGE,
			       .id = item->id,
			       .at = item->id,
			       .author = item->author,
			       .name = item->name,
			       .roles = item->roles,
			       .time_ms = item->time_ms,
			       .deleted = item->deleted,
			       .body = item->body,
			       .edit = item->edit };

	give_as_it_is(reading, &message);
}

/* All messages of a block. A room that begins reads many of them: without the table of messages
 * (message_table.h) that takes a third of the time. */
static void read_block(struct reading *reading, const struct binding *row, uint64_t *from)
{
	struct block_view view;
	size_t count;

	block_view_read(row->stmt, &view);
	count = block_find(&view, &reading->places, &reading->places_max);
	for (size_t i = 0; i < count; i++) {
		const struct block_place *place = &reading->places[i];
		struct block_item item;

		if (place->id < reading->oldest)
			continue;
		if (block_item(&view, place, &item) && item.crc == block_item_crc(view.room, &item))
			give_item(reading, &item);
		else
			tell_damage(reading, "message", place->id, false);
		go_behind(from, place->id);
	}
	go_behind(from, view.last);
}

/* The id of the oldest of the newest so many; 0: there are not as many. */
static uint64_t first_of(struct binding *row)
{
	uint64_t id = 0;

	if (bind_step(row)) {
		id = column_number(row, 0);
		bind_end(row);
	}
	return id;
}

/* All, where there are not as many, or the newest cannot be counted: the room forgets the oldest.
 */
static uint64_t oldest_of(struct reading *reading, size_t messages)
{
	struct binding first = bind_start(reading->database, SQL_READ_FIRST, 0);
	uint64_t oldest;

	if (messages > INT64_MAX)
		return 0;
	bind_number(&first, reading->room);
	bind_number(&first, messages - 1);
	oldest = first_of(&first);
	if (reading->database->fault == FAULT_CORRUPT)
		reading->database->fault = FAULT_NONE;
	return oldest;
}

static bool read_messages(struct reading *reading, size_t messages)
{
	static const struct range range = { .statement = SQL_READ_BLOCKS,
					    .name = "message",
					    .read = read_block };

	reading->oldest = messages ? oldest_of(reading, messages) : INT64_MAX;
	if (!messages || reading->database->fault != FAULT_NONE)
		return reading->database->fault == FAULT_NONE;
	return read_range(reading, &range, reading->oldest);
}

/* ---- notes ---- */

static void give_note(struct reading *reading, const struct row_values *row)
{
	struct row note = { .kind = ROW_NOTE,
			    .id = value_number(row, 1),
			    .at = value_number(row, 1),
			    .about = value_number(row, 2),
			    .stands = value_number(row, 3) != 0,
			    .author = (uint32_t)value_number(row, 4),
			    .time_ms = value_number(row, 5),
			    .deleted = value_number(row, 6) != 0 };

	if (note.id >= reading->notes_from[note.stands])
		give(reading, &note);
}

static bool read_notes(struct reading *reading)
{
	static const struct range range = { SQL_READ_NOTES, TABLE_NOTE, "note", give_note, NULL };
	const uint64_t *from = reading->notes_from;

	for (uint64_t stands = 0; stands < 2; stands++) {
		struct binding first = bind_start(reading->database, SQL_READ_NOTE_FIRST, 0);

		bind_number(&first, reading->room);
		bind_number(&first, stands);
		bind_number(&first, READ_NOTES - 1);
		reading->notes_from[stands] = first_of(&first);
	}
	if (reading->database->fault == FAULT_CORRUPT)
		reading->database->fault = FAULT_NONE;
	return read_range(reading, &range, from[0] < from[1] ? from[0] : from[1]);
}

/* ---- tables that are given by at ---- */

static void give_reaction(struct reading *reading, const struct row_values *row)
{
	struct row reaction = { .kind = ROW_REACT,
				.id = value_number(row, 1),
				.emoji = row->at[2].bytes,
				.author = (uint32_t)value_number(row, 3),
				.at = value_number(row, 4) };

	if (!is_hidden(reading, reaction.id))
		give(reading, &reaction);
}

static void give_mark(struct reading *reading, const struct row_values *row)
{
	struct row mark = { .kind = ROW_MARK,
			    .list = (enum row_list)value_number(row, 2),
			    .key = { .number = (uint32_t)value_number(row, 3),
				     .address = value_number(row, 4) },
			    .until_ms = value_number(row, 6),
			    .person = (uint32_t)value_number(row, 7),
			    .at = value_number(row, 8) };

	if (row->at[5].bytes.len)
		mark.key.folded = row->at[5].bytes;
	give(reading, &mark);
}

static void give_poll(struct reading *reading, const struct row_values *row)
{
	struct row poll = { .kind = ROW_POLL,
			    .id = value_number(row, 1),
			    .at = value_number(row, 1),
			    .until_ms = value_number(row, 2),
			    .body = row->at[3].bytes };

	give(reading, &poll);
}

static void give_vote(struct reading *reading, const struct row_values *row)
{
	struct row vote = { .kind = ROW_VOTE,
			    .author = (uint32_t)value_number(row, 1),
			    .choice = (uint32_t)value_number(row, 2),
			    .at = value_number(row, 3) };

	give(reading, &vote);
}

static void give_left(struct reading *reading, const struct row_values *row)
{
	struct row left = { .kind = ROW_LEFT,
			    .author = (uint32_t)value_number(row, 1),
			    .id = value_number(row, 2) };

	give(reading, &left);
}

/* All of the room's rows. Where the file is broken, they are lost from there on. */
static bool read_table(struct reading *reading, const struct range *range, const uint64_t *from)
{
	struct binding row = bind_start(reading->database, range->statement, range->table);
	uint64_t key = 0;
	struct row_values values;

	bind_number(&row, reading->room);
	if (from)
		bind_number(&row, *from);
	while (bind_step(&row)) {
		if (row_read(&row, range->table, &values))
			range->give(reading, &values);
		else
			tell_damage(reading, range->name, value_number(&values, 1), false);
		key = value_number(&values, 1);
	}
	if (reading->database->fault != FAULT_CORRUPT)
		return reading->database->fault == FAULT_NONE;
	tell_damage(reading, range->name, key, true);
	reading->database->fault = FAULT_NONE;
	return true;
}

static bool read_others(struct reading *reading)
{
	static const struct range ranges[] = {
		{ SQL_READ_REACTIONS, TABLE_REACTION, "reaction", give_reaction, NULL },
		{ SQL_READ_MARKS, TABLE_MARK, "mark", give_mark, NULL },
		{ SQL_READ_POLL, TABLE_POLL, "poll", give_poll, NULL },
		{ SQL_READ_VOTES, TABLE_VOTE, "vote", give_vote, NULL },
		{ SQL_READ_LEFT, TABLE_LEFT_AT, "left_at", give_left, NULL },
	};

	for (size_t i = 0; i < sizeof(ranges) / sizeof(*ranges); i++)
		if (!read_table(reading, &ranges[i], i == 0 ? &reading->oldest : NULL))
			return false;
	return true;
}

/* ---- rooms ---- */

static bool read_room(struct database *database, uint64_t room, size_t messages,
		      const struct row_sink *sink)
{
	struct reading reading = { .database = database, .sink = sink, .room = room };
	bool done;

	purges_read(database, room, &reading.purges);
	if (reading.purges.damaged)
		tell_damage(&reading, "purge", 0, false);
	done = database->fault == FAULT_NONE && read_messages(&reading, messages) &&
	       read_notes(&reading) && read_others(&reading);
	purges_clear(&reading.purges);
	hidden_clear(&reading);
	free(reading.places);
	return done;
}

bool database_read(struct database *database, uint64_t room, size_t messages,
		   const struct row_sink *sink)
{
	bool began, done;

	done = database_read_begin(database, &began) && read_room(database, room, messages, sink);
	database_read_end(database, began);
	return done;
}

/* What a damaged row says of a room is not believed, its name least of all. */
static bool read_rooms(struct database *database, size_t messages, const struct row_sink *sink)
{
	struct binding row = bind_start(database, SQL_ROOMS, TABLE_ROOM);
	bool done = true;
	struct row_values values;

	while (done && bind_step(&row)) {
		bool intact = row_read(&row, TABLE_ROOM, &values);
		struct reading at = { .sink = sink, .room = value_number(&values, 0) };

		if (!intact) {
			tell_damage(&at, "room", at.room, false);
			continue;
		}
		if (sink->room)
			sink->room(sink->context, at.room, values.at[2].bytes, values.at[3].bytes);
		done = read_room(database, at.room, messages, sink);
	}
	bind_end(&row);
	return done && database->fault == FAULT_NONE;
}

bool database_read_all(struct database *database, size_t messages, const struct row_sink *sink)
{
	bool began, done;

	done = database_read_begin(database, &began) && read_rooms(database, messages, sink);
	database_read_end(database, began);
	return done;
}

/* ---- history ---- */

static void give_said(struct reading *reading, const struct row_values *row)
{
	struct row message = message_of(row);

	if (!is_purged(reading, &message))
		give(reading, &message);
}

/* Which messages: the oldest of those that are given, and all from there on. */
struct choice {
	enum statement first, rows;
	void (*give)(struct reading *, const struct row_values *);
};

static bool read_history(struct reading *reading, const struct choice *choice, uint64_t before,
			 size_t count)
{
	struct binding first = bind_start(reading->database, choice->first, 0);
	struct binding row = bind_start(reading->database, choice->rows, TABLE_MESSAGE);
	uint64_t oldest;
	struct row_values values;

	bind_number(&first, reading->room);
	bind_number(&first, before);
	bind_number(&first, count);
	oldest = first_of(&first);
	if (!oldest)
		return reading->database->fault == FAULT_NONE;
	bind_number(&row, reading->room);
	bind_number(&row, oldest);
	bind_number(&row, before);
	while (reading->database->fault == FAULT_NONE && bind_step(&row)) {
		if (row_read(&row, TABLE_MESSAGE, &values))
			choice->give(reading, &values);
		else
			tell_damage(reading, "message", value_number(&values, 1), false);
	}
	bind_end(&row);
	return reading->database->fault == FAULT_NONE;
}

static bool history(struct database *database, uint64_t room, uint64_t before, size_t count,
		    const struct choice *choice, const struct row_sink *sink)
{
	struct reading reading = { .database = database, .sink = sink, .room = room };
	bool began, done;

	if (before > INT64_MAX)
		before = INT64_MAX;
	done = database_read_begin(database, &began);
	if (done) {
		purges_read(database, room, &reading.purges);
		done =
		    database->fault == FAULT_NONE && read_history(&reading, choice, before, count);
		purges_clear(&reading.purges);
		hidden_clear(&reading);
	}
	database_read_end(database, began);
	return done;
}

bool database_history(struct database *database, uint64_t room, uint64_t before, size_t count,
		      const struct row_sink *sink)
{
	static const struct choice words = { SQL_HISTORY_FIRST, SQL_HISTORY, give_said };

	return history(database, room, before, count, &words, sink);
}

bool database_said(struct database *database, uint64_t room, uint64_t before, size_t count,
		   const struct row_sink *sink)
{
	static const struct choice all = { SQL_SAID_FIRST, SQL_SAID, give_message };

	return history(database, room, before, count, &all, sink);
}
