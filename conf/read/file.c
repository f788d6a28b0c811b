#include "conf/read/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "conf/table/owned.h"

/* Reads on after short reads; the file may grow or shrink meanwhile. -1: an error. */
static ssize_t read_all(int descriptor, char *bytes, size_t max)
{
	size_t have = 0;

	while (have < max) {
		ssize_t got = read(descriptor, bytes + have, max - have);

		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return -1;
		if (got == 0)
			break;
		have += (size_t)got;
	}
	return (ssize_t)have;
}

static char *read_open(int descriptor, size_t max, size_t *size, unsigned *mode, const char **why)
{
	struct stat status;
	char *bytes;
	ssize_t got;

	if (fstat(descriptor, &status) < 0) {
		*why = strerror(errno);
		return NULL;
	}
	if (!S_ISREG(status.st_mode)) {
		*why = "it is not a regular file";
		return NULL;
	}
	if (status.st_size < 0 || (size_t)status.st_size > max) {
		*why = "it is too large";
		return NULL;
	}
	if (mode)
		*mode = status.st_mode & 07777;
	bytes = owned_zeroed((size_t)status.st_size + 1, 1);
	got = read_all(descriptor, bytes, (size_t)status.st_size);
	if (got < 0) {
		*why = strerror(errno);
		free(bytes);
		return NULL;
	}
	*size = (size_t)got;
	return bytes;
}

char *file_read(const char *path, size_t max, size_t *size, unsigned *mode, const char **why)
{
	int descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	char *bytes;

	if (descriptor < 0) {
		*why = strerror(errno);
		return NULL;
	}
	bytes = read_open(descriptor, max, size, mode, why);
	close(descriptor);
	return bytes;
}
