#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "bridge/pid_file.h"
#include "tests/support/floor.h"

/* Another process, which holds the file until it is told to end. */
struct holder {
	pid_t pid;
	int go;
};

static struct holder holder_start(const char *path)
{
	struct holder holder;
	int go[2], done[2];
	char byte = 0;

	assert_int_equal(pipe(go), 0);
	assert_int_equal(pipe(done), 0);
	holder.pid = fork();
	if (holder.pid == 0) {
		close(go[1]);
		byte = pid_file_write(path, stderr) ? 'y' : 'n';
		if (write(done[1], &byte, 1) == 1 && read(go[0], &byte, 1) == 1)
			pid_file_remove(path);
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

static void holder_end(const struct holder *holder, bool politely)
{
	if (politely)
		assert_int_equal(write(holder->go, "!", 1), 1);
	close(holder->go);
	assert_int_equal(waitpid(holder->pid, NULL, 0), holder->pid);
}

static void a_pid_file_is_written_read_and_removed(void **state)
{
	char *folder = floor_folder(), path[512];
	struct holder holder;

	(void)state;
	snprintf(path, sizeof(path), "%s/pid", folder);
	assert_int_equal(pid_file_read(path), 0);
	holder = holder_start(path);
	assert_int_equal(pid_file_read(path), holder.pid);
	holder_end(&holder, true);
	assert_int_equal(access(path, F_OK), -1);
	assert_int_equal(pid_file_read(path), 0);
	pid_file_remove(path);
	floor_folder_remove(folder);
}

/* One that is left over is nobody's, even when its number is a living process's by now, which must
 * neither be sent a HUP nor keep the server from starting. */
static void only_who_holds_the_file_counts(void **state)
{
	const char *leftovers[] = { "", "x", "0", "-1", "1", "999999999", "" };
	char *folder = floor_folder(), path[512], text[32], *errors;
	size_t size;
	FILE *stream = open_memstream(&errors, &size);
	struct holder holder;

	(void)state;
	snprintf(path, sizeof(path), "%s/pid", folder);
	snprintf(text, sizeof(text), "%ld", (long)getppid());
	leftovers[6] = text;
	for (size_t i = 0; i < sizeof(leftovers) / sizeof(*leftovers); i++) {
		floor_file(folder, "pid", leftovers[i], 0644);
		assert_int_equal(pid_file_read(path), 0);
		assert_true(pid_file_write(path, stderr));
		pid_file_remove(path);
	}
	holder = holder_start(path);
	assert_false(pid_file_write(path, stream));
	fflush(stream);
	assert_non_null(strstr(errors, "is running"));
	pid_file_remove(path);
	assert_int_equal(pid_file_read(path), holder.pid);
	holder_end(&holder, false);
	assert_int_equal(access(path, F_OK), 0);
	assert_int_equal(pid_file_read(path), 0);
	assert_false(pid_file_write("/nowhere/at/all", stream));
	fclose(stream);
	assert_non_null(strstr(errors, "cannot be written"));
	free(errors);
	floor_folder_remove(folder);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_pid_file_is_written_read_and_removed),
		cmocka_unit_test(only_who_holds_the_file_counts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
