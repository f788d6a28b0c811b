#include "conf/read/file.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "conf/table/owned.h"

/* Constant. NULL: it can be read. */
static const char *unreadable(const struct stat *about, size_t max)
{
	switch (about->st_mode & S_IFMT) {
	case S_IFREG: break;
	case S_IFDIR: return "it is a folder";
	case S_IFIFO: return "it is a FIFO, not a regular file";
	case S_IFSOCK: return "it is a socket, not a regular file";
	case S_IFCHR:
	case S_IFBLK: return "it is a device, not a regular file";
	default: return "it is not a regular file";
	}
	return about->st_size < 0 || (size_t)about->st_size > max ? "it is too large" : NULL;
}

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

/* Of a file read to what was its end. */
static bool changed(int descriptor, const struct stat *before)
{
	struct stat now;

	return fstat(descriptor, &now) < 0 || now.st_size != before->st_size ||
	       now.st_mtim.tv_sec != before->st_mtim.tv_sec ||
	       now.st_mtim.tv_nsec != before->st_mtim.tv_nsec;
}

/* Such files do not say how long they are. Being empty at first is no sign of them: so is a file
 * that somebody just begins to write. */
static bool is_of_system(int descriptor)
{
	struct statfs about;

	return fstatfs(descriptor, &about) == 0 &&
	       (about.f_type == PROC_SUPER_MAGIC || about.f_type == SYSFS_MAGIC ||
		about.f_type == CGROUP2_SUPER_MAGIC);
}

/* What read_all() could not know. Constant, or strerror's text; NULL: all is well. */
static const char *end_fault(int descriptor, const struct stat *about)
{
	char byte;
	ssize_t more = read_all(descriptor, &byte, 1);

	if (more < 0)
		return strerror(errno);
	if (more > 0 && is_of_system(descriptor))
		return "it is a file of the kernel, not a regular file";
	if (more > 0 || changed(descriptor, about))
		return "it changed while it was read: is it being written?";
	return NULL;
}

static char *read_open(int descriptor, size_t max, size_t *size, struct stat *about,
		       const char **why)
{
	char *bytes;
	ssize_t got;

	*why = fstat(descriptor, about) < 0 ? strerror(errno) : unreadable(about, max);
	if (*why)
		return NULL;
	bytes = owned_zeroed((size_t)about->st_size + 1, 1);
	got = read_all(descriptor, bytes, (size_t)about->st_size);
	*why = got < 0 ? strerror(errno) : end_fault(descriptor, about);
	if (*why) {
		explicit_bzero(bytes, (size_t)about->st_size);
		free(bytes);
		return NULL;
	}
	*size = (size_t)got;
	return bytes;
}

char *file_read(const char *path, size_t max, size_t *size, struct stat *about, const char **why)
{
	struct stat status;
	char *bytes;
	int descriptor;

	/* Opening a FIFO may wait, and opening a device may do what it does. */
	about = about ? about : &status;
	*why = stat(path, about) < 0 ? strerror(errno) : unreadable(about, max);
	if (*why)
		return NULL;
	descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	if (descriptor < 0) {
		*why = strerror(errno);
		return NULL;
	}
	bytes = read_open(descriptor, max, size, about, why);
	close(descriptor);
	return bytes;
}

static bool is_below(const char *path, const char *folder)
{
	size_t len = folder ? strlen(folder) : 0;

	while (len > 0 && folder[len - 1] == '/')
		len--;
	return len > 0 && strncmp(path, folder, len) == 0 && path[len] == '/' &&
	       !strstr(path + len, "/../");
}

bool file_is_private(const struct stat *about, const char *path, const char *credentials)
{
	mode_t others = is_below(path, credentials) ? 037 : 077;

	return (about->st_mode & others) == 0;
}
