/* echo.c - a server that sends every message back, made of the product's own loop, streams,
 * connections and readers: for what only an echo shows of them, tests/system/websocket.py and
 * public suites of WebSocket cases.
 *
 *   echo FILE
 *
 * FILE is a configuration of dragoman's; its listeners and workers are used, and every mount
 * echoes. A text or binary message may be of 16 MiB, or of N bytes where the request says ?limit=N.
 * Prints a line of JSON with the listeners' ports when it accepts, and ends at SIGTERM.
 *
 * Messages are echoed at once, so that they precede the answer to a close in the same segment; as
 * in the product, there is no second write before the first is complete. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <uv.h>

#include "bridge/core/log/log.h"
#include "bridge/known.h"
#include "bridge/net/listener.h"
#include "bridge/net/loop.h"
#include "bridge/net/transport.h"
#include "bridge/setup.h"
#include "bridge/turn.h"
#include "codecs/model/frame.h"
#include "codecs/text/memory.h"
#include "conf/load.h"

#define MESSAGE_MAX   ((size_t)16 << 20)
#define OUTBOX_PAUSE  ((size_t)1 << 20) /* above this nothing more is read */
#define OPCODE_TEXT   1
#define OPCODE_BINARY 2

struct echo {
	struct echo *next; /* in rejected */
	struct worker *worker;
	const struct transport *transport;
	void *conn;
	size_t limit;
	unsigned char *outbox; /* what waits for an earlier write */
	size_t len, size;
	bool writing; /* a write is not complete */
	bool paused, closing;
	enum close_reason reject;
};

/* To be closed at the end of the turn, as sessions are. */
static _Thread_local struct echo *rejected;

/* ---- a connection's user ---- */

static void *echo_arrive(struct worker *worker, const struct mount *mount, uint64_t address,
			 const struct transport *transport, void *conn)
{
	struct echo *echo = memory_zeroed(1, sizeof(*echo));

	(void)mount;
	(void)address;
	echo->worker = worker;
	echo->transport = transport;
	echo->conn = conn;
	echo->limit = MESSAGE_MAX;
	return echo;
}

static void echo_handshake(void *user, const struct codec_handshake *request)
{
	static const char word[] = "limit=";
	struct echo *echo = user;
	const size_t len = sizeof(word) - 1;

	if (request->query.len > len && memcmp(request->query.data, word, len) == 0)
		echo->limit = strtoul(request->query.data + len, NULL, 10);
	echo->transport->accept(echo->conn, false);
}

static size_t echo_limit(const void *user)
{
	const struct echo *echo = user;

	return echo->closing ? 0 : echo->limit;
}

static void pause_as_needed(struct echo *echo)
{
	bool pause = echo->len > OUTBOX_PAUSE;

	if (pause == echo->paused)
		return;
	echo->paused = pause;
	echo->transport->pause(echo->conn, pause);
}

static void put(struct echo *echo, const unsigned char *bytes, size_t len)
{
	bool complete;

	if (!echo->transport->write(echo->conn, bytes, len, &complete))
		echo->transport->kill(echo->conn);
	echo->writing = !complete;
}

static void outbox_add(struct echo *echo, const void *bytes, size_t len)
{
	if (echo->len + len > echo->size) {
		echo->size = (echo->len + len) * 2;
		echo->outbox = memory_resize(echo->outbox, echo->size);
	}
	if (len > 0)
		memcpy(echo->outbox + echo->len, bytes, len);
	echo->len += len;
}

static void outbox_write(struct echo *echo)
{
	size_t len = echo->len;

	if (echo->writing || len == 0)
		return;
	echo->len = 0;
	put(echo, echo->outbox, len);
	if (echo->size > OUTBOX_PAUSE) {
		free(echo->outbox);
		echo->outbox = NULL;
		echo->size = 0;
	}
}

/* Takes frame. Returns new. */
static struct frame *compressed(struct worker *worker, struct frame *frame)
{
	struct frame *less = worker->compressor->compress(worker->compressor, frame);

	frame_release(frame);
	return less;
}

/* The product writes texts only: what else there is differs in the opcode (RFC 6455 section 5.2).
 */
static void echo_receive(void *user, struct slice text, bool binary)
{
	struct echo *echo = user;
	struct frame *frame = frame_of_text(FRAMING_WEBSOCKET, text);
	size_t at = echo->len;

	if (echo->transport->compressed)
		frame = compressed(echo->worker, frame);
	outbox_add(echo, frame->bytes, frame->len);
	if (binary)
		echo->outbox[at] ^= OPCODE_TEXT ^ OPCODE_BINARY;
	frame_release(frame);
	outbox_write(echo);
	pause_as_needed(echo);
}

static void echo_reject(void *user, enum close_reason why)
{
	struct echo *echo = user;

	echo->closing = true;
	echo->reject = why;
	echo->next = rejected;
	rejected = echo;
}

