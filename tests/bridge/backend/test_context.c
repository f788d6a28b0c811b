#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include <cmocka.h>

#include "bridge/backend/context.h"

#define NICE_MAX 19

/* The name of one of our threads. */
static const char *name_of(const char *thread, char name[64])
{
	char path[300];
	FILE *file;

	snprintf(path, sizeof(path), "/proc/self/task/%s/comm", thread);
	file = fopen(path, "r");
	name[0] = 0;
	if (file && !fgets(name, 64, file))
		name[0] = 0;
	if (file)
		fclose(file);
	return name;
}

/* How many threads of the library there are; each must be that nice. */
static unsigned library_threads(int nice)
{
	DIR *tasks = opendir("/proc/self/task");
	struct dirent *entry;
	unsigned found = 0;
	char name[64];

	assert_non_null(tasks);
	while ((entry = readdir(tasks))) {
		if (!strstr(name_of(entry->d_name, name), "ZMQ"))
			continue;
		found++;
		assert_int_equal(getpriority(PRIO_PROCESS, (id_t)atoi(entry->d_name)), nice);
	}
	closedir(tasks);
	return found;
}

static void the_librarys_threads_let_workers_finish(void **state)
{
	int own = getpriority(PRIO_PROCESS, 0);
	int nice = own + CONTEXT_NICE < NICE_MAX ? own + CONTEXT_NICE : NICE_MAX;
	struct socket_context *context = socket_context_open(stderr);

	(void)state;
	assert_non_null(context);
	/* They name themselves. */
	for (int i = 0; i < 200 && library_threads(nice) < 2; i++)
		usleep(10000);
	assert_true(library_threads(nice) >= 2);
	assert_int_equal(getpriority(PRIO_PROCESS, 0), own);
	socket_context_close(context);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_librarys_threads_let_workers_finish),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
