#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "bridge/lock.h"
#include "tests/support/floor.h"

/* Another process that holds a state folder until its pipe is closed. */
struct holder {
	pid_t pid;
	int go;
};

static struct holder holder_start(const char *folder)
{
	struct holder holder;
	int go[2], done[2];
	char byte = 0;

	assert_int_equal(pipe(go), 0);
	assert_int_equal(pipe(done), 0);
	holder.pid = fork();
	if (holder.pid == 0) {
		close(go[1]);
		byte = lock_state(folder, stderr) >= 0 ? 'y' : 'n';
		if (write(done[1], &byte, 1) == 1 && read(go[0], &byte, 1) == 1)
			_exit(1);
		_exit(0);
	}
	close(go[0]);
	close(done[1]);
	assert_int_equal(read(done[0], &byte, 1), 1);
	assert_int_equal(byte, 'y');
	close(done[0]);
	holder.go = go[1];
	return holder;
}

static void holder_end(const struct holder *holder)
{
	close(holder->go);
	assert_int_equal(waitpid(holder->pid, NULL, 0), holder->pid);
}

/* What lock_state() says of a folder that it cannot have; freed by the next call. */
static const char *refused(const char *folder)
{
	static char *errors;
	size_t size;
	FILE *stream;

	free(errors);
	stream = open_memstream(&errors, &size);
	assert_int_equal(lock_state(folder, stream), -1);
	fclose(stream);
	return errors;
}

static void a_state_folder_has_one_server(void **state)
{
	char *folder = floor_folder(), path[512], wanted[1024];
	struct holder holder;
	struct stat about;
	int fd;

	(void)state;
	snprintf(path, sizeof(path), "%s/state", folder);
	holder = holder_start(path);
	snprintf(wanted, sizeof(wanted), "dragoman: the state folder %s is in use by process %ld\n",
		 path, (long)holder.pid);
	assert_string_equal(refused(path), wanted);
	holder_end(&holder);
	/* Whoever held it is gone, so it is free, whatever file is left. */
	fd = lock_state(path, stderr);
	assert_true(fd >= 0);
	assert_int_equal(stat(path, &about), 0);
	assert_int_equal(about.st_mode & 0777, 0700);
	close(fd);
	snprintf(path, sizeof(path), "%s/state/lock", folder);
	assert_int_equal(stat(path, &about), 0);
	assert_int_equal(about.st_mode & 0777, 0600);
	unlink(path);
	snprintf(path, sizeof(path), "%s/state", folder);
	rmdir(path);
	floor_folder_remove(folder);
}

/* As a configuration does that includes the file. */
static void whoever_opens_the_file_again_keeps_the_lock(void **state)
{
	char *folder = floor_folder(), path[512], lock[600];
	int fd, again;

	(void)state;
	snprintf(path, sizeof(path), "%s/state", folder);
	snprintf(lock, sizeof(lock), "%s/lock", path);
	fd = lock_state(path, stderr);
	assert_true(fd >= 0);
	again = open(lock, O_RDONLY);
	assert_true(again >= 0);
	close(again);
	assert_int_equal(lock_holder(lock), getpid());
	assert_non_null(strstr(refused(path), "is in use by process"));
	close(fd);
	assert_int_equal(lock_holder(lock), 0);
	unlink(lock);
	rmdir(path);
	floor_folder_remove(folder);
}

static void a_folder_that_cannot_be(void **state)
{
	char *folder = floor_folder(), path[512], wanted[1024];

	(void)state;
	floor_file(folder, "file", "", 0600);
	snprintf(path, sizeof(path), "%s/file", folder);
	snprintf(wanted, sizeof(wanted),
		 "dragoman: the state folder %s cannot be locked: Not a directory\n", path);
	assert_string_equal(refused(path), wanted);
	assert_non_null(strstr(refused("/nowhere/at/all"), "No such file or directory"));
	floor_folder_remove(folder);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_state_folder_has_one_server),
		cmocka_unit_test(whoever_opens_the_file_again_keeps_the_lock),
		cmocka_unit_test(a_folder_that_cannot_be),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
