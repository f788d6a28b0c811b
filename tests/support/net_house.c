#include "tests/support/net_house.h"

#include <arpa/inet.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>
#include <openssl/ssl.h>

#include "bridge/known.h"
#include "bridge/net/loop.h"
#include "bridge/net/transport.h"
#include "bridge/setup.h"
#include "bridge/turn.h"
#include "conf/load.h"

#define WITHIN_MS 20000
#define MOUNTS    "mounts = ( { path = \"/x\"; dialect = \"simple\"; room = \"lobby\"; } );"

static struct conf *conf;
static struct bridge *bridge;
static struct loop *loop;

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
struct house_user user;

/* ---- the user: on the loop's thread ---- */

static void *user_arrive(struct worker *worker, const struct mount *mount, uint64_t address,
			 const struct transport *transport, void *conn)
{
	(void)worker;
	(void)mount;
	(void)address;
	user.transport = transport;
	user.conn = conn;
	return &user;
}

static void user_handshake(void *data, const struct codec_handshake *request)
{
	bool waits, pauses;

	(void)data;
	(void)request;
	pthread_mutex_lock(&lock);
	waits = user.waits;
	pauses = user.paused = user.waits && user.stays_paused;
	pthread_mutex_unlock(&lock);
	if (pauses)
		user.transport->pause(user.conn, true);
	if (!waits)
		user.transport->accept(user.conn, false);
}

static size_t user_limit(const void *data)
{
	(void)data;
	return user.closed ? 0 : 65536;
}

static void user_receive(void *data, struct slice text, bool binary)
{
	bool pauses;

	(void)data;
	assert_false(binary);
	pthread_mutex_lock(&lock);
	assert_true(user.heard_len + text.len + 2 < sizeof(user.heard));
	user.heard[user.heard_len++] = ' ';
	memcpy(user.heard + user.heard_len, text.data, text.len);
	user.heard_len += text.len;
	user.heard[user.heard_len] = '\0';
	user.count++;
	pauses = user.pauses;
	user.paused |= pauses;
	pthread_mutex_unlock(&lock);
	if (pauses)
		user.transport->pause(user.conn, true);
}

static void user_reject(void *data, enum close_reason why)
{
	(void)data;
	(void)why;
	pthread_mutex_lock(&lock);
	user.rejected++;
	user.orders.close = true;
	pthread_mutex_unlock(&lock);
}

static void user_writable(void *data)
{
	(void)data;
}

static void user_gone(void *data)
{
	(void)data;
	pthread_mutex_lock(&lock);
	user.gone++;
	user.conn = NULL;
	pthread_mutex_unlock(&lock);
}

static void carry_out(struct house_orders orders)
{
	if (orders.accept)
		user.transport->accept(user.conn, false);
	if (orders.close) {
		user.closed = true;
		user.transport->close(user.conn, CLOSE_KICKED);
	}
	if (orders.kill)
		user.transport->kill(user.conn);
	if (orders.resume)
		user.transport->pause(user.conn, false);
}

static void turn(struct worker *worker)
{
	struct house_orders orders = { 0 };

	turn_run(worker);
	pthread_mutex_lock(&lock);
	if (user.conn) {
		orders = user.orders;
		orders.resume = user.paused && (!user.stays_paused || orders.resume);
		user.paused &= !orders.resume;
		user.orders = (struct house_orders){ 0 };
	}
	pthread_mutex_unlock(&lock);
	carry_out(orders);
}

static const struct transport_user use = { .arrive = user_arrive,
					   .handshake = user_handshake,
					   .message_limit = user_limit,
					   .receive = user_receive,
					   .reject = user_reject,
					   .writable = user_writable,
					   .gone = user_gone };

static const struct loop_ops ops = { .turn = turn, .tick = turn_tick, .use = &use };

/* ---- the test's side ---- */

void house_tell(struct house_orders orders)
{
	struct mailbox *box = &bridge->workers[0]->box;

	pthread_mutex_lock(&lock);
	user.orders = orders;
	pthread_mutex_unlock(&lock);
	box->wake(box->owner);
}

void house_pauses(bool pauses)
{
	pthread_mutex_lock(&lock);
	user.pauses = pauses;
	pthread_mutex_unlock(&lock);
}

void sleep_ms(long ms)
{
	nanosleep(&(struct timespec){ .tv_nsec = ms * 1000000 }, NULL);
}

size_t house_count(const size_t *what)
{
	size_t count;

	pthread_mutex_lock(&lock);
	count = *what;
	pthread_mutex_unlock(&lock);
	return count;
}

void house_wait(const size_t *what, size_t count)
{
	for (int i = 0; i < WITHIN_MS && house_count(what) < count; i++)
		sleep_ms(1);
	assert_int_equal(house_count(what), count);
}

