#include "conf/check/resolve.h"

#include <arpa/inet.h>
#include <libconfig.h>
#include <stdlib.h>
#include <string.h>

#include "conf/check/checks.h"
#include "conf/check/doors.h"
#include "conf/check/keys.h"
#include "conf/check/paths.h"
#include "conf/check/resolve_admin.h"
#include "conf/check/resolve_backends.h"
#include "conf/check/resolve_logins.h"
#include "conf/check/resolve_routes.h"
#include "conf/check/resolve_shows.h"
#include "conf/check/resolve_upstreams.h"
#include "conf/read/entries.h"
#include "conf/read/marks.h"
#include "conf/read/read.h"
#include "conf/table/owned.h"

/* No two rooms may have the same id in a dialect. */
static void refuse_repeated_ids(struct reader *reader, const struct claim *claims,
				const struct conf *conf, size_t dialect)
{
	struct entries ids;

	entries_init(&ids, conf->room_count, false);
	for (size_t i = 0; i < conf->room_count; i++) {
		const struct conf_room_id *id = &conf->rooms[i].ids[dialect];

		entries_add_text(&ids, id->text, i);
		entries_add_number(&ids, id->number, i);
	}
	refuse_repeated(reader, claims, &ids, conf->known->dialects[dialect].directive);
}

static void refuse_repeated_rooms(struct reader *reader, struct config_setting_t *list,
				  const struct conf *conf)
{
	struct claim *claims = claims_of(list, conf->room_count, "room");
	struct entries names;

	entries_init(&names, conf->room_count, false);
	for (size_t i = 0; i < conf->room_count; i++)
		entries_add_text(&names, conf->rooms[i].name, i);
	refuse_repeated(reader, claims, &names, "name");
	for (size_t d = 0; conf->known && d < conf->known->dialect_count; d++)
		if (conf->known->dialects[d].naming != CONF_NAMING_NONE)
			refuse_repeated_ids(reader, claims, conf, d);
	free(claims);
}

static void refuse_repeated_accounts(struct reader *reader, struct config_setting_t *list,
				     const struct conf *conf)
{
	struct claim *claims = claims_of(list, conf->account_count, "account");
	struct entries names, numbers;

	entries_init(&names, conf->account_count, true);
	entries_init(&numbers, conf->account_count, false);
	for (size_t i = 0; i < conf->account_count; i++) {
		entries_add_text(&names, conf->accounts[i].name, i);
		entries_add_number(&numbers, conf->accounts[i].number, i);
	}
	refuse_repeated(reader, claims, &names, "name");
	refuse_repeated(reader, claims, &numbers, "number");
	free(claims);
}

static void check_accounts_named(struct reader *reader, struct config_setting_t *room,
				 const char *member, const struct conf_list *list,
				 const struct entries *accounts)
{
	for (size_t i = 0; i < list->count; i++) {
		if (!entries_have(accounts, list->items[i]))
			unknown_name(reader, room, member, "account", list->items[i], accounts,
				     NULL);
	}
}

/* Who watches the server keeps several numbers for each of them. */
static void check_metrics(struct reader *reader, struct config_setting_t *list,
			  const struct conf *conf)
{
	size_t count = 0;

	for (size_t i = 0; i < conf->room_count; i++)
		if (conf->rooms[i].metrics && ++count == CONF_METRICS_MAX + 1)
			reader_fault(reader, group_at(list, i), "metrics",
				     "metrics = true is for at most %d rooms", CONF_METRICS_MAX);
}

static void check_rooms(struct reader *reader, struct config_setting_t *list,
			const struct conf *conf, const struct entries *accounts)
{
	for (size_t i = 0; i < conf->room_count; i++) {
		const struct conf_room *room = &conf->rooms[i];
		struct config_setting_t *group = group_at(list, i);

		if (room->history > room->remembered && !group_told(group, "history") &&
		    !group_told(group, "remembered"))
			reader_fault(reader, group, "history",
				     "history is %d, but no more than %d messages are remembered",
				     room->history, room->remembered);
		check_accounts_named(reader, group, "admins", &room->admins, accounts);
		check_accounts_named(reader, group, "members", &room->members, accounts);
		resolve_shows(reader, group, room->shows, room->show_count);
	}
	check_metrics(reader, list, conf);
	refuse_repeated_rooms(reader, list, conf);
}

static void check_auth(struct reader *reader, struct config_setting_t *group,
		       const struct conf_mount *mount, const struct roster *roster)
{
	const char *name = mount->auth + sizeof(SHAPE_AUTH_PREFIX) - 1;

	if (mount->auth[0] && !entries_have(&roster->backends, name))
		unknown_name(reader, group, "auth", "backend", name, &roster->backends, NULL);
}

