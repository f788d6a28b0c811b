#include "bridge/command/host.h"

#include <stdio.h>
#include <string.h>

#include "bridge/net/tls.h"
#include "conf/conf.h"

/* The first of the directive hosts that is a name, and with TLS one that clients will find in the
 * certificate; NULL: none. */
static const char *listed(const struct listener_info *listener)
{
	const struct conf_list *hosts = &listener->conf->hosts;

	for (size_t i = 0; i < hosts->count; i++)
		if (strcmp(hosts->items[i], "*") != 0 &&
		    (!listener->certificate ||
		     certificate_is_for(listener->certificate, hosts->items[i])))
			return hosts->items[i];
	return NULL;
}

static bool is_all(const char *address)
{
	return strcmp(address, "0.0.0.0") == 0 || strcmp(address, "::") == 0;
}

void host_print(char host[HOST_BYTES], const struct listener_info *listener)
{
	const char *address = listener_address(listener), *name = NULL;
	bool all = is_all(address), six = strchr(address, ':') != NULL;
	char own[CERTIFICATE_NAME_MAX];

	if (all)
		address = six ? "::1" : "127.0.0.1";
	if (listener->certificate || all)
		name = listed(listener);
	if (!name && listener->certificate && !certificate_is_for(listener->certificate, address) &&
	    certificate_name(listener->certificate, own))
		name = own;
	if (name)
		snprintf(host, HOST_BYTES, "%s", name);
	else
		snprintf(host, HOST_BYTES, six ? "[%s]" : "%s", address);
}
