#include "tests/support/sockets.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>
#include <zmq.h>

#include "tests/support/floor.h"

#define TEXT_BYTES 4096

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

int sockets_setup(void **state)
{
	struct sockets *sockets = calloc(1, sizeof(*sockets));

	assert_non_null(sockets);
	sockets->context = socket_context_open(stderr);
	assert_non_null(sockets->context);
	sockets->zmq = zmq_ctx_new();
	assert_non_null(sockets->zmq);
	sockets->folder = floor_folder();
	assert_true(asprintf(&sockets->address, "ipc://%s/in", sockets->folder) > 0);
	*state = sockets;
	return 0;
}

int sockets_teardown(void **state)
{
	struct sockets *sockets = *state;

	for (size_t i = 0; i < COUNT(sockets->open); i++) {
		socket_close(sockets->open[i]);
		if (sockets->peers[i])
			zmq_close(sockets->peers[i]);
	}
	zmq_ctx_term(sockets->zmq);
	socket_context_close(sockets->context);
	floor_folder_remove(sockets->folder);
	free(sockets->address);
	free(sockets);
	return 0;
}

bool sockets_pause(void)
{
	nanosleep(&(struct timespec){ .tv_nsec = 1000000 }, NULL);
	return false;
}

char *sockets_path(struct sockets *sockets, const char *name, const char *suffix)
{
	static char paths[8][256];
	static unsigned turn;
	char *path = paths[turn++ % 8];

	snprintf(path, sizeof(paths[0]), "%s/%s%s", sockets->folder, name, suffix);
	return path;
}

struct socket_options sockets_options(char *const *bind, size_t count)
{
	return (struct socket_options){ .type = SOCKET_ROUTER,
					.name = "echo",
					.bind = bind,
					.bind_count = count,
					.high_water = 1000,
					.message_bytes = 65536 };
}

/* Returns new in said. */
static struct socket *open_said(struct sockets *sockets, const struct socket_options *options,
				char **said)
{
	size_t size;
	FILE *errors = open_memstream(said, &size);
	struct socket *socket;

	assert_non_null(errors);
	socket = socket_open(sockets->context, options, errors);
	fclose(errors);
	return socket;
}

struct socket *sockets_open(struct sockets *sockets, const struct socket_options *options)
{
	char *said;
	struct socket *socket = open_said(sockets, options, &said);

	assert_string_equal(said, "");
	assert_non_null(socket);
	free(said);
	for (size_t i = 0; i < COUNT(sockets->open); i++)
		if (!sockets->open[i])
			return sockets->open[i] = socket;
	fail_msg("too many sockets");
	return NULL;
}

void sockets_close(struct sockets *sockets, struct socket *socket)
{
	for (size_t i = 0; i < COUNT(sockets->open); i++)
		if (sockets->open[i] == socket)
			sockets->open[i] = NULL;
	socket_close(socket);
}

void sockets_refuse(struct sockets *sockets, const struct socket_options *options, const char *word,
		    const char *other)
{
	char *said;
	struct socket *socket = open_said(sockets, options, &said);

	if (socket) {
		socket_close(socket);
		fail_msg("opened, and said nothing of %s", word);
	}
	if (!strstr(said, word) || !strstr(said, other) || !strstr(said, options->name))
		fail_msg("said: %s", said);
	assert_ptr_equal(strchr(said, '\n'), said + strlen(said) - 1);
	free(said);
}

struct socket *sockets_bound(struct sockets *sockets)
{
	struct socket_options options = sockets_options(&sockets->address, 1);

	return sockets_open(sockets, &options);
}

static void key_text(struct sockets *sockets, const char *name, const char *suffix, char text[41])
{
	FILE *file = fopen(sockets_path(sockets, name, suffix), "r");

	assert_non_null(file);
	assert_int_equal(fread(text, 1, 40, file), 40);
	text[40] = '\0';
	fclose(file);
}

static void peer_keys(struct sockets *sockets, void *peer, const struct sockets_keys *keys)
{
	char secret[41], public[41], server[41];

	key_text(sockets, keys->own, ".key", secret);
	key_text(sockets, keys->server, ".pub", server);
	assert_int_equal(zmq_curve_public(public, secret), 0);
	assert_int_equal(zmq_setsockopt(peer, ZMQ_CURVE_SECRETKEY, secret, 41), 0);
	assert_int_equal(zmq_setsockopt(peer, ZMQ_CURVE_PUBLICKEY, public, 41), 0);
	assert_int_equal(zmq_setsockopt(peer, ZMQ_CURVE_SERVERKEY, server, 41), 0);
}

static void peer_keep(struct sockets *sockets, void *peer)
{
	size_t i = 0;

	while (i < COUNT(sockets->peers) && sockets->peers[i])
		i++;
	assert_true(i < COUNT(sockets->peers));
	sockets->peers[i] = peer;
}

void sockets_peer_close(struct sockets *sockets, void *peer)
{
	for (size_t i = 0; i < COUNT(sockets->peers); i++)
		if (sockets->peers[i] == peer)
			sockets->peers[i] = NULL;
	zmq_close(peer);
}

