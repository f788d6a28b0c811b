#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "bridge/service/notify.h"

static int manager;

/* A manager at "@..." or a path, which $NOTIFY_SOCKET names. */
static void manager_open(const char *name)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	size_t len = strlen(name);

	memcpy(address.sun_path, name, len);
	if (name[0] == '@')
		address.sun_path[0] = '\0';
	manager = socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK, 0);
	assert_return_code(bind(manager, (struct sockaddr *)&address,
				(socklen_t)(offsetof(struct sockaddr_un, sun_path) + len)),
			   0);
	setenv("NOTIFY_SOCKET", name, 1);
}

static void manager_close(void)
{
	close(manager);
	unsetenv("NOTIFY_SOCKET");
}

/* The next that was told; "": nothing. Borrows until the next call. */
static const char *told(void)
{
	static char text[4096];
	ssize_t len = recv(manager, text, sizeof(text) - 1, 0);

	text[len > 0 ? len : 0] = '\0';
	return text;
}

static void tells_by_path_and_by_abstract_name(void **state)
{
	char names[2][64];

	(void)state;
	snprintf(names[0], sizeof(names[0]), "/tmp/test-notify-%d", getpid());
	snprintf(names[1], sizeof(names[1]), "@test-notify-%d", getpid());
	for (int i = 0; i < 2; i++) {
		manager_open(names[i]);
		notify_ready("all is well");
		assert_string_equal(told(), "READY=1\nSTATUS=all is well");
		notify_alive();
		assert_string_equal(told(), "WATCHDOG=1");
		notify_stopping("going", 5000);
		assert_string_equal(told(),
				    "STOPPING=1\nEXTEND_TIMEOUT_USEC=5000000\nSTATUS=going");
		manager_close();
	}
	unlink(names[0]);
}

static void reload_says_when(void **state)
{
	struct timespec now;
	unsigned long long usec, before;
	char name[64];

	(void)state;
	snprintf(name, sizeof(name), "@test-notify-%d", getpid());
	manager_open(name);
	clock_gettime(CLOCK_MONOTONIC, &now);
	before = (unsigned long long)now.tv_sec * 1000000 + (unsigned long long)now.tv_nsec / 1000;
	notify_reloading();
	clock_gettime(CLOCK_MONOTONIC, &now);
	assert_int_equal(
	    sscanf(told(), "RELOADING=1\nMONOTONIC_USEC=%llu\nSTATUS=reloading", &usec), 1);
	assert_in_range(usec, before,
			(unsigned long long)now.tv_sec * 1000000 +
			    (unsigned long long)now.tv_nsec / 1000);
	manager_close();
}

static void long_status_is_clipped(void **state)
{
	char name[64], status[2000];

	(void)state;
	memset(status, 's', sizeof(status) - 1);
	status[sizeof(status) - 1] = '\0';
	snprintf(name, sizeof(name), "@test-notify-%d", getpid());
	manager_open(name);
	notify_ready(status);
	assert_int_equal(strlen(told()), strlen("READY=1\nSTATUS=") + NOTIFY_STATUS_MAX);
	manager_close();
}

/* The last state only; what was WATCHDOG=1 is of no use later. */
static void what_was_not_taken_is_told_again(void **state)
{
	char name[64];

	(void)state;
	snprintf(name, sizeof(name), "@test-notify-%d", getpid());
	setenv("NOTIFY_SOCKET", name, 1);
	notify_reloading();
	notify_ready("late");
	notify_alive();
	notify_again();
	manager_open(name);
	notify_again();
	assert_string_equal(told(), "READY=1\nSTATUS=late");
	notify_again();
	assert_string_equal(told(), "");
	manager_close();
}

/* A manager that does not read must not hold us up. */
static void a_full_manager_does_not_block(void **state)
{
	char name[64];
	unsigned count = 0;

	(void)state;
	snprintf(name, sizeof(name), "@test-notify-%d", getpid());
	manager_open(name);
	alarm(10);
	for (int i = 0; i < 10000; i++)
		notify_alive();
	notify_ready("behind them");
	while (strcmp(told(), "WATCHDOG=1") == 0)
		count++;
	assert_in_range(count, 1, 9999);
	notify_again();
	assert_string_equal(told(), "READY=1\nSTATUS=behind them");
	alarm(0);
	manager_close();
}

static void nobody_is_told(void **state)
{
	static const char *const names[] = { "", "@", "relative", "vsock:2:1" };
	char longest[300];

	(void)state;
	unsetenv("NOTIFY_SOCKET");
	notify_ready("x");
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		setenv("NOTIFY_SOCKET", names[i], 1);
		notify_ready("x");
	}
	memset(longest, '/', sizeof(longest) - 1);
	longest[sizeof(longest) - 1] = '\0';
	setenv("NOTIFY_SOCKET", longest, 1);
	notify_ready("x");
	assert_int_equal(access("relative", F_OK), -1);
	unsetenv("NOTIFY_SOCKET");
}

static void watchdog_time_is_read(void **state)
{
	char pid[32];

	(void)state;
	unsetenv("WATCHDOG_USEC");
	unsetenv("WATCHDOG_PID");
	assert_int_equal(notify_watchdog_ms(), 0);
	setenv("WATCHDOG_USEC", "30000000", 1);
	assert_int_equal(notify_watchdog_ms(), 30000);
	snprintf(pid, sizeof(pid), "%d", getpid());
	setenv("WATCHDOG_PID", pid, 1);
	assert_int_equal(notify_watchdog_ms(), 30000);
	setenv("WATCHDOG_PID", "1", 1);
	assert_int_equal(notify_watchdog_ms(), 0);
	unsetenv("WATCHDOG_PID");
	setenv("WATCHDOG_USEC", "30s", 1);
	assert_int_equal(notify_watchdog_ms(), 0);
	setenv("WATCHDOG_USEC", "99999999999999999999999", 1);
	assert_int_equal(notify_watchdog_ms(), 0);
	unsetenv("WATCHDOG_USEC");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(tells_by_path_and_by_abstract_name),
		cmocka_unit_test(reload_says_when),
		cmocka_unit_test(long_status_is_clipped),
		cmocka_unit_test(what_was_not_taken_is_told_again),
		cmocka_unit_test(a_full_manager_does_not_block),
		cmocka_unit_test(nobody_is_told),
		cmocka_unit_test(watchdog_time_is_read),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
