/* counters.h - what a worker counts, and a table of all that is counted.
 *
 * From the rows workers' counters are added up, printed (metrics.h), and told of in
 * contrib/man/dragoman.1. A new counter is a field here, a row in counters.c, and what
 * tests/bridge/core/test_counters.c then writes into the manual. */
#ifndef BRIDGE_CORE_COUNTERS_H
#define BRIDGE_CORE_COUNTERS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "codecs/backend/wire.h"
#include "codecs/text/reason.h"
#include "routes/balance/pool.h"
#include "routes/deliver/outcome.h"

/* One backend. asked = allowed + changed + refused + the sum of asks_failed + asks_under_way;
 * events = acknowledged + the sum of events_failed + events_under_way. What is under way is what
 * the pool has. */
struct backend_ledger {
	uint64_t asked, allowed, changed, refused, asks_failed[POOL_OUTCOMES], asks_under_way;
	uint64_t events, acknowledged, events_failed[POOL_OUTCOMES], events_under_way;
	uint64_t repeated;                  /* sent again, after an instance died */
	uint64_t requests;                  /* PUBLISH and CONTROL; what became of them: drafts */
	uint64_t requests_refused[REASONS]; /* answered with ERROR */
	uint64_t joined, left, died;        /* instances */
	uint64_t wrong[WIRE_STATUSES];      /* messages that could not be read */
	uint64_t not_ready, late, errors;   /* before READY; answers to nothing; ERRORs it sent */
	uint64_t wrong_name, too_many;      /* READYs that were not taken */
	uint64_t mixed_up;                  /* an ACK for an ASK, an ANSWER for an EVENT */
	uint64_t keys_refused;              /* tries to connect without the right key */
	uint64_t handshakes_failed;         /* tries to connect with another type of socket */
};

/* A tap. handed_over: to the library, which drops what a slow subscriber does not take. */
struct tap_ledger {
	uint64_t accepted, handed_over, dropped, keys_refused, handshakes_failed;
};

/* An upstream. accepted = delivered + degraded + expired + unknown + dropped + the sum of refused +
 * in_flight; of what is heard there: heard = repeated + ignored + looped + taken + the sum of
 * taken_refused + what is on its way. */
struct upstream_ledger {
	uint64_t accepted, delivered, degraded, expired, unknown, dropped, refused[REASONS];
	uint64_t in_flight; /* in outboxes, and not settled */
	uint64_t heard, echoes, repeated, ignored, looped, late, taken, taken_refused[REASONS];
	uint64_t connected, failed, logins_refused, bad_frames;
	uint64_t links, links_up; /* now */
};

/* Why a request becomes no connection. */
enum upgrade_fault {
	UPGRADE_OK,
	UPGRADE_HTTP, /* the version of HTTP */
	UPGRADE_METHOD,
	UPGRADE_HOST,
	UPGRADE_ORIGIN,
	UPGRADE_PATH,
	UPGRADE_VERSION, /* of the protocol */
	UPGRADE_SUBPROTOCOL,
	UPGRADE_EXTENSIONS,
	UPGRADE_KEY,        /* missing, or none */
	UPGRADE_HEADERS,    /* no request of HTTP, or a longer one than is read */
	UPGRADE_LATE,       /* it did not come in time */
	UPGRADE_UNANSWERED, /* its answer did not */
	UPGRADE_LOGIN,      /* the one that came along was refused */
	UPGRADE_PLAIN,      /* none was asked for */
	UPGRADE_CROWDED,    /* there are too many of its address, as a proxy says */
	UPGRADE_CLOSING,    /* nobody is let in any more: none of its faults */
	UPGRADE_FAULTS
};

/* "http", "method", ...; NULL for UPGRADE_OK. Constant. */
const char *upgrade_fault_code(enum upgrade_fault fault);

#define BACKENDS_MAX  64
#define TAPS_MAX      64
#define UPSTREAMS_MAX 64

struct counters {
	struct intake intake;
	uint64_t writes, frames_written, bytes_written; /* writes: calls that sent frames */
	uint64_t frames_received, bytes_received;
	uint64_t bad_frames[REASONS];                    /* answered with an error, by reason */
	uint64_t connections_accepted, connections_open; /* upgrades that succeeded */
	uint64_t connections_speak[DIALECTS_MAX];        /* those open, by dialect */
	uint64_t connections_refused[REASONS];           /* upgrades and logins */
	uint64_t logins_slowed; /* refused without a look: see bridge/logins/slowing.h */
	uint64_t secrets_compared, secrets_known; /* with hashes: elsewhere, and known by then */
	uint64_t tls_failed;   /* connections that ended before the TLS handshake was done */
	uint64_t proxy_failed; /* no header of the PROXY protocol came, or from nobody trusted */
	uint64_t upgrades_refused; /* all of the next */
	uint64_t upgrades_refused_for[UPGRADE_FAULTS];
	uint64_t sessions_cut;       /* slow readers */
	uint64_t cut_for_memory;     /* of these: over the budget of all outboxes */
	uint64_t sessions_timed_out; /* no login, or silent */
	/* Requests of HTTP to dialects' doors; calls is all of them. */
	uint64_t calls, calls_answered, calls_refused, calls_failed, calls_gone, calls_under_way;
	uint64_t calls_late;                          /* what came back for calls that were over */
	uint64_t books_wrong;                         /* times that bridge/audit.h found so */
	uint64_t patterns_limited;                    /* texts a rule's pattern gave up on */
	struct backend_ledger backends[BACKENDS_MAX]; /* by index */
	struct tap_ledger taps[TAPS_MAX];
	struct upstream_ledger upstreams[UPSTREAMS_MAX];
	struct ledger removed; /* of rooms that are no more */
	size_t room_count;
	struct ledger *rooms; /* by room index; grows as rooms are added up */
};

