#include "bridge/store/purge.h"

#include <stdlib.h>
#include <string.h>

#include "bridge/store/sqlite/appending.h"
#include "bridge/store/sqlite/message_edit.h"
#include "bridge/store/sqlite/statement.h"
#include "codecs/text/memory.h"
#include "codecs/text/name.h"

struct purge {
	uint64_t number, room, author, id, done;
	size_t len;
	char folded[NAME_FOLDED_MAX]; /* len 0: any name */
};

/* Of the columns PURGE of statement.c. */
static void purge_read(struct purge *purge, const struct row_values *row)
{
	struct slice folded = row->at[3].bytes;

	purge->number = value_number(row, 0);
	purge->room = value_number(row, 1);
	purge->author = value_number(row, 2);
	purge->len = folded.len <= sizeof(purge->folded) ? folded.len : sizeof(purge->folded);
	memcpy(purge->folded, folded.data ? folded.data : "", purge->len);
	purge->id = value_number(row, 4);
	purge->done = value_number(row, 5);
}

static bool covers(const struct purge *purge, uint64_t id, uint64_t author, struct slice name)
{
	char folded[NAME_FOLDED_MAX];
	size_t len;

	if (id > purge->id || (purge->author && purge->author != author))
		return false;
	if (!purge->len)
		return true;
	len = name_fold(name, folded);
	return len == purge->len && memcmp(folded, purge->folded, len) == 0;
}

void purges_read(struct database *database, uint64_t room, struct purges *purges)
{
	struct binding row = bind_start(database, SQL_PURGES_OF, TABLE_PURGE);
	struct row_values values;

	*purges = (struct purges){ 0 };
	bind_number(&row, room);
	while (bind_step(&row)) {
		if (!row_read(&row, TABLE_PURGE, &values)) {
			purges->damaged++;
			continue;
		}
		purges->list =
		    memory_resize(purges->list, (purges->count + 1) * sizeof(*purges->list));
		purge_read(&purges->list[purges->count++], &values);
	}
}

void purges_clear(struct purges *purges)
{
	free(purges->list);
	*purges = (struct purges){ 0 };
}

bool purges_cover(const struct purges *purges, uint64_t id, uint64_t author, struct slice name)
{
	for (size_t i = 0; i < purges->count; i++)
		if (covers(&purges->list[i], id, author, name))
			return true;
	return false;
}

/* ---- carrying it out ---- */

#define IDS_MOST (PURGE_DELETED + BLOCK_MESSAGES)

struct scan {
	const struct purge *purge;
	uint64_t ids[IDS_MOST];
	size_t count;
	size_t scanned;
	uint64_t upto; /* all before and with it were looked at */
};

static bool take_away(void *context, struct block_item *item)
{
	struct scan *scan = context;

	scan->scanned++;
	if (item->deleted || !covers(scan->purge, item->id, item->author, item->name) ||
	    scan->count == IDS_MOST)
		return false;
	message_take_words(item);
	scan->ids[scan->count++] = item->id;
	return true;
}

/* Whole blocks: what of the last one is beyond the purge is not covered. False: that was all, or
 * see database_fault(). */
static bool scan(struct database *database, const struct purge *purge, struct scan *found)
{
	uint64_t last;

	while (found->scanned < PURGE_SCANNED && found->count < PURGE_DELETED) {
		if (found->upto >= purge->id ||
		    !messages_edit(database, purge->room, found->upto + 1, take_away, found,
				   &last) ||
		    !last)
			return false;
		if (found->count == IDS_MOST)
			break; /* the block may have more of them */
		found->upto = last > found->upto ? last : found->upto + 1;
	}
	return true;
}

static bool of_id(struct database *database, enum statement statement, uint64_t room, uint64_t id)
{
	struct binding binding = bind_start(database, statement, 0);

	bind_number(&binding, room);
	bind_number(&binding, id);
	return bind_run(&binding, NULL);
}

static bool purge_end(struct database *database, uint64_t number)
{
	struct binding end = bind_start(database, SQL_PURGE_END, 0);

	bind_number(&end, number);
	return bind_run(&end, NULL);
}

static bool carry_out(struct database *database, const struct purge *purge)
{
	struct scan found = { .purge = purge, .upto = purge->done };
	bool more = scan(database, purge, &found);

	if (database->fault != FAULT_NONE)
		return false;
	for (size_t i = 0; i < found.count; i++)
		if (!of_id(database, SQL_REACTIONS_DELETE, purge->room, found.ids[i]))
			return false;
	if (!more)
		return purge_end(database, purge->number);
	return of_id(database, SQL_PURGE_GO_ON, purge->number, found.upto);
}

/* What a damaged one was to delete is not known: it stays, for who checks the file. */
static bool next(struct database *database, uint64_t from, struct purge *purge)
{
	struct binding row = bind_start(database, SQL_PURGE_NEXT, TABLE_PURGE);
	struct row_values values;

	bind_number(&row, from);
	while (bind_step(&row)) {
		if (!row_read(&row, TABLE_PURGE, &values))
			continue;
		purge_read(purge, &values);
		bind_end(&row);
		return true;
	}
	return false;
}

bool purge_step(struct database *database, uint64_t *number, bool *more)
{
	struct purge purge;

	*more = next(database, *number, &purge);
	if (!*more)
		return database->fault == FAULT_NONE;
	*number = purge.number;
	return carry_out(database, &purge);
}
