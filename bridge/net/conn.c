#include "bridge/net/conn.h"

#include <stdlib.h>
#include <string.h>

#include "bridge/core/door.h"
#include "bridge/net/library_log.h"
#include "bridge/net/requests.h"
#include "bridge/net/response.h"
#include "codecs/text/memory.h"

/* For what waits to be written at the end, and for the peer to see it. */
#define LINGER_MS 2000

#define OPCODE_CLOSE 0x8
#define OPCODE_PONG  0xA
#define CONTROL_HEAD 2

/* ---- what lies aside ---- */

struct aside *conn_aside(struct connection *conn)
{
	struct worker *worker = conn->stream.worker;
	struct aside *aside = conn->aside;

	if (aside)
		return aside;
	aside = memory_zeroed(1, sizeof(*aside));
	aside->conn = conn;
	aside->due_ms = UINT64_MAX;
	aside->next = worker->asides;
	aside->link = &worker->asides;
	if (aside->next)
		aside->next->link = &aside->next;
	worker->asides = aside;
	conn->aside = aside;
	return aside;
}

static void aside_free(struct connection *conn)
{
	struct aside *aside = conn->aside;

	if (!aside)
		return;
	if (aside->visits)
		conn->stream.worker->door_use->gone(&aside->visits, DOOR_EVERY_TICKET);
	conn->aside = NULL;
	*aside->link = aside->next;
	if (aside->next)
		aside->next->link = aside->link;
	http_connection_clear(&aside->http);
	http_output_clear(&aside->answer);
	http_output_clear(&aside->held);
	free(aside->protocol);
	free(aside->extensions);
	free(aside);
}

void conn_tidy(struct connection *conn)
{
	const struct aside *aside = conn->aside;

	if (aside && conn->open && aside->due_ms == UINT64_MAX && aside->answer.len == 0 &&
	    aside->held.len == 0 && aside->pong_len == 0)
		aside_free(conn);
}

void conn_hold(struct connection *conn, const unsigned char *bytes, size_t len)
{
	http_output_add(&conn_aside(conn)->held, slice_span((const char *)bytes, len));
}

/* ---- the end ---- */

void conn_judged(struct connection *conn)
{
	if (!conn->judged)
		library_log_judged(NULL);
	conn->judged = true;
}

/* Its user is told, and not used any more. */
void conn_leave(struct connection *conn)
{
	void *user = conn->user;

	conn->user = NULL;
	if (user)
		conn_user(conn)->gone(user);
}

/* The last bytes are written: they go out, if the peer takes them in time. */
void conn_end(struct connection *conn)
{
	conn_aside(conn)->due_ms = conn_now_ms(conn) + LINGER_MS;
	stream_end(&conn->stream);
}

void conn_gone(struct stream *stream)
{
	struct connection *conn = conn_of(stream);
	struct post_gone *post = post_new(POST_GONE);
	char address[ADDRESS_TEXT_MAX];

	if (!conn->judged)
		library_log_judged(address_text(&conn->stream.peer, address));
	conn_leave(conn);
	aside_free(conn);
	ws_reader_clear(&conn->reader);
	post->address = conn->address;
	post->worker = conn->stream.worker->index;
	worker_post_main(conn->stream.worker, &post->post);
	free(conn);
}

/* ---- writing ---- */

/* The answer to the handshake and what follows it in one piece: one write, one packet. */
static bool write_with_answer(struct connection *conn, const unsigned char *bytes, size_t len,
			      bool *complete)
{
	struct http_output *answer = &conn->aside->answer;
	bool well;

	http_output_add(answer, slice_span((const char *)bytes, len));
	well = stream_write(&conn->stream, (unsigned char *)answer->data, answer->len, complete);
	http_output_clear(answer);
	conn_tidy(conn);
	return well;
}

static bool conn_write(void *data, const unsigned char *bytes, size_t len, bool *complete)
{
	struct connection *conn = data;

	if (conn->aside && conn->aside->answer.len > 0)
		return write_with_answer(conn, bytes, len, complete);
	return stream_write(&conn->stream, bytes, len, complete);
}

void conn_put(struct connection *conn, const unsigned char *bytes, size_t len)
{
	bool complete;

	if (!conn_write(conn, bytes, len, &complete))
		stream_kill(&conn->stream);
}

static size_t control_frame(unsigned char out[CONN_CONTROL_MAX], unsigned opcode,
			    struct slice payload)
{
	out[0] = (unsigned char)(0x80 | opcode);
	out[1] = (unsigned char)payload.len;
	if (payload.len > 0)
		memcpy(out + CONTROL_HEAD, payload.data, payload.len);
	return CONTROL_HEAD + payload.len;
}