void *sockets_peer(struct sockets *sockets, int type, const char *identity,
		   const struct sockets_keys *keys)
{
	void *peer = zmq_socket(sockets->zmq, type);
	const int patience = SOCKETS_WAIT_MS, none = 0;

	assert_non_null(peer);
	zmq_setsockopt(peer, ZMQ_RCVTIMEO, &patience, sizeof(patience));
	zmq_setsockopt(peer, ZMQ_SNDTIMEO, &patience, sizeof(patience));
	zmq_setsockopt(peer, ZMQ_LINGER, &none, sizeof(none));
	if (identity)
		assert_int_equal(zmq_setsockopt(peer, ZMQ_ROUTING_ID, identity, strlen(identity)),
				 0);
	peer_keep(sockets, peer);
	if (keys)
		peer_keys(sockets, peer, keys);
	return peer;
}

void sockets_peer_connect(void *peer, const char *endpoint)
{
	assert_int_equal(zmq_connect(peer, endpoint), 0);
}

/* What was there before may be going only now. */
void sockets_peer_bind(void *peer, const char *endpoint)
{
	sockets_await(zmq_bind(peer, endpoint) == 0);
}

void *sockets_dealer(struct sockets *sockets, const char *identity, const char *endpoint)
{
	void *peer = sockets_peer(sockets, ZMQ_DEALER, identity, NULL);

	sockets_peer_connect(peer, endpoint);
	return peer;
}

/* The next of the frames; more tells whether another follows. */
static struct slice text_frame(const char **frames, bool *more)
{
	struct slice frame = slice_span(*frames, strcspn(*frames, "|"));

	*more = frame.data[frame.len] == '|';
	*frames += frame.len + *more;
	return frame;
}

void sockets_peer_send(void *peer, const char *frames)
{
	bool more = true;

	while (more) {
		struct slice frame = text_frame(&frames, &more);

		assert_int_equal(zmq_send(peer, frame.data, frame.len, more ? ZMQ_SNDMORE : 0),
				 frame.len);
	}
}

static void text_add(char *text, const char *bytes, size_t len)
{
	size_t at = strlen(text);

	assert_true(at + len + 2 < TEXT_BYTES);
	if (at > 0)
		text[at++] = '|';
	memcpy(text + at, bytes, len);
	text[at + len] = '\0';
}

void sockets_peer_hears(void *peer, const char *frames)
{
	char text[TEXT_BYTES] = "", frame[TEXT_BYTES];
	int more = 1;
	size_t size = sizeof(more);

	while (more) {
		int len = zmq_recv(peer, frame, sizeof(frame), 0);

		if (len < 0 || len > (int)sizeof(frame))
			fail_msg("heard no %s: %s", frames, zmq_strerror(zmq_errno()));
		text_add(text, frame, (size_t)len);
		zmq_getsockopt(peer, ZMQ_RCVMORE, &more, &size);
	}
	assert_string_equal(text, frames);
}

void sockets_peer_hears_nothing(void *peer)
{
	char frame[64] = "";

	if (zmq_recv(peer, frame, sizeof(frame) - 1, ZMQ_DONTWAIT) >= 0)
		fail_msg("heard %s", frame);
}

enum socket_sent sockets_send(struct socket *socket, const char *frames)
{
	struct slice parts[SOCKET_FRAMES_MAX];
	size_t count = 0;
	bool more = true;

	while (more) {
		assert_true(count < SOCKET_FRAMES_MAX);
		parts[count++] = text_frame(&frames, &more);
	}
	return socket_send(socket, parts, count);
}

/* As text. */
static void socket_heard(struct socket *socket, char text[TEXT_BYTES])
{
	struct socket_message message;

	sockets_await(socket_readable(socket));
	assert_true(socket_receive(socket, &message));
	assert_false(message.oversized);
	text[0] = '\0';
	for (size_t i = 0; i < message.count; i++)
		text_add(text, message.frames[i].data, message.frames[i].len);
}

void sockets_hears(struct socket *socket, const char *frames)
{
	char text[TEXT_BYTES];

	do
		socket_heard(socket, text);
	while (strcmp(text, frames) != 0 && strstr(text, "|hello"));
	assert_string_equal(text, frames);
}

/* Nobody can be sent to before ours, which has to be tended for that, has connected; and what is
 * said while a connection ends is lost, so it is said again. Returns false. */
static bool hello_say(void *peer, unsigned *until)
{
	if (*until > 0)
		--*until;
	else if (zmq_send(peer, "hello", 5, ZMQ_DONTWAIT) == 5)
		*until = 500;
	return false;
}

bool sockets_meets_within(struct socket *socket, void *peer, const char *identity, int ms)
{
	char hello[64], text[TEXT_BYTES] = "";
	unsigned until = 0;

	snprintf(hello, sizeof(hello), "%s|hello", identity);
	for (int waited = 0; waited < ms && strcmp(text, hello) != 0; waited++)
		if (hello_say(peer, &until) || socket_readable(socket))
			socket_heard(socket, text);
		else
			(void)sockets_pause();
	return strcmp(text, hello) == 0;
}

void sockets_meet(struct socket *socket, void *peer, const char *identity)
{
	char hello[64], text[TEXT_BYTES];
	unsigned until = 0;

	snprintf(hello, sizeof(hello), "%s|hello", identity);
	do {
		sockets_await(hello_say(peer, &until) || socket_readable(socket));
		socket_heard(socket, text);
	} while (strcmp(text, hello) != 0);
}
