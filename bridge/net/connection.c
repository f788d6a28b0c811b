#include "bridge/net/connection.h"

#include <stdlib.h>
#include <string.h>

#include "bridge/core/door.h"
#include "bridge/net/conn.h"
#include "bridge/net/http/http_date.h"
#include "bridge/net/library_log.h"
#include "bridge/net/messages.h"
#include "bridge/net/offers/offers.h"
#include "bridge/net/peers/addresses.h"
#include "bridge/net/peers/proxies.h"
#include "bridge/net/requests.h"
#include "bridge/net/response.h"
#include "codecs/text/memory.h"
#include "conf/conf.h"

/* For the TLS handshake, and to the first byte; loop.c gives the library as long. */
#define FIRST_BYTE_MS 10000

#define UNDER_WAY_MAX 4      /* requests of one connection that wait for an answer */
#define HELD_MAX      131072 /* bytes behind them; at least two reads of the loop */
#define RETRY_AFTER_S 5      /* the server may be there again by then */

_Static_assert(CONF_HTTP_HEADERS_MAX <= HTTP_HEADERS_MAX, "a request has no room for its headers");

/* What all connections of a worker have in common. */
struct http_common {
	struct http_settings settings;
	struct http_date date;
};

/* ---- requests ---- */

static struct request_place place_of(const struct connection *conn)
{
	return (struct request_place){ .worker = conn->stream.worker,
				       .listener = conn->stream.listener,
				       .peer = &conn->stream.peer };
}

/* Of every path that is no dialect's: one where nothing is gets its 404 from handler_handle(),
 * which logs it. */
static uint32_t handler_methods(void *data, const struct http_request *request)
{
	const struct connection *conn = data;
	const struct door_user *doors = conn->stream.worker->door_use;
	uint32_t methods = doors ? doors->methods(conn->stream.listener, request) : DOOR_NOBODYS;

	return methods == DOOR_NOBODYS ? UINT32_C(1) << METHOD_GET : methods;
}

static struct door_arrival arrival_of(const struct connection *conn,
				      const struct http_request *request)
{
	const struct stream *stream = &conn->stream;

	return (struct door_arrival){ .worker = stream->worker,
				      .listener = stream->listener,
				      .peer = &stream->peer,
				      .trusted = proxies_trust(stream->listener->proxies,
							       &conn->aside->proxy),
				      .request = request };
}

static void door_reply(void *data, uint32_t ticket, const struct http_answer *answer)
{
	struct connection *conn = data;

	conn_judged(conn);
	/* A header that could not be written was left out. */
	(void)http_reply(&conn->aside->http, ticket, answer, conn_now_ms(conn));
}

static bool serve_door(struct connection *conn, const struct http_call *call)
{
	const struct door_user *doors = conn->stream.worker->door_use;
	struct door_arrival arrival = arrival_of(conn, call->request);
	struct door_wire wire = { .reply = door_reply,
				  .conn = conn,
				  .ticket = call->ticket,
				  .visits = &conn->aside->visits };

	if (!doors || doors->methods(conn->stream.listener, call->request) == DOOR_NOBODYS)
		return false;
	arrival.body = call->body;
	doors->call(&arrival, &wire);
	return true;
}

/* request: NULL when it is not known, and so not whom a proxy sent it for. */
static void request_came(struct connection *conn, const struct http_request *request)
{
	struct aside *aside = conn->aside;

	conn->stream.peer = aside->proxy;
	if (request)
		conn->stream.peer =
		    proxies_client(conn->stream.listener->proxies, &aside->proxy, request);
}

/* A WebSocket counts where its client is, not where the proxy is. False: there are too many. */
static bool count_client(struct connection *conn)
{
	struct bridge *bridge = conn->stream.worker->bridge;
	const struct proxies *proxies = conn->stream.listener->proxies;
	uint64_t place;

	if (!proxies)
		return true;
	place = proxies_place(proxies, &bridge->key, &conn->stream.peer);
	if (place == conn->address)
		return true;
	if (!addresses_take(bridge->addresses, place, bridge->limits.connections_per_address))
		return false;
	addresses_give_back(bridge->addresses, conn->address);
	conn->address = place;
	return true;
}

