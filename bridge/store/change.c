#include "bridge/store/change.h"

#include <stdio.h>

#include "bridge/store/sqlite/appending.h"
#include "bridge/store/sqlite/message_edit.h"
#include "bridge/store/sqlite/statement.h"

/* It comes between others, or is there already. */
static bool message_insert(struct database *database, uint64_t room, const struct row *row)
{
	struct binding add;

	if (!appending_write(database))
		return false;
	add = bind_start(database, SQL_MESSAGE_ADD, TABLE_MESSAGE);
	bind_number(&add, room);
	bind_number(&add, row->id);
	bind_number(&add, row->author);
	bind_text(&add, row->name);
	bind_number(&add, row->roles);
	bind_number(&add, row->time_ms);
	bind_number(&add, 0);
	bind_blob(&add, row->body);
	bind_null(&add);
	bind_crc(&add);
	return bind_run(&add, NULL);
}

static bool message_add(struct database *database, uint64_t room, const struct row *row)
{
	struct block_item item = { .id = row->id,
				   .time_ms = row->time_ms,
				   .author = row->author,
				   .roles = row->roles,
				   .name = row->name,
				   .body = row->body,
				   .body_crc = row->body_crc };
	bool added;

	if (!appending_add(database, room, &item, &added))
		return false;
	return added || message_insert(database, room, row);
}

/* A statement is about the message: it has to be where statements find it. */
static bool write_first(struct database *database, uint64_t room, uint64_t id)
{
	return !appending_has(database, room, id) || appending_write(database);
}

static bool note_add(struct database *database, uint64_t room, const struct row *row)
{
	struct binding add = bind_start(database, SQL_NOTE_ADD, TABLE_NOTE);

	bind_number(&add, room);
	bind_number(&add, row->id);
	bind_number(&add, row->about);
	bind_number(&add, row->stands);
	bind_number(&add, row->author);
	bind_number(&add, row->time_ms);
	bind_number(&add, 0);
	bind_crc(&add);
	return bind_run(&add, NULL);
}

/* A statement about one id. */
static bool of_id(struct database *database, enum statement statement, uint64_t room, uint64_t id)
{
	struct binding binding = bind_start(database, statement, 0);

	bind_number(&binding, room);
	bind_number(&binding, id);
	return bind_run(&binding, NULL);
}

/* A change of one message, and whether it was one. */
struct edit {
	const struct row *row;
	bool changed;
};

static bool forget(void *context, struct block_item *item)
{
	struct edit *edit = context;

	if (item->id != edit->row->id || item->deleted)
		return false;
	item->body = item->edit = (struct slice){ NULL, 0 };
	return edit->changed = true;
}

static bool reword(void *context, struct block_item *item)
{
	struct edit *edit = context;

	if (item->id != edit->row->id || item->deleted || !item->body.data)
		return false;
	item->edit = edit->row->body;
	return edit->changed = true;
}

static bool take_away(void *context, struct block_item *item)
{
	struct edit *edit = context;

	if (item->id != edit->row->id || item->deleted)
		return false;
	message_take_words(item);
	return edit->changed = true;
}

static bool message_forget(struct database *database, uint64_t room, const struct row *row)
{
	struct edit edit = { row, false };
	uint64_t last;

	return messages_edit(database, room, row->id, forget, &edit, &last);
}

static bool message_edit(struct database *database, uint64_t room, const struct row *row)
{
	struct edit edit = { row, false };
	uint64_t last;

	return messages_edit(database, room, row->id, row->body.data ? reword : forget, &edit,
			     &last);
}

/* Ids of messages and notes are of one sequence. */
static bool message_delete(struct database *database, uint64_t room, const struct row *row)
{
	struct edit edit = { row, false };
	uint64_t last;

	if (!messages_edit(database, room, row->id, take_away, &edit, &last))
		return false;
	return of_id(database, edit.changed ? SQL_REACTIONS_DELETE : SQL_NOTE_DELETE, room,
		     row->id);
}

/* The last number that a table has (in that room); 0: none. */
static uint64_t last_of(struct database *database, enum statement last, const uint64_t *room)
{
	struct binding find = bind_start(database, last, 0);
	uint64_t number = 0;

	if (room)
		bind_number(&find, *room);
	if (bind_step(&find)) {
		number = column_number(&find, 0);
		bind_end(&find);
	}
	return number;
}

static bool message_delete_all(struct database *database, uint64_t room, const struct row *row)
{
	struct binding add = bind_start(database, SQL_PURGE_ADD, TABLE_PURGE);

	bind_number(&add, last_of(database, SQL_PURGE_LAST, NULL) + 1);
	bind_number(&add, room);
	bind_number(&add, row->author);
	bind_text(&add, row->folded);
	bind_number(&add, row->id);
	row_crc_integer(&add.crc, 0); /* done, which the statement has */
	bind_crc(&add);
	return bind_run(&add, NULL);
}

/* When the emoji was used first by those who still do; this one, if nobody does. */
static uint64_t first_use(struct database *database, uint64_t room, const struct row *row)
{
	struct binding find = bind_start(database, SQL_REACT_FIRST, 0);
	uint64_t first = 0;

	bind_number(&find, room);
	bind_number(&find, row->id);
	bind_text(&find, row->emoji);
	if (bind_step(&find)) {
		first = column_number(&find, 0);
		bind_end(&find);
	}
	return first ? first : row->at;
}

