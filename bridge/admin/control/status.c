#include "bridge/admin/control/status.h"

#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "bridge/backend/backend.h"
#include "bridge/client/relief/budget.h"
#include "bridge/core/log/log.h"
#include "bridge/core/worker.h"
#include "bridge/durable/store.h"
#include "bridge/net/loop.h"
#include "bridge/trace/trace.h"
#include "bridge/upstream/steering.h"
#include "codecs/registry.h"
#include "codecs/text/memory.h"
#include "conf/conf.h"

/* What one worker counted, or all together. */
struct sums {
	uint64_t drafts, refused, ordered;
	struct tally tally;
	uint64_t accepted, open, turned_away, logins_refused;
	uint64_t open_by[DIALECTS_MAX];
	size_t instances[BACKENDS_MAX];
	uint64_t recorded;                    /* bytes, for `explain` */
	const char *wrong;                    /* of its books; NULL: they balance */
	const char *upstreams[UPSTREAMS_MAX]; /* their states; NULL: not its own */
};

struct status_inquiry {
	struct inquiry head;
	struct sums sums;
};

/* ---- a worker's thread ---- */

static void sum_rooms(const struct worker *worker, struct sums *sums)
{
	struct tally tallies[DIALECTS_MAX] = { 0 };

	tallies_add(tallies, worker->counters->removed.dialects);
	for (const struct room_share *share = worker->shares; share; share = share->next)
		tallies_add(tallies, share->tallies);
	for (size_t d = 0; d < registry_count(); d++)
		tally_add(&sums->tally, &tallies[d]);
}

static void sum_backends(const struct worker *worker, struct sums *sums)
{
	const struct bridge *bridge = worker->bridge;

	for (size_t i = 0; i < bridge->backend_count; i++) {
		struct backend_state state;

		if (backend_owner(bridge, i) != worker->index)
			continue;
		backend_look(bridge->backends[i], &state);
		sums->instances[i] = state.instances;
	}
}

static void see_upstreams(const struct worker *worker, struct sums *sums)
{
	const struct bridge *bridge = worker->bridge;

	for (size_t i = 0; bridge->upstreams && i < bridge->conf->upstream_count; i++)
		if (upstream_owner(bridge, i) == worker->index)
			sums->upstreams[i] = upstream_state(bridge, i);
}

static void look(struct worker *worker, struct inquiry *inquiry)
{
	struct sums *sums = &((struct status_inquiry *)inquiry)->sums;
	const struct counters *counters = worker->counters;

	sums->drafts = counters->intake.accepted;
	sums->ordered = counters->intake.ordered;
	for (size_t r = 0; r < REASONS; r++) {
		sums->refused += counters->intake.refused[r];
		sums->logins_refused += counters->connections_refused[r];
	}
	sums->accepted = counters->connections_accepted;
	sums->open = counters->connections_open;
	sums->turned_away = counters->upgrades_refused;
	for (size_t d = 0; d < registry_count(); d++)
		sums->open_by[d] = counters->connections_speak[d];
	sum_rooms(worker, sums);
	sum_backends(worker, sums);
	see_upstreams(worker, sums);
	sums->recorded = trace_bytes(worker->trace);
	sums->wrong = worker->books_wrong;
}

/* ---- the main thread ---- */

static void hear(struct call *call, struct inquiry *inquiry)
{
	const struct sums *one = &((struct status_inquiry *)inquiry)->sums;
	struct sums *all = call->own;

	all->drafts += one->drafts;
	all->ordered += one->ordered;
	all->refused += one->refused;
	all->accepted += one->accepted;
	all->open += one->open;
	all->turned_away += one->turned_away;
	all->logins_refused += one->logins_refused;
	tally_add(&all->tally, &one->tally);
	all->recorded += one->recorded;
	if (one->wrong)
		all->wrong = one->wrong;
	for (size_t d = 0; d < DIALECTS_MAX; d++)
		all->open_by[d] += one->open_by[d];
	for (size_t b = 0; b < BACKENDS_MAX; b++)
		all->instances[b] += one->instances[b];
	for (size_t i = 0; i < UPSTREAMS_MAX; i++)
		if (one->upstreams[i])
			all->upstreams[i] = one->upstreams[i];
}

static json_t *connections(const struct call *call, const struct sums *sums)
{
	const struct bridge *bridge = call->calls->bridge;
	json_t *dialects = json_object();

	for (size_t d = 0; d < registry_count(); d++)
		json_object_set_new(dialects, registry_codec(d)->name,
				    json_integer((json_int_t)sums->open_by[d]));
	return json_pack("{s:I,s:I,s:I,s:I,s:I,s:o}", "open", (json_int_t)sums->open, "limit",
			 (json_int_t)bridge->limits.connections, "accepted",
			 (json_int_t)sums->accepted, "refused",
			 (json_int_t)(sums->turned_away + bridge->refused_full), "logins_refused",
			 (json_int_t)sums->logins_refused, "dialects", dialects);
}

static json_t *messages(const struct sums *sums)
{
	return json_pack("{s:I,s:I,s:I}", "accepted", (json_int_t)sums->drafts, "ordered",
			 (json_int_t)sums->ordered, "refused", (json_int_t)sums->refused);
}

