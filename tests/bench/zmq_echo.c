/* zmq_echo.c - how many round trips a second a bare ROUTER and a DEALER make: what a message
 * through a backend can cost at the least.
 *
 *   zmq_echo [--tcp] [--window W] [--bytes N] [--seconds S] [--core N]
 *
 * Two processes over ipc (or loopback). The DEALER sends what it gets straight back; the ROUTER
 * keeps W messages on their way (64), of 400 bytes, for 3 seconds after a short start. Prints one
 * line of JSON; p50_us is the median round trip. The DEALER runs on core N, else where the kernel
 * puts it; so does the ROUTER, unless it is told from outside. */
#include <getopt.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include <zmq.h>

#define BYTES_MAX 65536
#define PEER_MAX  256
#define START_NS  UINT64_C(300000000)
#define SENT_MAX  5000    /* messages on their way */
#define TRIPS_MAX 4000000 /* round trips whose times are kept */

static struct {
	unsigned window, bytes;
	double seconds;
	int core; /* -1: any */
	bool tcp;
} option = { .window = 64, .bytes = 400, .seconds = 3, .core = -1 };

_Noreturn static void fail(const char *what)
{
	fprintf(stderr, "zmq_echo: %s: %s\n", what, zmq_strerror(zmq_errno()));
	exit(1);
}

static uint64_t clock_ns(void)
{
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

static void *open_socket(void *context, int type)
{
	void *socket = zmq_socket(context, type);
	int none = 0, limit = 10000;
	if (!socket)
		fail("socket");
	zmq_setsockopt(socket, ZMQ_LINGER, &none, sizeof(none));
	zmq_setsockopt(socket, ZMQ_SNDHWM, &limit, sizeof(limit));
	zmq_setsockopt(socket, ZMQ_RCVHWM, &limit, sizeof(limit));
	return socket;
}

static void settle_on(int core)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET((size_t)core, &set);
	if (sched_setaffinity(0, sizeof(set), &set) < 0) {
		perror("zmq_echo: --core");
		exit(1);
	}
}

_Noreturn static void echo(const char *endpoint)
{
	void *socket = open_socket(zmq_ctx_new(), ZMQ_DEALER);
	zmq_msg_t message;
	/* Does not outlive its parent. */
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (zmq_connect(socket, endpoint) < 0)
		fail("connect");
	zmq_send(socket, "ready", 5, 0);
	zmq_msg_init(&message);
	for (;;) {
		if (zmq_msg_recv(&message, socket, 0) < 0 || zmq_msg_send(&message, socket, 0) < 0)
			fail("echo");
	}
}

static size_t receive(void *socket, char *peer, char *body)
{
	int peer_len = zmq_recv(socket, peer, PEER_MAX, 0);
	int len = zmq_recv(socket, body, BYTES_MAX, 0);
	if (peer_len < 0 || len < 0)
		fail("receive");
	return (size_t)peer_len;
}

static int compare(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
	return (x > y) - (x < y);
}

static double median_us(uint32_t *trips_ns, size_t count)
{
	qsort(trips_ns, count, sizeof(*trips_ns), compare);
	return count ? trips_ns[count / 2] / 1e3 : 0;
}

/* Each answer must be a number that was sent, in order. */
static void ask(void *socket)
{
	static char body[BYTES_MAX], peer[PEER_MAX];
	static uint64_t sent_ns[SENT_MAX];
	static uint32_t trips_ns[TRIPS_MAX];
	size_t trips = 0, peer_len = receive(socket, peer, body);
	uint64_t sent = 0, got = 0, begin = 0, counted = 0, now = clock_ns(), number;
	uint64_t start = now + START_NS, end = start + (uint64_t)(option.seconds * 1e9);
	while ((now = clock_ns()) < end) {
		for (; sent < got + option.window; sent++) {
			memset(body, 'x', option.bytes);
			memcpy(body, &sent, sizeof(sent));
			sent_ns[sent % SENT_MAX] = clock_ns();
			if (zmq_send(socket, peer, peer_len, ZMQ_SNDMORE) < 0 ||
			    zmq_send(socket, body, option.bytes, 0) < 0)
				fail("send");
		}
		receive(socket, peer, body);
		memcpy(&number, body, sizeof(number));
		if (number != got++)
			fail("an echo is out of order");
		if (begin && trips < TRIPS_MAX)
			trips_ns[trips++] = (uint32_t)(clock_ns() - sent_ns[number % SENT_MAX]);
		if (now >= start && !begin) {
			begin = now;
			counted = got;
		}
	}
	printf("{\"transport\":\"%s\",\"window\":%u,\"bytes\":%u,\"round_trips_per_s\":%.0f,"
	       "\"us_each\":%.2f,\"p50_us\":%.2f}\n",
	       option.tcp ? "tcp" : "ipc", option.window, option.bytes,
	       (double)(got - counted) / ((double)(now - begin) / 1e9),
	       (double)(now - begin) / 1e3 / (double)(got - counted), median_us(trips_ns, trips));
}

static void options_read(int argc, char **argv)
{
	static const struct option options[] = {
		{ "tcp", 0, NULL, 't' },     { "window", 1, NULL, 'w' }, { "bytes", 1, NULL, 'b' },
		{ "seconds", 1, NULL, 's' }, { "core", 1, NULL, 'c' },   { NULL, 0, NULL, 0 }
	};
	for (int letter; (letter = getopt_long(argc, argv, "", options, NULL)) != -1;) {
		switch (letter) {
		case 't': option.tcp = true; break;
		case 'w': option.window = (unsigned)strtoul(optarg, NULL, 10); break;
		case 'b': option.bytes = (unsigned)strtoul(optarg, NULL, 10); break;
		case 'c': option.core = (int)strtol(optarg, NULL, 10); break;
		case 's': option.seconds = strtod(optarg, NULL); break;
		default: exit(2);
		}
	}
	if (!option.window || option.window > SENT_MAX || option.bytes < 8 ||
	    option.bytes > BYTES_MAX)
		exit(2);
}

int main(int argc, char **argv)
{
	char endpoint[256] = "tcp://127.0.0.1:*";
	size_t len = sizeof(endpoint);
	int ends[2];
	void *socket;
	pid_t child;
	options_read(argc, argv);
	/* A name that is no file. */
	if (!option.tcp)
		snprintf(endpoint, len, "ipc://@dragoman-echo-%d", (int)getpid());
	if (pipe(ends) < 0)
		fail("pipe");
	/* The child is made before the context, whose threads it would not have. */
	child = fork();
	if (child == 0) {
		if (read(ends[0], endpoint, len) <= 0)
			exit(1);
		if (option.core >= 0)
			settle_on(option.core);
		echo(endpoint);
	}
	socket = open_socket(zmq_ctx_new(), ZMQ_ROUTER);
	if (zmq_bind(socket, endpoint) < 0)
		fail("bind");
	zmq_getsockopt(socket, ZMQ_LAST_ENDPOINT, endpoint, &len);
	if (write(ends[1], endpoint, sizeof(endpoint)) < 0)
		fail("pipe");
	ask(socket);
	kill(child, SIGKILL);
	waitpid(child, NULL, 0);
	return 0;
}
