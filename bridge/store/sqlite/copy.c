#include "bridge/store/sqlite/copy.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <limits.h>
#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bridge/store/sqlite/fault.h"

/* VACUUM INTO and not the stepped backup, which begins anew whenever somebody has written. It
 * writes nothing to the database itself; but a connection that only reads would refuse it. */
static bool vacuum_into(struct sqlite3 *sqlite, const char *path, FILE *errors)
{
	sqlite3_stmt *stmt = NULL;
	char said[FAULT_TEXT];
	bool done =
	    sqlite3_exec(sqlite, "PRAGMA query_only = OFF", NULL, NULL, NULL) == SQLITE_OK &&
	    sqlite3_prepare_v2(sqlite, "VACUUM INTO ?1", -1, &stmt, NULL) == SQLITE_OK &&
	    sqlite3_bind_text(stmt, 1, path, -1, SQLITE_STATIC) == SQLITE_OK &&
	    sqlite3_step(stmt) == SQLITE_DONE;

	sqlite3_finalize(stmt);
	if (!done)
		fprintf(errors, "dragoman: %s: cannot be written: %s\n", path,
			fault_words(sqlite, said));
	return done;
}

/* An empty file, which SQLite would make readable for all. */
static bool make_empty(const char *path)
{
	int fd;

	if (unlink(path) < 0 && errno != ENOENT)
		return false;
	fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
	return fd >= 0 && close(fd) == 0;
}

static bool sync_path(const char *path, int flags)
{
	int fd = open(path, flags | O_CLOEXEC);
	bool done = fd >= 0 && fsync(fd) == 0;

	if (fd >= 0)
		close(fd);
	return done;
}

static bool put_in_place(const char *from, const char *to)
{
	char folder[PATH_MAX];

	if (!sync_path(from, O_RDONLY) || rename(from, to) < 0)
		return false;
	strcpy(folder, to);
	return sync_path(dirname(folder), O_RDONLY | O_DIRECTORY);
}

static bool fail(const char *path, int error, FILE *errors)
{
	fprintf(errors, "dragoman: %s: %s\n", path, strerror(error));
	return false;
}

bool copy_to(struct sqlite3 *sqlite, const char *path, FILE *errors)
{
	char part[PATH_MAX];
	bool done;

	if (snprintf(part, sizeof(part), "%s.part", path) >= (int)sizeof(part))
		return fail(path, ENAMETOOLONG, errors);
	if (!make_empty(part))
		return fail(part, errno, errors);
	done = vacuum_into(sqlite, part, errors);
	if (done && !put_in_place(part, path))
		done = fail(path, errno, errors);
	if (!done)
		unlink(part);
	return done;
}
