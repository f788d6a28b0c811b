#include "bridge/setup.h"

#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

#include "bridge/accounts.h"
#include "bridge/admin/token.h"
#include "bridge/backend/backend.h"
#include "bridge/client/relief/budget.h"
#include "bridge/core/board/board.h"
#include "bridge/core/board/lookups.h"
#include "bridge/core/directory.h"
#include "bridge/core/ids.h"
#include "bridge/core/log/log.h"
#include "bridge/core/people/bans.h"
#include "bridge/core/state.h"
#include "bridge/durable/made_rooms.h"
#include "bridge/durable/roster.h"
#include "bridge/logins/slowing.h"
#include "bridge/logins/tokens.h"
#include "bridge/mounts.h"
#include "bridge/net/peers/addresses.h"
#include "bridge/net/peers/proxies.h"
#include "bridge/net/tls.h"
#include "bridge/reload/reload.h"
#include "bridge/rooms.h"
#include "bridge/rules.h"
#include "bridge/secrets/checker.h"
#include "bridge/turn.h"
#include "bridge/upstream/upstream.h"
#include "codecs/text/memory.h"
#include "conf/check/resolve_admin.h"

static bool random_fill(void *bytes, size_t len)
{
	return getrandom(bytes, len, 0) == (ssize_t)len;
}

static bool instance_make(struct bridge *bridge)
{
	unsigned char uuid[16];

	if (!random_fill(uuid, sizeof(uuid)))
		return false;
	uuid[6] = (unsigned char)((uuid[6] & 0x0f) | 0x40);
	uuid[8] = (unsigned char)((uuid[8] & 0x3f) | 0x80);
	uuid_print(uuid, bridge->instance);
	return true;
}

/* The first of each dialect's. */
static void doors_mark(struct listener_info *listener)
{
	uint64_t seen = 0;

	for (size_t m = 0; m < listener->mount_count; m++) {
		struct mount *mount = &listener->mounts[m];
		uint64_t bit = UINT64_C(1) << mount->dialect;

		mount->door = listener->conf->mounts[m].http && mount->codec->http && !(seen & bit);
		if (mount->door)
			seen |= bit;
	}
}

static bool certificate_make(struct listener_info *listener, FILE *errors)
{
	const struct conf_listener *conf = listener->conf;
	char why[CERTIFICATE_WHY_MAX];

	listener->tls = conf->tls_certificate && *conf->tls_certificate;
	if (!listener->tls)
		return true;
	listener->certificate = certificate_read(conf->tls_certificate, conf->tls_key, why);
	if (!listener->certificate)
		fprintf(errors, "%s:%u: error: %s\n",
			conf->place.file ? conf->place.file : "configuration", conf->place.line,
			why);
	return listener->certificate != NULL;
}

static bool listeners_make(struct bridge *bridge, FILE *errors)
{
	const struct conf *conf = bridge->conf;

	bridge->listener_count = conf->listener_count;
	bridge->listeners = memory_zeroed(conf->listener_count, sizeof(*bridge->listeners));
	for (size_t i = 0; i < conf->listener_count; i++) {
		struct listener_info *listener = &bridge->listeners[i];

		listener->conf = &conf->listeners[i];
		listener->admin = listener_is_admin(listener->conf);
		if (!certificate_make(listener, errors))
			return false;
		if (listener->conf->token_file[0]) {
			listener->token = token_read(listener->conf->token_file, errors);
			if (!listener->token)
				return false;
		}
		listener->proxies = proxies_new(listener->conf);
		listener->mount_count = listener->conf->mount_count;
		listener->mounts = memory_zeroed(listener->mount_count, sizeof(struct mount));
		for (size_t m = 0; m < listener->mount_count; m++)
			if (!mount_make(bridge, &listener->mounts[m], &listener->conf->mounts[m],
					errors))
				return false;
		doors_mark(listener);
	}
	return true;
}

static void limits_make(struct limits *limits, const struct conf_limits *conf)
{
	*limits = (struct limits){
		.message_bytes = (size_t)conf->message_bytes,
		.login_bytes = (size_t)conf->login_bytes,
		.outbox_bytes = (size_t)conf->outbox_bytes,
		.compress_above = (size_t)conf->compress_above,
		.json_depth = (unsigned)conf->json_depth,
		.login_ms = (uint64_t)conf->login_seconds * 1000,
		.ping_ms = (uint64_t)conf->ping_seconds * 1000,
		.idle_ms = (uint64_t)conf->idle_seconds * 1000,
		.messages_per_second = (uint32_t)conf->messages_per_second,
		.burst = (uint32_t)conf->burst,
		.signals_per_second = (uint32_t)conf->signals_per_second,
		.signals_burst = (uint32_t)conf->signals_burst,
		.requests_under_way = (uint32_t)conf->requests_under_way,
		.rooms_per_connection = (uint32_t)conf->rooms_per_connection,
		.connections = (uint32_t)conf->connections,
		.memory_bytes = conf->memory_bytes,
		.connections_per_address = (uint32_t)conf->connections_per_address,
		.http_header_bytes = (uint32_t)conf->http_header_bytes,
		.http_headers = (uint32_t)conf->http_headers,
		.http_body_bytes = (uint32_t)conf->http_body_bytes,
		.http_request_ms = (uint32_t)conf->http_request_seconds * 1000,
		.http_answer_ms = (uint32_t)conf->http_answer_seconds * 1000,
		.http_idle_ms = (uint32_t)conf->http_idle_seconds * 1000,
		.http_per_second = (uint32_t)conf->http_requests_per_second,
		.http_burst = (uint32_t)conf->http_burst,
		.made_rooms = (uint32_t)conf->made_rooms,
		.made_rooms_each = (uint32_t)conf->made_rooms_each,
		.made_accounts = (uint32_t)conf->made_accounts,
	};
}

