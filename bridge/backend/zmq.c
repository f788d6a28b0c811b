#include "bridge/backend/zmq.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <zmq.h>

#include "bridge/backend/curve.h"
#include "bridge/backend/watch.h"
#include "codecs/text/memory.h"

#define ENDPOINT_BYTES 512
#define CURVE_EXTRA    33 /* what encryption adds to a frame */

struct socket {
	struct socket_context *context;
	void *zmq;
	enum socket_type type;
	int descriptor;
	struct socket_watch *watch;
	struct curve_list *list; /* NULL: without CURVE */
	char **endpoints;        /* really bound */
	size_t endpoint_count;
	zmq_msg_t parts[SOCKET_FRAMES_MAX]; /* what the caller borrows */
	size_t part_count;
};

struct setting {
	int option, value;
};

static const struct setting SETTINGS[] = {
	{ ZMQ_LINGER, 0 },
	{ ZMQ_IMMEDIATE, 1 },
	{ ZMQ_HEARTBEAT_IVL, 5000 },
	{ ZMQ_HEARTBEAT_TIMEOUT, 15000 },
	{ ZMQ_HEARTBEAT_TTL, 15000 },
	{ ZMQ_HANDSHAKE_IVL, 10000 },
	{ ZMQ_CONNECT_TIMEOUT, 5000 },
	{ ZMQ_RECONNECT_IVL, -1 },
};

static const struct setting ROUTER_SETTINGS[] = {
	{ ZMQ_ROUTER_MANDATORY, 1 },
	{ ZMQ_ROUTER_HANDOVER, 0 },
};

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* ---- opening ---- */

static bool complain(FILE *errors, const char *name, const char *what, const char *why)
{
	fprintf(errors, "dragoman: %s: %s%s%s\n", name, what, *what ? ": " : "", why);
	return false;
}

static bool number_set(void *zmq, int option, int value)
{
	return zmq_setsockopt(zmq, option, &value, sizeof(value)) == 0;
}

static bool settings_apply(void *zmq, const struct setting *settings, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (!number_set(zmq, settings[i].option, settings[i].value))
			return false;
	return true;
}

static bool limits_apply(const struct socket *socket, const struct socket_options *options)
{
	int64_t most = options->message_bytes;

	if (most < SOCKET_BYTES_MIN)
		most = SOCKET_BYTES_MIN;
	if (socket->list && most < INT64_MAX - CURVE_EXTRA)
		most += CURVE_EXTRA;
	return settings_apply(socket->zmq, SETTINGS, COUNT(SETTINGS)) &&
	       (socket->type != SOCKET_ROUTER ||
		settings_apply(socket->zmq, ROUTER_SETTINGS, COUNT(ROUTER_SETTINGS))) &&
	       number_set(socket->zmq, ZMQ_SNDHWM, options->high_water) &&
	       number_set(socket->zmq, ZMQ_RCVHWM, options->high_water) &&
	       zmq_setsockopt(socket->zmq, ZMQ_MAXMSGSIZE, &most, sizeof(most)) == 0;
}

/* Server is a role of its own: the library allows it to the side that connects, too. */
static bool keys_apply(const struct socket *socket, const struct socket_options *options,
		       FILE *errors)
{
	char secret[CURVE_TEXT_CHARS + 1];
	bool set;

	if (!curve_key_read(options->name, options->secret_key_file, true, secret, errors))
		return false;
	set =
	    number_set(socket->zmq, ZMQ_CURVE_SERVER, 1) &&
	    zmq_setsockopt(socket->zmq, ZMQ_CURVE_SECRETKEY, secret, sizeof(secret)) == 0 &&
	    zmq_setsockopt(socket->zmq, ZMQ_ZAP_DOMAIN, options->name, strlen(options->name)) == 0;
	explicit_bzero(secret, sizeof(secret));
	return set || complain(errors, options->name, "keys", zmq_strerror(zmq_errno()));
}

static bool keys_open(struct socket *socket, const struct socket_options *options, FILE *errors)
{
	bool secret = options->secret_key_file && *options->secret_key_file;

	if (!secret && options->client_key_count == 0)
		return true;
	if (!secret)
		return complain(errors, options->name, "",
				"public keys of clients, but no secret key");
	if (options->client_key_count == 0)
		return complain(errors, options->name, "",
				"a secret key, but no public keys of clients");
	socket->list = curve_list_add(socket->context->judge, options->name,
				      options->client_key_files, options->client_key_count, errors);
	return socket->list && keys_apply(socket, options, errors);
}

static bool watch_open(struct socket *socket, const struct socket_options *options)
{
	socket->watch = socket_watch_open(socket->context->zmq, socket->zmq, socket->context->made,
					  options->connect, options->connect_count);
	return socket->watch != NULL;
}