static json_t *deliveries(const struct sums *sums)
{
	const uint64_t *outcomes = sums->tally.outcomes;
	uint64_t dropped = 0;

	for (size_t o = OUTCOME_DROPPED_NO_WORD; o < OUTCOMES; o++)
		dropped += outcomes[o];
	return json_pack(
	    "{s:I,s:I,s:I,s:I,s:I,s:I,s:I}", "accepted", (json_int_t)sums->tally.accepted,
	    "delivered", (json_int_t)outcomes[OUTCOME_DELIVERED], "degraded",
	    (json_int_t)outcomes[OUTCOME_DEGRADED], "refused",
	    (json_int_t)outcomes[OUTCOME_REFUSED], "expired", (json_int_t)outcomes[OUTCOME_EXPIRED],
	    "dropped", (json_int_t)dropped, "in_flight", (json_int_t)sums->tally.in_flight);
}

/* A backend whose thread did not answer is neither. */
static json_t *backends(const struct call *call, const struct sums *sums)
{
	const struct bridge *bridge = call->calls->bridge;
	json_t *up = json_array(), *down = json_array();

	for (size_t b = 0; b < bridge->backend_count; b++)
		if (!(call->awaited & UINT32_C(1) << backend_owner(bridge, b)))
			json_array_append_new(sums->instances[b] > 0 ? up : down,
					      json_string(bridge->conf->backends[b].name));
	return json_pack("{s:o,s:o}", "up", up, "down", down);
}

/* By state; those whose thread did not answer are in none. */
static json_t *upstreams(const struct bridge *bridge, const struct sums *sums)
{
	json_t *states = json_pack("{s:[],s:[],s:[],s:[]}", "up", "down", "idle", "paused");

	for (size_t i = 0; bridge->upstreams && i < bridge->conf->upstream_count; i++)
		if (sums->upstreams[i])
			json_array_append_new(json_object_get(states, sums->upstreams[i]),
					      json_string(bridge->conf->upstreams[i].name));
	return states;
}

/* Where it is really bound. */
static json_t *one_listener(const struct listener_info *listener)
{
	const struct conf_listener *conf = listener->conf;
	const char *kind = listener->admin ? CONF_ADMIN : CONF_CHAT;

	if (conf->path[0])
		return json_pack("{s:s,s:o}", "kind", kind, "path", json_of(slice_of(conf->path)));
	return json_pack("{s:s,s:s,s:i,s:b}", "kind", kind, "address", listener_address(listener),
			 "port", listener->port, "tls", (int)listener->tls);
}

static json_t *listeners(const struct bridge *bridge)
{
	json_t *array = json_array();

	for (size_t i = 0; i < bridge->listener_count; i++)
		json_array_append_new(array, one_listener(&bridge->listeners[i]));
	return array;
}

static json_t *store(struct bridge *bridge)
{
	struct store_state state;

	if (!bridge->store)
		return json_pack("{s:s}", "engine", CONF_MEMORY);
	bridge->store->look(bridge->store, &state);
	return json_pack("{s:s,s:s?,s:I,s:I,s:I,s:I,s:I,s:I}", "engine", state.engine, "fault",
			 state.fault, "records", (json_int_t)state.records, "transactions",
			 (json_int_t)state.transactions, "failures", (json_int_t)state.failures,
			 "log_bytes", (json_int_t)state.log_bytes, "retired",
			 (json_int_t)state.retired, "damaged", (json_int_t)state.damaged);
}

static json_t *last_reload(const struct reloads *reloads)
{
	if (reloads->ended == 0)
		return json_null();
	return json_pack("{s:o,s:b,s:o}", "at", json_of_time(reloads->last.ended_ms), "taken",
			 reloads->last.taken, "text", json_of(slice_of(reloads->last.text)));
}

static void proceed(struct call *call)
{
	const struct bridge *bridge = call->calls->bridge;
	const struct sums *sums = call->own;
	uint64_t up_s = (call->calls->now_ms - call->calls->started_ms) / 1000;
	json_t *memory = json_pack(
	    "{s:I,s:I,s:I}", "used",
	    (json_int_t)atomic_load_explicit(&bridge->budget->used, memory_order_relaxed), "budget",
	    (json_int_t)bridge->limits.memory_bytes, "recorded", (json_int_t)sums->recorded);

	call_end(
	    call,
	    json_pack(
		"{s:s,s:i,s:I,s:o,s:i,s:o,s:b,s:s,s:o,s:I,s:o,s:o,s:s,s:o,s:o,s:o,s:o,s:o,s:o}",
		"version", DRAGOMAN_VERSION, "pid", (int)getpid(), "uptime_s", (json_int_t)up_s,
		"since", json_of_time(clock_wall_ms() - up_s * 1000), "workers",
		(int)bridge->worker_count, "silent_workers", call_silent(call), "draining",
		(int)bridge_is_closed(bridge), "log_level", log_level_name(log_level_now()),
		"connections", connections(call, sums), "rooms",
		(json_int_t)room_table_count(bridge->rooms), "messages", messages(sums),
		"deliveries", deliveries(sums), "books", sums->wrong ? sums->wrong : "balanced",
		"memory", memory, "store", store(call->calls->bridge), "backends",
		backends(call, sums), "upstreams", upstreams(bridge, sums), "listeners",
		listeners(bridge), "reload", last_reload(&bridge->reloads)));
}

void status_serve(struct call *call)
{
	call->own = memory_zeroed(1, sizeof(struct sums));
	call->own_free = free;
	call_wait(call, CALL_STATUS_MS, hear, proceed);
	for (unsigned w = 0; w < call->calls->bridge->worker_count; w++) {
		struct status_inquiry *inquiry = inquiry_new(sizeof(*inquiry), look);

		inquiry->head.shows = true;
		call_ask(call, w, inquiry);
	}
}
