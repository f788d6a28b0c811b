#include "conf/check/resolve_admin.h"

#include <arpa/inet.h>
#include <string.h>

#include "conf/check/checks.h"
#include "conf/check/keys.h"
#include "conf/check/paths.h"

#define ADMIN_PORT 9464

bool address_is_loopback(const char *address)
{
	static const unsigned char mapped[13] = { [10] = 0xff, [11] = 0xff, [12] = 127 };
	struct in6_addr six;
	struct in_addr four;

	if (inet_pton(AF_INET, address, &four) == 1)
		return ntohl(four.s_addr) >> 24 == 127;
	return inet_pton(AF_INET6, address, &six) == 1 &&
	       (IN6_IS_ADDR_LOOPBACK(&six) || memcmp(&six, mapped, sizeof(mapped)) == 0);
}

bool listener_is_admin(const struct conf_listener *listener)
{
	return strcmp(listener->kind, CONF_ADMIN) == 0;
}

/* wrong: it says something that its kind has no use for. */
static void refuse(struct reader *reader, struct config_setting_t *group, const char *kind,
		   const char *member, bool wrong)
{
	if (wrong && !group_told(group, member))
		reader_fault(reader, group, member, "%s does not go with a listener of kind \"%s\"",
			     member, kind);
}

static void check_chat(struct reader *reader, struct config_setting_t *group,
		       const struct conf_listener *listener)
{
	refuse(reader, group, CONF_CHAT, "path", listener->path[0]);
	refuse(reader, group, CONF_CHAT, "token_file", listener->token_file[0]);
}

/* A default that is written down is no fault. Where a socket that is passed is bound, its unit
 * says: it may be reachable from elsewhere, without a token. */
static void check_useless(struct reader *reader, struct config_setting_t *group,
			  const struct conf_listener *listener)
{
	refuse(reader, group, CONF_ADMIN, "socket", listener->socket[0]);
	refuse(reader, group, CONF_ADMIN, "mounts", group_gives(group, "mounts"));
	refuse(reader, group, CONF_ADMIN, "origins", listener->origins.count > 0);
	refuse(reader, group, CONF_ADMIN, "hosts", listener->hosts.count > 0);
	refuse(reader, group, CONF_ADMIN, "subprotocols", listener->subprotocols.count > 0);
	refuse(reader, group, CONF_ADMIN, "compression", listener->compression);
	refuse(reader, group, CONF_ADMIN, "page", listener->page);
	refuse(reader, group, CONF_ADMIN, "trusted_proxies", listener->trusted_proxies.count > 0);
	refuse(reader, group, CONF_ADMIN, "proxy_protocol", listener->proxy_protocol);
}

static void check_socket(struct reader *reader, struct config_setting_t *group,
			 const struct conf_listener *listener)
{
	static const char *const others[] = { "address", "port", "tls_certificate" };
	const char *why = path_socket_fault(listener->path);

	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
		if (group_gives(group, others[i]) && !group_told(group, others[i]))
			reader_fault(reader, group, others[i], "%s does not go with path",
				     others[i]);
	if (why)
		reader_fault(reader, group, "path", "path '%.200s' cannot be used: %s",
			     listener->path, why);
}

static void check_admin(struct reader *reader, struct config_setting_t *group,
			const struct conf_listener *listener)
{
	check_useless(reader, group, listener);
	if (listener->path[0])
		check_socket(reader, group, listener);
	else if (!listener->token_file[0] && !address_is_loopback(listener->address) &&
		 !group_told(group, "address") && !group_told(group, "token_file"))
		reader_fault(reader, group, "address",
			     "address %s is reachable from elsewhere: kind \"admin\" needs a "
			     "token_file there",
			     listener->address);
	if (listener->token_file[0])
		check_secret_file(reader, group, "token_file", listener->token_file);
}

void resolve_admin(struct reader *reader, struct config_setting_t *group,
		   struct conf_listener *listener)
{
	if (group_told(group, "kind"))
		return;
	if (!listener_is_admin(listener)) {
		check_chat(reader, group, listener);
		return;
	}
	if (!group_gives(group, "port"))
		listener->port = ADMIN_PORT;
	check_admin(reader, group, listener);
}
