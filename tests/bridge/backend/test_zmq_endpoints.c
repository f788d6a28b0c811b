#include <dirent.h>
#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cmocka.h>
#include <zmq.h>

#include "bridge/backend/zmq.h"
#include "tests/support/floor.h"
#include "tests/support/sockets.h"

#define LIMIT 65536 /* of sockets_options() */

static void refuse_bound(struct sockets *sockets, char *endpoint, const char *why)
{
	struct socket_options options = sockets_options(&endpoint, 1);

	sockets_refuse(sockets, &options, endpoint, why);
}

static void refuse_connected(struct sockets *sockets, char *endpoint, const char *why)
{
	struct socket_options options = sockets_options(NULL, 0);

	options.connect = &endpoint;
	options.connect_count = 1;
	sockets_refuse(sockets, &options, endpoint, why);
}

static void endpoints_that_are_none_are_refused(void **state)
{
	static const char *const unknown[] = {
		"",       "5555",        "127.0.0.1:5555", "udp://127.0.0.1:5555", "inproc://echo",
		"ipc://", "ipc://@echo", "ipc://*"
	};
	static const char *const wrong[] = { "tcp://", "tcp://127.0.0.1",
					     "tcp://127.0.0.1:", "tcp://127.0.0.1:http" };
	char endpoint[64];

	for (size_t i = 0; i < sizeof(unknown) / sizeof(unknown[0]); i++) {
		snprintf(endpoint, sizeof(endpoint), "%s", unknown[i]);
		refuse_bound(*state, endpoint, "an endpoint is");
		refuse_connected(*state, endpoint, "an endpoint is");
	}
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		snprintf(endpoint, sizeof(endpoint), "%s", wrong[i]);
		refuse_bound(*state, endpoint, "Invalid argument");
		refuse_connected(*state, endpoint, "");
	}
}

static void an_address_in_use_is_refused(void **state)
{
	struct sockets *sockets = *state;
	static char port[] = "tcp://127.0.0.1:0";
	char *endpoint = port, *endpoints[] = { sockets->address, NULL };
	struct socket_options options = sockets_options(&endpoint, 1);
	struct socket *socket = sockets_open(sockets, &options);

	endpoints[1] = strdup(socket_endpoint(socket, 0));
	refuse_bound(sockets, endpoints[1], "in use");
	/* What was bound before the one that fails is given back. */
	options = sockets_options(endpoints, 2);
	sockets_refuse(sockets, &options, endpoints[1], "in use");
	assert_int_equal(access(sockets_path(sockets, "in", ""), F_OK), -1);
	free(endpoints[1]);
}

static void a_queue_without_end_is_refused(void **state)
{
	struct sockets *sockets = *state;
	struct socket_options options = sockets_options(&sockets->address, 1);

	options.high_water = 0;
	sockets_refuse(sockets, &options, "queue", "1 message");
}

/* Leaves a socket at that path, as a process does that is killed. Returns what still listens. */
static int path_leave(const char *path)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	strncpy(address.sun_path, path, sizeof(address.sun_path) - 1);
	assert_int_equal(bind(fd, (struct sockaddr *)&address, sizeof(address)), 0);
	assert_int_equal(listen(fd, 1), 0);
	return fd;
}

static void a_path_that_was_left_is_replaced(void **state)
{
	struct sockets *sockets = *state;
	struct socket *socket;
	void *peer;

	close(path_leave(sockets_path(sockets, "in", "")));
	socket = sockets_bound(sockets);
	peer = sockets_dealer(sockets, "one", sockets->address);
	sockets_meet(socket, peer, "one");
}

static void a_path_that_is_in_use_is_left_alone(void **state)
{
	struct sockets *sockets = *state;
	int other = path_leave(sockets_path(sockets, "in", ""));

	refuse_bound(sockets, sockets->address, "in use");
	assert_int_equal(access(sockets_path(sockets, "in", ""), F_OK), 0);
	close(other);
	sockets_bound(sockets);
	refuse_bound(sockets, sockets->address, "in use");
}

static void a_path_that_is_no_socket_is_left_alone(void **state)
{
	struct sockets *sockets = *state;
	struct stat about;

	floor_file(sockets->folder, "in", "a letter\n", 0600);
	refuse_bound(sockets, sockets->address, "exists");
	assert_int_equal(stat(sockets_path(sockets, "in", ""), &about), 0);
	assert_int_equal(about.st_size, strlen("a letter\n"));
}

