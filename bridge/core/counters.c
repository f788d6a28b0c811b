#include "bridge/core/counters.h"

#include <stdlib.h>
#include <string.h>

#include "codecs/text/memory.h"

#define LENGTH(rows) (sizeof(rows) / sizeof((rows)[0]))

/* ---- a worker ---- */

#define ROW(kind, name, field, metric, outcome, help)                                              \
	{                                                                                          \
		COUNTER_##kind, name, help, NULL, offsetof(struct OF, field), metric, outcome      \
	}
#define BYTES(name, field, metric, help)                                                           \
	{                                                                                          \
		COUNTER_PLAIN, name, help, "bytes", offsetof(struct OF, field), metric, NULL       \
	}
#define PART(kind, name, metric, help)                                                             \
	{                                                                                          \
		COUNTER_##kind, name, help, NULL, 0, metric, NULL                                  \
	}
#define CLOSE PART(CLOSE, NULL, NULL, NULL)

#define OF counters
static const struct counter_row worker_rows[] = {
	PART(OPEN, "drafts", NULL,
	     "requests of clients and backends, to enter and leave too, once for each destination "
	     "that rules send them to"),
	ROW(TOTAL, "accepted", intake.accepted, "drafts_accepted", NULL, "all of them"),
	ROW(PLAIN, "ordered", intake.ordered, "drafts", "ordered", "got their place in a room"),
	ROW(PLAIN, "unchanged", intake.unchanged, "drafts", "unchanged",
	    "valid, but changed nothing, such as a reaction that is there already"),
	ROW(PLAIN, "routed", intake.routed, "drafts", "routed",
	    "went to a backend, which acknowledged them"),
	ROW(PLAIN, "dropped", intake.dropped, "drafts", "dropped", "by a rule"),
	ROW(REASONS, "refused", intake.refused, "drafts", "refused",
	    "by a room, a rule or a backend"),
	ROW(HELD, "waiting", intake.waiting, "drafts_waiting", NULL,
	    "in a queue between threads, in a rule's steps, or at a backend"),
	CLOSE,
	PART(DELIVERIES, "deliveries", NULL,
	     "events of rooms, once for each connection that was there; each ends in exactly one "
	     "outcome"),
	PART(DIALECTS, "dialects", NULL, "the same for each dialect, by name"),
	PART(ROOMS, "rooms", NULL, "the same for each room, by name"),
	PART(REMOVED, "removed_rooms", NULL, "the same for removed rooms, together"),
	ROW(PLAIN, "writes", writes, "writes", NULL, "calls that wrote to connections"),
	ROW(PLAIN, "frames_written", frames_written, "frames_written", NULL,
	    "messages written to connections"),
	BYTES("bytes_written", bytes_written, "written_bytes",
	      "data written to connections, compressed or not"),
	ROW(PLAIN, "frames_received", frames_received, "frames_received", NULL,
	    "messages read from connections"),
	BYTES("bytes_received", bytes_received, "received_bytes",
	      "payloads of these messages, when they are inflated"),
	ROW(REASONS, "bad_frames", bad_frames, "bad_frames", NULL,
	    "messages from clients that were answered with an error"),
	ROW(AGAIN, "sessions_cut", sessions_cut, NULL, NULL,
	    "connections cut because they read too slowly; counted under connections, too"),
	PART(OPEN, "connections", NULL, "connections of clients"),
	ROW(PLAIN, "accepted", connections_accepted, "connections_accepted", NULL,
	    "upgrades that succeeded"),
	ROW(GAUGE, "open", connections_open, NULL, NULL, "open now"),
	ROW(SPEAKERS, "open_by_dialect", connections_speak, "connections_open", NULL, "open now"),
	ROW(PLAIN, "tls_failed", tls_failed, "connections_tls_failed", NULL,
	    "ended before the TLS handshake was done"),
	ROW(PLAIN, "proxy_failed", proxy_failed, "connections_proxy_failed", NULL,
	    "closed because no valid PROXY header came, or from no trusted proxy"),
	ROW(PLAIN, "upgrades_refused", upgrades_refused, NULL, NULL,
	    "upgrade requests that were refused, or not answered in time"),
	ROW(UPGRADES, "upgrades_refused_for", upgrades_refused_for, "connections_upgrades_refused",
	    NULL, "upgrade requests that were refused, or not answered in time"),
	PART(MAIN, "turned_away", "connections_turned_away",
	     "closed before the handshake, because there were too many"),
	ROW(REASONS, "refused", connections_refused, "connections_refused", NULL,
	    "upgrades and logins that were refused"),
	ROW(PLAIN, "logins_slowed", logins_slowed, "logins_slowed", NULL,
	    "logins that were refused without a look, because too many of that address or name had "
	    "failed"),
	ROW(PLAIN, "secrets_compared", secrets_compared, "secrets_compared", NULL,
	    "logins whose secret was compared with a hash"),
	ROW(PLAIN, "secrets_known", secrets_known, "secrets_known", NULL,
	    "logins whose secret had been found to belong to its hash before"),
	ROW(PLAIN, "cut", sessions_cut, "connections_cut", NULL,
	    "cut because they read too slowly"),
	ROW(PLAIN, "cut_for_memory", cut_for_memory, "connections_cut_for_memory", NULL,
	    "of these, those cut because the queues of all connections together were too "
	    "large"),
	ROW(PLAIN, "timed_out", sessions_timed_out, "connections_timed_out", NULL,
	    "login timeout or idle timeout"),
	CLOSE,
	PART(OPEN, "calls", NULL, "HTTP requests of clients to paths of their dialects"),
	ROW(TOTAL, "accepted", calls, "calls_accepted", NULL, "all of them"),
	ROW(PLAIN, "answered", calls_answered, "calls", "answered", "with a status below 400"),
	ROW(PLAIN, "refused", calls_refused, "calls", "refused", "with 400 to 499"),
	ROW(PLAIN, "failed", calls_failed, "calls", "failed",
	    "with 500 or more: the server closes, or somebody's answer did not come in time"),
	ROW(PLAIN, "gone", calls_gone, "calls", "gone", "the client closed the connection before"),
	ROW(HELD, "under_way", calls_under_way, "calls_under_way", NULL, "not answered yet"),
	CLOSE,
	ROW(PLAIN, "calls_late", calls_late, "calls_late", NULL,
	    "answers of rooms and backends that came after the call had ended"),
	ROW(PLAIN, "books_wrong", books_wrong, "books_wrong", NULL,
	    "times that what was accepted was not what became of it and what waits, together: a "
	    "fault of the program"),
	ROW(PLAIN, "patterns_limited", patterns_limited, "patterns_limited", NULL,
	    "texts on which the pattern of a rule reached its limit, because matching took too "
	    "long"),
	PART(BACKENDS, "backends", NULL, "for each backend, by name"),
	PART(TAPS, "taps", NULL, "for each tap, by name"),
	PART(UPSTREAMS, "upstreams", NULL, "for each upstream, by name"),
};

