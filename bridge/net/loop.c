#include "bridge/net/loop.h"

#include <libwebsockets.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <uv.h>

#include "bridge/core/ids.h"
#include "bridge/core/log/log.h"
#include "bridge/net/connection.h"
#include "bridge/net/library_log.h"
#include "bridge/net/peers/preface.h"
#include "bridge/net/peers/proxies.h"
#include "bridge/net/socket_poll.h"
#include "bridge/net/stream.h"
#include "bridge/net/vhosts.h"
#include "bridge/net/ws/ws_compressor.h"
#include "bridge/net/ws/ws_deflate.h"
#include "codecs/text/memory.h"

#define TICK_MS 250
/* What is read at a time. More than one record of TLS: else what is left of one waits inside
 * OpenSSL, where nothing wakes a connection that was paused meanwhile. */
#define SERVE_BYTES     65536
#define TLS_SECONDS     10 /* for a handshake, and from there to the first byte */
#define LIBRARY_TURNS   10
#define CLOSE_TURNS_MAX 1000

/* From 4.3 on the library counts, without a lock, who uses a log, and ends the process when the
 * count is wrong. Its own log is one for all threads. */
#define LOG_IS_COUNTED (LWS_LIBRARY_VERSION_NUMBER >= 4003000)
#define LIBRARY_LEVELS (LLL_ERR | LLL_WARN)

struct loop {
	struct worker *worker;
	const struct loop_ops *ops;
	uv_loop_t uv;
	uv_async_t wake;
	uv_prepare_t prepare;
	uv_check_t check;
	uv_timer_t tick;
	uv_idle_t idle; /* runs while backends have more to say than one turn takes */
	uv_poll_t *sockets;
	size_t socket_count;
	struct lws_context *context;
#if LOG_IS_COUNTED
	struct lws_log_cx log;
#endif
	struct vhosts vhosts;
	struct prefaces prefaces;
	pthread_t thread;
	bool started;
};