size_t conn_pong(unsigned char out[CONN_CONTROL_MAX], struct slice payload)
{
	return control_frame(out, OPCODE_PONG, payload);
}

/* A peer that reads nothing must not make what waits grow. */
void conn_put_pongs(struct connection *conn, const unsigned char *bytes, size_t len, size_t last)
{
	struct aside *aside;

	if (!stream_is_partial(&conn->stream)) {
		conn_put(conn, bytes, len);
		return;
	}
	aside = conn_aside(conn);
	aside->pong_len = (uint8_t)(len - last);
	memcpy(aside->pong, bytes + last, aside->pong_len);
}

void conn_write_close(struct connection *conn, uint16_t code, struct slice reason)
{
	unsigned char frame[CONN_CONTROL_MAX];
	char payload[WS_CONTROL_MAX];

	conn->closing = true;
	if (reason.len > sizeof(payload) - 2)
		reason.len = sizeof(payload) - 2;
	payload[0] = (char)(code >> 8);
	payload[1] = (char)code;
	if (reason.len > 0)
		memcpy(payload + 2, reason.data, reason.len);
	conn_put(conn, frame,
		 control_frame(frame, OPCODE_CLOSE,
			       slice_span(payload, code == CONN_NO_CODE ? 0 : 2 + reason.len)));
}

/* ---- what its user asks ---- */

static void conn_kill(void *data)
{
	struct connection *conn = data;

	stream_kill(&conn->stream);
}

/* Of a peer that broke the rules no close frame is to be understood. */
static void conn_close(void *data, enum close_reason why)
{
	struct connection *conn = data;

	conn_write_close(conn, close_code(why), slice_of(close_text(why)));
	if (conn->faulted)
		conn_end(conn);
}

/* Bytes that were read already are read on within a call from below. */
void conn_pause(struct connection *conn, bool paused)
{
	conn->paused = paused;
	if (!conn->open)
		return;
	if (!paused && conn->aside && conn->aside->held.len > 0)
		stream_again(&conn->stream);
	else
		stream_pause(&conn->stream, paused);
}

static void pause(void *data, bool paused)
{
	conn_pause(data, paused);
}

static uint64_t conn_silent_ms(void *data)
{
	const struct connection *conn = data;

	return stream_silent_ms(&conn->stream);
}

static char *conn_address(void *data, char out[ADDRESS_TEXT_MAX])
{
	const struct connection *conn = data;

	return address_text(&conn->stream.peer, out);
}

static void conn_accept(void *data, bool more)
{
	struct connection *conn = data;
	struct aside *aside = conn->aside;
	struct http_header headers[4] = {
		{ SLICE("Sec-WebSocket-Accept"), slice_of(aside->accept) },
	};
	struct http_answer answer = { .status = 101, .headers = headers, .header_count = 1 };

	if (aside->protocol)
		headers[answer.header_count++] =
		    (struct http_header){ SLICE("Sec-WebSocket-Protocol"),
					  slice_of(aside->protocol) };
	if (aside->extensions)
		headers[answer.header_count++] =
		    (struct http_header){ SLICE("Sec-WebSocket-Extensions"),
					  slice_of(aside->extensions) };
	if (aside->dragoman)
		headers[answer.header_count++] = (struct http_header){
			SLICE("Dragoman-Instance"),
			slice_span(conn->stream.worker->bridge->instance, UUID_TEXT_LEN)
		};
	conn_judged(conn);
	aside->stash = more;
	http_reply(&aside->http, aside->ticket, &answer, conn_now_ms(conn));
}

void conn_reply(struct connection *conn, uint32_t ticket, const struct codec_response *response)
{
	struct http_header header;
	struct http_answer answer = response_answer(response, &header);

	conn_judged(conn);
	http_reply(&conn->aside->http, ticket, &answer, conn_now_ms(conn));
}

static void conn_refuse(void *data, enum reason reason, const struct codec_response *response)
{
	struct connection *conn = data;
	struct request_place place = { .worker = conn->stream.worker,
				       .listener = conn->stream.listener,
				       .peer = &conn->stream.peer };

	if (reason == REASON_CLOSING)
		requests_closing(&place);
	else
		requests_refused(conn->stream.worker, UPGRADE_LOGIN);
	conn_reply(conn, conn->aside->ticket, response);
}

#define OPERATIONS                                                                                 \
	.accept = conn_accept, .refuse = conn_refuse, .write = conn_write, .close = conn_close,    \
	.kill = conn_kill, .pause = pause, .silent_ms = conn_silent_ms, .address = conn_address,   \
	.framing = FRAMING_WEBSOCKET, .ping = WEBSOCKET_PING

const struct transport conn_transport = { OPERATIONS };
const struct transport conn_transport_compressed = { OPERATIONS, .compressed = true };