/* Returns new, zeroed, without rooms. */
struct counters *counters_new(void);

/* NULL is ignored. */
void counters_free(struct counters *counters);

/* Adds one worker's counters to sum. */
void counters_add(struct counters *sum, const struct counters *one);

/* Adds what was counted of the room of that index, by dialect: registry_count() of them; SIZE_MAX:
 * of one that was removed. */
void counters_add_room(struct counters *sum, size_t index, const struct tally *tallies);

/* ---- rows ---- */

enum counter_kind {
	/* Counts: uint64_t at offset, which only grow but for a GAUGE. */
	COUNTER_PLAIN,
	COUNTER_TOTAL, /* the sum of the rows after it, up to COUNTER_HELD */
	COUNTER_HELD,  /* what of the last TOTAL is in queues: goes up and down */
	COUNTER_GAUGE, /* goes up and down */
	/* One count for each label: an array. */
	COUNTER_REASONS,  /* by enum reason: printed as an object, without those that are 0 */
	COUNTER_STATUSES, /* by enum wire_status: each beside the other rows, without zeros */
	COUNTER_FAILURES, /* by enum pool_outcome: each beside the other rows */
	COUNTER_UPGRADES, /* by enum upgrade_fault: printed as REASONS are */
	COUNTER_SPEAKERS, /* by dialect: GAUGEs, printed as REASONS are */
	/* Not kept by workers, or not in a place of their own; never added up. */
	COUNTER_AGAIN, /* a PLAIN one that has another row, too */
	COUNTER_MAIN,  /* bridge->refused_full: the main thread's */
	/* No counts, but what holds them. */
	COUNTER_OPEN,       /* the rows up to the next CLOSE belong together */
	COUNTER_CLOSE,      /* nothing else is said of it */
	COUNTER_DELIVERIES, /* counter_rows_delivery, of all rooms and dialects together, */
	COUNTER_DIALECTS,   /* of each dialect, by name, */
	COUNTER_ROOMS,      /* of each room, by name, */
	COUNTER_REMOVED,    /* and of those that are no more, together */
	COUNTER_BACKENDS,   /* counter_rows_backend, of each, by name */
	COUNTER_TAPS,       /* counter_rows_tap, of each, by name */
	COUNTER_UPSTREAMS   /* counter_rows_upstream, of each, by name */
};

struct counter_row {
	enum counter_kind kind;
	const char *name; /* in JSON. Of STATUSES and FAILURES, whose labels stand for it, no more
			   * than a name for people */
	const char *help; /* what it counts, to go on after the name; no full stop */
	const char *unit; /* "bytes"; NULL: just how many */
	size_t offset;    /* in the struct that its table is about */
	/* For bridge/admin/prometheus.h. The rows of one metric stand together, but for OPEN and
	 * CLOSE. */
	const char *metric;  /* its family there, without what all begin and counters end with;
			      * NULL: it is told by other rows */
	const char *outcome; /* its label of that name; NULL: none, or what it is counted by */
};

struct counter_rows {
	const struct counter_row *rows;
	size_t count;
};

extern const struct counter_rows counter_rows_worker;   /* of struct counters */
extern const struct counter_rows counter_rows_delivery; /* of struct tally */
extern const struct counter_rows counter_rows_backend;  /* of struct backend_ledger */
extern const struct counter_rows counter_rows_tap;      /* of struct tap_ledger */
extern const struct counter_rows counter_rows_upstream; /* of struct upstream_ledger */

/* Is each TOTAL the sum of its rows? base: the struct that they are about. Of a worker's rows: the
 * counters without those of rooms. */
bool counter_rows_balance(const struct counter_rows *rows, const void *base);

/* How many uint64_t at its offset a row of that kind adds up; 0: none. */
size_t counter_width(enum counter_kind kind);

/* What the counts of such a kind differ by: "reason", "code", "outcome", "fault" or "dialect".
 * NULL: it has but one. */
const char *counter_label(enum counter_kind kind);

/* The name of the one with that index, below counter_width(), of a kind with a label. NULL: there
 * is nothing to be counted by it. *help, if not NULL: what it means; NULL of dialects. Constant. */
const char *counter_label_name(enum counter_kind kind, size_t index, const char **help);

#endif
