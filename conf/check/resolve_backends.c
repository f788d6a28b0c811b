#include "conf/check/resolve_backends.h"

#include <libconfig.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "conf/check/keys.h"
#include "conf/read/marks.h"
#include "conf/read/read.h"
#include "conf/table/endpoint.h"
#include "conf/table/owned.h"

/* What a backend and a tap have in common. */
struct party {
	struct config_setting_t *group;
	const char *title, *name;
	const struct conf_list *bind, *connect; /* connect may be NULL */
	const char *secret_key_file;
	const struct conf_list *client_key_files;
};

/* All backends, then all taps. Returns new; free() it. */
static struct party *parties_of(struct reader *reader, struct config_setting_t *root,
				const struct conf *conf)
{
	struct config_setting_t *backends = read_groups(reader, root, "backends");
	struct config_setting_t *taps = read_groups(reader, root, "taps");
	struct party *parties =
	    owned_zeroed(conf->backend_count + conf->tap_count, sizeof(*parties));

	for (size_t i = 0; i < conf->backend_count; i++) {
		const struct conf_backend *backend = &conf->backends[i];

		parties[i] = (struct party){ group_at(backends, i),
					     "backend",
					     backend->name,
					     &backend->bind,
					     &backend->connect,
					     backend->secret_key_file,
					     &backend->client_key_files };
	}
	for (size_t i = 0; i < conf->tap_count; i++) {
		const struct conf_tap *tap = &conf->taps[i];

		parties[conf->backend_count + i] = (struct party){ group_at(taps, i),
								   "tap",
								   tap->name,
								   &tap->bind,
								   NULL,
								   tap->secret_key_file,
								   &tap->client_key_files };
	}
	return parties;
}

/* A list or a text that says something, though it may be wrong. */
static bool says_some(struct config_setting_t *group, const char *name)
{
	struct config_setting_t *member =
	    group_gives(group, name) ? config_setting_get_member(group, name) : NULL;

	if (!member)
		return false;
	if (config_setting_is_aggregate(member))
		return config_setting_length(member) > 0;
	return member->type != CONFIG_TYPE_STRING || config_setting_get_string(member)[0] != '\0';
}

static void check_endpoint(struct reader *reader, const struct party *party, const char *member,
			   const char *endpoint)
{
	const char *path = endpoint_path(endpoint);

	if (path && strlen(path) > ENDPOINT_PATH_MAX)
		reader_fault(reader, party->group, member,
			     "%s '%.300s': the path is longer than %d bytes", member, endpoint,
			     ENDPOINT_PATH_MAX);
	/* Half a pair of keys has a fault of its own. */
	if (!endpoint_local(endpoint) && !says_some(party->group, "secret_key_file") &&
	    !says_some(party->group, "client_key_files") && !setting_has(party->group, MARK_LOST))
		reader_fault(reader, party->group, member,
			     "%s is reachable from elsewhere: secret_key_file and "
			     "client_key_files are required",
			     endpoint);
}

static void check_endpoints(struct reader *reader, const struct party *party)
{
	for (size_t i = 0; i < party->bind->count; i++)
		check_endpoint(reader, party, "bind", party->bind->items[i]);
	if (!party->connect)
		return;
	for (size_t i = 0; i < party->connect->count; i++)
		check_endpoint(reader, party, "connect", party->connect->items[i]);
	if (party->group && config_setting_is_group(party->group) &&
	    !says_some(party->group, "bind") && !says_some(party->group, "connect") &&
	    !setting_has(party->group, MARK_LOST))
		reader_fault(reader, party->group, NULL,
			     "a backend needs an endpoint: bind, connect or both");
}