const struct counter_rows counter_rows_worker = { worker_rows, LENGTH(worker_rows) };

/* ---- deliveries ---- */

#undef OF
#define OF tally
static const struct counter_row delivery_rows[] = {
	ROW(TOTAL, "accepted", accepted, "deliveries_accepted", NULL, "all of them"),
	ROW(PLAIN, "delivered", outcomes[OUTCOME_DELIVERED], "deliveries", "delivered",
	    "written to the socket, as an event of the dialect's own"),
	ROW(PLAIN, "degraded", outcomes[OUTCOME_DEGRADED], "deliveries", "degraded",
	    "put in other words, because the dialect has none of its own"),
	ROW(PLAIN, "refused", outcomes[OUTCOME_REFUSED], "deliveries", "refused",
	    "not for this connection"),
	ROW(PLAIN, "expired", outcomes[OUTCOME_EXPIRED], "deliveries", "expired",
	    "too old when their turn came"),
	PART(OPEN, "dropped", NULL, "not delivered, and why"),
	ROW(PLAIN, "no_word", outcomes[OUTCOME_DROPPED_NO_WORD], "deliveries", "dropped_no_word",
	    "the dialect cannot express it"),
	ROW(PLAIN, "hidden", outcomes[OUTCOME_DROPPED_HIDDEN], "deliveries", "dropped_hidden",
	    "the room has such events not shown in the dialect"),
	ROW(PLAIN, "muted", outcomes[OUTCOME_DROPPED_MUTED], "deliveries", "dropped_muted",
	    "the client opted out of such events"),
	ROW(PLAIN, "gone", outcomes[OUTCOME_DROPPED_GONE], "deliveries", "dropped_gone",
	    "the connection had ended"),
	ROW(PLAIN, "cut", outcomes[OUTCOME_DROPPED_CUT], "deliveries", "dropped_cut",
	    "the connection was cut, or ended, before it was written"),
	CLOSE,
	ROW(HELD, "in_flight", in_flight, "deliveries_in_flight", NULL, "not written yet"),
};

