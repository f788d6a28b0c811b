/* network.h - addresses and networks of IPv4 and IPv6, read from text. For the table of
 * directives, and for who reads what proxies say. Pure; any thread. */
#ifndef CONF_TABLE_NETWORK_H
#define CONF_TABLE_NETWORK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* IPv4 as a mapped one: ::ffff:192.0.2.7 (RFC 4291, 2.5.5.2). */
struct network_address {
	unsigned char bytes[16];
};

struct network {
	struct network_address base;
	uint8_t bits; /* of 128 */
};

/* "192.0.2.7", "2001:db8::7", without brackets, port or zone. False: it is none. */
bool network_address_read(const char *text, size_t len, struct network_address *address)
    __attribute__((warn_unused_result));

/* "192.0.2.0/24", "2001:db8::/32", or an address alone. False when it is none, or has bits beyond
 * its length: "192.0.2.7/24" says two things. */
bool network_read(const char *text, size_t len, struct network *network)
    __attribute__((warn_unused_result));

/* Is the address in the network? An IPv4 address is in networks of IPv4 only: not in ::/0. */
bool network_holds(const struct network *network, const struct network_address *address);

/* Is every address of IPv4, or every one of IPv6, in the network? */
bool network_holds_all(const struct network *network);

#endif