/* Two ends of one TCP connection. */
static void ends_make(int ends[2])
{
	struct sockaddr_in address = { .sin_family = AF_INET,
				       .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t len = sizeof(address);
	int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	assert_int_equal(bind(listener, (struct sockaddr *)&address, len), 0);
	assert_int_equal(listen(listener, 1), 0);
	assert_int_equal(getsockname(listener, (struct sockaddr *)&address, &len), 0);
	ends[0] = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_int_equal(connect(ends[0], (struct sockaddr *)&address, len), 0);
	ends[1] = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
	assert_true(ends[1] >= 0);
	close(listener);
}

struct peer peer_open(bool tls)
{
	struct timeval within = { .tv_sec = WITHIN_MS / 1000 };
	struct post_socket *post = post_new(POST_SOCKET);
	struct peer peer = { 0 };
	int ends[2];

	ends_make(ends);
	peer.fd = ends[0];
	setsockopt(peer.fd, SOL_SOCKET, SO_RCVTIMEO, &within, sizeof(within));
	post->fd = ends[1];
	post->listener = &bridge->listeners[tls];
	mailbox_post(&bridge->workers[0]->box, &post->post);
	if (!tls)
		return peer;
	peer.context = SSL_CTX_new(TLS_client_method());
	peer.tls = SSL_new(peer.context);
	SSL_set_fd(peer.tls, peer.fd);
	assert_int_equal(SSL_connect(peer.tls), 1);
	return peer;
}

void peer_send(struct peer *peer, struct ws_bytes *bytes)
{
	if (peer->tls)
		assert_int_equal(SSL_write(peer->tls, bytes->data, (int)bytes->len), bytes->len);
	else
		assert_int_equal(send(peer->fd, bytes->data, bytes->len, MSG_NOSIGNAL), bytes->len);
	free(bytes->data);
	*bytes = (struct ws_bytes){ 0 };
}

static size_t peer_read(struct peer *peer, unsigned char *out, size_t len)
{
	ssize_t got = peer->tls ? SSL_read(peer->tls, out, (int)len) : read(peer->fd, out, len);

	return got > 0 ? (size_t)got : 0;
}

void peer_gets(struct peer *peer, const void *wanted, size_t len)
{
	unsigned char got[1024];
	size_t at = 0, more = 1;

	assert_true(len <= sizeof(got));
	while (at < len && more > 0)
		at += more = peer_read(peer, got + at, len - at);
	assert_int_equal(at, len);
	assert_memory_equal(got, wanted, len);
}

void peer_ends(struct peer *peer)
{
	unsigned char byte;

	assert_int_equal(peer_read(peer, &byte, 1), 0);
}

void peer_close(struct peer *peer)
{
	SSL_free(peer->tls);
	SSL_CTX_free(peer->context);
	close(peer->fd);
	house_wait(&user.gone, 1);
	sleep_ms(20);
	assert_int_equal(house_count(&user.gone), 1);
}

void request_add(struct ws_bytes *bytes)
{
	static const char text[] = "GET /x HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\n"
				   "Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
				   "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";

	ws_bytes_add(bytes, text, sizeof(text) - 1);
}

void peer_agrees(struct peer *peer)
{
	char head[1024] = "";
	size_t len = 0;

	while (!strstr(head, "\r\n\r\n") && len + 1 < sizeof(head) &&
	       peer_read(peer, (unsigned char *)head + len, 1) == 1)
		len++;
	if (strncmp(head, "HTTP/1.1 101 ", 13) != 0)
		fail_msg("%s", head);
}

struct peer peer_upgraded(bool tls)
{
	struct peer peer = peer_open(tls);
	struct ws_bytes bytes = { 0 };

	request_add(&bytes);
	peer_send(&peer, &bytes);
	peer_agrees(&peer);
	return peer;
}

/* ---- the house ---- */

void house_user_new(void)
{
	pthread_mutex_lock(&lock);
	memset(&user, 0, sizeof(user));
	pthread_mutex_unlock(&lock);
}

void house_open(const char *certificate, const char *key)
{
	struct conf_printer printer;
	char text[1024];

	snprintf(text, sizeof(text),
		 "workers = 1; listeners = ( { port = 0; " MOUNTS " }, { port = 0; "
		 "tls_certificate = \"%s\"; tls_key = \"%s\"; " MOUNTS " } ); "
		 "rooms = ( { name = \"lobby\"; } );",
		 certificate, key);
	conf_printer_init(&printer, stderr);
	conf = conf_parse(text, known_names(), &printer.report);
	assert_non_null(conf);
	bridge = setup_bridge(conf, NULL, stderr);
	assert_non_null(bridge);
	loop_set_library();
	loop = loop_new(bridge->workers[0], &ops);
	assert_non_null(loop);
	assert_true(loop_start(loop));
}

void house_close(void)
{
	mailbox_post(&bridge->workers[0]->box, post_new(POST_STOP));
	loop_join(loop);
	bridge->workers[0]->box.wake = NULL;
	loop_free(loop);
	setup_free(bridge);
	conf_free(conf);
}
