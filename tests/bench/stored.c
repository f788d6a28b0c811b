/* stored.c - messages that a server acknowledges when it has stored them, as fast as it does: how
 * many a second, how long each takes, and what the server's threads need for it.
 *
 * Usage: stored --port N --pid N --speech simple|redis|jetstream [--messages N] [--connections N]
 *               [--window N] [--size N]
 *
 * window: messages of one connection that are not acknowledged yet. simple: a WebSocket into
 * /simple-0, answered by its reply; each connection is sent all messages beside that. redis: XADD.
 * jetstream: PUB to a subject of a stream that is there, answered at an inbox. One thread. Any
 * other answer than the right one fails. Prints one line of JSON. */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <inttypes.h>
#include <netinet/tcp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <time.h>
#include <unistd.h>

#include "tests/bench/load.h"

#define CONNECTIONS_MAX 64
#define WINDOW_MAX      1024
#define BUFFER          (1 << 20)
#define TEXT_MAX        4096
#define EVENTS          64

struct sayer {
	int fd;
	unsigned number;
	uint32_t sent, acknowledged;
	uint64_t sent_ns[WINDOW_MAX]; /* by number modulo the window */
	size_t in_len, out_len;
	char in[BUFFER + 1], out[BUFFER];
};

/* How much of what came is one whole message; 0: it is not whole. *acknowledged: it answers one of
 * ours. */
typedef size_t hear_function(struct sayer *, char *in, size_t in_len, bool *acknowledged);

struct speech_ops {
	const char *name;
	void (*open)(struct sayer *);
	void (*say)(struct sayer *);
	hear_function *hear;
};

static struct {
	unsigned port, connections, window, size;
	uint64_t messages;
	int server;
	const struct speech_ops *speech;
} asked = { .connections = 4, .window = 16, .size = 256, .messages = 20000 };

static struct sayer *sayers;
static struct histogram latency;
static uint64_t said, stored;
static char text[TEXT_MAX + 1];

_Noreturn static void give_up(const char *what, const char *answer)
{
	fprintf(stderr, "stored: %s%s%.200s\n", what, answer ? ": " : "", answer ? answer : "");
	exit(1);
}

static uint64_t now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * SECOND_NS + (uint64_t)now.tv_nsec;
}

__attribute__((format(printf, 2, 3))) static void add(struct sayer *sayer, const char *format, ...)
{
	va_list arguments;
	int len;

	va_start(arguments, format);
	len = vsnprintf(sayer->out + sayer->out_len, BUFFER - sayer->out_len, format, arguments);
	va_end(arguments);
	if (len < 0 || sayer->out_len + (size_t)len >= BUFFER)
		give_up("too much to say", NULL);
	sayer->out_len += (size_t)len;
}

static void flush(struct sayer *sayer)
{
	size_t at = 0;

	while (at < sayer->out_len) {
		ssize_t sent = write(sayer->fd, sayer->out + at, sayer->out_len - at);

		if (sent < 0 && errno != EAGAIN && errno != EINTR)
			give_up("a connection ended", NULL);
		at += sent > 0 ? (size_t)sent : 0;
	}
	sayer->out_len = 0;
}

/* False: nothing now. */
static bool more(struct sayer *sayer)
{
	ssize_t got = read(sayer->fd, sayer->in + sayer->in_len, BUFFER - sayer->in_len);

	if (got < 0 && (errno == EAGAIN || errno == EINTR))
		return false;
	if (got <= 0)
		give_up("a connection ended", NULL);
	sayer->in_len += (size_t)got;
	sayer->in[sayer->in_len] = '\0';
	return true;
}

static void drop(struct sayer *sayer, size_t len)
{
	memmove(sayer->in, sayer->in + len, sayer->in_len - len + 1);
	sayer->in_len -= len;
}

/* The length of the lines up to and with that end, which is waited for. */
static size_t wait_for(struct sayer *sayer, const char *end)
{
	char *found;

	while (!(found = strstr(sayer->in, end)))
		(void)more(sayer);
	return (size_t)(found - sayer->in) + strlen(end);
}

static void expect(const char *number, char **end, const struct sayer *sayer)
{
	if (strtoul(number, end, 10) != sayer->acknowledged)
		give_up("an answer out of its turn", number);
}

/* ---- simple ---- */

static void simple_open(struct sayer *sayer)
{
	char login[32], encoded[64];
	static const char digits[] =
	    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	size_t len = (size_t)snprintf(login, sizeof(login), "sayer%03u:x ", sayer->number), out = 0;

	/* A multiple of three bytes. */
	for (size_t i = 0; i + 2 < len; i += 3) {
		unsigned three =
		    (unsigned)login[i] << 16 | (unsigned)login[i + 1] << 8 | (unsigned)login[i + 2];

		for (int shift = 18; shift >= 0; shift -= 6)
			encoded[out++] = digits[three >> shift & 63];
	}
	encoded[out] = '\0';
	add(sayer,
	    "GET /simple-0 HTTP/1.1\r\nHost: 127.0.0.1:%u\r\nUpgrade: websocket\r\n"
	    "Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
	    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nAuthorization: Basic %s\r\n\r\n",
	    asked.port, encoded);
	flush(sayer);
	drop(sayer, wait_for(sayer, "\r\n\r\n"));
}

