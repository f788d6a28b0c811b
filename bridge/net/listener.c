#include "bridge/net/listener.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include <uv.h>

#include "bridge/core/log/log_limit.h"
#include "bridge/core/worker.h"
#include "bridge/net/http/http_date.h"
#include "bridge/net/loop.h"
#include "bridge/net/peers/addresses.h"
#include "bridge/net/peers/proxies.h"
#include "bridge/net/response.h"
#include "bridge/service/passed_sockets.h"
#include "codecs/text/memory.h"
#include "conf/conf.h"

#define BACKLOG     4096
#define ACCEPTS_MAX 256 /* in one go, so that other work of the main thread is not starved */
#define HANDED_MAX  64  /* then the worker may begin */
#define REST_MS     200 /* when there is no file left for a connection */

struct listener {
	struct listeners *all;
	struct listener_info *info;
	int fd;
	uv_poll_t poll;
	bool polling;
};

struct listeners {
	struct bridge *bridge;
	struct listener *each;
	size_t count;
	uint32_t open, per_worker[WORKERS_MAX];
	struct post_list handed[WORKERS_MAX]; /* on their way to each: it is woken once */
	uv_timer_t rest;                      /* runs while nobody is accepted */
	bool timing;                          /* the timer was made */
	bool starved; /* since nobody was accepted for lack of files; told */
	struct http_date date;
};

static bool address_parse(const struct conf_listener *conf, struct sockaddr_storage *address,
			  socklen_t *len)
{
	struct sockaddr_in *four = (struct sockaddr_in *)address;
	struct sockaddr_in6 *six = (struct sockaddr_in6 *)address;

	memset(address, 0, sizeof(*address));
	if (inet_pton(AF_INET, conf->address, &four->sin_addr) == 1) {
		four->sin_family = AF_INET;
		four->sin_port = htons((uint16_t)conf->port);
		*len = sizeof(*four);
		return true;
	}
	if (inet_pton(AF_INET6, conf->address, &six->sin6_addr) != 1)
		return false;
	six->sin6_family = AF_INET6;
	six->sin6_port = htons((uint16_t)conf->port);
	*len = sizeof(*six);
	return true;
}

/* Where it is really bound. */
static void listener_note(struct listener_info *info, int fd)
{
	struct sockaddr_storage address;
	const struct sockaddr_in *four = (const struct sockaddr_in *)&address;
	const struct sockaddr_in6 *six = (const struct sockaddr_in6 *)&address;
	socklen_t len = sizeof(address);

	if (getsockname(fd, (struct sockaddr *)&address, &len) < 0)
		return;
	if (address.ss_family == AF_INET)
		inet_ntop(AF_INET, &four->sin_addr, info->bound, sizeof(info->bound));
	else
		inet_ntop(AF_INET6, &six->sin6_addr, info->bound, sizeof(info->bound));
	info->port = ntohs(address.ss_family == AF_INET ? four->sin_port : six->sin6_port);
}

static int socket_bind(const struct sockaddr *address, socklen_t len)
{
	int fd = socket(address->sa_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0), on = 1;

	if (fd >= 0)
		setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	if (fd >= 0 && bind(fd, address, len) < 0) {
		int why = errno;

		close(fd);
		errno = why;
		return -1;
	}
	return fd;
}

static void cannot_listen(const struct conf_listener *conf, FILE *errors)
{
	fprintf(errors, "dragoman: cannot listen on %s port %d: %s\n", conf->address, conf->port,
		strerror(errno));
}

/* One that the service manager passed, or one of our own. */
static int tcp_bind(const struct conf_listener *conf, FILE *errors)
{
	const char *name = conf->socket && conf->socket[0] ? conf->socket : NULL;
	struct sockaddr_storage address;
	socklen_t len;
	int fd;

	if (!address_parse(conf, &address, &len)) {
		fprintf(errors, "dragoman: \"%s\" is not an address\n", conf->address);
		return -1;
	}
	fd = passed_sockets_find(name, (const struct sockaddr *)&address);
	if (fd >= 0)
		return fd;
	if (name) {
		fprintf(errors,
			"dragoman: the service manager passed no socket of the name \"%s\" "
			"(FileDescriptorName= in its .socket unit)\n",
			name);
		return -1;
	}
	fd = socket_bind((const struct sockaddr *)&address, len);
	if (fd < 0)
		cannot_listen(conf, errors);
	return fd;
}

