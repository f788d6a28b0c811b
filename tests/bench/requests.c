/* requests.c - requests of HTTP/1.1 on kept connections, as fast as they are answered: how many a
 * second, and what the server's threads need for each.
 *
 * Usage: requests --port N --pid N [--connections N] [--seconds S] [--warm S] [--tls] [--path P]
 *                 [--bearer T]
 *
 * One thread, one core; each connection has one request under way. Every answer must be 200 with a
 * Content-Length and its whole body, else it fails. Prints one line of JSON. */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <netinet/tcp.h>
#include <openssl/ssl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <time.h>
#include <unistd.h>

#include "tests/bench/load.h"

#define CONNECTIONS_MAX 1024
#define ANSWER_MAX      4096
#define EVENTS          64

/* With the lines that a client's library sends. */
#define REQUEST                                                                                    \
	"GET %s HTTP/1.1\r\n"                                                                      \
	"Host: localhost:7000\r\n"                                                                 \
	"User-Agent: python-requests/2.28.1\r\n"                                                   \
	"Accept-Encoding: gzip, deflate, br\r\n"                                                   \
	"Accept: */*\r\n"                                                                          \
	"Connection: keep-alive\r\n"                                                               \
	"Authorization: Bearer %s\r\n\r\n"

static char request[2048];
static int request_len;

struct asker {
	int fd;
	SSL *tls;
	uint64_t asked_ns;
	size_t len;
	char answer[ANSWER_MAX + 1];
};

static struct {
	unsigned port, connections;
	int server;
	bool tls;
	double warm, seconds;
	const char *path, *bearer;
} asked = { .connections = 16,
	    .warm = 0.1,
	    .seconds = 1,
	    .path = "/",
	    .bearer = "abcdefghijklmnopqrstuvwxyz0123456789" };

static struct asker askers[CONNECTIONS_MAX];
static struct histogram latency;
static uint64_t answers, body_bytes, answer_bytes;

_Noreturn static void give_up(const char *what)
{
	fprintf(stderr, "requests: %s\n", what);
	exit(1);
}

static uint64_t now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * SECOND_NS + (uint64_t)now.tv_nsec;
}

/* ---- a connection ---- */

static void ask(struct asker *asker)
{
	const int len = request_len;

	asker->asked_ns = now_ns();
	if ((asker->tls ? SSL_write(asker->tls, request, len)
			: (int)write(asker->fd, request, (size_t)len)) != len)
		give_up("a request was not taken");
}

/* How much of it is one whole answer; 0: it is not whole. */
static size_t answer_length(const struct asker *asker, size_t *body)
{
	const char *end = strstr(asker->answer, "\r\n\r\n"), *length;

	if (!end)
		return 0;
	length = strcasestr(asker->answer, "\r\nContent-Length: ");
	if (strncmp(asker->answer, "HTTP/1.1 200 ", 13) != 0 || !length || length > end)
		give_up("an answer is not 200 with a length");
	*body = strtoul(length + 18, NULL, 10);
	end += 4;
	if (asker->len < (size_t)(end - asker->answer) + *body)
		return 0;
	return (size_t)(end - asker->answer) + *body;
}

/* What came. 0: nothing now. */
static size_t hear(struct asker *asker)
{
	char *at = asker->answer + asker->len;
	int room = (int)(ANSWER_MAX - asker->len), got;

	if (asker->tls) {
		got = SSL_read(asker->tls, at, room);
		if (got <= 0 && SSL_get_error(asker->tls, got) == SSL_ERROR_WANT_READ)
			return 0;
	} else {
		got = (int)read(asker->fd, at, (size_t)room);
		if (got < 0 && errno == EAGAIN)
			return 0;
	}
	if (got <= 0)
		give_up("a connection ended");
	asker->len += (size_t)got;
	asker->answer[asker->len] = '\0';
	return (size_t)got;
}

static void on_readable(struct asker *asker, bool measuring)
{
	size_t body, whole;

	while (hear(asker) > 0) {
		whole = answer_length(asker, &body);
		if (whole == 0 && asker->len == ANSWER_MAX)
			give_up("an answer is too long");
		if (whole == 0)
			continue;
		if (whole != asker->len)
			give_up("more came than was asked for");
		asker->len = 0;
		body_bytes = body;
		answer_bytes = whole;
		answers++;
		if (measuring)
			histogram_add(&latency, now_ns() - asker->asked_ns);
		ask(asker);
		return;
	}
}

