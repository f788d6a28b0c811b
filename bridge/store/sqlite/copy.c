#include "bridge/store/sqlite/copy.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <limits.h>
#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
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

static bool remove_old(const char *path)
{
	return unlink(path) == 0 || errno == ENOENT;
}

/* With its journal, which SQLite would take for the new one's. */
static int make_anew(const char *path)
{
	char journal[PATH_MAX + 8];

	snprintf(journal, sizeof(journal), "%s-journal", path);
	if (!remove_old(path) || !remove_old(journal))
		return -1;
	return open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
}

/* An empty file, which SQLite would make readable for all. Of those who copy to one path each has
 * its own; who is alone replaces what a crash has left. */
static bool make_empty(char part[PATH_MAX], bool alone)
{
	int fd = alone ? make_anew(part) : mkostemp(part, O_CLOEXEC);

	return fd >= 0 && close(fd) == 0;
}

/* A pipe, a device or a link would go, and the copy take its place. */
static bool is_place(const char *path)
{
	struct stat about;

	if (lstat(path, &about) < 0)
		return errno == ENOENT;
	errno = S_ISDIR(about.st_mode) ? EISDIR : EEXIST;
	return S_ISREG(about.st_mode);
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
	fprintf(errors, "dragoman: %s: %s\n", path,
		error == EEXIST ? "is not a regular file" : strerror(error));
	return false;
}

bool copy_to(struct sqlite3 *sqlite, const char *path, bool alone, FILE *errors)
{
	char part[PATH_MAX];
	bool done;

	if (!is_place(path))
		return fail(path, errno, errors);
	if (snprintf(part, sizeof(part), "%s.part%s", path, alone ? "" : "-XXXXXX") >=
	    (int)sizeof(part))
		return fail(path, ENAMETOOLONG, errors);
	if (!make_empty(part, alone))
		return fail(alone ? part : path, errno, errors);
	done = vacuum_into(sqlite, part, errors);
	if (done && !put_in_place(part, path))
		done = fail(path, errno, errors);
	if (!done)
		unlink(part);
	return done;
}
