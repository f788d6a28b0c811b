/* Connections on a loop of their own, with a user that pauses, accepts late and closes: what
 * neither the tables of the readers nor an echo shows. Each over TCP and over TLS. */
#include <arpa/inet.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

#include <cmocka.h>
#include <openssl/ssl.h>

#include "bridge/known.h"
#include "bridge/net/loop.h"
#include "bridge/net/transport.h"
#include "bridge/setup.h"
#include "bridge/turn.h"
#include "codecs/text/memory.h"
#include "conf/load.h"
#include "tests/support/pem_folder.h"
#include "tests/support/ws_cases.h"

#define WITHIN_MS 20000
#define PINGS     2000 /* more than are answered in one write */
#define TEXT      0x81
#define PING      0x89
#define CLOSE     0x88
#define MOUNTS    "mounts = ( { path = \"/x\"; dialect = \"simple\"; room = \"lobby\"; } );"

static struct conf *conf;
static struct bridge *bridge;
static struct loop *loop;

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

/* What the user is to do at its next turn. */
struct orders {
	bool accept, close, kill, resume;
};

/* The one connection's user. Both threads use it, under the lock. */
static struct {
	const struct transport *transport;
	void *conn;
	bool pauses;       /* at each message; reading goes on at the next turn */
	bool stays_paused; /* ... not before it is told */
	bool waits;        /* with accept(), until it is told */
	bool paused, closed;
	struct orders orders;
	size_t count, gone, rejected;
	char heard[65536]; /* each message behind a space */
	size_t heard_len;
} user;

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