static unsigned threads_of(int configured)
{
	long cores = configured > 0 ? configured : sysconf(_SC_NPROCESSORS_ONLN);

	return cores < 1 ? 1 : cores > WORKERS_MAX ? WORKERS_MAX : (unsigned)cores;
}

static bool key_make(struct bridge *bridge, uint64_t *mark_ms, FILE *errors)
{
	const char *state = bridge->conf->state;

	*mark_ms = 0;
	if (state && *state)
		return state_open(state, &bridge->key, mark_ms, errors);
	return random_fill(bridge->key.bytes, sizeof(bridge->key.bytes));
}

static void workers_make(struct bridge *bridge, uint64_t mark_ms)
{
	for (unsigned w = 0; w < bridge->worker_count; w++) {
		bridge->workers[w] = turn_worker_new(bridge, w);
		upstreams_open(bridge->workers[w]);
		id_clock_start(&bridge->workers[w]->clock, mark_ms);
		ids_given(bridge->workers[w]);
	}
	bridge->ids.mark_ms = mark_ms;
	for (size_t i = 0; i < room_table_count(bridge->rooms); i++)
		rooms_open(bridge, room_table_at(bridge->rooms, i));
}

static struct token_limits token_limits(const struct conf_tokens *conf)
{
	return (struct token_limits){ .lasts_ms = (uint64_t)conf->days * 24 * 3600 * 1000,
				      .count = (uint32_t)conf->count,
				      .per_person = (uint32_t)conf->per_person };
}

static struct bridge *bridge_new(const struct conf *conf)
{
	struct bridge *bridge = memory_zeroed(1, sizeof(*bridge));

	bridge->conf = conf;
	mailbox_init(&bridge->main_box, NULL, NULL);
	limits_make(&bridge->limits, &conf->limits);
	bridge->limits.traced_messages = (size_t)conf->explain.messages;
	bridge->limits.traced_bodies = conf->explain.bodies;
	bridge->addresses = addresses_new();
	bridge->checker = checker_new(bridge);
	bridge->tokens = tokens_new(token_limits(&conf->tokens));
	bridge->slowing = slowing_new(
	    (struct slowing_limits){ (uint32_t)conf->limits.failed_logins,
				     (uint64_t)conf->limits.failed_login_seconds * 1000 });
	bridge->bans = bans_new();
	bridge->board = board_new();
	bridge->lookups = lookups_new();
	bridge->roster = roster_new();
	bridge->made_rooms = made_rooms_new();
	bridge->worker_count = threads_of(conf->workers);
	bridge->budget = budget_new(bridge->limits.memory_bytes, bridge->limits.outbox_bytes / 2,
				    bridge->worker_count);
	return bridge;
}

/* After the accounts: nobody may have a name that a backend speaks under. */
static bool backends_make(struct bridge *bridge, FILE *errors)
{
	const struct conf *conf = bridge->conf;

	bridge->backends = memory_zeroed(conf->backend_count, sizeof(*bridge->backends));
	bridge->taps = memory_zeroed(conf->tap_count, sizeof(*bridge->taps));
	for (size_t i = 0; i < conf->backend_count; i++) {
		bridge->backends[i] = backend_new(bridge, i, &conf->backends[i], errors);
		if (!bridge->backends[i])
			return false;
		bridge->backend_count++;
	}
	for (size_t i = 0; i < conf->tap_count; i++)
		bridge->taps[bridge->tap_count++] = tap_new(bridge, i, &conf->taps[i]);
	bridge->rules = rules_make(conf, bridge->rooms, errors);
	return bridge->rules != NULL && upstreams_make(bridge, errors);
}

/* What a configuration says beside its key and ids. */
static bool bridge_fill(struct bridge *bridge, const char *owner_secret, FILE *errors)
{
	bridge->directory = directory_new(&bridge->key, owner_secret);
	directory_keep_numbers(bridge->directory,
			       (uint64_t)bridge->conf->limits.guest_seconds * 1000);
	return rooms_make(bridge, errors) && listeners_make(bridge, errors) &&
	       accounts_make(bridge, errors) && backends_make(bridge, errors);
}