/* Does a process listen there? The library would take the path away from it. */
static int path_probe(const struct sockaddr_un *address)
{
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0), error = 0;

	if (fd < 0)
		return errno;
	if (connect(fd, (const struct sockaddr *)address, sizeof(*address)) < 0)
		error = errno;
	close(fd);
	if (error == 0 || error == EAGAIN || error == EINPROGRESS)
		return EADDRINUSE;
	return error == ECONNREFUSED ? 0 : error;
}

/* May this path be bound? It is removed by the library, whatever it is. 0 or an error. */
static int path_check(const char *path)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	struct stat about;

	if (strlen(path) >= sizeof(address.sun_path))
		return ENAMETOOLONG;
	memcpy(address.sun_path, path, strlen(path));
	if (lstat(path, &about) < 0)
		return errno == ENOENT ? 0 : errno;
	return S_ISSOCK(about.st_mode) ? path_probe(&address) : EEXIST;
}

/* "@" and "*" would be names in a space without owners, and a folder made up by the library. */
static bool endpoint_is_ipc(const char *endpoint)
{
	return strncmp(endpoint, "ipc://", 6) == 0 && endpoint[6] && !strchr("@*", endpoint[6]);
}

static bool endpoint_is_known(const char *endpoint)
{
	return endpoint_is_ipc(endpoint) || strncmp(endpoint, "tcp://", 6) == 0;
}

/* With IPv6 allowed, names would be looked up there alone. So only for its addresses. */
static bool endpoint_prepare(void *zmq, const char *endpoint)
{
	return number_set(zmq, ZMQ_IPV6, strchr(endpoint, '[') != NULL);
}

static int endpoint_bind(void *zmq, const char *endpoint)
{
	int error = endpoint_is_ipc(endpoint) ? path_check(endpoint + 6) : 0;
	mode_t before;

	if (error)
		return error;
	before = umask(0177);
	error = endpoint_prepare(zmq, endpoint) && zmq_bind(zmq, endpoint) == 0 ? 0 : zmq_errno();
	umask(before);
	return error;
}

static bool endpoints_bind(struct socket *socket, const struct socket_options *options,
			   FILE *errors)
{
	socket->endpoints = memory_zeroed(options->bind_count, sizeof(*socket->endpoints));
	for (size_t i = 0; i < options->bind_count; i++) {
		char bound[ENDPOINT_BYTES];
		size_t size = sizeof(bound);
		int error = endpoint_bind(socket->zmq, options->bind[i]);

		if (!error && zmq_getsockopt(socket->zmq, ZMQ_LAST_ENDPOINT, bound, &size) < 0)
			error = zmq_errno();
		if (error)
			return complain(errors, options->name, options->bind[i],
					zmq_strerror(error));
		socket->endpoints[socket->endpoint_count++] = memory_text(bound, strlen(bound));
	}
	return true;
}

static bool endpoints_connect(struct socket *socket, const struct socket_options *options,
			      FILE *errors)
{
	size_t wrong;

	if (options->connect_count == 0 || socket_watch_connect(socket->watch, &wrong))
		return true;
	return complain(errors, options->name, options->connect[wrong], zmq_strerror(zmq_errno()));
}

static bool options_check(const struct socket_options *options, FILE *errors)
{
	const char *wrong = NULL;

	for (size_t i = 0; !wrong && i < options->bind_count; i++)
		if (!endpoint_is_known(options->bind[i]))
			wrong = options->bind[i];
	for (size_t i = 0; !wrong && i < options->connect_count; i++)
		if (!endpoint_is_known(options->connect[i]))
			wrong = options->connect[i];
	if (wrong)
		return complain(errors, options->name, wrong,
				"an endpoint is ipc://PATH or tcp://HOST:PORT");
	return options->high_water > 0 ||
	       complain(errors, options->name, "", "a queue holds 1 message or more");
}

static bool descriptor_find(struct socket *socket)
{
	size_t size = sizeof(socket->descriptor);

	return zmq_getsockopt(socket->zmq, ZMQ_FD, &socket->descriptor, &size) == 0;
}

static bool socket_prepare(struct socket *socket, const struct socket_options *options,
			   FILE *errors)
{
	socket->zmq =
	    zmq_socket(socket->context->zmq, options->type == SOCKET_PUB ? ZMQ_PUB : ZMQ_ROUTER);
	if (!socket->zmq)
		return complain(errors, options->name, "", zmq_strerror(zmq_errno()));
	if (!keys_open(socket, options, errors))
		return false;
	if (!limits_apply(socket, options) || !watch_open(socket, options) ||
	    !descriptor_find(socket))
		return complain(errors, options->name, "", zmq_strerror(zmq_errno()));
	return true;
}

struct socket *socket_open(struct socket_context *context, const struct socket_options *options,
			   FILE *errors)
{
	struct socket *socket;

	if (!options_check(options, errors))
		return NULL;
	socket = memory_zeroed(1, sizeof(*socket));
	socket->context = context;
	socket->type = options->type;
	context->made++;
	if (socket_prepare(socket, options, errors) && endpoints_bind(socket, options, errors) &&
	    endpoints_connect(socket, options, errors))
		return socket;
	socket_close(socket);
	return NULL;
}