static void close_when_written(struct echo *echo)
{
	if (echo->writing || echo->len > 0 || echo->reject == CLOSE_NONE)
		return;
	echo->transport->close(echo->conn, echo->reject);
	echo->reject = CLOSE_NONE;
}

static void echo_writable(void *user)
{
	struct echo *echo = user;

	echo->writing = false;
	outbox_write(echo);
	pause_as_needed(echo);
	close_when_written(echo);
}

static void echo_gone(void *user)
{
	struct echo *echo = user, **link = &rejected;

	while (*link && *link != echo)
		link = &(*link)->next;
	if (*link)
		*link = echo->next;
	free(echo->outbox);
	free(echo);
}

static const struct transport_user echo_user = { .arrive = echo_arrive,
						 .handshake = echo_handshake,
						 .message_limit = echo_limit,
						 .receive = echo_receive,
						 .reject = echo_reject,
						 .writable = echo_writable,
						 .gone = echo_gone };

static void turn(struct worker *worker)
{
	turn_run(worker);
	while (rejected) {
		struct echo *echo = rejected;

		rejected = echo->next;
		close_when_written(echo);
	}
}

static const struct loop_ops ops = { .turn = turn, .tick = turn_tick, .use = &echo_user };

/* ---- the program ---- */

struct program {
	struct bridge *bridge;
	struct listeners *listeners;
	struct loop *loops[WORKERS_MAX];
	uv_loop_t uv;
	uv_async_t wake;
	uv_signal_t term;
};

static void on_wake(uv_async_t *async)
{
	struct program *program = async->data;
	struct post *post = mailbox_take(&program->bridge->main_box);

	while (post) {
		struct post *next = post->next;

		if (post->kind == POST_GONE)
			listeners_gone(program->listeners, (struct post_gone *)post);
		post_free(post);
		post = next;
	}
}

static void wake_main(void *owner)
{
	struct program *program = owner;

	uv_async_send(&program->wake);
}

static void on_term(uv_signal_t *handle, int number)
{
	(void)number;
	uv_stop(handle->loop);
}

static bool program_start(struct program *program)
{
	struct bridge *bridge = program->bridge;

	uv_loop_init(&program->uv);
	uv_async_init(&program->uv, &program->wake, on_wake);
	uv_signal_init(&program->uv, &program->term);
	uv_signal_start(&program->term, on_term, SIGTERM);
	program->wake.data = program;
	bridge->main_box.owner = program;
	bridge->main_box.wake = wake_main;
	for (unsigned w = 0; w < bridge->worker_count; w++)
		program->loops[w] = loop_new(bridge->workers[w], &ops);
	for (unsigned w = 0; w < bridge->worker_count; w++)
		if (!program->loops[w] || !loop_start(program->loops[w]))
			return false;
	listeners_start(program->listeners, &program->uv);
	return true;
}

static void print_ports(const struct bridge *bridge)
{
	printf("{\"ports\":[");
	for (size_t i = 0; i < bridge->listener_count; i++)
		printf("%s%d", i > 0 ? "," : "", bridge->listeners[i].port);
	printf("]}\n");
	fflush(stdout);
}

static void close_handle(uv_handle_t *handle, void *unused)
{
	(void)unused;
	if (!uv_is_closing(handle))
		uv_close(handle, NULL);
}

static void program_end(struct program *program)
{
	struct bridge *bridge = program->bridge;

	listeners_stop(program->listeners);
	for (unsigned w = 0; w < bridge->worker_count; w++)
		mailbox_post(&bridge->workers[w]->box, post_new(POST_STOP));
	for (unsigned w = 0; w < bridge->worker_count; w++)
		loop_join(program->loops[w]);
	for (unsigned w = 0; w < bridge->worker_count; w++)
		bridge->workers[w]->box.wake = NULL;
	for (unsigned w = 0; w < bridge->worker_count; w++)
		loop_free(program->loops[w]);
	bridge->main_box.wake = NULL;
	uv_walk(&program->uv, close_handle, NULL);
	uv_run(&program->uv, UV_RUN_DEFAULT);
	uv_loop_close(&program->uv);
	listeners_free(program->listeners);
	setup_free(bridge);
}

int main(int count, char **arguments)
{
	static struct program program;
	struct conf_printer printer;
	struct conf *conf;

	if (count != 2) {
		fprintf(stderr, "usage: echo FILE\n");
		return EXIT_FAILURE;
	}
	signal(SIGPIPE, SIG_IGN);
	conf_printer_init(&printer, stderr);
	conf = conf_load(arguments[1], known_names(), &printer.report);
	program.bridge = conf ? setup_bridge(conf, NULL, stderr) : NULL;
	if (!program.bridge)
		return EXIT_FAILURE;
	loop_set_library();
	program.listeners = listeners_open(program.bridge, stderr);
	if (!program.listeners || !program_start(&program))
		return EXIT_FAILURE;
	print_ports(program.bridge);
	uv_run(&program.uv, UV_RUN_DEFAULT);
	program_end(&program);
	conf_free(conf);
	return EXIT_SUCCESS;
}
