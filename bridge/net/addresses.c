#include "bridge/net/addresses.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "codecs/text/hash.h"
#include "codecs/text/memory.h"

struct address_count {
	uint64_t place;
	uint32_t count;
	UT_hash_handle hh;
};

static bool is_loopback(const struct sockaddr_storage *peer)
{
	const struct sockaddr_in *four = (const struct sockaddr_in *)peer;
	const struct sockaddr_in6 *six = (const struct sockaddr_in6 *)peer;

	if (peer->ss_family == AF_INET)
		return (ntohl(four->sin_addr.s_addr) >> 24) == 127;
	return IN6_IS_ADDR_LOOPBACK(&six->sin6_addr) ||
	       (IN6_IS_ADDR_V4MAPPED(&six->sin6_addr) && six->sin6_addr.s6_addr[12] == 127);
}

uint64_t address_key(const struct id_key *key, const struct sockaddr_storage *peer)
{
	const struct sockaddr_in *four = (const struct sockaddr_in *)peer;
	const struct sockaddr_in6 *six = (const struct sockaddr_in6 *)peer;
	uint64_t place;

	if (is_loopback(peer))
		return 0;
	if (peer->ss_family == AF_INET)
		place = keyed_hash(key, &four->sin_addr, 4);
	else if (IN6_IS_ADDR_V4MAPPED(&six->sin6_addr))
		place = keyed_hash(key, six->sin6_addr.s6_addr + 12, 4);
	else
		place = keyed_hash(key, &six->sin6_addr, 8);
	return place ? place : 1;
}

struct peer_address address_of(const struct sockaddr_storage *peer)
{
	const struct sockaddr_in *four = (const struct sockaddr_in *)peer;
	const struct sockaddr_in6 *six = (const struct sockaddr_in6 *)peer;
	struct peer_address address = { .bytes = { [10] = 0xff, [11] = 0xff } };

	if (peer->ss_family == AF_INET)
		memcpy(address.bytes + 12, &four->sin_addr, 4);
	else
		memcpy(address.bytes, &six->sin6_addr, sizeof(address.bytes));
	return address;
}

char *address_text(const struct peer_address *address, char out[ADDRESS_TEXT_MAX])
{
	struct in6_addr six;

	memcpy(&six, address->bytes, sizeof(six));
	if (IN6_IS_ADDR_V4MAPPED(&six))
		inet_ntop(AF_INET, six.s6_addr + 12, out, ADDRESS_TEXT_MAX);
	else
		inet_ntop(AF_INET6, &six, out, ADDRESS_TEXT_MAX);
	return out;
}

static struct address_count *find(const struct addresses *addresses, uint64_t place)
{
	struct address_count *count;

	HASH_FIND(hh, addresses->counts, &place, sizeof(place), count);
	return count;
}

bool addresses_take(struct addresses *addresses, uint64_t place, uint32_t most)
{
	struct address_count *count = place ? find(addresses, place) : NULL;

	if (place == 0)
		return true;
	if (!count) {
		count = memory_zeroed(1, sizeof(*count));
		count->place = place;
		HASH_ADD(hh, addresses->counts, place, sizeof(place), count);
	}
	if (most && count->count >= most)
		return false;
	count->count++;
	return true;
}

void addresses_give_back(struct addresses *addresses, uint64_t place)
{
	struct address_count *count = place ? find(addresses, place) : NULL;

	if (!count || --count->count > 0)
		return;
	HASH_DEL(addresses->counts, count);
	free(count);
}

void addresses_clear(struct addresses *addresses)
{
	struct address_count *count, *next;

	HASH_ITER(hh, addresses->counts, count, next)
	{
		HASH_DEL(addresses->counts, count);
		free(count);
	}
	addresses->counts = NULL;
}