static void check_key_files(struct reader *reader, const struct party *party)
{
	bool secret = says_some(party->group, "secret_key_file");
	bool clients = says_some(party->group, "client_key_files");

	if (secret && !clients && !setting_has(party->group, MARK_LOST))
		reader_fault(reader, party->group, "secret_key_file",
			     "secret_key_file without client_key_files: no program could connect");
	if (clients && !secret && !setting_has(party->group, MARK_LOST))
		reader_fault(reader, party->group, "client_key_files",
			     "client_key_files without secret_key_file");
	if (party->secret_key_file[0])
		check_key_file(reader, party->group, "secret_key_file", party->secret_key_file,
			       true);
	for (size_t i = 0; i < party->client_key_files->count; i++)
		check_key_file(reader, party->group, "client_key_files",
			       party->client_key_files->items[i], false);
}

/* claims: upstreams come after the parties. */
static void refuse_repeated_names(struct reader *reader, const struct party *parties, size_t count,
				  const struct conf *conf, const struct claim *claims)
{
	struct entries names;

	entries_init(&names, count + conf->upstream_count, false);
	for (size_t i = 0; i < count; i++)
		entries_add_text(&names, parties[i].name, i);
	for (size_t i = 0; i < conf->upstream_count; i++)
		entries_add_text(&names, conf->upstreams[i].name, count + i);
	refuse_repeated(reader, claims, &names, "name");
}

static void refuse_repeated_binds(struct reader *reader, const struct party *parties, size_t count,
				  const struct claim *claims)
{
	size_t most = 0, used = 0;
	struct entries binds;
	char **keys;

	for (size_t i = 0; i < count; i++)
		most += parties[i].bind->count;
	keys = owned_zeroed(most, sizeof(*keys));
	entries_init(&binds, most, false);
	for (size_t i = 0; i < count; i++)
		for (size_t b = 0; b < parties[i].bind->count; b++) {
			keys[used] = endpoint_key(parties[i].bind->items[b]);
			entries_add_text(&binds, keys[used++], i);
		}
	refuse_repeated(reader, claims, &binds, "bind");
	for (size_t i = 0; i < used; i++)
		free(keys[i]);
	free(keys);
}

/* Whom a backend speaks as is a person to everybody else. */
static void check_speakers(struct reader *reader, const struct conf *conf,
			   const struct claim *claims, const struct roster *roster)
{
	struct entries speakers;
	size_t most = 0;

	for (size_t i = 0; i < conf->backend_count; i++)
		most += conf->backends[i].speaks_as.count;
	entries_init(&speakers, most, true);
	for (size_t i = 0; i < conf->backend_count; i++) {
		const struct conf_list *names = &conf->backends[i].speaks_as;

		for (size_t n = 0; n < names->count; n++) {
			const char *name = names->items[n];

			if (strcasecmp(name, "Dragoman") == 0)
				reader_fault(reader, claims[i].group, "speaks_as",
					     "speaks_as '%s' is the name of the server", name);
			if (entries_have(&roster->accounts, name))
				reader_fault(reader, claims[i].group, "speaks_as",
					     "speaks_as '%s' is an account's name", name);
			entries_add_text(&speakers, name, i);
		}
	}
	refuse_repeated(reader, claims, &speakers, "speaks_as");
}

void resolve_backends(struct reader *reader, struct config_setting_t *root, const struct conf *conf,
		      const struct roster *roster)
{
	size_t count = conf->backend_count + conf->tap_count;
	struct party *parties = parties_of(reader, root, conf);
	struct claim *claims = owned_zeroed(count + conf->upstream_count, sizeof(*claims));
	struct config_setting_t *upstreams = read_groups(reader, root, "upstreams");

	for (size_t i = 0; i < count; i++) {
		claims[i] = (struct claim){ parties[i].group, parties[i].title };
		check_endpoints(reader, &parties[i]);
		check_key_files(reader, &parties[i]);
	}
	for (size_t i = 0; i < conf->upstream_count; i++)
		claims[count + i] = (struct claim){ group_at(upstreams, i), "upstream" };
	refuse_repeated_names(reader, parties, count, conf, claims);
	refuse_repeated_binds(reader, parties, count, claims);
	check_speakers(reader, conf, claims, roster);
	free(claims);
	free(parties);
}
