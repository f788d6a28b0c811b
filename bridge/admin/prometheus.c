#include "bridge/admin/prometheus.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bridge/admin/counted.h"
#include "bridge/admin/process_stats.h"
#include "bridge/client/relief/budget.h"
#include "bridge/core/bridge.h"
#include "bridge/core/log/log.h"
#include "bridge/durable/store.h"
#include "codecs/text/memory.h"
#include "conf/conf.h"

#define PREFIX "dragoman_"

/* All workers together. */
struct sum {
	const struct prometheus_reading *reading;
	const struct conf *conf;
	struct counters *counters;
	struct ledger deliveries;
	struct room_reading *rooms;
	size_t room_count;
};

/* ---- adding up ---- */

/* A room's members may be on all workers; a late one may know it by the index that it had before a
 * reload. */
static void add_room(struct sum *sum, const struct room_reading *one)
{
	for (size_t i = 0; i < sum->room_count; i++) {
		struct room_reading *room = &sum->rooms[i];

		if (strcmp(room->name, one->name) == 0) {
			tally_add(&room->tally, &one->tally);
			return;
		}
	}
	sum->rooms[sum->room_count++] = *one;
}

static void add_up(struct sum *sum)
{
	const struct prometheus_reading *reading = sum->reading;
	size_t most = 0;

	for (unsigned w = 0; w < reading->worker_count; w++)
		most +=
		    reading->workers[w].snapshot ? reading->workers[w].snapshot->reading_count : 0;
	sum->rooms = memory_zeroed(most, sizeof(*sum->rooms));
	sum->counters = counters_new();
	for (unsigned w = 0; w < reading->worker_count; w++) {
		const struct snapshot *one = reading->workers[w].snapshot;

		if (!one)
			continue;
		counters_add(sum->counters, &one->counters);
		tallies_add(sum->deliveries.dialects, one->deliveries.dialects);
		for (size_t i = 0; i < one->reading_count; i++)
			add_room(sum, &one->readings[i]);
	}
}

/* ---- what was counted ---- */

static const void *counters_at(const void *things, size_t index)
{
	(void)index;
	return ((const struct sum *)things)->counters;
}

static const void *dialect_at(const void *things, size_t index)
{
	return &((const struct sum *)things)->deliveries.dialects[index];
}

static struct slice dialect_name(const void *things, size_t index)
{
	(void)things;
	return slice_of(registry_codec(index)->name);
}

static const void *room_at(const void *things, size_t index)
{
	return &((const struct sum *)things)->rooms[index].tally;
}

static struct slice room_name(const void *things, size_t index)
{
	return slice_of(((const struct sum *)things)->rooms[index].name);
}

static const void *backend_at(const void *things, size_t index)
{
	return &((const struct sum *)things)->counters->backends[index];
}

static struct slice backend_name(const void *things, size_t index)
{
	return slice_of(((const struct sum *)things)->conf->backends[index].name);
}

static const void *tap_at(const void *things, size_t index)
{
	return &((const struct sum *)things)->counters->taps[index];
}

static struct slice tap_name(const void *things, size_t index)
{
	return slice_of(((const struct sum *)things)->conf->taps[index].name);
}

static const void *upstream_at(const void *things, size_t index)
{
	return &((const struct sum *)things)->counters->upstreams[index];
}

static struct slice upstream_name(const void *things, size_t index)
{
	return slice_of(((const struct sum *)things)->conf->upstreams[index].name);
}

static const char *help_of(enum counter_kind kind)
{
	for (size_t i = 0; i < counter_rows_worker.count; i++)
		if (counter_rows_worker.rows[i].kind == kind)
			return counter_rows_worker.rows[i].help;
	return NULL;
}

static void write_instances(struct exposition *e, const struct sum *sum)
{
	exposition_begin(e, EXPOSITION_GAUGE, PREFIX, "backend_instances",
			 "instances that are connected", NULL);
	for (size_t i = 0; i < sum->reading->bridge->backend_count; i++) {
		const struct backend_ledger *backend = &sum->counters->backends[i];
		struct exposition_label label = { "backend", backend_name(sum, i) };

		exposition_unsigned(e, &label, 1, backend->joined - backend->left - backend->died);
	}
}