static void resolve_mount(struct reader *reader, struct config_setting_t *group,
			  struct conf_mount *mount, const struct conf *conf,
			  const struct roster *roster)
{
	check_auth(reader, group, mount, roster);
	if (!group_gives(group, "guests"))
		mount->guests = conf->guests;
	resolve_logins(reader, group, mount);
	if (group_gives(group, "room")) {
		if (mount->room[0] && conf->room_count &&
		    !entries_have(&roster->rooms, mount->room))
			unknown_name(reader, group, "room", "room", mount->room, &roster->rooms,
				     NULL);
	} else if (conf->room_count == 1) {
		free(mount->room);
		mount->room = owned_text(conf->rooms[0].name);
	} else if (conf->room_count > 1 && !reader_in_sample(reader, group) && group &&
		   config_setting_is_group(group) && !setting_has(group, MARK_LOST)) {
		reader_fault(reader, group, NULL,
			     "room is missing: there are several, so each mount has to name one");
	}
}

static void resolve_mounts(struct reader *reader, struct config_setting_t *listener,
			   struct conf_listener *fields, const struct conf *conf,
			   const struct roster *roster)
{
	struct claim *claims;
	struct config_setting_t *list = read_groups(reader, listener, "mounts");
	struct entries paths;

	if (conf->room_count > 1 && reader_in_sample(reader, list) && !reader->lost &&
	    !setting_has(listener, MARK_LOST))
		reader_fault(reader, list, NULL,
			     "mounts is missing: there are several rooms, so each mount has to "
			     "name one");
	claims = claims_of(list, fields->mount_count, "mount");
	entries_init(&paths, fields->mount_count, false);
	for (size_t i = 0; i < fields->mount_count; i++) {
		resolve_mount(reader, group_at(list, i), &fields->mounts[i], conf, roster);
		entries_add_text(&paths, fields->mounts[i].path, i);
	}
	refuse_repeated(reader, claims, &paths, "path");
	check_doors(reader, list, fields, conf->known);
	free(claims);
}

/* Those of the sample, which a listener that gives none gets. */
static void mounts_drop(struct reader *reader, struct conf_listener *listener)
{
	const struct section *section =
	    section_find(section_find(reader->top, "listeners")->inner, "mounts")->inner;

	for (size_t i = 0; i < listener->mount_count; i++)
		section_free(section, &listener->mounts[i]);
	listener->mount_count = 0;
}

/* 0.0.0.0:7000 and 127.0.0.1:7000 are not compared: that is for the system to judge. */
static bool same_socket(const struct conf_listener *a, const struct conf_listener *b)
{
	unsigned char left[16] = { 0 }, right[16] = { 0 };
	int left_family = strchr(a->address, ':') ? AF_INET6 : AF_INET;
	int right_family = strchr(b->address, ':') ? AF_INET6 : AF_INET;

	if (a->socket[0] || b->socket[0])
		return false;
	if (a->path[0] || b->path[0])
		return strcmp(a->path, b->path) == 0;
	if (a->port == 0 || a->port != b->port || left_family != right_family)
		return false;
	return inet_pton(left_family, a->address, left) == 1 &&
	       inet_pton(right_family, b->address, right) == 1 &&
	       memcmp(left, right, sizeof(left)) == 0;
}

/* Whether the two files are a pair is for those who know TLS to judge. */
static void check_tls(struct reader *reader, struct config_setting_t *group,
		      const struct conf_listener *listener)
{
	bool certificate = listener->tls_certificate[0] != '\0', key = listener->tls_key[0] != '\0';
	bool told = group_told(group, "tls_certificate") || group_told(group, "tls_key");

	if (certificate && !key && !told)
		reader_fault(reader, group, "tls_certificate",
			     "tls_key is missing: tls_certificate needs it");
	if (key && !certificate && !told)
		reader_fault(reader, group, "tls_key",
			     "tls_certificate is missing: tls_key needs it");
	if (certificate)
		check_pem_file(reader, group, "tls_certificate", listener->tls_certificate,
			       "CERTIFICATE-----", false);
	if (key)
		check_pem_file(reader, group, "tls_key", listener->tls_key, "PRIVATE KEY-----",
			       true);
}

/* Else anybody could say to be anybody. */
static void check_proxies(struct reader *reader, struct config_setting_t *group,
			  const struct conf_listener *listener)
{
	if (listener->proxy_protocol && listener->trusted_proxies.count == 0 &&
	    !group_told(group, "trusted_proxies") && !group_told(group, "proxy_protocol"))
		reader_fault(reader, group, "proxy_protocol",
			     "trusted_proxies is missing: proxy_protocol needs it");
}

