/* proxies.h - the proxies that a listener believes: whom a request or a connection comes from when
 * it came by one of them. Constant once made; any thread. */
#ifndef BRIDGE_NET_PEERS_PROXIES_H
#define BRIDGE_NET_PEERS_PROXIES_H

#include <stdbool.h>
#include <stdint.h>

#include "bridge/core/post.h"
#include "bridge/net/http/http_request.h"
#include "codecs/model/identity.h"

struct conf_listener;

struct proxies;

/* What a listener's directives say: trusted_proxies, proxy_header and proxy_protocol. Returns new,
 * or NULL when no proxy is trusted. Called by setup.c. */
struct proxies *proxies_new(const struct conf_listener *conf);

/* NULL is ignored. */
void proxies_free(struct proxies *proxies);

/* Does every connection begin with a header of the PROXY protocol? proxies may be NULL: no. */
bool proxies_announce(const struct proxies *proxies);

/* Is it a proxy's address? proxies may be NULL: none is. */
bool proxies_trust(const struct proxies *proxies, const struct peer_address *peer);

/* Whom the request (borrows) comes from, peer being who sent it: peer, unless that is trusted and
 * says otherwise. proxies may be NULL. */
struct peer_address proxies_client(const struct proxies *proxies, const struct peer_address *peer,
				   const struct http_request *request);

/* The place where a connection counts, as address_key(); 0 for a proxy, which no limit counts. */
uint64_t proxies_place(const struct proxies *proxies, const struct id_key *key,
		       const struct peer_address *peer);

#endif
