#include "bridge/store/erase.h"

#include <string.h>

#include "bridge/store/sqlite/message_edit.h"
#include "bridge/store/sqlite/statement.h"

#define MESSAGES_MOST 500 /* erased in one step */

void erase_begin(struct erase *erase, uint32_t number, struct slice name)
{
	*erase = (struct erase){ .number = number };
	erase->len = name_fold(name, erase->folded);
}

bool erase_find(struct database *database, struct slice name, uint32_t *numbers, size_t max,
		size_t *count)
{
	bool began, done = database_read_begin(database, &began);
	struct binding row = bind_start(database, SQL_ERASE_FIND, 0);

	*count = 0;
	while (done && *count < max && bind_step(&row)) {
		uint32_t number = (uint32_t)column_number(&row, 0);

		if (name_same(column_slice(&row, 1), name) &&
		    (!*count || numbers[*count - 1] != number))
			numbers[(*count)++] = number;
	}
	bind_end(&row);
	done = done && database->fault == FAULT_NONE;
	database_read_end(database, began);
	return done;
}

/* A statement with some numbers, counted. */
static bool take(struct database *database, enum statement statement, const uint64_t *numbers,
		 size_t count, uint64_t *counted)
{
	struct binding binding = bind_start(database, statement, 0);
	int changed = 0;

	for (size_t i = 0; i < count; i++)
		bind_number(&binding, numbers[i]);
	if (!bind_run(&binding, &changed))
		return false;
	if (counted)
		*counted += (uint64_t)changed;
	return true;
}

/* ---- messages of one room ---- */

struct found {
	uint64_t ids[MESSAGES_MOST];
	size_t count;
	bool end; /* of the room */
};

static void find_messages(struct database *database, struct erase *erase, struct found *found)
{
	struct binding row = bind_start(database, SQL_ERASE_SCAN, 0);
	size_t scanned = 0;

	bind_number(&row, erase->room);
	bind_number(&row, erase->id);
	while (bind_step(&row)) {
		erase->id = column_number(&row, 0);
		if (column_number(&row, 1) == erase->number)
			found->ids[found->count++] = erase->id;
		if (++scanned < ERASE_SCANNED && found->count < MESSAGES_MOST)
			continue;
		bind_end(&row);
		return;
	}
	found->end = true;
}

struct gone {
	uint64_t id;
	uint64_t messages;
};

/* Also what was deleted already: its name. */
static bool take_away(void *context, struct block_item *item)
{
	struct gone *gone = context;

	if (item->id != gone->id || (item->deleted && !item->name.len))
		return false;
	message_take_words(item);
	item->name = (struct slice){ NULL, 0 };
	item->roles = 0;
	gone->messages++;
	return true;
}

static bool erase_message(struct database *database, struct erase *erase, uint64_t id)
{
	const uint64_t key[] = { erase->room, id };
	struct gone gone = { .id = id };
	uint64_t last;

	if (!messages_edit(database, erase->room, id, take_away, &gone, &last))
		return false;
	erase->counts.messages += gone.messages;
	return take(database, SQL_REACTIONS_DELETE, key, 2, &erase->counts.reactions) &&
	       take(database, SQL_ERASE_POLL_VOTES, key, 2, &erase->counts.votes) &&
	       take(database, SQL_ERASE_POLL, key, 2, &erase->counts.polls);
}

/* ---- the rest of it ---- */

static bool erase_marks(struct database *database, struct erase *erase)
{
	struct binding binding = bind_start(database, SQL_ERASE_MARKS, 0);
	int changed = 0;

	bind_number(&binding, erase->room);
	bind_number(&binding, erase->number);
	bind_text(&binding, slice_span(erase->folded, erase->len));
	if (!bind_run(&binding, &changed))
		return false;
	erase->counts.marks += (uint64_t)changed;
	return true;
}

static bool erase_in_room(struct database *database, struct erase *erase)
{
	const uint64_t key[] = { erase->room, erase->number };

	return take(database, SQL_ERASE_REACTIONS, key, 2, &erase->counts.reactions) &&
	       take(database, SQL_ERASE_VOTES, key, 2, &erase->counts.votes) &&
	       erase_marks(database, erase);
}

static bool erase_row(struct database *database, struct erase *erase)
{
	const uint64_t key[] = { erase->number };

	return take(database, SQL_ERASE_PURGES, key, 1, NULL) &&
	       take(database, SQL_ERASE_LEFT_AT, key, 1, NULL) &&
	       take(database, SQL_ERASE_TOKENS, key, 1, NULL) &&
	       take(database, SQL_ERASE_PERSON, key, 1, &erase->counts.persons);
}

/* ---- steps ---- */

static bool next_room(struct database *database, struct erase *erase)
{
	struct binding find = bind_start(database, SQL_CHECK_ROOM, 0);
	uint64_t after = erase->room;

	erase->room = erase->id = 0;
	bind_number(&find, after);
	if (bind_step(&find)) {
		erase->room = column_number(&find, 0);
		bind_end(&find);
	}
	return database->fault == FAULT_NONE;
}

static bool in_room(struct database *database, struct erase *erase)
{
	struct found found = { .count = 0 };

	find_messages(database, erase, &found);
	if (database->fault != FAULT_NONE)
		return false;
	for (size_t i = 0; i < found.count; i++)
		if (!erase_message(database, erase, found.ids[i]))
			return false;
	if (!found.end)
		return true;
	return erase_in_room(database, erase) && next_room(database, erase);
}

/* What is rolled back has neither been counted nor passed by. */
bool erase_step(struct database *database, struct erase *erase, bool *more)
{
	struct erase next = *erase;
	bool done = next.room || next_room(database, &next);

	if (done)
		done = next.room ? in_room(database, &next) : true;
	if (done && !next.room)
		done = erase_row(database, &next);
	*more = next.room != 0;
	if (done)
		*erase = next;
	return done;
}

bool erase_person(struct database *database, struct erase *erase)
{
	bool more = true;

	while (more) {
		if (database_begin(database) && erase_step(database, erase, &more) &&
		    database_commit(database))
			continue;
		database_rollback(database);
		return false;
	}
	return database_checkpoint(database, CHECKPOINT_TRUNCATE);
}
