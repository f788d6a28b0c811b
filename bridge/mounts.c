#include "bridge/mounts.h"

#include <string.h>

#include "bridge/core/log/log.h"
#include "bridge/secrets/jwt.h"
#include "codecs/registry.h"
#include "conf/check/resolve_logins.h"
#include "conf/conf.h"

#define LEEWAY_S 30 /* clocks of others may differ by so much */

static const char *const words[LOGIN_WAYS] = {
	[LOGIN_GUEST] = CONF_LOGIN_GUEST,     [LOGIN_ACCOUNT] = CONF_LOGIN_ACCOUNT,
	[LOGIN_TOKEN] = CONF_LOGIN_TOKEN,     [LOGIN_JWT] = CONF_LOGIN_JWT,
	[LOGIN_BACKEND] = CONF_LOGIN_BACKEND,
};

/* "backend:NAME", which conf has checked. */
static void auth_make(const struct bridge *bridge, struct mount *mount, const char *auth)
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

static void ways_make(struct mount *mount, const struct conf_list *logins)
{
	for (size_t i = 0; i < logins->count && mount->way_count < LOGIN_WAYS; i++)
		for (uint8_t way = 0; way < LOGIN_WAYS; way++)
			if (strcmp(logins->items[i], words[way]) == 0)
				mount->ways[mount->way_count++] = way;
}

/* conf has checked the name. */
static size_t upstream_find(const struct conf *conf, const char *name)
{
	for (size_t i = 0; *name && i < conf->upstream_count; i++)
		if (strcmp(conf->upstreams[i].name, name) == 0)
			return i;
	return SIZE_MAX;
}

static bool jwt_make(struct mount *mount, const struct conf_mount *conf, FILE *errors)
{
	struct jwt_rules rules = { .issuer = conf->jwt_issuer,
				   .audience = conf->jwt_audience,
				   .name = conf->jwt_name,
				   .roles = conf->jwt_roles,
				   .leeway_s = LEEWAY_S };
	char why[JWT_WHY_MAX];

	if (!mount_logs_in_by(conf, CONF_LOGIN_JWT))
		return true;
	rules.algorithm = jwt_algorithm_find(conf->jwt_algorithm);
	mount->jwt = jwt_new(&rules, conf->jwt_key_file, why);
	mount->jwt_file = conf->jwt_key_file;
	mount->jwt_accounts = conf->jwt_accounts;
	if (!mount->jwt)
		fprintf(errors, "%s:%u: error: jwt_key_file: %s\n",
			conf->place.file ? conf->place.file : "configuration", conf->place.line,
			why);
	return mount->jwt != NULL;
}

bool mount_make(struct bridge *bridge, struct mount *mount, const struct conf_mount *conf,
		FILE *errors)
{
	mount->path = conf->path;
	mount->dialect = registry_find(slice_of(conf->dialect));
	mount->room = room_table_find(bridge->rooms, slice_of(conf->room));
	mount->strict = conf->strict;
	mount->guests = conf->guests;
	mount->registers = conf->registers;
	mount->makes_rooms = conf->makes_rooms;
	mount->deletes_any = conf->deletes_any;
	mount->edits_any = conf->edits_any;
	mount->tree_delay_ms = (uint32_t)conf->tree_delay_ms;
	mount->replay = (unsigned)conf->replay;
	bridge->replays |= conf->replay > 0;
	auth_make(bridge, mount, conf->auth);
	ways_make(mount, &conf->logins);
	mount->upstream = upstream_find(bridge->conf, conf->upstream);
	mount->judged_there =
	    mount->upstream != SIZE_MAX &&
	    strcmp(bridge->conf->upstreams[mount->upstream].credentials, CONF_CLIENT) == 0;
	if (mount->dialect == DIALECTS_MAX || !mount->room) {
		fprintf(errors, "dragoman: mount %s: no such dialect or room\n", conf->path);
		return false;
	}
	mount->codec = registry_codec(mount->dialect);
	return jwt_make(mount, conf, errors);
}

void mount_clear(struct mount *mount)
{
	jwt_free(mount->jwt);
	mount->jwt = NULL;
}

static void renew(const struct mount *mount)
{
	char why[JWT_WHY_MAX];

	if (!mount->jwt)
		return;
	if (jwt_renew(mount->jwt, mount->jwt_file, why))
		log_line(LOG_INFO, "the key of JWTs reloaded: %s", mount->jwt_file);
	else
		log_line(LOG_ERROR, "the key of JWTs was not reloaded, the old one stays: %s", why);
}

void mounts_renew(struct bridge *bridge)
{
	for (size_t i = 0; i < bridge->listener_count; i++)
		for (size_t m = 0; m < bridge->listeners[i].mount_count; m++)
			renew(&bridge->listeners[i].mounts[m]);
}