static void asker_open(struct asker *asker, SSL_CTX *context, int poller)
{
	struct sockaddr_in address = { .sin_family = AF_INET,
				       .sin_port = htons((uint16_t)asked.port),
				       .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	struct epoll_event event = { .events = EPOLLIN, .data.ptr = asker };
	int on = 1;

	asker->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (asker->fd < 0 || connect(asker->fd, (struct sockaddr *)&address, sizeof(address)) < 0)
		give_up("it cannot connect");
	setsockopt(asker->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	if (context) {
		asker->tls = SSL_new(context);
		SSL_set_fd(asker->tls, asker->fd);
		if (SSL_connect(asker->tls) != 1)
			give_up("a TLS handshake failed");
	}
	fcntl(asker->fd, F_SETFL, O_NONBLOCK);
	epoll_ctl(poller, EPOLL_CTL_ADD, asker->fd, &event);
}

/* ---- the run ---- */

static void run_for(int poller, double seconds, bool measuring)
{
	uint64_t end = now_ns() + (uint64_t)(seconds * (double)SECOND_NS);
	struct epoll_event events[EVENTS];

	while (now_ns() < end) {
		int count = epoll_wait(poller, events, EVENTS, 1000);

		if (count <= 0)
			give_up("no answer came for a second");
		for (int i = 0; i < count; i++)
			on_readable(events[i].data.ptr, measuring);
	}
}

static double part(uint64_t ns, double seconds)
{
	return (double)ns / (double)SECOND_NS / seconds;
}

static void measure(int poller)
{
	struct usage server = usage_of(asked.server), self = usage_of(0), then, now;
	uint64_t began = now_ns();
	double seconds;

	answers = 0;
	run_for(poller, asked.seconds, true);
	seconds = part(now_ns() - began, 1);
	then = usage_of(asked.server);
	now = usage_of(0);
	printf("{\"requests\":%" PRIu64 ",\"requests_per_s\":%.0f,\"server_us_per_request\":%.3f,"
	       "\"p50_us\":%.1f,\"p99_us\":%.1f,\"server_cpu\":%.3f,\"load_cpu\":%.3f,"
	       "\"load_waited\":%.3f,\"body_bytes\":%" PRIu64 ",\"answer_bytes\":%" PRIu64 "}\n",
	       answers, (double)answers / seconds,
	       (double)(then.run_ns - server.run_ns) / 1e3 / (double)answers,
	       (double)histogram_part(&latency, 0.5) / 1e3,
	       (double)histogram_part(&latency, 0.99) / 1e3,
	       part(then.run_ns - server.run_ns, seconds), part(now.run_ns - self.run_ns, seconds),
	       part(now.wait_ns - self.wait_ns, seconds), body_bytes, answer_bytes);
}

static void read_options(int argc, char **argv)
{
	for (int i = 1; i < argc; i++) {
		const char *name = argv[i], *value;

		if (strcmp(name, "--tls") == 0) {
			asked.tls = true;
			continue;
		}
		if (++i == argc)
			give_up("an option has no value");
		value = argv[i];
		if (strcmp(name, "--port") == 0)
			asked.port = (unsigned)atoi(value);
		else if (strcmp(name, "--pid") == 0)
			asked.server = atoi(value);
		else if (strcmp(name, "--connections") == 0)
			asked.connections = (unsigned)atoi(value);
		else if (strcmp(name, "--seconds") == 0)
			asked.seconds = atof(value);
		else if (strcmp(name, "--warm") == 0)
			asked.warm = atof(value);
		else if (strcmp(name, "--path") == 0)
			asked.path = value;
		else if (strcmp(name, "--bearer") == 0)
			asked.bearer = value;
		else
			give_up("unknown option");
	}
	if (asked.port == 0 || asked.connections == 0 || asked.connections > CONNECTIONS_MAX)
		give_up("a port, and 1 to 1024 connections");
	request_len = snprintf(request, sizeof(request), REQUEST, asked.path, asked.bearer);
	if (request_len >= (int)sizeof(request))
		give_up("the request is too long");
}

int main(int argc, char **argv)
{
	SSL_CTX *context;
	int poller = epoll_create1(EPOLL_CLOEXEC);

	read_options(argc, argv);
	context = asked.tls ? SSL_CTX_new(TLS_client_method()) : NULL;
	for (unsigned i = 0; i < asked.connections; i++)
		asker_open(&askers[i], context, poller);
	for (unsigned i = 0; i < asked.connections; i++)
		ask(&askers[i]);
	run_for(poller, asked.warm, false);
	measure(poller);
	return 0;
}