static void carry_out(struct orders orders)
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
	struct orders orders = { 0 };

	turn_run(worker);
	pthread_mutex_lock(&lock);
	if (user.conn) {
		orders = user.orders;
		orders.resume = user.paused && (!user.stays_paused || orders.resume);
		user.paused &= !orders.resume;
		user.orders = (struct orders){ 0 };
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

static void tell(struct orders orders)
{
	struct mailbox *box = &bridge->workers[0]->box;

	pthread_mutex_lock(&lock);
	user.orders = orders;
	pthread_mutex_unlock(&lock);
	box->wake(box->owner);
}

static void sleep_ms(long ms)
{
	nanosleep(&(struct timespec){ .tv_nsec = ms * 1000000 }, NULL);
}

static size_t count_of(const size_t *what)
{
	size_t count;

	pthread_mutex_lock(&lock);
	count = *what;
	pthread_mutex_unlock(&lock);
	return count;
}

static void wait_for(const size_t *what, size_t count)
{
	for (int i = 0; i < WITHIN_MS && count_of(what) < count; i++)
		sleep_ms(1);
	assert_int_equal(count_of(what), count);
}

struct peer {
	int fd;
	SSL *tls; /* NULL: plain */
	SSL_CTX *context;
};

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

static struct peer peer_open(bool tls)
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

static void peer_send(struct peer *peer, struct ws_bytes *bytes)
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

/* Exactly so many bytes. */
static void peer_gets(struct peer *peer, const void *wanted, size_t len)
{
	unsigned char got[1024];
	size_t at = 0, more = 1;

	assert_true(len <= sizeof(got));
	while (at < len && more > 0)
		at += more = peer_read(peer, got + at, len - at);
	assert_int_equal(at, len);
	assert_memory_equal(got, wanted, len);
}

static void peer_close(struct peer *peer)
{
	SSL_free(peer->tls);
	SSL_CTX_free(peer->context);
	close(peer->fd);
	wait_for(&user.gone, 1);
	sleep_ms(20);
	assert_int_equal(count_of(&user.gone), 1);
}

/* What was asked for is sent, and the answer's head read. */
static void request_add(struct ws_bytes *bytes)
{
	static const char text[] = "GET /x HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\n"
				   "Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
				   "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";

	ws_bytes_add(bytes, text, sizeof(text) - 1);
}

static void peer_upgraded(struct peer *peer)
{
	char head[1024] = "";
	size_t len = 0;

	while (!strstr(head, "\r\n\r\n") && len + 1 < sizeof(head) &&
	       peer_read(peer, (unsigned char *)head + len, 1) == 1)
		len++;
	if (strncmp(head, "HTTP/1.1 101 ", 13) != 0)
		fail_msg("%s", head);
}

static struct peer upgraded(bool tls)
{
	struct peer peer = peer_open(tls);
	struct ws_bytes bytes = { 0 };

	request_add(&bytes);
	peer_send(&peer, &bytes);
	peer_upgraded(&peer);
	return peer;
}

/* Messages from one number up to before another; some are long. */
static void messages_add(struct ws_bytes *bytes, unsigned from, unsigned to)
{
	char text[128];

	for (unsigned i = from; i < to; i++) {
		int len = snprintf(text, sizeof(text), "%u%.*s", i, (int)(i % 3) * 30,
				   "-----------------------------------------------------------");

		ws_frame_add(bytes, TEXT, text, (size_t)len);
	}
}

static void heard_are(unsigned from, unsigned to)
{
	const char *at = user.heard;
	char *end;

	for (unsigned i = from; i < to; i++) {
		assert_true(*at == ' ');
		assert_int_equal(strtoul(at + 1, &end, 10), i);
		at = end + strspn(end, "-");
	}
	assert_string_equal(at, "");
}

/* ---- the tests: *state is whether over TLS ---- */

static bool over_tls(void **state)
{
	return *(bool *)*state;
}

static void pausing_within_a_segment_loses_nothing(void **state)
{
	struct ws_bytes bytes = { 0 };
	struct peer peer;

	user.pauses = true;
	peer = upgraded(over_tls(state));
	for (unsigned part = 0; part < 5; part++) {
		messages_add(&bytes, part * 100, part * 100 + 100);
		peer_send(&peer, &bytes);
	}
	wait_for(&user.count, 500);
	heard_are(0, 500);
	peer_close(&peer);
}

/* One that was read already may still come. */
static void who_is_paused_hears_no_more(void **state)
{
	struct ws_bytes bytes = { 0 };
	struct peer peer;

	user.pauses = user.stays_paused = true;
	peer = upgraded(over_tls(state));
	for (unsigned i = 0; i < 10; i++) {
		messages_add(&bytes, i * 2, i * 2 + 2);
		peer_send(&peer, &bytes);
		sleep_ms(5);
	}
	assert_in_range(count_of(&user.count), 1, 2);
	pthread_mutex_lock(&lock);
	user.pauses = false;
	pthread_mutex_unlock(&lock);
	tell((struct orders){ .resume = true });
	wait_for(&user.count, 20);
	heard_are(0, 20);
	peer_close(&peer);
}

static void what_comes_before_the_answer_is_heard_after_it(void **state)
{
	struct peer peer = { 0 };
	struct ws_bytes bytes = { 0 };

	user.waits = true;
	peer = peer_open(over_tls(state));
	request_add(&bytes);
	messages_add(&bytes, 0, 50);
	peer_send(&peer, &bytes);
	sleep_ms(20);
	messages_add(&bytes, 50, 100);
	peer_send(&peer, &bytes);
	sleep_ms(20);
	assert_int_equal(count_of(&user.count), 0);
	tell((struct orders){ .accept = true });
	peer_upgraded(&peer);
	wait_for(&user.count, 100);
	heard_are(0, 100);
	peer_close(&peer);
}

static void who_is_paused_before_the_answer_stays_so(void **state)
{
	struct ws_bytes bytes = { 0 };
	struct peer peer;

	user.waits = user.stays_paused = true;
	peer = peer_open(over_tls(state));
	request_add(&bytes);
	messages_add(&bytes, 0, 10);
	peer_send(&peer, &bytes);
	sleep_ms(20);
	tell((struct orders){ .accept = true });
	peer_upgraded(&peer);
	messages_add(&bytes, 10, 20);
	peer_send(&peer, &bytes);
	sleep_ms(50);
	assert_int_equal(count_of(&user.count), 0);
	tell((struct orders){ .resume = true });
	wait_for(&user.count, 20);
	heard_are(0, 20);
	peer_close(&peer);
}

static void pings_are_answered_before_messages_behind_them(void **state)
{
	struct ws_bytes bytes = { 0 };
	struct peer peer;

	user.pauses = true;
	peer = upgraded(over_tls(state));
	for (unsigned i = 0; i < PINGS; i++)
		ws_frame_add(&bytes, PING, "a", 1);
	messages_add(&bytes, 0, 1);
	ws_frame_add(&bytes, PING, "b", 1);
	ws_frame_add(&bytes, CLOSE, "\x03\xe8", 2);
	peer_send(&peer, &bytes);
	for (unsigned i = 0; i < PINGS; i++)
		peer_gets(&peer,
			  "\x8a\x01"
			  "a",
			  3);
	peer_gets(&peer,
		  "\x8a\x01"
		  "b\x88\x02\x03\xe8",
		  7);
	assert_int_equal(peer_read(&peer, &(unsigned char){ 0 }, 1), 0);
	peer_close(&peer);
	heard_are(0, 1);
}

/* Nothing is heard after our close frame, nor is anything written; the peer's own ends it. */
static void after_a_close_nothing_is_heard(void **state)
{
	static const char closed[] = "\x88\x08\x03\xf0kicked";
	struct ws_bytes bytes = { 0 };
	struct peer peer = upgraded(over_tls(state));

	messages_add(&bytes, 0, 1);
	peer_send(&peer, &bytes);
	wait_for(&user.count, 1);
	tell((struct orders){ .close = true });
	peer_gets(&peer, closed, sizeof(closed) - 1);
	messages_add(&bytes, 1, 9);
	ws_frame_add(&bytes, PING, "a", 1);
	ws_frame_add(&bytes, CLOSE, "\x03\xf0", 2);
	peer_send(&peer, &bytes);
	assert_int_equal(peer_read(&peer, &(unsigned char){ 0 }, 1), 0);
	assert_int_equal(count_of(&user.count), 1);
	peer_close(&peer);
}

/* A peer that broke the rules is told once, and what it sends then is not looked at. */
static void a_fault_is_told_once(void **state)
{
	static const char closed[] = "\x88\x08\x03\xf0kicked";
	struct ws_bytes bytes = { 0 };
	struct peer peer = upgraded(over_tls(state));

	messages_add(&bytes, 0, 1);
	ws_bytes_add(&bytes, "\x81\x01x", 3);
	messages_add(&bytes, 1, 5);
	peer_send(&peer, &bytes);
	peer_gets(&peer, closed, sizeof(closed) - 1);
	ws_bytes_add(&bytes, "\xff\xff\xff", 3);
	peer_send(&peer, &bytes);
	assert_int_equal(peer_read(&peer, &(unsigned char){ 0 }, 1), 0);
	peer_close(&peer);
	assert_int_equal(user.rejected, 1);
	heard_are(0, 1);
}

static void who_is_killed_while_something_is_held_is_gone_once(void **state)
{
	struct ws_bytes bytes = { 0 };
	struct peer peer;

	user.pauses = user.stays_paused = true;
	peer = upgraded(over_tls(state));
	messages_add(&bytes, 0, 10);
	peer_send(&peer, &bytes);
	wait_for(&user.count, 1);
	tell((struct orders){ .kill = true });
	assert_int_equal(peer_read(&peer, &(unsigned char){ 0 }, 1), 0);
	peer_close(&peer);
	assert_int_equal(user.count, 1);
}

/* ---- the house ---- */

static int user_new(void **state)
{
	(void)state;
	pthread_mutex_lock(&lock);
	memset(&user, 0, sizeof(user));
	pthread_mutex_unlock(&lock);
	return 0;
}

static int house_open(void **state)
{
	struct conf_printer printer;
	char text[1024];

	if (pem_folder_make(state) != 0)
		return -1;
	pem_make("one", &(struct pem){ .kind = "EC", .name = "localhost" });
	snprintf(text, sizeof(text),
		 "workers = 1; listeners = ( { port = 0; " MOUNTS " }, { port = 0; "
		 "tls_certificate = \"%s\"; tls_key = \"%s\"; " MOUNTS " } ); "
		 "rooms = ( { name = \"lobby\"; } );",
		 pem_path("one.pem"), pem_path("one.key"));
	conf_printer_init(&printer, stderr);
	conf = conf_parse(text, known_names(), &printer.report);
	assert_non_null(conf);
	bridge = setup_bridge(conf, NULL, stderr);
	assert_non_null(bridge);
	loop_set_library();
	loop = loop_new(bridge->workers[0], &ops);
	assert_non_null(loop);
	assert_true(loop_start(loop));
	return 0;
}

static int house_close(void **state)
{
	mailbox_post(&bridge->workers[0]->box, post_new(POST_STOP));
	loop_join(loop);
	bridge->workers[0]->box.wake = NULL;
	loop_free(loop);
	setup_free(bridge);
	conf_free(conf);
	return pem_folder_remove(state);
}

static bool plain = false, secure = true;

#define BOTH(test)                                                                                 \
	{ #test, test, user_new, NULL, &plain },                                                   \
	{                                                                                          \
#test " (TLS)", test, user_new, NULL, &secure                                      \
	}

int main(void)
{
	const struct CMUnitTest tests[] = {
		BOTH(pausing_within_a_segment_loses_nothing),
		BOTH(who_is_paused_hears_no_more),
		BOTH(what_comes_before_the_answer_is_heard_after_it),
		BOTH(who_is_paused_before_the_answer_stays_so),
		BOTH(pings_are_answered_before_messages_behind_them),
		BOTH(after_a_close_nothing_is_heard),
		BOTH(a_fault_is_told_once),
		BOTH(who_is_killed_while_something_is_held_is_gone_once),
	};

	return cmocka_run_group_tests(tests, house_open, house_close);
}
