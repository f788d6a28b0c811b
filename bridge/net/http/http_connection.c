#include "bridge/net/http/http_connection.h"

#include <stdlib.h>

#include "bridge/net/http/http_refusal.h"
#include "codecs/text/memory.h"

#define OUTPUT_ENOUGH 65536 /* bytes of answers, to be written before the next request is read */

void http_connection_init(struct http_connection *connection, const struct http_settings *settings,
			  const struct http_handler *handler, void *handler_user,
			  const struct http_stream *stream, void *stream_user, uint64_t now_ms)
{
	*connection = (struct http_connection){ .settings = settings,
						.handler = handler,
						.handler_user = handler_user,
						.stream = stream,
						.stream_user = stream_user,
						.queue.answered_ms = now_ms };
	http_reader_init(&connection->reader, &settings->limits);
}

static void drop_request(struct http_connection *connection)
{
	free(connection->kept);
	connection->kept = NULL;
	http_output_clear(&connection->body);
	connection->request_due_ms = 0;
	connection->refused = 0;
	connection->queue.continue_due = false;
}

static void tell_gone(struct http_connection *connection, uint32_t ticket)
{
	if (connection->handler->gone)
		connection->handler->gone(connection->handler_user, ticket);
}

void http_connection_clear(struct http_connection *connection)
{
	connection->over = true;
	while (connection->queue.first) {
		uint32_t ticket = http_queue_drop(&connection->queue);

		if (ticket)
			tell_gone(connection, ticket);
	}
	drop_request(connection);
	http_output_clear(&connection->queue.output);
	http_output_clear(&connection->held);
	http_reader_clear(&connection->reader);
}

/* ---- answers on their way out ---- */

/* False as of http_answer_write(). */
static bool answer_now(struct http_connection *connection, struct http_waiting *waiting,
		       const struct http_answer *with, uint64_t now_ms)
{
	struct http_answer dated = *with;

	if (!dated.date.data)
		dated.date = connection->stream->date(connection->stream_user);
	return http_queue_answer(&connection->queue, waiting, &dated, now_ms);
}

/* An answer of the connection's own. */
static void answer_self(struct http_connection *connection, struct http_waiting *waiting,
			const struct http_request *request, struct http_answer with,
			uint64_t now_ms)
{
	if (connection->handler->word)
		connection->handler->word(connection->handler_user, request,
					  with.status == 504 ? waiting->ticket : 0, &with);
	/* What could not be written of it was left out, and it is an answer all the same. */
	(void)answer_now(connection, waiting, &with, now_ms);
}

static struct http_waiting *enqueue(struct http_connection *connection, struct http_manner manner,
				    uint64_t now_ms)
{
	struct http_waiting *waiting =
	    http_queue_add(&connection->queue, manner, now_ms + connection->settings->answer_ms);

	if (!manner.keep_alive)
		connection->deaf = true;
	return waiting;
}

/* The last answer, to what is no whole request. */
static void answer_last(struct http_connection *connection, const struct http_request *request,
			struct http_answer with, uint64_t now_ms)
{
	struct http_manner manner = { .head = request && request->method == METHOD_HEAD };

	drop_request(connection);
	answer_self(connection, enqueue(connection, manner, now_ms), request, with, now_ms);
}

/* ---- requests on their way in ---- */

/* One run over bytes that lie together. */
struct run {
	struct http_step_out out;
	struct slice body; /* whole, in the segment */
	uint64_t now_ms;
};

/* A head is copied unless it and the whole body are in the segment. */
static void keep_head(struct http_connection *connection, const struct http_request *request,
		      size_t left)
{
	char *bytes;

	if (!request->chunked && request->length <= left && !connection->reader.gathered)
		return;
	connection->kept = memory_new(sizeof(*request) + request->head.len);
	bytes = (char *)(connection->kept + 1);
	http_request_copy(connection->kept, request, bytes);
}

/* What is answered without asking the handler; false: it is to be asked. */
static bool refusal(const struct http_connection *connection, char allow[HTTP_ALLOW_MAX],
		    struct http_answer *with)
{
	if (connection->draining) {
		*with = http_answer_text(503, SLICE("the server is closing\n"));
		with->retry_after_s = connection->settings->retry_after_s;
		return true;
	}
	if (connection->refused)
		*with = http_refusal_answer(connection->refused, connection->known, allow);
	return connection->refused;
}

static void start_request(struct http_connection *connection, struct run *run, size_t left)
{
	const struct http_request *request = &run->out.request;
	char allow[HTTP_ALLOW_MAX];
	struct http_answer with;

	run->body = SLICE("");
	connection->known = UINT32_MAX;
	if (connection->handler->methods)
		connection->known = connection->handler->methods(connection->handler_user, request);
	connection->refused = http_refusal_status(connection->known, request);
	/* Who waits for 100 may send the body or not: what follows cannot be told apart. */
	if (request->expect_continue && refusal(connection, allow, &with)) {
		answer_last(connection, request, with, run->now_ms);
		return;
	}
	if (request->chunked || request->length > 0)
		keep_head(connection, request, left);
	if (request->expect_continue)
		http_queue_continue(&connection->queue);
}