const struct counter_rows counter_rows_delivery = { delivery_rows, LENGTH(delivery_rows) };

/* ---- a backend ---- */

#undef OF
#define OF backend_ledger
static const struct counter_row backend_rows[] = {
	PART(OPEN, "asks", NULL, "ASKs, about events and logins"),
	ROW(TOTAL, "accepted", asked, "asks_accepted", NULL, "all of them"),
	ROW(PLAIN, "allowed", allowed, "asks", "allowed", "answered so"),
	ROW(PLAIN, "changed", changed, "asks", "changed", "answered so"),
	ROW(PLAIN, "refused", refused, "asks", "refused", "answered so"),
	ROW(FAILURES, "failed", asks_failed, "asks", NULL, "not answered"),
	ROW(HELD, "under_way", asks_under_way, "asks_under_way", NULL, "not answered yet"),
	CLOSE,
	PART(OPEN, "events", NULL, "EVENTs, by rules and about users who came and left"),
	ROW(TOTAL, "accepted", events, "events_accepted", NULL, "all of them"),
	ROW(PLAIN, "acknowledged", acknowledged, "events", "acknowledged", "answered so"),
	ROW(FAILURES, "failed", events_failed, "events", NULL, "not acknowledged"),
	ROW(HELD, "under_way", events_under_way, "events_under_way", NULL, "not acknowledged yet"),
	CLOSE,
	ROW(PLAIN, "repeated", repeated, "repeated", NULL,
	    "asks and events that were sent again after an instance died or left"),
	PART(OPEN, "requests", NULL, "PUBLISH and CONTROL requests of it"),
	ROW(PLAIN, "accepted", requests, "requests", NULL, "all that came"),
	ROW(REASONS, "refused", requests_refused, "requests_refused", NULL,
	    "those that were answered with an ERROR"),
	CLOSE,
	PART(OPEN, "instances", NULL, "its instances"),
	ROW(PLAIN, "joined", joined, "instances_joined", NULL, "sent READY and were accepted"),
	ROW(PLAIN, "left", left, "instances_left", NULL, "sent BYE"),
	ROW(PLAIN, "died", died, "instances_died", NULL, "heartbeat timeout, or connection lost"),
	CLOSE,
	PART(OPEN, "wrong", NULL, "messages from it that were refused"),
	ROW(STATUSES, "unreadable", wrong, "wrong_messages", NULL, "could not be read"),
	ROW(PLAIN, "not_ready", not_ready, "wrong_not_ready", NULL, "came before a READY"),
	ROW(PLAIN, "late", late, "wrong_late", NULL,
	    "answers that came too late, or have an unknown id"),
	ROW(PLAIN, "wrong_name", wrong_name, "wrong_name", NULL,
	    "a READY with the name of another backend"),
	ROW(PLAIN, "too_many", too_many, "wrong_too_many", NULL, "a READY of too many instances"),
	ROW(PLAIN, "mixed_up", mixed_up, "wrong_mixed_up", NULL,
	    "an ACK for an ASK, or an ANSWER for an EVENT"),
	CLOSE,
	ROW(PLAIN, "errors", errors, "errors", NULL, "ERRORs that it sent"),
	ROW(PLAIN, "keys_refused", keys_refused, "keys_refused", NULL,
	    "connections without a valid key"),
	ROW(PLAIN, "handshakes_failed", handshakes_failed, "handshakes_failed", NULL,
	    "connections, where no keys are used, of a socket that is not a DEALER or violates the "
	    "protocol"),
};

