#include "bridge/dial/socket_call.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/random.h>

#include "bridge/core/post.h"
#include "bridge/core/worker.h"
#include "bridge/dial/call.h"
#include "bridge/dial/call_read.h"
#include "bridge/dial/call_write.h"
#include "bridge/dial/dial.h"
#include "bridge/dial/dialer.h"
#include "bridge/dial/handshake.h"
#include "bridge/dial/http_call.h"
#include "codecs/text/memory.h"

#define GOODBYE_MS 2000
#define PACE_MS    8 /* under load: what two servers say to each other may wait so long */

/* ---- its beginning ---- */

/* A connection came. False: it cannot be watched. */
static bool begin(struct socket_call *call, struct dial *dial)
{
	struct worker *worker = call->worker;
	int fd = dial->job.fd;

	if (!worker->called && worker->uv)
		worker->called = socket_polls_new(worker->uv, &call_poll_ops);
	if (!worker->called)
		return false;
	socket_polls_pace(worker->called, PACE_MS);
	dial->job.fd = -1;
	call->tls = dial->tls;
	dial->tls = NULL;
	call->watched = socket_poll_open(worker->called, &call->poll, fd);
	return call->watched;
}

void socket_call_dialed(struct worker *worker, struct post *post)
{
	struct dial *dial = (struct dial *)((struct post_dialed *)post)->job;
	struct socket_call *call = dial->call;
	struct opening *opening;

	if (!call)
		return;
	opening = call->opening;
	opening->dial = NULL;
	if (dial->job.fd < 0) {
		call_lost(call, dial->job.why);
	} else if (!begin(call, dial)) {
		call_lost(call, "no descriptor is left for a connection");
	} else {
		call->state = CALL_HANDSHAKES;
		call->heard_ms = worker->tick_ms;
		output_add(&call->output, slice_span(opening->request, opening->request_len));
		call_set_dirty(call);
	}
	job_release(&dial->job);
}

/* NULL: it can be called. */
static const char *fault_of(const struct worker *worker, const struct socket_call_request *request,
			    struct call_url *url)
{
	const char *fault = call_url_read(request->url, url);

	if (!fault && (!handshake_value_allowed(request->authorization) ||
		       !handshake_value_allowed(request->instance)))
		fault = "a header's value holds a control character";
	if (!fault && !worker->bridge->dialer)
		fault = "nothing can be called now";
	return fault;
}

static void opening_new(struct socket_call *call, const struct socket_call_request *request)
{
	struct opening *opening = memory_zeroed(1, sizeof(*opening));
	struct call_url url = { .port = 0 };
	const char *fault = fault_of(call->worker, request, &url);
	struct handshake handshake = { &url, opening->key, request->authorization,
				       request->instance };
	unsigned char random[16];

	if (getrandom(random, sizeof(random), 0) != (ssize_t)sizeof(random))
		abort();
	ws_key(random, opening->key);
	call->opening = opening;
	opening->dial = dial_new(&call->worker->box, &url, request->ca_file, request->proxy);
	opening->dial->call = call;
	opening->dial->job.group = slice_fnv(slice_of(request->group));
	opening->dial->job.deadline_ms = call->deadline_ms;
	if (fault) {
		snprintf(opening->dial->job.why, sizeof(opening->dial->job.why), "%s", fault);
		dial_report(opening->dial);
		return;
	}
	opening->request = handshake_ask(&handshake, &opening->request_len);
	opening->dial->trust = call->worker->bridge->dialer->trust;
	carrier_take(call->worker->bridge->dialer->dials, &opening->dial->job);
}

struct socket_call *socket_call_new(struct worker *worker,
				    const struct socket_call_request *request,
				    const struct socket_call_user *use, void *user)
{
	struct socket_call *call = call_begin(worker);

	call->use = use;
	call->user = user;
	call->message_bytes = request->message_bytes;
	call->unsent_bytes = request->unsent_bytes;
	call->deadline_ms = worker->tick_ms + request->connect_ms;
	call->heard_ms = worker->tick_ms;
	opening_new(call, request);
	return call;
}

/* ---- what is said ---- */

bool socket_call_send(struct socket_call *call, struct slice text)
{
	if (call->state != CALL_OPEN || !call_has_room(call, text.len))
		return false;
	call_frame_add(call, FRAME_TEXT, text);
	return true;
}

void socket_call_ping(struct socket_call *call)
{
	if (call->state == CALL_OPEN && call_has_room(call, 0))
		call_frame_add(call, FRAME_PING, SLICE(""));
}

size_t socket_call_unsent(const struct socket_call *call)
{
	return output_left(&call->output);
}

uint64_t socket_call_heard_ms(const struct socket_call *call)
{
	return call->heard_ms;
}

void socket_calls_flush(struct worker *worker)
{
	struct socket_calls *calls = worker->calls;

	while (calls && calls->dirty)
		call_flush(calls->dirty);
}

void socket_call_flush(struct socket_call *call)
{
	if (call->dirty_link)
		call_flush(call);
}

void socket_call_hurry(const struct socket_call *call)
{
	if (call->state == CALL_OPEN)
		socket_polls_hurry(call->worker->called);
}

/* ---- its end ---- */

void socket_call_close(struct socket_call *call, uint16_t code)
{
	if (call->state == CALL_CLOSES || call->state == CALL_ENDED)
		return;
	/* There is nobody to say it to: it ends at the next tick. */
	if (call->state != CALL_OPEN) {
		call_let_go(call);
		call->deadline_ms = 0;
		return;
	}
	call_close_add(call, code);
	call->state = CALL_CLOSES;
	call->deadline_ms = call->worker->tick_ms + GOODBYE_MS;
}

void socket_call_free(struct socket_call *call)
{
	if (call)
		call_unwanted(call);
}

/* Is its time up? While it dials, its thread says so. */
static bool is_late(const struct socket_call *call)
{
	if (call->state == CALL_DIALS && call->opening)
		return false;
	return call->state != CALL_OPEN && call->state != CALL_ENDED &&
	       call->worker->tick_ms >= call->deadline_ms;
}

static const char *late_words(const struct socket_call *call)
{
	if (call->state == CALL_CLOSES)
		return "no goodbye came in answer to ours";
	return call->opening ? "no answer to the handshake in time"
			     : "it was closed before it was open";
}

void socket_calls_tick(struct worker *worker)
{
	struct socket_call *call;

	if (!worker->calls)
		return;
	/* Whoever is told may free others. */
	do {
		call = worker->calls->first;
		while (call && !is_late(call))
			call = call->next;
		if (call)
			call_lost(call, late_words(call));
	} while (call);
}

/* Those that wait for a goodbye, where no loop has told them that it ends. */
static void end_all(const struct worker *worker)
{
	while (worker->calls && worker->calls->first)
		call_unwanted(worker->calls->first);
}

void socket_calls_free(struct worker *worker)
{
	end_all(worker);
	free(worker->calls);
	worker->calls = NULL;
}
