#include "bridge/net/messages.h"

#include "bridge/net/conn.h"
#include "bridge/net/ws/ws_deflate.h"

/* Of frames that are read on while nobody hears them, until the peer's close. */
#define UNHEARD_BYTES 65536

/* Of pongs that go out in one write. */
#define PONGS_MAX 4096

/* Answered with the same code; after our own it is the end. */
static void peer_closes(struct connection *conn, const struct ws_message *message)
{
	bool ours = conn->closing;

	if (!ours)
		conn_write_close(conn, message->code, (struct slice){ 0 });
	conn_leave(conn);
	conn_end(conn);
}

static enum close_reason reason_of(uint16_t code)
{
	return code == 1009 ? CLOSE_TOO_LONG : code == 1007 ? CLOSE_NOT_UTF8 : CLOSE_PROTOCOL;
}

/* Answers to pings, until they are written together. */
struct pongs {
	size_t last, len; /* where the last begins; of all */
	unsigned char bytes[PONGS_MAX];
};

static void pongs_write(struct connection *conn, struct pongs *pongs)
{
	if (pongs->len > 0 && !conn->closing)
		conn_put_pongs(conn, pongs->bytes, pongs->len, pongs->last);
	pongs->len = 0;
}

static void pongs_add(struct connection *conn, struct pongs *pongs, struct slice payload)
{
	if (pongs->len + CONN_CONTROL_MAX > sizeof(pongs->bytes))
		pongs_write(conn, pongs);
	pongs->last = pongs->len;
	pongs->len += conn_pong(pongs->bytes + pongs->len, payload);
}

static void take_message(struct connection *conn, const struct ws_message *message,
			 struct pongs *pongs)
{
	pongs_write(conn, pongs);
	if (conn_user(conn)->message_limit(conn->user) > 0)
		conn_user(conn)->receive(conn->user, message->payload, message->binary);
}

/* False: nothing more is read of these bytes. */
static bool take_step(struct connection *conn, enum ws_step step, const struct ws_message *message,
		      struct pongs *pongs)
{
	switch (step) {
	case WS_MESSAGE: take_message(conn, message, pongs); return true;
	case WS_PING: pongs_add(conn, pongs, message->payload); return true;
	case WS_CLOSE:
		pongs_write(conn, pongs);
		peer_closes(conn, message);
		return false;
	case WS_FAULT:
		pongs_write(conn, pongs);
		conn->faulted = true;
		conn_user(conn)->reject(conn->user, reason_of(message->code));
		return false;
	default: return false;
	}
}

/* One serves all connections of the worker, which take no context over. */
static struct ws_inflate *inflate_of(struct connection *conn)
{
	struct worker *worker = conn->stream.worker;

	if (!conn->deflate)
		return NULL;
	if (!worker->inflate)
		worker->inflate = ws_inflate_new();
	return worker->inflate;
}

/* Its user may pause it at any message: the rest is kept. */
static void ws_take(struct connection *conn, unsigned char *bytes, size_t len)
{
	struct ws_input input = { .bytes = bytes, .len = len, .inflate = inflate_of(conn) };
	struct ws_message message;
	struct pongs pongs;

	pongs.len = 0;
	do {
		input.limit = conn_user(conn)->message_limit(conn->user);
		if (input.limit == 0)
			input.limit = UNHEARD_BYTES;
	} while (take_step(conn, ws_read(&conn->reader, &input, &message), &message, &pongs) &&
		 !conn->paused);
	pongs_write(conn, &pongs);
	if (conn->user && conn->paused && input.len > 0)
		conn_hold(conn, input.bytes, input.len);
}

static bool ws_bytes(struct stream *stream, unsigned char *bytes, size_t len)
{
	struct connection *conn = conn_of(stream);

	if (!conn->user || conn->faulted)
		return true;
	if (conn->paused || (conn->aside && conn->aside->held.len > 0))
		conn_hold(conn, bytes, len);
	else
		ws_take(conn, bytes, len);
	return true;
}

static void ws_resume(struct connection *conn)
{
	struct http_output held = conn->aside->held;

	conn->aside->held = (struct http_output){ 0 };
	ws_take(conn, (unsigned char *)held.data, held.len);
	http_output_clear(&held);
	if (!conn->paused && conn->user)
		stream_pause(&conn->stream, false);
}

static void write_waiting(struct connection *conn)
{
	struct aside *aside = conn->aside;

	if (!conn->closing)
		conn_put(conn, aside->pong, aside->pong_len);
	aside->pong_len = 0;
}

static void ws_writable(struct stream *stream)
{
	struct connection *conn = conn_of(stream);

	if (conn->aside && conn->aside->pong_len > 0)
		write_waiting(conn);
	if (conn->aside && conn->aside->held.len > 0 && !conn->paused && conn->user)
		ws_resume(conn);
	conn_tidy(conn);
	if (conn->user && !stream_is_partial(stream))
		conn_user(conn)->writable(conn->user);
}

const struct stream_user messages_user = { .bytes = ws_bytes,
					   .writable = ws_writable,
					   .gone = conn_gone };
