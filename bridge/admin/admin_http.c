#include "bridge/admin/admin_http.h"

#include <stdlib.h>

#include "bridge/admin/exposition.h"
#include "bridge/admin/health.h"
#include "bridge/admin/token.h"
#include "bridge/core/board/board.h"
#include "bridge/core/log/log_limit.h"
#include "bridge/core/worker.h"
#include "bridge/net/http/http_connection.h"
#include "bridge/net/offers/lookup.h"
#include "bridge/net/pages/pages.h"
#include "bridge/net/peers/addresses.h"
#include "bridge/net/stream.h"
#include "bridge/net/upgrade.h"
#include "codecs/text/memory.h"
#include "conf/conf.h"

#define LINGER_MS 2000 /* for what waits to be written at the end, and for the peer to see it */

struct admin_connection {
	struct stream stream; /* first */
	struct http_connection http;
	struct admin_connection *previous, *next;
	struct listener_info *listener;
	uint64_t due_ms; /* then it is killed; UINT64_MAX: not */
	uint32_t ticket; /* of a request for /metrics; 0: none waits */
	bool ousted;
};

/* One request at a time: what is asked next is told later, too. */
static const struct http_settings settings = {
	.limits = { .head_max = 8192, .headers_max = HTTP_HEADERS_MAX, .body_max = 1024 },
	.under_way_max = 1,
	.held_max = 65536,
	.request_ms = 10000,
	.answer_ms = 10000,
	.upgrade_ms = 10000,
	.idle_ms = 120000, /* the longest that Prometheus waits between two scrapes, as a rule */
	.retry_after_s = 5,
};

static struct admin_connection *of_stream(struct stream *stream)
{
	return (struct admin_connection *)stream;
}

static struct admin_http *all_of(const struct admin_connection *conn)
{
	return conn->stream.worker->admin;
}

static uint64_t now_of(const struct admin_connection *conn)
{
	return conn->stream.worker->tick_ms;
}

/* ---- the list ---- */

static void list_add(struct admin_http *all, struct admin_connection *conn)
{
	conn->previous = all->last;
	conn->next = NULL;
	*(all->last ? &all->last->next : &all->first) = conn;
	all->last = conn;
	all->count++;
}

static void list_remove(struct admin_http *all, struct admin_connection *conn)
{
	*(conn->previous ? &conn->previous->next : &all->first) = conn->next;
	*(conn->next ? &conn->next->previous : &all->last) = conn->previous;
	all->count--;
}

/* ---- answers ---- */

static void reply(struct admin_connection *conn, uint32_t ticket, unsigned status, const char *type,
		  struct slice body)
{
	struct http_header headers[] = {
		{ SLICE("Cache-Control"), SLICE("no-store") },
		{ SLICE("X-Content-Type-Options"), SLICE("nosniff") },
		{ SLICE("WWW-Authenticate"), SLICE("Bearer") },
	};
	struct http_answer answer = { .status = status,
				      .type = slice_of(type),
				      .body = body,
				      .headers = headers,
				      .header_count = status == 401 ? 3 : 2 };

	http_reply(&conn->http, ticket, &answer, now_of(conn));
}

static bool may_know(const struct admin_connection *conn, const struct http_request *request)
{
	const char *token = conn->stream.listener->token;

	return !token || token_is_shown(token, http_header(request, "authorization"));
}

static void refuse(struct admin_connection *conn, uint32_t ticket, const char *what)
{
	char address[ADDRESS_TEXT_MAX];
	struct log_fields fields = { .event = "metrics_refused",
				     .address = address_text(&conn->stream.peer, address) };

	log_event_limited(LOG_REFUSED_METRICS, LOG_INFO, &fields,
			  "refused %s from %s: no valid token", what, address);
	reply(conn, ticket, 401, "text/plain; charset=utf-8",
	      SLICE("Authorization: Bearer TOKEN is required\n"));
}

static void answer_metrics(struct admin_connection *conn, const struct http_call *call)
{
	if (!may_know(conn, call->request)) {
		refuse(conn, call->ticket, "/metrics");
		return;
	}
	conn->ticket = call->ticket;
	all_of(conn)->asked(all_of(conn)->owner);
}