/* What was agreed on, for the answer and for what follows it. */
static void agree(struct connection *conn, const struct http_request *request,
		  const struct ws_terms *terms)
{
	struct slice protocol = requests_protocol(conn->stream.listener, request);

	if (protocol.len > 0)
		conn->aside->protocol = memory_text(protocol.data, protocol.len);
	if (!terms->answer[0])
		return;
	conn->aside->extensions = memory_text(terms->answer, strlen(terms->answer));
	conn->deflate = true;
}

/* NULL: *response says why not. */
static const struct mount *judge(struct connection *conn, const struct http_request *request,
				 struct codec_handshake *handshake, char *scratch,
				 struct ws_terms *terms, struct codec_response *response)
{
	struct request_place place = place_of(conn);
	const struct mount *mount = requests_upgrade(&place, request, handshake, scratch, response);

	if (!mount || !requests_extensions(&place, request, terms, response))
		return NULL;
	if (!ws_accept(http_header(request, "sec-websocket-key"), conn->aside->accept)) {
		*response = response_text(500, SLICE("this machine has no SHA-1\n"));
		return NULL;
	}
	if (!count_client(conn)) {
		*response = requests_crowded(&place, request);
		return NULL;
	}
	return mount;
}

static void upgrade(struct connection *conn, const struct http_call *call)
{
	size_t room = call->request->path.len;
	char *scratch = memory_take(room);
	struct codec_handshake handshake;
	struct codec_response response;
	struct ws_terms terms;
	const struct mount *mount =
	    judge(conn, call->request, &handshake, scratch, &terms, &response);

	if (mount) {
		conn->aside->ticket = call->ticket;
		conn->aside->dragoman = handshake.dragoman;
		agree(conn, call->request, &terms);
		conn->user = conn_user(conn)->arrive(
		    conn->stream.worker, mount, conn->address,
		    terms.compress ? &conn_transport_compressed : &conn_transport, conn);
		conn_user(conn)->handshake(conn->user, &handshake);
	} else {
		conn_reply(conn, call->ticket, &response);
	}
	memory_give(scratch, room);
}

static bool serve_page(struct connection *conn, const struct http_call *call)
{
	struct request_place place = place_of(conn);
	struct offer offer;

	if (!offer_make(&place, call->request, &offer))
		return false;
	conn_judged(conn);
	http_reply(&conn->aside->http, call->ticket, &offer.page.answer, conn_now_ms(conn));
	offer_clear(&offer);
	return true;
}

static bool handler_handle(void *data, const struct http_call *call)
{
	struct connection *conn = data;
	struct request_place place = place_of(conn);
	struct codec_response response;

	request_came(conn, call->request);
	if (call->upgrade) {
		upgrade(conn, call);
		return true;
	}
	if (serve_page(conn, call) || serve_door(conn, call))
		return true;
	response = requests_plain(&place, call->request);
	conn_reply(conn, call->ticket, &response);
	return true;
}

static void handler_gone(void *data, uint32_t ticket)
{
	struct connection *conn = data;

	if (conn->aside && ticket == conn->aside->ticket)
		conn_leave(conn);
	else if (conn->aside && conn->aside->visits)
		conn->stream.worker->door_use->gone(&conn->aside->visits, ticket);
}

static bool door_words(struct connection *conn, const struct http_request *request, uint32_t ticket,
		       struct http_answer *answer)
{
	const struct door_user *doors = conn->stream.worker->door_use;
	struct door_arrival arrival = arrival_of(conn, request);

	return doors && doors->word(&arrival, conn->aside->visits, ticket, answer);
}

static void handler_word(void *data, const struct http_request *request, uint32_t ticket,
			 struct http_answer *answer)
{
	struct connection *conn = data;
	struct request_place place = place_of(conn);

	conn_judged(conn);
	/* One that waited for its answer came before: who sent it is known. */
	if (answer->status != 504)
		request_came(conn, request);
	if (door_words(conn, request, ticket, answer))
		return;
	if (answer->status == 503)
		requests_closing(&place);
	else if (answer->status >= 400)
		requests_failed(&place, answer->status);
}

static const struct http_handler handler = { .methods = handler_methods,
					     .handle = handler_handle,
					     .gone = handler_gone,
					     .word = handler_word,
					     .bodies = true };

static void out_write(void *data, const unsigned char *bytes, size_t len)
{
	struct connection *conn = data;

	if (conn->aside->stash)
		http_output_add(&conn->aside->answer, slice_span((const char *)bytes, len));
	else
		conn_put(conn, bytes, len);
}

