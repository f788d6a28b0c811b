#include "bridge/core/counters.h"

#include <stdlib.h>

#include "codecs/text/memory.h"

/* All fields are counts. */
static void add_counts(void *sum, const void *one, size_t size)
{
	uint64_t *total = sum;
	const uint64_t *more = one;

	for (size_t i = 0; i < size / sizeof(uint64_t); i++)
		total[i] += more[i];
}

struct counters *counters_new(size_t room_count)
{
	struct counters *counters =
	    memory_zeroed(1, sizeof(*counters) + room_count * sizeof(counters->rooms[0]));

	counters->room_count = room_count;
	return counters;
}

void counters_free(struct counters *counters)
{
	free(counters);
}

void counters_add(struct counters *sum, const struct counters *one)
{
	intake_add(&sum->intake, &one->intake);
	sum->writes += one->writes;
	sum->frames_written += one->frames_written;
	sum->bytes_written += one->bytes_written;
	sum->frames_received += one->frames_received;
	sum->bytes_received += one->bytes_received;
	for (size_t i = 0; i < REASONS; i++) {
		sum->bad_frames[i] += one->bad_frames[i];
		sum->connections_refused[i] += one->connections_refused[i];
	}
	sum->connections_accepted += one->connections_accepted;
	sum->connections_open += one->connections_open;
	sum->tls_failed += one->tls_failed;
	sum->upgrades_refused += one->upgrades_refused;
	sum->sessions_cut += one->sessions_cut;
	sum->sessions_timed_out += one->sessions_timed_out;
	sum->patterns_limited += one->patterns_limited;
	add_counts(sum->backends, one->backends, sizeof(sum->backends));
	add_counts(sum->taps, one->taps, sizeof(sum->taps));
	for (size_t i = 0; i < one->room_count; i++)
		ledger_add(&sum->rooms[i], &one->rooms[i]);
}
