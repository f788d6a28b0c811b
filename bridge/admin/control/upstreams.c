#include "bridge/admin/control/upstreams.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "bridge/core/worker.h"
#include "bridge/upstream/steering.h"
#include "codecs/text/memory.h"
#include "conf/conf.h"

/* ---- which ---- */

static size_t count_of(const struct bridge *bridge)
{
	return bridge->upstreams ? bridge->conf->upstream_count : 0;
}

/* False: there is none of that name, and the call has failed with that. */
static bool find(struct call *call, const char *name, size_t *index)
{
	const struct bridge *bridge = call->calls->bridge;

	for (*index = 0; *index < count_of(bridge); ++*index)
		if (strcmp(bridge->conf->upstreams[*index].name, name) == 0)
			return true;
	call_fail(call, 1, "unknown_upstream", "there is no upstream '%s'", name);
	return false;
}

/* ---- the list ---- */

struct upstreams_inquiry {
	struct inquiry head;
	size_t only;                               /* whose links are shown; SIZE_MAX: nobody's */
	struct upstream_view views[UPSTREAMS_MAX]; /* those that the worker owns */
	struct link_view links[UPSTREAM_LINKS_SHOWN];
	size_t link_count;
};

static void look(struct worker *worker, struct inquiry *head)
{
	struct upstreams_inquiry *inquiry = (struct upstreams_inquiry *)head;
	const struct bridge *bridge = worker->bridge;

	for (size_t i = 0; i < count_of(bridge); i++)
		if (upstream_owner(bridge, i) == worker->index)
			upstream_look(bridge, i, &inquiry->views[i]);
	if (inquiry->only != SIZE_MAX && upstream_owner(bridge, inquiry->only) == worker->index)
		inquiry->link_count = upstream_look_links(bridge, inquiry->only, inquiry->links,
							  UPSTREAM_LINKS_SHOWN);
}

static void hear(struct call *call, struct inquiry *head)
{
	const struct upstreams_inquiry *one = (const struct upstreams_inquiry *)head;
	const struct bridge *bridge = call->calls->bridge;
	struct upstreams_inquiry *all = call->own;

	for (size_t i = 0; i < count_of(bridge); i++)
		if (upstream_owner(bridge, i) == head->worker)
			all->views[i] = one->views[i];
	if (one->link_count) {
		memcpy(all->links, one->links, sizeof(all->links));
		all->link_count = one->link_count;
	}
}

static json_t *waiting_of(const struct waiting_view *waiting)
{
	return json_pack("{s:I,s:I,s:I}", "items", (json_int_t)waiting->items, "bytes",
			 (json_int_t)waiting->bytes, "oldest_s",
			 (json_int_t)(waiting->oldest_ms / 1000));
}

static json_t *link_of(const struct link_view *link)
{
	if (!link->state)
		return json_null();
	return json_pack("{s:s,s:o,s:o,s:I,s:I,s:o,s:I,s:o,s:o}", "state", link->state, "since",
			 json_of_time(link->since_ms), "why", json_of(slice_of(link->why)),
			 "retry_s", (json_int_t)((link->retry_ms + 999) / 1000), "connected",
			 (json_int_t)link->connected, "name", json_of(slice_of(link->name)),
			 "number", (json_int_t)link->number, "self", json_of(slice_of(link->self)),
			 "waiting", waiting_of(&link->waiting));
}

static uint64_t refused_of(const struct upstream_ledger *ledger)
{
	uint64_t sum = 0;

	for (size_t r = 0; r < REASONS; r++)
		sum += ledger->refused[r];
	return sum;
}

static void add_counts(json_t *row, const struct upstream_ledger *ledger)
{
	const struct {
		const char *name;
		uint64_t count;
	} counts[] = {
		{ "accepted", ledger->accepted },
		{ "delivered", ledger->delivered },
		{ "degraded", ledger->degraded },
		{ "refused", refused_of(ledger) },
		{ "expired", ledger->expired },
		{ "unknown", ledger->unknown },
		{ "dropped", ledger->dropped },
		{ "in_flight", ledger->in_flight },
		{ "heard", ledger->heard },
		{ "taken", ledger->taken },
		{ "connected", ledger->connected },
		{ "failed", ledger->failed },
		{ "logins_refused", ledger->logins_refused },
	};

	for (size_t i = 0; i < sizeof(counts) / sizeof(counts[0]); i++)
		json_object_set_new(row, counts[i].name, json_integer((json_int_t)counts[i].count));
}

