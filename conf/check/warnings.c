#include "conf/check/warnings.h"

#include <libconfig.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "conf/check/checks.h"
#include "conf/check/resolve_admin.h"
#include "conf/check/upstream_find.h"
#include "conf/read/read.h"
#include "conf/table/owned.h"
#include "conf/table/upstream_url.h"

/* At the member of that name in group, or at group. Takes message. */
static void warn(struct reader *reader, struct conf *conf, struct config_setting_t *group,
		 const char *member, char *message)
{
	struct config_setting_t *given = config_setting_get_member(group, member);
	struct conf_warning *warning;

	conf->warnings =
	    owned_resize(conf->warnings, conf->warning_count + 1, sizeof(*conf->warnings));
	warning = &conf->warnings[conf->warning_count++];
	*warning = (struct conf_warning){ .message = message };
	reader_place(reader, given ? given : group, &warning->place);
	if (warning->place.line == 0)
		warning->place.line = 1;
}

static bool lets_guests_in(const struct conf_listener *listener)
{
	for (size_t i = 0; i < listener->mount_count; i++)
		if (listener->mounts[i].guests &&
		    (!listener->mounts[i].auth[0] || listener->mounts[i].logins.count > 0))
			return true;
	return false;
}

static void warn_of_admin(struct reader *reader, struct config_setting_t *group, struct conf *conf,
			  const struct conf_listener *listener)
{
	if (!listener->path[0] && !address_is_loopback(listener->address) &&
	    !listener->tls_certificate[0])
		warn(
		    reader, conf, group, "address",
		    owned_format("address %s is reachable from elsewhere without TLS: the token is "
				 "not encrypted",
				 listener->address));
}

static void warn_of_chat(struct reader *reader, struct config_setting_t *group, struct conf *conf,
			 const struct conf_listener *listener)
{
	bool named = listener->socket[0] != '\0';
	const char *what = named ? "socket" : "address";
	const char *where = named ? listener->socket : listener->address;
	const char *may = named ? "may be" : "is"; /* its unit says where it is bound */

	if (!named && address_is_loopback(where))
		return;
	if (listener->hosts.count == 0)
		warn(reader, conf, group, "hosts",
		     owned_format("%s %s %s reachable from elsewhere, but hosts is empty: clients "
				  "that connect by a host name are refused (403)",
				  what, where, may));
	if (!listener->tls_certificate[0] && lets_guests_in(listener))
		warn(reader, conf, group, what,
		     owned_format("%s %s %s reachable from elsewhere and admits guests without "
				  "TLS: nothing is encrypted",
				  what, where, may));
	else if (!listener->tls_certificate[0])
		warn(reader, conf, group, what,
		     owned_format("%s %s %s reachable from elsewhere without TLS: secrets are not "
				  "encrypted",
				  what, where, may));
}

static void warn_of_listeners(struct reader *reader, struct config_setting_t *root,
			      struct conf *conf)
{
	struct config_setting_t *list = read_groups(reader, root, "listeners");
	size_t chats = 0;

	for (size_t i = 0; i < conf->listener_count; i++) {
		const struct conf_listener *listener = &conf->listeners[i];

		chats += !listener_is_admin(listener);
		if (listener_is_admin(listener))
			warn_of_admin(reader, group_at(list, i), conf, listener);
		else
			warn_of_chat(reader, group_at(list, i), conf, listener);
	}
	if (chats == 0)
		warn(reader, conf, root, "listeners",
		     owned_text("all listeners are of kind \"admin\": no client can connect"));
}

static bool is_mounted(const struct conf *conf, const char *name)
{
	for (size_t i = 0; i < conf->listener_count; i++)
		for (size_t m = 0; m < conf->listeners[i].mount_count; m++)
			if (strcmp(conf->listeners[i].mounts[m].upstream, name) == 0)
				return true;
	return false;
}

static bool is_near(const struct upstream_url *url)
{
	char *host = owned_format("%.*s", (int)url->at.len, url->at.host);
	bool near = strcasecmp(host, "localhost") == 0 || address_is_loopback(host);

	free(host);
	return near;
}

static bool is_unkept(const struct conf_known *known, const char *dialect)
{
	for (size_t i = 0; known && i < known->dialect_count; i++)
		if (strcmp(known->dialects[i].name, dialect) == 0)
			return known->dialects[i].unkept;
	return false;
}

static void warn_of_upstreams(struct reader *reader, struct config_setting_t *root,
			      struct conf *conf)
{
	struct config_setting_t *list = read_groups(reader, root, "upstreams");

	for (size_t i = 0; i < conf->upstream_count; i++) {
		const struct conf_upstream *upstream = &conf->upstreams[i];
		struct upstream_url url;

		if (upstream_is_session(upstream) && !is_mounted(conf, upstream->name))
			warn(reader, conf, group_at(list, i), "name",
			     owned_format("no mount names the upstream '%s': nobody uses it",
					  upstream->name));
		if (upstream_url_read(upstream->url, &url) && !url.tls && !is_near(&url))
			warn(reader, conf, group_at(list, i), "url",
			     owned_format("url '%s' is without TLS: secrets and words are not "
					  "encrypted on the way there",
					  upstream->url));
		if (!upstream_is_session(upstream) && strcmp(upstream->direction, CONF_OUT) != 0 &&
		    is_unkept(conf->known, upstream->dialect))
			warn(reader, conf, group_at(list, i), "dialect",
			     owned_format("what comes in from a server of the dialect %s must not "
					  "be stored: the history of room '%s' is without it",
					  upstream->dialect, upstream->room));
	}
}

static int compare(const void *left, const void *right)
{
	const struct conf_warning *a = left, *b = right;
	int files = strcmp(a->place.file ? a->place.file : "", b->place.file ? b->place.file : "");

	return files ? files : (a->place.line > b->place.line) - (a->place.line < b->place.line);
}

void warnings_make(struct reader *reader, struct config_setting_t *root, struct conf *conf)
{
	if (!conf->state[0])
		warn(reader, conf, root, "state",
		     owned_text("state is empty: after a restart with the clock set back, message "
				"ids repeat"));
	warn_of_listeners(reader, root, conf);
	warn_of_upstreams(reader, root, conf);
	if (conf->warning_count > 1)
		qsort(conf->warnings, conf->warning_count, sizeof(*conf->warnings), compare);
}

void warnings_free(struct conf *conf)
{
	for (size_t i = 0; i < conf->warning_count; i++) {
		free(conf->warnings[i].place.file);
		free(conf->warnings[i].message);
	}
	free(conf->warnings);
}