static void parts_release(struct socket *socket)
{
	for (size_t i = 0; i < socket->part_count; i++)
		zmq_msg_close(&socket->parts[i]);
	socket->part_count = 0;
}

/* The library leaves its paths behind. While it still listens nobody else takes one over. */
static void endpoints_free(struct socket *socket)
{
	for (size_t i = 0; i < socket->endpoint_count; i++) {
		if (endpoint_is_ipc(socket->endpoints[i]))
			unlink(socket->endpoints[i] + 6);
		free(socket->endpoints[i]);
	}
	free(socket->endpoints);
}

void socket_close(struct socket *socket)
{
	if (!socket)
		return;
	parts_release(socket);
	socket_watch_close(socket->watch);
	endpoints_free(socket);
	if (socket->zmq)
		zmq_close(socket->zmq);
	curve_list_remove(socket->context->judge, socket->list);
	free(socket);
}

/* ---- sending and receiving ---- */

int socket_descriptor(const struct socket *socket)
{
	return socket->descriptor;
}

bool socket_readable(struct socket *socket)
{
	int events = 0;
	size_t size = sizeof(events);

	socket_watch_tend(socket->watch);
	while (zmq_getsockopt(socket->zmq, ZMQ_EVENTS, &events, &size) < 0)
		if (zmq_errno() != EINTR)
			return false;
	return events & ZMQ_POLLIN;
}

static bool frame_send(void *zmq, struct slice frame, int flags)
{
	int sent;

	do
		sent = zmq_send(zmq, frame.data, frame.len, flags | ZMQ_DONTWAIT);
	while (sent < 0 && zmq_errno() == EINTR);
	return sent >= 0;
}

/* The library judges a peer by the first frame; the others then never fail. */
enum socket_sent socket_send(struct socket *socket, const struct slice *frames, size_t count)
{
	if (socket->type == SOCKET_ROUTER && count < 2)
		return SOCKET_GONE;
	for (size_t i = 0; i < count; i++)
		if (!frame_send(socket->zmq, frames[i], i + 1 < count ? ZMQ_SNDMORE : 0))
			return zmq_errno() == EAGAIN ? SOCKET_FULL : SOCKET_GONE;
	return SOCKET_SENT;
}

/* Its length; negative: there is none. */
static int part_receive(void *zmq, zmq_msg_t *part)
{
	int len;

	zmq_msg_init(part);
	do
		len = zmq_msg_recv(part, zmq, ZMQ_DONTWAIT);
	while (len < 0 && zmq_errno() == EINTR);
	if (len < 0)
		zmq_msg_close(part);
	return len;
}

static void rest_drop(void *zmq)
{
	zmq_msg_t part;
	bool more = true;

	while (more && part_receive(zmq, &part) >= 0) {
		more = zmq_msg_more(&part);
		zmq_msg_close(&part);
	}
}

bool socket_receive(struct socket *socket, struct socket_message *message)
{
	bool more = socket->type == SOCKET_ROUTER;

	parts_release(socket);
	message->count = 0;
	message->oversized = false;
	while (more && socket->part_count < SOCKET_FRAMES_MAX) {
		zmq_msg_t *part = &socket->parts[socket->part_count];
		int len = part_receive(socket->zmq, part);

		if (len < 0)
			break;
		message->frames[socket->part_count++] = slice_span(zmq_msg_data(part), (size_t)len);
		more = zmq_msg_more(part);
	}
	message->count = socket->part_count;
	message->oversized = more && message->count == SOCKET_FRAMES_MAX;
	if (message->oversized)
		rest_drop(socket->zmq);
	return message->count > 0;
}

const char *socket_endpoint(const struct socket *socket, size_t index)
{
	return socket->endpoints[index];
}

uint64_t socket_refused(const struct socket *socket)
{
	return socket->list ? curve_list_refused(socket->list) + socket_watch_refused(socket->watch)
			    : 0;
}

/* The library does not say why a path cannot be connected to. */
static const char *reason_of(const char *endpoint)
{
	struct stat about;

	if (!endpoint_is_ipc(endpoint))
		return "nothing listens there";
	if (stat(endpoint + 6, &about) < 0)
		return strerror(errno);
	return S_ISSOCK(about.st_mode) ? "nothing listens there" : "that is not a socket";
}

void socket_tend(struct socket *socket, struct socket_news *news)
{
	(void)socket_readable(socket);
	news->refused = socket_refused(socket);
	news->failed = socket->list ? 0 : socket_watch_strange(socket->watch);
	news->connected = socket_watch_connected(socket->watch);
	news->unreachable = socket_watch_unreachable(socket->watch);
	news->why = news->unreachable ? reason_of(news->unreachable) : NULL;
}
