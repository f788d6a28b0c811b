#include "bridge/setup.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

#include "bridge/backend/backend.h"
#include "bridge/core/directory.h"
#include "bridge/core/state.h"
#include "bridge/net/tls.h"
#include "bridge/rules.h"
#include "bridge/turn.h"
#include "codecs/text/memory.h"

#define SECRET_BYTES_MAX 1024

static const char *const dialect_names[] = { "mixer", "concord", "rooms", "simple", NULL };
static const char *const role_names[] = { "user",  "pro",     "subscriber", "editor", "mod",
					  "staff", "founder", "owner",      NULL };

/* Of what people and backends do; what only a server we call could say is no rule's matter. */
static const char *const kind_names[] = { "message",   "edit",     "delete",      "clear",
					  "purge",     "reaction", "typing",      "read",
					  "enter",     "exit",     "invite",      "kick",
					  "timeout",   "presence", "user_update", "poll_start",
					  "poll_vote", "poll_end", "notice",      NULL };

const struct conf_known setup_known = { dialect_names, role_names, kind_names };

/* The same for the same name on every start: ids of rooms that the configuration leaves open. */
static uint64_t name_number(const char *name)
{
	uint64_t hash = UINT64_C(14695981039346656037);

	for (; *name; name++)
		hash = (hash ^ (unsigned char)*name) * UINT64_C(1099511628211);
	return hash;
}

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

static struct slice *slices_of(const struct conf_list *list)
{
	struct slice *slices = memory_zeroed(list->count, sizeof(*slices));

	for (size_t i = 0; i < list->count; i++)
		slices[i] = slice_of(list->items[i]);
	return slices;
}

static void room_rules_make(struct room_rules *rules, const struct conf_room *conf)
{
	rules->name = slice_of(conf->name);
	rules->open = conf->open;
	rules->admins = slices_of(&conf->admins);
	rules->admin_count = conf->admins.count;
	rules->banned = slices_of(&conf->banned);
	rules->banned_count = conf->banned.count;
	rules->members = slices_of(&conf->members);
	rules->member_count = conf->members.count;
	rules->history = (size_t)conf->history;
	rules->remembered = (size_t)conf->remembered;
}

static void room_ids_make(struct room_entry *room, const struct bridge *bridge,
			  const struct conf_room *conf)
{
	uint64_t derived = name_number(conf->name);
	struct codec_view *views = room->views;
	unsigned char uuid[16];

	views[DIALECT_MIXER].room_number =
	    conf->mixer ? (uint64_t)conf->mixer : (derived & 0x3fffffff) + 1;
	views[DIALECT_CONCORD].room_number =
	    conf->concord ? (uint64_t)conf->concord : (derived & NUMBER_MAX) + 1;
	for (size_t d = DIALECT_MIXER; d <= DIALECT_CONCORD; d++) {
		int len = snprintf(room->number_text[d], sizeof(room->number_text[d]), "%" PRIu64,
				   views[d].room_number);

		views[d].room_id = slice_span(room->number_text[d], (size_t)len);
	}
	if (conf->rooms && *conf->rooms) {
		memcpy(room->uuid_text, conf->rooms, UUID_TEXT_LEN);
	} else {
		identity_uuid(&bridge->key, ID_ROOM, derived & NUMBER_MAX, 0, uuid);
		uuid_print(uuid, room->uuid_text);
	}
	views[DIALECT_ROOMS].room_id = slice_span(room->uuid_text, UUID_TEXT_LEN);
}

static void room_make(struct bridge *bridge, size_t index, const struct conf_room *conf)
{
	struct room_entry *room = &bridge->rooms[index];

	room->index = index;
	room->owner = (unsigned)(name_number(conf->name) % bridge->worker_count);
	room_rules_make(&room->rules, conf);
	for (size_t d = 0; d < DIALECTS; d++)
		room->views[d] = (struct codec_view){ .codec = registry_codec(d),
						      .room = room->rules.name,
						      .ids = &bridge->key,
						      .instance = slice_of(bridge->instance),
						      .bridge = directory_bridge(&bridge->key) };
	room_ids_make(room, bridge, conf);
}

static int compare_mixer(const void *a, const void *b)
{
	uint64_t left = (*(struct room_entry *const *)a)->views[DIALECT_MIXER].room_number;
	uint64_t right = (*(struct room_entry *const *)b)->views[DIALECT_MIXER].room_number;

	return (left > right) - (left < right);
}

