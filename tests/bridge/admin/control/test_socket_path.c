#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "bridge/admin/control/socket_path.h"
#include "tests/support/floor.h"

static char *folder;

static int set_up(void **state)
{
	(void)state;
	folder = floor_folder();
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	floor_folder_remove(folder);
	return 0;
}

static void in_folder(char path[SOCKET_PATH_MAX], const char *name)
{
	snprintf(path, SOCKET_PATH_MAX, "%s/%s", folder, name);
}

static void it_is_private_and_listens(void **state)
{
	char path[SOCKET_PATH_MAX];
	struct stat about;
	struct socket_path place;
	int fd, one;
	mode_t before = umask(0);

	(void)state;
	in_folder(path, "c");
	assert_int_equal(socket_path_take(&place, path, false, &fd), SOCKET_PATH_OK);
	assert_int_equal(umask(before), 0);
	assert_int_equal(stat(path, &about), 0);
	assert_true(S_ISSOCK(about.st_mode));
	assert_int_equal(about.st_mode & 0777, 0600);
	one = socket_path_connect(path);
	assert_true(one >= 0);
	close(one);
	socket_path_leave(&place);
	assert_int_equal(access(path, F_OK), -1);
	socket_path_leave(&place);
	close(fd);
}

static void a_living_one_stays(void **state)
{
	char path[SOCKET_PATH_MAX];
	struct stat before, after;
	struct socket_path place, none;
	int fd, second, waiting[256], count = 0;

	(void)state;
	in_folder(path, "c");
	assert_int_equal(socket_path_take(&place, path, false, &fd), SOCKET_PATH_OK);
	assert_int_equal(stat(path, &before), 0);
	assert_int_equal(socket_path_take(&none, path, false, &second), SOCKET_PATH_TAKEN);
	assert_int_equal(second, -1);
	/* So busy that nobody more can even wait: it lives all the same. */
	while (count < 256 && (waiting[count] = socket_path_connect(path)) >= 0)
		count++;
	assert_true(count < 256);
	assert_int_equal(errno, EAGAIN);
	assert_int_equal(socket_path_take(&none, path, false, &second), SOCKET_PATH_TAKEN);
	assert_int_equal(stat(path, &after), 0);
	assert_true(before.st_ino == after.st_ino);
	while (count > 0)
		close(waiting[--count]);
	/* What was not taken is not left. */
	socket_path_leave(&none);
	assert_int_equal(access(path, F_OK), 0);
	socket_path_leave(&place);
	close(fd);
}

static void a_dead_one_is_replaced(void **state)
{
	char path[SOCKET_PATH_MAX];
	struct socket_path place;
	int fd;

	(void)state;
	in_folder(path, "c");
	assert_int_equal(socket_path_take(&place, path, false, &fd), SOCKET_PATH_OK);
	close(fd);
	assert_int_equal(socket_path_connect(path), -1);
	assert_int_equal(errno, ECONNREFUSED);
	assert_int_equal(socket_path_take(&place, path, false, &fd), SOCKET_PATH_OK);
	socket_path_leave(&place);
	close(fd);
}

/* Somebody removed the file, and another server listens there: that one's stays. */
static void what_another_has_put_there_stays(void **state)
{
	char path[SOCKET_PATH_MAX];
	struct socket_path first, second;
	int one, other;

	(void)state;
	in_folder(path, "c");
	assert_int_equal(socket_path_take(&first, path, false, &one), SOCKET_PATH_OK);
	assert_int_equal(unlink(path), 0);
	assert_int_equal(socket_path_take(&second, path, false, &other), SOCKET_PATH_OK);
	socket_path_leave(&first);
	close(one);
	assert_int_equal(access(path, F_OK), 0);
	socket_path_leave(&second);
	close(other);
	assert_int_equal(access(path, F_OK), -1);
	assert_int_equal(socket_path_take(&first, path, false, &one), SOCKET_PATH_OK);
	assert_int_equal(unlink(path), 0);
	floor_file(folder, "c", "text", 0600);
	socket_path_leave(&first);
	close(one);
	assert_int_equal(unlink(path), 0);
}

static void other_files_stay(void **state)
{
	char path[SOCKET_PATH_MAX];
	struct socket_path place;
	struct stat about;
	int fd;

	(void)state;
	floor_file(folder, "file", "text", 0600);
	in_folder(path, "file");
	assert_int_equal(socket_path_take(&place, path, false, &fd), SOCKET_PATH_FAILED);
	assert_int_equal(errno, EEXIST);
	assert_int_equal(stat(path, &about), 0);
	assert_int_equal(about.st_size, 4);
}

static void folders_are_made_when_asked(void **state)
{
	char path[SOCKET_PATH_MAX], inner[SOCKET_PATH_MAX];
	struct socket_path place;
	struct stat about;
	int fd;

	(void)state;
	in_folder(inner, "d");
	in_folder(path, "d/c");
	assert_int_equal(socket_path_take(&place, path, false, &fd), SOCKET_PATH_FAILED);
	assert_int_equal(errno, ENOENT);
	assert_int_equal(socket_path_take(&place, path, true, &fd), SOCKET_PATH_OK);
	assert_int_equal(stat(inner, &about), 0);
	assert_int_equal(about.st_mode & 0777, 0700);
	socket_path_leave(&place);
	close(fd);
	rmdir(inner);
}

static void long_paths_are_refused(void **state)
{
	char path[2 * SOCKET_PATH_MAX];
	struct socket_path place;
	int fd;

	(void)state;
	memset(path, 'x', sizeof(path) - 1);
	path[sizeof(path) - 1] = '\0';
	path[0] = '/';
	assert_int_equal(socket_path_take(&place, path, false, &fd), SOCKET_PATH_FAILED);
	assert_int_equal(errno, ENAMETOOLONG);
	assert_int_equal(socket_path_connect(path), -1);
	assert_int_equal(errno, ENAMETOOLONG);
}

static void the_service_folder_is_first(void **state)
{
	char path[SOCKET_PATH_MAX];

	(void)state;
	setenv("RUNTIME_DIRECTORY", "/run/one:/run/two", 1);
	setenv("XDG_RUNTIME_DIR", "/run/user/7", 1);
	assert_true(socket_path_of_server(path));
	assert_string_equal(path, "/run/one/control");
	unsetenv("RUNTIME_DIRECTORY");
	assert_true(socket_path_of_server(path));
	assert_string_equal(path, geteuid() == 0 ? "/run/dragoman/control"
						 : "/run/user/7/dragoman/control");
	assert_true(socket_path_of_client(path));
	assert_string_equal(path, "/run/dragoman/control");
	unsetenv("XDG_RUNTIME_DIR");
	assert_true(socket_path_of_server(path) == (geteuid() == 0));
	setenv("RUNTIME_DIRECTORY", "", 1);
	assert_true(socket_path_of_server(path) == (geteuid() == 0));
	unsetenv("RUNTIME_DIRECTORY");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(it_is_private_and_listens),
		cmocka_unit_test(a_living_one_stays),
		cmocka_unit_test(a_dead_one_is_replaced),
		cmocka_unit_test(what_another_has_put_there_stays),
		cmocka_unit_test(other_files_stay),
		cmocka_unit_test(folders_are_made_when_asked),
		cmocka_unit_test(long_paths_are_refused),
		cmocka_unit_test(the_service_folder_is_first),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
