#include "bridge/pid_file.h"

#include <fcntl.h>
#include <unistd.h>

/* The number in the file says nothing: the process may be long gone, and another have its number.
 * The lock on it ends with its holder. */
static int pid_file_held = -1;

static long lock_holder(int fd)
{
	struct flock lock = { .l_type = F_WRLCK, .l_whence = SEEK_SET };

	if (fcntl(fd, F_GETLK, &lock) < 0 || lock.l_type == F_UNLCK)
		return 0;
	return lock.l_pid;
}

long pid_file_read(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	long pid;

	if (fd < 0)
		return 0;
	pid = lock_holder(fd);
	close(fd);
	return pid;
}

bool pid_file_write(const char *path, FILE *errors)
{
	struct flock lock = { .l_type = F_WRLCK, .l_whence = SEEK_SET };
	int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0644);

	if (fd >= 0 && fcntl(fd, F_SETLK, &lock) < 0) {
		fprintf(errors, "dragoman: %s: process %ld is running\n", path, lock_holder(fd));
		close(fd);
		return false;
	}
	if (fd < 0 || ftruncate(fd, 0) < 0 || dprintf(fd, "%ld\n", (long)getpid()) < 0) {
		fprintf(errors, "dragoman: %s: cannot be written\n", path);
		if (fd >= 0)
			close(fd);
		return false;
	}
	pid_file_held = fd;
	return true;
}

void pid_file_remove(const char *path)
{
	if (pid_file_held < 0)
		return;
	unlink(path);
	close(pid_file_held);
	pid_file_held = -1;
}
