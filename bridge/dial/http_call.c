#include "bridge/dial/http_call.h"

#include <stdio.h>
#include <stdlib.h>

#include "bridge/core/post.h"
#include "bridge/core/worker.h"
#include "bridge/dial/dialer.h"
#include "bridge/dial/fetch.h"
#include "bridge/dial/handshake.h"
#include "bridge/dial/url.h"
#include "codecs/text/memory.h"

struct http_call {
	struct fetch *fetch; /* held */
	void (*done)(void *user, const struct http_call_result *result);
	void *user;
	bool is_done;
};

/* NULL: it can be asked. */
static const char *fault_of(const struct worker *worker, const struct http_call_request *request,
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

/* Requests to one server share its part. */
static uint64_t group_of(const struct call_url *url)
{
	return slice_fnv(url->named) ^ url->port;
}

static char *copy(struct slice text)
{
	return text.data ? memory_text(text.data, text.len) : NULL;
}

static void fill(struct fetch *fetch, const struct http_call_request *request)
{
	fetch->method = copy(slice_of(request->method));
	fetch->url = copy(request->url);
	fetch->authorization = copy(request->authorization);
	fetch->instance = copy(request->instance);
	fetch->ca_file = copy(slice_of(request->ca_file));
	fetch->proxy = copy(slice_of(request->proxy));
	fetch->body = copy(request->body);
	fetch->body_len = request->body.len;
	fetch->answer_max = HTTP_CALL_BODY_MAX;
}

struct http_call *http_call_new(struct worker *worker, const struct http_call_request *request,
				void (*done)(void *, const struct http_call_result *), void *user)
{
	struct http_call *call = memory_zeroed(1, sizeof(*call));
	struct call_url url;
	const char *fault = fault_of(worker, request, &url);

	call->done = done;
	call->user = user;
	call->fetch = fetch_new(&worker->box);
	fill(call->fetch, request);
	call->fetch->call = call;
	if (fault) {
		snprintf(call->fetch->job.why, sizeof(call->fetch->job.why), "%s", fault);
		fetch_report(call->fetch);
		return call;
	}
	call->fetch->job.group = group_of(&url);
	call->fetch->job.deadline_ms = worker->tick_ms + request->timeout_ms;
	carrier_take(worker->bridge->dialer->fetches, &call->fetch->job);
	return call;
}

static void call_free(struct http_call *call)
{
	job_release(&call->fetch->job);
	free(call);
}

void http_call_cancel(struct http_call *call)
{
	if (!call || call->is_done)
		return;
	call->fetch->call = NULL;
	call_free(call);
}

void http_call_fetched(struct worker *worker, struct post *post)
{
	struct fetch *fetch = (struct fetch *)((struct post_dialed *)post)->job;
	struct http_call *call = fetch->call;
	struct http_call_result result = { .status = fetch->status,
					   .retry_after_s = fetch->retry_after_s,
					   .more = fetch->more,
					   .body = slice_span(fetch->answer, fetch->answer_len),
					   .why = slice_of(fetch->job.why) };

	(void)worker;
	if (!call)
		return;
	if (result.status != 0)
		result.why = (struct slice){ NULL, 0 };
	else
		result.body = (struct slice){ NULL, 0 };
	call->is_done = true;
	call->done(call->user, &result);
	call_free(call);
}
