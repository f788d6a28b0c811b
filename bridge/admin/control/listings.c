#include "bridge/admin/control/listings.h"

#include <jansson.h>
#include <stdlib.h>

#include "bridge/backend/backend.h"
#include "bridge/core/worker.h"
#include "codecs/text/memory.h"
#include "conf/conf.h"
#include "routes/room/overview.h"

#define ROOMS_MAX 64 /* in one go */

/* ---- rooms ---- */

struct room_sum {
	struct room_overview overview; /* the owner's */
	struct tally tally;            /* of all dialects */
	uint32_t members[DIALECTS_MAX];
};

struct rooms_inquiry {
	struct inquiry head;
	const struct room_table *table; /* held */
	size_t from, count;
	struct room_sum sums[ROOMS_MAX];
};

/* own */
struct rooms_list {
	const struct room_table *table; /* held */
	size_t from, count;
	uint32_t silent;
	struct room_sum sums[ROOMS_MAX];
};

static void look_at_room(struct worker *worker, const struct room_entry *room, struct room_sum *sum)
{
	const struct room_share *share = room->shares[worker->index];

	if (room->owner == worker->index && room->room)
		room_overview(room->room, &sum->overview);
	if (!share)
		return;
	for (size_t d = 0; d < registry_count(); d++) {
		sum->members[d] = share->members[d];
		tally_add(&sum->tally, &share->tallies[d]);
	}
}

static void look_at_rooms(struct worker *worker, struct inquiry *head)
{
	struct rooms_inquiry *inquiry = (struct rooms_inquiry *)head;

	for (size_t i = 0; i < inquiry->count; i++)
		look_at_room(worker, room_table_at(inquiry->table, inquiry->from + i),
			     &inquiry->sums[i]);
}

static void release_rooms(struct inquiry *head)
{
	room_table_release(((struct rooms_inquiry *)head)->table);
	free(head);
}

/* They stay while the list is made, even if a reload removes some. */
static void rooms_hold(const struct room_table *table)
{
	for (size_t i = 0; i < room_table_count(table); i++)
		atomic_fetch_add_explicit(&room_table_at(table, i)->items, 1, memory_order_relaxed);
}

static void rooms_free(void *own)
{
	struct rooms_list *list = own;

	for (size_t i = 0; i < room_table_count(list->table); i++)
		atomic_fetch_sub_explicit(&room_table_at(list->table, i)->items, 1,
					  memory_order_release);
	room_table_release(list->table);
	free(list);
}

static void hear_rooms(struct call *call, struct inquiry *head)
{
	const struct rooms_inquiry *inquiry = (const struct rooms_inquiry *)head;
	struct rooms_list *list = call->own;

	for (size_t i = 0; i < list->count; i++) {
		struct room_sum *sum = &list->sums[i];
		const struct room_sum *one = &inquiry->sums[i];

		if (room_table_at(list->table, list->from + i)->owner == head->worker)
			sum->overview = one->overview;
		tally_add(&sum->tally, &one->tally);
		for (size_t d = 0; d < DIALECTS_MAX; d++)
			sum->members[d] += one->members[d];
	}
}

static json_t *ids_of(const struct room_entry *room)
{
	json_t *ids = json_object();

	for (size_t d = 0; d < registry_count(); d++)
		if (registry_codec(d)->naming.form != NAMING_NONE)
			json_object_set_new(ids, registry_codec(d)->name,
					    json_of(room_view(room, d)->room_id));
	return ids;
}

static json_t *members_of(const struct room_sum *sum)
{
	json_t *members = json_object();

	for (size_t d = 0; d < registry_count(); d++)
		json_object_set_new(members, registry_codec(d)->name,
				    json_integer((json_int_t)sum->members[d]));
	return members;
}

/* What a removed one's configuration said is gone. */
static const char *source_of(const struct room_entry *room)
{
	if (atomic_load(&room->removed))
		return "removed";
	return room->conf->made ? "store" : "configuration";
}

static bool is_open(const struct room_entry *room)
{
	return !atomic_load(&room->removed) && room->conf->open;
}