static void add_body(struct http_connection *connection, struct run *run)
{
	if (!connection->handler->bodies)
		return;
	if (!connection->kept)
		run->body = run->out.body;
	else if (!connection->refused)
		http_output_add(&connection->body, run->out.body);
}

static bool wants_websocket(const struct http_request *request)
{
	return request->websocket && request->upgrade && request->keep_alive &&
	       request->method == METHOD_GET && !request->chunked && request->length == 0;
}

/* A whole request, to whoever answers it. */
static void ask(struct http_connection *connection, struct http_waiting *waiting,
		const struct http_request *request, const struct run *run)
{
	struct http_call call = { .connection = connection,
				  .ticket = waiting->ticket,
				  .request = request,
				  .body = run->body };

	if (connection->kept && connection->body.len > 0)
		call.body = slice_span(connection->body.data, connection->body.len);
	call.upgrade = waiting->upgrade = connection->upgrading = wants_websocket(request);
	if (call.upgrade)
		waiting->due_ms = run->now_ms + connection->settings->upgrade_ms;
	if (connection->handler->handle(connection->handler_user, &call))
		return;
	waiting = http_queue_find(&connection->queue, call.ticket);
	if (waiting)
		answer_self(connection, waiting, request, http_refusal_answer(404, 0, NULL),
			    run->now_ms);
}

static void hand_over(struct http_connection *connection, const struct run *run)
{
	const struct http_request *request =
	    connection->kept ? connection->kept : &run->out.request;
	struct http_manner manner = { .head = request->method == METHOD_HEAD,
				      .keep_alive = request->keep_alive && !connection->draining,
				      .old = request->old };
	struct http_waiting *waiting = enqueue(connection, manner, run->now_ms);
	char allow[HTTP_ALLOW_MAX];
	struct http_answer with;

	if (refusal(connection, allow, &with))
		answer_self(connection, waiting, request, with, run->now_ms);
	else
		ask(connection, waiting, request, run);
}

static void take_step(struct http_connection *connection, struct run *run, enum http_step step,
		      size_t left)
{
	switch (step) {
	case HTTP_HEAD: start_request(connection, run, left); break;
	case HTTP_BODY: add_body(connection, run); break;
	case HTTP_END:
		connection->queue.continue_due = false;
		hand_over(connection, run);
		drop_request(connection);
		break;
	default:
		answer_last(connection, NULL,
			    http_answer_text(run->out.fault->status, run->out.fault->why),
			    run->now_ms);
	}
}

/* One more request. What is written in this call is written, and may wait, at its end. */
static bool may_begin(const struct http_connection *connection)
{
	return connection->queue.count < connection->settings->under_way_max &&
	       connection->queue.output.len < OUTPUT_ENOUGH &&
	       !connection->stream->full(connection->stream_user);
}

static bool may_read(const struct http_connection *connection)
{
	return !connection->deaf && !connection->upgrading &&
	       (!http_reader_idle(&connection->reader) || may_begin(connection));
}

static void read_all(struct http_connection *connection, unsigned char **bytes, size_t *len,
		     uint64_t now_ms)
{
	struct run run;
	enum http_step step;

	run.now_ms = now_ms;
	run.body = SLICE("");
	while (may_read(connection) &&
	       (step = http_read(&connection->reader, bytes, len, &run.out)) != HTTP_MORE)
		take_step(connection, &run, step, *len);
	if (!connection->deaf && !connection->request_due_ms &&
	    !http_reader_idle(&connection->reader))
		connection->request_due_ms = now_ms + connection->settings->request_ms;
}

/* ---- what a call has caused ---- */

static void flush(struct http_connection *connection)
{
	struct http_output output = connection->queue.output;

	if (output.len == 0)
		return;
	connection->queue.output = (struct http_output){ 0 };
	connection->stream->write(connection->stream_user, (unsigned char *)output.data,
				  output.len);
	http_output_clear(&output);
}

/* Nothing is under way, and nothing may come. */
static bool is_done(const struct http_connection *connection)
{
	if (connection->queue.first || connection->upgrading)
		return false;
	if (connection->eof)
		return connection->held.len == 0;
	return connection->draining && http_reader_idle(&connection->reader) &&
	       connection->held.len == 0;
}

static bool is_over(const struct http_connection *connection)
{
	return connection->over || connection->queue.last_answered || is_done(connection);
}

static void pause_or_go_on(struct http_connection *connection)
{
	bool paused = !may_read(connection) || connection->held.len > 0;

	if (paused == connection->paused)
		return;
	connection->paused = paused;
	connection->stream->pause(connection->stream_user, paused);
}