static int compare_concord(const void *a, const void *b)
{
	uint64_t left = (*(struct room_entry *const *)a)->views[DIALECT_CONCORD].room_number;
	uint64_t right = (*(struct room_entry *const *)b)->views[DIALECT_CONCORD].room_number;

	return (left > right) - (left < right);
}

static int compare_rooms(const void *a, const void *b)
{
	return memcmp((*(struct room_entry *const *)a)->uuid_text,
		      (*(struct room_entry *const *)b)->uuid_text, UUID_TEXT_LEN);
}

/* Sorts the rooms by one dialect's ids; two rooms with one id would be found at random. */
static struct room_entry **rooms_sorted(struct bridge *bridge, const char *dialect,
					int (*compare)(const void *, const void *), FILE *errors)
{
	struct room_entry **sorted = memory_zeroed(bridge->room_count, sizeof(*sorted));

	for (size_t i = 0; i < bridge->room_count; i++)
		sorted[i] = &bridge->rooms[i];
	qsort(sorted, bridge->room_count, sizeof(*sorted), compare);
	for (size_t i = 1; i < bridge->room_count; i++) {
		if (compare(&sorted[i - 1], &sorted[i]) != 0)
			continue;
		fprintf(errors, "dragoman: rooms \"%s\" and \"%s\" have the same %s id: set one\n",
			sorted[i - 1]->rules.name.data, sorted[i]->rules.name.data, dialect);
		free(sorted);
		return NULL;
	}
	return sorted;
}

static bool rooms_make(struct bridge *bridge, FILE *errors)
{
	const struct conf *conf = bridge->conf;

	bridge->room_count = conf->room_count;
	bridge->rooms = memory_zeroed(conf->room_count, sizeof(*bridge->rooms));
	for (size_t i = 0; i < conf->room_count; i++)
		room_make(bridge, i, &conf->rooms[i]);
	bridge->by_number[DIALECT_MIXER] = rooms_sorted(bridge, "mixer", compare_mixer, errors);
	bridge->by_number[DIALECT_CONCORD] =
	    rooms_sorted(bridge, "concord", compare_concord, errors);
	bridge->by_id = rooms_sorted(bridge, "rooms", compare_rooms, errors);
	return bridge->by_number[DIALECT_MIXER] && bridge->by_number[DIALECT_CONCORD] &&
	       bridge->by_id;
}

static struct room_entry *room_named(struct bridge *bridge, const char *name)
{
	for (size_t i = 0; name && i < bridge->room_count; i++)
		if (slice_is(bridge->rooms[i].rules.name, name))
			return &bridge->rooms[i];
	return NULL;
}

/* "backend:NAME", which conf has checked. */
static void mount_auth(const struct bridge *bridge, struct mount *mount, const char *auth)
{
	static const char prefix[] = "backend:";

	if (!auth || strncmp(auth, prefix, sizeof(prefix) - 1) != 0)
		return;
	for (size_t i = 0; i < bridge->conf->backend_count; i++)
		if (strcmp(bridge->conf->backends[i].name, auth + sizeof(prefix) - 1) == 0) {
			mount->asks_backend = true;
			mount->backend = i;
		}
}

static bool mount_make(struct bridge *bridge, struct mount *mount, const struct conf_mount *conf,
		       FILE *errors)
{
	mount->path = conf->path;
	mount->dialect = registry_find(slice_of(conf->dialect));
	mount->room = room_named(bridge, conf->room);
	mount->strict = conf->strict;
	mount->guests = conf->guests;
	mount_auth(bridge, mount, conf->auth);
	if (mount->dialect == DIALECTS || !mount->room) {
		fprintf(errors, "dragoman: mount %s: no such dialect or room\n", conf->path);
		return false;
	}
	mount->codec = registry_codec(mount->dialect);
	return true;
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
		fprintf(errors, "dragoman: %s\n", why);
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
		if (!certificate_make(listener, errors))
			return false;
		listener->mount_count = listener->conf->mount_count;
		listener->mounts = memory_zeroed(listener->mount_count, sizeof(struct mount));
		for (size_t m = 0; m < listener->mount_count; m++)
			if (!mount_make(bridge, &listener->mounts[m], &listener->conf->mounts[m],
					errors))
				return false;
	}
	return true;
}

