#include "bridge/backend/watch.h"

#include <errno.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <zmq.h>

#include "codecs/text/memory.h"
#include "codecs/text/slice.h"

#define LOOK_MS        UINT64_C(50)
#define AGAIN_FIRST_MS UINT64_C(100)
#define AGAIN_LAST_MS  UINT64_C(5000)
#define FAILURES_TOLD  4 /* in about a second and a half */

/* The library says nothing when a name cannot be looked up. Longer than its CONNECT_TIMEOUT. */
#define TRY_MS UINT64_C(10000)

/* Without those that the judge turned away. When one side has no key, both sides find that out at
 * the same time, and ours may only see that the other has gone: no detail. */
#define FAILED (ZMQ_EVENT_HANDSHAKE_FAILED_PROTOCOL | ZMQ_EVENT_HANDSHAKE_FAILED_NO_DETAIL)
#define EVENTS                                                                                     \
	(ZMQ_EVENT_ACCEPTED | ZMQ_EVENT_CONNECTED | ZMQ_EVENT_CLOSED | ZMQ_EVENT_DISCONNECTED |    \
	 ZMQ_EVENT_HANDSHAKE_SUCCEEDED | FAILED)

/* An endpoint that is connected to. */
struct link {
	char *endpoint;
	enum { LINK_IDLE, LINK_TRYING, LINK_CONNECTED } state;
	uint64_t until_ms; /* IDLE: tried again then; TRYING: given up then */
	uint64_t again_ms; /* the next wait */
	unsigned failures; /* since it was connected */
};

/* A connection that somebody made to us. */
struct visit {
	int fd;
	uint64_t succeeded; /* handshakes before */
};

struct socket_watch {
	void *socket;  /* the one that is watched */
	void *monitor; /* PAIR */
	uint64_t look_ms;
	_Atomic uint64_t refused;
	struct visit *visits;
	uint32_t visit_count, visit_room;
	uint32_t connected;
	uint64_t succeeded, strange;
	size_t count;
	struct link links[];
};

/* Also what happens between two of the kernel's ticks may wait. */
static uint64_t now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC_COARSE, &time);
	return (uint64_t)time.tv_sec * 1000 + (uint64_t)time.tv_nsec / 1000000;
}

/* The library's thread waits for room in the monitor's queue, while it holds a lock that closing
 * needs: that must never happen, so the queue has no end. It is emptied every turn. */
static void *monitor_open(void *zmq, void *socket, unsigned number)
{
	const int none = 0;
	char address[40];
	void *monitor;

	snprintf(address, sizeof(address), "inproc://watch-%u", number);
	monitor = zmq_socket(zmq, ZMQ_PAIR);
	if (!monitor)
		return NULL;
	if (zmq_setsockopt(monitor, ZMQ_RCVHWM, &none, sizeof(none)) < 0 ||
	    zmq_setsockopt(monitor, ZMQ_LINGER, &none, sizeof(none)) < 0 ||
	    zmq_socket_monitor(socket, address, EVENTS) < 0 || zmq_connect(monitor, address) < 0) {
		int error = errno;

		zmq_socket_monitor(socket, NULL, 0);
		zmq_close(monitor);
		errno = error;
		return NULL;
	}
	return monitor;
}

struct socket_watch *socket_watch_open(void *zmq, void *socket, unsigned number,
				       char *const *connect, size_t count)
{
	void *monitor = monitor_open(zmq, socket, number);
	struct socket_watch *watch;

	if (!monitor)
		return NULL;
	watch = memory_zeroed(1, sizeof(*watch) + count * sizeof(watch->links[0]));
	watch->socket = socket;
	watch->monitor = monitor;
	watch->count = count;
	for (size_t i = 0; i < count; i++)
		watch->links[i].endpoint = memory_text(connect[i], strlen(connect[i]));
	return watch;
}

void socket_watch_close(struct socket_watch *watch)
{
	if (!watch)
		return;
	zmq_socket_monitor(watch->socket, NULL, 0);
	zmq_close(watch->monitor);
	for (size_t i = 0; i < watch->count; i++)
		free(watch->links[i].endpoint);
	free(watch->visits);
	free(watch);
}

static bool link_try(struct socket_watch *watch, struct link *link, uint64_t now_ms)
{
	link->state = LINK_TRYING;
	link->until_ms = now_ms + TRY_MS;
	return zmq_connect(watch->socket, link->endpoint) == 0;
}

bool socket_watch_connect(struct socket_watch *watch, size_t *wrong)
{
	uint64_t now_ms = now();

	for (*wrong = 0; *wrong < watch->count; ++*wrong) {
		watch->links[*wrong].again_ms = AGAIN_FIRST_MS;
		if (!link_try(watch, &watch->links[*wrong], now_ms))
			return false;
	}
	return true;
}

/* At once, because the library may have freed what it keeps for the endpoint, and would take
 * something newer at the same place in memory for it. */
static void link_end(struct socket_watch *watch, struct link *link, uint64_t now_ms)
{
	zmq_disconnect(watch->socket, link->endpoint);
	link->state = LINK_IDLE;
	link->failures++;
	link->until_ms = now_ms + link->again_ms;
	link->again_ms = link->again_ms * 2 < AGAIN_LAST_MS ? link->again_ms * 2 : AGAIN_LAST_MS;
}