static void a_path_that_cannot_be_is_refused(void **state)
{
	struct sockets *sockets = *state;
	char endpoint[512];

	snprintf(endpoint, sizeof(endpoint), "ipc://%s/no/in", sockets->folder);
	refuse_bound(sockets, endpoint, "No such file");
	snprintf(endpoint, sizeof(endpoint), "ipc://%s/%0200d", sockets->folder, 7);
	refuse_bound(sockets, endpoint, "too long");
}

static void a_path_is_for_the_same_user_only_and_goes_with_its_socket(void **state)
{
	struct sockets *sockets = *state;
	struct socket *socket;
	mode_t before = umask(022);
	struct stat about;
	void *peer;

	socket = sockets_bound(sockets);
	assert_int_equal(umask(before), 022);
	assert_int_equal(stat(sockets_path(sockets, "in", ""), &about), 0);
	assert_int_equal(about.st_mode & 07777, 0600);
	sockets_close(sockets, socket);
	assert_int_equal(access(sockets_path(sockets, "in", ""), F_OK), -1);
	socket = sockets_bound(sockets);
	peer = sockets_dealer(sockets, "one", sockets->address);
	sockets_meet(socket, peer, "one");
}

/* Every thread but this one: "SigBlk:" has a bit for each signal. */
static unsigned threads_without_signals(void)
{
	DIR *tasks = opendir("/proc/self/task");
	struct dirent *task;
	unsigned count = 0;

	assert_non_null(tasks);
	while ((task = readdir(tasks))) {
		char path[300], line[256];
		unsigned long long blocked = 0;
		FILE *file;

		snprintf(path, sizeof(path), "/proc/self/task/%s/status", task->d_name);
		file = fopen(path, "r");
		while (file && fgets(line, sizeof(line), file))
			if (sscanf(line, "SigBlk: %llx", &blocked) == 1)
				break;
		if (file)
			fclose(file);
		count += (blocked & 1ULL << (SIGTERM - 1)) && (blocked & 1ULL << (SIGINT - 1)) &&
			 (blocked & 1ULL << (SIGHUP - 1)) && (blocked & 1ULL << (SIGUSR1 - 1)) &&
			 (blocked & 1ULL << (SIGCHLD - 1));
	}
	closedir(tasks);
	return count;
}

/* The library's two and the judge. */
static void signals_go_to_other_threads(void **state)
{
	struct sockets *sockets = *state;
	unsigned before;
	sigset_t now;

	socket_context_close(sockets->context);
	before = threads_without_signals();
	sockets->context = socket_context_open(stderr);
	assert_non_null(sockets->context);
	sockets_await(threads_without_signals() == before + 3);
	pthread_sigmask(SIG_SETMASK, NULL, &now);
	assert_false(sigismember(&now, SIGTERM));
}

/* ---- connecting ---- */

static struct socket *connected(struct sockets *sockets, char *const *endpoints, size_t count)
{
	struct socket_options options = sockets_options(NULL, 0);

	options.connect = endpoints;
	options.connect_count = count;
	return sockets_open(sockets, &options);
}

static void *listener(struct sockets *sockets, const char *identity, const char *endpoint)
{
	void *peer = sockets_peer(sockets, ZMQ_DEALER, identity, NULL);

	sockets_peer_bind(peer, endpoint);
	return peer;
}

static void a_backend_may_come_late_and_again(void **state)
{
	struct sockets *sockets = *state;
	struct socket *socket = connected(sockets, &sockets->address, 1);

	assert_int_equal(sockets_send(socket, "one|hello"), SOCKET_GONE);
	for (int i = 0; i < 3; i++) {
		void *peer = listener(sockets, "one", sockets->address);

		sockets_meet(socket, peer, "one");
		assert_int_equal(sockets_send(socket, "one|welcome"), SOCKET_SENT);
		sockets_peer_hears(peer, "welcome");
		sockets_peer_close(sockets, peer);
		sockets_await(sockets_send(socket, "one|still there?") == SOCKET_GONE);
	}
}