static json_t *row_of_room(const struct room_entry *room, const struct room_sum *sum)
{
	const struct room_overview *overview = &sum->overview;
	const struct tally *tally = &sum->tally;

	return json_pack(
	    "{s:o,s:b,s:s,s:i,s:I,s:I,s:o,s:I,s:I,s:I,s:I,s:I,s:I,s:I,s:o}", "name",
	    json_of(room->rules.name), "open", (int)is_open(room), "source", source_of(room),
	    "worker", (int)room->owner, "people", (json_int_t)overview->people, "connections",
	    (json_int_t)overview->connections, "members", members_of(sum), "history",
	    (json_int_t)overview->history, "remembered", (json_int_t)overview->remembered, "events",
	    (json_int_t)overview->sequence, "accepted", (json_int_t)tally->accepted, "delivered",
	    (json_int_t)tally->outcomes[OUTCOME_DELIVERED], "degraded",
	    (json_int_t)tally->outcomes[OUTCOME_DEGRADED], "in_flight",
	    (json_int_t)tally->in_flight, "ids", ids_of(room));
}

static void ask_rooms(struct call *call);

static void proceed_rooms(struct call *call)
{
	struct rooms_list *list = call->own;
	json_t *rows = json_array();

	list->silent |= call->awaited;
	for (size_t i = 0; i < list->count; i++)
		json_array_append_new(
		    rows, row_of_room(room_table_at(list->table, list->from + i), &list->sums[i]));
	list->from += list->count;
	call_rows(call, rows, ask_rooms);
}

static void end_rooms(struct call *call)
{
	const struct rooms_list *list = call->own;

	call->awaited = list->silent;
	call_end(call, json_pack("{s:I,s:o}", "count", (json_int_t)list->from, "silent_workers",
				 call_silent(call)));
}

static void ask_rooms(struct call *call)
{
	struct rooms_list *list = call->own;
	size_t left = room_table_count(list->table) - list->from;

	if (left == 0) {
		end_rooms(call);
		return;
	}
	list->count = left < ROOMS_MAX ? left : ROOMS_MAX;
	memset(list->sums, 0, sizeof(list->sums));
	call_wait(call, CALL_ACT_MS, hear_rooms, proceed_rooms);
	for (unsigned w = 0; w < call->calls->bridge->worker_count; w++) {
		struct rooms_inquiry *inquiry = inquiry_new(sizeof(*inquiry), look_at_rooms);

		inquiry->head.release = release_rooms;
		inquiry->head.shows = true;
		inquiry->table = room_table_hold(list->table);
		inquiry->from = list->from;
		inquiry->count = list->count;
		call_ask(call, w, inquiry);
	}
}

void rooms_serve(struct call *call)
{
	struct rooms_list *list = memory_zeroed(1, sizeof(*list));

	list->table = room_table_hold(call->calls->bridge->rooms);
	rooms_hold(list->table);
	call->own = list;
	call->own_free = rooms_free;
	ask_rooms(call);
}

/* ---- backends and taps ---- */

struct backends_inquiry {
	struct inquiry head;
	struct backend_state states[BACKENDS_MAX]; /* those that the worker owns */
	struct backend_ledger ledgers[BACKENDS_MAX];
	struct tap_ledger taps[TAPS_MAX];
};

static void look_at_backends(struct worker *worker, struct inquiry *head)
{
	struct backends_inquiry *inquiry = (struct backends_inquiry *)head;
	const struct bridge *bridge = worker->bridge;

	for (size_t i = 0; i < bridge->backend_count; i++)
		if (backend_owner(bridge, i) == worker->index) {
			backend_look(bridge->backends[i], &inquiry->states[i]);
			inquiry->ledgers[i] = worker->counters->backends[i];
		}
	for (size_t i = 0; i < bridge->tap_count; i++)
		if (tap_owner(bridge, i) == worker->index)
			inquiry->taps[i] = worker->counters->taps[i];
}

static void hear_backends(struct call *call, struct inquiry *head)
{
	const struct backends_inquiry *one = (const struct backends_inquiry *)head;
	const struct bridge *bridge = call->calls->bridge;
	struct backends_inquiry *all = call->own;

	for (size_t i = 0; i < bridge->backend_count; i++)
		if (backend_owner(bridge, i) == head->worker) {
			all->states[i] = one->states[i];
			all->ledgers[i] = one->ledgers[i];
		}
	for (size_t i = 0; i < bridge->tap_count; i++)
		if (tap_owner(bridge, i) == head->worker)
			all->taps[i] = one->taps[i];
}