static struct link *link_find(struct socket_watch *watch, struct slice endpoint)
{
	for (size_t i = 0; i < watch->count; i++)
		if (slice_is(endpoint, watch->links[i].endpoint))
			return &watch->links[i];
	return NULL;
}

static void visit_begin(struct socket_watch *watch, int fd)
{
	if (watch->visit_count == watch->visit_room) {
		watch->visit_room = watch->visit_room ? watch->visit_room * 2 : 8;
		watch->visits =
		    memory_resize(watch->visits, watch->visit_room * sizeof(*watch->visits));
	}
	watch->visits[watch->visit_count++] = (struct visit){ fd, watch->succeeded };
}

/* The library does not tell of a peer with the wrong type of socket. But when no handshake
 * succeeded at all while it was there, its own did not. */
static void visit_end(struct socket_watch *watch, int fd)
{
	for (uint32_t i = 0; i < watch->visit_count; i++) {
		if (watch->visits[i].fd != fd)
			continue;
		watch->strange += watch->visits[i].succeeded == watch->succeeded;
		watch->visits[i] = watch->visits[--watch->visit_count];
		return;
	}
}

static void count_connections(struct socket_watch *watch, unsigned event, int fd)
{
	watch->succeeded += event == ZMQ_EVENT_HANDSHAKE_SUCCEEDED;
	if (event & (ZMQ_EVENT_ACCEPTED | ZMQ_EVENT_CONNECTED))
		watch->connected++;
	else if (event == ZMQ_EVENT_DISCONNECTED && watch->connected > 0)
		watch->connected--;
	if (event == ZMQ_EVENT_ACCEPTED)
		visit_begin(watch, fd);
	else if (event == ZMQ_EVENT_DISCONNECTED)
		visit_end(watch, fd);
}

static void link_made(struct link *link)
{
	link->again_ms = AGAIN_FIRST_MS;
	link->failures = 0;
}

static void event_take(struct socket_watch *watch, unsigned event, struct slice endpoint,
		       uint64_t now_ms)
{
	struct link *link = link_find(watch, endpoint);

	if (event & FAILED)
		atomic_fetch_add_explicit(&watch->refused, 1, memory_order_relaxed);
	if (!link)
		return;
	if (event == ZMQ_EVENT_CONNECTED)
		link->state = LINK_CONNECTED;
	else if (event == ZMQ_EVENT_HANDSHAKE_SUCCEEDED)
		link_made(link);
	else if ((event == ZMQ_EVENT_DISCONNECTED && link->state == LINK_CONNECTED) ||
		 (event == ZMQ_EVENT_CLOSED && link->state == LINK_TRYING))
		link_end(watch, link, now_ms);
}

static int frame_receive(struct socket_watch *watch, void *bytes, size_t size)
{
	int len;

	do
		len = zmq_recv(watch->monitor, bytes, size, ZMQ_DONTWAIT);
	while (len < 0 && errno == EINTR);
	return len;
}

/* Two frames: what (2 bytes, and 4 of a value), and where. */
static bool event_receive(struct socket_watch *watch, uint64_t now_ms)
{
	char what[6], where[1024];
	uint16_t event;
	int32_t fd;
	int len;

	if (frame_receive(watch, what, sizeof(what)) != (int)sizeof(what))
		return false;
	len = frame_receive(watch, where, sizeof(where));
	if (len < 0)
		return false;
	memcpy(&event, what, sizeof(event));
	if ((size_t)len > sizeof(where))
		len = (int)sizeof(where);
	memcpy(&fd, what + sizeof(event), sizeof(fd));
	count_connections(watch, event, fd);
	event_take(watch, event, slice_span(where, (size_t)len), now_ms);
	return true;
}

void socket_watch_tend(struct socket_watch *watch)
{
	uint64_t now_ms;

	now_ms = now();
	if (now_ms < watch->look_ms)
		return;
	watch->look_ms = now_ms + LOOK_MS;
	while (event_receive(watch, now_ms))
		continue;
	for (size_t i = 0; i < watch->count; i++)
		if (watch->links[i].state == LINK_TRYING && watch->links[i].until_ms <= now_ms)
			link_end(watch, &watch->links[i], now_ms);
	for (size_t i = 0; i < watch->count; i++)
		if (watch->links[i].state == LINK_IDLE && watch->links[i].until_ms <= now_ms)
			link_try(watch, &watch->links[i], now_ms);
}

uint64_t socket_watch_refused(const struct socket_watch *watch)
{
	return atomic_load_explicit(&watch->refused, memory_order_relaxed);
}

uint64_t socket_watch_strange(const struct socket_watch *watch)
{
	return watch->strange;
}

uint32_t socket_watch_connected(const struct socket_watch *watch)
{
	return watch->connected;
}

const char *socket_watch_unreachable(const struct socket_watch *watch)
{
	for (size_t i = 0; i < watch->count; i++)
		if (watch->links[i].failures >= FAILURES_TOLD)
			return watch->links[i].endpoint;
	return NULL;
}
