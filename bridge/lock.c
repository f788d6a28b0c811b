#include "bridge/lock.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define PID_DIGITS 20

/* A lock of the open file, not of the process: that one would be gone once the process closes any
 * descriptor of the file, as it does when a configuration includes it. */
static bool is_locked(int fd)
{
	struct flock lock = { .l_type = F_WRLCK, .l_whence = SEEK_SET };

	return fcntl(fd, F_OFD_GETLK, &lock) == 0 && lock.l_type != F_UNLCK;
}

/* Such a lock does not say whose it is; the holder does, in the file. */
static long holder_of(int fd)
{
	char text[PID_DIGITS + 1];
	ssize_t len;
	long pid;

	if (!is_locked(fd))
		return 0;
	len = pread(fd, text, PID_DIGITS, 0);
	text[len > 0 ? len : 0] = '\0';
	pid = strtol(text, NULL, 10);
	return pid > 0 ? pid : LOCK_HOLDER_UNKNOWN;
}

static bool write_holder(int fd)
{
	return ftruncate(fd, 0) == 0 && dprintf(fd, "%ld\n", (long)getpid()) > 0;
}

int lock_take(const char *path, mode_t mode, long *holder)
{
	struct flock lock = { .l_type = F_WRLCK, .l_whence = SEEK_SET };
	int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOCTTY | O_NONBLOCK, mode), error;

	*holder = 0;
	if (fd < 0)
		return -1;
	if (fcntl(fd, F_OFD_SETLK, &lock) == 0 && write_holder(fd))
		return fd;
	error = errno;
	*holder = holder_of(fd);
	close(fd);
	errno = error;
	return -1;
}

long lock_holder(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	long pid;

	if (fd < 0)
		return 0;
	pid = holder_of(fd);
	close(fd);
	return pid;
}

static void say_holder(const char *folder, long holder, FILE *errors)
{
	if (holder == LOCK_HOLDER_UNKNOWN)
		fprintf(errors, "dragoman: the state folder %s is in use\n", folder);
	else
		fprintf(errors, "dragoman: the state folder %s is in use by process %ld\n", folder,
			holder);
}

bool lock_state_is_free(const char *folder, FILE *errors)
{
	char path[PATH_MAX];
	long holder = 0;

	if (snprintf(path, sizeof(path), "%s/lock", folder) < (int)sizeof(path))
		holder = lock_holder(path);
	if (holder)
		say_holder(folder, holder, errors);
	return !holder;
}

int lock_state(const char *folder, FILE *errors)
{
	char path[PATH_MAX];
	long holder = 0;
	int len = snprintf(path, sizeof(path), "%s/lock", folder), fd = -1;

	if (len >= (int)sizeof(path))
		errno = ENAMETOOLONG;
	else if (mkdir(folder, 0700) == 0 || errno == EEXIST)
		fd = lock_take(path, 0600, &holder);
	if (fd < 0 && holder)
		say_holder(folder, holder, errors);
	else if (fd < 0)
		fprintf(errors, "dragoman: the state folder %s cannot be locked: %s\n", folder,
			strerror(errno));
	return fd;
}