/* At the end of each call. rest: bytes of it that were not read. The stream may free the connection
 * where it ends or changes. */
static bool settle(struct http_connection *connection, unsigned char *rest, size_t len)
{
	connection->busy = false;
	flush(connection);
	if (connection->queue.switched) {
		struct http_output held = connection->held;

		connection->held = (struct http_output){ 0 };
		connection->over = true;
		connection->stream->upgraded(connection->stream_user,
					     len ? rest : (unsigned char *)held.data,
					     len ? len : held.len);
		http_output_clear(&held);
		return true;
	}
	if (is_over(connection)) {
		connection->over = true;
		connection->stream->end(connection->stream_user);
		return true;
	}
	if (connection->deaf)
		http_output_clear(&connection->held);
	else
		http_output_add(&connection->held, slice_span((char *)rest, len));
	if (connection->held.len <= connection->settings->held_max)
		pause_or_go_on(connection);
	if (connection->held.len > 0 && may_read(connection))
		connection->stream->wake(connection->stream_user);
	return connection->held.len <= connection->settings->held_max;
}

/* Bytes that were held, as far as there is room now. */
static void read_held(struct http_connection *connection, uint64_t now_ms)
{
	struct http_output held = connection->held;
	unsigned char *bytes = (unsigned char *)held.data;
	size_t len = held.len;

	if (len == 0 || !may_read(connection))
		return;
	connection->held = (struct http_output){ 0 };
	read_all(connection, &bytes, &len, now_ms);
	http_output_add(&connection->held, slice_span((char *)bytes, len));
	http_output_clear(&held);
}

bool http_connection_bytes(struct http_connection *connection, unsigned char *bytes, size_t len,
			   uint64_t now_ms)
{
	if (connection->over || connection->deaf)
		return true;
	connection->busy = true;
	/* In their order: what came earlier is read first. */
	if (connection->held.len == 0)
		read_all(connection, &bytes, &len, now_ms);
	return settle(connection, bytes, len);
}

void http_connection_eof(struct http_connection *connection, uint64_t now_ms)
{
	if (connection->over)
		return;
	connection->busy = true;
	connection->eof = true;
	read_held(connection, now_ms);
	(void)settle(connection, NULL, 0);
}

void http_connection_drain(struct http_connection *connection, uint64_t now_ms)
{
	if (connection->over)
		return;
	connection->busy = true;
	connection->draining = true;
	read_held(connection, now_ms);
	(void)settle(connection, NULL, 0);
}

/* ---- time ---- */

static void answer_late(struct http_connection *connection, uint64_t now_ms)
{
	struct http_waiting *waiting;

	while ((waiting = http_queue_overdue(&connection->queue, now_ms))) {
		uint32_t ticket = waiting->ticket;

		answer_self(connection, waiting, NULL,
			    http_answer_text(504, SLICE("the answer did not come in time\n")),
			    now_ms);
		tell_gone(connection, ticket);
	}
}

static uint64_t idle_due(const struct http_connection *connection)
{
	if (connection->queue.first || connection->request_due_ms)
		return UINT64_MAX;
	return connection->queue.answered_ms + connection->settings->idle_ms;
}

static uint64_t next_due(const struct http_connection *connection)
{
	uint64_t due = idle_due(connection);

	if (connection->request_due_ms && connection->request_due_ms < due)
		due = connection->request_due_ms;
	for (const struct http_waiting *one = connection->queue.first; one; one = one->next)
		if (!one->answered && one->due_ms < due)
			due = one->due_ms;
	return due;
}

uint64_t http_connection_tick(struct http_connection *connection, uint64_t now_ms)
{
	uint64_t due;

	if (connection->over)
		return UINT64_MAX;
	connection->busy = true;
	answer_late(connection, now_ms);
	if (connection->request_due_ms && connection->request_due_ms <= now_ms)
		answer_last(connection, NULL,
			    http_answer_text(408, SLICE("the request did not come in time\n")),
			    now_ms);
	read_held(connection, now_ms);
	if (idle_due(connection) <= now_ms)
		connection->over = true;
	due = is_over(connection) || connection->queue.switched ? UINT64_MAX : next_due(connection);
	(void)settle(connection, NULL, 0);
	return due;
}

enum http_replied http_reply(struct http_connection *connection, uint32_t ticket,
			     const struct http_answer *with, uint64_t now_ms)
{
	struct http_waiting *waiting = http_queue_find(&connection->queue, ticket);
	bool well;

	if (!waiting || connection->over)
		return HTTP_TOO_LATE;
	well = answer_now(connection, waiting, with, now_ms);
	if (!connection->busy)
		(void)settle(connection, NULL, 0);
	return well ? HTTP_REPLIED : HTTP_REPLIED_IN_PART;
}
