#include "conf/check/warnings.h"

#include <arpa/inet.h>
#include <libconfig.h>
#include <stdlib.h>
#include <string.h>

#include "conf/check/checks.h"
#include "conf/read/read.h"
#include "conf/table/owned.h"

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

/* Of a listener's address, which is right. */
static bool is_loopback(const char *address)
{
	static const unsigned char mapped[13] = { [10] = 0xff, [11] = 0xff, [12] = 127 };
	struct in6_addr six;
	struct in_addr four;

	if (inet_pton(AF_INET, address, &four) == 1)
		return ntohl(four.s_addr) >> 24 == 127;
	return inet_pton(AF_INET6, address, &six) == 1 &&
	       (IN6_IS_ADDR_LOOPBACK(&six) || memcmp(&six, mapped, sizeof(mapped)) == 0);
}

static bool lets_guests_in(const struct conf_listener *listener)
{
	for (size_t i = 0; i < listener->mount_count; i++)
		if (listener->mounts[i].guests && !listener->mounts[i].auth[0])
			return true;
	return false;
}

static void warn_of_listener(struct reader *reader, struct config_setting_t *group,
			     struct conf *conf, const struct conf_listener *listener)
{
	bool named = listener->socket[0] != '\0';
	const char *what = named ? "socket" : "address";
	const char *where = named ? listener->socket : listener->address;
	const char *may = named ? "may be" : "is"; /* its unit says where it is bound */

	if (!named && is_loopback(where))
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

static int compare(const void *left, const void *right)
{
	const struct conf_warning *a = left, *b = right;
	int files = strcmp(a->place.file ? a->place.file : "", b->place.file ? b->place.file : "");

	return files ? files : (a->place.line > b->place.line) - (a->place.line < b->place.line);
}

void warnings_make(struct reader *reader, struct config_setting_t *root, struct conf *conf)
{
	struct config_setting_t *listeners = read_groups(reader, root, "listeners");

	if (!conf->state[0])
		warn(reader, conf, root, "state",
		     owned_text("state is empty: after a restart with the clock set back, message "
				"ids repeat"));
	for (size_t i = 0; i < conf->listener_count; i++)
		warn_of_listener(reader, group_at(listeners, i), conf, &conf->listeners[i]);
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
