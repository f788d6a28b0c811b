#include "bridge/backend/sockets.h"

#include <stdlib.h>

#include "bridge/backend/backend.h"
#include "bridge/backend/zmq.h"
#include "bridge/net/loop.h"
#include "codecs/backend/wire.h"
#include "codecs/text/memory.h"
#include "conf/conf.h"

/* Messages for one instance in the library's queue. */
#define HIGH_WATER 4096

struct lines {
	struct bridge *bridge;
	struct socket_context *context;
	struct socket **backends, **taps;
};

static enum socket_sent line_send(void *wire, const struct slice *frames, size_t count)
{
	return socket_send(wire, frames, count);
}

static bool line_receive(void *wire, struct socket_message *message)
{
	return socket_receive(wire, message);
}

/* Whether something waits is asked at each turn anyway. */
static uint64_t line_tend(void *wire)
{
	(void)socket_readable(wire);
	return socket_refused(wire);
}

static const struct line router = { .send = line_send, .receive = line_receive, .tend = line_tend };
static const struct line feed = { .send = line_send, .tend = line_tend };

static bool backend_open(struct lines *lines, size_t index, FILE *errors)
{
	const struct conf_backend *conf = &lines->bridge->conf->backends[index];
	struct socket_options options = { .type = SOCKET_ROUTER,
					  .name = conf->name,
					  .bind = conf->bind.items,
					  .bind_count = conf->bind.count,
					  .connect = conf->connect.items,
					  .connect_count = conf->connect.count,
					  .high_water = HIGH_WATER,
					  .message_bytes = WIRE_BYTES_MAX,
					  .secret_key_file = conf->secret_key_file,
					  .client_key_files = conf->client_key_files.items,
					  .client_key_count = conf->client_key_files.count };

	lines->backends[index] = socket_open(lines->context, &options, errors);
	if (!lines->backends[index])
		return false;
	backend_attach(lines->bridge->backends[index], &router, lines->backends[index],
		       conf->bind.count ? socket_endpoint(lines->backends[index], 0)
					: conf->connect.items[0]);
	return true;
}

static bool tap_open(struct lines *lines, size_t index, FILE *errors)
{
	const struct conf_tap *conf = &lines->bridge->conf->taps[index];
	struct socket_options options = { .type = SOCKET_PUB,
					  .name = conf->name,
					  .bind = conf->bind.items,
					  .bind_count = conf->bind.count,
					  .high_water = conf->queue,
					  .message_bytes = WIRE_BYTES_MAX,
					  .secret_key_file = conf->secret_key_file,
					  .client_key_files = conf->client_key_files.items,
					  .client_key_count = conf->client_key_files.count };

	lines->taps[index] = socket_open(lines->context, &options, errors);
	if (!lines->taps[index])
		return false;
	tap_attach(lines->bridge->taps[index], &feed, lines->taps[index],
		   socket_endpoint(lines->taps[index], 0));
	return true;
}

struct lines *lines_open(struct bridge *bridge, FILE *errors)
{
	struct lines *lines = memory_zeroed(1, sizeof(*lines));
	bool open = true;

	lines->bridge = bridge;
	lines->backends = memory_zeroed(bridge->backend_count, sizeof(*lines->backends));
	lines->taps = memory_zeroed(bridge->tap_count, sizeof(*lines->taps));
	/* The library has threads of its own: without need, without them. */
	if (bridge->backend_count + bridge->tap_count > 0)
		open = (lines->context = socket_context_open(errors)) != NULL;
	for (size_t i = 0; open && i < bridge->backend_count; i++)
		open = backend_open(lines, i, errors);
	for (size_t i = 0; open && i < bridge->tap_count; i++)
		open = tap_open(lines, i, errors);
	if (open)
		return lines;
	lines_close(lines);
	return NULL;
}

bool lines_watch(const struct lines *lines, struct loop *const *loops)
{
	struct bridge *bridge = lines->bridge;

	for (unsigned w = 0; w < bridge->worker_count; w++) {
		int descriptors[BACKENDS_MAX];
		size_t count = 0;

		for (size_t i = 0; i < bridge->backend_count; i++)
			if (backend_owner(bridge, i) == w)
				descriptors[count++] = socket_descriptor(lines->backends[i]);
		if (!loop_watch(loops[w], descriptors, count))
			return false;
	}
	return true;
}

void lines_close(struct lines *lines)
{
	if (!lines)
		return;
	for (size_t i = 0; i < lines->bridge->backend_count; i++)
		socket_close(lines->backends[i]);
	for (size_t i = 0; i < lines->bridge->tap_count; i++)
		socket_close(lines->taps[i]);
	socket_context_close(lines->context);
	free(lines->backends);
	free(lines->taps);
	free(lines);
}