const struct counter_rows counter_rows_backend = { backend_rows, LENGTH(backend_rows) };

/* ---- a tap ---- */

#undef OF
#define OF tap_ledger
static const struct counter_row tap_rows[] = {
	ROW(PLAIN, "accepted", accepted, "events_accepted", NULL, "events that rules copied to it"),
	ROW(PLAIN, "handed_over", handed_over, "events_handed_over", NULL,
	    "of these, those handed to ZeroMQ, which drops what a slow subscriber does not take"),
	ROW(PLAIN, "dropped", dropped, "events_dropped", NULL, "dropped before that"),
	ROW(PLAIN, "keys_refused", keys_refused, "keys_refused", NULL,
	    "connections without a valid key"),
	ROW(PLAIN, "handshakes_failed", handshakes_failed, "handshakes_failed", NULL,
	    "connections, where no keys are used, of a socket that is not a SUB or violates the "
	    "protocol"),
};

const struct counter_rows counter_rows_tap = { tap_rows, LENGTH(tap_rows) };

/* ---- an upstream ---- */

#undef OF
#define OF upstream_ledger
static const struct counter_row upstream_rows[] = {
	PART(OPEN, "events", NULL, "events that were to be said there"),
	ROW(TOTAL, "accepted", accepted, "events_accepted", NULL, "all of them"),
	ROW(PLAIN, "delivered", delivered, "events", "delivered",
	    "said there, in the dialect's own form"),
	ROW(PLAIN, "degraded", degraded, "events", "degraded",
	    "said there in other words, because the dialect has none of its own"),
	ROW(PLAIN, "expired", expired, "events", "expired", "waited too long for the connection"),
	ROW(PLAIN, "unknown", unknown, "events", "unknown",
	    "sent, but the connection broke before the server answered: they may have arrived"),
	ROW(PLAIN, "dropped", dropped, "events", "dropped",
	    "the dialect cannot express them, or the server is not to be told"),
	ROW(REASONS, "refused", refused, "events", "refused",
	    "by the server, or because the outbox was full"),
	ROW(HELD, "in_flight", in_flight, "events_in_flight", NULL,
	    "in an outbox, or sent and not settled yet"),
	CLOSE,
	PART(OPEN, "heard", NULL,
	     "events heard there, but for those that were said by this server"),
	ROW(PLAIN, "accepted", heard, "heard_accepted", NULL, "all of them"),
	ROW(PLAIN, "taken", taken, "heard", "taken", "said in the room"),
	ROW(REASONS, "refused", taken_refused, "heard", "refused", "by the room"),
	ROW(PLAIN, "repeated", repeated, "heard", "repeated", "known already"),
	ROW(PLAIN, "ignored", ignored, "heard", "ignored",
	    "not taken over, because of the configuration or of what they are"),
	ROW(PLAIN, "looped", looped, "heard", "looped", "came back by way of other servers"),
	ROW(PLAIN, "late", late, "heard_late", NULL,
	    "found in the history of the server when the connection was back"),
	CLOSE,
	ROW(PLAIN, "echoes", echoes, "echoes", NULL,
	    "what was said by this server and heard there again"),
	PART(OPEN, "links", NULL, "connections to it"),
	ROW(GAUGE, "open", links, "links", NULL,
	    "that there are to be: one in mode relay, one for each client in mode session"),
	ROW(GAUGE, "up", links_up, "links_up", NULL, "of these, those that are logged in"),
	ROW(PLAIN, "connected", connected, "links_connected", NULL, "logins that succeeded"),
	ROW(PLAIN, "failed", failed, "links_failed", NULL, "could not be made, or broke"),
	ROW(PLAIN, "refused", logins_refused, "links_refused", NULL,
	    "logins that the server refused"),
	CLOSE,
	ROW(PLAIN, "bad_frames", bad_frames, "bad_frames", NULL,
	    "messages of it that could not be read"),
};

