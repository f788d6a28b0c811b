/* addresses.h - where clients come from: as text for the log, as keyed hashes, and how many
 * connections each place has. Any thread. */
#ifndef BRIDGE_NET_PEERS_ADDRESSES_H
#define BRIDGE_NET_PEERS_ADDRESSES_H

#include <stdbool.h>
#include <stdint.h>

#include "bridge/core/post.h"
#include "codecs/model/identity.h"

struct sockaddr_storage;

struct addresses;

/* Returns new. One for all listeners: setup.c makes it. */
struct addresses *addresses_new(void);

/* NULL is ignored. */
void addresses_free(struct addresses *addresses);

/* The place a peer comes from: a keyed hash of one IPv4 address, or of one IPv6 network of 64
 * bits, which is what one customer has. 0 for loopback, which no limit counts. */
uint64_t address_key(const struct id_key *key, const struct peer_address *peer);

/* The address alone, in a few bytes: IPv4 as a mapped one. */
struct peer_address address_of(const struct sockaddr_storage *peer);

/* "192.0.2.7", "2001:db8::1". Returns out. */
#define ADDRESS_TEXT_MAX 46 /* and a NUL */
char *address_text(const struct peer_address *address, char out[ADDRESS_TEXT_MAX]);

/* One more connection from there. False, and not counted, when it has `most` already; most 0: no
 * limit. Place 0 is always let in. */
bool addresses_take(struct addresses *addresses, uint64_t place, uint32_t most)
    __attribute__((warn_unused_result));

/* One connection less, that addresses_take() had counted. */
void addresses_give_back(struct addresses *addresses, uint64_t place);

#endif
