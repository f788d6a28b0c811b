/* forwarded.h - whom a proxy speaks for (X-Forwarded-For; RFC 7239). Pure; any thread. */
#ifndef BRIDGE_NET_HTTP_FORWARDED_H
#define BRIDGE_NET_HTTP_FORWARDED_H

#include <stddef.h>

#include "bridge/net/http/http_request.h"
#include "conf/table/network.h"

#define FORWARDED_HOPS_MAX 16 /* proxies in a row that are believed */

/* Which header the proxies write. Only that one is looked at: a client can send the other, and the
 * proxy passes it on. */
enum forwarded_header { FORWARDED_X_FOR, FORWARDED_STANDARD };

/* The address the request comes from: each trusted address is believed in whom it names, beginning
 * with the peer's; the first that is not trusted is the client's. What is no address (unknown, a
 * hidden name, garbage) ends it: then it is the last one that was trusted. trusted: may be NULL
 * when count is 0. */
struct network_address forwarded_client(const struct network_address *peer,
					const struct network *trusted, size_t count,
					enum forwarded_header header,
					const struct http_request *request);

#endif