static void out_pause(void *data, bool paused)
{
	struct connection *conn = data;

	stream_pause(&conn->stream, paused);
}

static bool out_full(void *data)
{
	const struct connection *conn = data;

	return stream_is_partial(&conn->stream);
}

static void out_wake(void *data)
{
	struct connection *conn = data;

	stream_again(&conn->stream);
}

/* Within accept(): what came already is read when that is over. */
static void out_upgraded(void *data, unsigned char *rest, size_t len)
{
	struct connection *conn = data;

	conn->open = true;
	stream_use(&conn->stream, &messages_user);
	http_connection_clear(&conn->aside->http);
	conn->aside->ticket = 0;
	if (len > 0)
		conn_hold(conn, rest, len);
	conn_pause(conn, conn->paused);
	conn_tidy(conn);
}

static void out_end(void *data)
{
	conn_end(data);
}

static struct slice out_date(void *data)
{
	struct worker *worker = ((struct connection *)data)->stream.worker;

	return http_date_at(&worker->http->date, worker->now_ms);
}

static const struct http_stream out = { .write = out_write,
					.pause = out_pause,
					.full = out_full,
					.wake = out_wake,
					.upgraded = out_upgraded,
					.end = out_end,
					.date = out_date };

static bool http_bytes(struct stream *stream, unsigned char *bytes, size_t len)
{
	struct connection *conn = conn_of(stream);

	/* From now on the request has a deadline of its own. */
	conn->aside->due_ms = UINT64_MAX;
	return http_connection_bytes(&conn->aside->http, bytes, len, conn_now_ms(conn));
}

static void http_writable(struct stream *stream)
{
	struct connection *conn = conn_of(stream);

	http_connection_tick(&conn->aside->http, conn_now_ms(conn));
}

static const struct stream_user http = { .bytes = http_bytes,
					 .writable = http_writable,
					 .gone = conn_gone };

/* ---- all of a worker ---- */

static void aside_tick(struct connection *conn)
{
	struct aside *aside = conn->aside;
	uint64_t now = conn_now_ms(conn);

	if (now >= aside->due_ms)
		stream_kill(&conn->stream);
	else if (!conn->open && conn->stream.worker->draining)
		http_connection_drain(&aside->http, now);
	else if (!conn->open)
		http_connection_tick(&aside->http, now);
}

/* A login that came along may take as long as one that comes later. */
static uint32_t upgrade_ms(const struct limits *limits)
{
	return limits->login_ms > limits->http_answer_ms ? (uint32_t)limits->login_ms
							 : limits->http_answer_ms;
}

void connections_open(struct worker *worker)
{
	const struct limits *limits = &worker->bridge->limits;

	worker->http = memory_zeroed(1, sizeof(*worker->http));
	worker->http->settings = (struct http_settings){
		.limits = { .head_max = limits->http_header_bytes,
			    .headers_max = limits->http_headers,
			    .body_max = limits->http_body_bytes },
		.under_way_max = UNDER_WAY_MAX,
		.held_max = HELD_MAX,
		.request_ms = limits->http_request_ms,
		.answer_ms = limits->http_answer_ms,
		.upgrade_ms = upgrade_ms(limits),
		.idle_ms = limits->http_idle_ms,
		.retry_after_s = RETRY_AFTER_S,
	};
}

void connections_close(struct worker *worker)
{
	free(worker->http);
	worker->http = NULL;
}

void connections_tick(struct worker *worker)
{
	struct aside *next;

	for (struct aside *aside = worker->asides; aside; aside = next) {
		next = aside->next;
		aside_tick(aside->conn);
	}
}

void connection_open(struct worker *worker, struct lws_vhost *vhost, struct post_socket *post)
{
	struct connection *conn = memory_zeroed(1, sizeof(*conn));

	/* Of plain sockets the library knows nothing. */
	conn->judged = !post->listener->tls;
	if (!conn->judged)
		library_log_opened();
	conn->address = post->address;
	conn->stream.worker = worker;
	conn->stream.peer = post->peer;
	conn_aside(conn)->proxy = post->peer;
	conn->aside->due_ms = worker->tick_ms + FIRST_BYTE_MS;
	http_connection_init(&conn->aside->http, &worker->http->settings, &handler, conn, &out,
			     conn, worker->tick_ms);
	if (!stream_adopt(&conn->stream, worker, vhost, &http, post))
		conn_gone(&conn->stream);
	post->fd = -1;
}