/* Where the library alone would never try again. */
static void a_backend_that_sent_too_much_is_tried_again(void **state)
{
	struct sockets *sockets = *state;
	static char block[LIMIT + 1];
	char *endpoints[] = { sockets->address, sockets_path(sockets, "second", "") };
	char second[300];
	struct socket *socket;
	void *greedy, *good;

	snprintf(second, sizeof(second), "ipc://%s", endpoints[1]);
	endpoints[1] = second;
	greedy = listener(sockets, "greedy", endpoints[0]);
	good = listener(sockets, "good", endpoints[1]);
	socket = connected(sockets, endpoints, 2);
	sockets_meet(socket, greedy, "greedy");
	sockets_meet(socket, good, "good");
	for (int i = 0; i < 2; i++) {
		assert_int_equal(zmq_send(greedy, block, sizeof(block), 0), sizeof(block));
		sockets_await(sockets_send(socket, "greedy|still there?") == SOCKET_GONE);
		sockets_meet(socket, good, "good");
		sockets_meet(socket, greedy, "greedy");
	}
}

static void names_and_both_kinds_of_addresses_are_connected_to(void **state)
{
	struct sockets *sockets = *state;
	static char port[] = "tcp://127.0.0.1:0";
	void *peer = listener(sockets, "one", port);
	char bound[64], name[64], *endpoint = name;
	size_t size = sizeof(bound);
	unsigned number = 0;
	struct socket *socket;

	assert_int_equal(zmq_getsockopt(peer, ZMQ_LAST_ENDPOINT, bound, &size), 0);
	assert_int_equal(sscanf(bound, "tcp://127.0.0.1:%u", &number), 1);
	snprintf(name, sizeof(name), "tcp://localhost:%u", number);
	socket = connected(sockets, &endpoint, 1);
	for (int i = 0; i < 2; i++) {
		sockets_meet(socket, peer, "one");
		zmq_unbind(peer, bound);
		sockets_peer_close(sockets, peer);
		sockets_await(sockets_send(socket, "one|still there?") == SOCKET_GONE);
		peer = listener(sockets, "one", bound);
	}
	sockets_meet(socket, peer, "one");
}

static bool has_ipv6(void)
{
	const char *const path = "/proc/net/if_inet6";
	char line[128] = "";
	FILE *file = fopen(path, "r");
	bool has = false;

	while (file && !has && fgets(line, sizeof(line), file))
		has = strncmp(line, "00000000000000000000000000000001", 32) == 0;
	if (file)
		fclose(file);
	return has;
}

/* Where the machine has no ::1 it is refused, in words. */
static void addresses_of_ipv6_are_bound(void **state)
{
	struct sockets *sockets = *state;
	static char six[] = "tcp://[::1]:0", four[] = "tcp://127.0.0.1:0";
	char *endpoints[] = { six, four };
	struct socket_options options = sockets_options(endpoints, 2);
	struct socket *socket;
	void *peer;

	if (!has_ipv6()) {
		sockets_refuse(sockets, &options, six, "");
		return;
	}
	socket = sockets_open(sockets, &options);
	assert_non_null(strstr(socket_endpoint(socket, 0), "tcp://[::1]:"));
	assert_non_null(strstr(socket_endpoint(socket, 1), "tcp://127.0.0.1:"));
	peer = sockets_peer(sockets, ZMQ_DEALER, "six", NULL);
	zmq_setsockopt(peer, ZMQ_IPV6, &(const int){ 1 }, sizeof(int));
	sockets_peer_connect(peer, socket_endpoint(socket, 0));
	sockets_meet(socket, peer, "six");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define test(name) cmocka_unit_test_setup_teardown(name, sockets_setup, sockets_teardown)
		test(endpoints_that_are_none_are_refused),
		test(an_address_in_use_is_refused),
		test(a_queue_without_end_is_refused),
		test(a_path_that_was_left_is_replaced),
		test(a_path_that_is_in_use_is_left_alone),
		test(a_path_that_is_no_socket_is_left_alone),
		test(a_path_that_cannot_be_is_refused),
		test(a_path_is_for_the_same_user_only_and_goes_with_its_socket),
		test(signals_go_to_other_threads),
		test(a_backend_may_come_late_and_again),
		test(a_backend_that_sent_too_much_is_tried_again),
		test(names_and_both_kinds_of_addresses_are_connected_to),
		test(addresses_of_ipv6_are_bound),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