static void tell_taken(struct reader *reader, struct config_setting_t *group,
		       const struct conf_listener *listener, unsigned line)
{
	if (listener->path[0])
		reader_fault(reader, group, "path",
			     "path '%.200s' is taken by the listener in line %u", listener->path,
			     line);
	else
		reader_fault(reader, group, "port",
			     "address %s port %d is taken by the listener in line %u",
			     listener->address, listener->port, line);
}

static void resolve_listeners(struct reader *reader, struct config_setting_t *list,
			      struct config_setting_t *left_out, struct conf *conf,
			      const struct roster *roster)
{
	for (size_t i = 0; i < conf->listener_count; i++) {
		struct conf_listener *listener = &conf->listeners[i];
		struct config_setting_t *group = group_at(list, i);

		reader->stand_in = reader_in_sample(reader, group) ? left_out : group;
		resolve_admin(reader, group, listener);
		for (size_t before = 0; before < i; before++) {
			if (!same_socket(&conf->listeners[before], listener))
				continue;
			tell_taken(reader, group, listener,
				   config_setting_source_line(group_at(list, before)));
			break;
		}
		check_tls(reader, group, listener);
		check_proxies(reader, group, listener);
		if (listener_is_admin(listener))
			mounts_drop(reader, listener);
		else
			resolve_mounts(reader, group, listener, conf, roster);
	}
}

/* A secret, or its hash. */
static void check_secret(struct reader *reader, struct config_setting_t *group,
			 const struct conf_account *account)
{
	bool file = group_gives(group, "secret_file"), hash = group_gives(group, "secret_hash");

	if (file && hash)
		reader_fault(reader, group, "secret_hash",
			     "secret_hash excludes secret_file: the secret is given twice");
	else if (!file && !hash && group && config_setting_is_group(group) &&
		 !setting_has(group, MARK_LOST))
		reader_fault(reader, group, NULL,
			     "secret_file is missing: it or secret_hash is required");
	if (account->secret_file[0])
		check_secret_file(reader, group, "secret_file", account->secret_file);
}

static void check_accounts(struct reader *reader, struct config_setting_t *list,
			   const struct conf *conf)
{
	refuse_repeated_accounts(reader, list, conf);
	for (size_t i = 0; i < conf->account_count; i++)
		check_secret(reader, group_at(list, i), &conf->accounts[i]);
}

static void check_limits(struct reader *reader, struct config_setting_t *root,
			 const struct conf_limits *limits)
{
	struct config_setting_t *group = config_setting_get_member(root, "limits");

	if (limits->idle_seconds <= limits->ping_seconds && !group_told(group, "idle_seconds") &&
	    !group_told(group, "ping_seconds"))
		reader_fault(reader, group,
			     group_gives(group, "idle_seconds") ? "idle_seconds" : "ping_seconds",
			     "idle_seconds (%d) must be more than ping_seconds (%d)",
			     limits->idle_seconds, limits->ping_seconds);
	if (limits->outbox_bytes < limits->message_bytes && !group_told(group, "outbox_bytes") &&
	    !group_told(group, "message_bytes"))
		reader_fault(reader, group,
			     group_gives(group, "outbox_bytes") ? "outbox_bytes" : "message_bytes",
			     "outbox_bytes (%d) must be at least message_bytes (%d)",
			     limits->outbox_bytes, limits->message_bytes);
	if (limits->memory_bytes < limits->outbox_bytes)
		reader_fault(reader, group,
			     group_gives(group, "memory_bytes") ? "memory_bytes" : "outbox_bytes",
			     "memory_bytes (%lld) must be at least outbox_bytes (%d)",
			     (long long)limits->memory_bytes, limits->outbox_bytes);
}

void resolve(struct reader *reader, struct config_setting_t *root, struct conf *conf)
{
	struct config_setting_t *rooms = read_groups(reader, root, "rooms");
	struct roster roster;

	roster_init(&roster, root, conf);
	check_paths(reader, root, conf);
	check_limits(reader, root, &conf->limits);
	check_accounts(reader, read_groups(reader, root, "accounts"), conf);
	reader->stand_in = root;
	check_rooms(reader, rooms, conf, &roster.accounts);
	resolve_listeners(reader, read_groups(reader, root, "listeners"), rooms, conf, &roster);
	resolve_backends(reader, root, conf, &roster);
	resolve_upstreams(reader, root, conf, &roster);
	resolve_routes(reader, root, conf, &roster);
	roster_clear(&roster);
}