const struct counter_rows counter_rows_upstream = { upstream_rows, LENGTH(upstream_rows) };

/* ---- labels ---- */

static const struct {
	const char *name, *help;
} failures[POOL_OUTCOMES] = {
	[POOL_EXPIRED] = { "expired", "no answer before the deadline" },
	[POOL_UNAVAILABLE] = { "unavailable", "no instance was connected" },
	[POOL_FULL] = { "full", "the queue was full" },
	[POOL_CLOSED] = { "closing", "the server ended" },
};

static const char *const wrongs[WIRE_STATUSES] = {
	[WIRE_BAD_FRAMES] = "too few frames, too many, or too large ones",
	[WIRE_BAD_VERSION] = "another protocol, or another version of it",
	[WIRE_BAD_COMMAND] = "not a command for backends to send",
	[WIRE_BAD_JSON] = "not a JSON object",
	[WIRE_BAD_FIELD] = "a field is missing or invalid",
};

static const struct {
	const char *name, *help;
} upgrades[UPGRADE_FAULTS] = {
	[UPGRADE_HTTP] = { "http", "another version of HTTP" },
	[UPGRADE_METHOD] = { "method", "another method than GET" },
	[UPGRADE_HOST] = { "host", "a Host that is not configured" },
	[UPGRADE_ORIGIN] = { "origin", "an Origin that is not allowed" },
	[UPGRADE_PATH] = { "path", "nothing is served at the path" },
	[UPGRADE_VERSION] = { "version", "another version of WebSocket" },
	[UPGRADE_SUBPROTOCOL] = { "subprotocol", "an invalid subprotocol" },
	[UPGRADE_EXTENSIONS] = { "extensions", "an invalid Sec-WebSocket-Extensions" },
	[UPGRADE_KEY] = { "key", "an invalid Sec-WebSocket-Key, or none" },
	[UPGRADE_HEADERS] = { "headers", "an invalid request, or one that is too long" },
	[UPGRADE_CROWDED] = { "crowded",
			      "its address has too many connections, by what a proxy says" },
	[UPGRADE_CLOSING] = { "closing", "the server is drained, or ends" },
	[UPGRADE_LATE] = { "late", "the request did not come in time" },
	[UPGRADE_UNANSWERED] = { "unanswered", "its login was not judged in time" },
	[UPGRADE_LOGIN] = { "login", "its credentials were refused" },
	[UPGRADE_PLAIN] = { "plain", "not an upgrade request" },
};

const char *upgrade_fault_code(enum upgrade_fault fault)
{
	return upgrades[fault].name;
}

size_t counter_width(enum counter_kind kind)
{
	switch (kind) {
	case COUNTER_PLAIN:
	case COUNTER_TOTAL:
	case COUNTER_HELD:
	case COUNTER_GAUGE: return 1;
	case COUNTER_REASONS: return REASONS;
	case COUNTER_STATUSES: return WIRE_STATUSES;
	case COUNTER_FAILURES: return POOL_OUTCOMES;
	case COUNTER_UPGRADES: return UPGRADE_FAULTS;
	case COUNTER_SPEAKERS: return DIALECTS_MAX;
	default: return 0;
	}
}

