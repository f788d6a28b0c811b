#include "bridge/net/peers/preface.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include <uv.h>

#include "bridge/core/log/log_limit.h"
#include "bridge/core/worker.h"
#include "bridge/net/http/proxy_protocol.h"
#include "bridge/net/peers/addresses.h"
#include "bridge/net/peers/proxies.h"
#include "codecs/text/memory.h"

#define PREFACE_MS 5000

struct preface {
	uv_poll_t poll; /* first: it is freed with its handle */
	struct prefaces *all;
	struct preface *next, **link;
	struct post_socket socket;
	struct proxy_protocol protocol;
	uint64_t due_ms;
};

void prefaces_open(struct prefaces *prefaces, struct worker *worker, struct uv_loop_s *loop,
		   void (*ready)(struct worker *worker, struct post_socket *socket))
{
	*prefaces = (struct prefaces){ .worker = worker, .loop = loop, .ready = ready };
}

/* ---- the end ---- */

/* It is no connection: closes its socket. */
static void let_go(struct prefaces *prefaces, const struct post_socket *socket, bool crowded)
{
	struct post_gone *post = post_new(POST_GONE);

	close(socket->fd);
	post->address = socket->address;
	post->worker = prefaces->worker->index;
	post->turned_away = crowded;
	worker_post_main(prefaces->worker, &post->post);
}

/* A proxy that does not say whom it speaks for is not worded as a client. */
static void refuse(struct prefaces *prefaces, const struct post_socket *socket, const char *why)
{
	char address[ADDRESS_TEXT_MAX];
	bool proxy = proxies_trust(socket->listener->proxies, &socket->peer);
	struct log_fields fields = { .event = "connection_refused", .reason = "proxy_protocol" };

	prefaces->worker->counters->proxy_failed++;
	address_text(&socket->peer, address);
	if (!proxy)
		fields.address = address;
	log_event_limited(LOG_REFUSED_CONNECTION, LOG_WARNING, &fields,
			  "refused connection %s %s: proxy_protocol \"%s\"",
			  proxy ? "of the proxy" : "from", address, why);
	let_go(prefaces, socket, false);
}

static void on_closed(uv_handle_t *handle)
{
	free(handle);
}

/* Its socket is somebody else's from now on. */
static void preface_end(struct preface *preface)
{
	*preface->link = preface->next;
	if (preface->next)
		preface->next->link = preface->link;
	uv_poll_stop(&preface->poll);
	uv_close((uv_handle_t *)&preface->poll, on_closed);
}

/* ---- reading ---- */

/* No byte behind the header is taken off the socket. */
static enum proxy_step preface_read(struct proxy_protocol *protocol, int fd,
				    struct proxied *proxied)
{
	unsigned char bytes[PROXY_LENGTH_MAX + 16], *at;
	enum proxy_step step = PROXY_MORE;

	while (step == PROXY_MORE) {
		ssize_t seen = recv(fd, bytes, sizeof(bytes), MSG_PEEK | MSG_DONTWAIT);
		size_t left = (size_t)seen;

		if (seen < 0 && (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR))
			return PROXY_MORE;
		if (seen <= 0)
			return PROXY_FAULT;
		at = bytes;
		step = proxy_read(protocol, &at, &left, proxied);
		if (recv(fd, bytes, (size_t)(at - bytes), MSG_DONTWAIT) != at - bytes)
			return PROXY_FAULT;
	}
	return step;
}

/* Whom the proxy speaks for is who it counts as; if that is somebody. */
static void hand_on(struct prefaces *prefaces, struct post_socket *socket,
		    const struct proxied *proxied)
{
	struct bridge *bridge = prefaces->worker->bridge;

	if (proxied->known) {
		memcpy(socket->peer.bytes, proxied->source.bytes, sizeof(socket->peer.bytes));
		socket->address =
		    proxies_place(socket->listener->proxies, &bridge->key, &socket->peer);
		if (!addresses_take(bridge->addresses, socket->address,
				    bridge->limits.connections_per_address)) {
			socket->address = 0;
			let_go(prefaces, socket, true);
			return;
		}
	}
	prefaces->ready(prefaces->worker, socket);
}

/* The header is read, or there is none. */
static void decide(struct prefaces *prefaces, struct post_socket *socket, enum proxy_step step,
		   const struct proxied *proxied)
{
	if (step == PROXY_DONE)
		hand_on(prefaces, socket, proxied);
	else
		refuse(prefaces, socket, "it did not begin with a header of the PROXY protocol");
}

/* The library makes a handle of its own for the socket: this one has to let go of it before. */
static void on_readable(uv_poll_t *poll, int status, int events)
{
	struct preface *preface = (struct preface *)poll;
	struct prefaces *all = preface->all;
	struct post_socket socket = preface->socket;
	struct proxied proxied;
	enum proxy_step step = PROXY_FAULT;

	(void)events;
	if (status >= 0)
		step = preface_read(&preface->protocol, socket.fd, &proxied);
	if (step == PROXY_MORE)
		return;
	preface_end(preface);
	decide(all, &socket, step, &proxied);
}

static void wait_for(struct prefaces *prefaces, const struct post_socket *socket,
		     const struct proxy_protocol *protocol)
{
	struct preface *preface = memory_zeroed(1, sizeof(*preface));

	if (uv_poll_init(prefaces->loop, &preface->poll, socket->fd) != 0) {
		free(preface);
		refuse(prefaces, socket, "the loop does not take it");
		return;
	}
	preface->all = prefaces;
	preface->socket = *socket;
	preface->protocol = *protocol;
	preface->due_ms = prefaces->worker->tick_ms + PREFACE_MS;
	preface->next = prefaces->first;
	preface->link = &prefaces->first;
	if (preface->next)
		preface->next->link = &preface->next;
	prefaces->first = preface;
	uv_poll_start(&preface->poll, UV_READABLE, on_readable);
}

void prefaces_add(struct prefaces *prefaces, struct post_socket *socket)
{
	struct proxy_protocol protocol = { 0 };
	struct proxied proxied;
	enum proxy_step step;

	if (!proxies_trust(socket->listener->proxies, &socket->peer)) {
		refuse(prefaces, socket, "it is not among trusted_proxies");
	} else {
		step = preface_read(&protocol, socket->fd, &proxied);
		if (step == PROXY_MORE)
			wait_for(prefaces, socket, &protocol);
		else
			decide(prefaces, socket, step, &proxied);
	}
	socket->fd = -1;
}

static void preface_expire(struct preface *preface, const char *why)
{
	struct prefaces *all = preface->all;
	struct post_socket socket = preface->socket;

	preface_end(preface);
	refuse(all, &socket, why);
}

void prefaces_tick(struct prefaces *prefaces)
{
	struct preface *next;

	for (struct preface *preface = prefaces->first; preface; preface = next) {
		next = preface->next;
		if (prefaces->worker->tick_ms >= preface->due_ms)
			preface_expire(preface, "no header of the PROXY protocol came in time");
	}
}

void prefaces_close(struct prefaces *prefaces)
{
	while (prefaces->first) {
		struct preface *preface = prefaces->first;
		struct post_socket socket = preface->socket;

		preface_end(preface);
		let_go(prefaces, &socket, false);
	}
}
