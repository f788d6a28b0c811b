#include "bridge/command/passwd.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "bridge/command/secret.h"
#include "bridge/core/state.h"

static bool complain(FILE *errors, const char *what)
{
	fprintf(errors, "dragoman: %s\n", what);
	return false;
}

/* ---- the file ---- */

static bool complain_of(FILE *errors, const char *path)
{
	fprintf(errors, "dragoman: %s: %s\n", path, strerror(errno));
	return false;
}

/* Who could read the file before has to be able to read this one. */
static bool write_open(int fd, const char *hash, const struct stat *before)
{
	struct stat about;

	if (before->st_mode && fstat(fd, &about) == 0 &&
	    (about.st_uid != before->st_uid || about.st_gid != before->st_gid) &&
	    fchown(fd, before->st_uid, before->st_gid) < 0)
		return false;
	return dprintf(fd, "%s\n", hash) == (int)strlen(hash) + 1 && fsync(fd) == 0;
}

static bool replace(const char *path, const char *hash, const struct stat *before, FILE *errors)
{
	char *temporary = NULL;
	bool renamed, written;
	int fd;

	if (asprintf(&temporary, "%s.XXXXXX", path) < 0)
		return complain(errors, "out of memory");
	fd = mkstemp(temporary);
	renamed = fd >= 0 && write_open(fd, hash, before) && rename(temporary, path) == 0;
	written = (renamed && state_sync_name(path)) || complain_of(errors, path);
	if (fd >= 0 && !renamed)
		unlink(temporary);
	if (fd >= 0)
		close(fd);
	free(temporary);
	return written;
}

static bool hash_write(const char *path, const char *hash, FILE *errors)
{
	struct stat before = { 0 };
	char *target = realpath(path, NULL);
	bool written;

	if (stat(path, &before) == 0 && !S_ISREG(before.st_mode)) {
		fprintf(errors, "dragoman: %s: it is not a regular file\n", path);
		written = false;
	} else {
		written = replace(target ? target : path, hash, &before, errors);
	}
	free(target);
	return written;
}

bool passwd_run(const struct arguments *arguments, FILE *out, FILE *errors)
{
	char hash[PASSWORD_HASH_BYTES];

	if (!secret_hash((unsigned)arguments->memory_mib, (unsigned)arguments->passes, hash,
			 errors))
		return false;
	if (arguments->word)
		return hash_write(arguments->word, hash, errors);
	fprintf(out, "%s\n", hash);
	return fflush(out) == 0 || complain_of(errors, "standard output");
}
