#include "bridge/net/peers/proxies.h"

#include <stdlib.h>
#include <string.h>

#include "bridge/net/http/forwarded.h"
#include "bridge/net/peers/addresses.h"
#include "codecs/text/memory.h"
#include "conf/conf.h"
#include "conf/table/directives.h"
#include "conf/table/network.h"

struct proxies {
	bool announce;
	enum forwarded_header header;
	size_t count;
	struct network trusted[];
};

_Static_assert(sizeof(struct peer_address) == sizeof(struct network_address),
	       "both are an address as IPv6 has it");

static struct network_address network_address_of(const struct peer_address *peer)
{
	struct network_address address;

	memcpy(address.bytes, peer->bytes, sizeof(address.bytes));
	return address;
}

struct proxies *proxies_new(const struct conf_listener *conf)
{
	size_t count = conf->trusted_proxies.count;
	struct proxies *proxies;

	if (count == 0)
		return NULL;
	proxies = memory_zeroed(1, sizeof(*proxies) + count * sizeof(proxies->trusted[0]));
	proxies->announce = conf->proxy_protocol;
	proxies->header = conf->proxy_header && strcmp(conf->proxy_header, CONF_FORWARDED) == 0
			      ? FORWARDED_STANDARD
			      : FORWARDED_X_FOR;
	for (size_t i = 0; i < count; i++) {
		const char *text = conf->trusted_proxies.items[i];

		/* The configuration was checked: all are networks. */
		if (network_read(text, strlen(text), &proxies->trusted[proxies->count]))
			proxies->count++;
	}
	return proxies;
}

void proxies_free(struct proxies *proxies)
{
	free(proxies);
}

bool proxies_announce(const struct proxies *proxies)
{
	return proxies && proxies->announce;
}

bool proxies_trust(const struct proxies *proxies, const struct peer_address *peer)
{
	struct network_address address = network_address_of(peer);

	for (size_t i = 0; proxies && i < proxies->count; i++)
		if (network_holds(&proxies->trusted[i], &address))
			return true;
	return false;
}

struct peer_address proxies_client(const struct proxies *proxies, const struct peer_address *peer,
				   const struct http_request *request)
{
	struct network_address address = network_address_of(peer);
	struct peer_address client;

	if (!proxies)
		return *peer;
	address =
	    forwarded_client(&address, proxies->trusted, proxies->count, proxies->header, request);
	memcpy(client.bytes, address.bytes, sizeof(client.bytes));
	return client;
}

uint64_t proxies_place(const struct proxies *proxies, const struct id_key *key,
		       const struct peer_address *peer)
{
	return proxies_trust(proxies, peer) ? 0 : address_key(key, peer);
}
