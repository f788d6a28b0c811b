#include "bridge/store/backup.h"

#include <libgen.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>

#include "bridge/store/sqlite/copy.h"
#include "bridge/store/sqlite/database.h"
#include "bridge/store/sqlite/statement.h"

/* There it would replace what the server has open, or keep what is erased later. */
static bool is_elsewhere(const char *folder, const char *path, FILE *errors)
{
	char copy[PATH_MAX];
	struct stat ours, theirs;

	if (strlen(path) >= sizeof(copy))
		return true;
	strcpy(copy, path);
	if (stat(folder, &ours) < 0 || stat(dirname(copy), &theirs) < 0 ||
	    ours.st_dev != theirs.st_dev || ours.st_ino != theirs.st_ino)
		return true;
	fprintf(errors, "dragoman: %s: a copy cannot be in the state folder\n", path);
	return false;
}

bool store_backup(const char *folder, const char *path, FILE *errors)
{
	struct database *database;
	bool done;

	if (!is_elsewhere(folder, path, errors))
		return false;
	database = database_open_reader(folder, errors);
	done = database && copy_to(database->sqlite, path, false, errors);
	database_close(database);
	return done;
}