static void write_counters(struct exposition *e, const struct sum *sum)
{
	const struct bridge *bridge = sum->reading->bridge;
	const char *deliveries = help_of(COUNTER_DELIVERIES);
	const struct counted all[] = {
		{ &counter_rows_worker, PREFIX, NULL, NULL, 1, counters_at, NULL, sum,
		  atomic_load(&bridge->refused_full) },
		{ &counter_rows_delivery, PREFIX, "dialect", deliveries, registry_count(),
		  dialect_at, dialect_name, sum, 0 },
		{ &counter_rows_delivery, PREFIX "room_", "room", deliveries, sum->room_count,
		  room_at, room_name, sum, 0 },
		{ &counter_rows_backend, PREFIX "backend_", "backend", NULL, bridge->backend_count,
		  backend_at, backend_name, sum, 0 },
		{ &counter_rows_tap, PREFIX "tap_", "tap", NULL, bridge->tap_count, tap_at,
		  tap_name, sum, 0 },
		{ &counter_rows_upstream, PREFIX "upstream_", "upstream", NULL,
		  sum->conf->upstream_count, upstream_at, upstream_name, sum, 0 },
	};

	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++)
		if (all[i].count > 0)
			counted_write(e, &all[i]);
	if (bridge->backend_count > 0)
		write_instances(e, sum);
}

/* ---- what the admin thread sees ---- */

/* Writes one value of each worker. */
static void write_workers(struct exposition *e, const struct prometheus_reading *reading,
			  const char *name, const char *help,
			  void (*write)(struct exposition *, const struct exposition_label *,
					const struct worker_reading *))
{
	exposition_begin(e, EXPOSITION_GAUGE, PREFIX "worker_", name, help, NULL);
	for (unsigned w = 0; w < reading->worker_count; w++) {
		char index[16];
		struct exposition_label label = { .name = "worker" };

		snprintf(index, sizeof(index), "%u", w);
		label.value = slice_of(index);
		write(e, &label, &reading->workers[w]);
	}
}

static void write_age(struct exposition *e, const struct exposition_label *label,
		      const struct worker_reading *worker)
{
	exposition_seconds(e, label, 1, worker->age_ms);
}

static void write_late(struct exposition *e, const struct exposition_label *label,
		       const struct worker_reading *worker)
{
	exposition_unsigned(e, label, 1, worker->late);
}

static void write_connections(struct exposition *e, const struct exposition_label *label,
			      const struct worker_reading *worker)
{
	exposition_unsigned(e, label, 1, worker->snapshot ? worker->snapshot->connections : 0);
}

static void write_queue(struct exposition *e, const struct exposition_label *label,
			const struct worker_reading *worker)
{
	exposition_unsigned(e, label, 1, worker->queue);
}

static void write_threads(struct exposition *e, const struct prometheus_reading *reading)
{
	write_workers(e, reading, "last_loop_age_seconds",
		      "since the worker's event loop last began a round; /health is 503 above 2",
		      write_age);
	write_workers(
	    e, reading, "late",
	    "1: it did not answer in time, and its numbers are those of an earlier scrape",
	    write_late);
	write_workers(e, reading, "connections",
		      "connections of the worker, those among them that log in by their request",
		      write_connections);
	write_workers(e, reading, "queue", "messages of other threads that wait for the worker",
		      write_queue);
	exposition_begin(e, EXPOSITION_GAUGE, PREFIX, "main_last_loop_age_seconds",
			 "since the main thread's event loop last began a round", NULL);
	exposition_seconds(e, NULL, 0, reading->main_age_ms);
}

static void write_listener(struct exposition *e, const struct listener_info *listener,
			   uint64_t value)
{
	const char *path = listener->conf->path, *address = listener_address(listener);
	bool six = strchr(address, ':') != NULL;
	char name[128];
	struct exposition_label label = { "listener", slice_of(path) };

	if (!path[0]) {
		snprintf(name, sizeof(name), "%s%s%s:%d", six ? "[" : "", address, six ? "]" : "",
			 listener->port);
		label.value = slice_of(name);
	}
	exposition_unsigned(e, &label, 1, value);
}

static void write_listeners(struct exposition *e, const struct bridge *bridge)
{
	exposition_begin(e, EXPOSITION_COUNTER, PREFIX, "listener_connections_accepted",
			 "connections at a listener, before anything is read of them", NULL);
	for (size_t i = 0; i < bridge->listener_count; i++)
		write_listener(e, &bridge->listeners[i],
			       atomic_load(&bridge->listeners[i].accepted));
	exposition_begin(e, EXPOSITION_COUNTER, PREFIX, "listener_connections_turned_away",
			 "of these, those closed because there were too many", NULL);
	for (size_t i = 0; i < bridge->listener_count; i++)
		write_listener(e, &bridge->listeners[i],
			       atomic_load(&bridge->listeners[i].turned_away));
}