const char *counter_label(enum counter_kind kind)
{
	switch (kind) {
	case COUNTER_REASONS: return "reason";
	case COUNTER_STATUSES: return "code";
	case COUNTER_FAILURES: return "outcome";
	case COUNTER_UPGRADES: return "fault";
	case COUNTER_SPEAKERS: return "dialect";
	default: return NULL;
	}
}

const char *counter_label_name(enum counter_kind kind, size_t index, const char **help)
{
	const char *name, *meaning;

	if (kind == COUNTER_REASONS) {
		name = index == REASON_NONE ? NULL : reason_code((enum reason)index);
		meaning = reason_text((enum reason)index);
	} else if (kind == COUNTER_STATUSES) {
		name = index == WIRE_OK ? NULL : wire_status_code((enum wire_status)index);
		meaning = wrongs[index];
	} else if (kind == COUNTER_UPGRADES) {
		name = upgrades[index].name;
		meaning = upgrades[index].help;
	} else if (kind == COUNTER_SPEAKERS) {
		name = index < registry_count() ? registry_codec(index)->name : NULL;
		meaning = NULL;
	} else {
		name = failures[index].name;
		meaning = failures[index].help;
	}
	if (help)
		*help = meaning;
	return name;
}

bool counter_rows_balance(const struct counter_rows *rows, const void *base)
{
	uint64_t left = 0;

	for (size_t i = 0; i < rows->count; i++) {
		const struct counter_row *row = &rows->rows[i];
		const uint64_t *at = (const uint64_t *)((const char *)base + row->offset);

		if (row->kind == COUNTER_TOTAL)
			left = *at;
		else if (row->kind == COUNTER_HELD && left != *at)
			return false;
		else
			for (size_t n = counter_width(row->kind); n; n--)
				left -= *at++;
	}
	return true;
}

/* ---- workers' counters ---- */

struct counters *counters_new(void)
{
	return memory_zeroed(1, sizeof(struct counters));
}

void counters_free(struct counters *counters)
{
	if (counters)
		free(counters->rooms);
	free(counters);
}

static void rooms_grow(struct counters *counters, size_t count)
{
	size_t before = counters->room_count;

	if (count <= before)
		return;
	counters->rooms = memory_resize(counters->rooms, count * sizeof(*counters->rooms));
	memset(counters->rooms + before, 0, (count - before) * sizeof(*counters->rooms));
	counters->room_count = count;
}

void counters_add_room(struct counters *sum, size_t index, const struct tally *tallies)
{
	if (index == SIZE_MAX) {
		tallies_add(sum->removed.dialects, tallies);
		return;
	}
	rooms_grow(sum, index + 1);
	tallies_add(sum->rooms[index].dialects, tallies);
}

static void add_rows(const struct counter_rows *rows, void *sum, const void *one)
{
	for (size_t i = 0; i < rows->count; i++) {
		const struct counter_row *row = &rows->rows[i];
		uint64_t *total = (uint64_t *)((char *)sum + row->offset);
		const uint64_t *more = (const uint64_t *)((const char *)one + row->offset);

		for (size_t n = counter_width(row->kind); n; n--)
			*total++ += *more++;
	}
}

void counters_add(struct counters *sum, const struct counters *one)
{
	add_rows(&counter_rows_worker, sum, one);
	for (size_t i = 0; i < BACKENDS_MAX; i++)
		add_rows(&counter_rows_backend, &sum->backends[i], &one->backends[i]);
	for (size_t i = 0; i < TAPS_MAX; i++)
		add_rows(&counter_rows_tap, &sum->taps[i], &one->taps[i]);
	for (size_t i = 0; i < UPSTREAMS_MAX; i++)
		add_rows(&counter_rows_upstream, &sum->upstreams[i], &one->upstreams[i]);
	tallies_add(sum->removed.dialects, one->removed.dialects);
	for (size_t i = 0; i < one->room_count; i++)
		counters_add_room(sum, i, one->rooms[i].dialects);
}
