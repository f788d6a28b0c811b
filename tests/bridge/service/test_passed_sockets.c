#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "bridge/service/passed_sockets.h"

#define FIRST 3

/* Puts a socket where the next passed one has to be, and tells its address. */
static void pass(int at, int type, bool listens, struct sockaddr_in *address)
{
	struct sockaddr_in any = { .sin_family = AF_INET,
				   .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t len = sizeof(any);
	int fd = socket(AF_INET, type, 0);

	assert_return_code(bind(fd, (struct sockaddr *)&any, sizeof(any)), 0);
	if (listens)
		assert_return_code(listen(fd, 1), 0);
	assert_return_code(getsockname(fd, (struct sockaddr *)(address ? address : &any), &len), 0);
	if (fd != FIRST + at) {
		assert_return_code(dup2(fd, FIRST + at), 0);
		close(fd);
	}
}

static void say(int pid, int count, const char *names)
{
	char text[32];

	snprintf(text, sizeof(text), "%d", pid);
	setenv("LISTEN_PID", text, 1);
	snprintf(text, sizeof(text), "%d", count);
	setenv("LISTEN_FDS", text, 1);
	if (names)
		setenv("LISTEN_FDNAMES", names, 1);
	else
		unsetenv("LISTEN_FDNAMES");
}

static int found_at(const struct sockaddr_in *address)
{
	return passed_sockets_find(NULL, (const struct sockaddr *)address);
}

static int found_by(const char *name, const struct sockaddr_in *address)
{
	return passed_sockets_find(name, (const struct sockaddr *)address);
}

static bool is_open(int fd)
{
	return fcntl(fd, F_GETFD) >= 0;
}

static void finds_by_address(void **state)
{
	struct sockaddr_in one, two, other;

	(void)state;
	pass(0, SOCK_STREAM, true, &one);
	pass(1, SOCK_STREAM, true, &two);
	say(getpid(), 2, NULL);
	passed_sockets_take();
	assert_null(getenv("LISTEN_PID"));
	assert_null(getenv("LISTEN_FDS"));
	other = two;
	other.sin_addr.s_addr = htonl(INADDR_ANY);
	assert_int_equal(found_at(&other), -1);
	assert_int_equal(found_at(&two), FIRST + 1);
	assert_int_equal(found_at(&two), -1); /* once */
	assert_int_equal(found_at(&one), FIRST);
	assert_true(fcntl(FIRST, F_GETFD) & FD_CLOEXEC);
	assert_true(fcntl(FIRST, F_GETFL) & O_NONBLOCK);
	passed_sockets_end();
	assert_true(is_open(FIRST) && is_open(FIRST + 1));
	close(FIRST);
	close(FIRST + 1);
}

static void finds_by_name(void **state)
{
	struct sockaddr_in each[3], none = { .sin_family = AF_INET };

	(void)state;
	for (int i = 0; i < 3; i++)
		pass(i, SOCK_STREAM, true, &each[i]);
	say(getpid(), 3, "https:chat:https");
	passed_sockets_take();
	assert_int_equal(found_by("htt", &none), -1);
	assert_int_equal(found_by("chat", &none), FIRST + 1);
	assert_int_equal(found_by("https", &each[2]), FIRST + 2); /* the one that is there */
	assert_int_equal(found_by("https", &each[2]), FIRST);     /* or any */
	assert_int_equal(found_by("https", &each[2]), -1);
	passed_sockets_end();
	for (int i = 0; i < 3; i++)
		close(FIRST + i);
}

static void what_cannot_be_used_is_closed(void **state)
{
	struct sockaddr_in good;

	(void)state;
	pass(0, SOCK_DGRAM, false, NULL);
	pass(1, SOCK_STREAM, false, NULL);
	assert_return_code(dup2(STDIN_FILENO, FIRST + 2), 0);
	pass(3, SOCK_STREAM, true, &good);
	say(getpid(), 4, "a:b:c\n<0>x:d");
	passed_sockets_take();
	assert_false(is_open(FIRST) || is_open(FIRST + 1) || is_open(FIRST + 2));
	assert_int_equal(found_by("d", &good), FIRST + 3);
	passed_sockets_end();
	close(FIRST + 3);
}

static void unused_ones_are_closed(void **state)
{
	(void)state;
	pass(0, SOCK_STREAM, true, NULL);
	say(getpid(), 1, "a");
	passed_sockets_take();
	assert_true(is_open(FIRST));
	passed_sockets_end();
	assert_false(is_open(FIRST));
}

/* More than there is room for. */
static void those_above_the_limit_are_closed(void **state)
{
	struct sockaddr_in last;

	(void)state;
	pass(PASSED_SOCKETS_MAX - 1, SOCK_STREAM, true, &last);
	pass(PASSED_SOCKETS_MAX, SOCK_STREAM, true, NULL);
	pass(PASSED_SOCKETS_MAX + 1, SOCK_STREAM, true, NULL);
	pass(PASSED_SOCKETS_MAX + 2, SOCK_STREAM, true, NULL);
	say(getpid(), PASSED_SOCKETS_MAX + 2, NULL);
	passed_sockets_take();
	assert_false(is_open(FIRST + PASSED_SOCKETS_MAX));
	assert_false(is_open(FIRST + PASSED_SOCKETS_MAX + 1));
	assert_true(is_open(FIRST + PASSED_SOCKETS_MAX + 2));
	assert_int_equal(found_at(&last), FIRST + PASSED_SOCKETS_MAX - 1);
	passed_sockets_end();
	close(FIRST + PASSED_SOCKETS_MAX - 1);
	close(FIRST + PASSED_SOCKETS_MAX + 2);
}

static void another_process_is_meant(void **state)
{
	struct sockaddr_in address;

	(void)state;
	pass(0, SOCK_STREAM, true, &address);
	say(getpid() + 1, 1, "a");
	passed_sockets_take();
	assert_int_equal(found_at(&address), -1);
	passed_sockets_end();
	assert_true(is_open(FIRST));
	say(getpid(), 1, "a");
	setenv("LISTEN_FDS", "1x", 1);
	passed_sockets_take();
	assert_int_equal(found_at(&address), -1);
	passed_sockets_end();
	close(FIRST);
}

/* What this program was started with is not what is tested. */
static int clear(void **state)
{
	(void)state;
	for (int fd = FIRST; fd < 16; fd++)
		close(fd);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(finds_by_address, clear),
		cmocka_unit_test_setup(finds_by_name, clear),
		cmocka_unit_test_setup(what_cannot_be_used_is_closed, clear),
		cmocka_unit_test_setup(unused_ones_are_closed, clear),
		cmocka_unit_test_setup(those_above_the_limit_are_closed, clear),
		cmocka_unit_test_setup(another_process_is_meant, clear),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