static void answer_json(struct admin_connection *conn, const struct http_call *call,
			unsigned status, char *text)
{
	reply(conn, call->ticket, status, "application/json", slice_of(text));
	free(text);
}

static void answer_health(struct admin_connection *conn, const struct http_call *call)
{
	unsigned status;
	char *text = health_write(conn->stream.worker->bridge, now_of(conn),
				  may_know(conn, call->request), &status);

	answer_json(conn, call, status, text);
}

static void answer_ready(struct admin_connection *conn, const struct http_call *call)
{
	unsigned status;
	char *text =
	    ready_write(conn->stream.worker->bridge, may_know(conn, call->request), &status);

	answer_json(conn, call, status, text);
}

/* The page has nothing to hide: what it shows it asks for, with the token. */
static void answer_page(struct admin_connection *conn, const struct http_call *call)
{
	struct page_answer page;

	if (pages_answer(PAGE_OPERATOR, call->request, &page))
		http_reply(&conn->http, call->ticket, &page.answer, now_of(conn));
}

/* Without a token a page of somewhere else could ask, by a name that leads here. */
static bool may_watch(const struct admin_connection *conn, const struct http_request *request)
{
	const struct listener_info *listener = conn->stream.listener;

	return may_know(conn, request) && (listener->token || listener->conf->path[0] ||
					   upgrade_host_allowed(listener, request->host));
}

static void answer_operator(struct admin_connection *conn, const struct http_call *call)
{
	struct page_answer page;
	char *text;

	if (!may_watch(conn, call->request)) {
		refuse(conn, call->ticket, "/operator.json");
		return;
	}
	text = board_read(conn->stream.worker->bridge->board, now_of(conn));
	pages_answer_json(text ? slice_of(text) : SLICE("null"), &page);
	http_reply(&conn->http, call->ticket, &page.answer, now_of(conn));
	free(text);
}

static void answer_explain(struct admin_connection *conn, const struct http_call *call)
{
	struct page_answer page;
	char *text;

	if (!may_watch(conn, call->request)) {
		refuse(conn, call->ticket, "/explain.json");
		return;
	}
	text = lookup_text(conn->stream.worker->bridge, call->request->query, now_of(conn));
	pages_answer_json(slice_of(text), &page);
	http_reply(&conn->http, call->ticket, &page.answer, now_of(conn));
	free(text);
}

static const struct {
	const char *path;
	void (*answer)(struct admin_connection *, const struct http_call *);
} pages[] = {
	{ "/metrics", answer_metrics },      { "/health", answer_health },
	{ "/ready", answer_ready },          { "/operator.json", answer_operator },
	{ "/explain.json", answer_explain }, { "/", answer_page },
	{ "/operator.js", answer_page },     { "/operator.css", answer_page },
	{ "/icon.svg", answer_page },
};

#define PAGES (sizeof(pages) / sizeof(pages[0]))

static size_t page_of(const struct http_request *request)
{
	size_t page = 0;

	while (page < PAGES && !slice_is(request->path, pages[page].path))
		page++;
	return page;
}

static uint32_t handler_methods(void *data, const struct http_request *request)
{
	(void)data;
	return page_of(request) < PAGES ? UINT32_C(1) << METHOD_GET : 0;
}

static bool handler_handle(void *data, const struct http_call *call)
{
	size_t page = page_of(call->request);

	if (page == PAGES)
		return false;
	pages[page].answer(data, call);
	return true;
}

static void handler_gone(void *data, uint32_t ticket)
{
	struct admin_connection *conn = data;

	if (conn->ticket == ticket)
		conn->ticket = 0;
}

static const struct http_handler handler = { .methods = handler_methods,
					     .handle = handler_handle,
					     .gone = handler_gone };

void admin_http_tell(struct admin_http *http, struct slice text)
{
	struct admin_connection *next;

	for (struct admin_connection *conn = http->first; conn; conn = next) {
		uint32_t ticket = conn->ticket;

		next = conn->next;
		conn->ticket = 0;
		if (ticket)
			reply(conn, ticket, 200, EXPOSITION_TYPE, text);
	}
}

/* ---- bytes ---- */

