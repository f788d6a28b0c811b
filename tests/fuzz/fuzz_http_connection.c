/* A keep-alive connection driven by anything: bytes, answers in any order, time, ends.
 *
 * Input: a row of steps. A byte below 160: so many bytes follow and are received; 160 and above:
 * the low bits choose a ticket to answer, time to pass, whether the peer reads, its end, or that
 * the server closes.
 * What must hold: an answer for each request, in order; nothing is written after the end; what is
 * held is bounded; every ticket that was not answered is told to be void. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "bridge/net/http/http_connection.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define TICKETS_MAX 4096

static const struct http_settings settings = {
	.limits = { .head_max = 256, .headers_max = 8, .body_max = 64 },
	.under_way_max = 3,
	.held_max = 300,
	.request_ms = 30,
	.answer_ms = 40,
	.upgrade_ms = 50,
	.idle_ms = 75,
	.retry_after_s = 1,
};

enum state { NONE, ASKED, ANSWERED, VOID };

struct world {
	struct http_connection connection;
	enum state tickets[TICKETS_MAX];
	uint32_t last; /* ticket */
	uint64_t now;
	bool at_once, ended, paused, full;
	size_t asked;
};

static void require(bool what)
{
	if (!what)
		abort();
}

static void reply(struct world *world, uint32_t ticket, unsigned status)
{
	struct http_answer answer = { .status = status, .body = { "hello", 5 } };
	bool waits = world->tickets[ticket] == ASKED;
	enum http_replied replied;

	if (waits)
		world->tickets[ticket] = ANSWERED;
	replied = http_reply(&world->connection, ticket, &answer, world->now);
	require(replied == (waits ? HTTP_REPLIED : HTTP_TOO_LATE));
}

static uint32_t methods(void *user, const struct http_request *request)
{
	(void)user;
	return request->path.len > 3 ? 0 : 1 << METHOD_GET | 1 << METHOD_POST;
}

static bool handle(void *user, const struct http_call *call)
{
	struct world *world = user;

	require(call->ticket > world->last && call->ticket < TICKETS_MAX);
	require(call->body.len <= settings.limits.body_max);
	require(call->connection->queue.count <= settings.under_way_max);
	world->last = call->ticket;
	world->asked++;
	if (call->request->path.len == 3)
		return false;
	world->tickets[call->ticket] = ASKED;
	if (world->at_once)
		reply(world, call->ticket, call->upgrade ? 101 : 200);
	return true;
}

static void gone(void *user, uint32_t ticket)
{
	struct world *world = user;

	require(world->tickets[ticket] == ASKED);
	world->tickets[ticket] = VOID;
}

static void stream_write(void *user, const unsigned char *bytes, size_t len)
{
	struct world *world = user;

	require(!world->ended && len > 0);
	require(len < 9 || memcmp(bytes, "HTTP/1.1 ", 9) == 0);
}

static void stream_pause(void *user, bool paused)
{
	struct world *world = user;

	require(world->paused != paused && !world->ended);
	world->paused = paused;
}

static bool stream_full(void *user)
{
	return ((struct world *)user)->full;
}

static void stream_wake(void *user)
{
	require(!((struct world *)user)->ended);
}

static void stream_end(void *user)
{
	struct world *world = user;

	require(!world->ended);
	world->ended = true;
	http_connection_clear(&world->connection);
}

static void stream_upgraded(void *user, unsigned char *rest, size_t len)
{
	if (len > 0)
		rest[0] = 0;
	stream_end(user);
}

static const struct http_handler handler = { methods, handle, gone, NULL, true };
static struct slice stream_date(void *user)
{
	(void)user;
	return SLICE("Sun, 06 Nov 1994 08:49:37 GMT");
}

static const struct http_stream stream = { stream_write,    stream_pause, stream_full, stream_wake,
					   stream_upgraded, stream_end,   stream_date };

/* False: it is killed. */
static bool receive(struct world *world, const uint8_t *bytes, size_t len)
{
	unsigned char *segment = malloc(len ? len : 1);
	bool well;

	memcpy(segment, bytes, len);
	well = http_connection_bytes(&world->connection, segment, len, world->now);
	require(world->ended || !well || world->connection.held.len <= settings.held_max);
	free(segment);
	return well;
}

static void act(struct world *world, uint8_t what)
{
	uint64_t due;

	if (what < 200) {
		uint32_t back = what & 7;

		if (world->last >= back)
			reply(world, world->last - back, what & 8 ? 101 : 200);
	} else if (what < 240) {
		world->now += what & 31;
		due = http_connection_tick(&world->connection, world->now);
		require(world->ended ? due == UINT64_MAX : due > world->now);
	} else if (what < 248) {
		world->at_once = what & 1;
	} else if (what < 250) {
		world->full = what & 1;
	} else if (what < 253) {
		http_connection_eof(&world->connection, world->now);
	} else {
		http_connection_drain(&world->connection, world->now);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct world world;
	bool alive = true;

	memset(&world, 0, sizeof(world));
	world.now = 1;
	http_connection_init(&world.connection, &settings, &handler, &world, &stream, &world, 1);
	for (size_t at = 0; at < size && alive && !world.ended && world.last < TICKETS_MAX / 2;) {
		uint8_t what = data[at++];
		size_t len = what < size - at ? what : size - at;

		if (what >= 160) {
			act(&world, what);
			continue;
		}
		alive = receive(&world, data + at, len);
		at += len;
	}
	http_connection_clear(&world.connection);
	for (size_t i = 0; i < TICKETS_MAX; i++)
		require(world.tickets[i] != ASKED);
	return 0;
}
