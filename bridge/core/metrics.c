#include "bridge/core/metrics.h"

#include "bridge/core/bridge.h"
#include "bridge/core/metrics_backends.h"
#include "codecs/text/json_write.h"

static void write_intake(struct json_writer *w, const struct intake *intake)
{
	json_key(w, "drafts");
	json_object_open(w);
	json_field_unsigned(w, "accepted", intake->accepted);
	json_field_unsigned(w, "ordered", intake->ordered);
	json_field_unsigned(w, "routed", intake->routed);
	json_field_unsigned(w, "dropped", intake->dropped);
	metrics_write_reasons(w, "refused", intake->refused);
	json_field_unsigned(w, "waiting", intake_waiting(intake));
	json_object_close(w);
}

/* The sum over the dialects first .. last. */
static void write_outcomes(struct json_writer *w, const struct ledger *ledger, size_t first,
			   size_t last)
{
	uint64_t sum[OUTCOMES] = { 0 }, accepted = 0, ended = 0;

	for (size_t d = first; d <= last; d++) {
		accepted += ledger->accepted[d];
		for (size_t o = 0; o < OUTCOMES; o++) {
			sum[o] += ledger->outcomes[d][o];
			ended += ledger->outcomes[d][o];
		}
	}
	json_object_open(w);
	json_field_unsigned(w, "accepted", accepted);
	json_field_unsigned(w, "delivered", sum[OUTCOME_DELIVERED]);
	json_field_unsigned(w, "degraded", sum[OUTCOME_DEGRADED]);
	json_field_unsigned(w, "refused", sum[OUTCOME_REFUSED]);
	json_field_unsigned(w, "expired", sum[OUTCOME_EXPIRED]);
	json_key(w, "dropped");
	json_object_open(w);
	json_field_unsigned(w, "no_word", sum[OUTCOME_DROPPED_NO_WORD]);
	json_field_unsigned(w, "muted", sum[OUTCOME_DROPPED_MUTED]);
	json_field_unsigned(w, "gone", sum[OUTCOME_DROPPED_GONE]);
	json_field_unsigned(w, "cut", sum[OUTCOME_DROPPED_CUT]);
	json_object_close(w);
	json_field_unsigned(w, "in_flight", accepted - ended);
	json_object_close(w);
}

static void write_connections(struct json_writer *w, const struct counters *counters,
			      const struct bridge *bridge)
{
	json_key(w, "connections");
	json_object_open(w);
	json_field_unsigned(w, "accepted", counters->connections_accepted);
	json_field_unsigned(w, "open", counters->connections_open);
	json_field_unsigned(w, "tls_failed", counters->tls_failed);
	json_field_unsigned(w, "upgrades_refused", counters->upgrades_refused);
	json_field_unsigned(w, "turned_away", bridge->refused_full);
	metrics_write_reasons(w, "refused", counters->connections_refused);
	json_field_unsigned(w, "cut", counters->sessions_cut);
	json_field_unsigned(w, "timed_out", counters->sessions_timed_out);
	json_object_close(w);
}

static void write_traffic(struct json_writer *w, const struct counters *counters)
{
	json_field_unsigned(w, "writes", counters->writes);
	json_field_unsigned(w, "frames_written", counters->frames_written);
	json_field_unsigned(w, "bytes_written", counters->bytes_written);
	json_field_unsigned(w, "frames_received", counters->frames_received);
	json_field_unsigned(w, "bytes_received", counters->bytes_received);
	metrics_write_reasons(w, "bad_frames", counters->bad_frames);
	json_field_unsigned(w, "sessions_cut", counters->sessions_cut);
}

static void write_ledgers(struct json_writer *w, const struct counters *counters,
			  const struct bridge *bridge)
{
	struct ledger sum = { 0 };

	for (size_t i = 0; i < counters->room_count; i++)
		ledger_add(&sum, &counters->rooms[i]);
	json_key(w, "deliveries");
	write_outcomes(w, &sum, 0, DIALECTS - 1);
	json_key(w, "dialects");
	json_object_open(w);
	for (size_t d = 0; d < DIALECTS; d++) {
		json_key(w, registry_codec(d)->name);
		write_outcomes(w, &sum, d, d);
	}
	json_object_close(w);
	json_key(w, "rooms");
	json_object_open(w);
	for (size_t i = 0; i < counters->room_count; i++) {
		json_key_slice(w, bridge->rooms[i].rules.name);
		write_outcomes(w, &counters->rooms[i], 0, DIALECTS - 1);
	}
	json_object_close(w);
}

void counters_print(const struct counters *counters, const struct bridge *bridge, FILE *stream)
{
	struct json_writer w;

	json_start(&w, 0, 4096);
	json_object_open(&w);
	json_key(&w, "counters");
	json_object_open(&w);
	write_intake(&w, &counters->intake);
	write_ledgers(&w, counters, bridge);
	write_traffic(&w, counters);
	write_connections(&w, counters, bridge);
	metrics_write_backends(&w, counters, bridge);
	json_object_close(&w);
	json_object_close(&w);
	fwrite(w.data, 1, w.len, stream);
	fputc('\n', stream);
	fflush(stream);
	json_clear(&w);
}