static void simple_say(struct sayer *sayer)
{
	char frame[TEXT_MAX + 128];
	int len = snprintf(frame, sizeof(frame),
			   "{\"type\":\"send_message\",\"payload_id\":%u,\"message\":\"%s\"}",
			   sayer->sent, text);

	add(sayer, "%c%c%c%c", '\x81', (char)(0x80 | 126), (char)(len >> 8), (char)len);
	/* The mask is zero, four bytes of it. */
	if (sayer->out_len + 4 + (size_t)len >= BUFFER)
		give_up("too much to say", NULL);
	memset(sayer->out + sayer->out_len, 0, 4);
	memcpy(sayer->out + sayer->out_len + 4, frame, (size_t)len);
	sayer->out_len += 4 + (size_t)len;
}

static size_t simple_hear(struct sayer *sayer, char *in, size_t in_len, bool *acknowledged)
{
	static const char reply[] = "{\"type\":\"reply\",\"payload_id\":";
	const unsigned char *bytes = (unsigned char *)in;
	size_t head = 2, len;
	char *end;

	if (in_len < 4)
		return 0;
	len = bytes[1];
	if (len == 126) {
		head = 4;
		len = (size_t)bytes[2] << 8 | bytes[3];
	}
	if (bytes[0] != 0x81 || len == 127)
		give_up("no frame of text", in);
	if (in_len < head + len)
		return 0;
	if (strncmp(in + head, reply, sizeof(reply) - 1) != 0)
		return head + len;
	expect(in + head + sizeof(reply) - 1, &end, sayer);
	if (strncmp(end, ",\"error\":null}", 14) != 0)
		give_up("it was refused", in + head);
	*acknowledged = true;
	return head + len;
}

/* ---- Redis (RESP) ---- */

static void redis_open(struct sayer *sayer)
{
	(void)sayer;
}

static void redis_say(struct sayer *sayer)
{
	add(sayer, "*5\r\n$4\r\nXADD\r\n$4\r\nroom\r\n$1\r\n*\r\n$1\r\nt\r\n$%u\r\n%s\r\n",
	    asked.size, text);
}

static size_t redis_hear(struct sayer *sayer, char *in, size_t in_len, bool *acknowledged)
{
	char *line = strstr(in, "\r\n"), *end;

	(void)sayer;
	(void)in_len;
	if (line && *in != '$')
		give_up("it was refused", in);
	end = line ? strstr(line + 2, "\r\n") : NULL;
	*acknowledged = end != NULL;
	return end ? (size_t)(end + 2 - in) : 0;
}

/* ---- NATS, JetStream ---- */

static void jetstream_open(struct sayer *sayer)
{
	drop(sayer, wait_for(sayer, "\r\n"));
	add(sayer,
	    "CONNECT {\"verbose\":false,\"pedantic\":false}\r\nSUB _INBOX.%u.* 1\r\nPING\r\n",
	    sayer->number);
	flush(sayer);
	drop(sayer, wait_for(sayer, "PONG\r\n"));
}

static void jetstream_say(struct sayer *sayer)
{
	add(sayer, "PUB room _INBOX.%u.%u %u\r\n%s\r\n", sayer->number, sayer->sent, asked.size,
	    text);
}

static size_t jetstream_hear(struct sayer *sayer, char *in, size_t in_len, bool *acknowledged)
{
	char *line = strstr(in, "\r\n"), *number, *end;
	size_t len;

	if (!line)
		return 0;
	if (strncmp(in, "PING", 4) == 0) {
		add(sayer, "PONG\r\n");
		return 6;
	}
	if (strncmp(in, "MSG _INBOX.", 11) != 0)
		give_up("it was refused", in);
	for (number = line; number[-1] != ' ';)
		number--;
	len = (size_t)(line + 2 - in) + strtoul(number, NULL, 10) + 2;
	if (in_len < len)
		return 0;
	if (strncmp(line + 2, "{\"stream\":", 10) != 0)
		give_up("it was refused", line + 2);
	expect(strchr(in + 11, '.') + 1, &end, sayer);
	*acknowledged = true;
	return len;
}

/* ---- all of it ---- */

static void say(struct sayer *sayer)
{
	while (said < asked.messages && sayer->sent - sayer->acknowledged < asked.window) {
		asked.speech->say(sayer);
		sayer->sent_ns[sayer->sent++ % asked.window] = now_ns();
		said++;
	}
	flush(sayer);
}

static void count(struct sayer *sayer)
{
	histogram_add(&latency, now_ns() - sayer->sent_ns[sayer->acknowledged % asked.window]);
	sayer->acknowledged++;
	stored++;
}