static uint64_t clock_ms(clockid_t clock)
{
	struct timespec now;

	clock_gettime(clock, &now);
	return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

uint64_t clock_wall_ms(void)
{
	return clock_ms(CLOCK_REALTIME);
}

uint64_t clock_steady_ms(void)
{
	return clock_ms(CLOCK_MONOTONIC);
}

static void library_says(int level, const char *line)
{
	library_log(level & LLL_ERR ? LOG_WARNING : LOG_DEBUG, line);
}

void loop_set_library(void)
{
	lws_set_log_level(LIBRARY_LEVELS, library_says);
}

static void read_clock(struct worker *worker)
{
	worker->now_ms = clock_wall_ms();
	worker->tick_ms = clock_steady_ms();
	worker->clock_stale = false;
	ids_bound(worker);
}

static void loop_wake(void *owner)
{
	struct worker *worker = owner;
	struct loop *loop = worker->loop;

	uv_async_send(&loop->wake);
}

static void on_wake(uv_async_t *async)
{
	(void)async; /* the turn's end takes the mail */
}

static void on_idle(uv_idle_t *idle)
{
	(void)idle; /* only keeps the loop from waiting */
}

/* Others see that this thread is not stuck. */
static void tell_turn(struct worker *worker)
{
	atomic_store_explicit(&worker->turned_ms, worker->tick_ms, memory_order_relaxed);
}

static void loop_turn(struct loop *loop)
{
	library_log_tell(false);
	read_clock(loop->worker);
	tell_turn(loop->worker);
	loop->ops->turn(loop->worker);
	if (loop->worker->more_waiting)
		uv_idle_start(&loop->idle, on_idle);
	else
		uv_idle_stop(&loop->idle);
	if (loop->worker->stopped)
		uv_stop(&loop->uv);
}

static void on_prepare(uv_prepare_t *prepare)
{
	struct loop *loop = prepare->data;

	loop_turn(loop);
	streams_settle(loop->worker);
	/* What happens next happens after a wait of unknown length. */
	loop->worker->clock_stale = true;
}

static void on_check(uv_check_t *check)
{
	loop_turn(check->data);
}

static void on_tick(uv_timer_t *timer)
{
	struct loop *loop = timer->data;

	atomic_fetch_add_explicit(&loop->worker->ticks, 1, memory_order_relaxed);
	read_clock(loop->worker);
	library_log_tell(true);
	connections_tick(loop->worker);
	prefaces_tick(&loop->prefaces);
	loop->ops->tick(loop->worker);
}

static void open_connection(struct worker *worker, struct post_socket *socket)
{
	struct loop *loop = worker->loop;
	struct lws_vhost *vhost = vhosts_find(&loop->vhosts, socket->listener);

	if (loop->ops->open)
		loop->ops->open(worker, vhost, socket);
	else
		connection_open(worker, vhost, socket);
}

static void adopt(struct worker *worker, struct post *post)
{
	struct post_socket *socket = (struct post_socket *)post;
	struct loop *loop = worker->loop;

	if (proxies_announce(socket->listener->proxies))
		prefaces_add(&loop->prefaces, socket);
	else
		open_connection(worker, socket);
}

static void certify(struct worker *worker, struct post *post)
{
	struct loop *loop = worker->loop;
	struct post_certificate *given = (struct post_certificate *)post;
	struct certificate *certificate = given->certificate;

	given->certificate = NULL;
	if (!vhosts_certify(&loop->vhosts, given->listener, certificate))
		log_line(LOG_ERROR, "libwebsockets rejected a certificate");
}

static void handles_open(struct loop *loop)
{
	uv_async_init(&loop->uv, &loop->wake, on_wake);
	uv_prepare_init(&loop->uv, &loop->prepare);
	uv_prepare_start(&loop->prepare, on_prepare);
	uv_check_init(&loop->uv, &loop->check);
	uv_check_start(&loop->check, on_check);
	uv_timer_init(&loop->uv, &loop->tick);
	uv_timer_start(&loop->tick, on_tick, TICK_MS, TICK_MS);
	uv_idle_init(&loop->uv, &loop->idle);
	loop->wake.data = loop->prepare.data = loop->check.data = loop->tick.data = loop;
}

/* TLS is made ready even if no listener has it yet: it cannot be later. */
static bool library_open(struct loop *loop)
{
	void *loops[] = { &loop->uv };
	struct lws_context_creation_info info = { 0 };

	info.port = CONTEXT_PORT_NO_LISTEN_SERVER;
	info.options = LWS_SERVER_OPTION_LIBUV | LWS_SERVER_OPTION_EXPLICIT_VHOSTS |
		       LWS_SERVER_OPTION_DO_SSL_GLOBAL_INIT;
	info.foreign_loops = loops;
	info.pt_serv_buf_size = SERVE_BYTES;
	info.timeout_secs = TLS_SECONDS;
#if LOG_IS_COUNTED
	loop->log = (struct lws_log_cx){ .u.emit = library_says, .lll_flags = LIBRARY_LEVELS };
	info.log_cx = &loop->log;
#endif
	loop->context = lws_create_context(&info);
	return loop->context && vhosts_open(&loop->vhosts, loop->context, loop->worker->bridge);
}

struct loop *loop_new(struct worker *worker, const struct loop_ops *ops)
{
	struct loop *loop = memory_zeroed(1, sizeof(*loop));

	loop->worker = worker;
	loop->ops = ops;
	if (uv_loop_init(&loop->uv) != 0) {
		free(loop);
		return NULL;
	}
	worker->uv = &loop->uv;
	handles_open(loop);
	prefaces_open(&loop->prefaces, worker, &loop->uv, open_connection);
	read_clock(loop->worker);
	tell_turn(loop->worker);
	if (!streams_open(worker, &loop->uv) || !library_open(loop)) {
		library_log_tell(true);
		log_line(LOG_ERROR, "cannot start libwebsockets on libuv; is the package "
				    "libwebsockets-evlib-uv installed?");
		loop_free(loop);
		return NULL;
	}
	worker->loop = loop;
	worker->use = ops->use;
	worker->door_use = ops->doors;
	worker->compressor = ws_compressor_new(worker->bridge->limits.compress_above);
	connections_open(worker);
	worker->adopt = adopt;
	worker->certify = certify;
	worker->read_clock = read_clock;
	worker->box.wake = loop_wake;
	return loop;
}

static void on_socket(uv_poll_t *poll, int status, int events)
{
	struct loop *loop = poll->data;

	(void)status;
	(void)events;
	loop->worker->fired = true; /* the turn's end takes what is there */
}

bool loop_watch(struct loop *loop, const int *descriptors, size_t count)
{
	loop->sockets = memory_zeroed(count, sizeof(*loop->sockets));
	for (size_t i = 0; i < count; i++) {
		if (uv_poll_init(&loop->uv, &loop->sockets[i], descriptors[i]) != 0)
			return false;
		loop->socket_count++;
		loop->sockets[i].data = loop;
		if (uv_poll_start(&loop->sockets[i], UV_READABLE, on_socket) != 0)
			return false;
	}
	return true;
}

static void *loop_run(void *data)
{
	struct loop *loop = data;

	uv_run(&loop->uv, UV_RUN_DEFAULT);
	return NULL;
}

/* For whoever looks at the threads of the process: top -H, /proc. */
static void loop_name(struct loop *loop)
{
	const struct worker *worker = loop->worker;
	char name[16]; /* what the system keeps of it */

	if (worker == worker->bridge->admin)
		snprintf(name, sizeof(name), "admin");
	else
		snprintf(name, sizeof(name), "worker-%u", worker->index);
	pthread_setname_np(loop->thread, name);
}

bool loop_start(struct loop *loop)
{
	sigset_t all, before;

	/* Signals are the main thread's. */
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	loop->started = pthread_create(&loop->thread, NULL, loop_run, loop) == 0;
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	if (loop->started)
		loop_name(loop);
	return loop->started;
}

void loop_join(struct loop *loop)
{
	if (loop->started)
		pthread_join(loop->thread, NULL);
	loop->started = false;
}

static void close_handle(uv_handle_t *handle)
{
	if (!uv_is_closing(handle))
		uv_close(handle, NULL);
}

/* On a foreign loop the library only begins to close; its handles end in turns of the loop, and
 * a second call frees the rest. */
static void library_close(struct loop *loop)
{
	if (!loop->context)
		return;
	lws_context_destroy(loop->context);
	uv_prepare_stop(&loop->prepare);
	uv_check_stop(&loop->check);
	for (int i = 0; i < LIBRARY_TURNS; i++)
		uv_run(&loop->uv, UV_RUN_NOWAIT);
	lws_context_destroy(loop->context);
}

void loop_free(struct loop *loop)
{
	if (!loop)
		return;
	prefaces_close(&loop->prefaces);
	socket_polls_close(loop->worker->sockets);
	socket_polls_close(loop->worker->called);
	loop->worker->sockets = loop->worker->called = NULL;
	loop->worker->uv = NULL;
	library_close(loop);
	vhosts_clear(&loop->vhosts);
	close_handle((uv_handle_t *)&loop->wake);
	close_handle((uv_handle_t *)&loop->prepare);
	close_handle((uv_handle_t *)&loop->check);
	close_handle((uv_handle_t *)&loop->tick);
	close_handle((uv_handle_t *)&loop->idle);
	for (size_t i = 0; i < loop->socket_count; i++)
		close_handle((uv_handle_t *)&loop->sockets[i]);
	for (int i = 0; i < CLOSE_TURNS_MAX && uv_loop_close(&loop->uv) == UV_EBUSY; i++)
		uv_run(&loop->uv, UV_RUN_NOWAIT);
	ws_compressor_free(loop->worker->compressor);
	ws_inflate_free(loop->worker->inflate);
	connections_close(loop->worker);
	loop->worker->compressor = NULL;
	loop->worker->inflate = NULL;
	free(loop->sockets);
	free(loop);
}