static bool react(struct database *database, uint64_t room, const struct row *row)
{
	struct binding add;

	if (!write_first(database, room, row->id))
		return false;
	add = bind_start(database, SQL_REACT, TABLE_REACTION);
	bind_number(&add, room);
	bind_number(&add, row->id);
	bind_text(&add, row->emoji);
	bind_number(&add, row->author);
	bind_number(&add, row->at);
	bind_number(&add, first_use(database, room, row));
	bind_crc(&add);
	return bind_run(&add, NULL);
}

static bool unreact(struct database *database, uint64_t room, const struct row *row)
{
	struct binding take = bind_start(database, SQL_UNREACT, 0);

	bind_number(&take, room);
	bind_number(&take, row->id);
	bind_text(&take, row->emoji);
	bind_number(&take, row->author);
	return bind_run(&take, NULL);
}

static void bind_key(struct binding *binding, const struct row *row)
{
	bind_number(binding, row->list);
	bind_number(binding, row->key.number);
	bind_number(binding, row->key.address);
	bind_text(binding, row->key.folded);
}

static bool mark_lift(struct database *database, uint64_t room, const struct row *row)
{
	struct binding lift = bind_start(database, SQL_MARK_LIFT, 0);

	bind_number(&lift, room);
	bind_key(&lift, row);
	return bind_run(&lift, NULL);
}

static bool mark(struct database *database, uint64_t room, const struct row *row)
{
	struct binding set;

	if (!row->until_ms)
		return mark_lift(database, room, row);
	set = bind_start(database, SQL_MARK_SET, TABLE_MARK);
	bind_number(&set, room);
	bind_number(&set, last_of(database, SQL_MARK_LAST, &room) + 1);
	bind_key(&set, row);
	bind_number(&set, row->until_ms);
	bind_number(&set, row->person);
	bind_number(&set, row->at);
	bind_crc(&set);
	return bind_run(&set, NULL);
}

static bool pardon(struct database *database, uint64_t room, const struct row *row)
{
	struct binding find = bind_start(database, SQL_MARK_PERSON, 0), all;
	uint64_t person = 0;

	bind_number(&find, room);
	bind_key(&find, row);
	if (bind_step(&find)) {
		person = column_number(&find, 0);
		bind_end(&find);
	}
	if (database->fault != FAULT_NONE || !mark_lift(database, room, row))
		return false;
	if (!person)
		return true;
	all = bind_start(database, SQL_MARK_PARDON, 0);
	bind_number(&all, room);
	bind_number(&all, row->list);
	bind_number(&all, person);
	return bind_run(&all, NULL);
}

static bool of_room(struct database *database, enum statement statement, uint64_t room)
{
	struct binding binding = bind_start(database, statement, 0);

	bind_number(&binding, room);
	return bind_run(&binding, NULL);
}

static bool poll_begin(struct database *database, uint64_t room, const struct row *row)
{
	struct binding set = bind_start(database, SQL_POLL_SET, TABLE_POLL);

	bind_number(&set, room);
	bind_number(&set, row->id);
	bind_number(&set, row->until_ms);
	bind_blob(&set, row->body);
	bind_crc(&set);
	return bind_run(&set, NULL) && of_room(database, SQL_VOTES_END, room);
}

static bool vote(struct database *database, uint64_t room, const struct row *row)
{
	struct binding set = bind_start(database, SQL_VOTE_SET, TABLE_VOTE);

	bind_number(&set, room);
	bind_number(&set, row->author);
	bind_number(&set, row->choice);
	bind_number(&set, row->at);
	bind_crc(&set);
	return bind_run(&set, NULL);
}

static bool poll_end(struct database *database, uint64_t room, const struct row *row)
{
	(void)row;
	return of_room(database, SQL_POLL_END, room) && of_room(database, SQL_VOTES_END, room);
}

static bool left(struct database *database, uint64_t room, const struct row *row)
{
	struct binding set = bind_start(database, SQL_LEFT_SET, TABLE_LEFT_AT);

	bind_number(&set, room);
	bind_number(&set, row->author);
	bind_number(&set, row->id);
	bind_crc(&set);
	return bind_run(&set, NULL);
}

bool database_change(struct database *database, uint64_t room, const struct row *row)
{
	static bool (*const changes[ROW_KINDS])(struct database *, uint64_t, const struct row *) = {
		[ROW_MESSAGE] = message_add,
		[ROW_NOTE] = note_add,
		[ROW_EDIT] = message_edit,
		[ROW_FORGET] = message_forget,
		[ROW_DELETE] = message_delete,
		[ROW_DELETE_ALL] = message_delete_all,
		[ROW_REACT] = react,
		[ROW_UNREACT] = unreact,
		[ROW_MARK] = mark,
		[ROW_PARDON] = pardon,
		[ROW_POLL] = poll_begin,
		[ROW_VOTE] = vote,
		[ROW_POLL_END] = poll_end,
		[ROW_LEFT] = left,
	};

	if (row->kind < ROW_KINDS)
		return changes[row->kind](database, room, row);
	database->fault = FAULT_RECORD;
	snprintf(database->text, sizeof(database->text), "a row of no kind");
	return false;
}

bool database_all_left(struct database *database)
{
	struct binding all = bind_start(database, SQL_LEFT_ALL, 0);

	return bind_run(&all, NULL);
}

bool change_erases(enum row_kind kind)
{
	return kind == ROW_EDIT || kind == ROW_FORGET || kind == ROW_DELETE ||
	       kind == ROW_DELETE_ALL;
}