static void hear(struct sayer *sayer)
{
	size_t at = 0, len;

	if (!more(sayer))
		return;
	do {
		bool acknowledged = false;

		len = asked.speech->hear(sayer, sayer->in + at, sayer->in_len - at, &acknowledged);
		if (acknowledged)
			count(sayer);
		at += len;
	} while (len);
	drop(sayer, at);
	say(sayer);
}

static void connect_one(struct sayer *sayer, int poller)
{
	struct sockaddr_in to = { .sin_family = AF_INET,
				  .sin_addr.s_addr = htonl(INADDR_LOOPBACK),
				  .sin_port = htons((uint16_t)asked.port) };
	struct epoll_event event = { .events = EPOLLIN, .data.ptr = sayer };
	int one = 1;

	sayer->fd = socket(AF_INET, SOCK_STREAM, 0);
	if (sayer->fd < 0 || connect(sayer->fd, (struct sockaddr *)&to, sizeof(to)) != 0)
		give_up("no connection", strerror(errno));
	setsockopt(sayer->fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
	asked.speech->open(sayer);
	if (fcntl(sayer->fd, F_SETFL, O_NONBLOCK) != 0 ||
	    epoll_ctl(poller, EPOLL_CTL_ADD, sayer->fd, &event) != 0)
		give_up("epoll", NULL);
}

static void speak_all(int poller)
{
	struct epoll_event events[EVENTS];

	for (unsigned i = 0; i < asked.connections; i++)
		say(&sayers[i]);
	while (stored < asked.messages) {
		int count_of = epoll_wait(poller, events, EVENTS, 30000);

		if (count_of <= 0)
			give_up("no answer for 30 s", NULL);
		for (int i = 0; i < count_of; i++)
			hear(events[i].data.ptr);
	}
}

static double part_us(double part)
{
	return (double)histogram_part(&latency, part) / 1e3;
}

static void measure(int poller)
{
	struct usage server = usage_of(asked.server), self = usage_of(0), server_end, self_end;
	uint64_t began = now_ns(), took;

	speak_all(poller);
	took = now_ns() - began;
	server_end = usage_of(asked.server);
	self_end = usage_of(0);
	printf("{\"stored\":%" PRIu64 ",\"stored_per_s\":%.1f,\"server_us_each\":%.3f,"
	       "\"server_cpu\":%.3f,\"load_cpu\":%.3f,\"load_waited\":%.4f,\"p50_us\":%.1f,"
	       "\"p99_us\":%.1f}\n",
	       stored, (double)stored * 1e9 / (double)took,
	       (double)(server_end.run_ns - server.run_ns) / 1e3 / (double)stored,
	       (double)(server_end.run_ns - server.run_ns) / (double)took,
	       (double)(self_end.run_ns - self.run_ns) / (double)took,
	       (double)(self_end.wait_ns - self.wait_ns) / (double)took, part_us(0.5),
	       part_us(0.99));
}

static const struct speech_ops speeches[] = {
	{ "simple", simple_open, simple_say, simple_hear },
	{ "redis", redis_open, redis_say, redis_hear },
	{ "jetstream", jetstream_open, jetstream_say, jetstream_hear },
};

static void speech_find(const char *name)
{
	for (size_t i = 0; i < sizeof(speeches) / sizeof(*speeches); i++)
		if (strcmp(speeches[i].name, name) == 0)
			asked.speech = &speeches[i];
}

static void option(int letter, const char *value)
{
	unsigned long number = strtoul(value, NULL, 10);

	switch (letter) {
	case 'p': asked.port = (unsigned)number; break;
	case 's': asked.server = (int)number; break;
	case 'l': speech_find(value); break;
	case 'm': asked.messages = number; break;
	case 'c': asked.connections = (unsigned)number; break;
	case 'w': asked.window = (unsigned)number; break;
	case 'z': asked.size = (unsigned)number; break;
	default: give_up("an option that is not known", NULL);
	}
}

int main(int argc, char **argv)
{
	static const struct option options[] = {
		{ "port", 1, NULL, 'p' },        { "pid", 1, NULL, 's' },
		{ "speech", 1, NULL, 'l' },      { "messages", 1, NULL, 'm' },
		{ "connections", 1, NULL, 'c' }, { "window", 1, NULL, 'w' },
		{ "size", 1, NULL, 'z' },        { NULL, 0, NULL, 0 },
	};
	int poller = epoll_create1(0);

	for (int letter; (letter = getopt_long(argc, argv, "", options, NULL)) != -1;)
		option(letter, optarg ? optarg : "");
	if (!asked.speech || !asked.port || !asked.connections ||
	    asked.connections > CONNECTIONS_MAX || !asked.window || asked.window > WINDOW_MAX ||
	    asked.size < 126 || asked.size > TEXT_MAX)
		give_up("--port N --speech simple|redis|jetstream, or a number out of its range",
			NULL);
	memset(text, 'x', asked.size);
	sayers = calloc(asked.connections, sizeof(*sayers));
	if (!sayers)
		give_up("out of memory", NULL);
	for (unsigned i = 0; i < asked.connections; i++) {
		sayers[i].number = i;
		connect_one(&sayers[i], poller);
	}
	measure(poller);
	return 0;
}
