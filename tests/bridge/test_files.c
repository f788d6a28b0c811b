#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "bridge/files.h"

/* In a process of its own, which may open `most` files: how many connections there are room for;
 * -1: it was refused, with a word on the limit. */
static int connections_of(rlim_t most, uint32_t configured, unsigned workers)
{
	struct bridge bridge = { .worker_count = workers, .listener_count = 1 };
	struct rlimit files = { most, most };
	int fds[2], answer = -2;
	pid_t child;

	bridge.limits.connections = configured;
	assert_int_equal(pipe(fds), 0);
	child = fork();
	if (child == 0) {
		char *said = NULL;
		size_t len;
		FILE *errors = open_memstream(&said, &len);

		setrlimit(RLIMIT_NOFILE, &files);
		if (files_limit(&bridge, errors))
			answer = (int)bridge.limits.connections;
		fclose(errors);
		if (answer == -2 && strstr(said, "ulimit -n"))
			answer = -1;
		free(said);
		_exit(write(fds[1], &answer, sizeof(answer)) != sizeof(answer));
	}
	assert_int_equal(read(fds[0], &answer, sizeof(answer)), sizeof(answer));
	waitpid(child, NULL, 0);
	close(fds[0]);
	close(fds[1]);
	return answer;
}

static void enough_files_are_enough(void **state)
{
	(void)state;
	assert_int_equal(connections_of(1024, 700, 2), 700);
	assert_int_equal(connections_of(1024, 768, 2), 768);
}

static void fewer_files_are_fewer_connections(void **state)
{
	(void)state;
	assert_int_equal(connections_of(1024, 16000, 2), 768);
	assert_int_equal(connections_of(1024, 16000, 16), 768);
	assert_true(connections_of(64, 16000, 2) > 10);
	assert_true(connections_of(64, 16000, 2) < 40);
}

static void too_few_are_refused(void **state)
{
	struct bridge bridge = { .worker_count = 2, .listener_count = 1 };
	struct listener_info listeners[1] = { { .admin = false } };
	size_t needed = files_needed(&bridge);

	(void)state;
	assert_int_equal(connections_of(needed, 16000, 2), -1);
	assert_int_equal(connections_of(needed + 1, 16000, 2), 1);
	assert_int_equal(connections_of(10, 16000, 2), -1);
	bridge.backend_count = 3;
	assert_true(files_needed(&bridge) > needed);
	needed = files_needed(&bridge);
	bridge.listeners = listeners;
	assert_int_equal(files_needed(&bridge), needed);
	listeners[0].admin = true;
	assert_true(files_needed(&bridge) > needed + 64);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(enough_files_are_enough),
		cmocka_unit_test(fewer_files_are_fewer_connections),
		cmocka_unit_test(too_few_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
