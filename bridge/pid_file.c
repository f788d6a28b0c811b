#include "bridge/pid_file.h"

#include <unistd.h>

#include "bridge/lock.h"

/* The number in the file says nothing: the process may be long gone, and another have its number.
 * The lock on it ends with its holder. */
static int pid_file_held = -1;

long pid_file_read(const char *path)
{
	long pid = lock_holder(path);

	return pid > 0 ? pid : 0;
}

bool pid_file_write(const char *path, FILE *errors)
{
	long holder;
	int fd = lock_take(path, 0644, &holder);

	if (fd < 0 && holder > 0) {
		fprintf(errors, "dragoman: %s: process %ld is running\n", path, holder);
		return false;
	}
	if (fd < 0) {
		fprintf(errors, "dragoman: %s: cannot be written\n", path);
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
