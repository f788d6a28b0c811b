#include "bridge/core/state.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <libgen.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include "codecs/text/memory.h"

#define PATH_BYTES  4096
#define MARK_END_MS (ID_EPOCH_MS + (UINT64_C(1) << 40)) /* ids have 40 bits of it */

static bool path_of(char path[PATH_BYTES], const char *folder, const char *name, FILE *errors)
{
	int len = snprintf(path, PATH_BYTES, "%s/%s", folder, name);

	if (len > 0 && len < PATH_BYTES)
		return true;
	fprintf(errors, "dragoman: the name of the state folder is too long\n");
	return false;
}

static bool complain(FILE *errors, const char *path)
{
	fprintf(errors, "dragoman: %s: %s\n", path, strerror(errno));
	return false;
}

/* Not every file system can. */
bool state_sync_name(const char *path)
{
	char *copy = memory_text(path, strlen(path));
	int fd = open(dirname(copy), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	bool synced = fd >= 0 && (fsync(fd) == 0 || errno == EINVAL);

	if (fd >= 0)
		close(fd);
	free(copy);
	return synced;
}

/* Whole or not at all: a crash must not leave half a key or half a number. */
static bool write_whole(const char *path, const void *bytes, size_t len)
{
	char temporary[PATH_BYTES + 8];
	int fd;
	bool written;

	snprintf(temporary, sizeof(temporary), "%s.new", path);
	fd = open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	if (fd < 0)
		return false;
	written = write(fd, bytes, len) == (ssize_t)len && fsync(fd) == 0;
	written = close(fd) == 0 && written;
	return written && rename(temporary, path) == 0 && state_sync_name(path);
}

static bool key_make(const char *path, struct id_key *key, FILE *errors)
{
	if (getrandom(key->bytes, sizeof(key->bytes), 0) != sizeof(key->bytes) ||
	    !write_whole(path, key->bytes, sizeof(key->bytes)))
		return complain(errors, path);
	return true;
}

static bool key_read(const char *path, struct id_key *key, bool make, FILE *errors)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	struct stat about;
	ssize_t len;

	if (fd < 0)
		return errno != ENOENT ? complain(errors, path)
				       : !make || key_make(path, key, errors);
	len = read(fd, key->bytes, sizeof(key->bytes));
	if (fstat(fd, &about) < 0)
		about.st_size = 0;
	close(fd);
	if (len != sizeof(key->bytes) || about.st_size != len || (about.st_mode & 077)) {
		fprintf(errors, "dragoman: %s: must be 16 bytes that only its owner can read\n",
			path);
		return false;
	}
	return true;
}

static bool mark_parse(const char *text, uint64_t *mark_ms)
{
	char *end;

	if (*text < '0' || *text > '9')
		return false;
	errno = 0;
	*mark_ms = strtoull(text, &end, 10);
	return errno == 0 && (*end == '\n' || *end == '\0') && *mark_ms < MARK_END_MS;
}

static bool mark_read(const char *path, uint64_t *mark_ms, FILE *errors)
{
	FILE *file = fopen(path, "re");
	char text[32] = "";
	bool read;

	*mark_ms = 0;
	if (!file)
		return errno == ENOENT || complain(errors, path);
	read = fgets(text, sizeof(text), file) && mark_parse(text, mark_ms);
	fclose(file);
	if (!read)
		fprintf(errors, "dragoman: %s: not a time in milliseconds\n", path);
	return read;
}

bool state_mark(const char *folder, uint64_t *mark_ms, FILE *errors)
{
	char path[PATH_BYTES];

	return path_of(path, folder, "ids", errors) && mark_read(path, mark_ms, errors);
}

bool state_key(const char *folder, struct id_key *key, FILE *errors)
{
	char path[PATH_BYTES];

	return path_of(path, folder, "key", errors) && key_read(path, key, false, errors);
}

bool state_open(const char *folder, struct id_key *key, uint64_t *mark_ms, FILE *errors)
{
	char path[PATH_BYTES];

	if (mkdir(folder, 0700) < 0 && errno != EEXIST)
		return complain(errors, folder);
	if (!path_of(path, folder, "key", errors) || !key_read(path, key, true, errors))
		return false;
	return state_mark(folder, mark_ms, errors);
}

bool state_reserve(const char *folder, uint64_t mark_ms)
{
	char path[PATH_BYTES], text[32];
	int len = snprintf(text, sizeof(text), "%" PRIu64 "\n", mark_ms);

	return path_of(path, folder, "ids", stderr) && write_whole(path, text, (size_t)len);
}
