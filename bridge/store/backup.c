#include "bridge/store/backup.h"

#include "bridge/store/sqlite/copy.h"
#include "bridge/store/sqlite/database.h"
#include "bridge/store/sqlite/statement.h"

bool store_backup(const char *folder, const char *path, FILE *errors)
{
	struct database *database = database_open_reader(folder, errors);
	bool done = database && copy_to(database->sqlite, path, errors);

	database_close(database);
	return done;
}