static void write_log(struct exposition *e)
{
	exposition_begin(e, EXPOSITION_COUNTER, PREFIX, "log_lines", "lines of the log, by level",
			 NULL);
	for (int level = LOG_ERROR; level <= LOG_TRACE; level++) {
		struct exposition_label label = { "level",
						  slice_of(log_level_name((enum log_level)level)) };

		exposition_unsigned(e, &label, 1, log_lines((enum log_level)level));
	}
	exposition_begin(
	    e, EXPOSITION_COUNTER, PREFIX, "log_lines_lost",
	    "of these, those that could not be written: nobody read in time, or a disk is full",
	    NULL);
	exposition_unsigned(e, NULL, 0, log_lines_lost());
}

static void write_memory(struct exposition *e, struct budget *budget)
{
	int64_t used = atomic_load(&budget->used);

	exposition_begin(e, EXPOSITION_GAUGE, PREFIX, "send_queues_bytes",
			 "memory that the send queues of all clients take together", NULL);
	exposition_integer(e, NULL, 0, used > 0 ? used : 0);
	exposition_begin(e, EXPOSITION_GAUGE, PREFIX, "send_queues_limit_bytes",
			 "what they may take: memory_bytes of the configuration", NULL);
	exposition_integer(e, NULL, 0, budget->most);
}

static void write_store(struct exposition *e, struct store *store)
{
	struct store_state state;

	if (!store)
		return;
	store->look(store, &state);
	exposition_begin(e, EXPOSITION_GAUGE, PREFIX, "store_failing",
			 "1: what is said cannot be stored, and is refused", NULL);
	exposition_unsigned(e, NULL, 0, state.fault != NULL);
	exposition_begin(e, EXPOSITION_COUNTER, PREFIX, "store_records",
			 "changes of rooms that were stored", NULL);
	exposition_unsigned(e, NULL, 0, state.records);
	exposition_begin(e, EXPOSITION_COUNTER, PREFIX, "store_transactions",
			 "transactions that stored them", NULL);
	exposition_unsigned(e, NULL, 0, state.transactions);
	exposition_begin(e, EXPOSITION_COUNTER, PREFIX, "store_transactions_failed",
			 "transactions that failed", NULL);
	exposition_unsigned(e, NULL, 0, state.failures);
	exposition_begin(e, EXPOSITION_GAUGE, PREFIX, "store_log_bytes",
			 "in the store's log, until they are moved to its file", NULL);
	exposition_unsigned(e, NULL, 0, state.log_bytes);
	exposition_begin(e, EXPOSITION_COUNTER, PREFIX, "store_messages_retired",
			 "messages that were deleted because they were kept too long", NULL);
	exposition_unsigned(e, NULL, 0, state.retired);
	exposition_begin(e, EXPOSITION_COUNTER, PREFIX, "store_damages",
			 "rows that could not be used, and places where its file is broken", NULL);
	exposition_unsigned(e, NULL, 0, state.damaged);
}

static void write_server(struct exposition *e, const struct sum *sum)
{
	const struct prometheus_reading *reading = sum->reading;
	struct exposition_label version = { "version", SLICE(DRAGOMAN_VERSION) };
	size_t rooms = 0;

	for (unsigned w = 0; w < reading->worker_count; w++)
		if (reading->workers[w].snapshot && (rooms == 0 || !reading->workers[w].late))
			rooms = reading->workers[w].snapshot->room_count;
	exposition_begin(e, EXPOSITION_GAUGE, PREFIX, "build_info", "always 1: what runs", NULL);
	exposition_unsigned(e, &version, 1, 1);
	exposition_begin(e, EXPOSITION_GAUGE, PREFIX, "uptime_seconds", "since the server started",
			 NULL);
	exposition_seconds(e, NULL, 0, reading->uptime_ms);
	exposition_begin(e, EXPOSITION_GAUGE, PREFIX, "ready",
			 "1: it takes clients; 0: it starts, drains or ends, as /ready says", NULL);
	exposition_unsigned(e, NULL, 0, atomic_load(&reading->bridge->phase) == BRIDGE_SERVING);
	exposition_begin(e, EXPOSITION_GAUGE, PREFIX, "rooms", "rooms there are", NULL);
	exposition_unsigned(e, NULL, 0, rooms);
}

void prometheus_write(struct exposition *exposition, const struct prometheus_reading *reading)
{
	const struct bridge *bridge = reading->bridge;
	struct sum sum = { .reading = reading, .conf = bridge->conf };

	add_up(&sum);
	write_server(exposition, &sum);
	write_counters(exposition, &sum);
	write_threads(exposition, reading);
	write_listeners(exposition, bridge);
	write_memory(exposition, bridge->budget);
	write_store(exposition, bridge->store);
	write_log(exposition);
	process_stats_write(exposition, bridge->started_ms, reading->uptime_ms);
	counters_free(sum.counters);
	free(sum.rooms);
}