/* The first line of a secret file. */
static bool secret_read(const char *path, char secret[SECRET_BYTES_MAX], FILE *errors)
{
	FILE *file = fopen(path, "re");
	bool read = file && fgets(secret, SECRET_BYTES_MAX, file);

	if (file)
		fclose(file);
	if (read)
		secret[strcspn(secret, "\r\n")] = '\0';
	if (!read || !*secret)
		fprintf(errors, "dragoman: %s: no secret in it\n", path);
	return read && *secret;
}

static bool accounts_make(struct bridge *bridge, FILE *errors)
{
	for (size_t i = 0; i < bridge->conf->account_count; i++) {
		const struct conf_account *account = &bridge->conf->accounts[i];
		char secret[SECRET_BYTES_MAX];
		uint32_t roles = 0;
		bool added;

		if (!secret_read(account->secret_file, secret, errors))
			return false;
		for (size_t r = 0; r < account->roles.count; r++)
			roles |= person_role_find(slice_of(account->roles.items[r]));
		added = directory_add_account(bridge->directory, account->name,
					      (uint32_t)account->number, secret, roles);
		explicit_bzero(secret, sizeof(secret));
		if (!added) {
			fprintf(errors, "dragoman: account \"%s\": the name or number is taken\n",
				account->name);
			return false;
		}
	}
	return true;
}

static void limits_make(struct limits *limits, const struct conf_limits *conf)
{
	*limits = (struct limits){
		.message_bytes = (size_t)conf->message_bytes,
		.login_bytes = (size_t)conf->login_bytes,
		.outbox_bytes = (size_t)conf->outbox_bytes,
		.json_depth = (unsigned)conf->json_depth,
		.login_ms = (uint64_t)conf->login_seconds * 1000,
		.ping_ms = (uint64_t)conf->ping_seconds * 1000,
		.idle_ms = (uint64_t)conf->idle_seconds * 1000,
		.messages_per_second = (uint32_t)conf->messages_per_second,
		.burst = (uint32_t)conf->burst,
		.requests_under_way = (uint32_t)conf->requests_under_way,
		.rooms_per_connection = (uint32_t)conf->rooms_per_connection,
		.connections = (uint32_t)conf->connections,
		.connections_per_address = (uint32_t)conf->connections_per_address,
	};
}

static unsigned worker_count(int configured)
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
		if (mark_ms > ID_EPOCH_MS)
			bridge->workers[w]->clock.last = (mark_ms - ID_EPOCH_MS) << 9;
	}
}

static struct bridge *bridge_new(const struct conf *conf)
{
	struct bridge *bridge = memory_zeroed(1, sizeof(*bridge));

	bridge->conf = conf;
	mailbox_init(&bridge->main_box, NULL, NULL);
	limits_make(&bridge->limits, &conf->limits);
	bridge->worker_count = worker_count(conf->workers);
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
	bridge->rules = rules_make(conf, errors);
	return bridge->rules != NULL;
}

/* What a configuration says beside its key and ids. */
static bool bridge_fill(struct bridge *bridge, const char *owner_secret, FILE *errors)
{
	bridge->directory = directory_new(&bridge->key, owner_secret);
	return rooms_make(bridge, errors) && listeners_make(bridge, errors) &&
	       accounts_make(bridge, errors) && backends_make(bridge, errors);
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

bool setup_check(const struct conf *conf, FILE *errors)
{
	struct bridge *bridge = setup_sketch(conf, errors);
	bool ok = bridge != NULL;

	setup_free(bridge);
	return ok;
}

static void rooms_free(struct bridge *bridge)
{
	for (size_t i = 0; bridge->rooms && i < bridge->room_count; i++) {
		free((void *)bridge->rooms[i].rules.admins);
		free((void *)bridge->rooms[i].rules.banned);
		free((void *)bridge->rooms[i].rules.members);
	}
	free(bridge->rooms);
	for (size_t d = 0; d < DIALECTS; d++)
		free(bridge->by_number[d]);
	free(bridge->by_id);
}

void setup_free(struct bridge *bridge)
{
	if (!bridge)
		return;
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
	route_table_release(bridge->rules);
	for (size_t i = 0; bridge->listeners && i < bridge->listener_count; i++) {
		free(bridge->listeners[i].mounts);
		certificate_release(bridge->listeners[i].certificate);
	}
	free(bridge->listeners);
	rooms_free(bridge);
	directory_free(bridge->directory);
	mailbox_clear(&bridge->main_box);
	free(bridge);
}