int listener_bind(struct listener_info *listener, FILE *errors)
{
	int fd = tcp_bind(listener->conf, errors), on = 1;

	if (fd < 0)
		return -1;
	/* Connections are accepted with it set. */
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	/* One that listens already gets our backlog. */
	if (listen(fd, BACKLOG) < 0) {
		cannot_listen(listener->conf, errors);
		close(fd);
		return -1;
	}
	listener->port = 0;
	listener_note(listener, fd);
	return fd;
}

struct listeners *listeners_open(struct bridge *bridge, FILE *errors)
{
	struct listeners *listeners = memory_zeroed(1, sizeof(*listeners));

	listeners->bridge = bridge;
	listeners->each = memory_zeroed(bridge->listener_count, sizeof(*listeners->each));
	for (size_t i = 0; i < bridge->listener_count; i++) {
		struct listener *listener = &listeners->each[listeners->count];

		if (bridge->listeners[i].admin)
			continue;
		listeners->count++;
		listener->all = listeners;
		listener->info = &bridge->listeners[i];
		listener->fd = listener_bind(listener->info, errors);
		if (listener->fd < 0) {
			listeners_free(listeners);
			return NULL;
		}
	}
	return listeners;
}

static unsigned least_loaded(const struct listeners *listeners)
{
	unsigned best = 0;

	for (unsigned w = 1; w < listeners->bridge->worker_count; w++)
		if (listeners->per_worker[w] < listeners->per_worker[best])
			best = w;
	return best;
}

static void refuse_full(struct listeners *listeners, int fd)
{
	const struct codec_response full = { .status = 503, .body = SLICE("") };
	char bytes[RESPONSE_MAX];
	struct slice text =
	    response_write(bytes, &full, http_date_at(&listeners->date, clock_wall_ms()));

	/* Best effort: a peer that does not read it only sees the connection close. */
	if (send(fd, text.data, text.len, MSG_DONTWAIT | MSG_NOSIGNAL) < 0)
		log_limited(LOG_SESSION, LOG_DEBUG, "a refused connection was already closed");
	close(fd);
}

/* A proxy is not worded as a client: see requests.c. */
static void log_refused(const struct listener *listener, const struct peer_address *peer,
			const char *reason)
{
	char address[ADDRESS_TEXT_MAX];
	bool proxy = proxies_trust(listener->info->proxies, peer);
	struct log_fields fields = { .event = "connection_refused", .reason = reason };

	if (!log_enabled(LOG_INFO))
		return;
	address_text(peer, address);
	if (!proxy)
		fields.address = address;
	log_event_limited(LOG_REFUSED_CONNECTION, LOG_INFO, &fields, "refused connection %s %s: %s",
			  proxy ? "of the proxy" : "from", address, reason);
}

static void hand_over(struct listener *listener, int fd, const struct sockaddr_storage *peer)
{
	struct listeners *listeners = listener->all;
	struct bridge *bridge = listeners->bridge;
	struct peer_address address = address_of(peer);
	uint64_t place = proxies_place(listener->info->proxies, &bridge->key, &address);
	bool full = bridge->limits.connections && listeners->open >= bridge->limits.connections;
	struct post_socket *post;
	unsigned worker;

	listener->info->accepted++;
	if (full ||
	    !addresses_take(bridge->addresses, place, bridge->limits.connections_per_address)) {
		bridge->refused_full++;
		listener->info->turned_away++;
		log_refused(listener, &address, full ? "connections" : "connections_per_address");
		refuse_full(listeners, fd);
		return;
	}
	worker = least_loaded(listeners);
	listeners->per_worker[worker]++;
	listeners->open++;
	post = post_new(POST_SOCKET);
	post->fd = fd;
	post->listener = listener->info;
	post->address = place;
	post->peer = address;
	post_list_add(&listeners->handed[worker], &post->post);
	if (listeners->handed[worker].count >= HANDED_MAX)
		mailbox_post_list(&bridge->workers[worker]->box, &listeners->handed[worker], false);
}