static uint64_t sum_of(const uint64_t *counts, size_t count)
{
	uint64_t sum = 0;

	for (size_t i = 0; i < count; i++)
		sum += counts[i];
	return sum;
}

static json_t *row_of_backend(const struct bridge *bridge, size_t i,
			      const struct backends_inquiry *all, bool heard)
{
	const struct backend_ledger *ledger = &all->ledgers[i];
	const struct backend_state *state = &all->states[i];
	const char *endpoint = backend_endpoint(bridge->backends[i]);

	return json_pack("{s:s,s:s,s:s,s:s,s:i,s:I,s:I,s:I,s:I,s:I,s:I,s:I,s:I,s:I,s:I}", "name",
			 bridge->conf->backends[i].name, "kind", "backend", "state",
			 !heard                 ? "unknown"
			 : state->instances > 0 ? "up"
						: "down",
			 "endpoint", endpoint ? endpoint : "", "worker",
			 (int)backend_owner(bridge, i), "instances", (json_int_t)state->instances,
			 "waiting", (json_int_t)state->waiting, "requests_under_way",
			 (json_int_t)state->requests, "asked", (json_int_t)ledger->asked,
			 "asks_under_way", (json_int_t)ledger->asks_under_way, "answered",
			 (json_int_t)(ledger->allowed + ledger->changed + ledger->refused),
			 "events", (json_int_t)ledger->events, "events_under_way",
			 (json_int_t)ledger->events_under_way, "failed",
			 (json_int_t)(sum_of(ledger->asks_failed, POOL_OUTCOMES) +
				      sum_of(ledger->events_failed, POOL_OUTCOMES)),
			 "requests", (json_int_t)ledger->requests);
}

static json_t *row_of_tap(const struct bridge *bridge, size_t i, const struct backends_inquiry *all,
			  bool heard)
{
	const struct tap_ledger *ledger = &all->taps[i];
	const char *endpoint = tap_endpoint(bridge->taps[i]);

	return json_pack("{s:s,s:s,s:s,s:s,s:i,s:I,s:I,s:I}", "name", bridge->conf->taps[i].name,
			 "kind", "tap", "state", heard ? "up" : "unknown", "endpoint",
			 endpoint ? endpoint : "", "worker", (int)tap_owner(bridge, i), "accepted",
			 (json_int_t)ledger->accepted, "handed_over",
			 (json_int_t)ledger->handed_over, "dropped", (json_int_t)ledger->dropped);
}

static void end_backends(struct call *call)
{
	const struct bridge *bridge = call->calls->bridge;

	call_end(call, json_pack("{s:I,s:o}", "count",
				 (json_int_t)(bridge->backend_count + bridge->tap_count),
				 "silent_workers", call_silent(call)));
}

static void proceed_backends(struct call *call)
{
	const struct bridge *bridge = call->calls->bridge;
	json_t *rows = json_array();

	for (size_t i = 0; i < bridge->backend_count; i++)
		json_array_append_new(
		    rows,
		    row_of_backend(bridge, i, call->own,
				   !(call->awaited & UINT32_C(1) << backend_owner(bridge, i))));
	for (size_t i = 0; i < bridge->tap_count; i++)
		json_array_append_new(
		    rows, row_of_tap(bridge, i, call->own,
				     !(call->awaited & UINT32_C(1) << tap_owner(bridge, i))));
	call_rows(call, rows, end_backends);
}

void backends_serve(struct call *call)
{
	call->own = memory_zeroed(1, sizeof(struct backends_inquiry));
	call->own_free = free;
	call_wait(call, CALL_ACT_MS, hear_backends, proceed_backends);
	for (unsigned w = 0; w < call->calls->bridge->worker_count; w++) {
		struct backends_inquiry *inquiry = inquiry_new(sizeof(*inquiry), look_at_backends);

		inquiry->head.shows = true;
		call_ask(call, w, inquiry);
	}
}
