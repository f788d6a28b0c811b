/* counters.h - what a worker counts. */
#ifndef BRIDGE_CORE_COUNTERS_H
#define BRIDGE_CORE_COUNTERS_H

#include <stddef.h>
#include <stdint.h>

#include "codecs/backend/wire.h"
#include "codecs/text/reason.h"
#include "routes/balance/pool.h"
#include "routes/deliver/outcome.h"

#define BACKENDS_MAX 64
#define TAPS_MAX     64

/* One backend. asked = allowed + changed + refused + the sum of asks_failed + under way; events =
 * acknowledged + the sum of events_failed + under way. */
struct backend_ledger {
	uint64_t asked, allowed, changed, refused, asks_failed[POOL_OUTCOMES];
	uint64_t events, acknowledged, events_failed[POOL_OUTCOMES];
	uint64_t repeated;                  /* sent again, after an instance died */
	uint64_t requests;                  /* PUBLISH and CONTROL; what became of them: drafts */
	uint64_t requests_refused[REASONS]; /* answered with ERROR */
	uint64_t joined, left, died;        /* instances */
	uint64_t wrong[WIRE_STATUSES];      /* messages that could not be read */
	uint64_t not_ready, late, errors;   /* before READY; answers to nothing; ERRORs it sent */
	uint64_t wrong_name, too_many;      /* READYs that were not taken */
	uint64_t mixed_up;                  /* an ACK for an ASK, an ANSWER for an EVENT */
	uint64_t keys_refused;              /* tries to connect without the right key */
};

/* A tap. handed_over: to the library, which drops what a slow subscriber does not take. */
struct tap_ledger {
	uint64_t accepted, handed_over, dropped, keys_refused;
};

struct counters {
	struct intake intake;
	uint64_t writes, frames_written, bytes_written; /* writes: calls that sent frames */
	uint64_t frames_received, bytes_received;
	uint64_t bad_frames[REASONS];                    /* answered with an error, by reason */
	uint64_t connections_accepted, connections_open; /* upgrades that succeeded */
	uint64_t connections_refused[REASONS];           /* upgrades and logins */
	uint64_t tls_failed;         /* connections that ended before the TLS handshake was done */
	uint64_t upgrades_refused;   /* path, origin, host, version, protocol */
	uint64_t sessions_cut;       /* slow readers */
	uint64_t sessions_timed_out; /* no login, or silent */
	uint64_t patterns_limited;   /* texts a rule's pattern gave up on */
	struct backend_ledger backends[BACKENDS_MAX]; /* by index */
	struct tap_ledger taps[TAPS_MAX];
	size_t room_count;
	struct ledger rooms[]; /* by room index */
};

/* Returns new, zeroed, for room_count rooms. */
struct counters *counters_new(size_t room_count);
void counters_free(struct counters *counters);

/* Adds one worker's counters to sum; both have the same number of rooms. */
void counters_add(struct counters *sum, const struct counters *one);

#endif
