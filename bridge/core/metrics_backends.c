#include "bridge/core/metrics_backends.h"

#include "conf/conf.h"

void metrics_write_reasons(struct json_writer *w, const char *key, const uint64_t counts[REASONS])
{
	json_key(w, key);
	json_object_open(w);
	for (size_t i = 0; i < REASONS; i++)
		if (counts[i])
			json_field_unsigned(w, reason_code((enum reason)i), counts[i]);
	json_object_close(w);
}

/* Writes the failures, and returns their sum. */
static uint64_t write_failed(struct json_writer *w, const uint64_t failed[POOL_OUTCOMES])
{
	uint64_t sum = 0;

	json_field_unsigned(w, "expired", failed[POOL_EXPIRED]);
	json_field_unsigned(w, "unavailable", failed[POOL_UNAVAILABLE]);
	json_field_unsigned(w, "full", failed[POOL_FULL]);
	json_field_unsigned(w, "closing", failed[POOL_CLOSED]);
	for (size_t i = 0; i < POOL_OUTCOMES; i++)
		sum += failed[i];
	return sum;
}

static void write_asks(struct json_writer *w, const struct backend_ledger *ledger)
{
	uint64_t ended = ledger->allowed + ledger->changed + ledger->refused;

	json_key(w, "asks");
	json_object_open(w);
	json_field_unsigned(w, "accepted", ledger->asked);
	json_field_unsigned(w, "allowed", ledger->allowed);
	json_field_unsigned(w, "changed", ledger->changed);
	json_field_unsigned(w, "refused", ledger->refused);
	ended += write_failed(w, ledger->asks_failed);
	json_field_unsigned(w, "under_way", ledger->asked - ended);
	json_object_close(w);
}

static void write_events(struct json_writer *w, const struct backend_ledger *ledger)
{
	uint64_t ended = ledger->acknowledged;

	json_key(w, "events");
	json_object_open(w);
	json_field_unsigned(w, "accepted", ledger->events);
	json_field_unsigned(w, "acknowledged", ledger->acknowledged);
	ended += write_failed(w, ledger->events_failed);
	json_field_unsigned(w, "under_way", ledger->events - ended);
	json_object_close(w);
}

static void write_wrong(struct json_writer *w, const struct backend_ledger *ledger)
{
	json_key(w, "wrong");
	json_object_open(w);
	for (size_t i = 0; i < WIRE_STATUSES; i++)
		if (ledger->wrong[i])
			json_field_unsigned(w, wire_status_code((enum wire_status)i),
					    ledger->wrong[i]);
	json_field_unsigned(w, "not_ready", ledger->not_ready);
	json_field_unsigned(w, "late", ledger->late);
	json_field_unsigned(w, "wrong_name", ledger->wrong_name);
	json_field_unsigned(w, "too_many", ledger->too_many);
	json_field_unsigned(w, "mixed_up", ledger->mixed_up);
	json_object_close(w);
}

static void write_backend(struct json_writer *w, const struct backend_ledger *ledger)
{
	json_object_open(w);
	write_asks(w, ledger);
	write_events(w, ledger);
	json_field_unsigned(w, "repeated", ledger->repeated);
	json_key(w, "requests");
	json_object_open(w);
	json_field_unsigned(w, "accepted", ledger->requests);
	metrics_write_reasons(w, "refused", ledger->requests_refused);
	json_object_close(w);
	json_key(w, "instances");
	json_object_open(w);
	json_field_unsigned(w, "joined", ledger->joined);
	json_field_unsigned(w, "left", ledger->left);
	json_field_unsigned(w, "died", ledger->died);
	json_object_close(w);
	write_wrong(w, ledger);
	json_field_unsigned(w, "errors", ledger->errors);
	json_field_unsigned(w, "keys_refused", ledger->keys_refused);
	json_object_close(w);
}

void metrics_write_backends(struct json_writer *w, const struct counters *counters,
			    const struct bridge *bridge)
{
	json_field_unsigned(w, "patterns_limited", counters->patterns_limited);
	json_key(w, "backends");
	json_object_open(w);
	for (size_t b = 0; b < bridge->backend_count; b++) {
		json_key_slice(w, slice_of(bridge->conf->backends[b].name));
		write_backend(w, &counters->backends[b]);
	}
	json_object_close(w);
	json_key(w, "taps");
	json_object_open(w);
	for (size_t t = 0; t < bridge->tap_count; t++) {
		const struct tap_ledger *ledger = &counters->taps[t];

		json_key_slice(w, slice_of(bridge->conf->taps[t].name));
		json_object_open(w);
		json_field_unsigned(w, "accepted", ledger->accepted);
		json_field_unsigned(w, "handed_over", ledger->handed_over);
		json_field_unsigned(w, "dropped", ledger->dropped);
		json_field_unsigned(w, "keys_refused", ledger->keys_refused);
		json_object_close(w);
	}
	json_object_close(w);
}
