#include "bridge/store/sqlite/message_edit.h"

#include <sqlite3.h>

#include "bridge/store/sqlite/appending.h"
#include "bridge/store/sqlite/statement.h"

bool messages_edit(struct database *database, uint64_t room, uint64_t id, block_edit_function *edit,
		   void *context, uint64_t *last)
{
	int rc;

	*last = 0;
	if (database->fault != FAULT_NONE ||
	    (appending_has(database, room, id) && !appending_write(database)))
		return false;
	if (!database->change)
		database->change = block_change_new(database->sqlite);
	rc = block_edit(database->change, room, id, edit, context, last);
	if (rc == SQLITE_ROW || rc == SQLITE_DONE)
		return true;
	return database_failed(database);
}

void message_take_words(struct block_item *item)
{
	item->deleted = true;
	item->body = item->edit = (struct slice){ NULL, 0 };
}

void messages_edit_end(struct database *database)
{
	if (database->change)
		block_change_free(database->change);
	database->change = NULL;
}
