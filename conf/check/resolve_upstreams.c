#include "conf/check/resolve_upstreams.h"

#include <libconfig.h>
#include <stdlib.h>
#include <string.h>

#include "conf/check/keys.h"
#include "conf/check/resolve_admin.h"
#include "conf/check/upstream_find.h"
#include "conf/check/upstream_links.h"
#include "conf/read/marks.h"
#include "conf/read/read.h"
#include "conf/table/nick_format.h"
#include "conf/table/owned.h"

/* ---- what goes with what ---- */

/* wrong: it says something that the upstream has no use for. A default that is written down is no
 * fault. */
static void refuse(struct reader *reader, struct config_setting_t *group, const char *member,
		   const char *use, bool wrong)
{
	if (wrong && !group_told(group, member))
		reader_fault(reader, group, member, "%s is for %s only", member, use);
}

static void check_relay(struct reader *reader, struct config_setting_t *group,
			const struct conf_upstream *upstream)
{
	static const char use[] = "an upstream of mode session";

	refuse(reader, group, "credentials", use, strcmp(upstream->credentials, CONF_CLIENT) != 0);
	refuse(reader, group, "logins", use, upstream->login_count > 0);
}

static void check_session(struct reader *reader, struct config_setting_t *group,
			  const struct conf_upstream *upstream)
{
	static const char relay[] = "an upstream of mode relay";
	static const char fixed[] = "credentials = \"fixed\" and mode relay";
	bool is_fixed = strcmp(upstream->credentials, CONF_FIXED) == 0;
	bool is_table = strcmp(upstream->credentials, CONF_TABLE) == 0;

	refuse(reader, group, "direction", relay, strcmp(upstream->direction, CONF_BOTH) != 0);
	refuse(reader, group, "nick_format", relay,
	       strcmp(upstream->nick_format, CONF_NICK_FORMAT) != 0);
	if (group_told(group, "credentials"))
		return;
	refuse(reader, group, "user", fixed, !is_fixed && upstream->user[0]);
	refuse(reader, group, "secret_file", fixed, !is_fixed && upstream->secret_file[0]);
	refuse(reader, group, "logins", "credentials = \"table\"",
	       !is_table && upstream->login_count > 0);
	if (is_fixed && !upstream->user[0] && !upstream->secret_file[0] &&
	    !group_told(group, "user") && !group_told(group, "secret_file"))
		reader_fault(reader, group, "credentials",
			     "credentials = \"fixed\" needs user, secret_file or both");
	if (is_table && !group_gives(group, "logins") && !setting_has(group, MARK_LOST))
		reader_fault(reader, group, "credentials",
			     "logins is missing: credentials = \"table\" needs it");
}

static void check_nick_format(struct reader *reader, struct config_setting_t *group,
			      const char *format)
{
	struct nick_part part;

	while (nick_format_next(&format, &part)) {
		char *name, *hint;

		if (!part.field || part.which != NICK_FIELDS)
			continue;
		name = owned_format("%.*s", (int)part.len, part.text);
		hint = suggestion(reader, name, nick_field_names);
		reader_fault(reader, group, "nick_format", "unknown field '{%s}'%s", name, hint);
		free(hint);
		free(name);
	}
}

static void check_logins(struct reader *reader, struct config_setting_t *group,
			 const struct conf_upstream *upstream)
{
	struct config_setting_t *list =
	    group_gives(group, "logins") ? config_setting_get_member(group, "logins") : NULL;
	struct claim *claims = claims_of(list, upstream->login_count, "login");
	struct entries names;

	entries_init(&names, upstream->login_count, true);
	for (size_t i = 0; i < upstream->login_count; i++) {
		const struct conf_upstream_login *login = &upstream->logins[i];

		entries_add_text(&names, login->name, i);
		if (login->secret_file[0])
			check_own_secret_file(reader, group_at(list, i), "secret_file",
					      login->secret_file);
	}
	refuse_repeated(reader, claims, &names, "name");
	free(claims);
}

/* ---- what the rest of the program knows ---- */

static size_t dialect_of(const struct conf_known *known, const char *name)
{
	size_t at = 0;

	while (at < known->dialect_count && strcmp(known->dialects[at].name, name) != 0)
		at++;
	return at;
}

static void check_dialect(struct reader *reader, struct config_setting_t *group,
			  const struct conf_upstream *upstream, const struct conf_known *known)
{
	size_t dialect = dialect_of(known, upstream->dialect);
	const char *why = "";

	if (dialect == known->dialect_count)
		return;
	if (!known->dialects[dialect].calls)
		reader_fault(reader, group, "dialect",
			     "dialect '%s' is for clients only: no upstream can be of it",
			     upstream->dialect);
	else if (!known->room_allowed || known->room_allowed(dialect, upstream->remote_room, &why))
		return;
	else if (!upstream->remote_room[0])
		reader_fault(reader, group, "remote_room", "remote_room is missing: %s", why);
	else
		reader_fault(reader, group, "remote_room", "remote_room '%s' is none of %s: %s",
			     upstream->remote_room, upstream->dialect, why);
}