/* A worker that does not answer leaves its own unknown. */
static json_t *row_of(const struct bridge *bridge, size_t i, const struct upstream_view *view)
{
	const struct conf_upstream *conf = &bridge->conf->upstreams[i];
	json_t *row =
	    json_pack("{s:s,s:s,s:s,s:s,s:s,s:i,s:s,s:I,s:I,s:I,s:o,s:o}", "name", conf->name,
		      "dialect", conf->dialect, "mode", conf->mode, "room", conf->room, "url",
		      conf->url, "worker", (int)upstream_owner(bridge, i), "state",
		      view->state ? view->state : "unknown", "links", (json_int_t)view->links,
		      "links_up", (json_int_t)view->links_up, "people", (json_int_t)view->people,
		      "link", link_of(&view->worst), "waiting", waiting_of(&view->waiting));

	add_counts(row, &view->ledger);
	return row;
}

static json_t *connections_of(const struct upstreams_inquiry *all)
{
	json_t *array = json_array();

	for (size_t i = 0; i < all->link_count; i++)
		json_array_append_new(array, link_of(&all->links[i]));
	return array;
}

static void end(struct call *call)
{
	const struct upstreams_inquiry *all = call->own;
	size_t count = all->only == SIZE_MAX ? count_of(call->calls->bridge) : 1;

	call_end(call, json_pack("{s:I,s:o}", "count", (json_int_t)count, "silent_workers",
				 call_silent(call)));
}

static void proceed(struct call *call)
{
	const struct bridge *bridge = call->calls->bridge;
	const struct upstreams_inquiry *all = call->own;
	json_t *rows = json_array();

	for (size_t i = 0; i < count_of(bridge); i++) {
		json_t *row;

		if (all->only != SIZE_MAX && all->only != i)
			continue;
		row = row_of(bridge, i, &all->views[i]);
		if (all->only == i)
			json_object_set_new(row, "connections", connections_of(all));
		json_array_append_new(rows, row);
	}
	call_rows(call, rows, end);
}

void upstreams_serve(struct call *call)
{
	const char *name = request_text(&call->request, "name");
	struct upstreams_inquiry *all;
	size_t only = SIZE_MAX;

	if (request_text(&call->request, "probe") || request_text(&call->request, "user")) {
		call_fail(call, 2, "bad_request", "a login is tried by the command itself");
		return;
	}
	if (name && !find(call, name, &only))
		return;
	all = memory_zeroed(1, sizeof(*all));
	all->only = only;
	call->own = all;
	call->own_free = free;
	call_wait(call, CALL_ACT_MS, hear, proceed);
	for (unsigned w = 0; w < call->calls->bridge->worker_count; w++) {
		struct upstreams_inquiry *inquiry = inquiry_new(sizeof(*inquiry), look);

		inquiry->head.shows = true;
		inquiry->only = only;
		call_ask(call, w, inquiry);
	}
}

/* ---- pause and resume ---- */

struct pause_inquiry {
	struct inquiry head;
	size_t index;
	bool pause;

	bool changed;
	const char *state;
};

static void carry_out(struct worker *worker, struct inquiry *head)
{
	struct pause_inquiry *inquiry = (struct pause_inquiry *)head;

	if (inquiry->pause)
		inquiry->changed = upstream_pause(worker->bridge, inquiry->index);
	else
		inquiry->changed = upstream_resume(worker->bridge, inquiry->index);
	inquiry->state = upstream_state(worker->bridge, inquiry->index);
}

static void hear_paused(struct call *call, struct inquiry *head)
{
	*(struct pause_inquiry *)call->own = *(const struct pause_inquiry *)head;
}

static void proceed_paused(struct call *call)
{
	const struct pause_inquiry *done = call->own;

	if (call->awaited)
		call_fail_silent(call);
	else
		call_end(call,
			 json_pack("{s:s,s:s,s:b}", "name", request_text(&call->request, "name"),
				   "state", done->state, "changed", (int)done->changed));
}

static void serve_pause(struct call *call, bool pause)
{
	struct pause_inquiry *inquiry;
	size_t index;

	if (!find(call, request_text(&call->request, "name"), &index))
		return;
	call->own = memory_zeroed(1, sizeof(*inquiry));
	call->own_free = free;
	inquiry = inquiry_new(sizeof(*inquiry), carry_out);
	inquiry->head.expires = true;
	inquiry->index = index;
	inquiry->pause = pause;
	call_wait(call, CALL_ACT_MS, hear_paused, proceed_paused);
	call_ask(call, upstream_owner(call->calls->bridge, index), inquiry);
}

void upstreams_pause_serve(struct call *call)
{
	serve_pause(call, true);
}

void upstreams_resume_serve(struct call *call)
{
	serve_pause(call, false);
}