static void send_handed(struct listeners *listeners)
{
	struct bridge *bridge = listeners->bridge;

	for (unsigned w = 0; w < bridge->worker_count; w++)
		mailbox_post_list(&bridge->workers[w]->box, &listeners->handed[w], false);
}

static void on_readable(uv_poll_t *poll, int status, int events);

static void listeners_poll(struct listeners *listeners, bool accepting)
{
	for (size_t i = 0; i < listeners->count; i++) {
		struct listener *listener = &listeners->each[i];

		if (listener->polling && accepting)
			uv_poll_start(&listener->poll, UV_READABLE, on_readable);
		else if (listener->polling)
			uv_poll_stop(&listener->poll);
	}
}

static void on_rested(uv_timer_t *timer)
{
	listeners_poll(timer->data, true);
}

/* The socket stays readable: without a rest the loop would do nothing else. */
static void listeners_rest(struct listeners *listeners, int why)
{
	if (!listeners->starved)
		log_limited(LOG_ACCEPT, LOG_WARNING,
			    "cannot accept connections: %s; retrying until there is room",
			    strerror(why));
	listeners->starved = true;
	listeners_poll(listeners, false);
	uv_timer_start(&listeners->rest, on_rested, REST_MS, 0);
}

static bool is_shortage(int why)
{
	return why == EMFILE || why == ENFILE || why == ENOBUFS || why == ENOMEM;
}

static void accept_all(struct listener *listener)
{
	for (int i = 0; i < ACCEPTS_MAX; i++) {
		struct sockaddr_storage peer;
		socklen_t len = sizeof(peer);
		int fd = accept4(listener->fd, (struct sockaddr *)&peer, &len,
				 SOCK_NONBLOCK | SOCK_CLOEXEC);

		if (fd >= 0) {
			listener->all->starved = false;
			hand_over(listener, fd, &peer);
			continue;
		}
		if (is_shortage(errno))
			listeners_rest(listener->all, errno);
		if (errno != EINTR && errno != ECONNABORTED)
			return;
	}
}

static void on_readable(uv_poll_t *poll, int status, int events)
{
	struct listener *listener = poll->data;

	(void)events;
	if (status < 0)
		return;
	accept_all(listener);
	send_handed(listener->all);
}

void listeners_start(struct listeners *listeners, struct uv_loop_s *loop)
{
	listeners->timing = uv_timer_init(loop, &listeners->rest) == 0;
	listeners->rest.data = listeners;
	for (size_t i = 0; i < listeners->count; i++) {
		struct listener *listener = &listeners->each[i];

		if (uv_poll_init(loop, &listener->poll, listener->fd) != 0)
			continue;
		listener->poll.data = listener;
		listener->polling = true;
		uv_poll_start(&listener->poll, UV_READABLE, on_readable);
	}
}

void listeners_gone(struct listeners *listeners, const struct post_gone *post)
{
	listeners->open--;
	listeners->per_worker[post->worker]--;
	listeners->bridge->refused_full += post->turned_away;
	addresses_give_back(listeners->bridge->addresses, post->address);
}

void listeners_stop(struct listeners *listeners)
{
	if (listeners->timing)
		uv_close((uv_handle_t *)&listeners->rest, NULL);
	listeners->timing = false;
	for (size_t i = 0; i < listeners->count; i++) {
		struct listener *listener = &listeners->each[i];

		if (listener->polling)
			uv_close((uv_handle_t *)&listener->poll, NULL);
		listener->polling = false;
		if (listener->fd >= 0)
			close(listener->fd);
		listener->fd = -1;
	}
}

void listeners_free(struct listeners *listeners)
{
	if (!listeners)
		return;
	for (size_t i = 0; i < listeners->count; i++)
		if (listeners->each[i].fd >= 0)
			close(listeners->each[i].fd);
	free(listeners->each);
	free(listeners);
}
