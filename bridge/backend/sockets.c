#include "bridge/backend/sockets.h"

#include <stdlib.h>

#include "bridge/backend/backend.h"
#include "bridge/backend/zmq.h"
#include "codecs/backend/wire.h"
#include "codecs/text/memory.h"
#include "conf/conf.h"

/* Messages for one instance in the library's queue. */
#define HIGH_WATER 4096

struct sockets {
	struct bridge *bridge;
	struct socket_context *context;
	struct socket **backends, **taps;
};

static enum socket_sent router_send(void *socket, const struct slice *frames, size_t count)
{
	return socket_send(socket, frames, count);
}

static bool router_receive(void *socket, struct socket_message *message)
{
	return socket_receive(socket, message);
}

/* Whether something waits is asked at each turn anyway. */
static void router_tend(void *socket, struct socket_news *news)
{
	socket_tend(socket, news);
}

static const struct socket_ops router = {
	.send = router_send, .receive = router_receive, .fires = true, .tend = router_tend
};
static const struct socket_ops feed = { .send = router_send, .tend = router_tend };

static bool backend_open(struct sockets *sockets, size_t index, FILE *errors)
{
	const struct conf_backend *conf = &sockets->bridge->conf->backends[index];
	struct socket_options options = { .type = SOCKET_ROUTER,
					  .name = conf->name,
					  .bind = conf->bind.items,
					  .bind_count = conf->bind.count,
					  .connect = conf->connect.items,
					  .connect_count = conf->connect.count,
					  .high_water = HIGH_WATER,
					  .message_bytes = WIRE_BYTES_HEARD,
					  .secret_key_file = conf->secret_key_file,
					  .client_key_files = conf->client_key_files.items,
					  .client_key_count = conf->client_key_files.count };

	sockets->backends[index] = socket_open(sockets->context, &options, errors);
	if (!sockets->backends[index])
		return false;
	backend_attach(sockets->bridge->backends[index], &router, sockets->backends[index],
		       conf->bind.count ? socket_endpoint(sockets->backends[index], 0)
					: conf->connect.items[0]);
	return true;
}

static bool tap_open(struct sockets *sockets, size_t index, FILE *errors)
{
	const struct conf_tap *conf = &sockets->bridge->conf->taps[index];
	struct socket_options options = { .type = SOCKET_PUB,
					  .name = conf->name,
					  .bind = conf->bind.items,
					  .bind_count = conf->bind.count,
					  .high_water = conf->queue,
					  .message_bytes = WIRE_BYTES_HEARD,
					  .secret_key_file = conf->secret_key_file,
					  .client_key_files = conf->client_key_files.items,
					  .client_key_count = conf->client_key_files.count };

	sockets->taps[index] = socket_open(sockets->context, &options, errors);
	if (!sockets->taps[index])
		return false;
	tap_attach(sockets->bridge->taps[index], &feed, sockets->taps[index],
		   socket_endpoint(sockets->taps[index], 0));
	return true;
}

struct sockets *sockets_open(struct bridge *bridge, FILE *errors)
{
	struct sockets *sockets = memory_zeroed(1, sizeof(*sockets));
	bool open = true;

	sockets->bridge = bridge;
	sockets->backends = memory_zeroed(bridge->backend_count, sizeof(*sockets->backends));
	sockets->taps = memory_zeroed(bridge->tap_count, sizeof(*sockets->taps));
	/* The library has threads of its own: without need, without them. */
	if (bridge->backend_count + bridge->tap_count > 0)
		open = (sockets->context = socket_context_open(errors)) != NULL;
	for (size_t i = 0; open && i < bridge->backend_count; i++)
		open = backend_open(sockets, i, errors);
	for (size_t i = 0; open && i < bridge->tap_count; i++)
		open = tap_open(sockets, i, errors);
	if (open)
		return sockets;
	sockets_close(sockets);
	return NULL;
}

size_t sockets_descriptors(const struct sockets *sockets, unsigned worker,
			   int descriptors[BACKENDS_MAX])
{
	size_t count = 0;

	for (size_t i = 0; i < sockets->bridge->backend_count; i++)
		if (backend_owner(sockets->bridge, i) == worker)
			descriptors[count++] = socket_descriptor(sockets->backends[i]);
	return count;
}

void sockets_close(struct sockets *sockets)
{
	if (!sockets)
		return;
	for (size_t i = 0; i < sockets->bridge->backend_count; i++)
		socket_close(sockets->backends[i]);
	for (size_t i = 0; i < sockets->bridge->tap_count; i++)
		socket_close(sockets->taps[i]);
	socket_context_close(sockets->context);
	free(sockets->backends);
	free(sockets->taps);
	free(sockets);
}
