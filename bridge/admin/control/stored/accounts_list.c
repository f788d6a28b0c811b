#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "bridge/admin/control/calls.h"
#include "bridge/admin/control/stored/accounts.h"
#include "bridge/core/directory.h"
#include "bridge/durable/roster.h"
#include "codecs/text/memory.h"

#define ROWS_IN_PART 128

struct row {
	struct directory_account account;
	bool stored, idle; /* idle: it does not count */
	uint64_t seen_ms;
};

/* own: how far the list is. */
struct list {
	struct row *rows; /* owned */
	size_t count, at;
};

static void list_free(void *own)
{
	free(((struct list *)own)->rows);
	free(own);
}

static int by_number(const void *a, const void *b)
{
	uint32_t left = ((const struct row *)a)->account.number;
	uint32_t right = ((const struct row *)b)->account.number;

	return (left > right) - (left < right);
}

static void add_idle(struct list *list, const struct roster_entry *entry)
{
	struct row *row = &list->rows[list->count++];

	*row = (struct row){ .account = { .number = entry->person.number,
					  .roles = entry->person.roles | ROLE_USER },
			     .stored = true,
			     .idle = true,
			     .seen_ms = entry->person.seen_ms };
	memcpy(row->account.name, entry->person.name, sizeof(row->account.name));
}

/* Those that count, from the directory; then those that do not. */
static struct list *list_new(const struct call *call)
{
	const struct roster *roster = call->calls->bridge->roster;
	struct list *list = memory_zeroed(1, sizeof(*list));
	struct directory_account *accounts =
	    directory_accounts(call->calls->bridge->directory, &list->count);

	list->rows = memory_zeroed(list->count + roster_count(roster) + 1, sizeof(*list->rows));
	for (size_t i = 0; i < list->count; i++) {
		const struct roster_entry *entry = roster_find_number(roster, accounts[i].number);

		list->rows[i].account = accounts[i];
		list->rows[i].stored = entry && roster_holds(entry);
		list->rows[i].seen_ms = list->rows[i].stored ? entry->person.seen_ms : 0;
	}
	free(accounts);
	for (const struct roster_entry *entry = NULL; (entry = roster_next(roster, entry));)
		if (!entry->coming && !roster_holds(entry))
			add_idle(list, entry);
	qsort(list->rows, list->count, sizeof(*list->rows), by_number);
	return list;
}

static json_t *row_of(const struct row *row)
{
	return json_pack(
	    "{s:o,s:I,s:o,s:I,s:s,s:b,s:o}", "name", json_of(slice_of(row->account.name)), "number",
	    (json_int_t)row->account.number, "roles", json_of_roles(row->account.roles),
	    "connections", (json_int_t)row->account.online, "source",
	    row->stored ? "store" : "configuration", "shadowed", (int)row->idle, "seen",
	    row->seen_ms ? json_of_time(row->seen_ms) : json_null());
}

static void proceed(struct call *call)
{
	struct list *list = call->own;
	json_t *rows;

	if (list->at == list->count) {
		call_end_list(call, json_pack("{s:I}", "count", (json_int_t)list->count));
		return;
	}
	rows = json_array();
	for (size_t i = 0; i < ROWS_IN_PART && list->at < list->count; i++)
		json_array_append_new(rows, row_of(&list->rows[list->at++]));
	call_rows(call, rows, proceed);
}

void accounts_list_serve(struct call *call)
{
	call->own = list_new(call);
	call->own_free = list_free;
	proceed(call);
}