static void out_write(void *data, const unsigned char *bytes, size_t len)
{
	struct admin_connection *conn = data;
	bool complete;

	if (!stream_write(&conn->stream, bytes, len, &complete))
		stream_kill(&conn->stream);
}

static void out_pause(void *data, bool paused)
{
	stream_pause(&((struct admin_connection *)data)->stream, paused);
}

static bool out_full(void *data)
{
	return stream_is_partial(&((struct admin_connection *)data)->stream);
}

static void out_wake(void *data)
{
	stream_again(&((struct admin_connection *)data)->stream);
}

static void out_end(void *data)
{
	struct admin_connection *conn = data;

	conn->due_ms = now_of(conn) + LINGER_MS;
	stream_end(&conn->stream);
}

/* 101 is never answered. */
static void out_upgraded(void *data, unsigned char *rest, size_t len)
{
	(void)rest;
	(void)len;
	stream_kill(&((struct admin_connection *)data)->stream);
}

static struct slice out_date(void *data)
{
	struct admin_connection *conn = data;

	return http_date_at(&all_of(conn)->date, conn->stream.worker->now_ms);
}

static const struct http_stream out = { .write = out_write,
					.pause = out_pause,
					.full = out_full,
					.wake = out_wake,
					.upgraded = out_upgraded,
					.end = out_end,
					.date = out_date };

static bool on_bytes(struct stream *stream, unsigned char *bytes, size_t len)
{
	struct admin_connection *conn = of_stream(stream);
	struct admin_http *all = all_of(conn);

	list_remove(all, conn);
	list_add(all, conn);
	return http_connection_bytes(&conn->http, bytes, len, now_of(conn));
}

static void on_writable(struct stream *stream)
{
	struct admin_connection *conn = of_stream(stream);

	http_connection_tick(&conn->http, now_of(conn));
}

static void on_gone(struct stream *stream)
{
	struct admin_connection *conn = of_stream(stream);

	list_remove(all_of(conn), conn);
	http_connection_clear(&conn->http);
	free(conn);
}

static const struct stream_user user = { .bytes = on_bytes,
					 .writable = on_writable,
					 .gone = on_gone };

/* ---- all of them ---- */

void admin_http_tick(struct admin_http *http)
{
	struct admin_connection *next;

	for (struct admin_connection *conn = http->first; conn; conn = next) {
		next = conn->next;
		if (now_of(conn) >= conn->due_ms)
			stream_kill(&conn->stream);
		else
			http_connection_tick(&conn->http, now_of(conn));
	}
}

/* The longest silent; one that waits for its answer only when all do. NULL: there is none. */
static struct admin_connection *most_idle(const struct admin_http *all)
{
	struct admin_connection *waits = NULL, *conn = all->first;

	for (; conn; conn = conn->next) {
		if (conn->ousted)
			continue;
		if (!conn->ticket)
			return conn;
		waits = waits ? waits : conn;
	}
	return waits;
}

static void oust_one(struct admin_http *all)
{
	struct admin_connection *conn = most_idle(all);

	if (!conn)
		return;
	log_limited(
	    LOG_REFUSED_CONNECTION, LOG_INFO,
	    "closed the longest silent of %d connections of admin listeners: another one came",
	    ADMIN_CONNECTIONS_MAX);
	atomic_fetch_add_explicit(&conn->listener->turned_away, 1, memory_order_relaxed);
	conn->ousted = true;
	stream_kill(&conn->stream);
}

void admin_http_open(struct worker *worker, struct lws_vhost *vhost, struct post_socket *socket)
{
	struct admin_http *all = worker->admin;
	struct admin_connection *conn = memory_zeroed(1, sizeof(*conn));

	if (all->count >= ADMIN_CONNECTIONS_MAX)
		oust_one(all);
	conn->due_ms = UINT64_MAX;
	conn->listener = socket->listener;
	conn->stream.worker = worker;
	http_connection_init(&conn->http, &settings, &handler, conn, &out, conn, worker->tick_ms);
	list_add(all, conn);
	if (!stream_adopt(&conn->stream, worker, vhost, &user, socket))
		on_gone(&conn->stream);
	socket->fd = -1;
}
