#include "client.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

/* The request's key is constant, so its answer is. */
#define UPGRADE_KEY    "ZHJhZ29tYW4tc3dhcm0tMQ=="
#define UPGRADE_ACCEPT "rfmgR7aveKr3jGYYC0wK9k5U88Y="

const char *const dialect_names[DIALECTS] = { "simple", "mixer", "concord", "rooms" };
struct world world;

uint64_t now_ms(void)
{
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

void fail(const char *format, ...)
{
	va_list args;
	va_start(args, format);
	fprintf(stderr, "swarm %s: ", world.scenario ? world.scenario : "");
	vfprintf(stderr, format, args);
	fputc('\n', stderr);
	va_end(args);
	exit(1);
}

static void *grown(void *block, size_t size)
{
	block = realloc(block, size);
	if (!block)
		fail("out of memory");
	return block;
}

const char *saw_text(uint32_t saw)
{
	static char texts[4][40];
	static unsigned next;
	char *text = texts[next++ % 4];
	if (saw & (SAW_ENTER | SAW_EXIT))
		snprintf(text, sizeof texts[0], "%s of s%u", saw & SAW_ENTER ? "entry" : "exit",
			 saw & (SAW_EXIT - 1));
	else
		snprintf(text, sizeof texts[0], "m%u.%u", saw >> 20, saw & 0xfffff);
	return text;
}

static void bytes_add(struct bytes *bytes, const void *data, size_t len)
{
	if (bytes->len + len > bytes->capacity) {
		bytes->capacity = (bytes->len + len) * 2;
		bytes->at = grown(bytes->at, bytes->capacity);
	}
	memcpy(bytes->at + bytes->len, data, len);
	bytes->len += len;
}

static void bytes_drop(struct bytes *bytes, size_t len)
{
	memmove(bytes->at, bytes->at + len, bytes->len - len);
	bytes->len -= len;
}

void client_poll(struct client *c)
{
	struct epoll_event event = { .data.ptr = c };
	event.events = (c->reading ? (uint32_t)EPOLLIN : 0) | (c->out.len ? (uint32_t)EPOLLOUT : 0);
	epoll_ctl(world.poller, EPOLL_CTL_MOD, c->fd, &event);
}

static void client_gone(struct client *c)
{
	if (c->phase != LEAVING && !c->may_end)
		fail("s%u (%s) was cut by the server in phase %d", c->number,
		     dialect_names[c->dialect], (int)c->phase);
	close(c->fd);
	free(c->in.at);
	free(c->out.at);
	c->in = c->out = (struct bytes){ 0 };
	c->phase = GONE;
	c->fd = -1;
}

void client_flush(struct client *c)
{
	while (c->out.len) {
		ssize_t n = send(c->fd, c->out.at, c->out.len, MSG_NOSIGNAL);
		if (n < 0) {
			if (errno != EAGAIN)
				return; /* reading will tell */
			break;
		}
		c->sends++;
		bytes_drop(&c->out, (size_t)n);
	}
	client_poll(c);
}

/* Queues one masked frame. */
static void client_frame(struct client *c, unsigned opcode, const char *payload, size_t len)
{
	static const unsigned char mask[4] = { 0x5a, 0xc3, 0x17, 0x88 };
	unsigned char header[14] = { (unsigned char)(0x80 | opcode) };
	size_t size = 2;
	if (len < 126) {
		header[1] = (unsigned char)(0x80 | len);
	} else {
		unsigned wide = len < 65536 ? 2 : 8;
		header[1] = wide == 2 ? 0x80 | 126 : 0x80 | 127;
		for (unsigned i = 0; i < wide; i++)
			header[size++] = (unsigned char)((uint64_t)len >> (8 * (wide - 1 - i)));
	}
	memcpy(header + size, mask, 4);
	bytes_add(&c->out, header, size + 4);
	bytes_add(&c->out, payload, len);
	for (size_t i = 0; i < len; i++)
		c->out.at[c->out.len - len + i] ^= (char)mask[i % 4];
}

void client_leave(struct client *c)
{
	c->phase = LEAVING;
	client_frame(c, 8, "\x03\xe8", 2);
	client_flush(c);
}

void client_vanish(struct client *c)
{
	c->phase = LEAVING;
	client_gone(c);
}

void client_say(struct client *c, const char *text, const char *id)
{
	size_t size = strlen(text) + 400;
	char *json = grown(NULL, size);
	int len = 0;
	switch (c->dialect) {
	case SIMPLE:
		len =
		    snprintf(json, size,
			     "{\"type\":\"send_message\",\"payload_id\":\"%s\",\"message\":\"%s\"}",
			     id, text);
		break;
	case MIXER:
		len = snprintf(json, size,
			       "{\"type\":\"method\",\"method\":\"msg\",\"arguments\":[\"%s\"],"
			       "\"id\":\"%s\"}",
			       text, id);
		break;
	case CONCORD:
		len = snprintf(json, size,
			       "{\"type\":\"chat_written\",\"channelId\":%s,\"threadId\":null,"
			       "\"sentAt\":1700000000000,\"content\":\"%s\"}",
			       world.concord, text);
		break;
	case ROOMS:
		len = snprintf(json, size,
			       "{\"type\":\"message\",\"key\":\"s%u\",\"room_id\":\"%s\","
			       "\"content\":\"%s\"}",
			       c->number, world.rooms, text);
		break;
	case DIALECTS: break;
	}
	client_frame(c, 1, json, (size_t)len);
	free(json);
}

/* The value of a Basic authorization for "sN:" and padding that makes the length a multiple of
 * three (a guest's password means nothing). */
static void print_basic(unsigned number, char out[48])
{
	static const char digits[] =
	    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	char user[24];
	int len = snprintf(user, sizeof user - 2, "s%u:", number), o = 0;
	while (len % 3)
		user[len++] = 'x';
	for (int i = 0; i < len; i += 3) {
		unsigned bits =
		    (unsigned)user[i] << 16 | (unsigned)user[i + 1] << 8 | (unsigned)user[i + 2];
		for (int k = 0; k < 4; k++)
			out[o++] = digits[bits >> (18 - 6 * k) & 63];
	}
	out[o] = 0;
}

static void client_upgrade(struct client *c)
{
	static const char *const words[DIALECTS] = { "", "name", "token", "key" };
	char request[512], query[64] = "", extra[96] = "", basic[48];
	if (c->dialect == SIMPLE) {
		print_basic(c->number, basic);
		snprintf(extra, sizeof extra, "Authorization: Basic %s\r\n", basic);
	} else {
		snprintf(query, sizeof query, "?%s=s%u", words[c->dialect], c->number);
	}
	int len = snprintf(request, sizeof request,
			   "GET /%s%s HTTP/1.1\r\nHost: 127.0.0.1:%u\r\nUpgrade: websocket\r\n"
			   "Connection: Upgrade\r\nSec-WebSocket-Key: " UPGRADE_KEY "\r\n"
			   "%sSec-WebSocket-Version: 13\r\n\r\n",
			   dialect_names[c->dialect], query, world.port, extra);
	bytes_add(&c->out, request, (size_t)len);
	client_flush(c);
}

struct client *client_open(enum dialect dialect, int receive_buffer)
{
	struct sockaddr_in address = { .sin_family = AF_INET,
				       .sin_port = htons((uint16_t)world.port) };
	struct client *c = grown(NULL, sizeof *c);
	*c = (struct client){ .number = (unsigned)world.client_count,
			      .dialect = dialect,
			      .reading = true };
	if (world.client_count == world.client_capacity) {
		world.client_capacity += 256;
		world.clients = grown(world.clients, world.client_capacity * sizeof(void *));
	}
	world.clients[world.client_count++] = c;
	c->fd = socket(AF_INET, SOCK_STREAM, 0);
	if (receive_buffer)
		setsockopt(c->fd, SOL_SOCKET, SO_RCVBUF, &receive_buffer, sizeof receive_buffer);
	setsockopt(c->fd, IPPROTO_TCP, TCP_NODELAY, &(int){ 1 }, sizeof(int));
	address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	if (c->fd < 0 || connect(c->fd, (struct sockaddr *)&address, sizeof address) < 0)
		fail("cannot connect to port %u: %s", world.port, strerror(errno));
	fcntl(c->fd, F_SETFL, O_NONBLOCK);
	epoll_ctl(world.poller, EPOLL_CTL_ADD, c->fd, &(struct epoll_event){ .data.ptr = c });
	client_upgrade(c);
	return c;
}

static bool holds(const char *text, size_t len, const char *what)
{
	return memmem(text, len, what, strlen(what)) != NULL;
}

static void client_saw(struct client *c, uint32_t saw)
{
	if (c->logged == c->log_capacity) {
		c->log_capacity = c->log_capacity ? c->log_capacity * 2 : 64;
		c->log = grown(c->log, c->log_capacity * sizeof *c->log);
	}
	c->log[c->logged++] = saw;
	c->heard += saw < SAW_EXIT;
}

/* A reply comes before the echo in mixer, after it in simple. */
static void client_answered(struct client *c, const char *text, size_t len)
{
	if (!holds(text, len, "\"error\":null"))
		fail("s%u (%s) was refused: %.*s", c->number, dialect_names[c->dialect],
		     (int)(len < 300 ? len : 300), text);
	if (holds(text, len, "\"ready\""))
		return;
	c->answered++;
	if (c->dialect == SIMPLE && c->answered > c->own)
		fail("s%u (simple) got the reply before its message", c->number);
}

static void client_heard(struct client *c, const char *text, size_t len)
{
	const char *at = memmem(text, len, "\"m", 2);
	unsigned publisher, sequence;
	while (at && (at[2] < '0' || at[2] > '9'))
		at = memmem(at + 1, len - (size_t)(at + 1 - text), "\"m", 2);
	if (!at) {
		c->ready = c->ready || holds(text, len, "\"ready\"");
		return;
	}
	if (sscanf(at, "\"m%u.%u", &publisher, &sequence) != 2)
		fail("s%u (%s) cannot read %.60s", c->number, dialect_names[c->dialect], at);
	client_saw(c, SAW(publisher, sequence));
	if (publisher != c->number)
		return;
	c->own++;
	if (c->dialect == MIXER && c->answered < c->own)
		fail("s%u (mixer) got its message before the reply", c->number);
}

static void client_is_in(struct client *c)
{
	c->phase = PRESENT;
	if (world.is_in)
		world.is_in(c);
}

static void client_log_in(struct client *c)
{
	char json[160];
	int len = snprintf(json, sizeof json,
			   "{\"type\":\"method\",\"method\":\"auth\",\"arguments\":[%s,%u,\"k%u\"],"
			   "\"id\":0}",
			   world.mixer, 1000 + c->number, c->number);
	client_frame(c, 1, json, (size_t)len);
	client_flush(c);
}

static void client_saw_person(struct client *c, const char *text, size_t len)
{
	unsigned number;
	const char *name = memmem(text, len, "\"username\":\"s", 13);
	if (name && sscanf(name + 13, "%u\"", &number) == 1)
		client_saw(c, number | (holds(text, len, "user_connected") ? SAW_ENTER : SAW_EXIT));
}

static void client_text(struct client *c, const char *text, size_t len)
{
	static const char *const marks[DIALECTS] = { "\"type\":\"message_sent\"",
						     "\"event\":\"ChatMessage\"", "\"chat_sent\"",
						     "\"type\":\"message\"" };
	bool reply = c->dialect <= MIXER && holds(text, len, "\"type\":\"reply\"");
	if (c->dialect == MIXER && holds(text, len, "\"WelcomeEvent\"")) {
		client_log_in(c);
	} else if (reply && c->phase == ENTERING) {
		if (!holds(text, len, "\"authenticated\":true"))
			fail("s%u could not log in: %.*s", c->number, (int)len, text);
		client_is_in(c);
	} else if (reply) {
		client_answered(c, text, len);
	} else if (holds(text, len, marks[c->dialect])) {
		client_heard(c, text, len);
	} else if (c->logs_presence && holds(text, len, "\"type\":\"user_")) {
		client_saw_person(c, text, len);
	} else if (holds(text, len, "\"type\":\"error\"")) {
		fail("s%u (%s) got %.*s", c->number, dialect_names[c->dialect], (int)len, text);
	}
}

/* Handles the first whole frame; false when there is none. */
static bool client_next(struct client *c)
{
	const unsigned char *at = (const unsigned char *)c->in.at;
	size_t size = 2, len;
	if (c->phase == GONE || c->in.len < 2)
		return false;
	if (at[0] & 0x70 || !(at[0] & 0x80) || at[1] & 0x80)
		fail("s%u (%s) got an odd frame header %02x %02x", c->number,
		     dialect_names[c->dialect], at[0], at[1]);
	len = at[1];
	if (len > 125) {
		size_t wide = len == 126 ? 2 : 8;
		if (c->in.len < 2 + wide)
			return false;
		for (len = 0; size < 2 + wide; size++)
			len = len << 8 | at[size];
	}
	if (c->in.len < size + len)
		return false;
	switch (at[0] & 15) {
	case 1: client_text(c, c->in.at + size, len); break;
	case 9:
		client_frame(c, 10, c->in.at + size, len);
		client_flush(c);
		break;
	case 8: /* the end of the stream follows */
	case 10: break;
	default: fail("s%u got opcode %d", c->number, at[0] & 15);
	}
	bytes_drop(&c->in, size + len);
	return true;
}

static void client_upgraded(struct client *c)
{
	const char *end = memmem(c->in.at, c->in.len, "\r\n\r\n", 4);
	if (!end)
		return;
	size_t len = (size_t)(end - c->in.at) + 4;
	if (strncmp(c->in.at, "HTTP/1.1 101 ", 13) != 0 || !holds(c->in.at, len, UPGRADE_ACCEPT))
		fail("s%u (%s): the upgrade was answered with %.*s", c->number,
		     dialect_names[c->dialect], (int)len, c->in.at);
	bytes_drop(&c->in, len);
	if (c->dialect == MIXER)
		c->phase = ENTERING;
	else
		client_is_in(c);
}

static void client_read(struct client *c)
{
	static char chunk[65536];
	ssize_t n = recv(c->fd, chunk, sizeof chunk, 0);
	if (n < 0 && errno == EAGAIN)
		return;
	if (n <= 0) {
		client_gone(c);
		return;
	}
	bytes_add(&c->in, chunk, (size_t)n);
	if (c->phase == UPGRADING)
		client_upgraded(c);
	if (c->phase != UPGRADING)
		while (client_next(c))
			;
}

static void explain_clients(void)
{
	for (size_t i = 0; i < world.client_count; i++) {
		const struct client *c = world.clients[i];
		if (c->phase != GONE)
			fprintf(stderr,
				"  s%zu %s: phase %d, %s, heard %zu, sent %u, answered %u\n", i,
				dialect_names[c->dialect], (int)c->phase,
				c->ready ? "in" : "not in", c->heard, c->sent, c->answered);
	}
	fail("not done after %u seconds", world.seconds);
}

void turn(int timeout)
{
	struct epoll_event events[64];
	int count = epoll_wait(world.poller, events, 64, timeout);
	for (int i = 0; i < count; i++) {
		struct client *c = events[i].data.ptr;
		if (c->phase != GONE && events[i].events & EPOLLOUT)
			client_flush(c);
		if (c->phase != GONE && c->reading &&
		    events[i].events & (EPOLLIN | EPOLLHUP | EPOLLERR))
			client_read(c);
	}
	if (now_ms() >= world.deadline)
		explain_clients();
}