/* NULL: there is none, or it is in its time. */
static const char *certificate_fault(const struct listener_info *listener)
{
	if (!listener->certificate)
		return NULL;
	if (certificate_expired(listener->certificate))
		return "has expired";
	return certificate_early(listener->certificate) ? "is not valid yet" : NULL;
}

static void warn_of_certificates(const struct bridge *bridge)
{
	for (size_t i = 0; i < bridge->listener_count; i++) {
		const char *fault = certificate_fault(&bridge->listeners[i]);

		if (fault)
			log_line(LOG_WARNING, "the certificate %s %s",
				 bridge->listeners[i].conf->tls_certificate, fault);
	}
}

struct bridge *setup_bridge(const struct conf *conf, const char *owner_secret, FILE *errors)
{
	struct bridge *bridge = bridge_new(conf);
	uint64_t mark_ms = 0;

	if (!key_make(bridge, &mark_ms, errors) || !instance_make(bridge) ||
	    !bridge_fill(bridge, owner_secret, errors)) {
		setup_free(bridge);
		return NULL;
	}
	workers_make(bridge, mark_ms);
	warn_of_certificates(bridge);
	return bridge;
}

struct bridge *setup_sketch(const struct conf *conf, FILE *errors)
{
	static const unsigned char nobody[16];
	struct bridge *bridge = bridge_new(conf);

	uuid_print(nobody, bridge->instance);
	if (bridge_fill(bridge, NULL, errors))
		return bridge;
	setup_free(bridge);
	return NULL;
}

struct bridge *setup_stage(const struct conf *conf, uint64_t time_ms, FILE *errors)
{
	struct bridge *bridge = setup_sketch(conf, errors);

	if (!bridge)
		return NULL;
	bridge->workers[0] = turn_worker_new(bridge, 0);
	bridge->workers[0]->now_ms = time_ms;
	for (size_t i = 0; i < room_table_count(bridge->rooms); i++)
		rooms_open(bridge, room_table_at(bridge->rooms, i));
	return bridge;
}

struct bridge *setup_stored(const struct conf *conf, FILE *errors)
{
	struct bridge *bridge = bridge_new(conf);

	if (state_key(conf->state, &bridge->key, errors) && bridge_fill(bridge, NULL, errors))
		return bridge;
	setup_free(bridge);
	return NULL;
}

bool setup_check(const struct conf *conf, FILE *errors)
{
	struct bridge *bridge = setup_sketch(conf, errors);
	bool ok = bridge != NULL;

	setup_free(bridge);
	return ok;
}

bool setup_check_times(const struct conf *conf, FILE *errors)
{
	struct bridge *bridge = setup_sketch(conf, errors);
	bool ok = bridge != NULL;

	for (size_t i = 0; bridge && i < bridge->listener_count; i++) {
		const struct conf_listener *listener = bridge->listeners[i].conf;
		const char *fault = certificate_fault(&bridge->listeners[i]);

		ok &= !fault;
		if (fault)
			fprintf(errors, "%s:%u: error: tls_certificate '%s' %s\n",
				listener->place.file ? listener->place.file : "configuration",
				listener->place.line, listener->tls_certificate, fault);
	}
	setup_free(bridge);
	return ok;
}

void setup_free(struct bridge *bridge)
{
	if (!bridge)
		return;
	checker_free(bridge->checker);
	for (size_t i = 0; i < bridge->backend_count; i++)
		backend_close(bridge->backends[i]);
	for (unsigned w = 0; w < bridge->worker_count; w++)
		turn_worker_free(bridge->workers[w]);
	for (size_t i = 0; i < bridge->backend_count; i++)
		backend_free(bridge->backends[i]);
	for (size_t i = 0; i < bridge->tap_count; i++)
		tap_free(bridge->taps[i]);
	free(bridge->backends);
	free(bridge->taps);
	upstreams_free(bridge->upstreams);
	route_table_release(bridge->rules);
	for (size_t i = 0; bridge->listeners && i < bridge->listener_count; i++) {
		for (size_t m = 0; m < bridge->listeners[i].mount_count; m++)
			mount_clear(&bridge->listeners[i].mounts[m]);
		free(bridge->listeners[i].mounts);
		token_free(bridge->listeners[i].token);
		certificate_release(bridge->listeners[i].certificate);
		proxies_free(bridge->listeners[i].proxies);
	}
	free(bridge->listeners);
	reload_end(bridge);
	free(bridge->reloads.last.text);
	free(bridge->reloads.before.text);
	rooms_free(bridge);
	directory_free(bridge->directory);
	mailbox_clear(&bridge->main_box);
	budget_free(bridge->budget);
	tokens_free(bridge->tokens);
	slowing_free(bridge->slowing);
	addresses_free(bridge->addresses);
	bans_free(bridge->bans);
	board_free(bridge->board);
	lookups_free(bridge->lookups);
	roster_free(bridge->roster);
	made_rooms_free(bridge->made_rooms);
	free(bridge);
}
