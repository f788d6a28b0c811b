#include "bridge/lock.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static long holder_of(int fd)
{
	struct flock lock = { .l_type = F_WRLCK, .l_whence = SEEK_SET };

	if (fcntl(fd, F_GETLK, &lock) < 0 || lock.l_type == F_UNLCK)
		return 0;
	return lock.l_pid;
}

int lock_take(const char *path, mode_t mode, long *holder)
{
	struct flock lock = { .l_type = F_WRLCK, .l_whence = SEEK_SET };
	int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOCTTY | O_NONBLOCK, mode), error;

	*holder = 0;
	if (fd < 0 || fcntl(fd, F_SETLK, &lock) == 0)
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
		fprintf(errors, "dragoman: the state folder %s is in use by process %ld\n", folder,
			holder);
	else if (fd < 0)
		fprintf(errors, "dragoman: the state folder %s cannot be locked: %s\n", folder,
			strerror(errno));
	return fd;
}