static void check_known(struct reader *reader, struct config_setting_t *group,
			const struct conf_upstream *upstream)
{
	const struct conf_known *known = reader->known;
	char why[CONF_WHY_MAX];

	if (!known)
		return;
	check_dialect(reader, group, upstream, known);
	if (upstream->ignore_text[0] && known->pattern_right &&
	    !known->pattern_right(upstream->ignore_text, why))
		reader_fault(reader, group, "ignore_text",
			     "the pattern of ignore_text is invalid: %s", why);
}

static void check_upstream(struct reader *reader, struct config_setting_t *group,
			   const struct conf_upstream *upstream, const struct roster *roster)
{
	if (!group_told(group, "mode")) {
		if (upstream_is_session(upstream))
			check_session(reader, group, upstream);
		else
			check_relay(reader, group, upstream);
	}
	if (upstream->room[0] && roster->rooms.count &&
	    !entries_have(&roster->rooms, upstream->room))
		unknown_name(reader, group, "room", "room", upstream->room, &roster->rooms, NULL);
	check_nick_format(reader, group, upstream->nick_format);
	check_logins(reader, group, upstream);
	if (upstream->secret_file[0])
		check_own_secret_file(reader, group, "secret_file", upstream->secret_file);
	if (upstream->ca_file[0])
		check_pem_file(reader, group, "ca_file", upstream->ca_file, "CERTIFICATE-----",
			       false);
	check_known(reader, group, upstream);
}

/* ---- the rooms of mode session ---- */

/* The session whose people a room has; NULL: it is a room of ours. */
static const struct conf_upstream *session_of(const struct conf *conf, const char *room)
{
	for (size_t i = 0; i < conf->upstream_count; i++)
		if (upstream_is_session(&conf->upstreams[i]) &&
		    strcmp(conf->upstreams[i].room, room) == 0)
			return &conf->upstreams[i];
	return NULL;
}

static void check_room(struct reader *reader, struct config_setting_t *group,
		       const struct conf *conf, const struct conf_upstream *upstream)
{
	const struct conf_upstream *session = session_of(conf, upstream->room);

	if (!session || session == upstream || !upstream->room[0])
		return;
	reader_fault(
	    reader, group, "room",
	    "room '%s' is that of the upstream '%s' of mode session: it has nobody but the "
	    "clients with a connection there",
	    upstream->room, session->name);
}

static void check_mount_upstream(struct reader *reader, struct config_setting_t *group,
				 const struct conf *conf, const struct conf_mount *mount,
				 const struct roster *roster)
{
	const struct conf_upstream *upstream = upstream_named(conf, mount->upstream);

	if (!entries_have(&roster->upstreams, mount->upstream))
		unknown_name(reader, group, "upstream", "upstream", mount->upstream,
			     &roster->upstreams, NULL);
	else if (upstream && !upstream_is_session(upstream))
		reader_fault(reader, group, "upstream",
			     "upstream '%s' is of mode relay: mounts are for those of mode session",
			     mount->upstream);
	else if (upstream && upstream->room[0] && mount->room[0] &&
		 strcmp(upstream->room, mount->room) != 0)
		reader_fault(reader, group, "room",
			     "room '%s' is not that of the upstream '%s', which is '%s'",
			     mount->room, mount->upstream, upstream->room);
}

static void check_mount(struct reader *reader, struct config_setting_t *group,
			const struct conf *conf, const struct conf_mount *mount,
			const struct roster *roster)
{
	const struct conf_upstream *session = session_of(conf, mount->room);

	if (mount->upstream[0])
		check_mount_upstream(reader, group, conf, mount, roster);
	else if (session && mount->room[0] && !group_told(group, "upstream"))
		reader_fault(
		    reader, group, "room",
		    "room '%s' is that of the upstream '%s' of mode session: a mount of it "
		    "needs upstream = \"%s\"",
		    mount->room, session->name, session->name);
}

static void check_mounts(struct reader *reader, struct config_setting_t *root,
			 const struct conf *conf, const struct roster *roster)
{
	struct config_setting_t *listeners = read_groups(reader, root, "listeners");
	struct config_setting_t *outer = reader->stand_in;

	for (size_t i = 0; i < conf->listener_count; i++) {
		struct config_setting_t *group = group_at(listeners, i);
		struct config_setting_t *mounts = read_groups(reader, group, "mounts");

		reader->stand_in = reader_in_sample(reader, group) ? root : group;
		for (size_t m = 0; m < conf->listeners[i].mount_count; m++)
			check_mount(reader, group_at(mounts, m), conf,
				    &conf->listeners[i].mounts[m], roster);
	}
	reader->stand_in = outer;
}

void resolve_upstreams(struct reader *reader, struct config_setting_t *root,
		       const struct conf *conf, const struct roster *roster)
{
	struct config_setting_t *list = read_groups(reader, root, "upstreams");

	for (size_t i = 0; i < conf->upstream_count; i++) {
		struct config_setting_t *group = group_at(list, i);

		if (!group || !config_setting_is_group(group))
			continue;
		check_upstream(reader, group, &conf->upstreams[i], roster);
		check_room(reader, group, conf, &conf->upstreams[i]);
	}
	check_mounts(reader, root, conf, roster);
	check_links(reader, root, conf);
}
